"""Recovers what can be read from a damaged outbox; the damaged file is kept under another name."""

import contextlib
import itertools
import os
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from supporttui.store.database import StoreProblem, connect, translated_errors, write_transaction
from supporttui.store.durable_file import recovery_lock
from supporttui.store.operations import FINAL_STATES, OperationKind, OperationState
from supporttui.store.outbox_rows import SCHEMA, SCHEMA_VERSION, Row, to_microseconds
from supporttui.store.sqlite_pages import read_rows_on_pages

TABLES: Final = ("operation", "step", "draft", "notice")

RECOVERED_FROM_PAGES: Final = (
    "It was found in a damaged outbox and may have been sent long ago: look at the ticket, then retry or drop it."
)

_DONE: Final = frozenset(state.value for state in FINAL_STATES)
_STATES: Final = frozenset(state.value for state in OperationState)
_KINDS: Final = frozenset(kind.value for kind in OperationKind)
_FIRST_COLUMNS: Final = 23
"""Of an operation, in the first layout."""
_DRAFT_COLUMNS: Final = 7

_GAP: Final = 10_000
"""Rows are tried one by one across a damaged place up to this wide."""


def damaged_copies(outbox: Path) -> list[Path]:
    """The damaged files that are kept beside an outbox, oldest first."""
    found = outbox.parent.glob(f"{outbox.name}.damaged-*")
    return sorted(path for path in found if not path.name.endswith("-journal"))


def salvage(path: Path, damaged_inode: int | None) -> None:
    """Replace a damaged outbox by a new one with the rows that can be read.

    Nothing is done where the file has been replaced already. Raises StoreProblem where the disk refuses: then the
    damaged file still has its place.
    """
    try:
        with recovery_lock(path):
            if damaged_inode is not None and path.stat().st_ino != damaged_inode:
                return
            _replace(path)
    except OSError as problem:
        raise StoreProblem(f"{path} is damaged and cannot be salvaged: {problem.strerror}. Free some space.") from None


def _replace(path: Path) -> None:
    at = datetime.now(UTC)
    kept = path.with_name(f"{path.name}.damaged-{at:%Y%m%dT%H%M%S.%f}")
    fresh = path.with_name(f"{path.name}.salvaged")
    # Links, not copies: a second name for the same file drops no lock of another connection and takes no space.
    os.link(path, kept)
    with contextlib.suppress(FileNotFoundError):
        os.link(f"{path}-journal", f"{kept}-journal")
    for leftover in (fresh, Path(f"{fresh}-journal")):
        leftover.unlink(missing_ok=True)
    _fill(fresh, _readable(kept), kept, at)
    Path(f"{path}-journal").unlink(missing_ok=True)
    fresh.replace(path)
    sync_folder(path.parent)


def _fill(fresh: Path, tables: dict[str, tuple[Sequence[str], list[Row]]], kept: Path, at: datetime) -> None:
    """Write the rows into a new outbox, and that they were salvaged."""
    database = connect(fresh)
    try:
        with translated_errors(fresh):
            database.execute("PRAGMA synchronous = FULL")
        with write_transaction(database, fresh):
            for statement in SCHEMA:
                database.execute(statement)
            for table, (names, rows) in tables.items():
                marks = ", ".join("?" * len(names))
                statement = f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - names of ours
                for row in rows:
                    with contextlib.suppress(sqlite3.IntegrityError):  # half a row
                        database.execute(statement, row)
            _from_pages(database, kept)
            (operations,) = database.execute("SELECT count(*) FROM operation").fetchone()
            (drafts,) = database.execute("SELECT count(*) FROM draft").fetchone()
            database.execute(
                "INSERT INTO notice VALUES (?, ?)", (to_microseconds(at), _notice(operations, drafts, kept))
            )
            database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    finally:
        database.close()


