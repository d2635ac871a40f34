"""Whether a ticket matches a query, term by term: what the SQL of `store/query_conditions.py` is compared with, and how
tickets with pending changes are chosen.
"""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from supporttui.domain.board import has_unread_reply
from supporttui.domain.board_order import OPEN_CLOCK_GROUP, SortPosition, waiting_since
from supporttui.domain.instants import to_us
from supporttui.domain.query.query import (
    COMPARISONS,
    ONE_DAY,
    Day,
    Field,
    Query,
    QueryContext,
    Span,
    Special,
    Term,
    Value,
    bare_number,
    day_range,
    is_number,
    is_within,
    statuses_of,
)
from supporttui.domain.safe_text import folded
from supporttui.domain.ticket import Person, Status, Ticket


class TicketFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What terms ask of one ticket."""

    ticket: Ticket
    position: SortPosition
    requester: Person | None
    assignee: Person | None
    has_phrase: Callable[[str, bool], bool]
    """Whether a phrase stands in the ticket's text; True asks for its subject only."""
    read_at: datetime | None = None


def matches(query: Query, facts: TicketFacts, context: QueryContext) -> bool:
    """Whether a ticket fulfils all terms."""
    return all(term_holds(term, facts, context) for term in query.terms)


def term_holds(term: Term, facts: TicketFacts, context: QueryContext) -> bool:
    """Whether a ticket fulfils one term."""
    holds = _HOLDS[term.field]
    if not term.values:
        return holds(term, None, facts, context) is not term.is_negated
    return any(holds(term, value, facts, context) for value in term.values) is not term.is_negated


def _text_holds(_term: Term, value: Value | None, facts: TicketFacts, _context: QueryContext) -> bool:
    phrase = str(value)
    return facts.has_phrase(phrase, False) or (is_number(phrase) and facts.ticket.id.id == bare_number(phrase))


def _subject_holds(_term: Term, value: Value | None, facts: TicketFacts, _context: QueryContext) -> bool:
    return facts.has_phrase(str(value), True)


def _id_holds(_term: Term, value: Value | None, facts: TicketFacts, _context: QueryContext) -> bool:
    return facts.ticket.id.id == value


def _status_holds(term: Term, value: Value | None, facts: TicketFacts, _context: QueryContext) -> bool:
    return isinstance(value, Status) and facts.ticket.status in statuses_of(term.operator, value)


def _severity_holds(term: Term, value: Value | None, facts: TicketFacts, _context: QueryContext) -> bool:
    severity = facts.ticket.severity
    if severity is None or not isinstance(value, int):
        return severity is None and value is Special.NONE
    return COMPARISONS[term.operator](severity, value)


def _assignee_holds(_term: Term, value: Value | None, facts: TicketFacts, context: QueryContext) -> bool:
    return _is_person(facts.ticket.assignee_id, facts.assignee, value, context)


def _requester_holds(_term: Term, value: Value | None, facts: TicketFacts, context: QueryContext) -> bool:
    if _is_person(facts.ticket.requester_id, facts.requester, value, context):
        return True
    return isinstance(value, str) and _organization_holds(_term, value, facts, context)


def _is_person(person_id: int | None, person: Person | None, value: Value | None, context: QueryContext) -> bool:
    if isinstance(value, Special):
        return person_id == (context.my_id if value is Special.ME else None) and (
            value is Special.NONE or person_id is not None
        )
    if person is None:
        return False
    return any(str(value) in folded(text.raw) for text in (person.name, person.email))


def _organization_holds(_term: Term, value: Value | None, facts: TicketFacts, _context: QueryContext) -> bool:
    organization = None if facts.requester is None else facts.requester.organization
    if organization is None or value is Special.NONE:
        return organization is None and value is Special.NONE
    return str(value) in folded(organization.raw)


def _group_holds(_term: Term, value: Value | None, facts: TicketFacts, _context: QueryContext) -> bool:
    group = facts.ticket.group
    if group is None or value is Special.NONE:
        return group is None and value is Special.NONE
    return str(value) in folded(group.raw)


