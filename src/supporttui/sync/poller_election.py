"""Elects, by a lease, the one window of this machine that polls the desk; the others read what it stores."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from supporttui.store.database import StoreProblem
from supporttui.store.lease import PollerLease
from supporttui.sync.engine_context import EngineContext

MAX_MISSED_POLLS: Final = 3
"""After so many polls without news of one, another window asks although it has not the lease: the holder may hang."""


class PollerElection:
    """Decides whether this window asks the desk. Lives on the engine's loop.

    The right to poll is a lease. A window without it shows what the holder stores, and polls itself only if
    nothing comes: the holder may hang, be stopped, or have lost its link without noticing.
    """

    def __init__(self, engine_context: EngineContext, on_lead: Callable[[], None]) -> None:
        self._engine_context = engine_context
        self._on_lead = on_lead
        self._lease = PollerLease(engine_context.cache.path)
        self._has_asked = False
        self._announced_at = 0.0
        self._missed_at: float | None = None
        """When what had been announced did not come from another window; None while others can be relied on."""
        self.event_id: str | None = None
        """The newest event of the desk's stream."""

    def leads(self) -> bool:
        """Whether this window holds the lease; takes it if it is free."""
        had_it = self._lease.is_held
        try:
            if not self._lease.acquire():
                return False
            if not had_it:
                self._on_lead()
        except StoreProblem as problem:
            self._engine_context.report_store_problem(problem)
        return True

    def should_poll(self, is_wanted: bool) -> bool:
        """Whether this window should do the poll that is due; `is_wanted` if a person asked for it.

        The first poll of a window is always its own.
        """
        is_first, self._has_asked = not self._has_asked, True
        leads = self.leads()
        try:
            self._engine_context.adopt_newer_sync()
        except StoreProblem as problem:
            self._engine_context.report_store_problem(problem)
            return True
        return leads or is_first or is_wanted or self._is_overdue()

    def announced(self, event_id: str | None) -> None:
        """Note that the desk announced a change, with the id of its event if it has one."""
        self._announced_at = asyncio.get_running_loop().time()
        self.event_id = event_id

    async def is_fetched_elsewhere(self) -> bool:
        """Wait for another window to fetch everything announced so far; whether it did.

        False after a timeout without progress, or at once if the last wait timed out: then this window has to fetch it
        itself.
        """
        loop, wait_s = asyncio.get_running_loop(), self._engine_context.timings.poller_wait_s
        if self._missed_at is not None and self._engine_context.is_fetched_by_another(self._missed_at, None):
            self._missed_at = None
        cursor, waits_until = None, loop.time() + (wait_s if self._missed_at is None else 0.0)
        while not self.leads():
            if self._engine_context.is_fetched_by_another(self._announced_at, self.event_id):
                self._engine_context.adopt_newer_sync()
                return True
            if loop.time() >= waits_until:
                self._missed_at = self._missed_at or loop.time()
                return False
            await asyncio.sleep(self._engine_context.timings.watch_s)
            if cursor != (cursor := self._engine_context.cache.load_cursor()) and self._missed_at is None:
                waits_until = loop.time() + wait_s  # it is being brought, page by page
        return False

    def release(self) -> None:
        """Release the lease because the link is lost; another window may have one."""
        self._lease.release()
        self._has_asked = False

    def _is_overdue(self) -> bool:
        synced_at = self._engine_context.status.last_sync_at
        longest = timedelta(seconds=MAX_MISSED_POLLS * self._engine_context.timings.poll_s)
        return synced_at is None or not timedelta() <= self._engine_context.now() - synced_at <= longest
