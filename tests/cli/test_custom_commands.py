"""Programs of the user's own, run from the board in a real terminal on a ticket whose text is hostile."""

import json
import termios
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.board_samples import AGENTS, CUSTOMERS, sample_ticket
from support.canary import secret
from support.command_line import PROGRAM
from support.terminals.terminal import Terminal
from supporttui.config.desk import desk_name
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket_id import TicketId
from supporttui.store.cache import Cache
from supporttui.store.database import prepare_store_files

URL, EMAIL = "http://127.0.0.1:9", "kim@desk.example"
HOSTILE = "$(touch owned); `id` \x1b]0;owned\x07 \x00 'quoted' \u202e; rm -rf"

PROGRAM_TEXT = """#!/usr/bin/env python3
import json, os, sys, time
told = {name: value for name, value in os.environ.items() if name.startswith("SUPPORTTUI_")}
others = [value for name, value in os.environ.items() if name == "OTHER_VARIABLE"]
new = os.environ["TOLD_FILE"] + ".new"
with open(new, "w") as file:
    json.dump((sys.argv[2:], told, others), file)
os.replace(new, os.environ["TOLD_FILE"])
print("the program runs", flush=True)
if sys.argv[1] == "ask":
    print("it was told " + input("what? "), flush=True)
    time.sleep(0.3)
elif sys.argv[1] == "fail":
    sys.stderr.write("first\\nthe \\x1b[31mlast\\x1b[0m line\\n")
    sys.exit(3)
elif sys.argv[1] == "wait":
    time.sleep(600)
"""

CONFIG = """
[commands.ask]
key = "x a"
run = ["{program}", "ask", "{{number}}", "$SUPPORTTUI_TICKET_SUBJECT; touch owned", "{{subject}}"]

[commands.fail]
key = "x f"
run = ["{program}", "fail"]

[commands.wait]
key = "x w"
run = ["{program}", "wait"]

[commands.behind]
key = "x b"
run = ["{program}", "fail"]
background = true

[commands.db]
key = "x d"
label = "the runbook of the database"
run = ["{program}", "quick", "db"]
background = true
when_tag = "db"

[commands.other]
key = "x d"
run = ["{program}", "quick", "other"]
background = true
when_tag = "other"

[commands.nobody]
key = "x n"
run = ["{program}", "quick"]
when_tag = "nobody-has-it"
"""


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Terminal]:
    """A board on a desk that does not answer, its cursor on a hostile ticket with the tag `db`."""
    folders = tmp_path / "data" / "supporttui", tmp_path / "cache" / "supporttui"
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True)
    files = prepare_store_files(*folders, f"{URL} {EMAIL}", desk_name(URL))
    with Cache(files.cache, files.desk) as cache:
        ticket = sample_ticket(7, HOSTILE, ago=timedelta(hours=1))
        changes = {"id": TicketId(files.desk, "7"), "tags": (OutsideText("vip"), OutsideText("DB"))}
        cache.apply([replace(ticket, **changes)], (*AGENTS, *CUSTOMERS))
    program = tmp_path / "program"
    program.write_text(PROGRAM_TEXT, encoding="utf-8")
    program.chmod(0o700)
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(program=program), encoding="utf-8")
    token = secret("commands")
    environment = {
        "SUPPORTTUI_CONFIG": str(config),
        "SUPPORTTUI_URL": URL,
        "SUPPORTTUI_EMAIL": EMAIL,
        "SUPPORTTUI_TOKEN": token,
        "OTHER_VARIABLE": f"has {token} in it",
        "TOLD_FILE": str(tmp_path / "told"),
    }
    with Terminal([*PROGRAM], home=tmp_path, environment=environment, rows=30, columns=120) as terminal:
        terminal.wait_text("offline", within_s=90)
        yield terminal


def told_in(folder: Path) -> tuple[list[str], dict[str, str], list[str]]:
    arguments, variables, others = json.loads((folder / "told").read_text(encoding="utf-8"))
    return arguments, variables, others


