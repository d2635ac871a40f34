"""How much each person may ask of the desk in a minute."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

WINDOW_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left to a person."""

    limit: int
    remaining: int
    resets_in_s: int
    is_used_up: bool


class Budgets:
    """Counts requests by person, in windows of a minute."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limit = per_minute
        self._monotonic = monotonic
        self._began_at = monotonic()
        self._counts: dict[int, int] = {}

    def spend(self, person_id: int) -> Budget:
        """Count one request, and say what is left."""
        now = self._monotonic()
        if now - self._began_at >= WINDOW_S:
            self._began_at = now
            self._counts.clear()
        count = self._counts.get(person_id, 0) + 1
        self._counts[person_id] = count
        resets_in_s = max(1, round(self._began_at + WINDOW_S - now))
        return Budget(self._limit, max(0, self._limit - count), resets_in_s, count > self._limit)
