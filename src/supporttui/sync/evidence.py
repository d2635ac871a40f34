"""Whether the desk has applied an operation: by its id in the ticket's history, or else by its text."""

import unicodedata
from collections import Counter
from datetime import timedelta
from typing import Final

from supporttui.helpdesks.base import Account, HelpDesk, NotFound, SendResult
from supporttui.store.outbox import Outbox
from supporttui.store.records import Operation, OperationKind, OperationState

CLOCKS_APART: Final = timedelta(minutes=2)
"""By how much the desk's clock and ours may differ after they were compared."""


class Evidence:
    """Asks the desk. `candidates` are the tickets that a creation of ours may have made."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def find(
        self, desk: HelpDesk, account: Account | None, operation: Operation, candidates: tuple[int, ...] = ()
    ) -> SendResult | None:
        """The answer that never came, as the desk tells it now; None where it does not have the operation.

        A ticket that is not there tells nothing. Raises DeskError where the desk could not be asked.
        """
        for ticket_id in (operation.ticket_id,) if operation.ticket_id is not None else candidates:
            try:
                if await self._is_on(desk, account, operation, ticket_id):
                    return await _as_it_is(desk, ticket_id)
            except NotFound:
                continue
        return None

    async def _is_on(self, desk: HelpDesk, account: Account | None, operation: Operation, ticket_id: int) -> bool:
        if account is None or account.capabilities.keeps_operation_id:
            return await desk.find_operation(ticket_id, operation.id, operation.audit_mark)
        return await self._is_written(desk, account, operation, ticket_id)

    async def _is_written(self, desk: HelpDesk, account: Account, operation: Operation, ticket_id: int) -> bool:
        """Whether our text stands there more often than what we know to have been sent accounts for."""
        if operation.patch.body is None or operation.first_attempt_at is None:
            return False
        _ticket, conversation, _people = await desk.fetch_conversation(ticket_id)
        since = operation.first_attempt_at - CLOCKS_APART
        wanted = _plain(operation.patch.body), operation.patch.is_public or operation.kind is OperationKind.CREATE
        there = Counter(
            (_plain(message.body.raw), message.is_public)
            for message in conversation.messages
            if message.author_id == account.me.id and message.created_at >= since
        )
        known = [
            each
            for each in self._outbox.load_all()
            if each.state is OperationState.SENT
            and (each.ticket_id or each.result_ticket_id) == ticket_id
            and each.first_attempt_at is not None
            and each.first_attempt_at >= operation.first_attempt_at - CLOCKS_APART
            and (_plain(each.patch.body or ""), each.patch.is_public) == wanted
        ]
        return there[wanted] > len(known)


def _plain(text: str) -> str:
    """The text without what desks change on their way: line ends, blanks at the ends, forms of one character."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip().split("\n")
    return "\n".join(line.rstrip() for line in lines)


async def _as_it_is(desk: HelpDesk, ticket_id: int) -> SendResult:
    ticket, conversation, people = await desk.fetch_conversation(ticket_id)
    return SendResult(ticket=ticket, people=people, audit_id=conversation.last_audit_id)
