"""A module finder that times the execution of every module; installed only for `--profile-start`."""

import importlib.machinery
import threading
from collections.abc import Sequence
from types import ModuleType

from supporttui.ui.startup.stopwatch import Stopwatch


class TimingFinder:
    """Must be inserted before the other finders in `sys.meta_path`."""

    def __init__(self, watch: Stopwatch) -> None:
        self._watch = watch

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the usual spec, with a loader whose execution is timed."""
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        loader = spec.loader if spec is not None else None
        if isinstance(loader, importlib.machinery.SourceFileLoader):
            watch, run = self._watch, loader.exec_module
            loader.exec_module = (  # type: ignore[method-assign]  # of this one loader
                lambda module: watch.execute(module, threading.get_ident(), run)
            )
        return spec
