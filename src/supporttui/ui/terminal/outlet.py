"""Lets a frame go when the terminal has taken the one before; what waits is always the newest."""

import asyncio
import contextlib
import time
from collections.abc import Callable

from supporttui.ui.terminal.pace import QUESTION, Pace
from supporttui.ui.terminal.scribe import Scribe


class Outlet:
    """The only way to the terminal. Everything but `write` belongs to the event loop's thread."""

    def __init__(self, scribe: Scribe, loop: asyncio.AbstractEventLoop, pace: Pace | None = None) -> None:
        """The pace knows what has been handed to the scribe already."""
        self._loop = loop
        self._scribe = scribe
        self._scribe.on_written = self._written_elsewhere
        self._pace = pace or Pace()
        self._waiting: Callable[[], str] | None = None
        self._latest: Callable[[], str] | None = None
        self._is_writing = False
        self._is_closed = False
        self._patience: asyncio.TimerHandle | None = None

    @property
    def sent(self) -> int:
        """Bytes sent so far."""
        return self._pace.sent

    def begin(self) -> None:
        """Begin, or begin again, on a terminal that has just been taken over: ask, and draw what was shown last."""
        self._pace.ask(time.monotonic())
        self._scribe.write(QUESTION)
        if self._latest is not None:
            self.offer(self._latest)

    def write(self, text: str) -> None:
        """Send something that is never skipped; from any thread."""
        self._scribe.write(text)

    def offer(self, make: Callable[[], str]) -> None:
        """Send the frame that `make` gives, at once or when the terminal is ready for it; the newest offer counts."""
        self._waiting = self._latest = make
        self._advance()

    def answered(self) -> None:
        """The terminal has drawn what was sent before the latest question."""
        self._pace.answered(time.monotonic())
        self._advance()

    def drain(self, within_s: float) -> bool:
        """Give up what waits, and wait until what was handed over is written."""
        self._waiting = None
        return self._scribe.drain(within_s)

    def _advance(self) -> None:
        if self._waiting is None or self._is_writing:
            return
        if not self._pace.may_send():
            self._be_patient()
            return
        make, self._waiting = self._waiting, None
        frame = make()
        if frame:
            asks = self._pace.send(len(frame.encode()), time.monotonic())
            self._is_writing = True
            self._scribe.write(frame + QUESTION if asks else frame, tells=True)

    def _be_patient(self) -> None:
        """Ask once more, should no answer come."""
        if self._patience is None:
            self._patience = self._loop.call_later(self._pace.ask_again_in(time.monotonic()) + 0.01, self._ask_again)

    def _ask_again(self) -> None:
        self._patience = None
        if self._pace.ask_again(time.monotonic()):
            self._scribe.write(QUESTION)
        self._advance()

    def _written_elsewhere(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._written)

    def _written(self) -> None:
        self._is_writing = False
        self._advance()
