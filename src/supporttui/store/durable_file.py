"""A SQLite file that is never thrown away: opened, brought to the layout of this version, recovered where damaged."""

import contextlib
import fcntl
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from supporttui.store.database import (
    StoreDamaged,
    StoreProblem,
    StoreTooNew,
    connect,
    schema_version,
    translated_errors,
    write_transaction,
)

T = TypeVar("T")


class FileLayout(NamedTuple):
    """The tables of one kind of file, and what to do with a file that has not got them."""

    version: int
    schema: tuple[str, ...]
    migrations: Mapping[int, tuple[str, ...]]
    """Statements that turn the layout of a version into that of the next."""
    recover: Callable[[Path, int | None], None]
    """Replaces the damaged file with this inode by a sound one. Raises StoreProblem."""
    too_new: str
    """Said where a newer version wrote the file; `{path}` stands for its path."""
    pragmas: tuple[str, ...] = ("PRAGMA synchronous = FULL",)


class DurableFile:
    """One connection to the file. After another process has recovered it, the next use opens the new file."""

    def __init__(self, path: Path, layout: FileLayout, *, is_checked: bool = True) -> None:
        self.path = path
        self.is_read_only = False
        """A newer version wrote the file: it can be read and exported, not changed."""
        self._layout = layout
        self._is_checked = is_checked
        """Whether all pages are checked when the file is opened; otherwise damage is noticed when it is read."""
        self._inode: int | None = None
        """The inode of the open file; None while none is open."""
        self._tried_inode: int | None = None
        """The inode of the file that was last tried, whether or not it could be used."""
        self._connection = self._opened()

    @property
    def inode(self) -> int:
        """The inode of the open file; it differs once the file was recovered."""
        return self._inode or 0

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def read(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Run an action; where the file proves damaged, once more on what could be recovered of it."""
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
            self._layout.recover(self.path, damaged)
            self._reopen()
            with translated_errors(self.path):
                return action(self._connection)

    def write(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Run an action within one transaction: it applies as a whole or not at all, and is on disk on return."""
        if self.is_read_only:
            raise StoreTooNew(self._layout.too_new.format(path=self.path))

        def in_transaction(database: sqlite3.Connection) -> T:
            with write_transaction(database, self.path):
                return action(database)

        return self.read(in_transaction)

    def columns_present(self, table: str) -> set[str]:
        """The names of a table's columns in the file, which may be of a newer version."""
        return {row[1] for row in self._connection.execute(f"PRAGMA table_info({table})")}

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
        """The database, usable: created where it is missing, recovered where it is damaged."""
        try:
            return self._prepared()
        except StoreDamaged:
            self._layout.recover(self.path, self._tried_inode)
            return self._prepared()

    def _prepared(self) -> sqlite3.Connection:
        # The inode is read before the file is opened: if it is replaced in between, the next use reopens it.
        if not self.path.exists():
            self._create()
        found = self.path.stat()
        known: int | None = found.st_ino
        if not stat.S_ISREG(found.st_mode):
            raise StoreProblem(f"{self.path} is no ordinary file. Move it away; a new one is made then.")
        if found.st_size == 0:
            self._tried_inode = known
            raise StoreDamaged(f"{self.path} is empty.")
        database = connect(self.path)
        try:
            self._tried_inode = known or self.path.stat().st_ino
            self.is_read_only = self._prepare(database)
        except BaseException:
            database.close()
            raise
        self._inode = self._tried_inode
        return database

    def _create(self) -> None:
        """Create the file under another name and rename it: an empty one at the path was emptied by somebody else."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.path.with_name(f"{self.path.name}.new-{os.getpid()}-{threading.get_ident()}")
        database = connect(fresh)
        try:
            self._prepare(database)
            database.close()
            with contextlib.suppress(FileExistsError):  # another window was quicker
                os.link(fresh, self.path)
        except OSError as problem:
            raise StoreProblem(f"Cannot create {self.path}: {problem.strerror}. Free some space.") from problem
        finally:
            database.close()
            fresh.unlink(missing_ok=True)

    def _prepare(self, database: sqlite3.Connection) -> bool:
        """Bring the file to our layout; whether it is too new to be written. Raises StoreDamaged if it is not sound."""
        verdict, newest = "ok", self._layout.version
        with translated_errors(self.path):
            for pragma in self._layout.pragmas:
                _set_pragma(database, pragma)
            version = schema_version(database)
            if self._is_checked:
                (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise StoreDamaged(f"{self.path} is damaged: {verdict}.")
        if version < newest:
            with write_transaction(database, self.path):
                self._migrate(database, schema_version(database))
        return version > newest

    def _migrate(self, database: sqlite3.Connection, version: int) -> None:
        """Change the layout in one transaction: a process killed meanwhile leaves the former layout."""
        for step in range(version, self._layout.version) if version else ():
            for statement in self._layout.migrations[step]:
                database.execute(statement)
        for statement in self._layout.schema:
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {self._layout.version}")


def _set_pragma(database: sqlite3.Connection, pragma: str) -> None:
    """Set a pragma. SQLite does not wait for the lock that a switch to WAL takes, so it is tried for a second."""
    for _attempt in range(50):
        try:
            database.execute(pragma)
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(0.02)
        else:
            return
    database.execute(pragma)


@contextlib.contextmanager
def recovery_lock(path: Path) -> Iterator[None]:
    """A lock under which a file is recovered, by one process at a time."""
    descriptor = os.open(f"{path}.salvage", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
