"""The SQL of a filter: conditions on a row of the cache's `ticket` table, as `domain.query.matching` has them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from supporttui.domain.board_order import OPEN_CLOCK_GROUP
from supporttui.domain.instants import to_us
from supporttui.domain.query.query import (
    Day,
    Field,
    Operator,
    Query,
    QueryContext,
    Span,
    Special,
    Term,
    Value,
    bare_number,
    day_range,
    is_number,
    statuses_of,
)
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.store.stored_ids import stored_id
from supporttui.store.ticket_rows import searchable

_MOST_IDS: Final = 300
"""Of the tickets with a draft, or with an unsent change, so many are told to SQLite; nobody has as many."""

_NEVER: Final = "0"
_DAY: Final = timedelta(days=1)

IN_TEXT: Final = "ticket.number IN (SELECT rowid FROM ticket_text WHERE ticket_text MATCH {})"
_NAMED_PERSON: Final = "SELECT id FROM person WHERE instr(name_key, {0}) OR instr(email_key, {0})"
_OF_ORGANIZATION: Final = "ticket.requester_id IN (SELECT id FROM person WHERE instr(organization_key, {}))"
_TAGGED: Final = "ticket.id IN (SELECT ticket_id FROM tag WHERE tag.tag = {})"
_UNREAD: Final = """
ticket.customer_wrote_at > ticket.created_at
AND (ticket.replied_at IS NULL OR ticket.replied_at < ticket.customer_wrote_at)
AND NOT EXISTS (
    SELECT 1 FROM read_mark WHERE read_mark.ticket_id = ticket.id AND read_mark.at >= ticket.customer_wrote_at
)
"""


class Conditions:
    """Writes conditions; `values` has what they compare with, by the names of the parameters."""

    def __init__(self, context: QueryContext) -> None:
        self.context = context
        self.values: dict[str, int | str] = {}

    def of_query(self, query: Query, unless: Callable[[Term], str] = lambda _term: "") -> str:
        """One condition for all terms. `unless` gives another condition by which a term is fulfilled as well."""
        found = []
        for term in query.terms:
            condition, other = self.of_term(term), unless(term)
            found.append(f"({condition} OR {other})" if other else condition)
        return " AND ".join(found) or "1"

    def of_term(self, term: Term) -> str:
        """The condition of one term; where it does not hold it may be NULL."""
        write = _WRITERS[term.field]
        found = " OR ".join(f"({write(self, term, value)})" for value in term.values or (None,))
        return f"NOT coalesce(({found}), 0)" if term.is_negated else f"({found})"

    def bind(self, value: int | str) -> str:
        """The name of a parameter with this value."""
        name = f"q{len(self.values)}"
        self.values[name] = value
        return f":{name}"


def _text(conditions: Conditions, _term: Term, value: Value | None) -> str:
    phrase = str(value)
    found = IN_TEXT.format(conditions.bind(fts_phrase(phrase)))
    if not is_number(phrase):
        return found
    return f"{found} OR {_ticket_id(conditions, _term, bare_number(phrase))}"


def _subject(conditions: Conditions, _term: Term, value: Value | None) -> str:
    return IN_TEXT.format(conditions.bind(f"subject : {fts_phrase(str(value))}"))


def _ticket_id(conditions: Conditions, _term: Term, value: Value | None) -> str:
    return f"ticket.id = {conditions.bind(stored_id(TicketId('', searchable(str(value)))))}"


def _status(conditions: Conditions, term: Term, value: Value | None) -> str:
    statuses = statuses_of(term.operator, value) if isinstance(value, Status) else []
    return f"ticket.status IN ({', '.join(conditions.bind(each.value) for each in statuses)})"


def _severity(conditions: Conditions, term: Term, value: Value | None) -> str:
    if not isinstance(value, int):
        return "ticket.severity IS NULL"
    return f"ticket.severity {_SIGNS[term.operator]} {conditions.bind(value)}"


def _assignee(conditions: Conditions, _term: Term, value: Value | None) -> str:
    if isinstance(value, Special):
        return "ticket.assignee_id IS NULL" if value is Special.NONE else _is_me(conditions, "ticket.assignee_id")
    return f"ticket.assignee_id IN ({_NAMED_PERSON.format(_bound_text(conditions, value))})"


def _requester(conditions: Conditions, _term: Term, value: Value | None) -> str:
    if value is Special.ME:
        return _is_me(conditions, "ticket.requester_id")
    name = _bound_text(conditions, value)
    return f"ticket.requester_id IN ({_NAMED_PERSON.format(name)} OR instr(organization_key, {name}))"


def _organization(conditions: Conditions, _term: Term, value: Value | None) -> str:
    if value is Special.NONE:
        return "ticket.requester_id NOT IN (SELECT id FROM person WHERE organization IS NOT NULL)"
    return _OF_ORGANIZATION.format(_bound_text(conditions, value))


def _group(conditions: Conditions, _term: Term, value: Value | None) -> str:
    if value is Special.NONE:
        return "ticket.group_key IS NULL"
    return f"instr(ticket.group_key, {_bound_text(conditions, value)})"


def _tag(conditions: Conditions, _term: Term, value: Value | None) -> str:
    if value is Special.NONE:
        return "NOT EXISTS (SELECT 1 FROM tag WHERE tag.ticket_id = ticket.id)"
    return _TAGGED.format(_bound_text(conditions, value))


def _due(conditions: Conditions, term: Term, value: Value | None) -> str:
    if not isinstance(value, Span):
        return f"ticket.sort_group <> {OPEN_CLOCK_GROUP}"
    if conditions.context.open_us is None:
        return _NEVER
    limit = conditions.context.open_us + value.us(conditions.context.business_day)
    return (
        f"ticket.sort_group = {OPEN_CLOCK_GROUP} AND ticket.sort_key {_SIGNS[term.operator]} {conditions.bind(limit)}"
    )


def _waiting(conditions: Conditions, term: Term, value: Value | None) -> str:
    return _compared_time(conditions, "ticket.waiting_since", term, value)


def _created(conditions: Conditions, term: Term, value: Value | None) -> str:
    return _compared_time(conditions, "ticket.created_at", term, value)


def _updated(conditions: Conditions, term: Term, value: Value | None) -> str:
    return _compared_time(conditions, "ticket.updated_at", term, value)


def _unread(conditions: Conditions, _term: Term, _value: Value | None) -> str:
    return _UNREAD


def _draft(conditions: Conditions, _term: Term, _value: Value | None) -> str:
    return _is_among(conditions, conditions.context.draft_ids)


def _unsent(conditions: Conditions, _term: Term, _value: Value | None) -> str:
    return _is_among(conditions, conditions.context.unsent_ids)


def _bound_text(conditions: Conditions, value: Value | None) -> str:
    return conditions.bind(searchable(str(value)))


def _is_me(conditions: Conditions, column: str) -> str:
    return _NEVER if conditions.context.my_id is None else f"{column} = {conditions.bind(conditions.context.my_id)}"


def _is_among(conditions: Conditions, ticket_ids: frozenset[TicketId]) -> str:
    named = sorted(ticket_ids)[:_MOST_IDS]
    return f"ticket.id IN ({', '.join(conditions.bind(stored_id(each)) for each in named)})"


def _compared_time(conditions: Conditions, column: str, term: Term, value: Value | None) -> str:
    if isinstance(value, Span):
        now = conditions.bind(to_us(conditions.context.now))
        return f"{now} - {column} {_SIGNS[term.operator]} {conditions.bind(value.us(_DAY))}"
    if not isinstance(value, Day):
        return f"{column} IS NOT NULL"
    first, after = day_range(term.operator, value, conditions.context)
    limits = [] if first is None else [f"{column} >= {conditions.bind(first)}"]
    limits += [] if after is None else [f"{column} < {conditions.bind(after)}"]
    return " AND ".join(limits)


def fts_phrase(phrase: str) -> str:
    """Words that follow each other, the last of them as the beginning of a word, in the syntax of FTS5."""
    return '"{}" *'.format(searchable(phrase).replace('"', " "))


_SIGNS: Final[Mapping[Operator, str]] = {
    Operator.IS: "=",
    Operator.LESS: "<",
    Operator.AT_MOST: "<=",
    Operator.MORE: ">",
    Operator.AT_LEAST: ">=",
}

_WRITERS: Final[Mapping[Field, Callable[[Conditions, Term, Value | None], str]]] = {
    Field.TEXT: _text,
    Field.SUBJECT: _subject,
    Field.ID: _ticket_id,
    Field.STATUS: _status,
    Field.SEVERITY: _severity,
    Field.ASSIGNEE: _assignee,
    Field.REQUESTER: _requester,
    Field.ORGANIZATION: _organization,
    Field.GROUP: _group,
    Field.TAG: _tag,
    Field.DUE: _due,
    Field.WAITING: _waiting,
    Field.CREATED: _created,
    Field.UPDATED: _updated,
    Field.UNREAD: _unread,
    Field.DRAFT: _draft,
    Field.UNSENT: _unsent,
}
