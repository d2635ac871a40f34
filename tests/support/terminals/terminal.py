"""A program in a real pty with a terminal emulator behind it."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte

import support.canary as canary

QUERY_ANSWERS = {b"\x1b[c": b"\x1b[?62;22c", b"\x1b[6n": b"\x1b[1;1R", b"\x1b[?2026$p": b"\x1b[?2026;2$y"}
"""What an ordinary terminal answers to the questions that Textual asks."""


class Terminal:
    """A program in a pty of a fixed size; what it draws is read continuously by a thread."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        rows: int = 24,
        columns: int = 80,
        home: str | Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self._name = " ".join(command)
        canary.check_text("the command line of a terminal", self._name)
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._lock = threading.Lock()
        self._exit_code: int | None = None
        self._is_closing = threading.Event()
        self._is_read = threading.Event()
        self._is_read.set()
        self._is_left = threading.Event()
        self.answers = dict(QUERY_ANSWERS)
        """What it answers to which question."""
        self.received = bytearray()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], list(command), terminal_environment(home, environment))
        os.set_inheritable(self._fd, False)  # a later terminal's program must not keep this one's line open
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        canary.check_process_arguments()
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.hang_up()

    def _read(self) -> None:
        while True:
            if not self._is_read.is_set():
                self._is_left.set()
                self._is_read.wait()
            if self._is_closing.is_set():
                break
            try:
                ready, _, _ = select.select([self._fd], [], [], 0.2)
                chunk = os.read(self._fd, 65536) if ready else None
            except (OSError, ValueError):
                break
            if chunk is None:
                continue
            if not chunk:
                break
            for question, answer in list(self.answers.items()):
                if question in chunk:
                    with contextlib.suppress(OSError):
                        os.write(self._fd, answer)
            with self._lock:
                self.received += chunk
                self._stream.feed(_without_private_modes(chunk))

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended by itself."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    @property
    def is_reading(self) -> bool:
        """Whether there may be more to come: what a program has left behind is read to its end."""
        return self._reader.is_alive()

    def stop_reading(self) -> None:
        """Leave what the program draws where it is, as a frozen client or a half-dead link does."""
        self._is_left.clear()
        self._is_read.clear()
        assert self._is_left.wait(5), "the terminal is still being read"

    def fill_line(self) -> None:
        """Leave no room for what the program draws, by bytes that every terminal ignores; nobody reads them yet."""
        line = os.open(f"/proc/{self.pid}/fd/1", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(line, bytes(64))
        finally:
            os.close(line)

    def read_again(self) -> None:
        """Take what has waited, and what comes."""
        self._is_read.set()

    def type(self, keys: str) -> None:
        """Send keys as a keyboard would, as one write."""
        os.write(self._fd, keys.encode())

    def text(self) -> str:
        """The screen's lines, as a person would read them."""
        with self._lock:
            return "\n".join(self._line(row).rstrip() for row in range(self.screen.lines))

    def _line(self, row: int) -> str:
        """A line of the screen; beside a wide character there is an empty cell."""
        cells = self.screen.buffer[row]
        return "".join(cells[column].data for column in range(self.screen.columns))

    def wait_for(self, condition: Callable[[], object], *, within_s: float = 15.0) -> None:
        """Wait until the condition holds; fails with the screen where it does not."""
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"not on the screen within {within_s} s:\n{self.text()}")
            threading.Event().wait(0.05)

    def wait_text(self, wanted: str, *, within_s: float = 15.0) -> None:
        """Wait until the screen shows a text."""
        self.wait_for(lambda: wanted in self.text(), within_s=within_s)

    @property
    def has_ended(self) -> bool:
        """Whether the program is no more."""
        if self._exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._exit_code = os.waitstatus_to_exitcode(status)
        return self._exit_code is not None

    def wait_exit(self, *, within_s: float = 15.0) -> int:
        """The program's exit code; a signal is its negative number."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if self.has_ended and self._exit_code is not None:
                return self._exit_code
            threading.Event().wait(0.05)
        raise AssertionError(f"did not end within {within_s} s:\n{self.text()}")

    def modes(self) -> list[Any]:
        """The terminal's modes, as the next program would find them."""
        return termios.tcgetattr(self._fd)

    def hang_up(self) -> None:
        """Close the terminal, as a dropped link does.

        The reader ends first: the next terminal may get the same descriptor, and an old reader would take its bytes.
        """
        if not self._is_closing.is_set():
            self._is_closing.set()
            self.read_again()
            self._reader.join()
            os.close(self._fd)
            canary.check_text(f"what the terminal of `{self._name}` received", self.received)
            canary.check_text(f"the last screen of `{self._name}`", self.text().replace("\n", ""))

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)


def _without_private_modes(chunk: bytes) -> bytes:
    """Drop the sequences that the emulator takes for text: kitty keyboard modes and queries of the form CSI > … u."""
    return re.sub(rb"\x1b\[[<>=][0-9;]*[A-Za-z]", b"", chunk)


def terminal_environment(home: str | Path | None, more: dict[str, str] | None) -> dict[str, str]:
    """The environment of an ordinary terminal, with a home of its own where one is given."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    environment = dict(inherited, TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")
    if home is not None:
        for name, folder in (
            ("HOME", "."), ("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache"),
            ("XDG_STATE_HOME", "state"), ("XDG_RUNTIME_DIR", "run"),
        ):  # fmt: skip
            path = Path(home) / folder
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            environment[name] = str(path)
    return environment | (more or {})
