"""The cache: a disposable copy of the help desk in SQLite, from which everything is drawn."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple, Self

from supporttui.domain.ticket import Conversation, Person, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.store import blobs
from supporttui.store.board_queries import BoardQueries
from supporttui.store.cache_file import CacheFile, current_revision, file_identity, load_value, put_value, set_revision
from supporttui.store.person_rows import PeopleTable, put_people
from supporttui.store.stored_ids import stored_id, ticket_id_of
from supporttui.store.ticket_order import OrderUpdates, TicketOrder
from supporttui.store.ticket_rows import TicketWriter, id_lists, placeholders, write_conversation_text

_LAST_NUMBER: Final = (1 << 63) - 1
"""No row has a number above this one."""

_CHANGES_PAGE: Final = """
SELECT revision, number, record FROM ticket WHERE (revision, number) > (?, ?) ORDER BY revision, number LIMIT ?
"""


_CONVERSATION: Final = "SELECT record FROM conversation WHERE ticket_id = ?"

UNOPENED_BYTES: Final = """
SELECT coalesce(sum(length(record)), 0) FROM conversation WHERE ticket_id NOT IN (SELECT ticket_id FROM read_mark)
"""
UNOPENED: Final = """
SELECT ticket_id, length(conversation.record) FROM conversation LEFT JOIN ticket ON ticket.id = ticket_id
WHERE ticket_id NOT IN (SELECT ticket_id FROM read_mark) ORDER BY ticket.updated_at DESC
"""
FORGET_TEXT: Final = """
UPDATE ticket_text SET conversation = '' WHERE rowid = (SELECT number FROM ticket WHERE id = ?)
"""


class RevisionPosition(NamedTuple):
    """How far a reader has come: everything up to this row of this revision."""

    revision: int
    row_number: int = _LAST_NUMBER


class Cache:
    """One thread's connection to the cache. Several windows may have one open; every change has a new revision.

    A file that is damaged, or that a newer version wrote, is set aside and begun anew, at any time: it is then empty
    and has no cursor, and its revision starts again. Any method may raise `StoreProblem` where the disk is full.
    """

    def __init__(self, path: Path | str, desk: str, order: TicketOrder | None = None) -> None:
        """Open the file of the desk with this short name. `order` computes the sort positions of written tickets."""
        self._file = CacheFile(Path(path), desk)
        self._order = order or TicketOrder()
        self.board = BoardQueries(self._file)
        self.people = PeopleTable(self._file)
        self.order = OrderUpdates(self._file, self._order)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_reason: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self._file.path

    @property
    def desk(self) -> str:
        """The short name of the desk of which this is a copy."""
        return self._file.desk

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def identity(self) -> bytes:
        """Another value once the copy was begun anew, by whichever window: revisions compare only within one."""
        return self._file.read(file_identity)

    def revision(self) -> int:
        """The number of the newest change, whichever window made it."""
        return self._file.read(current_revision)

    def apply(
        self,
        tickets: Iterable[Ticket],
        people: Iterable[Person],
        *,
        after: str | None = None,
        cursor: str | None = None,
    ) -> int:
        """Take in what the desk reported and where it stands, as a whole; the number of tickets that changed by it.

        The cursor is kept only where the copy still stands `after` which the page was asked for: another window may
        have gone on, or begun a damaged file anew.
        """
        known, named = tuple(tickets), tuple(people)

        def take_in(database: sqlite3.Connection) -> int:
            revision = current_revision(database) + 1
            changed = self._writer(database, revision).merge(known)
            renamed = put_people(database, named, revision)
            if cursor is not None and load_value(database, "cursor") == (after.encode() if after else None):
                put_value(database, "cursor", cursor.encode())
            if changed or renamed:
                set_revision(database, revision)
            return changed

        return self._file.write(take_in)

    def _writer(self, database: sqlite3.Connection, revision: int) -> TicketWriter:
        return TicketWriter(database, revision, self._order.generation, self._order.position_of())

    def load_cursor(self) -> str | None:
        """Where the desk's changes were last read to; None before the first page."""
        cursor = self.load_state("cursor")
        return cursor.decode() if cursor is not None else None

    def load_tickets(self) -> list[Ticket]:
        """All tickets, in the order of their ids."""
        return self.load_since(0)[1]

    def load_ticket(self, ticket_id: TicketId) -> Ticket | None:
        """One ticket, or None where it is not known."""
        return self._file.read(lambda database: _load_ticket(database, ticket_id))

    def load_tickets_by_id(self, ticket_ids: Iterable[TicketId]) -> list[Ticket]:
        """These tickets, as far as they are known, in any order."""
        named = [stored_id(each) for each in ticket_ids]

        def load(database: sqlite3.Connection) -> list[Ticket]:
            return [ticket for share in id_lists(named) for ticket in _load_tickets(database, share)]

        return self._file.read(load)

    def load_since(self, revision: int) -> tuple[int, list[Ticket]]:
        """The newest revision, and the tickets that changed after the given one; all where the file was begun anew."""

        def load(database: sqlite3.Connection) -> tuple[int, list[Ticket]]:
            with _read_transaction(database):
                newest = current_revision(database)
                after = revision if revision <= newest else 0
                rows = database.execute("SELECT record FROM ticket WHERE revision > ? ORDER BY id", (after,))
                return newest, [blobs.decode_ticket(blob) for (blob,) in rows]

        return self._file.read(load)

    def load_changes_page(self, after: RevisionPosition, limit: int) -> tuple[RevisionPosition, list[Ticket]]:
        """The next tickets that changed after a position, at most `limit`, and the position behind them.

        A page that is not full reaches the newest revision.
        """

        def load(database: sqlite3.Connection) -> tuple[RevisionPosition, list[Ticket]]:
            with _read_transaction(database):
                newest = current_revision(database)
                rows = database.execute(_CHANGES_PAGE, (*after, limit)).fetchall()
            tickets = [blobs.decode_ticket(blob) for _, _, blob in rows]
            reached = RevisionPosition(rows[-1][0], rows[-1][1]) if len(rows) == limit else RevisionPosition(newest)
            return reached, tickets

        return self._file.read(load)

    def load_recent(self, limit: int) -> list[Ticket]:
        """The tickets that were taken in last, the latest first."""

        def load(database: sqlite3.Connection) -> list[Ticket]:
            rows = database.execute("SELECT record FROM ticket ORDER BY revision DESC, number DESC LIMIT ?", (limit,))
            return [blobs.decode_ticket(blob) for (blob,) in rows]

        return self._file.read(load)

    def count_tickets(self) -> int:
        """How many tickets there are."""
        return self._file.read(_count_tickets)

    def save_conversation(self, conversation: Conversation, ticket: Ticket, people: Iterable[Person] = ()) -> None:
        """Keep a conversation with the ticket and the people that were fetched with it."""
        named = tuple(people)

        def save(database: sqlite3.Connection) -> None:
            revision = current_revision(database) + 1
            row = (stored_id(conversation.ticket_id), conversation.ticket_version, blobs.encode(conversation))
            known = database.execute(_CONVERSATION, row[:1]).fetchone()
            database.execute("INSERT OR REPLACE INTO conversation VALUES (?, ?, ?)", row)
            self._writer(database, revision).merge((ticket,))
            if known is not None and known[0] != row[2]:  # the ticket itself may be as it was
                database.execute("UPDATE ticket SET revision = ? WHERE id = ?", (revision, row[0]))
            write_conversation_text(database, conversation)
            put_people(database, named, revision)
            set_revision(database, revision)

        self._file.write(save)

    def drop_unopened(self, max_bytes: int) -> int:
        """Leave the conversations that nobody has opened out, those of the oldest tickets first, where they take more.

        Returns how many were left out.
        """
        if self._file.read(lambda database: int(database.execute(UNOPENED_BYTES).fetchone()[0])) <= max_bytes:
            return 0

        def drop(database: sqlite3.Connection) -> int:
            left, dropped = max_bytes * 3 // 4, list[tuple[str]]()
            for stored, size in database.execute(UNOPENED).fetchall():
                left -= size
                if left < 0:
                    dropped.append((stored,))
            database.executemany("DELETE FROM conversation WHERE ticket_id = ?", dropped)
            database.executemany(FORGET_TEXT, dropped)
            return len(dropped)

        return self._file.write(drop)

    def load_conversation(self, ticket_id: TicketId) -> Conversation | None:
        """A ticket's conversation as last fetched, or None where it never was."""

        def load(database: sqlite3.Connection) -> Conversation | None:
            row = database.execute(_CONVERSATION, (stored_id(ticket_id),)).fetchone()
            return blobs.decode_conversation(row[0]) if row else None

        return self._file.read(load)

    def load_conversation_version(self, ticket_id: TicketId) -> str | None:
        """The ticket's version to which its kept conversation belongs, or None where none is kept."""

        def load(database: sqlite3.Connection) -> str | None:
            row = database.execute(
                "SELECT version FROM conversation WHERE ticket_id = ?", (stored_id(ticket_id),)
            ).fetchone()
            return str(row[0]) if row else None

        return self._file.read(load)

    def save_state(self, key: str, value: bytes) -> None:
        """Keep one small value, replacing the former."""
        self._file.write(lambda database: put_value(database, key, value))

    def load_state(self, key: str) -> bytes | None:
        """A value kept by `save_state`, or None."""
        return self._file.read(lambda database: load_value(database, key))

    def mark_read(self, ticket_id: TicketId, at: datetime) -> None:
        """Note up to which instant a ticket was read; an instant before the noted one changes nothing."""

        def note(database: sqlite3.Connection) -> None:
            row = database.execute("SELECT at FROM read_mark WHERE ticket_id = ?", (stored_id(ticket_id),)).fetchone()
            if row is None or blobs.decode_instant(row[0]) < at:
                stamp = blobs.encode_instant(at.astimezone(UTC))
                database.execute("INSERT OR REPLACE INTO read_mark VALUES (?, ?)", (stored_id(ticket_id), stamp))
                set_revision(database, current_revision(database) + 1)

        self._file.write(note)

    def load_read_marks(self) -> dict[TicketId, datetime]:
        """Up to which instant each ticket was read."""

        def load(database: sqlite3.Connection) -> dict[TicketId, datetime]:
            rows = database.execute("SELECT ticket_id, at FROM read_mark")
            return {ticket_id_of(stored, self._file.desk): blobs.decode_instant(at) for stored, at in rows}

        return self._file.read(load)


def _count_tickets(database: sqlite3.Connection) -> int:
    (number,) = database.execute("SELECT count(*) FROM ticket INDEXED BY ticket_by_revision").fetchone()
    return int(number)


def _load_tickets(database: sqlite3.Connection, ids: Sequence[str]) -> list[Ticket]:
    statement = f"SELECT record FROM ticket WHERE id IN ({placeholders(len(ids))})"  # noqa: S608 - question marks only
    return [blobs.decode_ticket(blob) for (blob,) in database.execute(statement, ids)]


def _load_ticket(database: sqlite3.Connection, ticket_id: TicketId) -> Ticket | None:
    row = database.execute("SELECT record FROM ticket WHERE id = ?", (stored_id(ticket_id),)).fetchone()
    return blobs.decode_ticket(row[0]) if row else None


@contextlib.contextmanager
def _read_transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Several reads that see the same state."""
    database.execute("BEGIN")
    try:
        yield
    finally:
        database.execute("ROLLBACK")
