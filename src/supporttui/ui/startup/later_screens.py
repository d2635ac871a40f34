"""Loads what the screens beside the board need: at the latest when one is opened, before that while nobody types.

The first ticket is open 60 ms earlier by it: 20 ms of imports, and 40 ms of parsing. Textual would parse a screen's own
sheets with all the others anew, and then once more.
"""

import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from textual.app import App

from supporttui.ui.stylesheets import LATER_SHEETS, stylesheet_paths

BEGIN_AFTER_S: Final = 1.0
"""After the first screen: the link is being made then, and its news come first."""
RETRY_S: Final = 0.05
"""Before the next attempt, where somebody is typing."""

_MODULES: Final = ("supporttui.ui.ticket.screen", "supporttui.ui.compose.compose_panel")


class LaterScreens:
    """The stylesheets and modules of one app that the first picture does not need. For the UI's thread."""

    def __init__(self, app: App[Any], should_defer: Callable[[float], bool]) -> None:
        """`should_defer` says whether somebody is typing, by an instant of a monotonic clock."""
        self._app = app
        self._should_defer = should_defer
        self._unread = stylesheet_paths(LATER_SHEETS)

    def prepare_soon(self) -> None:
        """Load all of it in the background, once nobody types."""
        self._app.set_timer(BEGIN_AFTER_S, self._prepare)

    def read_sheets(self) -> None:
        """Read what is not read yet: a screen is opened that needs it."""
        while self._unread:
            self._app.stylesheet.read(self._unread.pop(0))

    def _prepare(self) -> None:
        if self._should_defer(time.monotonic()):
            self._app.set_timer(RETRY_S, self._prepare)
            return
        if self._unread:
            self.read_sheets()
            self._app.stylesheet.parse()
        threading.Thread(target=_import_modules, name="imports", daemon=True).start()


def _import_modules() -> None:
    """A key goes before it: the interpreter changes threads within a fraction of a millisecond."""
    for name in _MODULES:
        import_module(name)
