"""Flow control: sends the newest frame once the terminal has drawn the one before, and skips those between."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from math import isfinite
from typing import Final, NamedTuple

from supporttui.ui.terminal.tty_writer import TtyWriter

CURSOR_QUERY: Final = "\x1b[6n"
"""Asks where the cursor is. Whatever was sent before it has been drawn when the answer comes."""
QUERY_EVERY_BYTES: Final = 1024
"""Bytes after which it is asked."""
MAX_TERMINAL_LAG_S: Final = 0.25
"""How far the terminal may be behind what is sent before the next frame has to wait, beside the line's own delay."""
INITIAL_RATE: Final = 32768.0
"""Bytes a second, until it is known."""
MIN_DRAWING_S: Final = 0.005
ANSWER_TIMEOUT_S: Final = 2.0
"""How much longer than expected an answer may take before it counts as lost."""
MAX_ANSWER_TIMEOUT_S: Final = 16.0
MAX_LOST_ANSWERS: Final = 3
"""Questions without any answer ever, after which the terminal counts as one that does not answer."""


class _SentQuery(NamedTuple):
    after_bytes: int
    at: float


class FlowControl:
    """Counts what was sent and what the terminal has said it has drawn; instants are given, in seconds."""

    def __init__(self, sent: int = 0, since: float = 0.0) -> None:
        """`sent` bytes went at the instant `since`, before there was anybody to ask."""
        self._sent = self._queried_at_byte = sent
        self._drawn = 0
        self._unconfirmed_since = since if sent else None
        """When what is on its way unasked was sent; None once it is known to be drawn."""
        self._asked: deque[_SentQuery] = deque()
        self._rate = INITIAL_RATE
        self._delay_s = float("inf")
        self._answered_at = float("-inf")
        self._lost = 0
        self._has_answered = False

    @property
    def sent(self) -> int:
        """All bytes so far."""
        return self._sent

    @property
    def _never_answers(self) -> bool:
        return not self._has_answered and self._lost >= MAX_LOST_ANSWERS

    @property
    def _line_s(self) -> float:
        """The delay of the line itself, as far as it is known."""
        return self._delay_s if isfinite(self._delay_s) else 0.0

    def may_send(self) -> bool:
        """Whether another frame may go."""
        if not self._asked or self._never_answers:
            return True
        return self._sent - self._drawn <= self._rate * (self._line_s + MAX_TERMINAL_LAG_S)

    def send(self, count: int, now: float) -> bool:
        """Note bytes that go; whether the question should follow them."""
        self._sent += count
        if self._never_answers or self._sent - self._queried_at_byte < QUERY_EVERY_BYTES:
            return False
        self.ask(now)
        return True

    def ask(self, now: float) -> None:
        """Note that the question is asked; the first, with nothing before it, shows the line's own delay."""
        self._queried_at_byte = self._sent
        self._asked.append(_SentQuery(self._sent, now))

    def answered(self, now: float) -> None:
        """The terminal has answered."""
        self._has_answered = True
        if not self._asked:
            return
        asked = self._asked.popleft()
        if self._lost and self._asked:  # which of several it answers is not known: the newest
            asked = self._asked.pop()
            self._asked.clear()
        self._lost = 0
        if self._unconfirmed_since is not None:
            self._begin_with(asked, now)
        else:
            self._delay_s = min(self._delay_s, now - asked.at)
            self._update_rate(asked, now)
        self._drawn = max(self._drawn, asked.after_bytes)
        self._answered_at = now

    def _begin_with(self, asked: _SentQuery, now: float) -> None:
        """A slow line had much to draw before the first question: what its own delay is will be seen at the next."""
        assert self._unconfirmed_since is not None, "something was sent unasked"
        self._rate = asked.after_bytes / max(MIN_DRAWING_S, now - self._unconfirmed_since)
        self._unconfirmed_since = None
        if now - asked.at < MAX_TERMINAL_LAG_S:
            self._delay_s = now - asked.at

    def _update_rate(self, asked: _SentQuery, now: float) -> None:
        """How fast the terminal draws, by how long it took for what was sent since the answer before."""
        drawn = asked.after_bytes - self._drawn
        if drawn < QUERY_EVERY_BYTES // 2:
            return
        was_busy = asked.at < self._answered_at
        drawing_s = now - self._answered_at if was_busy else now - asked.at - self._delay_s
        self._rate = (self._rate + drawn / max(MIN_DRAWING_S, drawing_s)) / 2

    def forget_questions(self) -> None:
        """The answers to what was asked went to somebody else, who had the terminal meanwhile."""
        self._asked.clear()
        self._drawn, self._unconfirmed_since = self._sent, None

    def query_again_in(self, now: float) -> float:
        """Seconds until the question is due once more, because its answer may be lost."""
        if not self._asked:
            return 0.0
        expected_s = self._line_s + (self._sent - self._drawn) / self._rate
        patience_s = min(MAX_ANSWER_TIMEOUT_S, (ANSWER_TIMEOUT_S + expected_s) * (1 << self._lost))
        return max(0.0, self._asked[-1].at + patience_s - now)

    def ask_again(self, now: float) -> bool:
        """Whether the question should be sent once more now."""
        if not self._asked or self._never_answers or self.query_again_in(now) > 0:
            return False
        self._lost += 1
        self.ask(now)
        return not self._never_answers


class FrameSender:
    """The only way to the terminal. Everything but `write` belongs to the event loop's thread."""

    def __init__(self, scribe: TtyWriter, loop: asyncio.AbstractEventLoop, pace: FlowControl | None = None) -> None:
        """The pace knows what has been handed to the scribe already."""
        self._loop = loop
        self._scribe = scribe
        self._scribe.on_written = self._written_on_thread
        self._pace = pace or FlowControl()
        self._waiting: Callable[[], str] | None = None
        self._latest: Callable[[], str] | None = None
        self._is_writing = False
        self._has_begun = False
        self._query_timer: asyncio.TimerHandle | None = None

    @property
    def sent(self) -> int:
        """Bytes sent so far."""
        return self._pace.sent

    def begin(self) -> None:
        """Begin, or begin again, on a terminal that has just been taken over: ask, and draw what was shown last."""
        if self._has_begun:
            self._pace.forget_questions()
        self._has_begun = True
        self._pace.ask(time.monotonic())
        self._scribe.write(CURSOR_QUERY)
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

    def finish(self, within_s: float) -> bool:
        """The same, and nothing more is written from now on; from any thread."""
        self._waiting = None
        return self._scribe.finish(within_s)

    def _advance(self) -> None:
        if self._waiting is None or self._is_writing:
            return
        if not self._pace.may_send():
            self._schedule_query()
            return
        make, self._waiting = self._waiting, None
        frame = make()
        if frame:
            asks = self._pace.send(len(frame.encode()), time.monotonic())
            self._is_writing = True
            self._scribe.write(frame + CURSOR_QUERY if asks else frame, tells=True)

    def _schedule_query(self) -> None:
        """Ask once more, should no answer come."""
        if self._query_timer is None:
            self._query_timer = self._loop.call_later(
                self._pace.query_again_in(time.monotonic()) + 0.01, self._ask_again
            )

    def _ask_again(self) -> None:
        self._query_timer = None
        if self._pace.ask_again(time.monotonic()):
            self._scribe.write(CURSOR_QUERY)
        self._advance()

    def _written_on_thread(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._written)

    def _written(self) -> None:
        self._is_writing = False
        self._advance()
