"""The disposable copy of the help desk, from which everything is drawn."""

import contextlib
import gc
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple, Self, TypeVar

from supporttui.domain.ticket import Conversation, Person, Ticket
from supporttui.store import blobs
from supporttui.store.cache_file import CacheFile, file_identity
from supporttui.store.merging import merge_ticket

T = TypeVar("T")

ROWS_PER_STATEMENT: Final = 100
"""Rows that one statement writes: older SQLite takes 999 values."""

MAX_TICKET_ID: Final = 1 << 62
"""No ticket has an id above this one."""

_SLICE: Final = """
SELECT revision, id, record FROM ticket WHERE (revision, id) > (?, ?) ORDER BY revision, id LIMIT ?
"""


class RevisionPosition(NamedTuple):
    """How far a reader has come: everything up to this ticket of this revision."""

    revision: int
    ticket_id: int = MAX_TICKET_ID


class Cache:
    """One thread's door to the local copy. Several windows may have theirs open; every change has a new revision.

    A file that is damaged, or that a newer version wrote, is set aside and begun anew, at any time: it is then empty
    and has no cursor, and its revision starts again. Any method may raise `StoreProblem` where the disk is full.
    """

    def __init__(self, path: Path | str) -> None:
        self._file = CacheFile(Path(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_reason: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self._file.path

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def identity(self) -> bytes:
        """Another value once the copy was begun anew, by whichever window: revisions compare only within one."""
        return self._file.read(file_identity)

    def revision(self) -> int:
        """The number of the newest change, whichever window made it."""
        return self._file.read(_revision)

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
            revision = _revision(database) + 1
            changed = _put_tickets(database, known, revision)
            renamed = _put_people(database, named, revision)
            if cursor is not None and _load_state(database, "cursor") == (after.encode() if after else None):
                _put_state(database, "cursor", cursor.encode())
            if changed or renamed:
                _set_revision(database, revision)
            return changed

        return self._file.write(take_in)

    def load_cursor(self) -> str | None:
        """Where the desk's changes were last read to; None before the first page."""
        cursor = self.load_state("cursor")
        return cursor.decode() if cursor is not None else None

    def load_tickets(self) -> list[Ticket]:
        """All tickets, in the order of their ids."""
        return self.load_since(0)[1]

    def load_ticket(self, ticket_id: int) -> Ticket | None:
        """One ticket, or None where it is not known."""
        return self._file.read(lambda database: _load_ticket(database, ticket_id))

    def load_tickets_by_id(self, ticket_ids: Iterable[int]) -> list[Ticket]:
        """These tickets, as far as they are known, in any order."""
        named = list(ticket_ids)
        statement = f"SELECT record FROM ticket WHERE id IN ({_placeholders(len(named))})"  # noqa: S608 - question marks only

        def load(database: sqlite3.Connection) -> list[Ticket]:
            return [blobs.decode_ticket(blob) for (blob,) in database.execute(statement, named)]

        return self._file.read(load)

    def load_since(self, revision: int) -> tuple[int, list[Ticket]]:
        """The newest revision, and the tickets that changed after the given one; all where the file was begun anew."""

        def load(database: sqlite3.Connection) -> tuple[int, list[Ticket]]:
            with _gc_paused(), _read_transaction(database):
                newest = _revision(database)
                after = revision if revision <= newest else 0
                rows = database.execute("SELECT record FROM ticket WHERE revision > ? ORDER BY id", (after,))
                return newest, [blobs.decode_ticket(blob) for (blob,) in rows]

        return self._file.read(load)

    def load_changes_page(self, after: RevisionPosition, limit: int) -> tuple[RevisionPosition, list[Ticket]]:
        """The next tickets that changed after a standing, at most so many, and the standing behind them.

        Where the slice is not full, it is that of the whole copy.
        """

        def load(database: sqlite3.Connection) -> tuple[RevisionPosition, list[Ticket]]:
            with _gc_paused(), _read_transaction(database):
                newest = _revision(database)
                rows = database.execute(_SLICE, (after.revision, after.ticket_id, limit)).fetchall()
                tickets = [blobs.decode_ticket(blob) for _, _, blob in rows]
            if len(rows) < limit:
                return RevisionPosition(newest, MAX_TICKET_ID), tickets
            return RevisionPosition(rows[-1][0], rows[-1][1]), tickets

        return self._file.read(load)

    def load_recent(self, limit: int) -> list[Ticket]:
        """The tickets that were taken in last, the latest first."""

        def load(database: sqlite3.Connection) -> list[Ticket]:
            rows = database.execute("SELECT record FROM ticket ORDER BY revision DESC, id DESC LIMIT ?", (limit,))
            return [blobs.decode_ticket(blob) for (blob,) in rows]

        return self._file.read(load)

    def count_tickets(self) -> int:
        """How many tickets there are."""
        return self._file.read(_count_tickets)

    def load_person(self, person_id: int) -> Person | None:
        """One person, or None where they are not known."""

        def load(database: sqlite3.Connection) -> Person | None:
            row = database.execute("SELECT record FROM person WHERE id = ?", (person_id,)).fetchone()
            return blobs.decode_person(row[0]) if row else None

        return self._file.read(load)

    def load_people_by_id(self, person_ids: Iterable[int]) -> dict[int, Person]:
        """These people, as far as they are known, by id."""
        named = list(person_ids)
        statement = f"SELECT id, record FROM person WHERE id IN ({_placeholders(len(named))})"  # noqa: S608 - question marks only

        def load(database: sqlite3.Connection) -> dict[int, Person]:
            return {person_id: blobs.decode_person(blob) for person_id, blob in database.execute(statement, named)}

        return self._file.read(load)

    def load_changed_people_ids(self, revision: int) -> list[int]:
        """The ids of those who are new or have changed after a revision."""

        def load(database: sqlite3.Connection) -> list[int]:
            return [row[0] for row in database.execute("SELECT id FROM person WHERE revision > ?", (revision,))]

        return self._file.read(load)

    def load_people(self, since_revision: int = 0) -> dict[int, Person]:
        """The people whom tickets and messages name, by id; where a revision is given, those changed after it."""

        def load(database: sqlite3.Connection) -> dict[int, Person]:
            rows = database.execute("SELECT id, record FROM person WHERE revision > ?", (since_revision,))
            return {person_id: blobs.decode_person(blob) for person_id, blob in rows}

        return self._file.read(load)

    def save_conversation(self, conversation: Conversation, ticket: Ticket, people: Iterable[Person] = ()) -> None:
        """Keep a conversation with the ticket and the people that were fetched with it."""
        named = tuple(people)

        def save(database: sqlite3.Connection) -> None:
            revision = _revision(database) + 1
            row = (conversation.ticket_id, conversation.ticket_version, blobs.encode(conversation))
            database.execute("INSERT OR REPLACE INTO conversation VALUES (?, ?, ?)", row)
            _put_tickets(database, (ticket,), revision)
            _put_people(database, named, revision)
            _set_revision(database, revision)

        self._file.write(save)

    def load_conversation(self, ticket_id: int) -> Conversation | None:
        """A ticket's conversation as last fetched, or None where it never was."""

        def load(database: sqlite3.Connection) -> Conversation | None:
            row = database.execute("SELECT record FROM conversation WHERE ticket_id = ?", (ticket_id,)).fetchone()
            return blobs.decode_conversation(row[0]) if row else None

        return self._file.read(load)

    def load_conversation_version(self, ticket_id: int) -> str | None:
        """The ticket's version to which its kept conversation belongs, or None where none is kept."""

        def load(database: sqlite3.Connection) -> str | None:
            row = database.execute("SELECT version FROM conversation WHERE ticket_id = ?", (ticket_id,)).fetchone()
            return str(row[0]) if row else None

        return self._file.read(load)

    def save_state(self, key: str, value: bytes) -> None:
        """Keep one small value, replacing the former."""
        self._file.write(lambda database: _put_state(database, key, value))

    def load_state(self, key: str) -> bytes | None:
        """A value kept by `save_state`, or None."""
        return self._file.read(lambda database: _load_state(database, key))

    def mark_read(self, ticket_id: int, at: datetime) -> None:
        """Note up to which instant a ticket was read; an instant before the noted one changes nothing."""

        def note(database: sqlite3.Connection) -> None:
            row = database.execute("SELECT at FROM read_mark WHERE ticket_id = ?", (ticket_id,)).fetchone()
            if row is None or blobs.decode_instant(row[0]) < at:
                stamp = blobs.encode_instant(at.astimezone(UTC))
                database.execute("INSERT OR REPLACE INTO read_mark VALUES (?, ?)", (ticket_id, stamp))
                _set_revision(database, _revision(database) + 1)

        self._file.write(note)

    def load_read_marks(self) -> dict[int, datetime]:
        """Up to which instant each ticket was read."""

        def load(database: sqlite3.Connection) -> dict[int, datetime]:
            rows = database.execute("SELECT ticket_id, at FROM read_mark")
            return {ticket_id: blobs.decode_instant(at) for ticket_id, at in rows}

        return self._file.read(load)


def _count_tickets(database: sqlite3.Connection) -> int:
    (number,) = database.execute("SELECT count(*) FROM ticket INDEXED BY ticket_by_revision").fetchone()
    return int(number)


def _revision(database: sqlite3.Connection) -> int:
    (number,) = database.execute("SELECT number FROM revision").fetchone()
    return int(number)


def _set_revision(database: sqlite3.Connection, number: int) -> None:
    database.execute("UPDATE revision SET number = ?", (number,))


def _load_ticket(database: sqlite3.Connection, ticket_id: int) -> Ticket | None:
    row = database.execute("SELECT record FROM ticket WHERE id = ?", (ticket_id,)).fetchone()
    return blobs.decode_ticket(row[0]) if row else None


def _put_tickets(database: sqlite3.Connection, fresh: Sequence[Ticket], revision: int) -> int:
    """Merge reports into what is known, in their order; how many tickets changed by that."""
    changed = 0
    for share in _batches(fresh):
        ids = [ticket.id for ticket in share]
        statement = f"SELECT id, record FROM ticket WHERE id IN ({_placeholders(len(ids))})"  # noqa: S608 - question marks only
        known = {ticket_id: blobs.decode_ticket(blob) for ticket_id, blob in database.execute(statement, ids)}
        for ticket in share:
            known[ticket.id] = merge_ticket(known.get(ticket.id), ticket)
        changed += _put(
            database, "ticket", {ticket_id: blobs.encode(each) for ticket_id, each in known.items()}, revision
        )
    return changed


def _put_people(database: sqlite3.Connection, named: Sequence[Person], revision: int) -> int:
    """Write people, the last of those with the same id; how many were new or have changed."""
    return sum(
        _put(database, "person", {each.id: blobs.encode(each) for each in share}, revision) for share in _batches(named)
    )


def _put(database: sqlite3.Connection, table: str, records: Mapping[int, bytes], revision: int) -> int:
    """Write rows, in one statement, unless they are there already, byte for byte; how many were written."""
    rows = ", ".join(["(?, ?, ?)"] * len(records))
    statement = (
        f"INSERT INTO {table} VALUES {rows} ON CONFLICT (id) DO UPDATE "  # noqa: S608 - one of two names of ours
        "SET revision = excluded.revision, record = excluded.record WHERE record <> excluded.record"
    )
    values = [value for key, record in records.items() for value in (key, revision, record)]
    return database.execute(statement, values).rowcount


def _batches(all_of_them: Sequence[T]) -> Iterator[Sequence[T]]:
    """So many at a time as one statement has room for; the interpreter is free for keys while SQLite writes them."""
    return (all_of_them[start : start + ROWS_PER_STATEMENT] for start in range(0, len(all_of_them), ROWS_PER_STATEMENT))


def _placeholders(number: int) -> str:
    return ", ".join("?" * number)


def _load_state(database: sqlite3.Connection, key: str) -> bytes | None:
    row = database.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
    return bytes(row[0]) if row else None


def _put_state(database: sqlite3.Connection, key: str, value: bytes) -> None:
    database.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, value))


@contextlib.contextmanager
def _read_transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Several reads that see the same state."""
    database.execute("BEGIN")
    try:
        yield
    finally:
        database.execute("ROLLBACK")


@contextlib.contextmanager
def _gc_paused() -> Iterator[None]:
    """Without this, the garbage collector visits 100,000 fresh tickets again and again: half of the loading time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
