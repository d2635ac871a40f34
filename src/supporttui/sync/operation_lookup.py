"""Finds out whether the desk has applied an operation of unknown outcome, and schedules when to ask."""

import asyncio
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import Account, HelpDesk, NotFound, SendResult
from supporttui.store.operations import Operation, OperationKind, OperationState
from supporttui.store.outbox import Outbox
from supporttui.sync.timings import Timings

NEVER: Final = float("inf")


class LookupSchedule:
    """When to look for each operation that may have been applied; times are `loop.time()`, which is never set back."""

    def __init__(self, timings: Timings, wake: Callable[[], None]) -> None:
        self._timings = timings
        self._wake = wake
        self._plans: dict[str, tuple[int, float]] = {}
        self._seen_s: dict[str, float] = {}

    def reset_schedule(self) -> None:
        """Start over on a new connection: look up every operation again."""
        self._plans.clear()

    def due(self, unknown: Iterable[Operation]) -> list[Operation]:
        """The operations to look up now."""
        found = list(unknown)
        clock = asyncio.get_running_loop().time
        for gone in self._seen_s.keys() - {each.id for each in found}:
            del self._seen_s[gone]
            self._plans.pop(gone, None)
        for each in found:
            self._seen_s.setdefault(each.id, clock())
            if each.id not in self._plans:
                self._plan(each.id, 0)
        now_s = clock()
        return [each for each in found if self._plans[each.id][1] <= now_s]

    def is_settled(self, operation_id: str) -> bool:
        """Whether it has been unknown for longer than the desk could still take to apply it."""
        seen_s = self._seen_s.get(operation_id, NEVER)
        return asyncio.get_running_loop().time() - seen_s >= self._timings.settled_after_s

    def again(self, operation_id: str) -> None:
        """Schedule another look-up; after the last one a person decides, or the next connection."""
        number, _due_s = self._plans.get(operation_id, (0, 0.0))
        self._plan(operation_id, number + 1)

    def _plan(self, operation_id: str, number: int) -> None:
        waits, loop = self._timings.lookup_s, asyncio.get_running_loop()
        if number >= len(waits):
            self._plans[operation_id] = (number, NEVER)
            return
        self._plans[operation_id] = (number, loop.time() + waits[number])
        if waits[number] > 0:
            loop.call_later(waits[number], self._wake)


CLOCK_TOLERANCE: Final = timedelta(minutes=2)
"""By how much the desk's clock and ours may differ after they were compared."""


class OperationLookup:
    """Asks the desk. `candidates` are the tickets that a creation of ours may have made."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def find(
        self, desk: HelpDesk, account: Account | None, operation: Operation, candidates: tuple[TicketId, ...] = ()
    ) -> SendResult | None:
        """The result of the operation as found on the desk; None if it was not applied.

        A missing ticket proves nothing. Raises DeskError if the desk could not be asked.
        """
        if operation.kind is OperationKind.MERGE:
            return None  # the desk looks at the source itself when it is sent again
        for ticket_id in (operation.ticket_id,) if operation.ticket_id is not None else candidates:
            try:
                if await self._is_on(desk, account, operation, ticket_id):
                    return await current_result(desk, ticket_id)
            except NotFound:
                continue
        return None

    async def _is_on(self, desk: HelpDesk, account: Account | None, operation: Operation, ticket_id: TicketId) -> bool:
        if account is None or account.capabilities.keeps_operation_id:
            return await desk.find_operation(ticket_id, operation.id, operation.audit_mark)
        return await self._is_written(desk, account, operation, ticket_id)

    async def _is_written(self, desk: HelpDesk, account: Account, operation: Operation, ticket_id: TicketId) -> bool:
        """Whether our text is there more often than our operations known as sent explain."""
        if operation.patch.body is None or operation.first_attempt_at is None:
            return False
        _ticket, conversation, _people = await desk.fetch_conversation(ticket_id)
        since = operation.first_attempt_at - CLOCK_TOLERANCE
        wanted = (
            _normalised_text(operation.patch.body),
            operation.patch.is_public or operation.kind is OperationKind.CREATE,
        )
        there = Counter(
            (_normalised_text(message.body.raw), message.is_public)
            for message in conversation.messages
            if message.author_id == account.me.id and message.created_at >= since
        )
        known = [
            each
            for each in self._outbox.load_all()
            if each.state is OperationState.SENT
            and (each.ticket_id or each.result_ticket_id) == ticket_id
            and each.first_attempt_at is not None
            and each.first_attempt_at >= operation.first_attempt_at - CLOCK_TOLERANCE
            and (_normalised_text(each.patch.body or ""), each.patch.is_public) == wanted
        ]
        return there[wanted] > len(known)


def _normalised_text(text: str) -> str:
    """The text without what desks change on their way: line ends, blanks at the ends, forms of one character."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip().split("\n")
    return "\n".join(line.rstrip() for line in lines)


async def current_result(desk: HelpDesk, ticket_id: TicketId) -> SendResult:
    """A ticket as it is now, in the place of an answer that is lost. Raises DeskError."""
    ticket, conversation, people = await desk.fetch_conversation(ticket_id)
    return SendResult(ticket=ticket, people=people, audit_id=conversation.last_audit_id)
