"""What a query of the filter language is made of."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from enum import Enum
from operator import eq, ge, gt, le, lt
from typing import Final

import msgspec

from supporttui.domain.instants import MINUTE_US, span_us, to_us
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId


class Field(Enum):
    """What a term looks at."""

    TEXT = "text"
    """Subject and conversation."""
    SUBJECT = "subject"
    ID = "id"
    STATUS = "status"
    SEVERITY = "severity"
    ASSIGNEE = "assignee"
    REQUESTER = "requester"
    ORGANIZATION = "organization"
    GROUP = "group"
    TAG = "tag"
    DUE = "due"
    """What is left of the worst open clock, in support time."""
    WAITING = "waiting"
    """For how long the customer has been waiting for a word from us."""
    CREATED = "created"
    UPDATED = "updated"
    UNREAD = "unread"
    DRAFT = "draft"
    UNSENT = "unsent"


class Operator(Enum):
    """How the ticket's value is compared."""

    IS = ":"
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


class Special(Enum):
    """Values that are none of a property."""

    ME = "me"
    NONE = "none"


class Span(msgspec.Struct, frozen=True):
    """A length of time; a day is 24 hours, and of support time a business day."""

    days: int = 0
    minutes: int = 0

    def us(self, day: timedelta) -> int:
        """In microseconds, for a day of this length."""
        return self.days * span_us(day) + self.minutes * MINUTE_US


class Day(msgspec.Struct, frozen=True):
    """A date in the desk's zone: a fixed one, or so many days before today."""

    fixed: date | None = None
    days_ago: int = 0

    def bounds(self, context: "QueryContext") -> tuple[int, int]:
        """Its first instant and that of the next day, in microseconds."""
        day = self.fixed or (context.now.astimezone(context.zone).date() - timedelta(days=self.days_ago))
        first, after = (
            to_us(datetime.combine(each, time(), context.zone)) for each in (day, min(day, _LAST_DAY) + ONE_DAY)
        )
        return first, after


Value = Special | Status | Span | Day | int | str

ONE_DAY: Final = timedelta(days=1)
_LAST_DAY: Final = date(9998, 12, 31)


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """One condition; of several values any will do. It holds for a ticket, or where it is negated for all others."""

    field: Field
    operator: Operator = Operator.IS
    values: tuple[Value, ...] = ()
    """None where the field itself is the condition, as in `unread`. Texts of people, tags and groups are folded."""
    is_negated: bool = False
    start: int = 0
    """Where it begins in the text of the query."""
    end: int = 0


class Query(msgspec.Struct, frozen=True):
    """What a ticket has to fulfil: all of the terms."""

    terms: tuple[Term, ...] = ()
    text: str = ""
    """As it was written."""

    def __bool__(self) -> bool:
        """Whether it leaves any ticket out."""
        return bool(self.terms)

    @property
    def asks_desk(self) -> bool:
        """Whether tickets beside those of the board may be meant: words or a customer are looked for."""
        sought = [term for term in self.terms if term.field in _SOUGHT_FIELDS and not term.is_negated]
        return any(isinstance(value, str) for term in sought for value in term.values)


EVERYTHING: Final = Query()
"""Matches every ticket."""

_SOUGHT_FIELDS: Final = frozenset({Field.TEXT, Field.SUBJECT, Field.REQUESTER, Field.ORGANIZATION})


class QueryProblem(ValueError):
    """A text is no query. `str()` is one sentence with what would be right."""

    def __init__(self, start: int, end: int, sentence: str) -> None:
        super().__init__(sentence)
        self.start = start
        """The place of the mistake in the text, at least one character of it."""
        self.end = end
        self.sentence = sentence


class QueryContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a query is evaluated against, besides the tickets."""

    now: datetime
    zone: tzinfo
    """The desk's, in which dates are meant."""
    my_id: int | None
    """The person who is `me`; None where that is not known yet."""
    open_us: int | None
    """How much open time of the desk's calendar has passed now; None beyond its years."""
    business_day: timedelta
    """The support time of one business day."""
    draft_ids: frozenset[TicketId] = frozenset()
    """Tickets on which a draft is kept."""
    unsent_ids: frozenset[TicketId] = frozenset()
    """Tickets with a change that the desk has not taken."""


COMPARISONS: Final[Mapping[Operator, Callable[[int, int], bool]]] = {
    Operator.IS: eq,
    Operator.LESS: lt,
    Operator.AT_MOST: le,
    Operator.MORE: gt,
    Operator.AT_LEAST: ge,
}


def statuses_of(operator: Operator, value: Status) -> list[Status]:
    """The statuses that compare so with one, in the order of the panes."""
    order = list(Status)
    return [each for each in order if COMPARISONS[operator](order.index(each), order.index(value))]


def day_range(operator: Operator, day: Day, context: QueryContext) -> tuple[int | None, int | None]:
    """The first instant that compares so with a date, and the first one that no longer does; None for no limit."""
    first, after = day.bounds(context)
    return {
        Operator.IS: (first, after),
        Operator.LESS: (None, first),
        Operator.AT_MOST: (None, after),
        Operator.MORE: (after, None),
        Operator.AT_LEAST: (first, None),
    }[operator]


def is_within(at_us: int, limits: tuple[int | None, int | None]) -> bool:
    """Whether an instant lies in a half-open range."""
    first, after = limits
    return (first is None or at_us >= first) and (after is None or at_us < after)


def is_number(phrase: str) -> bool:
    """Whether a phrase may as well be the number of a ticket."""
    return phrase.isascii() and phrase.isdigit()


def bare_number(phrase: str) -> str:
    """The digits of a number without zeros before it."""
    return phrase.lstrip("0") or "0"
