"""How many bytes a minute go to the terminal, in words."""

from collections import deque

MINUTE_S = 60.0
EVERY_S = 5.0
"""How often the words may change: they are sent too."""


class Meter:
    """Remembers the last minute."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int]] = deque()
        self._words = ""

    def words(self, now: float, sent: int) -> str:
        """The rate, by an instant in seconds and the bytes sent until then."""
        if not self._counts or now - self._counts[-1][0] >= EVERY_S:
            self._counts.append((now, sent))
            while len(self._counts) > 2 and self._counts[1][0] <= now - MINUTE_S:
                self._counts.popleft()
            self._words = self._said()
        return self._words

    def _said(self) -> str:
        (first_at, first), (last_at, last) = self._counts[0], self._counts[-1]
        if last_at <= first_at:
            return ""
        return f"{(last - first) * MINUTE_S / (last_at - first_at) / 1000:.1f} kB/min"
