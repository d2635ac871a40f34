"""Where the time of a start goes: the instants that it passes, and what each import takes while asked for.

Imported before everything else, so that it imports next to nothing itself.
"""

import sys
import time
from typing import Any, Final, NamedTuple

PROFILE_OPTION: Final = "--profile-start"
FIRST_PICTURE: Final = "first picture"


class ImportTiming(NamedTuple):
    """One module that was executed."""

    name: str
    own_s: float
    """Without the modules that it imported in turn."""


class Stopwatch:
    """The instants and the imports of this process's start."""

    def __init__(self) -> None:
        self.began_at = time.perf_counter()
        self.marks: list[tuple[str, float]] = []
        """What was reached when, in order."""
        self.imports: list[ImportTiming] = []
        self.modules: tuple[str, ...] = ()
        """Every module that was there when the first picture was."""
        self.modules_when_ready: tuple[str, ...] = ()
        """Every module that was there when keys were answered."""
        self._within: dict[int, list[float]] = {}
        """By thread, the time that modules have spent in those that they import."""

    def mark(self, name: str) -> None:
        """The start has come so far."""
        self.marks.append((name, time.perf_counter()))

    def first_picture(self) -> None:
        """The first picture is on the screen."""
        self.mark(FIRST_PICTURE)
        self.modules = tuple(sorted(sys.modules))

    def ready(self) -> None:
        """The screen is whole and answers keys; that is the first picture where there was none before."""
        if not self.modules:
            self.first_picture()
        self.mark("ready for keys")
        self.modules_when_ready = tuple(sorted(sys.modules))

    def execute(self, module: Any, thread: int, run: Any) -> None:  # noqa: ANN401 - a module and its loader's method
        """Execute a module and note its own time."""
        within = self._within.setdefault(thread, [])
        within.append(0.0)
        began = time.perf_counter()
        try:
            run(module)
        finally:
            took_s = time.perf_counter() - began
            self.imports.append(ImportTiming(module.__name__, took_s - within.pop()))
            if within:
                within[-1] += took_s


START_STOPWATCH: Final = Stopwatch()
"""Of this process."""
