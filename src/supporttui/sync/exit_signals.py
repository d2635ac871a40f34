"""Ends the process on SIGHUP, SIGINT, SIGQUIT and SIGTERM, also while the main thread is blocked in a write."""

import contextlib
import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

SIGNALS: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


class SignalPipe:
    """Turns these signals into bytes of a pipe, which the engine's loop reads.

    An event loop's own signal handling needs its loop to turn, and the interface's may be blocked; a handler of the
    interpreter runs as soon as the blocked call is interrupted. Signals are not masked: children would inherit that.
    """

    def __init__(self, before_exit: Callable[[], None]) -> None:
        """before_exit: restores what the process has changed outside itself; called from any thread."""
        self._before_exit = before_exit
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        os.set_blocking(self._write_end, False)
        self._is_read = False
        for number in SIGNALS:
            signal.signal(number, self._note)

    def watch(self, leave: Callable[[int], None]) -> None:
        """Have the running loop call `leave` with the number of the first signal that comes."""
        import asyncio  # by the engine's thread, not on the way to the first picture

        loop = asyncio.get_running_loop()
        loop.add_reader(self._read_end, self._tell, leave, loop)
        self._is_read = True

    def disarm(self) -> None:
        """Nobody reads any more: from now on a signal ends the process by itself, as before `watch`."""
        self._is_read = False

    def end_process(self, number: int) -> None:
        """End at once, with the exit code that a shell gives to this signal, without Python's own ending."""
        try:
            self._before_exit()
        finally:
            os._exit(128 + number)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if not self._is_read:
            self.end_process(number)
        with contextlib.suppress(BlockingIOError):  # full of earlier signals: one is enough
            os.write(self._write_end, bytes([number]))

    def _tell(self, leave: Callable[[int], None], loop: "AbstractEventLoop") -> None:
        loop.remove_reader(self._read_end)
        leave(os.read(self._read_end, 1)[0])
