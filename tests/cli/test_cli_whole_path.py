"""A ticket's whole way, on the demonstration, as a person goes it: from a shell, by keys, and through the API."""

from pathlib import Path

import httpx
import pytest

from support.command_line import PROGRAM, run_command
from support.terminals.terminal import Terminal
from supporttui.config import Folders

CUSTOMER = "claire@vantage-insurance.example"
SEND = "\x13"


@pytest.fixture(autouse=True)
def _leave_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTTUI_IDLE_EXIT_S", "1")


@pytest.fixture(autouse=True)
def _send_at_once(_own_home: None) -> None:
    file = Folders.of_user().config_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("[sending]\nundo_seconds = 0\n")


def submit_with_log(folder: Path) -> int:
    log = folder / "outage.log"
    log.write_text("10:41 connection lost\n")
    typed = ["--subject", "Nothing loads anywhere", "--severity", "1", "--description", "All boards are blank."]
    ended = run_command("--demo", "submit", "--requester", CUSTOMER, *typed, "--attach", str(log))
    assert ended.code == 0, ended.err
    assert "steps to reproduce" in ended.err
    assert ended.last_line.endswith(" created")
    return int(ended.last_line.split()[0].lstrip("#"))


def answer_as_customer(ticket_id: int, body: str) -> None:
    """What anybody does with the token and the line that `supporttui --demo status` prints."""
    token = run_command("--demo", "desk", "token", "--email", CUSTOMER).last_line
    shown = run_command("--demo", "status").out
    socket = next(word for word in shown.split() if word.endswith(".sock"))
    with httpx.Client(transport=httpx.HTTPTransport(uds=socket), base_url="http://desk") as client:
        change = {"request": {"comment": {"body": body}}}
        path = f"/api/v2/requests/{ticket_id}.json"
        answer = client.put(path, json=change, auth=(f"{CUSTOMER}/token", token))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("rows", "columns"), [(50, 200), (24, 80)])
def test_a_ticket_goes_from_submission_to_closing(rows: int, columns: int, tmp_path: Path) -> None:
    with Terminal([*PROGRAM, "demo", "--still"], rows=rows, columns=columns) as board:
        board.wait_text("Export to PDF", within_s=30)
        ticket_id = submit_with_log(tmp_path)
        board.wait_text("Nothing loads")
        open_ticket(board, ticket_id)
        board.wait_text("outage.log")
        board.type("r")
        board.wait_text("Public reply")
        board.type("We are on it.")
        board.wait_text("We are on it.")
        board.type(SEND)
        board.wait_text("is on its way")
        board.type("\x1b")
        board.wait_text("v views")
        open_ticket(board, ticket_id)
        board.wait_for(lambda: "✓" in first_line(board) and "Open" in first_line(board))
        move(board, "w", "Awaiting")
        answer_as_customer(ticket_id, "It works now, thank you.")
        board.wait_text("It works now, thank you.", within_s=5)
        board.wait_for(lambda: "Open" in first_line(board))
        move(board, "h", "On-Hold")
        move(board, "c", "Closed")


def open_ticket(board: Terminal, ticket_id: int) -> None:
    board.type("g")
    board.wait_text("Go to")
    board.type(f"{ticket_id}\r")
    board.wait_for(lambda: "Go to" not in board.text())
    board.type("\r")
    board.wait_for(lambda: f"#{ticket_id}" in first_line(board))


def move(board: Terminal, key: str, title: str) -> None:
    board.type("m")
    board.wait_text("leave it where it is")
    board.type(key)
    board.wait_for(lambda: title in first_line(board))


def first_line(board: Terminal) -> str:
    return board.text().partition("\n")[0]


def test_two_demonstrations_are_one_and_it_is_thrown_away(tmp_path: Path) -> None:
    with Terminal([*PROGRAM, "demo", "--still"]) as one:
        one.wait_text("Export to PDF", within_s=30)
        with Terminal([*PROGRAM, "demo"]) as other:
            other.wait_for(lambda: "●" in first_line(other), within_s=30)
            one.type("q")
            assert one.wait_exit() == 0
            assert run_command("--demo", "status").code == 0
            other.type("q")
            assert other.wait_exit() == 0
        other.wait_for(lambda: run_command("--demo", "status").code == 4, within_s=15)
        other.wait_for(lambda: not list(tmp_path.rglob("demo/desk.db")), within_s=15)


def test_the_demonstration_moves_by_itself_and_says_that_it_is_one() -> None:
    with Terminal([*PROGRAM, "demo"], rows=50, columns=200) as board:
        board.wait_text("New 14", within_s=30)
        assert "DEMONSTRATION" in first_line(board)
        assert "demo time" in first_line(board)
        board.wait_text("New 15", within_s=12)


def test_the_wall_shows_the_same_desk() -> None:
    with Terminal([*PROGRAM, "demo", "--still"]) as board:
        board.wait_text("Export to PDF", within_s=30)
        with Terminal([*PROGRAM, "--demo", "wall"], rows=36, columns=150) as wall:
            wall.wait_text("Export to PD", within_s=30)
            wall.wait_text("data ")
