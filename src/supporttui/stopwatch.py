"""Where the time of a start goes: the instants that it passes, and what each import takes while asked for."""

import importlib.machinery
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Final

OPTION: Final = "--profile-start"


@dataclass(frozen=True, slots=True)
class Import:
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
        self.imports: list[Import] = []
        self.modules: tuple[str, ...] = ()
        """Every module that was there when the first picture was."""
        self._within: list[float] = []

    def mark(self, name: str) -> None:
        """The start has come so far."""
        self.marks.append((name, time.perf_counter()))

    def watch_imports(self) -> None:
        """Time every import from now on."""
        sys.meta_path.insert(0, _Finder(self))

    def first_picture(self) -> None:
        """The first picture is on the screen."""
        self.mark("first picture")
        self.modules = tuple(sorted(sys.modules))

    def execute(self, module: ModuleType, loader: importlib.machinery.SourceFileLoader) -> None:
        """Execute a module and note its own time."""
        self._within.append(0.0)
        began = time.perf_counter()
        try:
            loader.__class__.exec_module(loader, module)
        finally:
            took_s = time.perf_counter() - began
            self.imports.append(Import(module.__name__, took_s - self._within.pop()))
            if self._within:
                self._within[-1] += took_s

    def python_s(self) -> float:
        """From the process's birth to this object's, by the kernel's clock: hundredths of a second."""
        try:
            ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
            alive_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
        except (OSError, AttributeError):
            return 0.0
        return max(0.0, alive_s - (time.perf_counter() - self.began_at))


class _Finder(MetaPathFinder):
    """Finds modules as ever, and has their execution timed."""

    def __init__(self, watch: Stopwatch) -> None:
        self._watch = watch

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        loader = spec.loader if spec is not None else None
        if isinstance(loader, importlib.machinery.SourceFileLoader):
            watch, source = self._watch, loader
            loader.exec_module = lambda module: watch.execute(module, source)  # type: ignore[method-assign]  # this one's
        return spec


WATCH: Final = Stopwatch()
"""Of this process."""
