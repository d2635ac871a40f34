"""What a query matches, by looking at every ticket: plain predicates over values that are worked out once a ticket.

Nothing of `domain.query.matching` nor of the SQL is used, but for where a ticket's clock stands in the order.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import eq, ge, gt, le, lt
from typing import Any, Final, NamedTuple

import msgspec

from support.board_samples import NOW
from support.policy_samples import packaged_calendar, packaged_policy
from supporttui.domain.board_order import OPEN_CLOCK_GROUP, BoardOrder
from supporttui.domain.query.query import Day, Field, Operator, Query, QueryContext, Span, Special, Term, Value
from supporttui.domain.support_calendar import Calendars
from supporttui.domain.ticket import Conversation, Lifecycle, Person, Status, Ticket
from supporttui.domain.ticket_id import TicketId

ORDER: Final = BoardOrder(packaged_policy(), Calendars(packaged_calendar()))

_COMPARE: Final[Mapping[Operator, Callable[[Any, Any], bool]]] = {
    Operator.IS: eq,
    Operator.LESS: lt,
    Operator.AT_MOST: le,
    Operator.MORE: gt,
    Operator.AT_LEAST: ge,
}


class Desk(msgspec.Struct, kw_only=True):
    """What there is to be queried."""

    tickets: Sequence[Ticket]
    people: Sequence[Person]
    conversations: Mapping[TicketId, Conversation]
    read_at: Mapping[TicketId, datetime]
    context: QueryContext


class PlainTicket(NamedTuple):
    """What terms ask of one ticket, ready to be compared."""

    id: str
    subject: str
    """Its words, each with a space before it."""
    written: str
    status: int
    severity: int | None
    assignee_id: int | None
    assignee: str
    requester_id: int
    requester: str
    organization: str | None
    group: str | None
    tags: frozenset[str]
    left_us: int | None
    """Support time left of the worst clock; None where none is open."""
    waiting: timedelta | None
    created: timedelta
    created_on: date
    updated: timedelta
    updated_on: date
    is_unread: bool
    has_draft: bool
    is_unsent: bool


Predicate = Callable[[PlainTicket], bool]


class NaiveFinder:
    """Answers queries; a set of tickets is a number with one byte a ticket, so that sets are compared at once."""

    def __init__(self, desk: Desk) -> None:
        self._context = desk.context
        live = [each for each in desk.tickets if each.lifecycle is Lifecycle.LIVE]
        people = {each.id: each for each in desk.people}
        self.ticket_ids = [each.id for each in live]
        self._tickets = [_plain_ticket(each, people, desk) for each in live]
        self._everything = int.from_bytes(b"\1" * len(live))
        self._found: dict[tuple[Field, Operator, Value | None], int] = {}

    def find(self, query: Query) -> frozenset[TicketId]:
        """The tickets that match: those for which every term holds."""
        return frozenset(self.ids_of(self.find_set(query)))

    def find_set(self, query: Query) -> int:
        """The same as a set."""
        found = self._everything
        for term in query.terms:
            found &= self._find(term)
        return found

    def set_of(self, rows: Iterable[int]) -> int:
        """The tickets at these places of `ticket_ids` as a set."""
        is_in = bytearray(len(self._tickets))
        for row in rows:
            is_in[row] = 1
        return int.from_bytes(is_in)

    def ids_of(self, found: int) -> list[TicketId]:
        """The tickets of a set."""
        rows = found.to_bytes(len(self._tickets))
        return [ticket_id for ticket_id, is_in in zip(self.ticket_ids, rows, strict=True) if is_in]

    def _find(self, term: Term) -> int:
        found = 0
        for value in term.values or (None,):
            found |= self._with_value(term, value)
        return found ^ self._everything if term.is_negated else found

    def _with_value(self, term: Term, value: Value | None) -> int:
        """The tickets that fulfil a term of one value; a term that comes again is answered from memory."""
        key = (term.field, term.operator, value)
        if key not in self._found:
            holds = _PREDICATES[term.field](term.operator, value, self._context)
            self._found[key] = int.from_bytes(bytes(map(holds, self._tickets)))
        return self._found[key]


@lru_cache(1 << 16)
def plain(text: str) -> str:
    """Without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in parts if not unicodedata.combining(each))


@lru_cache(1 << 16)
def spaced_words(text: str) -> str:
    """The words of a text, each with a space before it."""
    return "".join(f" {word}" for word in re.findall(r"[^\W_]+", plain(text)))


def _plain_ticket(ticket: Ticket, people: Mapping[int, Person], desk: Desk) -> PlainTicket:
    context, conversation = desk.context, desk.conversations.get(ticket.id)
    requester, assignee = people.get(ticket.requester_id), people.get(ticket.assignee_id or 0)
    position = ORDER.position(ticket, NOW)
    organization = None if requester is None or requester.organization is None else requester.organization.raw
    has_clock = position.group == OPEN_CLOCK_GROUP and context.open_us is not None
    return PlainTicket(
        id=ticket.id.id,
        subject=spaced_words(ticket.subject.raw),
        written="" if conversation is None else spaced_words("\n".join(m.body.raw for m in conversation.messages)),
        status=[*Status].index(ticket.status),
        severity=ticket.severity,
        assignee_id=ticket.assignee_id,
        assignee=_named(assignee),
        requester_id=ticket.requester_id,
        requester=_named(requester),
        organization=None if organization is None else plain(organization),
        group=None if ticket.group is None else plain(ticket.group.raw),
        tags=frozenset(plain(each.raw) for each in ticket.tags),
        left_us=position.key - (context.open_us or 0) if has_clock else None,
        waiting=_waiting(ticket, context.now),
        created=context.now - ticket.created_at,
        created_on=ticket.created_at.astimezone(context.zone).date(),
        updated=context.now - ticket.updated_at,
        updated_on=ticket.updated_at.astimezone(context.zone).date(),
        is_unread=_is_unread(ticket, desk.read_at.get(ticket.id)),
        has_draft=ticket.id in context.draft_ids,
        is_unsent=ticket.id in context.unsent_ids,
    )


