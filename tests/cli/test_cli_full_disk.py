"""A disk that takes nothing more: what was written stays on the screen, can be copied, and is printed at the end."""

import base64
import resource
from collections.abc import Iterator

import pytest

from support.command_line import PROGRAM
from support.terminals.terminal import Terminal
from supporttui.config import Folders

WRITTEN = "We are on it, and nobody retypes this."
UNSAVED = b"this could not be written to disk and was not sent"
SEND = "\x13"


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch, _own_home: None) -> Iterator[Terminal]:
    monkeypatch.setenv("SUPPORTTUI_IDLE_EXIT_S", "1")
    file = Folders.of_user().config_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("[sending]\nundo_seconds = 0\n")
    with Terminal([*PROGRAM, "demo", "--still"]) as terminal:
        terminal.wait_text("Export to PDF", within_s=30)
        yield terminal


def fill_disk(board: Terminal) -> None:
    """Let no file of the board's grow or be written from here on."""
    resource.prlimit(board.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def make_room(board: Terminal) -> None:
    """Take that back."""
    resource.prlimit(board.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def reply_on_full_disk(board: Terminal) -> None:
    """Open the first ticket, fill the disk, write, and send."""
    board.type("\r")
    board.wait_text("r reply")
    fill_disk(board)
    board.type("r")
    board.wait_text("Public reply")
    board.type(WRITTEN)
    board.wait_text(WRITTEN)
    board.type(SEND)
    board.wait_text("What you wrote is kept in this")


def test_the_text_can_be_copied_and_is_printed_when_the_board_is_left(board: Terminal) -> None:
    reply_on_full_disk(board)
    board.type("y")
    board.wait_text("Sent what could not be written to disk")
    assert b"\x1b]52;c;" + base64.b64encode(WRITTEN.encode()) in bytes(board.received)
    board.type("\x1b")
    board.wait_text("1 New")
    board.type("q")
    board.wait_text("1 text could not be written to disk and would be lost")
    board.type("q")
    board.wait_exit()
    board.wait_for(lambda: WRITTEN.encode() in bytes(board.received).partition(UNSAVED)[2])
    assert b"Traceback" not in board.received


def test_it_is_sent_by_itself_as_soon_as_there_is_room(board: Terminal) -> None:
    reply_on_full_disk(board)
    make_room(board)
    board.wait_for(lambda: "What you wrote" not in board.text(), within_s=30)
    board.type("\x1b")
    board.wait_for(lambda: "1 New 13" in board.text() and "↑" not in board.text().splitlines()[0], within_s=30)
