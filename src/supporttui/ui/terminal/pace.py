"""How much may be on its way to a terminal that may be far off, or slow, or not looking."""

from collections import deque
from math import isfinite
from typing import Final, NamedTuple

QUESTION: Final = "\x1b[6n"
"""Asks where the cursor is. Whatever was sent before it has been drawn when the answer comes."""
ASK_EVERY: Final = 1024
"""Bytes after which it is asked."""
AHEAD_S: Final = 0.25
"""How far the terminal may be behind what is sent before the next frame has to wait, beside the line's own delay."""
FIRST_RATE: Final = 32768.0
"""Bytes a second, until it is known."""
LEAST_DRAWING_S: Final = 0.005
PATIENCE_S: Final = 2.0
"""How much longer than expected an answer may take before it counts as lost."""
MOST_PATIENCE_S: Final = 16.0
DEAF_AFTER: Final = 3
"""Questions without any answer ever, after which the terminal counts as one that does not answer."""


class _Asked(NamedTuple):
    after_bytes: int
    at: float


class Pace:
    """Counts what was sent and what the terminal has said it has drawn; instants are given, in seconds."""

    def __init__(self, sent: int = 0, since: float = 0.0) -> None:
        """`sent` bytes went at the instant `since`, before there was anybody to ask."""
        self._sent = self._asked_at_byte = sent
        self._drawn = 0
        self._unasked_since = since if sent else None
        """When what is on its way unasked was sent; None once it is known to be drawn."""
        self._asked: deque[_Asked] = deque()
        self._rate = FIRST_RATE
        self._delay_s = float("inf")
        self._answered_at = float("-inf")
        self._lost = 0
        self._has_heard = False

    @property
    def sent(self) -> int:
        """All bytes so far."""
        return self._sent

    @property
    def _is_deaf(self) -> bool:
        return not self._has_heard and self._lost >= DEAF_AFTER

    @property
    def _line_s(self) -> float:
        """The delay of the line itself, as far as it is known."""
        return self._delay_s if isfinite(self._delay_s) else 0.0

    def may_send(self) -> bool:
        """Whether another frame may go."""
        if not self._asked or self._is_deaf:
            return True
        return self._sent - self._drawn <= self._rate * (self._line_s + AHEAD_S)

    def send(self, count: int, now: float) -> bool:
        """Note bytes that go; whether the question should follow them."""
        self._sent += count
        if self._is_deaf or self._sent - self._asked_at_byte < ASK_EVERY:
            return False
        self.ask(now)
        return True

    def ask(self, now: float) -> None:
        """Note that the question is asked; the first, with nothing before it, shows the line's own delay."""
        self._asked_at_byte = self._sent
        self._asked.append(_Asked(self._sent, now))

    def answered(self, now: float) -> None:
        """The terminal has answered."""
        self._has_heard = True
        if not self._asked:
            return
        asked = self._asked.popleft()
        if self._lost and self._asked:  # which of several it answers is not known: the newest
            asked = self._asked.pop()
            self._asked.clear()
        self._lost = 0
        if self._unasked_since is not None:
            self._begin_with(asked, now)
        else:
            self._delay_s = min(self._delay_s, now - asked.at)
            self._learn(asked, now)
        self._drawn = max(self._drawn, asked.after_bytes)
        self._answered_at = now

    def _begin_with(self, asked: _Asked, now: float) -> None:
        """A slow line had much to draw before the first question: what its own delay is will be seen at the next."""
        assert self._unasked_since is not None, "something was sent unasked"
        self._rate = asked.after_bytes / max(LEAST_DRAWING_S, now - self._unasked_since)
        self._unasked_since = None
        if now - asked.at < AHEAD_S:
            self._delay_s = now - asked.at

    def _learn(self, asked: _Asked, now: float) -> None:
        """How fast the terminal draws, by how long it took for what was sent since the answer before."""
        drawn = asked.after_bytes - self._drawn
        if drawn < ASK_EVERY // 2:
            return
        was_busy = asked.at < self._answered_at
        drawing_s = now - self._answered_at if was_busy else now - asked.at - self._delay_s
        self._rate = (self._rate + drawn / max(LEAST_DRAWING_S, drawing_s)) / 2

    def ask_again_in(self, now: float) -> float:
        """Seconds until the question is due once more, because its answer may be lost."""
        if not self._asked:
            return 0.0
        expected_s = self._line_s + (self._sent - self._drawn) / self._rate
        patience_s = min(MOST_PATIENCE_S, (PATIENCE_S + expected_s) * (1 << self._lost))
        return max(0.0, self._asked[-1].at + patience_s - now)

    def ask_again(self, now: float) -> bool:
        """Whether the question should be sent once more now."""
        if not self._asked or self._is_deaf or self.ask_again_in(now) > 0:
            return False
        self._lost += 1
        self.ask(now)
        return not self._is_deaf
