"""What the board shows where it is filtered, sorted or grouped: the tickets of each pane in order, found by one scan.

The selected tickets are put into a temporary table of the connection, and each pane is read from there as one list of
row numbers. Python never looks at the tickets, and the interpreter lock is free while SQLite works.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from supporttui.domain.board_order import OPEN_CLOCK_GROUP, SortPosition, closed_key
from supporttui.domain.query.selection import BoardSelection, GroupBy, SortBy
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.store.cache_file import CacheFile, current_revision, file_identity
from supporttui.store.query_conditions import Conditions, fts_phrase
from supporttui.store.selected_tickets import (
    LAST,
    Question,
    SelectedEntry,
    SelectedGroup,
    SelectedPane,
    SelectedTickets,
    group_order_of,
    is_asked_of_desk,
    order_of,
)
from supporttui.store.stored_ids import stored_id, ticket_id_of
from supporttui.store.ticket_rows import id_lists, searchable

MOST_CHANGED: Final = 200
"""Changed tickets that are put in their places one by one; for more of them everything is selected again."""

_COLUMNS: Final = (
    "ticket.number, ticket.id, ticket.status, ticket.is_live, ticket.sort_group, ticket.sort_key, ticket.severity, "
    "ticket.waiting_since, ticket.updated_at, ticket.created_at"
)
_TEMPORARY: Final = """
CREATE TEMP TABLE selected (
    number INTEGER, status TEXT, sort_group INTEGER, sort_key INTEGER, group_key, is_found INTEGER
)
"""
# NOT INDEXED: to read the whole table in its order takes 30 ms for 100,000 tickets, by an index it takes 180 ms. Rows
# that the full-text index names are looked up all the same.
_SELECT: Final = """
INSERT INTO temp.selected
SELECT ticket.number, ticket.status, ticket.sort_group, ticket.sort_key, {group_key}, {found}
FROM ticket NOT INDEXED {join}
WHERE ticket.is_live AND {shown} ORDER BY ticket.status, {order}, ticket.id
"""
_GROUPS: Final[Mapping[GroupBy | None, tuple[str, str, str]]] = {
    None: ("NULL", "NULL", ""),
    GroupBy.SEVERITY: ("ticket.severity", "ticket.severity", ""),
    GroupBy.ASSIGNEE: (
        "ticket.assignee_id",
        "coalesce(person.name_key, '')",
        "LEFT JOIN person ON person.id = ticket.assignee_id",
    ),
    GroupBy.REQUESTER: (
        "ticket.requester_id",
        "coalesce(person.name_key, '')",
        "LEFT JOIN person ON person.id = ticket.requester_id",
    ),
    GroupBy.ORGANIZATION: (
        "person.organization",
        "coalesce(person.organization_key, '')",
        "LEFT JOIN person ON person.id = ticket.requester_id",
    ),
}
"""The key of a ticket's group, that by which groups are sorted, and the table that knows it."""

_SORTINGS: Final[Mapping[SortBy, tuple[str, str, str]]] = {
    SortBy.CLOCK: ("ticket.sort_group", "ticket.sort_key", "0"),
    SortBy.UPDATED: ("-ticket.updated_at", "0", "0"),
    SortBy.CREATED: ("-ticket.created_at", "0", "0"),
    SortBy.SEVERITY: ("coalesce(ticket.severity, 99)", "ticket.sort_group", "ticket.sort_key"),
    SortBy.WAITING: (f"coalesce(ticket.waiting_since, {LAST})", "ticket.sort_group", "ticket.sort_key"),
    SortBy.ID: ("0", "0", "0"),
}

STATUS_AT: Final = "SELECT status FROM temp.selected WHERE rowid = ?"
NUMBERS: Final = "SELECT group_concat(number) FROM temp.selected WHERE rowid >= :start AND rowid < :end"
CLOCKS_IN_ORDER: Final = """
SELECT group_concat(sort_key), group_concat(number) FROM temp.selected
WHERE rowid >= :start AND rowid < :end AND sort_group = :sort_group
"""
CLOCKS: Final = """
SELECT group_concat(sort_key), group_concat(number) FROM (
    SELECT sort_key, number FROM temp.selected WHERE rowid >= :start AND rowid < :end AND sort_group = :sort_group
    ORDER BY sort_key LIMIT -1
)
"""
GROUPS_OF_PANE: Final = """
SELECT group_key, count(*), min(CASE WHEN sort_group = :sort_group THEN sort_key END) FROM temp.selected
WHERE rowid >= :start AND rowid < :end GROUP BY group_key ORDER BY min(rowid)
"""


class SelectionInterrupted(Exception):
    """`interrupt` was called: nobody wants the answer any more."""


