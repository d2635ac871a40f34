"""Measures the start: the time of each step and, for `--profile-start`, of each import.

Imported before everything else, and therefore imports next to nothing itself.
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
    """The steps and imports of this process's start."""

    def __init__(self) -> None:
        self.began_at = time.perf_counter()
        self.marks: list[tuple[str, float]] = []
        """The steps with their instants by `time.perf_counter()`, in order."""
        self.imports: list[ImportTiming] = []
        self.modules: tuple[str, ...] = ()
        """The modules loaded when the first picture was drawn."""
        self.modules_when_ready: tuple[str, ...] = ()
        """The modules loaded when the screen was ready for keys."""
        self._within: dict[int, list[float]] = {}
        """By thread, a stack of the seconds that each module being executed has spent in its own imports."""

    def mark(self, name: str) -> None:
        """Record that the start has reached this step."""
        self.marks.append((name, time.perf_counter()))

    def first_picture(self) -> None:
        """Record that the first picture was sent."""
        self.mark(FIRST_PICTURE)
        self.modules = tuple(sorted(sys.modules))

    def ready(self) -> None:
        """Record that the screen is complete and handles keys; counts as the first picture if none was drawn early."""
        if not self.modules:
            self.first_picture()
        self.mark("ready for keys")
        self.modules_when_ready = tuple(sorted(sys.modules))

    def execute(self, module: Any, thread: int, run: Any) -> None:  # noqa: ANN401 - a module and its loader's method
        """Execute a module and record its own time."""
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
"""The stopwatch of this process."""