def _tag_holds(_term: Term, value: Value | None, facts: TicketFacts, _context: QueryContext) -> bool:
    if value is Special.NONE:
        return not facts.ticket.tags
    return any(folded(tag.raw) == value for tag in facts.ticket.tags)


def _due_holds(term: Term, value: Value | None, facts: TicketFacts, context: QueryContext) -> bool:
    is_open = facts.position.group == OPEN_CLOCK_GROUP
    if not isinstance(value, Span):
        return not is_open
    left_us = facts.position.key - (context.open_us or 0)
    return (
        is_open and context.open_us is not None and COMPARISONS[term.operator](left_us, value.us(context.business_day))
    )


def _waiting_holds(term: Term, value: Value | None, facts: TicketFacts, context: QueryContext) -> bool:
    since = waiting_since(facts.ticket)
    return since is not None and (value is None or _time_holds(term, value, since, context))


def _created_holds(term: Term, value: Value | None, facts: TicketFacts, context: QueryContext) -> bool:
    return _time_holds(term, value, facts.ticket.created_at, context)


def _updated_holds(term: Term, value: Value | None, facts: TicketFacts, context: QueryContext) -> bool:
    return _time_holds(term, value, facts.ticket.updated_at, context)


def _time_holds(term: Term, value: Value | None, at: datetime, context: QueryContext) -> bool:
    """A length of time is compared with how long ago it is, a date with when it was."""
    at_us = to_us(at)
    if isinstance(value, Span):
        return COMPARISONS[term.operator](to_us(context.now) - at_us, value.us(ONE_DAY))
    return isinstance(value, Day) and is_within(at_us, day_range(term.operator, value, context))


def _unread_holds(_term: Term, _value: Value | None, facts: TicketFacts, _context: QueryContext) -> bool:
    return has_unread_reply(facts.ticket, facts.read_at)


def _draft_holds(_term: Term, _value: Value | None, facts: TicketFacts, context: QueryContext) -> bool:
    return facts.ticket.id in context.draft_ids


def _unsent_holds(_term: Term, _value: Value | None, facts: TicketFacts, context: QueryContext) -> bool:
    return facts.ticket.id in context.unsent_ids


_HOLDS: Final[Mapping[Field, Callable[[Term, Value | None, TicketFacts, QueryContext], bool]]] = {
    Field.TEXT: _text_holds,
    Field.SUBJECT: _subject_holds,
    Field.ID: _id_holds,
    Field.STATUS: _status_holds,
    Field.SEVERITY: _severity_holds,
    Field.ASSIGNEE: _assignee_holds,
    Field.REQUESTER: _requester_holds,
    Field.ORGANIZATION: _organization_holds,
    Field.GROUP: _group_holds,
    Field.TAG: _tag_holds,
    Field.DUE: _due_holds,
    Field.WAITING: _waiting_holds,
    Field.CREATED: _created_holds,
    Field.UPDATED: _updated_holds,
    Field.UNREAD: _unread_holds,
    Field.DRAFT: _draft_holds,
    Field.UNSENT: _unsent_holds,
}


def words_of(text: str) -> list[str]:
    """The words of a text as the full-text index takes them: runs of letters and digits, folded."""
    found: list[str] = []
    is_inside = False
    for character in unicodedata.normalize("NFD", text):
        category = unicodedata.category(character)
        if category[0] in "LN" or category == "Co":
            if is_inside:
                found[-1] += character
            else:
                found.append(character)
            is_inside = True
        elif category != "Mn":
            is_inside = False
    return [folded(word) for word in found]


def has_phrase(phrase: str, text: str) -> bool:
    """Whether the words of a phrase follow each other in a text; the last of them may be the beginning of a word."""
    wanted, words = words_of(phrase), words_of(text)
    if not wanted:
        return False
    *first, last = wanted
    return any(
        words[at : at + len(first)] == first and words[at + len(first)].startswith(last)
        for at in range(len(words) - len(first))
    )