class SelectionQueries:
    """Answers questions on one connection. Every method may raise `StoreProblem`."""

    def __init__(self, file: CacheFile) -> None:
        self._file = file

    def select(self, question: Question) -> SelectedTickets:
        """All selected tickets. Raises SelectionInterrupted."""

        def run(database: sqlite3.Connection) -> SelectedTickets:
            try:
                return _select(database, question)
            except sqlite3.OperationalError as problem:
                if getattr(problem, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                    raise SelectionInterrupted from None
                raise

        return self._file.read(run)

    def interrupt(self) -> None:
        """End `select` on another thread; where it does not run, nothing happens."""
        self._file.interrupt()

    def entries(self, question: Question, numbers: Sequence[int]) -> dict[int, SelectedEntry]:
        """These rows as the selection sees them."""
        return {each.number: each for each in self._where(question, "ticket.number", numbers)}

    def entries_of(self, question: Question, ticket_ids: Iterable[TicketId]) -> list[SelectedEntry]:
        """These tickets as the selection sees them, as far as they are known."""
        stored = [stored_id(each) for each in ticket_ids]
        return [each for share in id_lists(stored, 800) for each in self._where(question, "ticket.id", share)]

    def changed_since(self, question: Question, revision: int) -> list[SelectedEntry] | None:
        """The tickets that changed after a revision, as the selection sees them; None where they are too many."""
        statement = "SELECT number FROM ticket INDEXED BY ticket_by_revision WHERE revision > ? LIMIT ?"

        def load(database: sqlite3.Connection) -> list[int]:
            return [row[0] for row in database.execute(statement, (revision, MOST_CHANGED + 1))]

        numbers = self._file.read(load)
        return None if len(numbers) > MOST_CHANGED else self._where(question, "ticket.number", numbers)

    def people_changed_since(self, revision: int) -> bool:
        """Whether anybody is new or has another name, by which others may be selected."""
        statement = "SELECT EXISTS (SELECT 1 FROM person INDEXED BY person_by_revision WHERE revision > ?)"
        return self._file.read(lambda database: bool(database.execute(statement, (revision,)).fetchone()[0]))

    def has_phrase(self, number: int, phrase: str, in_subject: bool) -> bool:
        """Whether a phrase stands in the text of the ticket in this row."""
        statement = "SELECT EXISTS (SELECT 1 FROM ticket_text WHERE rowid = ? AND ticket_text MATCH ?)"
        wanted = f"subject : {fts_phrase(phrase)}" if in_subject else fts_phrase(phrase)
        return self._file.read(lambda database: bool(database.execute(statement, (number, wanted)).fetchone()[0]))

    def _where(self, question: Question, column: str, values: Sequence[int | str]) -> list[SelectedEntry]:
        conditions = Conditions(question.context)
        shown, found = _shown_and_found(conditions, question)
        key, order, join = _GROUPS[question.selection.group_by]
        named = ", ".join(conditions.bind(each) for each in values)
        statement = (
            f"SELECT {_COLUMNS}, {key}, {order}, {found}, {shown} FROM ticket {join} "  # noqa: S608 - values are bound
            f"WHERE {column} IN ({named})"
        )

        def load(database: sqlite3.Connection) -> list[SelectedEntry]:
            rows = database.execute(statement, conditions.values)
            return [self._entry(question.selection, row) for row in rows]

        return self._file.read(load) if values else []

    def _entry(self, selection: BoardSelection, row: tuple[Any, ...]) -> SelectedEntry:
        number, stored, word, is_live, sort_group, sort_key, *sorted_by, group, group_order, is_found, is_shown = row
        status = Status(word)
        sorting = order_of(selection.sorting(status), SortPosition(sort_group, sort_key), *sorted_by)
        return SelectedEntry(
            number=number,
            ticket_id=ticket_id_of(stored, self._file.desk),
            status=status,
            is_shown=bool(is_live and is_shown),
            group=group,
            order=(*group_order_of(group, group_order), *sorting, stored),
            clock_key=sort_key if sort_group == OPEN_CLOCK_GROUP else None,
            is_found=bool(is_found),
        )


def _select(database: sqlite3.Connection, question: Question) -> SelectedTickets:
    database.execute("PRAGMA temp_store = MEMORY")
    database.execute("BEGIN")  # all of it sees one state; of the file itself nothing is written
    try:
        _fill_temporary_table(database, question)
        bounds = _pane_bounds(database)
        return SelectedTickets(
            question=question,
            identity=file_identity(database),
            revision=current_revision(database),
            panes={
                status: _read_pane(database, question.selection, status, *bounds.get(status, (1, 1)))
                for status in Status
            },
            found_numbers=_found_numbers(database, question),
        )
    finally:
        if database.in_transaction:  # an interruption may have ended it
            database.execute("ROLLBACK")


def _fill_temporary_table(database: sqlite3.Connection, question: Question) -> None:
    """Put what is selected into the table, pane by pane and in the order in which it is shown."""
    conditions, selection = Conditions(question.context), question.selection
    shown, found = _shown_and_found(conditions, question)
    key, order, join = _GROUPS[selection.group_by]
    sorted_by = _sorting(conditions, selection)
    if selection.group_by is not None:
        sorted_by = f"{key} IS NULL, {order}, {key}, {sorted_by}"
    database.execute(_TEMPORARY)
    statement = _SELECT.format(group_key=key, found=found, join=join, shown=shown, order=sorted_by)
    database.execute(statement, conditions.values)


def _sorting(conditions: Conditions, selection: BoardSelection) -> str:
    """What the tickets of a pane are sorted by, which may differ from pane to pane."""
    by_pane = {status: _SORTINGS[selection.sorting(status)] for status in Status}
    if len({*by_pane.values()}) == 1:
        return ", ".join(each for each in by_pane[Status.NEW] if each != "0") or "ticket.id"
    names = {status: conditions.bind(status.value) for status in Status}
    columns = []
    for column in range(3):
        cases = " ".join(f"WHEN {names[status]} THEN {by_pane[status][column]}" for status in Status)
        columns.append(f"CASE ticket.status {cases} END")
    return ", ".join(columns)


def _pane_bounds(database: sqlite3.Connection) -> dict[Status, tuple[int, int]]:
    """The first row of each pane in the temporary table, and the one behind its last."""
    (end,) = database.execute("SELECT coalesce(max(rowid), 0) + 1 FROM temp.selected").fetchone()
    bounds, start = {}, 1
    while start < end:
        (word,) = database.execute(STATUS_AT, (start,)).fetchone()
        low, high = start, end
        while low < high:
            middle = (low + high) // 2
            if database.execute(STATUS_AT, (middle,)).fetchone() == (word,):
                low = middle + 1
            else:
                high = middle
        bounds[Status(word)] = (start, low)
        start = low
    return bounds


def _read_pane(
    database: sqlite3.Connection, selection: BoardSelection, status: Status, start: int, end: int
) -> SelectedPane:
    values = {"start": start, "end": end, "sort_group": OPEN_CLOCK_GROUP}
    is_in_order = selection.group_by is None and selection.sorting(status) is SortBy.CLOCK
    (numbers,) = database.execute(NUMBERS, values).fetchone()
    clock_keys, clock_numbers = database.execute(CLOCKS_IN_ORDER if is_in_order else CLOCKS, values).fetchone()
    groups = database.execute(GROUPS_OF_PANE, values).fetchall() if selection.group_by is not None else []
    return SelectedPane(
        _listed(numbers), _listed(clock_keys), _listed(clock_numbers), tuple(SelectedGroup(*each) for each in groups)
    )


def _found_numbers(database: sqlite3.Connection, question: Question) -> frozenset[int]:
    if not question.selection.finds_on_desk:
        return frozenset()
    return frozenset(row[0] for row in database.execute("SELECT number FROM temp.selected WHERE is_found"))


def _listed(joined: str | None) -> list[int]:
    """The numbers of a text with commas: a hundred thousand in two milliseconds."""
    return msgspec.json.decode(f"[{joined}]", type=list[int]) if joined else []


def _shown_and_found(conditions: Conditions, question: Question) -> tuple[str, str]:
    """The condition that a ticket is shown, and that it is so only since the desk has found it."""
    selection, scope = question.selection, "1"
    if question.closed_since is not None:
        closed = conditions.bind(Status.CLOSED.value)
        scope = (
            f"(ticket.status <> {closed} OR ticket.sort_key <= {conditions.bind(closed_key(question.closed_since))})"
        )
    if not (selection.finds_on_desk or selection.desk_view):
        return f"{scope} AND {conditions.of_query(selection.query)}", "0"
    named = conditions.bind(searchable(selection.desk_key))
    found = f"ticket.id IN (SELECT ticket_id FROM found_on_desk WHERE query = {named})"  # noqa: S608 - a parameter's name
    if selection.desk_view:
        return f"{found} AND {conditions.of_query(selection.query)}", "0"
    known = f"({scope} AND {conditions.of_query(selection.query)})"
    # The desk has looked through texts that the local copy does not have.
    by_desk = conditions.of_query(selection.query, lambda term: found if is_asked_of_desk(term) else "")
    return f"({known} OR ({found} AND {by_desk}))", f"NOT coalesce({known}, 0)"
