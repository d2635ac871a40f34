"""The changes that a key press decides, as the outbox keeps them."""

from datetime import datetime

from supporttui.domain.patch import TicketPatch, with_policy_status
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.ticket import Status, Ticket
from supporttui.store.operations import Operation, OperationKind, new_operation_id


def move_operation(ticket: Ticket, to: Status, at: datetime) -> Operation:
    """A move to another status, decided on the version that the user sees."""
    return Operation(
        id=new_operation_id(),
        kind=OperationKind.UPDATE,
        created_at=at,
        ticket_id=ticket.id,
        patch=TicketPatch(status=to),
        came_from=ticket.status,
        based_on=ticket.version,
    )


def assign_operation(policy: ServicePolicy, ticket: Ticket, assignee_id: int, at: datetime) -> Operation:
    """A change of the assignee; a New ticket that somebody takes becomes Open."""
    patch = with_policy_status(policy, ticket, TicketPatch(assignee_id=assignee_id))
    return Operation(
        id=new_operation_id(),
        kind=OperationKind.UPDATE,
        created_at=at,
        ticket_id=ticket.id,
        patch=patch,
        based_on=ticket.version,
    )


def severity_operation(ticket: Ticket, severity: int, at: datetime) -> Operation:
    """A change of the severity; the clock keeps its start and gets the other target."""
    return Operation(
        id=new_operation_id(),
        kind=OperationKind.UPDATE,
        created_at=at,
        ticket_id=ticket.id,
        patch=TicketPatch(severity=severity),
        based_on=ticket.version,
    )
