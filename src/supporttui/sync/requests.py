"""What an operation of the outbox asks of a help desk."""

from supporttui.helpdesks.base import NewTicket, TicketUpdate
from supporttui.store.records import Operation


def update_of(operation: Operation, uploads: tuple[str, ...]) -> TicketUpdate:
    """The change of a ticket that an UPDATE stands for."""
    if operation.ticket_id is None:
        raise ValueError(f"operation {operation.id} changes no ticket")
    return TicketUpdate(
        operation_id=operation.id,
        ticket_id=operation.ticket_id,
        based_on=operation.based_on,
        patch=operation.patch,
        uploads=uploads,
    )


def new_ticket_of(operation: Operation, uploads: tuple[str, ...]) -> NewTicket:
    """The ticket that a CREATE stands for."""
    return NewTicket(
        operation_id=operation.id,
        subject=operation.subject or "",
        description=operation.patch.body or "",
        severity=operation.patch.severity,
        requester_email=operation.requester_email or "",
        requester_name=operation.requester_name,
        uploads=uploads,
    )
