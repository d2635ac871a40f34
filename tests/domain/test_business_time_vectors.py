"""The 98 reference cases of support time."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from supporttui.domain.policy import Interval, SupportHours
from supporttui.domain.support_calendar import SupportCalendar, compile_calendar
from supporttui.domain.zones import zones_version

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60
VECTORS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("business_time_vectors.json").read_text(encoding="utf-8")
)["vectors"]


def test_all_reference_cases_are_here() -> None:
    assert len(VECTORS) == 98


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["op"] == "add"], ids=lambda v: v["name"])
def test_amount_is_used_up_at_the_expected_instant(vector: dict[str, Any]) -> None:
    require_tz_database(vector)
    start, amount = datetime.fromisoformat(vector["start"]), timedelta(seconds=vector["business_seconds"])

    if "pauses" in vector:
        end = calendar_of(vector).add_with_pauses(start, amount, pauses_of(vector))
    else:
        end = calendar_of(vector).add(start, amount)

    assert end == (None if vector["expect"] is None else datetime.fromisoformat(vector["expect"]))


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["op"] == "between"], ids=lambda v: v["name"])
def test_span_holds_the_expected_support_time(vector: dict[str, Any]) -> None:
    require_tz_database(vector)
    start, end = datetime.fromisoformat(vector["start"]), datetime.fromisoformat(vector["end"])

    if "pauses" in vector:
        amount = calendar_of(vector).between_with_pauses(start, end, pauses_of(vector))
    else:
        amount = calendar_of(vector).between(start, end)

    assert amount == timedelta(seconds=vector["business_seconds"])


def require_tz_database(vector: dict[str, Any]) -> None:
    assert zones_version() >= vector.get("min_tzdata", ""), "the tzdata package is older than pyproject.toml asks for"


def calendar_of(vector: dict[str, Any]) -> SupportCalendar:
    """The case's hours over its own years; a break in a day becomes that date's own hours."""
    week: list[list[Interval]] = [[] for _ in DAYS]
    for name, blocks in vector["week"].items():
        day = DAYS.index(name)
        for start, end in blocks:
            if minutes(start) < minutes(end):
                week[day].append(Interval(minutes(start), minutes(end)))
            else:
                week[day].append(Interval(minutes(start), MIDNIGHT))
                week[(day + 1) % 7].append(Interval(0, minutes(end)))
    overrides = {
        date.fromisoformat(day): tuple(Interval(minutes(start), minutes(end)) for start, end in blocks)
        for day, blocks in vector.get("overrides", {}).items()
    }
    for day, breaks in vector.get("breaks", {}).items():
        on = date.fromisoformat(day)
        overrides[on] = tuple(without(week[on.weekday()], breaks))
    hours = SupportHours(
        zone=vector["tz"],
        week=tuple(tuple(day) for day in week),
        overrides=overrides,
        holiday_calendar="none",
        observed=False,
        business_day=timedelta(hours=9),
    )
    year = datetime.fromisoformat(vector["start"]).astimezone(UTC).year
    return compile_calendar(
        hours, {date.fromisoformat(day): "a holiday" for day in vector["holidays"]}, year - 1, year + 3
    )


def without(intervals: Iterable[Interval], breaks: list[list[str]]) -> list[Interval]:
    """The minutes of a day's intervals that lie in no break."""
    left = list(intervals)
    for start, end in breaks:
        cut = [(i, minutes(start), minutes(end)) for i in left]
        left = [Interval(i.start_minute, min(i.end_minute, begin)) for i, begin, _ in cut if i.start_minute < begin]
        left += [Interval(max(i.start_minute, stop), i.end_minute) for i, _, stop in cut if stop < i.end_minute]
    return left


def minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def pauses_of(vector: dict[str, Any]) -> list[tuple[datetime, datetime | None]]:
    return [(datetime.fromisoformat(a), None if b is None else datetime.fromisoformat(b)) for a, b in vector["pauses"]]
