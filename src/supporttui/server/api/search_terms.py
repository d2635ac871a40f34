"""The search language: words, and properties such as `status:open`, `-priority:low` or `created>2026-01-31`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select, true

from supporttui.server.api_errors import ApiError
from supporttui.server.email_addresses import email_key
from supporttui.server.people import Actor
from supporttui.server.schema import comments, groups, organizations, tickets, users
from supporttui.zendesk_api.words import PRIORITIES, TICKET_STATUSES

TERMS_MAX: Final = 32
_TERM: Final = re.compile(r'(-?)(?:([a-z_]+)(:|<=|>=|<|>))?("[^"]*"|\S+)', re.IGNORECASE)
_DATES: Final = {"created": "created_at", "updated": "updated_at", "solved": "solved_at"}
_PEOPLE: Final = {"assignee": "assignee_id", "requester": "requester_id", "submitter": "submitter_id"}
_COMPARE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    ":": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


class SearchInvalid(ApiError):
    """A search query that is invalid, for the reason given."""

    status = 422

    def __init__(self, description: str) -> None:
        super().__init__("invalid", f"Invalid search: {description}")


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """One part of a query: a word, or a property and the value it is compared with."""

    value: str
    property: str | None = None
    operator: str = ":"
    is_negated: bool = False


def parse_terms(query: str) -> list[SearchTerm]:
    """Split a query into terms. Raises SearchInvalid."""
    terms = []
    for negation, name, operator, value in _TERM.findall(query):
        terms.append(SearchTerm(value.strip('"'), name.lower() or None, operator or ":", bool(negation)))
    if len(terms) > TERMS_MAX:
        raise SearchInvalid(f"there may be up to {TERMS_MAX} terms")
    return terms


def condition_of(actor: Actor, term: SearchTerm) -> ColumnElement[bool]:
    """Return the SQL condition of a term. Raises SearchInvalid."""
    found = _positive(actor, term)
    return not_(found) if term.is_negated else found


def condition_for_requester(term: SearchTerm) -> ColumnElement[bool]:
    """Return the SQL condition of a requester's term: words in public text, subject, status or priority.

    Raises SearchInvalid for any other property, since a match would reveal what only agents may know.
    """
    if term.property is None:
        found = _has_text(term.value, public_only=True)
    elif term.property in _FOR_REQUESTERS:
        found = _FOR_REQUESTERS[term.property](term)
    else:
        raise SearchInvalid(f"{term.property}; end users search for words, {', '.join(_FOR_REQUESTERS)}")
    return not_(found) if term.is_negated else found


def _positive(actor: Actor, term: SearchTerm) -> ColumnElement[bool]:
    name = term.property
    if name is None:
        return _has_text(term.value)
    if name in _PEOPLE:
        return _person(actor, name, term)
    if name in _DATES:
        return _dated(name, term)
    known = _PROPERTIES.get(name)
    if known is None:
        raise SearchInvalid(f"{name} is not a property that can be searched for")
    return known(term)


def is_id(text: str) -> bool:
    """Whether a text is a number in the range of ids."""
    return text.isascii() and text.isdigit() and len(text) < 19


def _has_text(text: str, *, public_only: bool = False) -> ColumnElement[bool]:
    """Tickets with the text in their subject or conversation, or as their id."""
    having = select(comments.c.id).where(
        comments.c.ticket_id == tickets.c.id, comments.c.body.icontains(text, autoescape=True)
    )
    written = exists(having.where(comments.c.is_public) if public_only else having)
    found = or_(tickets.c.subject.icontains(text, autoescape=True), written)
    number = text.removeprefix("#")
    if is_id(number):
        found = or_(found, tickets.c.id == int(number))
    return found


def _type(term: SearchTerm) -> ColumnElement[bool]:
    """The condition on the type. Raises SearchInvalid for types that are not searched, rather than find nothing."""
    if term.value.lower() != "ticket":
        raise SearchInvalid(
            f"type:{term.value}; this search finds tickets. People are found with /api/v2/users/search, and groups "
            "listed by /api/v2/groups"
        )
    return true()


def _status(term: SearchTerm) -> ColumnElement[bool]:
    return _ordered(tickets.c.status, TICKET_STATUSES, term)


def _priority(term: SearchTerm) -> ColumnElement[bool]:
    if term.value.lower() == "none":
        return tickets.c.priority.is_(None)
    return and_(tickets.c.priority.is_not(None), _ordered(tickets.c.priority, PRIORITIES[::-1], term))


def _ordered(column: Any, order: tuple[str, ...], term: SearchTerm) -> ColumnElement[bool]:  # noqa: ANN401 - a text column
    """Compare words by their position in an order. Raises SearchInvalid."""
    value = term.value.lower()
    if value not in order:
        raise SearchInvalid(f"{term.property}:{term.value}; use one of {', '.join(order)}")
    compare, place = _COMPARE[term.operator], order.index(value)
    return _among(column, [word for number, word in enumerate(order) if compare(number, place)])


def _among(column: Any, words: list[str]) -> ColumnElement[bool]:  # noqa: ANN401 - a text column
    found: ColumnElement[bool] = column.in_(words)
    return found


def _tags(term: SearchTerm) -> ColumnElement[bool]:
    if term.value.lower() == "none":
        return tickets.c.tags == "[]"
    quoted = f'"{term.value.lower()}"'
    return tickets.c.tags.contains(quoted, autoescape=True)


def _subject(term: SearchTerm) -> ColumnElement[bool]:
    return tickets.c.subject.icontains(term.value, autoescape=True)


def _external_id(term: SearchTerm) -> ColumnElement[bool]:
    return tickets.c.external_id == term.value


def _ticket_type(term: SearchTerm) -> ColumnElement[bool]:
    if term.value.lower() == "none":
        return tickets.c.type.is_(None)
    return tickets.c.type == term.value.lower()


def _group(term: SearchTerm) -> ColumnElement[bool]:
    if term.value.lower() == "none":
        return tickets.c.group_id.is_(None)
    if is_id(term.value):
        return tickets.c.group_id == int(term.value)
    return tickets.c.group_id.in_(select(groups.c.id).where(groups.c.name.icontains(term.value, autoescape=True)))


def _person(actor: Actor, name: str, term: SearchTerm) -> ColumnElement[bool]:
    """`me`, `none`, an id, an address, or part of a name."""
    column = tickets.c[_PEOPLE[name]]
    value = term.value.strip()
    if value.lower() == "none":
        return column.is_(None)
    if value.lower() == "me":
        return column == actor.id
    if is_id(value):
        return column == int(value)
    address = email_key(value)
    wanted = users.c.email == address if address else users.c.name.icontains(value, autoescape=True)
    return and_(column.is_not(None), column.in_(select(users.c.id).where(wanted)))


def _dated(name: str, term: SearchTerm) -> ColumnElement[bool]:
    """Compare with a day or an instant; `:` means within the day. Raises SearchInvalid."""
    column = tickets.c[_DATES[name]]
    try:
        start = datetime.fromisoformat(term.value)
        start = (start if start.tzinfo else start.replace(tzinfo=UTC)).astimezone(UTC)
        end = start + timedelta(days=1)
    except (ValueError, OverflowError) as problem:
        raise SearchInvalid(f"{name}:{term.value} is not a date; write it like 2026-01-31") from problem
    if term.operator == ":":
        return and_(column >= start, column < end)
    found: ColumnElement[bool] = _COMPARE[term.operator](column, start)
    return found


def _organization(term: SearchTerm) -> ColumnElement[bool]:
    """Match tickets by the id or part of the name of their requester's organisation, or `none`."""
    if term.value.lower() == "none":
        return tickets.c.requester_id.in_(select(users.c.id).where(users.c.organization_id.is_(None)))
    if is_id(term.value):
        wanted: ColumnElement[bool] = users.c.organization_id == int(term.value)
    else:
        named = select(organizations.c.id).where(organizations.c.name.icontains(term.value, autoescape=True))
        wanted = users.c.organization_id.in_(named)
    return tickets.c.requester_id.in_(select(users.c.id).where(wanted))


_PROPERTIES: Final[Mapping[str, Callable[[SearchTerm], ColumnElement[bool]]]] = {
    "type": _type,
    "status": _status,
    "priority": _priority,
    "tags": _tags,
    "subject": _subject,
    "external_id": _external_id,
    "ticket_type": _ticket_type,
    "group": _group,
    "group_id": _group,
    "organization": _organization,
    "organization_id": _organization,
}
_FOR_REQUESTERS: Final[Mapping[str, Callable[[SearchTerm], ColumnElement[bool]]]] = {
    "status": _status,
    "priority": _priority,
    "subject": _subject,
}
