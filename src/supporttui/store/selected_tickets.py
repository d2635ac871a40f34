"""The tickets that a selection shows: their numbers pane by pane, and how one ticket stands among them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from supporttui.domain.board_order import OPEN_CLOCK_GROUP, SortPosition, closed_key, waiting_since
from supporttui.domain.instants import to_us
from supporttui.domain.query.query import Field, QueryContext, Term
from supporttui.domain.query.selection import BoardSelection, GroupBy, GroupKey, SortBy
from supporttui.domain.ticket import Lifecycle, Person, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.store.stored_ids import stored_id
from supporttui.store.ticket_rows import compared, searchable

LAST: Final = 1 << 62
"""Behind every instant."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: a selection at a moment."""

    selection: BoardSelection
    context: QueryContext
    closed_since: datetime | None = None
    """Of closed tickets only those closed at or after this instant; None for all."""


class SelectedGroup(msgspec.Struct, frozen=True):
    """Tickets that stand together."""

    key: GroupKey
    count: int
    worst_key: int | None
    """The sort key of the worst open clock; None where none is open."""


class SelectedPane(msgspec.Struct, frozen=True):
    """The tickets of one pane, by the numbers of their rows."""

    numbers: list[int]
    """In the order in which they are shown."""
    clock_keys: list[int]
    """The sort keys of the open clocks, the worst first."""
    clock_numbers: list[int]
    """The rows of these."""
    groups: tuple[SelectedGroup, ...] = ()
    """In their order; none where tickets are not grouped."""


class SelectedTickets(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a question, at one state of the cache."""

    question: Question
    identity: bytes
    revision: int
    panes: Mapping[Status, SelectedPane]
    found_numbers: frozenset[int]
    """Rows that are shown only since the desk has found them."""


class SelectedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket as a selection sees it."""

    number: int
    ticket_id: TicketId
    status: Status
    is_shown: bool
    group: GroupKey
    order: tuple[Any, ...]
    """Compares as the pane is sorted; only with those of the same pane and selection."""
    clock_key: int | None
    """The sort key of its open clock; None where none is open."""
    is_found: bool = False
    """It is shown only since the desk has found it."""


def is_asked_of_desk(term: Term) -> bool:
    """Whether what the desk's search says of a term counts, since it knows more text than the local copy."""
    return term.field in (Field.TEXT, Field.SUBJECT) and not term.is_negated


def changed_entry(
    question: Question,
    number: int,
    ticket: Ticket,
    position: SortPosition,
    people: tuple[Person | None, Person | None],
    *,
    is_shown: bool,
    is_of_desk: bool = False,
) -> SelectedEntry:
    """A ticket with pending changes, as the selection would see it were it stored so.

    `people` are its requester and its assignee; what is `is_of_desk` the desk has chosen, however long it is closed.
    """
    selection = question.selection
    sorting = order_of(
        selection.sorting(ticket.status),
        position,
        ticket.severity,
        _us(waiting_since(ticket)),
        to_us(ticket.updated_at),
        to_us(ticket.created_at),
    )
    group, group_order = _group_of(selection.group_by, ticket, *people)
    return SelectedEntry(
        number=number,
        ticket_id=ticket.id,
        status=ticket.status,
        is_shown=is_shown
        and ticket.lifecycle is Lifecycle.LIVE
        and (is_of_desk or _is_recent(question, ticket.status, position)),
        group=group,
        order=(*group_order_of(group, group_order), *sorting, stored_id(ticket.id)),
        clock_key=position.key if position.group == OPEN_CLOCK_GROUP else None,
    )


def _is_recent(question: Question, status: Status, position: SortPosition) -> bool:
    since = question.closed_since
    return status is not Status.CLOSED or since is None or position.key <= closed_key(since)


def order_of(
    sort_by: SortBy,
    position: SortPosition,
    severity: int | None,
    waiting_since_us: int | None,
    updated_us: int,
    created_us: int,
) -> tuple[int, ...]:
    """What a pane is sorted by."""
    match sort_by:
        case SortBy.CLOCK:
            return position.group, position.key
        case SortBy.UPDATED:
            return (-updated_us,)
        case SortBy.CREATED:
            return (-created_us,)
        case SortBy.SEVERITY:
            return 99 if severity is None else severity, position.group, position.key
        case SortBy.WAITING:
            return LAST if waiting_since_us is None else waiting_since_us, position.group, position.key
        case SortBy.ID:
            return (0,)


def group_order_of(group: GroupKey, order: object) -> tuple[object, ...]:
    """What groups are sorted by; tickets without a group stand last."""
    return (1,) if group is None else (0, order, group)


def _group_of(
    group_by: GroupBy | None, ticket: Ticket, requester: Person | None, assignee: Person | None
) -> tuple[GroupKey, object]:
    match group_by:
        case GroupBy.SEVERITY:
            return ticket.severity, ticket.severity
        case GroupBy.ASSIGNEE:
            return ticket.assignee_id, "" if assignee is None else compared(assignee.name.raw)
        case GroupBy.REQUESTER:
            return ticket.requester_id, "" if requester is None else compared(requester.name.raw)
        case GroupBy.ORGANIZATION if requester is not None and requester.organization is not None:
            return searchable(requester.organization.raw), compared(requester.organization.raw)
    return None, None


def _us(at: datetime | None) -> int | None:
    return None if at is None else to_us(at)
