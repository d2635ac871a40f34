"""The requests for an operation."""

from msgspec.structs import replace

from supporttui.config.fault_points import fault_point
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import Conflict, HelpDesk, NewTicket, SendResult, TicketMerge, TicketUpdate
from supporttui.store.operations import Operation, OperationKind


def ticket_update_from(operation: Operation, uploads: tuple[str, ...]) -> TicketUpdate:
    """Return the request for an UPDATE operation."""
    return TicketUpdate(
        operation_id=operation.id,
        ticket_id=changed_ticket_id(operation),
        based_on=operation.based_on,
        patch=operation.patch,
        uploads=uploads,
        author_id=operation.merge.requester_id if operation.merge is not None else None,
    )


def new_ticket_from(operation: Operation, uploads: tuple[str, ...]) -> NewTicket:
    """Return the request for a CREATE operation."""
    return NewTicket(
        operation_id=operation.id,
        subject=operation.subject or "",
        description=operation.patch.body or "",
        severity=operation.patch.severity,
        requester_email=operation.requester_email or "",
        requester_name=operation.requester_name,
        uploads=uploads,
        follows=operation.follows,
    )


def merge_from(operation: Operation) -> TicketMerge:
    """Return the request for the last step of a MERGE operation."""
    if operation.merge is None:
        raise ValueError(f"operation {operation.id} merges nothing")
    return TicketMerge(
        operation_id=operation.id,
        source_id=changed_ticket_id(operation),
        target_id=operation.merge.into,
        target_note=operation.merge.note,
        source_note=operation.merge.source_note,
    )


def changed_ticket_id(operation: Operation) -> TicketId:
    """Return the ticket that an operation changes. Raises ValueError for one that creates a ticket."""
    if operation.ticket_id is None:
        raise ValueError(f"operation {operation.id} changes no ticket")
    return operation.ticket_id


async def check_source_unchanged(desk: HelpDesk, operation: Operation) -> None:
    """Raise Conflict if the source of a merge was changed since the merge was decided. Raises DeskError."""
    if operation.merge is None or operation.based_on is None:
        return
    ticket_id = changed_ticket_id(operation)
    ticket, conversation, _people = await desk.fetch_conversation(ticket_id)
    is_same_audit = operation.attempts > 1 or operation.audit_mark in (None, conversation.last_audit_id)
    if ticket.version != operation.based_on or not is_same_audit:
        raise Conflict(
            f"Ticket {ticket_id.label} was changed since the merge was decided, which would leave that out. "
            "Read it, then decide."
        )


async def based_on_target(desk: HelpDesk, part: Operation) -> Operation:
    """Base the text that a merge adds to the target on the version that the target has now.

    The version is read before an earlier attempt is looked for, so the desk applies only one of both. Raises DeskError.
    """
    if part.merge is None or part.kind is OperationKind.MERGE:
        return part
    ticket, _conversation, _people = await desk.fetch_conversation(part.merge.into)
    return replace(part, based_on=ticket.version)


async def send_request(desk: HelpDesk, operation: Operation, uploads: tuple[str, ...]) -> SendResult:
    """Send an operation that takes one request, or one step of another. Raises DeskError."""
    fault_point("request made")
    if operation.kind is OperationKind.CREATE:
        return await desk.send_new_ticket(new_ticket_from(operation, uploads))
    if operation.kind is OperationKind.MERGE:
        return await desk.send_merge(merge_from(operation))
    return await desk.send_update(ticket_update_from(operation, uploads))
