"""The words of the filter language: the names of its terms, the values they take, and what they mean."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

import msgspec

from supporttui.domain.query.query import Field, Operator, Span, Special, Term, Value
from supporttui.domain.ticket import STATUS_OF_SHORT_WORD, Status


class ValueKind(Enum):
    """What may stand behind a term's name."""

    PHRASE = "phrase"
    ID = "id"
    STATUS = "status"
    SEVERITY = "severity"
    AGENT = "agent"
    """`me`, `none`, or part of a name or address."""
    PERSON = "person"
    """`me`, or part of a name, address or organisation."""
    NAME_OR_NONE = "name"
    """Text, or `none`."""
    SUPPORT_SPAN = "support time"
    SPAN = "length of time"
    TIME = "length of time or date"


class TermSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A term that takes values."""

    field: Field
    names: tuple[str, ...]
    """The first one is the one that is offered."""
    kind: ValueKind
    example: str
    """One that can be typed as it is."""
    meaning: str
    """A few words."""
    operators: tuple[Operator, ...] = (Operator.IS,)
    takes_none: bool = False


SHORT_STATUSES: Final = tuple(STATUS_OF_SHORT_WORD)
"""The words that are offered, in the order of the panes."""

_ALL: Final = tuple(Operator)
_COMPARED: Final = tuple(each for each in Operator if each is not Operator.IS)

TERMS: Final = (
    TermSpec(
        field=Field.SEVERITY,
        names=("sev", "severity"),
        kind=ValueKind.SEVERITY,
        example="sev:1,2",
        meaning="severity 1 to 4, or none; also sev<=2",
        operators=_ALL,
        takes_none=True,
    ),
    TermSpec(
        field=Field.STATUS,
        names=("status",),
        kind=ValueKind.STATUS,
        example="status:open,hold",
        meaning=f"{', '.join(SHORT_STATUSES)}; also status<closed",
        operators=_ALL,
    ),
    TermSpec(
        field=Field.ASSIGNEE,
        names=("assignee",),
        kind=ValueKind.AGENT,
        example="assignee:me",
        meaning="me, none, or part of a name or address",
        takes_none=True,
    ),
    TermSpec(
        field=Field.REQUESTER,
        names=("requester", "from"),
        kind=ValueKind.PERSON,
        example="requester:acme",
        meaning="part of a name, address or organisation",
    ),
    TermSpec(
        field=Field.ORGANIZATION,
        names=("org", "organisation", "organization"),
        kind=ValueKind.NAME_OR_NONE,
        example='org:"acme robotics"',
        meaning="part of the requester's organisation, or none",
        takes_none=True,
    ),
    TermSpec(
        field=Field.GROUP,
        names=("group",),
        kind=ValueKind.NAME_OR_NONE,
        example="group:billing",
        meaning="part of the group's name, or none",
        takes_none=True,
    ),
    TermSpec(
        field=Field.TAG,
        names=("tag", "tags"),
        kind=ValueKind.NAME_OR_NONE,
        example="tag:vip",
        meaning="a whole tag, or none",
        takes_none=True,
    ),
    TermSpec(
        field=Field.DUE,
        names=("due",),
        kind=ValueKind.SUPPORT_SPAN,
        example="due<2h",
        meaning="support time left of the worst clock, breached ones included: 30m, 2h, 1d (a business day), or none",
        operators=(*_COMPARED, Operator.IS),
        takes_none=True,
    ),
    TermSpec(
        field=Field.WAITING,
        names=("waiting",),
        kind=ValueKind.SPAN,
        example="waiting>1d",
        meaning="how long the customer has been waiting for an answer, by day and night",
        operators=_COMPARED,
    ),
    TermSpec(
        field=Field.CREATED,
        names=("created", "age"),
        kind=ValueKind.TIME,
        example="created>7d",
        meaning="how long ago, by day and night; or a date: created:today, created>=2026-11-01",
        operators=_ALL,
    ),
    TermSpec(
        field=Field.UPDATED,
        names=("updated",),
        kind=ValueKind.TIME,
        example="updated<2h",
        meaning="the same of the last change",
        operators=_ALL,
    ),
    TermSpec(
        field=Field.SUBJECT,
        names=("subject",),
        kind=ValueKind.PHRASE,
        example='subject:"sync stops"',
        meaning="words that follow each other in the subject",
    ),
    TermSpec(
        field=Field.TEXT,
        names=("text",),
        kind=ValueKind.PHRASE,
        example="text:sync",
        meaning="the same as the word by itself: subject and conversation",
    ),
    TermSpec(field=Field.ID, names=("id",), kind=ValueKind.ID, example="id:1042", meaning="the ticket; also #1042"),
)

_BREACHED: Final = Term(field=Field.DUE, operator=Operator.LESS, values=(Span(),))

FLAGS: Final[Mapping[str, tuple[Term, str]]] = {
    "mine": (Term(field=Field.ASSIGNEE, values=(Special.ME,)), "assigned to me"),
    "unassigned": (Term(field=Field.ASSIGNEE, values=(Special.NONE,)), "assigned to nobody"),
    "unread": (Term(field=Field.UNREAD), "the customer has written since you last looked"),
    "waiting": (Term(field=Field.WAITING), "the customer waits for an answer"),
    "overdue": (_BREACHED, "breached: more than the target is used"),
    "breached": (_BREACHED, "the same"),
    "draft": (Term(field=Field.DRAFT), "you have begun to write on it"),
    "unsent": (Term(field=Field.UNSENT), "a change of yours has not reached the desk"),
}
"""Words that are a condition by themselves, with what they mean; in quotes they are looked for as text."""

TERM_OF_NAME: Final[Mapping[str, TermSpec]] = {name: spec for spec in TERMS for name in spec.names}

STATUS_OF_WORD: Final[Mapping[str, Status]] = {
    **STATUS_OF_SHORT_WORD,
    "awaiting-reply": Status.AWAITING_REPLY,
    "awaiting_reply": Status.AWAITING_REPLY,
    "awaiting your reply": Status.AWAITING_REPLY,
    "pending": Status.AWAITING_REPLY,
    "on-hold": Status.ON_HOLD,
    "on_hold": Status.ON_HOLD,
    "onhold": Status.ON_HOLD,
    "solved": Status.CLOSED,
}

SEVERITY_OF_WORD: Final[Mapping[str, Value]] = {
    **{str(number): number for number in range(1, 5)},
    "none": Special.NONE,
    "unset": Special.NONE,
}

QUERY_HELP: Final = (
    ("sync stops", "these words, or words that begin so, in subject and conversation"),
    ('"sync stops"', "words that follow each other"),
    *((spec.example, spec.meaning) for spec in TERMS),
    *((word, meaning) for word, (_, meaning) in FLAGS.items()),
    ("#1042", "the ticket of this number"),
    ("-tag:bug", "not: everything but that"),
    ("sev:1 tag:vip", "several terms: all of them; with commas, as in tag:vip,gold: any of the values"),
)
"""What can be typed and what it means, line by line, for the help and the README."""
