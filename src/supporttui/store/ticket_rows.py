"""How tickets are written to the cache: columns, tags and searchable text, in the transaction of their records."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from msgspec.structs import replace

from supporttui.domain.board_order import SortPosition, waiting_since
from supporttui.domain.instants import to_us
from supporttui.domain.safe_text import OutsideText, folded
from supporttui.domain.ticket import Conversation, Lifecycle, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.store import blobs
from supporttui.store.merging import merge_ticket
from supporttui.store.stored_ids import stored_id

T = TypeVar("T")

PositionOf = Callable[[Ticket], SortPosition]

ROWS_PER_STATEMENT: Final = 47
"""Tickets that one statement writes: SQLite before 3.32 takes at most 999 values, and a ticket has 21."""

_UPDATED_COLUMNS: Final = (
    "revision",
    "order_generation",
    "version",
    "status",
    "is_live",
    "assignee_id",
    "group_key",
    "requester_id",
    "severity",
    "created_at",
    "updated_at",
    "status_changed_at",
    "customer_wrote_at",
    "waiting_since",
    "replied_at",
    "closed_at",
    "sort_group",
    "sort_key",
    "drifts",
    "record",
)

_INSERT: Final = f"INSERT INTO ticket (id, {', '.join(_UPDATED_COLUMNS)}) VALUES "  # noqa: S608 - names of ours
_UPDATE: Final = " ON CONFLICT (id) DO UPDATE SET " + ", ".join(
    f"{each} = excluded.{each}" for each in _UPDATED_COLUMNS
)

_RENAME: Final = """
UPDATE ticket_text SET subject = (SELECT fresh.subject FROM fresh WHERE fresh.number = ticket_text.rowid)
WHERE rowid IN (SELECT number FROM fresh)
"""

_POSITION: Final = """
UPDATE ticket SET order_generation = ?, sort_group = ?, sort_key = ?, drifts = ? WHERE number = ?
"""


def searchable(text: str) -> str:
    """The text as SQLite can store and index it: without NUL and lone surrogates."""
    return text.encode("utf-8", "replace").decode().replace("\0", " ")


def compared(text: str) -> str:
    """The text by which others are found, without regard to case and accents."""
    return searchable(folded(text))


def batches(everything: Sequence[T]) -> Iterator[Sequence[T]]:
    """Split into batches for one statement each; the GIL is released while SQLite writes a batch."""
    return (everything[at : at + ROWS_PER_STATEMENT] for at in range(0, len(everything), ROWS_PER_STATEMENT))


def id_lists(ids: Sequence[str], size: int = 999) -> Iterator[Sequence[str]]:
    """Split ids into lists that one statement may name: SQLite before 3.32 takes at most 999 values."""
    return (ids[at : at + size] for at in range(0, len(ids), size))


def placeholders(number: int) -> str:
    """A list of this many question marks for a statement."""
    return ", ".join("?" * number)


class TicketWriter:
    """Writes tickets within one transaction, under one revision of the cache."""

    def __init__(self, database: sqlite3.Connection, revision: int, generation: int, position_of: PositionOf) -> None:
        self._database = database
        self._revision = revision
        self._generation = generation
        self._position_of = position_of

    def merge(self, fresh: Sequence[Ticket]) -> int:
        """Merge reports into what is known, in their order; the number of tickets that changed."""
        return sum(map(self._merge_batch, batches(fresh)))

    def _merge_batch(self, fresh: Sequence[Ticket]) -> int:
        known = self._known({stored_id(ticket.id): ticket.id for ticket in fresh})
        merged = {ticket_id: ticket for ticket_id, (ticket, _) in known.items()}
        for ticket in fresh:
            merged[ticket.id] = merge_ticket(merged.get(ticket.id), ticket)
        records = {ticket_id: blobs.encode(ticket) for ticket_id, ticket in merged.items()}
        changed = [
            ticket
            for ticket_id, ticket in merged.items()
            if ticket_id not in known or records[ticket_id] != known[ticket_id][1]
        ]
        if changed:
            self._write(changed, records)
            before = {ticket_id: ticket for ticket_id, (ticket, _) in known.items()}
            self._write_subjects([each for each in changed if _subject_differs(before.get(each.id), each)], before)
            self._write_tags([each for each in changed if each.tags != _tags(before.get(each.id))])
        return len(changed)

    def _known(self, ids: Mapping[str, TicketId]) -> dict[TicketId, tuple[Ticket, bytes]]:
        """The tickets that are there, under the keys given: a record may name its desk as it was called before."""
        statement = f"SELECT id, record FROM ticket WHERE id IN ({placeholders(len(ids))})"  # noqa: S608 - question marks only
        rows = self._database.execute(statement, list(ids))
        return {ids[each]: (replace(blobs.decode_ticket(blob), id=ids[each]), blob) for each, blob in rows}

    def _write(self, tickets: Sequence[Ticket], records: Mapping[TicketId, bytes]) -> None:
        row = f"({placeholders(len(_UPDATED_COLUMNS) + 1)})"
        values = [value for ticket in tickets for value in self._columns(ticket, records[ticket.id])]
        self._database.execute(_INSERT + ", ".join([row] * len(tickets)) + _UPDATE, values)

    def _columns(self, ticket: Ticket, record: bytes) -> tuple[object, ...]:
        position = self._position_of(ticket)
        return (
            stored_id(ticket.id),
            self._revision,
            self._generation,
            searchable(ticket.version),
            ticket.status.value,
            ticket.lifecycle is Lifecycle.LIVE,
            ticket.assignee_id,
            None if ticket.group is None else compared(ticket.group.raw),
            ticket.requester_id,
            ticket.severity,
            to_us(ticket.created_at),
            to_us(ticket.updated_at),
            _us(ticket.status_changed_at),
            _us(ticket.customer_wrote_at),
            _us(waiting_since(ticket)),
            _us(ticket.replied_at),
            _us(ticket.closed_at),
            *position,
            record,
        )

    def _write_subjects(self, tickets: Sequence[Ticket], known: Mapping[TicketId, Ticket]) -> None:
        if not tickets:
            return
        numbers = self._numbers([stored_id(each.id) for each in tickets])
        subjects = [(each.id in known, numbers[stored_id(each.id)], searchable(each.subject.raw)) for each in tickets]
        new = [row for is_known, *row in subjects if not is_known]
        renamed = [row for is_known, *row in subjects if is_known]
        if new:
            rows = ", ".join(["(?, ?, '')"] * len(new))
            statement = f"INSERT INTO ticket_text (rowid, subject, conversation) VALUES {rows}"  # noqa: S608 - question marks only
            self._database.execute(statement, [value for row in new for value in row])
        if renamed:
            rows = ", ".join(["(?, ?)"] * len(renamed))
            statement = f"WITH fresh (number, subject) AS (VALUES {rows}){_RENAME}"
            self._database.execute(statement, [value for row in renamed for value in row])

    def _numbers(self, ids: Sequence[str]) -> dict[str, int]:
        """The row numbers of tickets that are there, by stored id."""
        statement = f"SELECT id, number FROM ticket WHERE id IN ({placeholders(len(ids))})"  # noqa: S608 - question marks only
        return dict(self._database.execute(statement, ids).fetchall())

    def _write_tags(self, tickets: Sequence[Ticket]) -> None:
        if not tickets:
            return
        ids = [stored_id(ticket.id) for ticket in tickets]
        self._database.execute(f"DELETE FROM tag WHERE ticket_id IN ({placeholders(len(ids))})", ids)  # noqa: S608 - question marks only
        tags = {(compared(tag.raw), stored_id(ticket.id)) for ticket in tickets for tag in ticket.tags}
        self._database.executemany("INSERT INTO tag VALUES (?, ?)", sorted(tags))


def write_conversation_text(database: sqlite3.Connection, conversation: Conversation) -> None:
    """Index the messages of a ticket that is there."""
    text = "\n".join(searchable(message.body.raw) for message in conversation.messages)
    statement = "UPDATE ticket_text SET conversation = ? WHERE rowid = (SELECT number FROM ticket WHERE id = ?)"
    database.execute(statement, (text, stored_id(conversation.ticket_id)))


def update_positions(
    database: sqlite3.Connection, generation: int, numbers: Sequence[int], position_of: PositionOf
) -> int:
    """Compute the positions of the tickets in these rows again; how many have changed."""
    statement = (
        "SELECT number, order_generation, sort_group, sort_key, drifts, record FROM ticket "  # noqa: S608 - question marks only
        f"WHERE number IN ({placeholders(len(numbers))})"
    )
    moved, rows = 0, []
    for number, known_generation, *known, blob in database.execute(statement, numbers):
        position = position_of(blobs.decode_ticket(blob))
        if position != tuple(known):
            moved += 1
        if position != tuple(known) or known_generation < generation:
            rows.append((max(generation, known_generation), *position, number))
    database.executemany(_POSITION, rows)
    return moved


def _subject_differs(before: Ticket | None, after: Ticket) -> bool:
    return before is None or before.subject != after.subject


def _tags(ticket: Ticket | None) -> tuple[OutsideText, ...]:
    return () if ticket is None else ticket.tags


def _us(at: datetime | None) -> int | None:
    return None if at is None else to_us(at)
