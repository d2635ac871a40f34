"""Reads of the local files that may fail: the last good answer stays, and the problem is kept for the header."""

from collections.abc import Callable
from typing import TypeVar

from supporttui.domain.safe_text import OutsideText, SafeText, safe_line
from supporttui.store.database import StoreProblem
from supporttui.sync.status import NO_SENTENCE

T = TypeVar("T")


class StoreReads:
    """What the disk says to those who read. Belongs to the UI's thread."""

    def __init__(self) -> None:
        self.problem: SafeText = NO_SENTENCE
        """Why the local files cannot be read; empty where they can."""

    def tried(self, read: Callable[[], T], otherwise: T) -> T:
        """What was read; where the disk refuses, the other, and `problem` says why."""
        try:
            return read()
        except StoreProblem as problem:
            self.problem = safe_line(OutsideText(str(problem)))
            return otherwise

    def took(self, read: Callable[[], T], otherwise: T) -> T:
        """The same by one who reads all that is new: where that works, nothing is wrong any more."""
        self.problem = NO_SENTENCE
        return self.tried(read, otherwise)
