"""Tickets of hostile sizes, read in a real pty: every key is answered, and the board stays bounded."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.canary import secret
from support.clock.waiting import wait_until
from support.command_line import PROGRAM
from support.desks.scripted_server import serve_script
from support.desks.sized_desk import SizedDesk
from support.terminals.terminal import Terminal

TOKEN = secret("large")
GROWTH_BYTES = 64 * 1024 * 1024
EMOJI = "\U0001f600"
HOME, END, PAGE_UP, ESCAPE = "\x1b[1~", "\x1b[4~", "\x1b[5~", "\x1b"

SIZES: dict[str, Callable[[], SizedDesk]] = {
    "12 x 65,535 emoji": lambda: SizedDesk(12, EMOJI * 65_535),
    "8 x 65,535 U+E000": lambda: SizedDesk(8, "\ue000" * 65_535),
    "one word of 10 MB": lambda: SizedDesk(1, "x" * 10_000_000),
    "3,000 comments": lambda: SizedDesk(3_000, "still broken"),
    "line breaks": lambda: SizedDesk(4, "\n" * 60_000),
}


def peak_bytes(pid: int) -> int:
    """The most memory that a process has had at any time."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", SIZES)
def test_a_ticket_of_hostile_size_is_opened_read_and_left(name: str, tmp_path: Path) -> None:
    desk = SIZES[name]()
    with serve_script(desk) as server:
        environment = {"SUPPORTTUI_URL": server.url, "SUPPORTTUI_EMAIL": "k@x.example", "SUPPORTTUI_TOKEN": TOKEN}
        with Terminal([*PROGRAM], rows=30, columns=120, home=tmp_path, environment=environment) as board:
            board.wait_text("Open 1", within_s=30)
            board.type("2")
            board.wait_text("Subject 1", within_s=30)
            before = peak_bytes(board.pid)
            board.type("\r")
            board.wait_text("esc back", within_s=30)
            wait_until(lambda: f"{desk.comments} " in board.text() or "customer" in board.text(), within_s=60)
            for keys in (HOME, END, PAGE_UP, HOME, END):
                board.type(keys)
            board.type("p")
            board.type("p")
            board.type(ESCAPE)
            board.wait_text("open", within_s=30)
            board.wait_for(lambda: "esc back" not in board.text())
            grown = peak_bytes(board.pid) - before
            print(f"{name}: grown by {grown / 2**20:.1f} MB")
            assert grown < GROWTH_BYTES
            board.type("q")
            assert board.wait_exit() == 0
