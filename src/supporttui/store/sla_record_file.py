"""The durable record of finished SLA clocks: by which target each was judged, and how much time it had used."""

import contextlib
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from supporttui.domain.metrics import Metric
from supporttui.domain.sla_record import SlaRecord
from supporttui.domain.ticket_id import TicketId
from supporttui.store.database import StoreProblem
from supporttui.store.durable_file import DurableFile, FileLayout, recovery_lock
from supporttui.store.outbox_rows import from_microseconds, to_microseconds

SCHEMA: Final = (
    # Instants and durations are microseconds; a severity that is unset is 0. A row is never changed or deleted: a
    # clock that is reopened and finished again, or re-rated, has another key.
    """CREATE TABLE IF NOT EXISTS sla_record (
        ticket_id TEXT NOT NULL, metric TEXT NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER NOT NULL,
        severity INTEGER NOT NULL, target INTEGER NOT NULL, target_text TEXT NOT NULL, source TEXT NOT NULL,
        used INTEGER NOT NULL, policy_key TEXT NOT NULL, recorded_at INTEGER NOT NULL,
        PRIMARY KEY (ticket_id, metric, started_at, finished_at, severity))""",
    "CREATE TABLE IF NOT EXISTS file_identity (only INTEGER PRIMARY KEY CHECK (only = 1), identity BLOB NOT NULL)",
    "INSERT OR IGNORE INTO file_identity VALUES (1, randomblob(16))",
    # Files of former versions whose records were copied into this one.
    "CREATE TABLE IF NOT EXISTS imported (path TEXT PRIMARY KEY)",
    # What was done to the file itself and is to be shown.
    "CREATE TABLE IF NOT EXISTS notice (at INTEGER NOT NULL, sentence TEXT NOT NULL)",
)
SCHEMA_VERSION: Final = 1

_COLUMNS: Final = (
    "ticket_id, metric, started_at, finished_at, severity, target, target_text, source, used, policy_key, recorded_at"
)
_INSERT: Final = f"INSERT OR IGNORE INTO sla_record ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - names of ours
_MICROSECOND: Final = timedelta(microseconds=1)
_IDS_PER_STATEMENT: Final = 500

Records = Mapping[TicketId, Sequence[SlaRecord]]
"""The records of each ticket, the latest finished first."""


class SlaRecordFile:
    """One thread's connection to the records of one desk; several windows share the file.

    Records are only ever added. Methods raise `StoreProblem` where the disk is full or read-only. A damaged file is
    kept beside the new one, which has what could be read of it; `load_notices` says so.
    """

    def __init__(self, path: Path | str, desk: str, *, is_checked: bool = False) -> None:
        self._desk = desk
        self._file = DurableFile(Path(path), _LAYOUT, is_checked=is_checked)

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self._file.path

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def identity(self) -> bytes:
        """A value that differs once the file was replaced."""

        def load(database: sqlite3.Connection) -> bytes:
            (identity,) = database.execute("SELECT identity FROM file_identity").fetchone()
            return bytes(identity)

        return self._file.read(load)

    def add(self, records: Records, at: datetime) -> None:
        """Add records of finished clocks, on disk on return; a clock that has one keeps it."""
        rows = [_row(ticket_id.id, each, at) for ticket_id, found in records.items() for each in found]
        if rows:
            self._file.write(lambda database: database.executemany(_INSERT, rows))

    def load(self, ticket_ids: Iterable[TicketId]) -> dict[TicketId, tuple[SlaRecord, ...]]:
        """The records of these tickets, the latest finished first; a ticket without one is left out."""
        wanted = [ticket_id.id for ticket_id in ticket_ids]

        def select(database: sqlite3.Connection) -> list[tuple[Any, ...]]:
            rows = []
            for start in range(0, len(wanted), _IDS_PER_STATEMENT):
                share = wanted[start : start + _IDS_PER_STATEMENT]
                marks = ", ".join("?" * len(share))
                statement = f"SELECT {_COLUMNS} FROM sla_record WHERE ticket_id IN ({marks}) ORDER BY finished_at DESC"  # noqa: S608 - question marks only
                rows += database.execute(statement, share).fetchall()
            return rows

        found: dict[TicketId, tuple[SlaRecord, ...]] = {}
        for row in self._file.read(select):
            ticket_id = TicketId(self._desk, row[0])
            found[ticket_id] = (*found.get(ticket_id, ()), _record(row))
        return found

    def import_from_cache(self, cache: Path | str, at: datetime) -> int:
        """Copy the records that former versions kept in the cache, once; how many there were.

        The cache may have been set aside for one of a new layout meanwhile: that file is looked at as well.
        """
        paths = [str(cache), f"{cache}.damaged"]

        def unread(database: sqlite3.Connection) -> list[str]:
            known = {path for (path,) in database.execute("SELECT path FROM imported")}
            return [path for path in paths if path not in known]

        found = [_row(*each, at) for path in self._file.read(unread) for each in _records_in_cache(path)]

        def insert(database: sqlite3.Connection) -> None:
            database.executemany(_INSERT, found)
            database.executemany("INSERT OR IGNORE INTO imported VALUES (?)", [(path,) for path in paths])

        if self._file.read(unread):
            self._file.write(insert)
        return len(found)

    def load_notices(self) -> list[str]:
        """Notices about the file itself, oldest first."""
        query = "SELECT sentence FROM notice ORDER BY at"
        return [str(sentence) for (sentence,) in self._file.read(lambda database: database.execute(query).fetchall())]


