"""The compiled calendar that is kept: used for as long as nothing that it was made from has changed."""

from datetime import date
from pathlib import Path

from msgspec.structs import replace

from support.policy_samples import new_york, packaged_policy
from support.sample_values import DESK, files_in
from supporttui.cli.calendar_cache import CALENDAR_STATE, load_calendar, sources_digest
from supporttui.domain.policy import PlannedClosure
from supporttui.store.cache import Cache

HOURS = packaged_policy().hours
NOW = new_york("2026-06-08 10:00")
CLOSED = PlannedClosure(name="x", first=date(2026, 1, 1), last=date(2026, 1, 1))


def test_the_digest_follows_all_that_the_calendar_depends_on() -> None:
    changed = [
        replace(HOURS, zone="Europe/Berlin"),
        replace(HOURS, observed=True),
        replace(HOURS, overrides={date(2026, 6, 8): ()}),
        replace(HOURS, week=HOURS.week[1:] + HOURS.week[:1]),
        replace(HOURS, closures=(CLOSED,)),
        replace(HOURS, labels={date(2026, 6, 6): "x"}),
    ]
    digests = [
        sources_digest(HOURS, 2026),
        sources_digest(HOURS, 2027),
        *(sources_digest(each, 2026) for each in changed),
    ]
    assert len(set(digests)) == len(digests)
    assert sources_digest(replace(HOURS), 2026) == digests[0]


def test_a_kept_calendar_of_other_hours_is_compiled_anew(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    load_calendar(HOURS, NOW, files)
    found = load_calendar(replace(HOURS, zone="Europe/Berlin"), NOW, files)
    assert found.zone.key == "Europe/Berlin"


def test_what_is_kept_and_is_no_calendar_is_compiled_anew(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with Cache(path, DESK) as cache:
        cache.save_state(CALENDAR_STATE, sources_digest(HOURS, 2026) + b"torn")
    assert load_calendar(HOURS, NOW, files_in(tmp_path)).zone.key == "America/New_York"
