"""A disk that fails at a chosen moment, below the product's own store.

The store opens its files by `sqlite3.connect`. While `use_faulty_disk` is on, that call gives an APSW connection, whose
VFS counts every open, write, sync, truncate and delete and makes one of them fail; its errors are handed on as the
ones that the standard module raises for the same result codes. The store's code is the product's, line by line; SQLite
is the one that APSW brings. Only the standard library's entrance is replaced.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final

import apsw

_VFS_NAME: Final = "faulty"


class DiskFailure(Enum):
    """How the chosen call fails."""

    ONCE = "fails once"
    TORN = "writes a half and fails"
    FULL = "finds no space from then on"
    DEAD = "fails from then on"


@dataclass
class FaultyDisk:
    """What the disk has done, and when it is to fail."""

    fails_at: int | None = None
    """The number of the call, from 1; None never."""
    failure: DiskFailure = DiskFailure.ONCE
    is_counted: Callable[[str], bool] = lambda name: True
    """Whether calls on a file of this path count."""
    calls: list[str] = field(default_factory=list)
    has_failed: bool = False

    def heal(self) -> None:
        """No more failures."""
        self.fails_at = None

    def call(self, what: str, name: str) -> bool:
        """Note a call; whether it is to write a half first. Raises what it fails with."""
        if not self.is_counted(name):
            return False
        self.calls.append(what)
        if self.fails_at is None or not self._is_chosen():
            return False
        self.has_failed = True
        if self.failure is DiskFailure.TORN and what == "write":
            return True
        raise _failure_of(what, self.failure)

    def _is_chosen(self) -> bool:
        if self.failure in (DiskFailure.ONCE, DiskFailure.TORN):
            return len(self.calls) == self.fails_at
        return len(self.calls) >= (self.fails_at or 0)


_CODES: Final = {
    "open": apsw.SQLITE_CANTOPEN,
    "write": apsw.SQLITE_IOERR_WRITE,
    "sync": apsw.SQLITE_IOERR_FSYNC,
    "truncate": apsw.SQLITE_IOERR_TRUNCATE,
    "delete": apsw.SQLITE_IOERR_DELETE,
}


def _failure_of(what: str, failure: DiskFailure) -> Exception:
    if failure is DiskFailure.FULL and what in ("write", "truncate"):
        return apsw.exception_for(apsw.SQLITE_FULL)
    return apsw.exception_for(_CODES[what])


class _FaultyVfs(apsw.VFS):
    def __init__(self, disk: FaultyDisk) -> None:
        self._disk = disk
        super().__init__(_VFS_NAME, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - APSW's name
        path = name.filename() if isinstance(name, apsw.URIFilename) else (name or "")
        self._disk.call("open", path)
        return _FaultyFile(name, flags, self._disk, path)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - APSW's name
        self._disk.call("delete", filename)
        super().xDelete(filename, syncdir)


class _FaultyFile(apsw.VFSFile):
    def __init__(self, name: str | apsw.URIFilename | None, flags: list[int], disk: FaultyDisk, path: str) -> None:
        self._disk = disk
        self._path = path
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - APSW's name
        if self._disk.call("write", self._path):
            super().xWrite(bytes(data)[: len(data) // 2], offset)
            raise _failure_of("write", DiskFailure.TORN)
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 - APSW's name
        self._disk.call("sync", self._path)
        super().xSync(flags)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - APSW's name
        self._disk.call("truncate", self._path)
        super().xTruncate(newsize)


_OPERATIONAL: Final = frozenset({1, 3, 4, 5, 6, 8, 9, 10, 13, 14, 15, 16, 17})
_INTEGRITY: Final = frozenset({19, 20})
_INTERFACE: Final = frozenset({21, 25})


def _as_sqlite3_error(problem: apsw.Error) -> sqlite3.Error:
    """The exception by which the standard module tells the same result code."""
    code = int(problem.result)  # type: ignore[attr-defined]  # the stub leaves it out
    kind: type[sqlite3.Error] = sqlite3.DatabaseError
    if code in _OPERATIONAL:
        kind = sqlite3.OperationalError
    elif code in _INTEGRITY:
        kind = sqlite3.IntegrityError
    elif code in _INTERFACE:
        kind = sqlite3.InterfaceError
    standard = kind(str(problem) or apsw.mapping_result_codes.get(code, code))
    standard.sqlite_errorcode = int(problem.extendedresult)  # type: ignore[attr-defined]  # the stub leaves it out
    return standard


@contextmanager
def _sqlite3_errors() -> Iterator[None]:
    try:
        yield
    except apsw.Error as problem:
        raise _as_sqlite3_error(problem) from problem


class _Cursor:
    """The part of the standard cursor that the store uses."""

    def __init__(self, cursor: apsw.Cursor, changed: int) -> None:
        self._cursor = cursor
        self.rowcount = changed

    def fetchone(self) -> Any:
        with _sqlite3_errors():
            return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        with _sqlite3_errors():
            return self._cursor.fetchall()

    def __iter__(self) -> Iterator[Any]:
        with _sqlite3_errors():
            yield from self._cursor


class ApswConnection:
    """The part of the standard connection that the store uses, in autocommit mode, over APSW."""

    def __init__(self, path: Path | str, timeout: float) -> None:
        with _sqlite3_errors():
            self._inner = apsw.Connection(str(path), vfs=_VFS_NAME)
            self._inner.set_busy_timeout(int(timeout * 1000))
        self.text_factory: object = str

    @property
    def in_transaction(self) -> bool:
        return self._inner.in_transaction

    def execute(self, sql: str, values: Iterable[Any] = ()) -> _Cursor:
        with _sqlite3_errors():
            before = self._inner.total_changes()
            cursor = self._inner.execute(sql, tuple(values))
            return _Cursor(cursor, self._inner.total_changes() - before)

    def executemany(self, sql: str, rows: Iterable[Iterable[Any]]) -> _Cursor:
        with _sqlite3_errors():
            return _Cursor(self._inner.executemany(sql, [tuple(row) for row in rows]), -1)

    def executescript(self, sql: str) -> _Cursor:
        with _sqlite3_errors():
            return _Cursor(self._inner.execute(sql), -1)

    def close(self) -> None:
        # The standard module tells nothing of what fails while a connection is closed.
        with contextlib.suppress(apsw.Error):
            self._inner.close(True)


@contextmanager
def use_faulty_disk(disk: FaultyDisk) -> Iterator[None]:
    """Every `sqlite3.connect` meanwhile leads to this disk; what was opened before stays as it was."""
    vfs = _FaultyVfs(disk)
    standard = sqlite3.connect

    def connect(path: Path | str, *, isolation_level: None = None, timeout: float = 5.0) -> ApswConnection:
        return ApswConnection(path, timeout)

    sqlite3.connect = connect  # type: ignore[assignment] # the standard library's entrance, not ours
    try:
        yield
    finally:
        sqlite3.connect = standard
        vfs.unregister()
