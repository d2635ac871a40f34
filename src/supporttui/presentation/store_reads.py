"""Reads of local files that may fail: callers keep the last good answer, and the problem is shown in the header."""

from collections.abc import Callable
from typing import TypeVar

from supporttui.domain.safe_text import OutsideText, SafeText, safe_line
from supporttui.store.database import StoreProblem
from supporttui.sync.status import NO_SENTENCE

T = TypeVar("T")


class StoreReads:
    """The last problem of reading local files. Used on the UI's thread only."""

    def __init__(self) -> None:
        self.problem: SafeText = NO_SENTENCE
        """Why the local files cannot be read; empty if they can."""

    def tried(self, read: Callable[[], T], otherwise: T) -> T:
        """Return what `read` returns; if the disk fails, return `otherwise` and set `problem`."""
        try:
            return read()
        except StoreProblem as problem:
            self.problem = safe_line(OutsideText(str(problem)))
            return otherwise

    def took(self, read: Callable[[], T], otherwise: T) -> T:
        """Like `tried`, for a read of everything new: its success clears `problem`."""
        self.problem = NO_SENTENCE
        return self.tried(read, otherwise)
