"""Gives keys priority over news, the engine's thread and the garbage collector.

The only module that touches the garbage collector and the interpreter's thread switch interval. Both belong to the
process, so that they are changed only in one that runs a single window, not in a test or a program that embeds the app.
"""

import gc
import sys
from typing import Final

THREAD_SWITCH_S: Final = 0.0003
"""How long another thread may keep the interpreter while the UI's thread waits for it. Python's default of 5 ms is paid
several times for one key: every write, wait and read of the cache releases the interpreter."""
OLDEST_GENERATION_THRESHOLD: Final = 200
"""Collections of the middle generation before a full one; Python's default is 10."""
DEFER_AFTER_KEY_S: Final = 0.02
"""How long after a key work that can wait is not begun: a key passes through several queues before it is drawn."""
MAX_DEFERRED_S: Final = 0.1
"""News is shown after this time even while somebody types without a pause."""


def pause_garbage_collection() -> None:
    """Turn the collector off until the first screen is drawn: a start leaves nothing to collect."""
    gc.disable()


class KeyPriority:
    """Decides what waits for keys, and tunes the process once it is known to run one window. For the UI's thread."""

    def __init__(self) -> None:
        self._has_process = False
        self._is_linked = False
        self._last_key_at = self._deferred_since = float("-inf")

    def own_process(self) -> None:
        """This process runs nothing but this window: from now on it may be tuned for it."""
        self._has_process = True
        sys.setswitchinterval(THREAD_SWITCH_S)

    def first_screen_drawn(self) -> None:
        """Turn the collector on again, without the objects that the start has made: they live until the end.

        A full collection over them would stop every thread for 80 ms, each time the engine has stored a page or two.
        """
        if self._has_process:
            gc.set_threshold(*gc.get_threshold()[:2], OLDEST_GENERATION_THRESHOLD)
            gc.freeze()
            gc.enable()

    def linked(self) -> None:
        """Leave out the modules and objects of the link too, the first time that it is there."""
        if self._has_process and not self._is_linked:
            self._is_linked = True
            gc.freeze()

    def note_key(self, now: float) -> None:
        """A key was read at this instant of a monotonic clock. From any thread."""
        self._last_key_at = now

    def should_defer(self, now: float) -> bool:
        """Whether work that can wait should not begin now; False also restarts `MAX_DEFERRED_S`."""
        if (
            self._has_process
            and now - self._last_key_at < DEFER_AFTER_KEY_S
            and now - self._deferred_since < MAX_DEFERRED_S
        ):
            return True
        self._deferred_since = now
        return False
