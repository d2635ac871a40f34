"""The engine's writing half on a virtual loop: the outbox, its sender and one connection, without what only reads."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from supporttui.helpdesks.base import DeskError, HelpDesk, SendResult
from supporttui.store.cache import Cache
from supporttui.store.files import store_files
from supporttui.store.outbox import Outbox
from supporttui.store.records import Operation
from supporttui.sync.hub import Hub
from supporttui.sync.pace import Pace
from supporttui.sync.push import Push
from virtual_time import VirtualClock


class WritingHalf:
    """What a window has to send with, on a desk to which it stays linked."""

    def __init__(self, folder: Path, clock: VirtualClock, pace: Pace | None = None) -> None:
        self.files = store_files(folder / "data", folder / "cache", "desk")
        self.outbox = Outbox(self.files.outbox)
        self.hub = Hub(Cache(self.files.cache), self.outbox, pace or Pace(), clock.now, lambda: None)
        self.push = Push(self.hub, self.outbox, self._answered)

    async def _answered(self, desk: HelpDesk, operation: Operation, result: SendResult) -> None:
        """The desk's answer goes into the local copy, as it does in a whole engine before anything else."""
        self.hub.cache.apply([result.ticket], result.people)

    def close(self) -> None:
        """Let go of the files."""
        self.push.close()
        self.hub.cache.close()


@asynccontextmanager
async def writing_half(
    desk: HelpDesk, folder: Path, clock: VirtualClock, pace: Pace | None = None
) -> AsyncIterator[WritingHalf]:
    """Such a half, sending for as long as the context lasts."""
    half = WritingHalf(folder, clock, pace)
    half.push.sender.linked(desk, await desk.fetch_account(), _fail)
    sending = asyncio.create_task(half.push.sender.run())
    try:
        yield half
    finally:
        await half.push.sender.unlinked()
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sending
        await desk.close()
        half.close()


def _fail(error: DeskError) -> None:
    raise AssertionError(error)
