"""Which moves a ticket may make, which are unusual, and which happen automatically."""

from collections.abc import Iterable
from typing import Final

from supporttui.domain.policy import Metric, ServicePolicy
from supporttui.domain.ticket import Lifecycle, Status, Ticket

WAITING_STATUSES: Final = frozenset({Status.AWAITING_REPLY, Status.ON_HOLD})
REOPENED_BY_CUSTOMER: Final = frozenset({Status.AWAITING_REPLY, Status.ON_HOLD, Status.CLOSED})


def allowed_moves(policy: ServicePolicy, status: Status, *, is_locked: bool, can_hold: bool) -> tuple[Status, ...]:
    """Where a ticket in this status may go, in the policy's order; nowhere once it is locked."""
    if is_locked:
        return ()
    return tuple(to for to in policy.statuses[status].moves if can_hold or to is not Status.ON_HOLD)


def move_problem(policy: ServicePolicy, ticket: Ticket, to: Status, *, can_hold: bool = True) -> str | None:
    """Why this ticket cannot be moved there, in one sentence with what can be done; None where it can."""
    title = policy.statuses[to].title
    if ticket.lifecycle is not Lifecycle.LIVE:
        return f"{ticket.id.label} cannot be moved: it was {ticket.lifecycle.value}."
    if ticket.is_locked:
        return (
            f"{ticket.id.label} is locked: the help desk closed it for good. A new message starts a follow-up ticket."
        )
    if ticket.status is to:
        return f"{ticket.id.label} is {title} already."
    if to is Status.ON_HOLD and not can_hold:
        return f"{ticket.id.label} cannot go to {title}: this help desk has no such status."
    moves = allowed_moves(policy, ticket.status, is_locked=False, can_hold=can_hold)
    if to in moves:
        return None
    here = policy.statuses[ticket.status].title
    ways = _listed(policy.statuses[move].title for move in moves)
    return f"{ticket.id.label} cannot go from {here} to {title}; from {here} it may go to {ways}."


def move_warning(policy: ServicePolicy, ticket: Ticket, to: Status, *, with_reply: bool = False) -> str | None:
    """A warning about an allowed but unusual move, with its consequence for the clock; None if there is none.

    `with_reply` says that a public reply goes out with the move.
    """
    if with_reply and ticket.assignee_id is not None:
        return None
    if to is Status.CLOSED:
        return _closing_warning(ticket, is_answered=with_reply or ticket.first_reply_at is not None)
    if to in WAITING_STATUSES and not with_reply:
        return _waiting_warning(policy, ticket, to)
    return None


def status_after_reply(policy: ServicePolicy, status: Status, chosen: Status | None) -> Status:
    """The status that a public reply of an agent leaves: the chosen one, otherwise Open for a New ticket."""
    return chosen or status_after_assigning(policy, status)


def status_after_assigning(policy: ServicePolicy, status: Status) -> Status:
    """The status that a ticket has once somebody has taken it: a New one is Open."""
    return Status.OPEN if status is Status.NEW and Status.OPEN in policy.statuses[status].moves else status


def status_after_customer(status: Status) -> Status:
    """The status that the requester's reply leaves; a locked ticket gets a follow-up instead."""
    return Status.OPEN if status in REOPENED_BY_CUSTOMER else status


def _closing_warning(ticket: Ticket, *, is_answered: bool) -> str | None:
    """The warning about closing; None if there is none."""
    if not is_answered:
        nobody = "" if ticket.assignee_id is not None else " and assigned to nobody"
        return f"{ticket.id.label} is unanswered{nobody}: its first-response clock will end as closed unanswered."
    if ticket.assignee_id is None:
        return f"{ticket.id.label} is assigned to nobody; its first-response clock is met and stays as it is."
    return None


def _waiting_warning(policy: ServicePolicy, ticket: Ticket, to: Status) -> str | None:
    """The warning about putting a ticket aside without a public reply; None if there is none."""
    title = policy.statuses[to].title
    if ticket.first_reply_at is None:
        pauses = to in policy.pause_on.get(Metric.FIRST_RESPONSE, frozenset())
        effect = f"pauses in {title}" if pauses else f"keeps running in {title}"
        return f"{ticket.id.label} has no public reply: its first-response clock {effect}."
    if _customer_waits(ticket) and Metric.NEXT_RESPONSE in policy.metrics:
        return f"{ticket.id.label} goes to {title} with the customer's last message unanswered."
    if _customer_waits(ticket):
        return (
            f"{ticket.id.label} goes to {title} with the customer's last message unanswered: no clock counts that wait."
        )
    return None


def _customer_waits(ticket: Ticket) -> bool:
    """Whether the customer has written since the last public reply."""
    replied_at = ticket.replied_at or ticket.first_reply_at
    return ticket.customer_wrote_at is not None and (replied_at is None or ticket.customer_wrote_at > replied_at)


def _listed(titles: Iterable[str]) -> str:
    """Join titles as in prose: `A, B or C`."""
    *most, last = [*titles] or ["nowhere"]
    return f"{', '.join(most)} or {last}" if most else last
