"""What a start costs: nothing is loaded before the first picture that it does not need."""

from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from support.sample_values import files_in
from supporttui.cli.calendar_cache import CALENDAR_STATE, load_calendar
from supporttui.config import default_policy
from supporttui.store.cache import Cache

NOW = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)


def test_the_calendar_is_kept_and_read_back(tmp_path: Path) -> None:
    files, hours = files_in(tmp_path), default_policy().hours
    made = load_calendar(hours, NOW, files)
    kept = load_calendar(hours, NOW, files)
    assert kept.opening(NOW) == made.opening(NOW)
    assert not kept.opening(datetime(2026, 11, 26, 15, 0, tzinfo=UTC)).is_open


def test_a_calendar_of_other_hours_is_compiled_anew(tmp_path: Path) -> None:
    files, hours = files_in(tmp_path), default_policy().hours
    load_calendar(hours, NOW, files)
    berlin = replace(hours, zone="Europe/Berlin")
    assert load_calendar(berlin, NOW, files).zone.key == "Europe/Berlin"


def test_a_damaged_calendar_is_compiled_anew(tmp_path: Path) -> None:
    files, hours = files_in(tmp_path), default_policy().hours
    load_calendar(hours, NOW, files)
    with Cache(files.cache, files.desk) as opened:
        kept = opened.load_state(CALENDAR_STATE)
        assert kept is not None
        opened.save_state(CALENDAR_STATE, kept[:40] + b"?")
    assert load_calendar(hours, NOW, files).zone.key == "America/New_York"


def test_a_cache_that_cannot_be_opened_costs_a_compilation_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "cache.db").mkdir()
    assert load_calendar(default_policy().hours, NOW, files_in(tmp_path)).zone.key == "America/New_York"
