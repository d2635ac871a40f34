"""One run of the engine on its event loop: its parts, the commands from other threads, and the shutdown."""

import asyncio
import contextlib
import logging
import queue
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Final

from supporttui.config.fault_points import fault_point
from supporttui.domain.ticket import Attachment
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import DeskError, HelpDesk, OpenDesk, SendResult
from supporttui.store.cache import Cache
from supporttui.store.database import StoreProblem
from supporttui.store.operations import Operation, StoreFiles
from supporttui.store.outbox import Outbox
from supporttui.sync.conversation_fetcher import ConversationFetcher
from supporttui.sync.desk_search import DeskSearcher
from supporttui.sync.engine_context import EngineContext
from supporttui.sync.exit_signals import SignalPipe
from supporttui.sync.link import DeskLink
from supporttui.sync.order_updater import OrderUpdater
from supporttui.sync.outbox_service import OutboxService
from supporttui.sync.puller import Puller, download_attachment
from supporttui.sync.sla_recorder import SlaRecorder
from supporttui.sync.timings import Backoff, Now, Timings
from supporttui.sync.watcher import StoreMarks, StoreWatcher

_log = logging.getLogger(__name__)

_CONVERSATION_WAIT_S: Final = 1.0


class EngineLoop:
    """The engine from inside. Made and used on its thread; only `schedule_commands` is called from others."""

    def __init__(
        self,
        open_desk: OpenDesk,
        files: StoreFiles,
        cache: Cache,
        outbox: Outbox | None,
        sla_recorder: Callable[[EngineContext], SlaRecorder],
        commands: "queue.SimpleQueue[Callable[[EngineLoop], None]]",
        timings: Timings,
        now: Now,
        on_change: Callable[[], None],
    ) -> None:
        marks = StoreMarks.read(cache, outbox)  # before anything is counted: what comes meanwhile is seen
        self.engine_context = EngineContext(cache, outbox, timings, now, on_change)
        self.conversations = ConversationFetcher(self.engine_context)
        self.push = OutboxService(self.engine_context, outbox, self._answered) if outbox is not None else None
        sender = self.push.sender if self.push else None
        puller = Puller(self.engine_context, self.conversations)
        self._order = OrderUpdater(self.engine_context)
        self.searcher = DeskSearcher(self.engine_context)
        self._link = DeskLink(self.engine_context, open_desk, puller, self.conversations, sender, self.searcher)
        self._watcher = StoreWatcher(
            self.engine_context, marks, self.push, refresh=self._link.refresh, reopen=self._link.reopen
        )
        self._sla_recorder = sla_recorder(self.engine_context)
        self._files = files
        self._commands = commands
        self._loop = asyncio.get_running_loop()
        self._leaving: asyncio.Future[tuple[float, int]] = self._loop.create_future()
        self._downloads: set[asyncio.Task[None]] = set()

    def schedule_commands(self) -> None:
        """Schedule the running of commands. From any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has just ended: whoever ends it obeys them
            self._loop.call_soon_threadsafe(self.run_commands)

    def run_commands(self) -> None:
        """Do what was asked, in order."""
        while not self._commands.empty():
            try:
                self._commands.get_nowait()(self)
            except StoreProblem as problem:
                self.engine_context.report_store_problem(problem)

    async def live(self) -> int:
        """Run until told to leave; return the signal that did, or 0."""
        parts = (self._link, self._watcher, self._sla_recorder, self._order)
        tasks = [asyncio.create_task(self._supervise(part.run)) for part in parts]
        if self.push is not None:
            tasks.append(asyncio.create_task(self._supervise(self.push.sender.run)))
            self.push.begin()
        self.run_commands()
        self.engine_context.announce()
        try:
            grace_s, number = await self._wait_for_leave(tasks)
            fault_point("leaving told")
            if self.push is not None:
                self._link.refresh()
                await self.push.finish(grace_s, waits_for_desk=number != 0)
        finally:
            for task in [*tasks, *self._downloads]:
                task.cancel()
            await asyncio.gather(*tasks, *self._downloads, return_exceptions=True)
        return number

    def close(self) -> None:
        """Run remaining commands, write drafts, and close the files."""
        self.run_commands()
        fault_point("leaving finished")
        if self.push is not None:
            self.push.close()
        with contextlib.suppress(StoreProblem):  # then the next start records it
            self._sla_recorder.close()
        self.engine_context.keep_freshness()
        self.engine_context.cache.close()

    def leave(self, grace_s: float) -> None:
        """End the run, after trying for so long to send what is committed."""
        if not self._leaving.done():
            self._leaving.set_result((grace_s, 0))

    def watch_signals(self, pipe: SignalPipe) -> None:
        """Leave when a signal comes."""
        pipe.watch(self._leave_on_signal)

    def mark_read(self, ticket_id: TicketId, at: datetime) -> None:
        """Note up to which instant a ticket was read."""
        try:
            self.engine_context.cache.mark_read(ticket_id, at)
        except StoreProblem as problem:
            self.engine_context.report_store_problem(problem)
        self.engine_context.announce()

    def save_attachment(self, attachment: Attachment, done: Callable[[str, bool], None], folder: str) -> None:
        """Fetch a file into a folder, or the desk's own where that is empty."""
        into = folder or self._files.downloads
        task = asyncio.create_task(download_attachment(self._link.desk, attachment, into, done))
        self._downloads.add(task)
        task.add_done_callback(self._downloads.discard)

    def refresh(self) -> None:
        """Ask the desk now, or try to reach it now."""
        self._link.refresh()

    async def _supervise(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a part, and run it again in a while whenever it fails: its traceback is in the log."""
        backoff = Backoff(self.engine_context.timings)
        while True:
            try:
                return await run()
            except Exception:  # noqa: BLE001 - the supervisor's edge
                _log.exception("a part of the engine failed and is started again")
                await asyncio.sleep(backoff.next_s())

    async def _wait_for_leave(self, tasks: list[asyncio.Task[None]]) -> tuple[float, int]:
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
        """Fail the run because a command or a timer failed, which is a bug.

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
            self._leaving.set_result((self.engine_context.timings.leave_s, number))

    async def _answered(self, desk: HelpDesk, operation: Operation, result: SendResult) -> None:
        """Store the desk's answer: the ticket at once, its conversation before the board is notified."""
        is_complete = self.conversations.take_answer(operation, result)
        self.engine_context.tickets_came_in.set()
        fault_point("answer in cache")
        self._link.note_answer(result)
        if is_complete or operation.patch.body is None:
            return
        try:
            async with asyncio.timeout(_CONVERSATION_WAIT_S):
                await self.conversations.fetch(desk, result.ticket.id)
        except (DeskError, TimeoutError):
            self.conversations.want(result.ticket.id)
