"""The changes that a key press decides, as the outbox keeps them."""

from datetime import datetime

from supporttui.domain.policy import ServicePolicy
from supporttui.domain.ticket import Status, Ticket
from supporttui.domain.workflow import status_after_assigning
from supporttui.store.records import Operation, OperationKind, new_operation_id


def move_operation(ticket: Ticket, to: Status, at: datetime) -> Operation:
    """A move to another status, decided on the version that the user sees."""
    return Operation(
        id=new_operation_id(),
        kind=OperationKind.UPDATE,
        created_at=at,
        ticket_id=ticket.id,
        status=to,
        came_from=ticket.status,
        based_on=ticket.version,
    )


def assign_operation(policy: ServicePolicy, ticket: Ticket, assignee_id: int, at: datetime) -> Operation:
    """A change of the assignee; a New ticket that somebody takes becomes Open."""
    status = status_after_assigning(policy, ticket.status)
    return Operation(
        id=new_operation_id(),
        kind=OperationKind.UPDATE,
        created_at=at,
        ticket_id=ticket.id,
        assignee_id=assignee_id,
        status=status if status is not ticket.status else None,
        based_on=ticket.version,
    )


def severity_operation(ticket: Ticket, severity: int, at: datetime) -> Operation:
    """A change of the severity; the clock keeps its start and gets the other target."""
    return Operation(
        id=new_operation_id(),
        kind=OperationKind.UPDATE,
        created_at=at,
        ticket_id=ticket.id,
        severity=severity,
        based_on=ticket.version,
    )
