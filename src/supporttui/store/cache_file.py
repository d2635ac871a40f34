"""The cache's file: opened, switched to WAL, and recreated when it cannot be used."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from supporttui.domain.instants import to_us
from supporttui.domain.ticket_id import TicketId
from supporttui.store.blobs import UnreadableBlob, decode_instant
from supporttui.store.cache_schema import CACHE_SCHEMA
from supporttui.store.database import (
    StoreDamaged,
    StoreProblem,
    connect,
    schema_version,
    translated_errors,
    write_transaction,
)
from supporttui.store.stored_ids import stored_id

SCHEMA_VERSION: Final = 6

SQLITE_VERSION: Final = sqlite3.sqlite_version

READ_MARK_LAYOUTS: Final = frozenset({1, 2, 3, 4, 5})
"""Earlier layouts from which the read marks are taken over; everything else of them is fetched again."""

FTS5_MISSING: Final = (
    "This SQLite has no full-text search (FTS5). Use a Python whose sqlite3 module has it: "
    "those of python.org, Debian, Fedora and Homebrew do."
)

NUMBERED_LAYOUTS: Final = frozenset({1, 2, 3})
"""Of these those that have numbers in place of stored ids, since they belong to desks that number their tickets."""

ReadMarks = Sequence[tuple[str, int]]
"""Stored ids and instants in microseconds."""

_DESK: Final = "desk"
"""The name under which the state has the name of the desk to which the file belongs."""

T = TypeVar("T")


class OtherContent(StoreDamaged):
    """The file has the tables of another version of the program, or the tickets of another desk."""

    def __init__(self, sentence: str, read_marks: ReadMarks = ()) -> None:
        super().__init__(sentence)
        self.read_marks = read_marks


class CacheFile:
    """The cache's database. Everything in it can be fetched again: one that is damaged or has another layout is
    renamed, and a new one created. Of an earlier layout the read marks are kept, which no help desk has. So it is
    with the file of a desk that had another name.
    """

    def __init__(self, path: Path, desk: str) -> None:
        self.path = path
        self.desk = desk
        """The short name of the desk to whose tickets the file belongs."""
        self._connection = self._opened()
        self._inode: int | None = path.stat().st_ino

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def interrupt(self) -> None:
        """End the statement that runs on another thread, which raises; where none does, nothing happens."""
        with contextlib.suppress(sqlite3.ProgrammingError):  # it is being opened anew
            self._connection.interrupt()

    def read(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Run an action; if the file turns out damaged, run it again on a new, empty file."""
        if not self._is_current():
            self._reopen()
        try:
            with translated_errors(self.path):
                return action(self._connection)
        except (StoreDamaged, *UnreadableBlob):
            self._disconnect()
            _set_aside(self.path)
            self._reopen()
            with translated_errors(self.path):
                return action(self._connection)

    def write(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Run an action in one transaction, which commits as a whole or changes nothing."""

        def in_transaction(database: sqlite3.Connection) -> T:
            with write_transaction(database, self.path):
                return action(database)

        return self.read(in_transaction)

    def _is_current(self) -> bool:
        """Whether the path still names the open file; another window may have recreated it."""
        try:
            return self.path.stat().st_ino == self._inode
        except FileNotFoundError:
            return False

    def _disconnect(self) -> None:
        """Close the file; where it cannot be opened again now, the next use tries once more."""
        self._connection.close()
        self._inode = None

    def _reopen(self) -> None:
        self._disconnect()
        self._connection = self._opened()
        self._inode = self.path.stat().st_ino

    def _opened(self) -> sqlite3.Connection:
        """The database, usable: created where it is missing, replaced where it cannot be used."""
        try:
            return _prepared(self.path, self.desk)
        except StoreDamaged as damage:
            _set_aside(self.path)
            return _prepared(self.path, self.desk, damage.read_marks if isinstance(damage, OtherContent) else ())


def file_identity(database: sqlite3.Connection) -> bytes:
    """A value that identifies this file among all that were at its path; inode numbers are reused, this is not."""
    (identity,) = database.execute("SELECT identity FROM begun").fetchone()
    return bytes(identity)


def current_revision(database: sqlite3.Connection) -> int:
    """The number of the newest change."""
    (number,) = database.execute("SELECT number FROM revision").fetchone()
    return int(number)


def set_revision(database: sqlite3.Connection, number: int) -> None:
    """There was a change: the newest has this number now."""
    database.execute("UPDATE revision SET number = ?", (number,))


def load_value(database: sqlite3.Connection, key: str) -> bytes | None:
    """A value of the key-value table, or None."""
    row = database.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
    return bytes(row[0]) if row else None


def put_value(database: sqlite3.Connection, key: str, value: bytes) -> None:
    """Write a value to the key-value table, replacing the former."""
    database.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, value))


def fts5_problem() -> str:
    """Why the full-text index cannot be used, with the remedy; empty where it can."""
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        try:
            database.execute("CREATE VIRTUAL TABLE probe USING fts5 (text)")
        except sqlite3.OperationalError:
            return FTS5_MISSING
    return ""


def _prepared(path: Path, desk: str, read_marks: ReadMarks = ()) -> sqlite3.Connection:
    """A connection to a file of our layout and this desk; a new file gets these read marks. Raises OtherContent."""
    database = connect(path)
    try:
        with translated_errors(path):
            _enable_wal(database)
            database.execute("PRAGMA synchronous = NORMAL")
            version = schema_version(database)
        if version not in (0, SCHEMA_VERSION):
            raise OtherContent(
                f"{path} has layout {version}; this version uses {SCHEMA_VERSION}.", _read_marks(database, version)
            )
        if version == 0:
            _create_schema(database, path, desk, read_marks)
        with translated_errors(path):
            _check_desk(database, path, desk)
    except BaseException:
        database.close()
        raise
    return database


def _read_marks(database: sqlite3.Connection, version: int) -> ReadMarks:
    """The read marks in a file of an earlier layout; none where they cannot be read."""
    if version not in READ_MARK_LAYOUTS:
        return ()
    try:
        rows = database.execute("SELECT ticket_id, at FROM read_mark").fetchall()
        is_numbered = version in NUMBERED_LAYOUTS
        return [
            (stored_id(TicketId("", str(int(key)))) if is_numbered else str(key), to_us(decode_instant(at)))
            for key, at in rows
        ]
    except (sqlite3.DatabaseError, TypeError, ValueError, *UnreadableBlob):
        return ()


def _check_desk(database: sqlite3.Connection, path: Path, desk: str) -> None:
    """Raise OtherContent, with the read marks, where the file belongs to a desk of another name."""
    known = load_value(database, _DESK)
    if known != desk.encode():
        marks = database.execute("SELECT ticket_id, at FROM read_mark").fetchall()
        raise OtherContent(f"{path} belongs to another desk than {desk}.", marks)


def _create_schema(database: sqlite3.Connection, path: Path, desk: str, read_marks: ReadMarks) -> None:
    """Create the tables, unless another window has done it since."""
    problem = fts5_problem()
    if problem:
        raise StoreProblem(problem)
    with write_transaction(database, path):
        if schema_version(database) == SCHEMA_VERSION:
            return
        for statement in CACHE_SCHEMA:
            database.execute(statement)
        put_value(database, _DESK, desk.encode())
        database.executemany("INSERT INTO read_mark VALUES (?, ?)", read_marks)
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _enable_wal(database: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite does not wait for its lock here, so windows that start at once try again for a second."""
    for _attempt in range(50):
        with contextlib.suppress(sqlite3.OperationalError):
            database.execute("PRAGMA journal_mode = WAL")
            return
        time.sleep(0.02)
    database.execute("PRAGMA journal_mode = WAL")


def _set_aside(path: Path) -> None:
    """Rename the file and its journals; only the file renamed last is kept."""
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{path}.damaged{suffix}")
