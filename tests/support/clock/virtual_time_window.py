"""A whole engine, or only its outbox sender, on the virtual-time loop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import Context, ContextVar, copy_context
from pathlib import Path
from typing import Any

from support.clock.virtual_time import VirtualClock, VirtualLoop, eventually
from support.policy_samples import packaged_rules
from support.sample_values import DESK
from supporttui.helpdesks.base import DeskError, HelpDesk, SendResult
from supporttui.store.cache import Cache
from supporttui.store.database import prepare_store_files
from supporttui.store.operations import Operation
from supporttui.store.outbox import Outbox
from supporttui.sync.engine import Engine, LinkState
from supporttui.sync.engine_context import EngineContext
from supporttui.sync.outbox_service import OutboxService
from supporttui.sync.timings import Timings

_CURRENT_WINDOW: ContextVar["VirtualTimeWindow | None"] = ContextVar("window", default=None)
"""In which window something happens; inherited by every task and timer that it begins."""


class VirtualTimeWindow:
    """An engine of the product whose thread is the virtual loop."""

    def __init__(
        self, open_desk: Callable[[], Awaitable[HelpDesk]], folder: Path, clock: VirtualClock, **options: Any
    ) -> None:
        self.files = prepare_store_files(folder / "data", folder / "cache", "desk", DESK)
        self.engine = Engine(
            open_desk, self.files, rules=packaged_rules(), on_change=lambda: None, **{"now": clock.now, **options}
        )
        self._context = copy_context()
        self._context.run(_CURRENT_WINDOW.set, self)
        self._life = asyncio.get_running_loop().create_task(self.engine._main(), context=self._context)

    async def live(self, within_s: float = 120.0) -> None:
        """Wait until the desk is reached."""
        await eventually(
            lambda: self._is_fine() and self.engine.status.link in (LinkState.LIVE, LinkState.POLLING), within_s
        )

    def _is_fine(self) -> bool:
        if self._life.done():
            self._life.result()
        return True

    async def kill(self) -> None:
        """End it as `kill -9` does: nothing is written any more, the kernel takes its files, connections and locks.

        Its tasks have to be ended within this process; with the files closed before, they change nothing.
        """
        run = self.engine._run
        while not self.engine._commands.empty():
            self.engine._commands.get_nowait()
        self._forget_timers()
        if run is not None and run.push is not None:
            run.push._outbox.close()
            run.engine_context.cache.close()
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        while tasks := loop.tasks_in(self._is_own):
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._forget_timers()
        if run is not None and run.push is not None:
            run.push._lease.release()

    def _is_own(self, context: Context) -> bool:
        return context.get(_CURRENT_WINDOW) is self

    def _forget_timers(self) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.forget_timers(self._is_own)

    def tell(self, command: Callable[..., None], *arguments: Any) -> None:
        """Call one of the engine's methods; the tasks and timers that it starts end with the window."""

        def call() -> None:
            _CURRENT_WINDOW.set(self)
            command(*arguments)

        copy_context().run(call)

    @property
    def is_open(self) -> bool:
        """Whether it is there."""
        return not self._life.done()

    async def quit(self, grace_s: float = 5.0) -> None:
        """End it as a person does."""
        self._is_fine()
        self.engine._tell(lambda run: run.leave(grace_s))
        await self._life

    def operation(self, operation_id: str) -> Operation | None:
        """What the outbox knows of one operation."""
        with contextlib.closing(Outbox(self.files.outbox, self.files.desk)) as outbox:
            return outbox.load(operation_id)

    def operations(self) -> list[Operation]:
        """Everything in the outbox."""
        with contextlib.closing(Outbox(self.files.outbox, self.files.desk)) as outbox:
            return outbox.load_all()


class VirtualTimeSender:
    """What a window has to send with, on a desk to which it stays linked."""

    def __init__(self, folder: Path, clock: VirtualClock, timings: Timings | None = None) -> None:
        self.files = prepare_store_files(folder / "data", folder / "cache", "desk", DESK)
        self.outbox = Outbox(self.files.outbox, self.files.desk)
        self.engine_context = EngineContext(
            Cache(self.files.cache, self.files.desk), self.outbox, timings or Timings(), clock.now, lambda: None
        )
        self.push = OutboxService(self.engine_context, self.outbox, self._answered)

    async def _answered(self, desk: HelpDesk, operation: Operation, result: SendResult) -> None:
        """The desk's answer goes into the local copy, as it does in a whole engine before anything else."""
        self.engine_context.cache.apply([result.ticket], result.people)

    def close(self) -> None:
        """Let go of the files."""
        self.push.close()
        self.engine_context.cache.close()


@asynccontextmanager
async def virtual_time_sender(
    desk: HelpDesk, folder: Path, clock: VirtualClock, timings: Timings | None = None
) -> AsyncIterator[VirtualTimeSender]:
    """Such a half, sending for as long as the context lasts."""
    half = VirtualTimeSender(folder, clock, timings)
    half.push.sender.linked(desk, await desk.fetch_account(), _raise_error)
    sending = asyncio.create_task(half.push.sender.run())
    try:
        yield half
    finally:
        await half.push.sender.desk_disconnected()
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sending
        await desk.close()
        half.close()


def _raise_error(error: DeskError) -> None:
    raise AssertionError(error)
