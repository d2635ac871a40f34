"""Loads what the screens beside the board need: while nobody types, or at the latest when one is opened.

The first ticket opens 60 ms earlier: 20 ms of imports, and 40 ms of parsing. Textual would parse a screen's own sheets
together with all others, and then once more.
"""

import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from textual.app import App

from supporttui.ui.stylesheets import LATER_SHEETS, stylesheet_paths

BEGIN_AFTER_S: Final = 1.0
"""Seconds after the first screen, since the link is being established then and its updates come first."""
RETRY_S: Final = 0.05
"""Seconds until the next attempt while somebody is typing."""

_MODULES: Final = ("supporttui.ui.ticket.screen", "supporttui.ui.compose.compose_panel")


class LaterScreens:
    """The stylesheets and modules of one app that the first picture does not need. Used on the UI's thread."""

    def __init__(self, app: App[Any], should_defer: Callable[[float], bool]) -> None:
        """`should_defer` tells whether somebody is typing, given an instant of a monotonic clock."""
        self._app = app
        self._should_defer = should_defer
        self._unread = stylesheet_paths(LATER_SHEETS)

    def prepare_soon(self) -> None:
        """Load everything in the background once nobody types."""
        self._app.set_timer(BEGIN_AFTER_S, self._prepare)

    def read_sheets(self) -> None:
        """Read the remaining sheets now, as a screen that needs them is being opened."""
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
    """Import on a thread; keys are hardly delayed, since the interpreter's switch interval is below a millisecond."""
    for name in _MODULES:
        import_module(name)
