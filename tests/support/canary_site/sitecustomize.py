"""Read by every Python of the test suite as it starts: from then on a token that it makes carries a mark.

Python's own `secrets` is marked when something imports it, and not before: what a start loads stays what it was.
"""

import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

MARK = "cAnaRy5Q8w7x"
"""In every token that lets somebody in."""

UPLOAD_MARK = "uPlOad9K3v2z"
"""In every token by which a comment takes a file. The desk and the outbox keep those until they are taken."""

COUNT = "SUPPORTTUI_TEST_CANARIES"
"""The environment variable that names the file with one byte for each token made."""

_ENTRY_BYTES = 32
"""As many as a token that lets somebody in is made of."""


def mark_tokens(module: Any) -> None:
    """Let what `secrets` makes carry its mark."""
    make: Callable[[int | None], str] = module.token_urlsafe
    if getattr(make, "is_marked", False):
        return

    def token_urlsafe(nbytes: int | None = None) -> str:
        _count()
        is_entry = nbytes is None or nbytes >= _ENTRY_BYTES
        return (MARK if is_entry else UPLOAD_MARK) + make(nbytes)

    token_urlsafe.is_marked = True  # type: ignore[attr-defined] # for a second reading of this file
    module.token_urlsafe = token_urlsafe


def _count() -> None:
    if COUNT in os.environ:
        descriptor = os.open(os.environ[COUNT], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, b".")
        os.close(descriptor)


class _Finder:
    """Waits for the import of `secrets`."""

    _has_looked = False

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> Any:
        """The specification of `secrets` with its mark; nobody else's."""
        sys.modules.pop("sitecustomize", None)  # a start is asked which modules it has loaded, and this is not its own
        if name != "secrets" or self._has_looked:
            return None
        self._has_looked = True  # it stays in the list: another thread may be in the midst of that
        for finder in sys.meta_path:
            spec = finder.find_spec(name, None, target)
            if spec is not None and spec.loader is not None:
                spec.loader = _Marked(spec.loader)  # type: ignore[assignment] # all of a loader that the import asks for
                return spec
        return None


class _Marked:
    """The loader that it was, and the mark after it."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: Any) -> ModuleType | None:
        """As the loader makes it."""
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """As the loader fills it, but marked."""
        self._loader.exec_module(module)
        mark_tokens(module)


if "secrets" in sys.modules:
    mark_tokens(sys.modules["secrets"])
else:
    sys.meta_path.insert(0, _Finder())
