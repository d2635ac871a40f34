"""The cache: a disposable copy of the help desk in SQLite, from which everything is drawn."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from supporttui.domain.instants import from_us, to_us
from supporttui.domain.ticket import Conversation, Person, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.store import blobs
from supporttui.store.board_queries import BoardQueries
from supporttui.store.cache_file import CacheFile, current_revision, file_identity, load_value, put_value, set_revision
from supporttui.store.person_rows import PeopleTable, put_people
from supporttui.store.stored_ids import stored_id, ticket_id_of
from supporttui.store.ticket_order import OrderUpdates, TicketOrder
from supporttui.store.ticket_rows import TicketWriter, id_lists, placeholders, write_conversation_text

if TYPE_CHECKING:
    from supporttui.store.filter_values import FilterValues
    from supporttui.store.selection_queries import SelectionQueries

_LAST_NUMBER: Final = (1 << 63) - 1
"""No row has a number above this one."""

_CHANGES_PAGE: Final = """
SELECT revision, number, record FROM ticket WHERE (revision, number) > (?, ?) ORDER BY revision, number LIMIT ?
"""


_READ_UNOPENED: Final = "read_unopened"
"""Key of the state that holds the instant last passed to `mark_all_read`."""

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
    """The position of a reader: everything up to this row of this revision has been read."""

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
        self._selection: SelectionQueries | None = None
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

    @property
    def selection(self) -> "SelectionQueries":
        """The queries of a board that is filtered, sorted otherwise or grouped."""
        if self._selection is None:
            from supporttui.store.selection_queries import SelectionQueries  # not needed for the first picture

            self._selection = SelectionQueries(self._file)
        return self._selection

    @property
    def filter_values(self) -> "FilterValues":
        """What may be typed behind the names of a filter's terms."""
        from supporttui.store.filter_values import FilterValues  # not needed for the first picture

        return FilterValues(self._file)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def identity(self) -> bytes:
        """A value that changes when any window recreates the file; revisions compare only within one identity."""
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
        """Write what the desk reported, with its cursor, in one transaction. Returns the number of changed tickets.

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

    def take_found(self, query: str, tickets: Iterable[Ticket], people: Iterable[Person], at: datetime) -> None:
        """Take in what the desk has found for a query or has in a view, in place of what it had before."""
        from supporttui.store.found_tickets import remember_found  # only for those who search

        known, named = tuple(tickets), tuple(people)

        def take_in(database: sqlite3.Connection) -> None:
            revision = current_revision(database) + 1
            remember_found(database, query, [each.id for each in known], at)
            self._writer(database, revision).merge(known)
            put_people(database, named, revision)
            set_revision(database, revision)

        self._file.write(take_in)

    def forget_found(self, before: datetime, keep: int) -> int:
        """Forget what was found before an instant, and for all but the latest queries; how many tickets were dropped.

        A ticket is dropped that was known only by that, is closed, and was never opened.
        """
        from supporttui.store.found_tickets import forget_found

        return self._file.write(lambda database: forget_found(database, before, keep))

    def load_cursor(self) -> str | None:
        """The cursor up to which the desk's changes were read; None before the first page."""
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
        """Delete conversations that nobody has opened, those of the oldest tickets first, down to a size in bytes.

        Returns how many were deleted.
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
            if row is None or row[0] < to_us(at):
                database.execute("INSERT OR REPLACE INTO read_mark VALUES (?, ?)", (stored_id(ticket_id), to_us(at)))
                set_revision(database, current_revision(database) + 1)

        self._file.write(note)

    def mark_all_read(self, ticket_ids: Iterable[TicketId], at: datetime) -> None:
        """Mark tickets as read up to an instant without counting them as recently opened."""
        for ticket_id in ticket_ids:
            self.mark_read(ticket_id, at)
        self.save_state(_READ_UNOPENED, str(to_us(at)).encode())

    def load_unopened_until(self) -> datetime | None:
        """Return the instant last passed to `mark_all_read`; None if it was never called."""
        state = self.load_state(_READ_UNOPENED)
        return None if state is None else from_us(int(state))

    def load_read_marks(self) -> dict[TicketId, datetime]:
        """Up to which instant each ticket was read."""

        def load(database: sqlite3.Connection) -> dict[TicketId, datetime]:
            rows = database.execute("SELECT ticket_id, at FROM read_mark")
            return {ticket_id_of(stored, self._file.desk): from_us(at) for stored, at in rows}

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
