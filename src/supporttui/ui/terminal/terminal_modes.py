"""The terminal's modes while the program uses it, and their restoration when a signal ends the process."""

import contextlib
import os
import select
import signal
import termios
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

RESTORE: Final = (
    "\x18\x1b[?2026l\x1b[m\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1016l\x1b[?1006l\x1b[?1015l\x1b[?1003l\x1b[?1000l"
    "\x1b[?1004l\x1b[<u\x1b[?1049l\x1b[?25h"
)
"""Ends synchronized output, paste, mouse and focus modes, keyboard protocol and alternate screen; shows the cursor.

Begins by ending a sequence that was cut.
"""
DRAIN_S: Final = 1.0
"""Seconds to wait for a terminal that does not read its output."""
_WRITE_S: Final = 0.5


def raw_modes(modes: Sequence[Any]) -> list[Any]:
    """Return modes without echo, signals or line editing: keys stay in the input queue until the driver reads them."""
    iflag, oflag, cflag, lflag, ispeed, ospeed, characters = modes
    lflag &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    iflag &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    wanted = list(characters)
    wanted[termios.VMIN] = 1
    return [iflag, oflag, cflag, lflag, ispeed, ospeed, wanted]


def restore_terminal(
    input_fd: int, output_fd: int, modes: list[Any] | None, codes: str, drain: Callable[[float], bool]
) -> None:
    """Restore the terminal right before the process ends. From any thread.

    Never fails, and takes at most 1.5 s: if the terminal is not read, perhaps only the modes are restored.

    drain: waits until earlier output is written, and prevents further output.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})  # in the background it would stop this thread
    with contextlib.suppress(OSError, termios.error):  # the terminal is gone
        if modes is not None and os.tcgetpgrp(input_fd) == os.getpgrp():
            termios.tcsetattr(input_fd, termios.TCSANOW, modes)
    with contextlib.suppress(OSError, termios.error):
        if not drain(DRAIN_S):
            termios.tcflush(output_fd, termios.TCOFLUSH)
        _write_within(output_fd, codes.encode(), _WRITE_S)


def _write_within(output_fd: int, codes: bytes, within_s: float) -> None:
    """Write without blocking for longer than `within_s`.

    Uses a descriptor of its own, as O_NONBLOCK would affect all processes that share one.
    """
    descriptor = os.open(os.ttyname(output_fd), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    deadline = time.monotonic() + within_s
    try:
        while codes and (left_s := deadline - time.monotonic()) > 0:
            if select.select([], [descriptor], [], left_s)[1]:
                with contextlib.suppress(BlockingIOError):
                    codes = codes[os.write(descriptor, codes) :]
    finally:
        os.close(descriptor)