def _named(person: Person | None) -> str:
    return "" if person is None else f"{plain(person.name.raw)}\n{plain(person.email.raw)}"


def _waiting(ticket: Ticket, now: datetime) -> timedelta | None:
    """For how long the customer has been waiting for a word from us."""
    wrote_at, replied_at = ticket.customer_wrote_at, ticket.replied_at or ticket.first_reply_at
    if ticket.status is Status.CLOSED or wrote_at is None:
        return None
    return now - wrote_at if replied_at is None or replied_at < wrote_at else None


def _is_unread(ticket: Ticket, read_at: datetime | None) -> bool:
    """Whether the customer wrote something after the description that nobody has answered or read."""
    wrote_at = ticket.customer_wrote_at
    if wrote_at is None or wrote_at <= ticket.created_at:
        return False
    return not any(at is not None and at >= wrote_at for at in (ticket.replied_at, read_at))


def _text(_operator: Operator, value: Value | None, _context: QueryContext) -> Predicate:
    phrase = str(value)
    words, number = spaced_words(phrase), phrase.lstrip("0") or "0"
    if phrase.isascii() and phrase.isdigit():
        return lambda each: words in each.subject or words in each.written or each.id == number
    return lambda each: words in each.subject or words in each.written


def _subject(_operator: Operator, value: Value | None, _context: QueryContext) -> Predicate:
    words = spaced_words(str(value))
    return lambda each: words in each.subject


def _id(_operator: Operator, value: Value | None, _context: QueryContext) -> Predicate:
    return lambda each: each.id == value


def _status(operator: Operator, value: Value | None, _context: QueryContext) -> Predicate:
    compare, wanted = _COMPARE[operator], [*Status].index(Status(value))
    return lambda each: compare(each.status, wanted)


def _severity(operator: Operator, value: Value | None, _context: QueryContext) -> Predicate:
    if value is Special.NONE:
        return lambda each: each.severity is None
    compare = _COMPARE[operator]
    return lambda each: each.severity is not None and compare(each.severity, value)


def _assignee(_operator: Operator, value: Value | None, context: QueryContext) -> Predicate:
    if isinstance(value, Special):
        wanted = context.my_id if value is Special.ME else None
        return lambda each: each.assignee_id == wanted
    name = str(value)
    return lambda each: name in each.assignee


def _requester(_operator: Operator, value: Value | None, context: QueryContext) -> Predicate:
    if value is Special.ME:
        return lambda each: each.requester_id == context.my_id
    name = str(value)
    return lambda each: name in each.requester or (each.organization is not None and name in each.organization)


def _part_of(read: Callable[[PlainTicket], str | None]) -> Callable[..., Predicate]:
    def predicate(_operator: Operator, value: Value | None, _context: QueryContext) -> Predicate:
        if value is Special.NONE:
            return lambda each: read(each) is None
        part = str(value)
        return lambda each: part in (read(each) or "")

    return predicate


def _tag(_operator: Operator, value: Value | None, _context: QueryContext) -> Predicate:
    return (lambda each: not each.tags) if value is Special.NONE else lambda each: value in each.tags


def _due(operator: Operator, value: Value | None, context: QueryContext) -> Predicate:
    if not isinstance(value, Span):
        return lambda each: each.left_us is None
    compare = _COMPARE[operator]
    limit_us = int((value.days * context.business_day + timedelta(minutes=value.minutes)).total_seconds()) * 1_000_000
    return lambda each: each.left_us is not None and compare(each.left_us, limit_us)


def _waits(operator: Operator, value: Value | None, _context: QueryContext) -> Predicate:
    if not isinstance(value, Span):
        return lambda each: each.waiting is not None
    compare, span = _COMPARE[operator], timedelta(days=value.days, minutes=value.minutes)
    return lambda each: each.waiting is not None and compare(each.waiting, span)


def _time(
    read_ago: Callable[[PlainTicket], timedelta], read_day: Callable[[PlainTicket], date]
) -> Callable[..., Predicate]:
    def predicate(operator: Operator, value: Value | None, context: QueryContext) -> Predicate:
        compare = _COMPARE[operator]
        if isinstance(value, Day):
            day = value.fixed or context.now.astimezone(context.zone).date() - timedelta(days=value.days_ago)
            return lambda each: compare(read_day(each), day)
        assert isinstance(value, Span)
        span = timedelta(days=value.days, minutes=value.minutes)
        return lambda each: compare(read_ago(each), span)

    return predicate


_PREDICATES: Final[Mapping[Field, Callable[[Operator, Value | None, QueryContext], Predicate]]] = {
    Field.TEXT: _text,
    Field.SUBJECT: _subject,
    Field.ID: _id,
    Field.STATUS: _status,
    Field.SEVERITY: _severity,
    Field.ASSIGNEE: _assignee,
    Field.REQUESTER: _requester,
    Field.ORGANIZATION: _part_of(lambda each: each.organization),
    Field.GROUP: _part_of(lambda each: each.group),
    Field.TAG: _tag,
    Field.DUE: _due,
    Field.WAITING: _waits,
    Field.CREATED: _time(lambda each: each.created, lambda each: each.created_on),
    Field.UPDATED: _time(lambda each: each.updated, lambda each: each.updated_on),
    Field.UNREAD: lambda *_: lambda each: each.is_unread,
    Field.DRAFT: lambda *_: lambda each: each.has_draft,
    Field.UNSENT: lambda *_: lambda each: each.is_unsent,
}