def test_a_program_gets_the_ticket_and_the_terminal_and_no_secret(board: Terminal, tmp_path: Path) -> None:
    board.type("xa")
    board.wait_text("what?", within_s=60)
    arguments, variables, others = told_in(tmp_path)
    shown = variables["SUPPORTTUI_TICKET_SUBJECT"]
    assert arguments == ["#7", "$SUPPORTTUI_TICKET_SUBJECT; touch owned", shown]
    assert "$(touch owned); `id` ␛]0;owned" in shown
    assert shown.isprintable()
    assert variables["SUPPORTTUI_TICKET_ID"] == "7"
    assert variables["SUPPORTTUI_TICKET_STATUS"] == "new"
    assert variables["SUPPORTTUI_TICKET_SEVERITY"] == "2"
    assert variables["SUPPORTTUI_TICKET_TAGS"] == "vip,DB"
    assert variables["SUPPORTTUI_TICKET_REQUESTER_EMAIL"].endswith("@example.com")
    assert variables["SUPPORTTUI_TICKET_URL"] == f"{URL}/agent/tickets/7"
    assert "SUPPORTTUI_TOKEN" not in variables
    assert others == []
    modes = termios.tcgetattr(board._fd)
    assert modes[3] & termios.ICANON, "the program has the terminal as it was before"
    board.type("all of it\n")
    board.wait_text("ask is done.", within_s=60)
    assert not (tmp_path / "owned").exists()
    assert not termios.tcgetattr(board._fd)[3] & termios.ICANON


def test_a_program_that_failed_is_read_before_the_board_comes_back(board: Terminal) -> None:
    board.type("xf")
    board.wait_text("fail ended with code 3. Press enter to return.", within_s=60)
    board.type("\n")
    board.wait_text("offline", within_s=60)
    board.wait_text("fail ended with code 3.", within_s=60)


def test_the_key_that_ends_a_program_ends_only_the_program(board: Terminal) -> None:
    board.type("xw")
    board.wait_text("the program runs", within_s=60)
    board.type("\x03")
    board.wait_text("wait was ended by signal 2. Press enter to return.", within_s=60)
    board.type("\n")
    board.wait_text("offline", within_s=60)
    assert board.is_running


def test_a_program_behind_the_board_is_said_in_one_line(board: Terminal, tmp_path: Path) -> None:
    board.type("xb")
    board.wait_text("#7: behind ended with code 3: the ␛[31mlast␛[0m line", within_s=60)
    assert told_in(tmp_path)[0] == []


def test_of_commands_with_one_key_the_tags_choose(board: Terminal, tmp_path: Path) -> None:
    board.type("x")
    board.wait_text("d the runbook of the database", within_s=60)
    board.type("d")
    board.wait_text("#7: db is done.", within_s=60)
    assert told_in(tmp_path)[0] == ["db"]
    board.type("xn")
    board.wait_text("nobody is for tickets with the tag nobody-has-it; #7 has it not.", within_s=60)


def test_flow_control_is_off_so_that_no_key_freezes_the_board(board: Terminal) -> None:
    assert not termios.tcgetattr(board._fd)[0] & (termios.IXON | termios.IXOFF)
    assert not termios.tcgetattr(board._fd)[3] & (termios.ISIG | termios.IEXTEN)
    board.type("\x13?")
    board.wait_text("type to find", within_s=60)


def test_the_mouse_is_released_to_the_terminal_and_taken_again(board: Terminal) -> None:
    board.type("T")
    board.wait_text("The mouse is released: the terminal selects text with it. T takes it back.", within_s=60)
    assert board.received.rfind(b"\x1b[?1000l") > board.received.rfind(b"\x1b[?1000h")
    board.type("T")
    board.wait_text("The mouse works on the board again", within_s=60)
    assert board.received.rfind(b"\x1b[?1000h") > board.received.rfind(b"\x1b[?1000l")
