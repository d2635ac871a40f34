"""Keeps the sort positions in the cache right: after a change of policy, and where time changes them."""

import asyncio
from typing import Final

from supporttui.store.database import StoreProblem
from supporttui.sync.engine_context import EngineContext

BATCH_SIZE: Final = 50
"""Positions computed at once; the engine's other tasks run between two batches."""

DRIFT_INTERVAL_S: Final = 60.0


class OrderUpdater:
    """Runs on the engine's loop."""

    def __init__(self, engine_context: EngineContext) -> None:
        self._engine_context = engine_context
        self._identity: bytes | None = None
        """Of the cache whose order was taken over; another window may have begun a new one."""

    async def run(self) -> None:
        """Update positions, for ever."""
        while True:
            try:
                await self._update()
            except StoreProblem as problem:
                self._engine_context.report_store_problem(problem)
            await asyncio.sleep(DRIFT_INTERVAL_S)

    async def _update(self) -> None:
        cache = self._engine_context.cache
        revision, identity = cache.revision(), cache.identity()
        if identity != self._identity:
            cache.order.begin()
            self._identity = identity
        while cache.order.reorder(BATCH_SIZE):  # noqa: ASYNC110 - not polling: lets the other tasks run
            await asyncio.sleep(0)
        after_number: int | None = 0
        while after_number is not None:
            after_number = cache.order.reorder_drifting(after_number, BATCH_SIZE)
            await asyncio.sleep(0)
        if cache.revision() != revision:
            self._engine_context.announce()
