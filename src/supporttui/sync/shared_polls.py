"""Several windows and the wall on one machine ask a desk that does not push once: one polls, the others read along."""

from datetime import timedelta
from typing import Final

from supporttui.store.database import StoreProblem
from supporttui.store.lease import PollerLease
from supporttui.sync.hub import Hub

MISSED: Final = 3
"""After so many polls without news of one, another window asks although it has not the lease: the holder may hang."""


class SharedPolls:
    """Decides, at every poll that is due, whether this window does it."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lease = PollerLease(hub.cache.path)
        self._has_asked = False

    def is_mine(self, is_wanted: bool) -> bool:
        """Whether this window asks now; `is_wanted` says that a person asked for it. The first time it always does."""
        is_first, self._has_asked = not self._has_asked, True
        try:
            is_poller = self._lease.acquire()
            self._hub.kept_current()
        except StoreProblem as problem:
            self._hub.say_store(problem)
            return True
        return is_poller or is_first or is_wanted or self._is_overdue()

    def release(self) -> None:
        """The link is lost: another window may have one."""
        self._lease.release()
        self._has_asked = False

    def _is_overdue(self) -> bool:
        synced_at = self._hub.status.last_sync_at
        longest = timedelta(seconds=MISSED * self._hub.pace.poll_s)
        return synced_at is None or not timedelta() <= self._hub.now() - synced_at <= longest
