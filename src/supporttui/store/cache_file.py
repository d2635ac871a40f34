"""The cache's file: opened, switched to WAL, and begun anew when it cannot be used."""

import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from supporttui.store.blobs import UnreadableBlob
from supporttui.store.database import StoreDamaged, connect, schema_version, translated_errors, write_transaction

SCHEMA_VERSION: Final = 2

_PERSON_INDEX: Final = "CREATE INDEX IF NOT EXISTS person_by_revision ON person (revision)"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS revision (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL);
INSERT OR IGNORE INTO revision VALUES (1, 0);
CREATE TABLE IF NOT EXISTS begun (only INTEGER PRIMARY KEY CHECK (only = 1), identity BLOB NOT NULL);
INSERT OR IGNORE INTO begun VALUES (1, randomblob(16));
CREATE TABLE IF NOT EXISTS ticket (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, record BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS ticket_by_revision ON ticket (revision);
CREATE TABLE IF NOT EXISTS person (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, record BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS person_by_revision ON person (revision);
CREATE TABLE IF NOT EXISTS conversation (ticket_id INTEGER PRIMARY KEY, version TEXT NOT NULL, record BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS read_mark (ticket_id INTEGER PRIMARY KEY, at BLOB NOT NULL);
"""

T = TypeVar("T")


class CacheFile:
    """A database of which everything can be fetched again: one that is damaged or too new is set aside."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = self._opened()
        self._inode: int | None = path.stat().st_ino

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def read(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Run an action; where the file proves damaged, once more on a new, empty one."""
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
        """The same within one transaction, which applies as a whole or not at all."""

        def in_transaction(database: sqlite3.Connection) -> T:
            with write_transaction(database, self.path):
                return action(database)

        return self.read(in_transaction)

    def _is_current(self) -> bool:
        """Whether the path still names the file that is open; another window may have begun a new one."""
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
            return _prepared(self.path)
        except StoreDamaged:
            _set_aside(self.path)
            return _prepared(self.path)


def file_identity(database: sqlite3.Connection) -> bytes:
    """What tells this file from any that stood at its path before; inode numbers are used again, this is not."""
    (identity,) = database.execute("SELECT identity FROM begun").fetchone()
    return bytes(identity)


def _prepared(path: Path) -> sqlite3.Connection:
    """A connection to a file of our layout. Raises StoreDamaged where it has another."""
    database = connect(path)
    try:
        with translated_errors(path):
            _enable_wal(database)
            database.execute("PRAGMA synchronous = NORMAL")
            version = schema_version(database)
        if version not in (0, SCHEMA_VERSION):
            raise StoreDamaged(f"{path} has layout {version}; this version uses {SCHEMA_VERSION}.")
        if version == 0:
            _create_schema(database, path)
        elif not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'person_by_revision'").fetchone():
            with write_transaction(database, path):
                database.execute(_PERSON_INDEX)  # files of the first layouts are without it
    except BaseException:
        database.close()
        raise
    return database


def _create_schema(database: sqlite3.Connection, path: Path) -> None:
    with write_transaction(database, path):
        for statement in filter(str.strip, _SCHEMA.split(";\n")):
            database.execute(statement)
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
    """Rename the file and its journals out of the way; only the last one set aside is kept."""
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{path}.damaged{suffix}")
