"""Whatever signal ends or stops the board, and whenever: the terminal is restored, and the keys work afterwards."""

import contextlib
import os
import shlex
import signal
import subprocess
import termios
from pathlib import Path

import pytest

from support.clock.waiting import wait_until
from support.command_line import PROGRAM
from support.terminals.terminal import Terminal
from supporttui.ui.terminal.terminal_modes import raw_modes

DESK = {"SUPPORTTUI_URL": "http://127.0.0.1:9", "SUPPORTTUI_EMAIL": "kim@desk.example", "SUPPORTTUI_TOKEN": "none"}
SHELL = ("bash", "-c", 'stty -a; "$@"; code=$?; stty -a; echo "ended with $code"; read line', "bash")
"""Runs a program as a script does and goes on afterwards."""
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
SET_AND_UNSET = {
    "alternate screen": (b"\x1b[?1049h", b"\x1b[?1049l"),
    "mouse": (b"\x1b[?1000h", b"\x1b[?1000l"),
    "mouse motion": (b"\x1b[?1003h", b"\x1b[?1003l"),
    "focus": (b"\x1b[?1004h", b"\x1b[?1004l"),
    "paste": (b"\x1b[?2004h", b"\x1b[?2004l"),
    "keyboard": (b"\x1b[>25u", b"\x1b[<u"),
    "cursor": (b"\x1b[?25l", b"\x1b[?25h"),
    "no wrap": (b"\x1b[?7l", b"\x1b[?7h"),
}


def program_of(shell: Terminal) -> int:
    """The process that the shell runs."""
    (child,) = Path(f"/proc/{shell.pid}/task/{shell.pid}/children").read_text().split()
    return int(child)


def assert_restored(terminal: Terminal, code: int) -> None:
    terminal.wait_text(f"ended with {code}")
    said = terminal.received.replace(b"\r\n", b"\n").decode("utf-8", "replace").split("speed ")
    before, after = said[1].partition("\x1b")[0].strip(), said[-1].partition("ended with")[0].strip()
    assert {"echo", "isig", "icanon"} <= {*before.split()}
    assert after == before[: len(after)]
    for what, (on, off) in SET_AND_UNSET.items():
        assert terminal.received.rfind(off) >= terminal.received.rfind(on), what


@pytest.mark.parametrize("number", ENDING)
@pytest.mark.parametrize("frames", ["0", "1"])
def test_a_signal_while_it_runs_restores_the_terminal(number: signal.Signals, frames: str) -> None:
    environment = DESK | {"SUPPORTTUI_PLAIN_FRAMES": frames}
    with Terminal([*SHELL, *PROGRAM], environment=environment) as terminal:
        terminal.wait_text("offline", within_s=60)
        os.kill(program_of(terminal), number)
        assert_restored(terminal, 128 + number)


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_during_the_start_restores_the_terminal(number: signal.Signals) -> None:
    """The first picture is there, and neither the app nor the engine."""
    with Terminal([*SHELL, *PROGRAM], environment=DESK) as terminal:
        terminal.wait_for(lambda: b"\x1b[?1049h" in terminal.received, within_s=60)
        os.kill(program_of(terminal), number)
        assert_restored(terminal, 128 + number)


def test_a_signal_while_it_leaves_restores_the_terminal() -> None:
    with Terminal([*SHELL, *PROGRAM], environment=DESK) as terminal:
        terminal.wait_text("offline", within_s=60)
        child = program_of(terminal)
        terminal.type("q")
        terminal.wait_for(lambda: b"\x1b[?2004l" in terminal.received)
        with contextlib.suppress(ProcessLookupError):  # it was quicker
            os.kill(child, signal.SIGTERM)
        terminal.wait_text("ended with ")
        code = 128 + signal.SIGTERM if "ended with 143" in terminal.text() else 0
        assert_restored(terminal, code)


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_restores_the_modes_of_a_terminal_that_is_not_read(number: signal.Signals) -> None:
    with Terminal([*SHELL, *PROGRAM], environment=DESK) as terminal:
        terminal.wait_text("offline", within_s=60)
        child = program_of(terminal)
        terminal.stop_reading()
        terminal.fill_line()
        os.kill(child, number)
        wait_until(lambda: not Path(f"/proc/{child}").exists(), within_s=15)
        terminal.read_again()
        terminal.wait_text(f"ended with {128 + number}")
        assert terminal.modes()[3] & (termios.ICANON | termios.ECHO) == termios.ICANON | termios.ECHO


