"""Gives keys priority over news, the engine's thread and the garbage collector: thread switch interval, garbage
collection, and deferred work.
"""

import gc
import sys
from typing import Final

from supporttui.sync.status import EngineStatus, LinkState

THREAD_SWITCH_S: Final = 0.0003
"""How long the engine may go on with the interpreter when the screen wants it. Python's own 5 ms are paid several times
for one key: every write, every wait and every read of the local copy gives the interpreter away."""
OLDEST_GENERATION_THRESHOLD: Final = 200
"""So many rounds of the collector through what is young come before one through everything that has grown old."""
DEFER_AFTER_KEY_S: Final = 0.02
"""For so long after a key nothing is begun that has time: it passes through several queues until it is drawn."""
MAX_DEFERRED_S: Final = 0.1
"""Somebody who types without a pause sees what is new after so long all the same."""


class KeyPriority:
    """What makes it so in a process that is one window's own; in any other nothing. Belongs to the UI's thread."""

    def __init__(self) -> None:
        self._has_process = False
        self._is_linked = False
        self._last_key_at = self._deferred_since = float("-inf")

    def begin(self) -> None:
        """The process is this window's own."""
        self._has_process = True
        sys.setswitchinterval(THREAD_SWITCH_S)

    def drawn(self) -> None:
        """The first picture is there: what was loaded for it stays, and the collector need never look at it again.

        It stops everything to look at all that there is: 80 ms, whenever the engine has taken in a page or two. Before,
        it does not run at all.
        """
        if self._has_process:
            gc.set_threshold(*gc.get_threshold()[:2], OLDEST_GENERATION_THRESHOLD)
            gc.freeze()
            gc.enable()

    def heard(self, status: EngineStatus) -> None:
        """The same of what the link is made of, once it is there."""
        if self._has_process and not self._is_linked and status.link in (LinkState.LIVE, LinkState.POLLING):
            self._is_linked = True
            gc.freeze()

    def typed(self, now: float) -> None:
        """A key has come; instants are seconds of any clock that never goes back. From any thread."""
        self._last_key_at = now

    def should_defer(self, now: float) -> bool:
        """Whether what has time waits for the answer to a key."""
        if (
            self._has_process
            and now - self._last_key_at < DEFER_AFTER_KEY_S
            and now - self._deferred_since < MAX_DEFERRED_S
        ):
            return True
        self._deferred_since = now
        return False
