"""While a picture stands on the terminal before the app is there, keys wait; it is given back as it was found."""

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from support.board_samples import sample_ticket
from support.command_line import PROGRAM
from support.terminals.terminal import Terminal
from supporttui.config.desk import desk_name
from supporttui.store.cache import Cache
from supporttui.store.database import prepare_store_files
from supporttui.ui.startup.stopwatch import PROFILE_OPTION

DESK = {"SUPPORTTUI_URL": "http://127.0.0.1:9", "SUPPORTTUI_EMAIL": "kim@desk.example", "SUPPORTTUI_TOKEN": "none"}
EARLY_PROGRAM = (sys.executable, str(Path(__file__).parents[2] / "support" / "terminals" / "early_screen_program.py"))
HOUR = timedelta(hours=1)
SHELL = ("sh", "-c", 'stty -a; "$@"; code=$?; stty -a; echo "ended with $code"; read line', "sh")
"""Runs a program as a shell does and goes on afterwards."""

ALTERNATE, USUAL = b"\x1b[?1049h", b"\x1b[?1049l"
TEXTUAL_BEGINS = b"\x1b[?1004h"


def told_modes(terminal: Terminal) -> tuple[str, str]:
    """What `stty` said of the terminal's modes before a program and after it."""
    said = terminal.received.replace(b"\r\n", b"\n").decode("utf-8", "replace").split("speed ")
    before, after = said[1], said[-1]
    return before.partition("\x1b")[0].strip()[:600], after.partition("ended with")[0].strip()[:600]


def assert_given_back(terminal: Terminal, code: int) -> None:
    terminal.wait_text(f"ended with {code}")
    before, after = told_modes(terminal)
    assert {"echo", "isig", "icanon"} <= {*before.split()}
    assert after == before
    assert terminal.received.count(USUAL) == terminal.received.count(ALTERNATE) == 1
    assert terminal.received.rindex(b"\x1b[?25h") > terminal.received.rindex(b"\x1b[?25l")


def test_keys_are_not_shown_and_a_signal_gives_the_terminal_back(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    begin = ("sh", "-c", f'echo $$ > {pid_file}; exec "$@"', "sh")
    with Terminal([*SHELL, *begin, *EARLY_PROGRAM, "wait"], rows=10, columns=40) as terminal:
        terminal.wait_text("picture")
        terminal.type("shy")
        terminal.wait_for(pid_file.exists)
        os.kill(int(pid_file.read_text()), signal.SIGTERM)
        assert_given_back(terminal, 128 + signal.SIGTERM)
        assert b"shy" not in terminal.received.partition(USUAL)[0]


@pytest.mark.parametrize(("how", "code"), [("fail", 3), ("leave", 0)])
def test_the_terminal_is_given_back_however_it_ends(how: str, code: int) -> None:
    with Terminal([*SHELL, *EARLY_PROGRAM, how], rows=10, columns=40) as terminal:
        assert_given_back(terminal, code)


def test_a_terminal_that_goes_away_ends_it() -> None:
    with Terminal((*EARLY_PROGRAM, "wait"), rows=10, columns=40) as terminal:
        terminal.wait_text("picture")
        terminal.hang_up()
        assert terminal.wait_exit() == 128 + signal.SIGHUP


SIZE = {"rows": 50, "columns": 200}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which the program has been started once before."""
    with Terminal([*PROGRAM, PROFILE_OPTION], home=tmp_path, environment=DESK, **SIZE) as first:
        assert first.wait_exit(within_s=60) == 0
    return tmp_path


def test_a_later_start_shows_the_board_before_textual_and_takes_keys_from_then_on(home: Path) -> None:
    with Terminal([*SHELL, *PROGRAM], home=home, environment=DESK, **SIZE) as later:
        later.wait_text("? keys", within_s=60)
        later.type("?")
        later.wait_text("take back the latest change", within_s=60)
        picture = bytes(later.received).index(b"Awaiting")
        assert picture < later.received.index(TEXTUAL_BEGINS)
        later.type("\x1b")
        later.wait_for(lambda: "take back the latest change" not in later.text())
        later.type("q")
        assert_given_back(later, 0)


def test_the_first_start_in_a_terminal_has_it_too(home: Path) -> None:
    elsewhere = {**DESK, "TERM": "tmux-256color", "COLORTERM": ""}
    with Terminal([*PROGRAM], home=home, environment=elsewhere, **SIZE) as first:
        first.wait_text("offline", within_s=60)
        assert first.received.index(b"Awaiting") < first.received.index(TEXTUAL_BEGINS)
        assert first.received.count(b"what first") == 1


def test_nothing_of_it_is_sent_again_when_the_screen_takes_over(home: Path) -> None:
    with Terminal([*PROGRAM], home=home, environment=DESK, **SIZE) as later:
        later.wait_text("offline", within_s=60)
        assert later.received.index(TEXTUAL_BEGINS)
        assert later.received.count(b"what first") == 1
        assert later.received.count(b"Awaiting") == 1


def test_a_key_for_a_pane_waits_until_the_pane_is_there(home: Path) -> None:
    account = f"{DESK['SUPPORTTUI_URL']} {DESK['SUPPORTTUI_EMAIL']}"
    files = prepare_store_files(
        home / "data" / "supporttui", home / "cache" / "supporttui", account, desk_name(DESK["SUPPORTTUI_URL"])
    )
    with Cache(files.cache, files.desk) as cache:
        cache.apply([sample_ticket(1, "The first one", ago=2 * HOUR), sample_ticket(2, "The second one", ago=HOUR)], ())
    with Terminal([*PROGRAM], home=home, environment=DESK, **SIZE) as later:
        later.wait_text("The second one", within_s=60)
        later.type("j")
        later.wait_for(lambda: any("▌" in line and "The second one" in line for line in later.text().splitlines()))
