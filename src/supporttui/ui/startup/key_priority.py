"""Gives keys priority over updates, the engine's thread and the garbage collector.

The only module that changes the garbage collector and the interpreter's thread switch interval. As both affect the
whole process, they are changed only in one that runs a single window, not in tests or programs that embed the app.
"""

import gc
import sys
from typing import Final

THREAD_SWITCH_S: Final = 0.0003
"""How long another thread may keep the interpreter while the UI's thread waits for it.

Python's default of 5 ms would be paid several times per key: every write, wait and read of the cache releases the
interpreter.
"""
OLDEST_GENERATION_THRESHOLD: Final = 200
"""Collections of the middle generation before a full one; Python's default is 10."""
DEFER_AFTER_KEY_S: Final = 0.02
"""Seconds after a key in which deferrable work is not started: a key takes several queues to be drawn."""
MAX_DEFERRED_S: Final = 0.1
"""Seconds after which updates are shown even while somebody types without a pause."""


def pause_garbage_collection() -> None:
    """Disable the collector until the first screen is drawn: a start leaves nothing to collect."""
    gc.disable()


class KeyPriority:
    """Decides what waits for keys, and tunes a process that runs only one window. Used on the UI's thread."""

    def __init__(self) -> None:
        self._has_process = False
        self._is_linked = False
        self._last_key_at = self._deferred_since = float("-inf")

    def own_process(self) -> None:
        """Allow tuning: this process runs nothing but this window."""
        self._has_process = True
        sys.setswitchinterval(THREAD_SWITCH_S)

    def first_screen_drawn(self) -> None:
        """Enable the collector, and exclude the objects created at start, which live until the end.

        A full collection including them would stop every thread for 80 ms, each time the engine has stored a page or
        two.
        """
        if self._has_process:
            gc.set_threshold(*gc.get_threshold()[:2], OLDEST_GENERATION_THRESHOLD)
            gc.freeze()
            gc.enable()

    def linked(self) -> None:
        """Exclude the modules and objects of the link as well, once, when it is first established."""
        if self._has_process and not self._is_linked:
            self._is_linked = True
            gc.freeze()

    def note_key(self, now: float) -> None:
        """Record a key, by a monotonic clock. From any thread."""
        self._last_key_at = now

    def should_defer(self, now: float) -> bool:
        """Whether deferrable work should not be started now; returning False also restarts `MAX_DEFERRED_S`."""
        if (
            self._has_process
            and now - self._last_key_at < DEFER_AFTER_KEY_S
            and now - self._deferred_since < MAX_DEFERRED_S
        ):
            return True
        self._deferred_since = now
        return False
