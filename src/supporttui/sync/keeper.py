"""Writes that must not be lost because the disk is full at the moment."""

from collections import deque
from collections.abc import Callable

from supporttui.store.database import StoreProblem


class Keeper:
    """Runs writes in order; one that the disk refuses is said, kept in memory and tried again, and so what follows."""

    def __init__(self, say: Callable[[StoreProblem | None], None]) -> None:
        self._say = say
        self._waiting: deque[Callable[[], None]] = deque()

    @property
    def unsaved(self) -> int:
        """How many writes are in memory only."""
        return len(self._waiting)

    def keep(self, write: Callable[[], None]) -> None:
        """Write now, or as soon as the disk takes it."""
        self._waiting.append(write)
        if len(self._waiting) == 1:
            self.try_again()

    def try_again(self) -> None:
        """Write what waits, up to the first that is refused again."""
        had_waited = bool(self._waiting)
        while self._waiting:
            try:
                self._waiting[0]()
            except StoreProblem as problem:
                self._say(problem)
                return
            self._waiting.popleft()
        if had_waited:
            self._say(None)
