"""Watches the files for what other windows wrote, and the host for what leaves a connection dead without an error: it
slept, its clock was set, or its network changed.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Final, NamedTuple, Self

from supporttui.store.cache import Cache
from supporttui.store.database import StoreProblem
from supporttui.store.outbox import Outbox
from supporttui.sync.engine_context import EngineContext
from supporttui.sync.outbox_service import OutboxService
from supporttui.sync.timings import Now

CLOCK_JUMP_S: Final = 5.0
"""More than this between what the two clocks of the machine have counted, or between two looks, is no jitter."""

NETWORK_CHECK_S: Final = 2.0

# Addresses for documentation (RFC 5737, RFC 3849): nothing is sent to them, only the way there is looked up.
_PROBE_ADDRESSES: Final = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def local_addresses() -> tuple[str, ...]:
    """The addresses from which this machine would reach the world; empty without a network."""
    found = []
    for family, far in _PROBE_ADDRESSES:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((far, 9))
                found.append(str(probe.getsockname()[0]))
        except OSError:
            continue
    return tuple(found)


class HostMonitor:
    """Detects that connections should be reopened; to be polled a few times a second."""

    def __init__(
        self, now: Now, loop_s: Callable[[], float], addresses: Callable[[], tuple[str, ...]] = local_addresses
    ) -> None:
        self._now = now
        self._loop_s = loop_s
        self._addresses = addresses
        self._awake_s, self._wall_s = loop_s(), now().timestamp()
        self._looked_s = self._awake_s
        self._known = addresses()

    def has_changed(self, due_s: float) -> bool:
        """Whether the machine slept, its clock was set, the process stood still or the network is another one.

        `due_s` is how long ago the last look should have been.
        """
        awake_s, wall_s = self._loop_s(), self._now().timestamp()
        awake_for_s, wall_for_s = awake_s - self._awake_s, wall_s - self._wall_s
        self._awake_s, self._wall_s = awake_s, wall_s
        has_jumped = abs(wall_for_s - awake_for_s) > CLOCK_JUMP_S or awake_for_s - due_s > CLOCK_JUMP_S
        return self._has_other_network(awake_s) or has_jumped

    def _has_other_network(self, awake_s: float) -> bool:
        """Whether this machine is now reached under other addresses. Losing them all is noticed by the link itself."""
        if awake_s - self._looked_s < NETWORK_CHECK_S:
            return False
        self._looked_s = awake_s
        before, now_known = self._known, self._addresses()
        if now_known:
            self._known = now_known
        return bool(now_known) and now_known != before


class StoreMarks(NamedTuple):
    """The state of the files at the last look."""

    identity: bytes
    revision: int
    outbox_changes: tuple[int, int] | None

    @classmethod
    def read(cls, cache: Cache, outbox: Outbox | None) -> Self:
        """The present state. Raises StoreProblem."""
        return cls(cache.identity(), cache.revision(), outbox.changes() if outbox else None)


class StoreChanges(NamedTuple):
    """What changed between two looks at the files."""

    outbox_changed: bool
    is_cache_new: bool
    """The cache was created again, so that everything has to be fetched."""


class StoreWatcher:
    """Looks a few times a second for what other windows wrote, what the disk takes again, and what the host did.

    `refresh` asks the desk now; `reopen` gives the connection up for a new one. Lives on the engine's loop.
    """

    def __init__(
        self,
        engine_context: EngineContext,
        marks: StoreMarks,
        outbox_service: OutboxService | None,
        *,
        refresh: Callable[[], None],
        reopen: Callable[[], None],
    ) -> None:
        self._engine_context = engine_context
        self._marks = marks
        self._outbox_service = outbox_service
        self._refresh = refresh
        self._reopen = reopen

    async def run(self) -> None:
        """Watch, for ever."""
        host = HostMonitor(self._engine_context.now, asyncio.get_running_loop().time)
        interval_s = self._engine_context.timings.watch_s
        while True:
            await asyncio.sleep(interval_s)
            if host.has_changed(interval_s):
                self._reopen()
            try:
                self._act_on(self.look())
            except StoreProblem as problem:
                self._engine_context.report_store_problem(problem)

    def look(self) -> StoreChanges:
        """What changed since the last look, in whichever window; it is announced.

        The marks move before anything is counted: what is committed meanwhile is seen by the next look. Where one of
        them cannot be read, which raises StoreProblem, none has moved.
        """
        context = self._engine_context
        before, marks = self._marks, StoreMarks.read(context.cache, context.outbox)
        outbox_changed = context.must_count_unsent or marks.outbox_changes != before.outbox_changes
        self._marks = marks
        if marks[:2] != before[:2]:
            context.tickets_came_in.set()
            context.announce()
        if outbox_changed:
            context.count_unsent()
        return StoreChanges(outbox_changed, is_cache_new=marks.identity != before.identity)

    def _act_on(self, changes: StoreChanges) -> None:
        if changes.is_cache_new:
            self._refresh()
        if self._outbox_service is not None:
            self._outbox_service.run_maintenance(changes.outbox_changed)
