"""The SQLite files of one desk: where they are, and how they are opened and written."""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from supporttui.config.folders import check_private_files, make_private_folder
from supporttui.store.operations import StoreFiles

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

BUSY_S: Final = 5.0
"""How long a statement waits for another window's transaction."""


class StoreProblem(Exception):
    """The local files cannot be used as asked. `str()` is one sentence with the remedy."""


class StoreDamaged(StoreProblem):
    """The file is not a database any more, or holds what we never wrote."""


class StoreTooNew(StoreProblem):
    """A newer version of the program wrote the file; it can be read, not changed."""


def create_private(path: Path) -> None:
    """Create an empty file, 0600, in a folder, 0700, unless it exists.

    The file appears by a link, already closed: closing a descriptor of a database file drops the locks that SQLite
    holds on it in this process.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        return
    import tempfile  # only for the first window of a desk

    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".new-")
    os.close(descriptor)
    with contextlib.suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()


def connect(path: Path) -> sqlite3.Connection:
    """Open a database file in autocommit mode, so that every transaction is written out."""
    try:
        create_private(path)
        if not path.is_file():
            raise StoreProblem(f"{path} is no ordinary file. Move it away; a new one is made then.")
        return sqlite3.connect(path, isolation_level=None, timeout=BUSY_S)
    except (OSError, sqlite3.OperationalError) as problem:
        raise StoreProblem(f"Cannot open {path}: {problem}. Check that its folder can be written.") from problem


@contextlib.contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors on this file into ours.

    Raises: StoreDamaged where the file is no database any more, StoreProblem for a full or read-only disk.
    """
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.NotSupportedError):
        raise  # a fault of ours, not of the file
    except sqlite3.OperationalError as problem:
        # Without a code it is the interpreter's own: a text that is none.
        if getattr(problem, "sqlite_errorcode", sqlite3.SQLITE_ERROR) == sqlite3.SQLITE_ERROR:
            raise StoreDamaged(f"{path} is damaged: {problem}.") from problem
        raise StoreProblem(f"Cannot write {path}: {problem}. Free some space or check its permissions.") from problem
    except sqlite3.DatabaseError as problem:
        raise StoreDamaged(f"{path} is damaged: {problem}.") from problem


@contextlib.contextmanager
def write_transaction(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction that takes the write lock at its first statement and commits, or changes nothing."""
    with translated_errors(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def schema_version(connection: sqlite3.Connection) -> int:
    """The version of the layout in the file; 0 where it is new."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def prepare_store_files(data_dir: Path, cache_dir: Path, desk_key: str, desk: str) -> StoreFiles:
    """The files of one desk and account; another address or account never sees them. Folders are made 0700.

    The key is the address and the account, without secrets; `desk` is its short name.
    Raises ConfigProblem where one of the folders is not private.
    """
    name = "desk-" + hashlib.sha256(desk_key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    kept, disposable = data_dir / name, cache_dir / name
    downloads = kept / "downloads"
    for folder in (kept, disposable, downloads):
        make_private_folder(folder)
    cache, outbox = disposable / "cache.db", kept / "outbox.db"
    for folder in (kept, disposable):
        check_private_files(folder)
    return StoreFiles(desk, str(cache), str(outbox), str(downloads), str(kept / "sla.db"))