def _row(own_id: str, record: SlaRecord, at: datetime) -> tuple[Any, ...]:
    times = to_microseconds(record.started_at), to_microseconds(record.finished_at)
    judged = (record.target // _MICROSECOND, record.target_text, record.source, record.used // _MICROSECOND)
    key = (own_id, record.metric.value, *times, record.severity or 0)
    return (*key, *judged, record.policy_key, to_microseconds(at))


def _record(row: tuple[Any, ...]) -> SlaRecord:
    return SlaRecord(
        metric=Metric(row[1]),
        started_at=from_microseconds(row[2]),
        finished_at=from_microseconds(row[3]),
        severity=row[4] or None,
        target=row[5] * _MICROSECOND,
        target_text=row[6],
        source=row[7],
        used=row[8] * _MICROSECOND,
        policy_key=row[9],
    )


def _records_in_cache(path: str) -> list[tuple[str, SlaRecord]]:
    """The records in the table `judgement` of a cache; none where there is no such file or table."""
    decoder = msgspec.msgpack.Decoder(SlaRecord)
    found = []
    if Path(path).exists():
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path)) as database:
            for ticket_id, blob in database.execute("SELECT ticket_id, record FROM judgement"):
                with contextlib.suppress(msgspec.DecodeError):
                    found.append((str(ticket_id), decoder.decode(blob)))
    return found


def _recover(path: Path, damaged_inode: int | None) -> None:
    """Rename the damaged file, and begin a new one with the rows that can be read of it and a notice."""
    try:
        with recovery_lock(path):
            if damaged_inode is not None and path.stat().st_ino != damaged_inode:
                return  # another window has done it
            at = datetime.now(UTC)
            kept = path.with_name(f"{path.name}.damaged-{at:%Y%m%dT%H%M%S.%f}")
            for suffix in ("-wal", "-shm", ""):  # the database last: until then nobody creates a new one
                with contextlib.suppress(FileNotFoundError):
                    Path(f"{path}{suffix}").rename(f"{kept}{suffix}")
            _begin_anew(path, kept, at)
    except OSError as problem:
        raise StoreProblem(f"{path} is damaged and cannot be kept aside: {problem.strerror}.") from problem


def _begin_anew(path: Path, kept: Path, at: datetime) -> None:
    rows = _readable_rows(kept)
    sentence = (
        f"The record of finished SLA clocks was damaged: {len(rows)} could be read; the damaged file is kept as "
        f"{kept.name}. Clocks without a record are judged by the present policy."
    )

    def fill(database: sqlite3.Connection) -> None:
        database.executemany(_INSERT, rows)
        database.execute("INSERT INTO notice VALUES (?, ?)", (to_microseconds(at), sentence))

    with contextlib.closing(DurableFile(path, _LAYOUT, is_checked=False)) as fresh:
        fresh.write(fill)


def _readable_rows(kept: Path) -> list[tuple[Any, ...]]:
    from supporttui.store.outbox_salvage import readable_rows  # only where it is needed

    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(kept)) as database:
        rows = readable_rows(database, "sla_record", _COLUMNS.split(", "))
        return [row for row in rows if _is_readable(row)]
    return []


def _is_readable(row: tuple[Any, ...]) -> bool:
    """Whether a row of a damaged file has values that we may have written."""
    try:
        _record(row)
    except (TypeError, ValueError, OverflowError):
        return False
    return isinstance(row[0], str) and isinstance(row[-1], int)


_LAYOUT: Final = FileLayout(
    version=SCHEMA_VERSION,
    schema=SCHEMA,
    migrations={},
    recover=_recover,
    too_new="{path} was written by a newer supporttui: finished SLA clocks are not recorded. Use that version.",
    # With a write-ahead log, rows can be drawn while the engine commits.
    pragmas=("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"),
)