def is_stopped(pid: int) -> bool:
    return "T (stopped)" in Path(f"/proc/{pid}/status").read_text()


def stop(terminal: Terminal, number: signal.Signals) -> None:
    terminal.kill(number)
    wait_until(lambda: is_stopped(terminal.pid), within_s=10)


@pytest.mark.parametrize("frames", ["0", "1"])
@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGTSTP])
@pytest.mark.parametrize("times", [1, 3])
def test_stopped_and_continued_the_first_key_works_at_once(number: signal.Signals, frames: str, times: int) -> None:
    environment = DESK | {"SUPPORTTUI_PLAIN_FRAMES": frames}
    with Terminal([*PROGRAM], environment=environment) as terminal:
        terminal.wait_text("offline", within_s=60)
        for _ in range(times):
            stop(terminal, number)
            before = len(terminal.received)
            terminal.kill(signal.SIGCONT)
            terminal.wait_for(lambda: b"\x1b[?1049h" in terminal.received[before:])  # noqa: B023 - waited for here
        terminal.type("q")
        assert terminal.wait_exit(within_s=5) == 0


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGTSTP])
def test_continued_it_draws_everything_again_in_its_own_modes(number: signal.Signals) -> None:
    with Terminal([*PROGRAM], environment=DESK) as terminal:
        terminal.wait_text("offline", within_s=60)
        stop(terminal, number)
        with terminal._lock:
            terminal._stream.feed(b"\x1b[?1049l\x1b[2J\x1b[H$ ")
        line = os.open(f"/proc/{terminal.pid}/fd/0", os.O_RDWR | os.O_NOCTTY)
        subprocess.run(["stty", "sane"], stdin=line, check=True)
        os.close(line)
        assert terminal.modes() != raw_modes(terminal.modes())
        terminal.kill(signal.SIGCONT)
        terminal.wait_text("On-Hold")
        terminal.wait_text("? keys")
        wait_until(lambda: terminal.modes() == raw_modes(terminal.modes()), within_s=5)


def test_ctrl_z_gives_the_shell_back_and_fg_the_board() -> None:
    with Terminal(["bash", "--norc", "-i"], environment=DESK | {"PS1": "prompt> "}) as terminal:

        def prompts() -> int:
            return terminal.received.count(b"prompt> ")

        terminal.wait_for(prompts)
        command = shlex.join(PROGRAM)
        for _ in range(3):
            before, shown = len(terminal.received), prompts()
            terminal.type(f"{command}\r")
            terminal.wait_for(lambda: b"offline" in terminal.received[before:], within_s=60)  # noqa: B023 - waited for here
            terminal.type("\x1a")
            terminal.wait_for(lambda: b"Stopped" in terminal.received[before:] and prompts() > shown)  # noqa: B023
            assert terminal.modes()[3] & termios.ISIG
            command = "fg"
        terminal.type("fg\r")
        shown, before = prompts(), len(terminal.received)
        terminal.wait_for(lambda: b"offline" in terminal.received[before:])
        terminal.type("q")
        terminal.wait_for(lambda: prompts() > shown)
        terminal.type("echo code $?\r")
        terminal.wait_for(lambda: b"code 0" in terminal.received)


def test_ctrl_z_without_a_shell_stops_nothing_and_says_so() -> None:
    with Terminal([*PROGRAM], environment=DESK) as terminal:
        terminal.wait_text("offline", within_s=60)
        terminal.type("\x1a")
        terminal.wait_text("No shell is there")
        terminal.type("q")
        assert terminal.wait_exit() == 0
