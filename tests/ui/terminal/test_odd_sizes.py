"""A terminal without a size or with an enormous one, and odd variables: the board is drawn, in the real size."""

import fcntl
import struct
import termios

import pytest

from support.command_line import PROGRAM
from support.terminals.terminal import Terminal
from supporttui.presentation.terminal_options import MAX_COLUMNS, MAX_ROWS, bounded_size, terminal_size

DESK = {"SUPPORTTUI_URL": "http://127.0.0.1:9", "SUPPORTTUI_EMAIL": "kim@desk.example", "SUPPORTTUI_TOKEN": "none"}


def resize(terminal: Terminal, rows: int, columns: int) -> None:
    with terminal._lock:
        terminal.screen.resize(rows, columns)
    fcntl.ioctl(terminal._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 80), (24, 0)])
@pytest.mark.parametrize("screen", [[], ["wall"]])
def test_without_a_size_the_usual_one_is_drawn_and_the_first_real_one_followed(
    rows: int, columns: int, screen: list[str]
) -> None:
    with Terminal([*PROGRAM, *screen], environment=DESK) as terminal:
        fcntl.ioctl(terminal._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        terminal.wait_text("offline", within_s=60)
        terminal.wait_text("Awaiting")
        resize(terminal, 50, 200)
        terminal.wait_for(lambda: any(len(line.rstrip()) > 150 for line in terminal.text().splitlines()))
        terminal.type("q")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize("frames", ["0", "1"])
@pytest.mark.parametrize(
    "variables",
    [
        {"LINES": "100000"},
        {"COLUMNS": "100000"},
        {"COLUMNS": "-5", "LINES": "x"},
        {"COLUMNS": "٣"},
        {"LINES": "9" * 30},
    ],
)
def test_odd_variables_change_nothing(variables: dict[str, str], frames: str) -> None:
    environment = DESK | variables | {"SUPPORTTUI_PLAIN_FRAMES": frames}
    with Terminal([*PROGRAM], environment=environment) as terminal:
        terminal.wait_text("offline", within_s=30)
        assert "? keys" in terminal.text().splitlines()[-1]
        terminal.type("q")
        assert terminal.wait_exit(within_s=5) == 0


def test_an_enormous_terminal_is_drawn_in_part() -> None:
    with Terminal([*PROGRAM], environment=DESK) as terminal:
        terminal.wait_text("offline", within_s=60)
        before = len(terminal.received)
        fcntl.ioctl(terminal._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 65535, 65535, 0, 0))
        terminal.wait_for(lambda: len(terminal.received) - before > MAX_COLUMNS * 4, within_s=30)
        terminal.type("q")
        assert terminal.wait_exit(within_s=30) == 0


def test_a_size_is_the_terminals_own_where_it_has_one_that_can_be_drawn() -> None:
    assert terminal_size(-1) == (80, 24)
    assert bounded_size(0, 50) == (80, 50)
    assert bounded_size(10**6, 10**6) == (MAX_COLUMNS, MAX_ROWS)
    assert bounded_size(1, 1) == (1, 1)