def _notice(operations: int, drafts: int, kept: Path) -> str:
    return (
        f"The outbox was damaged: {operations} changes and {drafts} drafts were recovered; the damaged file is kept "
        f"as {kept.name}. Compare with the tickets what you sent last."
    )


def _readable(kept: Path) -> dict[str, tuple[Sequence[str], list[Row]]]:
    """The rows of each table that can still be read, with the names of their columns."""
    database = sqlite3.connect(kept, isolation_level=None)
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        wanted = _columns_of_layout()
        found: dict[str, tuple[Sequence[str], list[Row]]] = {}
        for table in TABLES:
            with contextlib.suppress(sqlite3.Error):
                there = {row[1] for row in database.execute(f"PRAGMA table_info({table})")}
                names = [name for name in wanted[table] if name in there]
                if names:
                    found[table] = (names, readable_rows(database, table, names))
        with contextlib.suppress(sqlite3.Error):  # of a file of an earlier layout
            uploads = readable_rows(database, "upload", ("operation_id", "position", "token"))
            rows = [(key, position, "upload", "done", token) for key, position, token in uploads]
            found.setdefault("step", (wanted["step"], rows))
        return found
    except sqlite3.Error:
        return {}  # not even its header: what is left is on its pages
    finally:
        database.close()


def _from_pages(database: sqlite3.Connection, kept: Path) -> None:
    """Add rows found on pages outside any tree, as entries that a person has to decide on: they may be outdated."""
    columns = _columns_of_layout()
    for rowid, values in read_rows_on_pages(kept):
        table = _table_of(values)
        if table is None:
            continue
        row = dict(zip(columns[table], values, strict=False))
        if table == "operation":
            row |= {"seq": rowid, "doubts": 1}
            if row["state"] not in _DONE:
                row |= {"state": OperationState.UNKNOWN.value, "error": RECOVERED_FROM_PAGES.encode()}
        marks = ", ".join("?" * len(row))
        statement = f"INSERT OR IGNORE INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608 - names of ours
        with contextlib.suppress(sqlite3.IntegrityError, OverflowError):
            database.execute(statement, tuple(row.values()))


def _table_of(values: list[object]) -> str | None:
    """The table to which a row belongs, by columns that only that table has."""
    if len(values) >= _FIRST_COLUMNS and values[0] is None and values[2] in _KINDS and values[17] in _STATES:
        return "operation"
    is_draft = len(values) == _DRAFT_COLUMNS and isinstance(values[0], str) and isinstance(values[1], int)
    return "draft" if is_draft and isinstance(values[4], bytes) and isinstance(values[6], bytes) else None


def readable_rows(database: sqlite3.Connection, table: str, names: Sequence[str]) -> list[Row]:
    """The rows before a damaged page, those after it, and those in between that can be read individually."""
    query = f"SELECT rowid, {', '.join(names)} FROM {table} NOT INDEXED"  # noqa: S608 - names of ours
    found: dict[int, Row] = {}
    for order in ("ASC", "DESC"):
        with contextlib.suppress(sqlite3.Error):
            for row in database.execute(f"{query} ORDER BY rowid {order}"):
                if row[0] in found:
                    break
                found[row[0]] = row[1:]
            else:
                break
    keys = sorted(found)
    for before, after in itertools.pairwise(keys):
        for key in range(before + 1, min(after, before + _GAP)):
            with contextlib.suppress(sqlite3.Error):
                row = database.execute(f"{query} WHERE rowid = ?", (key,)).fetchone()
                if row is not None:
                    found[key] = row[1:]
    return [found[key] for key in sorted(found)]


def _columns_of_layout() -> dict[str, list[str]]:
    """The columns of our own layout, by table."""
    database = sqlite3.connect(":memory:")
    try:
        for statement in SCHEMA:
            database.execute(statement)
        return {table: [row[1] for row in database.execute(f"PRAGMA table_info({table})")] for table in TABLES}
    finally:
        database.close()


def sync_folder(folder: Path) -> None:
    """Flush the folder, so that a rename is on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
