"""What a start costs: nothing is loaded before the first picture that it does not need."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from supporttui.cli.calendar_cache import CALENDAR_STATE, load_calendar
from supporttui.config import default_policy
from supporttui.store.cache import Cache

HEAVY = ("httpx", "litestar", "sqlalchemy", "alembic", "uvicorn", "holidays", "typer", "dateutil")
NOW = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)
BEFORE_FIRST_PAINT = """
import sys
from datetime import UTC, datetime
import supporttui.__main__, supporttui.cli.main
from supporttui.cli.launch import Launch
from supporttui.cli.desk_selection import target_of_launch
import supporttui.cli.screen, supporttui.sync.engine, supporttui.ui.app, supporttui.ui.screens.board
from supporttui.cli.calendar_cache import load_calendar
target = target_of_launch(Launch())
load_calendar(target.policy.hours, datetime.now(UTC), target.files.cache)
print(*sys.modules)
"""


def loaded_before_first_paint() -> set[str]:
    done = subprocess.run([sys.executable, "-c", BEFORE_FIRST_PAINT], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_later_start_loads_no_network_no_server_no_database_and_no_holidays() -> None:
    loaded_before_first_paint()
    assert loaded_before_first_paint().isdisjoint(HEAVY)


def test_the_calendar_is_kept_and_read_back(tmp_path: Path) -> None:
    cache, hours = str(tmp_path / "cache.db"), default_policy().hours
    made = load_calendar(hours, NOW, cache)
    kept = load_calendar(hours, NOW, cache)
    assert kept.opening(NOW) == made.opening(NOW)
    assert not kept.opening(datetime(2026, 11, 26, 15, 0, tzinfo=UTC)).is_open


def test_a_calendar_of_other_hours_is_compiled_anew(tmp_path: Path) -> None:
    cache, hours = str(tmp_path / "cache.db"), default_policy().hours
    load_calendar(hours, NOW, cache)
    berlin = replace(hours, zone="Europe/Berlin")
    assert load_calendar(berlin, NOW, cache).zone.key == "Europe/Berlin"


def test_a_damaged_calendar_is_compiled_anew(tmp_path: Path) -> None:
    cache, hours = str(tmp_path / "cache.db"), default_policy().hours
    load_calendar(hours, NOW, cache)
    with Cache(cache) as opened:
        kept = opened.load_state(CALENDAR_STATE)
        assert kept is not None
        opened.save_state(CALENDAR_STATE, kept[:40] + b"?")
    assert load_calendar(hours, NOW, cache).zone.key == "America/New_York"


def test_a_cache_that_cannot_be_opened_costs_a_compilation_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "cache.db").mkdir()
    assert load_calendar(default_policy().hours, NOW, str(tmp_path / "cache.db")).zone.key == "America/New_York"
