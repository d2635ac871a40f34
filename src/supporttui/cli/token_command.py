"""Runs the user's program that prints the token, within bounds of time and bytes, and ends all that it has started."""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from typing import Final

TIMEOUT_S: Final = 30.0
MAX_LINE_BYTES: Final = 8192
"""Of the first line, which is all that is used."""
_POLL_S: Final = 0.05
_EXIT_S: Final = 2.0
"""Seconds for a program to end after its output was closed."""


_SUCCESS: Final = (0, -signal.SIGPIPE, 128 + signal.SIGPIPE)
"""SIGPIPE ends a program, or one that a shell has run, that prints more than its first line."""


class TokenCommandFailed(Exception):
    """The program printed no token; `str()` completes a sentence about it, and quotes nothing of what it printed."""


class TokenCommand:
    """One program, run at most once at a time; `cancel` may be called from any thread."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_cancelled = False

    def first_line(self) -> bytes:
        """The first line that it prints. Raises TokenCommandFailed."""
        process = self._start()
        try:
            return self._read(process, time.monotonic() + TIMEOUT_S)
        finally:
            self._end(process)

    def cancel(self) -> None:
        """End it now: nobody waits for the token any more."""
        with self._lock:
            self._is_cancelled = True
            if self._process is not None:
                _kill_group(self._process)

    def _start(self) -> "subprocess.Popen[bytes]":
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SUPPORTTUI_")}
        with self._lock:
            self._is_cancelled = False
            try:
                # A session of its own, so that it can be ended as a group and does not draw on the board's terminal.
                self._process = subprocess.Popen(  # noqa: S603 - the user's own program, as a list: no shell reads it
                    self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    env=environment, start_new_session=True, bufsize=0,
                )  # fmt: skip
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                raise TokenCommandFailed(f"could not be started ({reason})") from error
            return self._process

    def _read(self, process: "subprocess.Popen[bytes]", deadline: float) -> bytes:
        """The line, once the program has ended; a child of it that holds the output is not waited for."""
        assert process.stdout is not None
        output, seen = process.stdout.fileno(), b""
        while b"\n" not in seen:
            if len(seen) > MAX_LINE_BYTES:
                raise TokenCommandFailed("prints no end of a line")
            has_ended = process.poll() is not None
            if select.select([output], [], [], 0 if has_ended else _POLL_S)[0]:
                piece = os.read(output, 4096)
                if not piece:
                    break
                seen += piece
            elif has_ended:
                break
            self._check(deadline)
        process.stdout.close()  # what it goes on to print ends it
        self._wait(process, deadline)
        first = seen.partition(b"\n")[0].strip()
        if process.returncode not in _SUCCESS:
            raise TokenCommandFailed(f"ended with code {process.returncode}")
        if not first:
            raise TokenCommandFailed("printed nothing")
        return first

    def _wait(self, process: "subprocess.Popen[bytes]", deadline: float) -> None:
        until = min(deadline, time.monotonic() + _EXIT_S)
        while process.poll() is None:
            self._check(deadline)
            if time.monotonic() > until:
                raise TokenCommandFailed("goes on after it has printed its first line")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_S)

    def _check(self, deadline: float) -> None:
        if self._is_cancelled:
            raise TokenCommandFailed("was not waited for")
        if time.monotonic() > deadline:
            raise TokenCommandFailed(f"did not answer within {TIMEOUT_S:g} seconds")

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        with self._lock:
            _kill_group(process)
            self._process = None
        if process.stdout is not None:
            process.stdout.close()
        process.wait()


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill the program and what it has started in its process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
