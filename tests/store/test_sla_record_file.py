"""The durable record of finished clocks: added to, shared, never begun anew without saying so."""

import contextlib
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from support.sample_values import DESK, ticket_key
from supporttui.domain.metrics import Metric
from supporttui.domain.sla_record import SlaRecord
from supporttui.store.database import StoreTooNew
from supporttui.store.sla_record_file import SCHEMA_VERSION, SlaRecordFile

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
RECORD = SlaRecord(
    metric=Metric.FIRST_RESPONSE,
    started_at=NOW,
    finished_at=NOW + HOUR,
    severity=1,
    target=4 * HOUR,
    target_text="4 hours",
    source="severity 1",
    used=HOUR,
    policy_key="p1",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sla.db"


def test_records_come_back_as_they_were_added_the_latest_first(path: Path) -> None:
    later = replace(RECORD, finished_at=NOW + 2 * HOUR, severity=None)
    with contextlib.closing(SlaRecordFile(path, DESK)) as records:
        records.add({ticket_key(7): [RECORD, later]}, NOW)
        assert records.load([ticket_key(7), ticket_key(8)]) == {ticket_key(7): (later, RECORD)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_clock_on_record_keeps_its_record(path: Path) -> None:
    with contextlib.closing(SlaRecordFile(path, DESK)) as one, contextlib.closing(SlaRecordFile(path, DESK)) as other:
        one.add({ticket_key(7): [RECORD]}, NOW)
        other.add({ticket_key(7): [replace(RECORD, target=HOUR, policy_key="p2")]}, NOW)
        assert one.load([ticket_key(7)]) == other.load([ticket_key(7)]) == {ticket_key(7): (RECORD,)}


def test_many_tickets_are_loaded_at_once(path: Path) -> None:
    with contextlib.closing(SlaRecordFile(path, DESK)) as records:
        records.add({ticket_key(number): [RECORD] for number in range(1200)}, NOW)
        assert len(records.load(map(ticket_key, range(1300)))) == 1200


@pytest.mark.parametrize("damage", ["header", "a page"])
def test_a_damaged_file_is_kept_aside_and_said(path: Path, damage: str) -> None:
    with contextlib.closing(SlaRecordFile(path, DESK)) as records:
        records.add({ticket_key(number): [RECORD] for number in range(500)}, NOW)
        before = records.identity()
    content = bytearray(path.read_bytes())
    start = 0 if damage == "header" else len(content) // 2 // 4096 * 4096
    content[start : start + 4096] = b"x" * 4096
    path.write_bytes(content)

    with contextlib.closing(SlaRecordFile(path, DESK, is_checked=True)) as records:
        kept = next(each for each in path.parent.iterdir() if ".damaged-" in each.name)
        assert kept.read_bytes() == bytes(content)
        (sentence,) = records.load_notices()
        assert kept.name in sentence
        assert records.identity() != before
        found = len(records.load(map(ticket_key, range(500))))
        assert found == 0 if damage == "header" else 300 < found < 500


def test_damage_that_is_met_while_reading_is_recovered_too(path: Path) -> None:
    with contextlib.closing(SlaRecordFile(path, DESK)) as records:
        records.add({ticket_key(number): [RECORD] for number in range(500)}, NOW)
    with contextlib.closing(SlaRecordFile(path, DESK)) as records:
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"x" * (path.stat().st_size - 4096))
        assert records.load([ticket_key(1)]) == {}
        assert len(records.load_notices()) == 1
        records.add({ticket_key(1): [RECORD]}, NOW)
        assert records.load([ticket_key(1)]) == {ticket_key(1): (RECORD,)}


def test_records_stand_under_the_desks_own_id_as_former_versions_wrote_it(path: Path) -> None:
    with contextlib.closing(SlaRecordFile(path, DESK)) as records:
        records.add({ticket_key(7): [RECORD], ticket_key("SUP-12"): [RECORD]}, NOW)
    with contextlib.closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT ticket_id, typeof(ticket_id) FROM sla_record ORDER BY ticket_id").fetchall()
        assert rows == [("7", "text"), ("SUP-12", "text")]
        assert database.execute("PRAGMA user_version").fetchone() == (1,)
    with contextlib.closing(SlaRecordFile(path, DESK)) as records:
        assert set(records.load([ticket_key(7), ticket_key("SUP-12")])) == {ticket_key(7), ticket_key("SUP-12")}


def test_file_of_a_newer_version_is_read_and_not_written(path: Path) -> None:
    with contextlib.closing(SlaRecordFile(path, DESK)) as records:
        records.add({ticket_key(7): [RECORD]}, NOW)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with contextlib.closing(SlaRecordFile(path, DESK)) as records:
        assert records.load([ticket_key(7)]) == {ticket_key(7): (RECORD,)}
        with pytest.raises(StoreTooNew, match="newer supporttui"):
            records.add({ticket_key(8): [RECORD]}, NOW)


@pytest.mark.parametrize("name", ["cache.db", "cache.db.damaged"])
def test_records_of_former_versions_are_taken_over_once(path: Path, name: str) -> None:
    with contextlib.closing(sqlite3.connect(path.with_name(name), isolation_level=None)) as cache:
        cache.execute("CREATE TABLE judgement (ticket_id INTEGER, metric TEXT, record BLOB)")
        cache.execute("INSERT INTO judgement VALUES (7, 'first_response', ?)", (msgspec.msgpack.encode(RECORD),))
        cache.execute("INSERT INTO judgement VALUES (8, 'first_response', x'00')")
    with contextlib.closing(SlaRecordFile(path, DESK)) as records:
        assert records.import_from_cache(path.with_name("cache.db"), NOW) == 1
        assert records.load([ticket_key(7), ticket_key(8)]) == {ticket_key(7): (RECORD,)}
        assert records.import_from_cache(path.with_name("cache.db"), NOW) == 0
