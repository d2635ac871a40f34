"""A row of the board: a ticket with its pending changes, its clocks and its marks."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum

import msgspec

from supporttui.domain.patch import TicketPatch, apply_patch
from supporttui.domain.sla import Clock
from supporttui.domain.ticket import Ticket


class PendingMark(Enum):
    """The state of the changes that were decided here and that the desk has not confirmed, as a mark on the row."""

    NONE = "none"
    PENDING = "pending"
    PROBLEM = "problem"
    """One was refused, or nobody knows whether it was applied: a person decides."""


class PendingChange(msgspec.Struct, frozen=True, kw_only=True):
    """A patch that was decided here and that the desk has not confirmed."""

    at: datetime
    patch: TicketPatch
    has_problem: bool = False
    """It does not apply for now; the ticket stays as the desk has it."""


class Row(msgspec.Struct, frozen=True):
    """One ticket on the board, as it will be once the desk has taken what was decided."""

    ticket: Ticket
    clock: Clock
    mark: PendingMark = PendingMark.NONE
    is_unread: bool = False
    clocks: tuple[Clock, ...] = ()
    """All of its clocks, of which `clock` is the worst; empty where nobody needs them."""
    is_found: bool = False
    """It is not on the board: the desk's own search has found it."""
    has_draft: bool = False
    """Something was written on it and not sent."""


def with_pending_changes(
    ticket: Ticket, decided: Iterable[PendingChange], *, is_own: bool = False
) -> tuple[Ticket, PendingMark]:
    """The ticket with the pending changes on it, and how to mark it. It keeps the desk's version stamp.

    `is_own` says that they are the requester's.
    """
    mark = PendingMark.NONE
    for change in decided:
        if change.has_problem:
            mark = PendingMark.PROBLEM
            continue
        mark = PendingMark.PENDING if mark is PendingMark.NONE else mark
        ticket = apply_patch(ticket, change.patch, change.at, is_requesters=is_own)
    return ticket, mark


def has_unread_reply(ticket: Ticket, read_at: datetime | None, *, is_own: bool = False) -> bool:
    """Whether the customer wrote after the description and nobody has looked at it or answered since.

    On a ticket of our own it is an agent who wrote.
    """
    wrote_at, answered_at = ticket.customer_wrote_at, ticket.replied_at
    if is_own:
        wrote_at, answered_at = ticket.replied_at, ticket.customer_wrote_at
    if wrote_at is None or wrote_at <= ticket.created_at:
        return False
    seen = (answered_at, read_at)
    return all(at is None or at < wrote_at for at in seen)
