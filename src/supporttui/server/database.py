"""Opens the desk's database: creates and migrates it, and configures it for many threads."""

import importlib.resources
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from supporttui.config.folders import check_database
from supporttui.config.tables import ConfigProblem

NEWEST: Final = "0004"
"""The schema version that this release writes."""

BUSY_TIMEOUT_S: Final = 10
_READ: Final = "supporttui_read"


class DatabaseUnusable(Exception):
    """The database cannot be used. `str()` is one sentence with the remedy."""


def open_database(url: str) -> Engine:
    """Open a database by its URL, creating and migrating it as needed. Raises DatabaseUnusable."""
    address = _parse_url(url)
    if address.get_backend_name() != "sqlite":
        raise DatabaseUnusable(f"{address.get_backend_name()} is not supported; use sqlite:////path/to/desk.db")
    if address.drivername not in ("sqlite", "sqlite+pysqlite") or address.query or address.host:
        shown = address.render_as_string(hide_password=True)
        raise DatabaseUnusable(f"{shown!r} names more than a file; write it like sqlite:////path/to/desk.db")
    try:
        _create_private(address)
        engine = create_engine(address, connect_args={"timeout": BUSY_TIMEOUT_S}, pool_size=8, max_overflow=40)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        with write(engine) as connection:
            _migrate(connection)
    except (SQLAlchemyError, OSError, ValueError) as problem:
        reason = getattr(problem, "orig", None) or problem
        raise DatabaseUnusable(f"the database {address.database} cannot be used: {reason}") from problem
    return engine


def folder_of(url: str) -> Path:
    """Return the folder of a database's file. Raises DatabaseUnusable if the URL names none."""
    return Path(_file_of(_parse_url(url))).absolute().parent


def _parse_url(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as problem:  # ValueError: a port that is no number
        raise DatabaseUnusable(f"{url!r} is not a database URL; write it like sqlite:////path/to/desk.db") from problem


def _file_of(address: URL) -> str:
    if address.database in (None, "", ":memory:"):
        raise DatabaseUnusable("a desk needs a database file; write its URL like sqlite:////path/to/desk.db")
    if "\0" in str(address.database):
        raise DatabaseUnusable("a path holds no NUL; write its URL like sqlite:////path/to/desk.db")
    return str(address.database)


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """Run a transaction that holds the write lock from its start; committed at the end, rolled back on an exception."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """Run a read-only transaction on one snapshot of the database; it blocks no writer."""
    with engine.connect().execution_options(**{_READ: True}) as connection, connection.begin():
        yield connection


def _create_private(address: URL) -> None:
    """Create the file with mode 0600 before SQLite opens it; its WAL files get the same mode.

    Raises DatabaseUnusable if others could replace it.
    """
    path = Path(_file_of(address)).absolute()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        check_database(path)
    except ConfigProblem as problem:
        raise DatabaseUnusable(str(problem)) from None
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))


def _prepare_sqlite(raw: Any, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's signature
    """Set pragmas for durable commits, and leave BEGIN to `_begin_sqlite`."""
    raw.isolation_level = None
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"):
        raw.execute(statement)


def _begin_sqlite(connection: Connection) -> None:
    """Begin IMMEDIATE unless the transaction is marked as read-only.

    A deferred transaction that reads and then writes fails if another one has written in between.
    """
    is_read = connection.get_execution_options().get(_READ, False)
    connection.exec_driver_sql("BEGIN" if is_read else "BEGIN IMMEDIATE")


def _migrate(connection: Connection) -> None:
    """Migrate the schema to the latest version; alembic is imported only if that is needed."""
    found = _schema_of(connection)
    if found == NEWEST:
        return
    if found is not None and found > NEWEST:
        raise DatabaseUnusable("the database was written by a newer version of supporttui; use that version")
    from alembic import command
    from alembic.config import Config

    with importlib.resources.as_file(importlib.resources.files("supporttui.server") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _schema_of(connection: Connection) -> str | None:
    """Return the schema's version; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
