"""The outbox's file: opened, brought to the layout of this version, and salvaged where it proves damaged."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from supporttui.store.database import (
    StoreDamaged,
    StoreTooNew,
    connect,
    schema_version,
    translated_errors,
    write_transaction,
)
from supporttui.store.outbox_rows import MIGRATIONS, OPERATION_COLUMNS, SCHEMA, SCHEMA_VERSION

T = TypeVar("T")


class OutboxFile:
    """One connection to the outbox. Where a window has salvaged the file, the others go on with the new one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_read_only = False
        """A newer version wrote the file: it can be read and exported, not changed."""
        self._inode: int | None = None
        """The number of the file that is open; None while none is."""
        self._tried_inode: int | None = None
        """The number of the file that was last tried, whether or not it could be used."""
        self._connection = self._opened()

    @property
    def inode(self) -> int:
        """The number of the file that is open; another one once it was salvaged."""
        return self._inode or 0

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def read(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Run an action; where the file proves damaged, once more on what could be salvaged of it."""
        if not self._is_current():
            self._reopen()
        try:
            with translated_errors(self.path):
                return action(self._connection)
        except StoreDamaged:
            if self.is_read_only:
                raise
            damaged = self._inode
            self._disconnect()
            _salvage(self.path, damaged)
            self._reopen()
            with translated_errors(self.path):
                return action(self._connection)

    def write(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """The same within one transaction, which applies as a whole or not at all, and is on disk when it returns."""
        if self.is_read_only:
            raise StoreTooNew(
                f"{self.path} was written by a newer supporttui. Use that version to send what it holds, "
                "or read it with `supporttui outbox export`."
            )

        def in_transaction(database: sqlite3.Connection) -> T:
            with write_transaction(database, self.path):
                return action(database)

        return self.read(in_transaction)

    def operation_columns(self) -> str:
        """The columns of an operation for a SELECT; what a newer layout does not have any more is NULL."""
        if not self.is_read_only:
            return OPERATION_COLUMNS
        there = {row[1] for row in self._connection.execute("PRAGMA table_info(operation)")}
        names = OPERATION_COLUMNS.split(", ")
        return ", ".join(name if name in there else f"NULL AS {name}" for name in names)

    def _is_current(self) -> bool:
        """Whether the path still names the file that is open."""
        try:
            return self.path.stat().st_ino == self._inode
        except FileNotFoundError:
            return False

    def _reopen(self) -> None:
        self._disconnect()
        self._connection = self._opened()

    def _disconnect(self) -> None:
        """Close the file; where it cannot be opened again now, the next use tries once more."""
        self._connection.close()
        self._inode = None

    def _opened(self) -> sqlite3.Connection:
        """The database, usable: created where it is missing, salvaged where it is damaged."""
        try:
            return self._prepared()
        except StoreDamaged:
            _salvage(self.path, self._tried_inode)
            return self._prepared()

    def _prepared(self) -> sqlite3.Connection:
        # Looked at before it is opened: if it is replaced in between, the next use sees that and opens it again.
        known = self.path.stat().st_ino if self.path.exists() else None
        database = connect(self.path)
        try:
            self._tried_inode = known or self.path.stat().st_ino
            self.is_read_only = _prepare(database, self.path)
        except BaseException:
            database.close()
            raise
        self._inode = self._tried_inode
        return database


def _prepare(database: sqlite3.Connection, path: Path) -> bool:
    """Bring the file to our layout; whether it is too new to be written. Raises StoreDamaged where it is not sound."""
    with translated_errors(path):
        database.execute("PRAGMA synchronous = FULL")
        version = schema_version(database)
        (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise StoreDamaged(f"{path} is damaged: {verdict}.")
    if version < SCHEMA_VERSION:
        with write_transaction(database, path):
            _migrate(database, schema_version(database))
    return version > SCHEMA_VERSION


def _migrate(database: sqlite3.Connection, version: int) -> None:
    """Within one transaction, so that a window that is killed meanwhile leaves the former layout."""
    for step in range(version, SCHEMA_VERSION) if version else ():
        for statement in MIGRATIONS[step]:
            database.execute(statement)
    for statement in SCHEMA:
        database.execute(statement)
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _salvage(path: Path, damaged_inode: int | None) -> None:
    from supporttui.store.outbox_salvage import salvage  # only where it is needed

    salvage(path, damaged_inode)
