"""One life of the engine on its loop: its parts, the commands it obeys, and its end."""

import asyncio
import contextlib
import queue
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from supporttui.domain.ticket import Attachment
from supporttui.helpdesks.base import DeskError, HelpDesk, SendResult
from supporttui.points import reach
from supporttui.store.cache import Cache
from supporttui.store.database import StoreProblem
from supporttui.store.outbox import Outbox
from supporttui.store.records import Operation, StoreFiles
from supporttui.sync.conversations import Conversations
from supporttui.sync.downloads import download
from supporttui.sync.hub import Hub
from supporttui.sync.leaving import SignalPipe
from supporttui.sync.link import DeskLink
from supporttui.sync.machine import Machine
from supporttui.sync.pace import Now, Pace
from supporttui.sync.puller import Puller
from supporttui.sync.push import Push

_THREAD_AFTER_SEND_S: Final = 1.0


class Run:
    """The engine from inside. Made and used on its thread; only `poke` is called from others."""

    def __init__(
        self,
        open_desk: Callable[[], Awaitable[HelpDesk]],
        files: StoreFiles,
        cache: Cache,
        outbox: Outbox | None,
        commands: "queue.SimpleQueue[Callable[[Run], None]]",
        pace: Pace,
        now: Now,
        on_change: Callable[[], None],
    ) -> None:
        self.hub = Hub(cache, outbox, pace, now, on_change)
        self.conversations = Conversations(self.hub)
        self.push = Push(self.hub, outbox, self._answered) if outbox is not None else None
        sender = self.push.sender if self.push else None
        puller = Puller(self.hub, self.conversations)
        self._link = DeskLink(self.hub, open_desk, puller, self.conversations, sender)
        self._files = files
        self._commands = commands
        self._loop = asyncio.get_running_loop()
        self._leaving: asyncio.Future[tuple[float, int]] = self._loop.create_future()
        self._downloads: set[asyncio.Task[None]] = set()

    def poke(self) -> None:
        """There are commands. From any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has just ended: whoever ends it obeys them
            self._loop.call_soon_threadsafe(self.obey)

    def obey(self) -> None:
        """Do what was asked, in order."""
        while not self._commands.empty():
            try:
                self._commands.get_nowait()(self)
            except StoreProblem as problem:
                self.hub.say_store(problem)

    async def live(self) -> int:
        """Run until told to leave; the signal that did, or 0."""
        tasks = [asyncio.create_task(work) for work in (self._link.run(), self._watch())]
        if self.push is not None:
            tasks.append(asyncio.create_task(self.push.sender.run()))
            self.push.begin()
        self.obey()
        self.hub.announce()
        try:
            grace_s, number = await self._until_told(tasks)
            reach("leaving told")
            if self.push is not None:
                self._link.refresh()
                await self.push.finish(grace_s, waits_for_desk=number != 0)
        finally:
            for task in [*tasks, *self._downloads]:
                task.cancel()
            await asyncio.gather(*tasks, *self._downloads, return_exceptions=True)
        return number

    def close(self) -> None:
        """Obey what was still asked, write what was typed, and let go of the files."""
        self.obey()
        reach("leaving finished")
        if self.push is not None:
            self.push.close()
        self.hub.cache.close()

    def leave(self, grace_s: float) -> None:
        """End the run, after trying for so long to send what is committed."""
        if not self._leaving.done():
            self._leaving.set_result((grace_s, 0))

    def watch_signals(self, pipe: SignalPipe) -> None:
        """Leave when a signal comes."""
        pipe.watch(self._leave_on_signal)

    def mark_read(self, ticket_id: int, at: datetime) -> None:
        """Note up to which instant a ticket was read."""
        try:
            self.hub.cache.mark_read(ticket_id, at)
        except StoreProblem as problem:
            self.hub.say_store(problem)
        self.hub.announce()

    def keep_state(self, key: str, value: bytes) -> None:
        """Keep one value of the interface's; where the disk refuses, the next start does without it."""
        with contextlib.suppress(StoreProblem):
            self.hub.cache.save_state(key, value)

    def save_attachment(self, attachment: Attachment, done: Callable[[str, bool], None]) -> None:
        """Fetch a file into the downloads folder."""
        task = asyncio.create_task(download(self._link.desk, attachment, self._files.downloads, done))
        self._downloads.add(task)
        task.add_done_callback(self._downloads.discard)

    def refresh(self) -> None:
        """Ask the desk now, or try to reach it now."""
        self._link.refresh()

    async def _until_told(self, tasks: list[asyncio.Task[None]]) -> tuple[float, int]:
        """How to leave, once that is asked; a part that fails, fails the run."""
        self._loop.set_exception_handler(self._fail)
        for task in tasks:
            task.add_done_callback(self._end_with)
        return await self._leaving

    def _end_with(self, task: asyncio.Task[None]) -> None:
        problem = None if task.cancelled() else task.exception()
        if problem is not None and not self._leaving.done():
            self._leaving.set_exception(problem)

    def _fail(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A command or a timer failed: that is a bug, and must not go by unseen.

        Except one that is not ours, and harmless: anyio's Unix sockets tell a wait that was given up in the same turn
        of the loop in which there was something to read.
        """
        problem = context.get("exception")
        if isinstance(problem, asyncio.InvalidStateError) and "callback Future.set_result(" in context["message"]:
            return
        if problem is None or "handle" not in context or self._leaving.done():
            loop.default_exception_handler(context)
        else:
            self._leaving.set_exception(problem)

    def _leave_on_signal(self, number: int) -> None:
        if not self._leaving.done():
            self._leaving.set_result((self.hub.pace.leave_s, number))

    async def _answered(self, desk: HelpDesk, operation: Operation, result: SendResult) -> None:
        """Take the desk's answer in: the ticket at once, what was written on it before the board hears of it."""
        self.hub.cache.apply([result.ticket], result.people)
        reach("answer in cache")
        if operation.patch.body is None:
            return
        try:
            async with asyncio.timeout(_THREAD_AFTER_SEND_S):
                await self.conversations.fetch(desk, result.ticket.id)
        except (DeskError, TimeoutError):
            self.conversations.want(result.ticket.id)

    async def _watch(self) -> None:
        """See what other windows wrote, what the disk takes again, and whether the machine slept."""
        machine = Machine(self.hub.now, self._loop.time)
        while True:
            await asyncio.sleep(self.hub.pace.watch_s)
            if machine.has_changed(self.hub.pace.watch_s):
                self._link.reopen()
            try:
                seen = self.hub.look_around()
                if seen.is_copy_new:
                    self._link.refresh()
                if self.push is not None:
                    self.push.look_after(seen.outbox_changed)
            except StoreProblem as problem:
                self.hub.say_store(problem)
