"""How much may be on its way to a terminal that may be far off, or slow, or not looking."""

from collections import deque
from typing import Final

QUESTION: Final = "\x1b[6n"
"""Asks where the cursor is. Whatever was sent before it has been drawn when the answer comes."""
ASK_EVERY: Final = 1024
"""Bytes after which it is asked."""
LEAST_WINDOW: Final = 2048
FIRST_WINDOW: Final = 16384
MOST_WINDOW: Final = 1 << 18
QUICK_S, SLOW_S = 0.1, 0.4
"""A wait beyond the line's own delay that lets more, or less, be on its way."""
FIRST_PATIENCE_S: Final = 2.0
MOST_PATIENCE_S: Final = 16.0
DEAF_AFTER: Final = 3
"""Questions without any answer ever, after which the terminal counts as one that does not answer."""


class Pace:
    """Counts what was sent and what the terminal has said it has drawn; times are given, in seconds."""

    def __init__(self) -> None:
        self._sent = self._drawn = self._asked_at_byte = 0
        self._asked: deque[tuple[int, float]] = deque()
        self._window = FIRST_WINDOW
        self._delay_s = float("inf")
        self._patience_s = FIRST_PATIENCE_S
        self._unheard = 0
        self._has_heard = False

    @property
    def sent(self) -> int:
        """All bytes so far."""
        return self._sent

    @property
    def _is_deaf(self) -> bool:
        return not self._has_heard and self._unheard >= DEAF_AFTER

    def may_send(self) -> bool:
        """Whether another frame may go."""
        return not self._asked or self._is_deaf or self._sent - self._drawn <= self._window

    def send(self, count: int, now: float) -> bool:
        """Note bytes that go; whether the question should follow them."""
        self._sent += count
        if self._is_deaf or self._sent - self._asked_at_byte < ASK_EVERY:
            return False
        self._ask(now)
        return True

    def _ask(self, now: float) -> None:
        self._asked_at_byte = self._sent
        self._asked.append((self._sent, now))

    def answered(self, now: float) -> None:
        """The terminal has answered."""
        self._has_heard = True
        if not self._asked:
            return
        drawn, asked_at = self._asked.popleft()
        waited_s = now - asked_at
        self._delay_s = min(self._delay_s, waited_s)
        queued_s = waited_s - self._delay_s
        if self._unheard:  # which of several it answers is not known: the newest
            drawn = self._asked[-1][0] if self._asked else drawn
            self._asked.clear()
        self._unheard = 0
        self._patience_s = FIRST_PATIENCE_S
        self._drawn = max(self._drawn, drawn)
        if queued_s < QUICK_S:
            self._window = min(MOST_WINDOW, self._window * 2)
        elif queued_s > SLOW_S:
            self._window = max(LEAST_WINDOW, self._window // 2)

    def ask_again_in(self, now: float) -> float:
        """Seconds until the question is due once more, because its answer may be lost."""
        return max(0.0, self._asked[-1][1] + self._patience_s - now) if self._asked else 0.0

    def ask_again(self, now: float) -> bool:
        """Whether the question should be sent once more now."""
        if not self._asked or self._is_deaf or self.ask_again_in(now) > 0:
            return False
        self._unheard += 1
        self._patience_s = min(MOST_PATIENCE_S, self._patience_s * 2)
        self._ask(now)
        return not self._is_deaf
