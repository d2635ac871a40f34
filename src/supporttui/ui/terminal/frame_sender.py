"""Flow control: sends the latest frame once the terminal has drawn the one before, skipping those between."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from math import isfinite
from typing import Final, NamedTuple

from supporttui.ui.terminal.tty_writer import TtyWriter

CURSOR_QUERY: Final = "\x1b[6n"
"""Asks for the cursor's position. Its reply shows that everything sent before has been drawn."""
QUERY_EVERY_BYTES: Final = 1024
"""Bytes after which a query is sent."""
MAX_TERMINAL_LAG_S: Final = 0.25
"""Seconds that the terminal may lag, in addition to the line's latency, before the next frame has to wait."""
INITIAL_RATE: Final = 32768.0
"""Bytes per second, until the rate is known."""
MIN_DRAWING_S: Final = 0.005
ANSWER_TIMEOUT_S: Final = 2.0
"""Seconds beyond the expected time after which a reply counts as lost."""
MAX_ANSWER_TIMEOUT_S: Final = 16.0
MAX_LOST_ANSWERS: Final = 3
"""Unanswered queries, without any reply ever, after which the terminal is assumed not to reply."""


class _SentQuery(NamedTuple):
    after_bytes: int
    at: float


class FlowControl:
    """Counts the bytes sent and those confirmed as drawn; times are arguments, in seconds."""

    def __init__(self, sent: int = 0, since: float = 0.0) -> None:
        """`sent` bytes were sent at `since`, before replies could be read."""
        self._sent = self._queried_at_byte = sent
        self._drawn = 0
        self._unconfirmed_since = since if sent else None
        """When the bytes without a query were sent; None once they are known to be drawn."""
        self._asked: deque[_SentQuery] = deque()
        self._rate = INITIAL_RATE
        self._delay_s = float("inf")
        self._answered_at = float("-inf")
        self._lost = 0
        self._has_answered = False

    @property
    def sent(self) -> int:
        """The number of bytes sent so far."""
        return self._sent

    @property
    def _never_answers(self) -> bool:
        return not self._has_answered and self._lost >= MAX_LOST_ANSWERS

    @property
    def _line_s(self) -> float:
        """The latency of the line, as far as it is known."""
        return self._delay_s if isfinite(self._delay_s) else 0.0

    def may_send(self) -> bool:
        """Whether another frame may be sent."""
        if not self._asked or self._never_answers:
            return True
        return self._sent - self._drawn <= self._rate * (self._line_s + MAX_TERMINAL_LAG_S)

    def send(self, count: int, now: float) -> bool:
        """Count bytes that are sent; return whether a query should follow them."""
        self._sent += count
        if self._never_answers or self._sent - self._queried_at_byte < QUERY_EVERY_BYTES:
            return False
        self.ask(now)
        return True

    def ask(self, now: float) -> None:
        """Record a query; the first one, with nothing before it, measures the line's latency."""
        self._queried_at_byte = self._sent
        self._asked.append(_SentQuery(self._sent, now))

    def answered(self, now: float) -> None:
        """Record a reply."""
        self._has_answered = True
        if not self._asked:
            return
        asked = self._asked.popleft()
        if self._lost and self._asked:  # it is unknown which query this answers: assume the latest
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
        """Start when much was sent before the first query: its reply does not show the latency, the next one will."""
        assert self._unconfirmed_since is not None, "something was sent unasked"
        self._rate = asked.after_bytes / max(MIN_DRAWING_S, now - self._unconfirmed_since)
        self._unconfirmed_since = None
        if now - asked.at < MAX_TERMINAL_LAG_S:
            self._delay_s = now - asked.at

    def _update_rate(self, asked: _SentQuery, now: float) -> None:
        """Update the drawing rate from the bytes sent since the previous reply, and the time they took."""
        drawn = asked.after_bytes - self._drawn
        if drawn < QUERY_EVERY_BYTES // 2:
            return
        was_busy = asked.at < self._answered_at
        drawing_s = now - self._answered_at if was_busy else now - asked.at - self._delay_s
        self._rate = (self._rate + drawn / max(MIN_DRAWING_S, drawing_s)) / 2

    def forget_questions(self) -> None:
        """Forget pending queries, whose replies were read by another program."""
        self._asked.clear()
        self._drawn, self._unconfirmed_since = self._sent, None

    def query_again_in(self, now: float) -> float:
        """Return the seconds until the query is repeated because its reply may be lost."""
        if not self._asked:
            return 0.0
        expected_s = self._line_s + (self._sent - self._drawn) / self._rate
        patience_s = min(MAX_ANSWER_TIMEOUT_S, (ANSWER_TIMEOUT_S + expected_s) * (1 << self._lost))
        return max(0.0, self._asked[-1].at + patience_s - now)

    def ask_again(self, now: float) -> bool:
        """Return whether the query should be repeated now."""
        if not self._asked or self._never_answers or self.query_again_in(now) > 0:
            return False
        self._lost += 1
        self.ask(now)
        return not self._never_answers


class FrameSender:
    """The only way to the terminal. All methods but `write` and `finish` are for the event loop's thread."""

    def __init__(self, scribe: TtyWriter, loop: asyncio.AbstractEventLoop, pace: FlowControl | None = None) -> None:
        """`pace` has counted what was given to `scribe` before."""
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
        """The number of bytes sent so far."""
        return self._pace.sent

    def begin(self) -> None:
        """Start on a terminal that was just taken over: send a query and draw the latest frame."""
        if self._has_begun:
            self._pace.forget_questions()
        self._has_begun = True
        self._pace.ask(time.monotonic())
        self._scribe.write(CURSOR_QUERY)
        if self._latest is not None:
            self.offer(self._latest)

    def write(self, text: str) -> None:
        """Send output that is never skipped; from any thread."""
        self._scribe.write(text)

    def offer(self, make: Callable[[], str]) -> None:
        """Send the frame that `make` returns, now or when the terminal is ready; a later offer replaces this one."""
        self._waiting = self._latest = make
        self._advance()

    def answered(self) -> None:
        """Handle a reply: what was sent before the latest query is drawn."""
        self._pace.answered(time.monotonic())
        self._advance()

    def drain(self, within_s: float) -> bool:
        """Drop the waiting frame, and wait until the output is written; return whether it was."""
        self._waiting = None
        return self._scribe.drain(within_s)

    def finish(self, within_s: float) -> bool:
        """Like `drain`, and ignore all further output; from any thread."""
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
        """Schedule a repeated query in case no reply comes."""
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
