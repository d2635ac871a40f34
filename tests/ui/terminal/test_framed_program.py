"""The frame writer in a real pty: whatever happens to the terminal, it shows what the program shows."""

import fcntl
import signal
import struct
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.clock.waiting import wait_until
from support.terminals.terminal import Terminal

PROGRAM = [sys.executable, str(Path(__file__).parents[2] / "support" / "terminals" / "frame_writer_program.py")]


@pytest.fixture
def program() -> Iterator[Terminal]:
    with Terminal(PROGRAM, rows=12, columns=60) as terminal:
        terminal.wait_text("the last line 漢字")
        yield terminal


def shows_all(terminal: Terminal, count: int) -> bool:
    lines = terminal.text().splitlines()
    return lines[0].strip() == f"count {count}" and f"{count}" in lines[5] and "the last line 漢字" in lines[-1]


def count_to(terminal: Terminal, count: int) -> None:
    terminal.type("n")
    terminal.wait_for(lambda: shows_all(terminal, count))


def test_a_key_draws_a_screen_again_that_something_else_wrote_on(program: Terminal) -> None:
    count_to(program, 1)
    with program._lock:
        program._stream.feed(b"\x1b[2J\x1b[Hgarbage")
    program.type("\x0c")
    program.wait_for(lambda: shows_all(program, 1))


def test_another_size_is_drawn_whole(program: Terminal) -> None:
    count_to(program, 1)
    with program._lock:
        program.screen.resize(15, 40)
    fcntl.ioctl(program._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 15, 40, 0, 0))
    program.wait_for(lambda: shows_all(program, 1) and len(program.text().splitlines()) == 15)


def test_after_the_terminal_was_lent_out_everything_is_there_again(program: Terminal) -> None:
    count_to(program, 1)
    program.type("e")
    program.wait_text("something else")
    program.type("\r")
    program.wait_for(lambda: shows_all(program, 1))
    count_to(program, 2)


def test_stopped_and_continued_it_draws_everything_again(program: Terminal) -> None:
    count_to(program, 1)
    program.type("z")
    wait_until(lambda: "T (stopped)" in Path(f"/proc/{program.pid}/status").read_text(), within_s=10)
    with program._lock:
        program._stream.feed(b"\x1b[2J\x1b[H$ fg")
    program.kill(signal.SIGCONT)
    program.wait_for(lambda: shows_all(program, 1))
    count_to(program, 2)


def test_a_terminal_that_was_not_read_shows_the_newest_at_once_and_not_what_was_between(program: Terminal) -> None:
    count_to(program, 1)
    program.stop_reading()
    program.type("n" * 200)
    wait_until(lambda: not _has_input(program), within_s=20)
    before = len(program.received)
    program.read_again()
    program.wait_for(lambda: shows_all(program, 201))
    whole_screen = 60 * 12
    assert len(program.received) - before < 64 * whole_screen


def _has_input(terminal: Terminal) -> bool:
    """Whether the program has keys to read."""
    with Path(f"/proc/{terminal.pid}/fd/0").open("rb") as line:
        return fcntl.ioctl(line, termios.FIONREAD, b"\0" * 4) != b"\0" * 4


def test_it_leaves_the_terminal_as_it_was(program: Terminal) -> None:
    program.type("q")
    assert program.wait_exit() == 0
    wait_until(lambda: b"\x1b[?1049l" in program.received and b"\x1b[?25h" in program.received)
