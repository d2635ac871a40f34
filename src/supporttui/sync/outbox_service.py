"""The writing half of the engine: commands on the outbox, drafts, the undo timers, and the sender."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from supporttui.config.fault_points import fault_point
from supporttui.domain.ticket_id import TicketId
from supporttui.store.database import StoreProblem
from supporttui.store.lease import SenderLease
from supporttui.store.operations import Draft, Operation, OperationState, TransitionRefused
from supporttui.store.outbox import Outbox
from supporttui.sync.delivery import Delivery
from supporttui.sync.engine_context import EngineContext
from supporttui.sync.operation_lookup import CLOCK_TOLERANCE
from supporttui.sync.outbox_sender import AnswerHandler, OutboxSender
from supporttui.sync.retrying_writer import DraftSaver, RetryingWriter

MAX_HOLD_S: Final = 60.0
"""No change is held longer, whatever its row or a clock that was set says."""


def hold_left_s(operation: Operation, now_s: float) -> float:
    """Seconds for which it is still held, by the machine's clock."""
    until_s = operation.held_until.timestamp() if operation.held_until is not None else now_s
    return min(max(until_s - now_s, 0.0), MAX_HOLD_S)


class UndoTimers:
    """Queues held operations when their undo time is up, also those of windows that are gone."""

    def __init__(self, engine_context: EngineContext, outbox: Outbox, changed: Callable[[], None]) -> None:
        self._engine_context = engine_context
        self._outbox = outbox
        self._changed = changed
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._own: set[str] = set()

    def watch(self, operation: Operation) -> None:
        """Note that this window decided it, so that leaving queues it at once."""
        self._own.add(operation.id)
        self.look()

    def look(self) -> None:
        """Find held operations and set their timers."""
        try:
            held = [each for each in self._outbox.load_open() if each.state is OperationState.HELD]
        except StoreProblem as problem:
            self._engine_context.report_store_problem(problem)
            return
        for gone in self._timers.keys() - {each.id for each in held}:
            self._timers.pop(gone).cancel()
        for each in held:
            if each.id not in self._timers:
                self._wait(each.id, hold_left_s(each, self._engine_context.now().timestamp()))

    def queue_own_now(self) -> None:
        """Queue what this window decided at once, on leaving."""
        for each in self._outbox.load_open():
            if each.state is OperationState.HELD and each.id in self._own:
                self._queue(each.id)

    def close(self) -> None:
        """Cancel all timers; held operations are left to the next window. The loop may outlive the outbox briefly."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _wait(self, operation_id: str, wait_s: float) -> None:
        self._timers[operation_id] = asyncio.get_running_loop().call_later(wait_s, self._end, operation_id)

    def _end(self, operation_id: str) -> None:
        fault_point("undo window over")
        del self._timers[operation_id]
        try:
            self._queue(operation_id)
        except StoreProblem as problem:
            self._engine_context.report_store_problem(problem)
            self._wait(operation_id, self._engine_context.timings.store_retry_s)
            return
        self._own.discard(operation_id)
        fault_point("undo window ended")
        self._changed()

    def _queue(self, operation_id: str) -> None:
        with contextlib.suppress(TransitionRefused):  # it was withdrawn, or another window has queued it
            self._outbox.change(operation_id, OperationState.QUEUED, only_from=OperationState.HELD)


NOTICE_GRACE: Final = timedelta(minutes=1)
"""The outbox may have been salvaged by the screens, which open it before the engine does."""


class OutboxService:
    """The parts that only an engine that writes has. Lives on the engine's loop."""

    def __init__(self, engine_context: EngineContext, outbox: Outbox, answered: AnswerHandler) -> None:
        self._engine_context = engine_context
        self._outbox = outbox
        self._retrying_writer = RetryingWriter(engine_context.report_store_problem)
        self._lease = SenderLease(outbox.path)
        self._began_at = engine_context.now()
        self.drafts = DraftSaver(outbox, self._retrying_writer, engine_context.timings.draft_s)
        self._undo_windows = UndoTimers(engine_context, outbox, self._changed)
        delivery = Delivery(outbox, self._retrying_writer, engine_context.now, self._candidates)
        self.sender = OutboxSender(engine_context, outbox, delivery, self._lease, answered)

    def submit(self, operation: Operation, draft_id: str | None) -> None:
        """Commit an operation and drop its draft, as one; then send it."""
        fault_point("engine obeys")
        self.drafts.forget(draft_id)
        self._retrying_writer.write(lambda: self._add(operation, draft_id))
        self._changed()

    def retry(self, operation_id: str) -> None:
        """Queue what a person decided to send, on the ticket as it is known now."""
        operation = self._outbox.load(operation_id)
        if operation is None:
            return
        based_on = self._newest_version(operation)
        self._retrying_writer.write(lambda: self._requeue(operation_id, based_on))
        self._changed()

    def drop(self, operation_id: str) -> None:
        """Withdraw what a person decided not to send; what is under way or sent already stays."""
        self._retrying_writer.write(lambda: self._change(operation_id, OperationState.WITHDRAWN))
        self._changed()

    def withdraw(self, operation_id: str, draft: Draft | None) -> None:
        """Withdraw an operation that was not sent yet; its text becomes this draft again. One that was sent stays."""
        self.drafts.flush()  # before, not after: the draft may add to what was typed last, or not be written at all
        self._retrying_writer.write(lambda: self._withdraw_to_draft(operation_id, draft))
        self._undo_windows.look()
        self._changed()

    def begin(self) -> None:
        """Take up what earlier runs left held, and say it where the outbox had to be salvaged."""
        self._undo_windows.look()
        self._report_notices()

    def run_maintenance(self, changed: bool) -> None:
        """Periodically retry refused writes, and send what other windows wrote or left."""
        had_waited = self._retrying_writer.unsaved
        self._retrying_writer.retry_waiting()
        self.drafts.run_when_saved()
        self._engine_context.report_unsaved(self._retrying_writer.unsaved)
        if changed or self._retrying_writer.unsaved < had_waited:
            self._undo_windows.look()
            self._report_notices()
            self._changed()
        elif not self._lease.is_held:
            self.sender.wake()

    async def finish(self, grace_s: float, *, waits_for_desk: bool) -> None:
        """Write what was typed, and try for so long to send what is committed."""
        self.drafts.flush()
        with contextlib.suppress(StoreProblem):
            self._undo_windows.queue_own_now()
        with contextlib.suppress(TimeoutError, StoreProblem):
            async with asyncio.timeout(grace_s):
                await self.sender.finish(waits_for_desk=waits_for_desk)
        with contextlib.suppress(StoreProblem):  # then the next sender finds it in flight
            await self.sender.cut()

    def close(self) -> None:
        """Write what was typed and let another window send."""
        self.drafts.flush()
        self._undo_windows.close()
        self._lease.release()
        self._outbox.close()

    def _newest_version(self, operation: Operation) -> str | None:
        """The version to send it on; None keeps its own. One that may have been applied stays the same request."""
        if operation.ticket_id is None or operation.based_on is None or operation.state is OperationState.UNKNOWN:
            return None
        ticket = self._engine_context.cache.load_ticket(operation.ticket_id)
        return ticket.version if ticket is not None else None

    def _add(self, operation: Operation, draft_id: str | None) -> None:
        self._outbox.add(operation, draft_id=draft_id)
        if operation.state is OperationState.HELD:
            self._undo_windows.watch(operation)

    def _withdraw_to_draft(self, operation_id: str, draft: Draft | None) -> None:
        with contextlib.suppress(TransitionRefused):  # it has left: the board shows what became of it
            self._outbox.withdraw(operation_id, draft)

    def _requeue(self, operation_id: str, based_on: str | None) -> None:
        with contextlib.suppress(TransitionRefused):  # it has moved on: the board shows to where
            self._outbox.requeue(operation_id, based_on)

    def _change(self, operation_id: str, state: OperationState) -> None:
        with contextlib.suppress(TransitionRefused):
            self._outbox.change(operation_id, state)

    def _report_notices(self) -> None:
        with contextlib.suppress(StoreProblem):
            notices = self._outbox.load_notices(self._began_at - NOTICE_GRACE)
            if notices:
                self._engine_context.report_notice(notices[-1])

    def _candidates(self, operation: Operation) -> tuple[TicketId, ...]:
        """The tickets here that a creation of ours may have made: with its subject, and not older than it."""
        if operation.subject is None or operation.first_attempt_at is None:
            return ()
        since = operation.first_attempt_at - CLOCK_TOLERANCE
        wanted = operation.subject.strip()
        cache = self._engine_context.cache
        tickets = cache.load_tickets_by_id(cache.board.ids_created_since(since))
        return tuple(sorted(each.id for each in tickets if each.subject.raw.strip() == wanted))

    def _changed(self) -> None:
        self._engine_context.report_unsaved(self._retrying_writer.unsaved)
        self._engine_context.count_unsent()
        self.sender.wake()
