"""Sends what is committed in the outbox: the changes of one ticket in order, several tickets at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from supporttui.config.fault_points import fault_point
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    Account,
    DeskError,
    HelpDesk,
    Interrupted,
    RateLimited,
    SendResult,
    Unauthorised,
    Unreachable,
)
from supporttui.helpdesks.guarded_desk import unexpected_error
from supporttui.store.database import StoreProblem
from supporttui.store.lease import SenderLease
from supporttui.store.operations import Operation, OperationState, TransitionRefused
from supporttui.store.outbox import Outbox
from supporttui.sync.delivery import Delivery
from supporttui.sync.engine_context import EngineContext
from supporttui.sync.operation_lookup import LookupSchedule
from supporttui.sync.timings import Backoff

SENT_RETENTION: Final = timedelta(days=30)
"""For how long the outbox remembers what was sent."""

AnswerHandler = Callable[[HelpDesk, Operation, SendResult], Awaitable[None]]
"""Takes the desk's answer into the local copy."""


class OutboxSender:
    """Sends while there is a link and this window holds the lease. Lives on the engine's loop."""

    def __init__(
        self,
        engine_context: EngineContext,
        outbox: Outbox,
        delivery: Delivery,
        lease: SenderLease,
        answered: AnswerHandler,
    ) -> None:
        self._engine_context = engine_context
        self._outbox = outbox
        self._delivery = delivery
        self._lease = lease
        self._answered = answered
        self._link: tuple[HelpDesk, Account] | None = None
        self._refused: Callable[[DeskError], None] = lambda error: None
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._is_linked = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._writing: dict[str, TicketId | None] = {}
        """The ticket of each operation that is under way; None for one that creates a ticket."""
        self._lookups = LookupSchedule(engine_context.timings, self.wake)
        self._not_before = 0.0
        self._backoff = Backoff(engine_context.timings)

    def linked(self, desk: HelpDesk, account: Account, refused: Callable[[DeskError], None]) -> None:
        """Note that a desk is connected; `refused` is called when it stops accepting our token."""
        self._link = (desk, account)
        self._is_linked.set()
        self._refused = refused
        self._lookups.reset_schedule()
        self._not_before = 0.0
        self._respect_rate_limit()
        self.wake()

    async def desk_disconnected(self) -> None:
        """Prepare for the desk being closed: requests under way get a moment to finish."""
        self._link = None
        self._is_linked.clear()
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=self._engine_context.timings.drain_s)
        await self.cut()

    async def cut(self) -> None:
        """Cancel requests under way; they are marked as possibly applied."""
        under_way = list(self._busy.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        if under_way and self._lease.is_held:
            self._delivery.mark_in_flight_unknown()

    def wake(self) -> None:
        """Check the outbox again: something may be sendable now."""
        self._idle.clear()
        self._wake.set()

    def is_writing(self, ticket_id: TicketId) -> bool:
        """Whether a change of this ticket may be under way: the desk's news of it may be our own."""
        return any(written in (ticket_id, None) for written in self._writing.values())

    async def run(self) -> None:
        """Send, for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            fault_point("sender woken")
            try:
                self._start_due()
            except StoreProblem as problem:
                self._engine_context.report_store_problem(problem)
                self._pause(self._engine_context.timings.store_retry_s)
            if not self._busy:
                self._idle.set()

    async def finish(self, *, waits_for_desk: bool) -> None:
        """Return when nothing more can be sent; where there is no link, at once, or else when there is one again."""
        if waits_for_desk and self._owns() and self._outbox.load_sendable():
            await self._is_linked.wait()
        self.wake()
        if self._link is not None and self._owns():
            await self._idle.wait()

    def _owns(self) -> bool:
        """Whether this window sends. On taking over the lease, operations in flight are marked as possibly applied."""
        if self._lease.is_held:
            return True
        if not self._lease.acquire():
            return False
        self._delivery.mark_in_flight_unknown()
        self._outbox.delete_finished(self._engine_context.now() - SENT_RETENTION)
        self._engine_context.count_unsent()
        return True

    def _start_due(self) -> None:
        """Start sending whatever may be sent now: one operation a ticket, a few at a time."""
        if not self._owns() or self._link is None or asyncio.get_running_loop().time() < self._not_before:
            return
        desk, account = self._link
        if self._respect_rate_limit():
            return
        for operation in [*self._outbox.load_sendable(), *self._lookups.due(self._unknown())]:
            if len(self._busy) >= self._engine_context.timings.parallel_tickets:
                return
            if operation.id not in self._busy:
                fault_point("sender chose")
                self._writing[operation.id] = operation.ticket_id
                self._busy[operation.id] = asyncio.create_task(self._work(desk, account, operation))

    def _unknown(self) -> list[Operation]:
        return [each for each in self._outbox.load_open() if each.state is OperationState.UNKNOWN]

    async def _work(self, desk: HelpDesk, account: Account, operation: Operation) -> None:
        """Send or settle one operation; every outcome is recorded."""
        try:
            await self._step(desk, account, operation)
            self._backoff.reset()
            self._engine_context.report_store_problem(None)
        except RateLimited as error:
            self._engine_context.note_rate_limit(error.retry_after_s)
            self._pause(error.retry_after_s)
        except Unauthorised as error:
            self._link = None
            self._refused(error)
        except (Unreachable, Interrupted, TransitionRefused):
            self._pause(self._backoff.next_s())  # refused: it was withdrawn a moment ago
        except DeskError:
            pass  # recorded on the operation, where the user sees it
        except StoreProblem as problem:
            self._engine_context.report_store_problem(problem)
            self._pause(self._engine_context.timings.store_retry_s)
        except Exception as problem:  # noqa: BLE001 - the edge towards a desk: what it sent must not end the engine
            unexpected_error(problem, "a change")
            self._delivery.mark_unknown(operation.id)
            self._pause(self._backoff.next_s())
        finally:
            del self._busy[operation.id], self._writing[operation.id]
            self._wake.set()
        self._engine_context.count_unsent()

    async def _step(self, desk: HelpDesk, account: Account, operation: Operation) -> None:
        if operation.state is OperationState.UNKNOWN:
            is_settled = self._lookups.is_settled(operation.id)
            if not await self._delivery.settle(desk, account, operation, is_settled=is_settled):
                self._lookups.again(operation.id)
            return
        result = await self._delivery.deliver(desk, account, operation)
        await self._answered(desk, operation, result)

    def _respect_rate_limit(self) -> bool:
        """Whether the desk has asked some window of ours to wait, and this one waits as well."""
        rate_limited_s = self._engine_context.rate_limited_s()
        if rate_limited_s > 0:
            self._pause(rate_limited_s)
        return rate_limited_s > 0

    def _pause(self, wait_s: float) -> None:
        """Send nothing for this many seconds."""
        loop = asyncio.get_running_loop()
        self._not_before = max(self._not_before, loop.time() + wait_s)
        loop.call_at(self._not_before, self.wake)
