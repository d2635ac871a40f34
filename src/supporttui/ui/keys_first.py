"""Keys come first: neither another thread nor the garbage collector keeps the one that draws from them for long."""

import gc
import sys
from typing import Final

from supporttui.sync.status import EngineStatus, Link

SWITCH_S: Final = 0.001
"""How long the engine may go on with the interpreter when the screen wants it. Python's own 5 ms are paid several times
for one key, since every write and every read of the local copy gives the interpreter away."""


SELDOM: Final = 200
"""So many rounds of the collector through what is young come before one through everything that has grown old."""


class KeysFirst:
    """For a process that is one window's own. Belongs to the UI's thread."""

    def __init__(self) -> None:
        self._is_linked = False
        sys.setswitchinterval(SWITCH_S)

    def drawn(self) -> None:
        """The first picture is there: what was loaded for it stays, and the collector need never look at it again.

        It stops everything to look at all that there is: 80 ms, whenever the engine has taken in a page or two. Before,
        it does not run at all.
        """
        gc.set_threshold(*gc.get_threshold()[:2], SELDOM)
        gc.freeze()
        gc.enable()

    def heard(self, status: EngineStatus) -> None:
        """The same of what the link is made of, once it is there."""
        if not self._is_linked and status.link in (Link.LIVE, Link.POLLING):
            self._is_linked = True
            gc.freeze()
