"""What closes support for a reason of its own: holidays, closures, single dates, and which of them wins."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from support.policy_samples import new_york, packaged_policy
from supporttui.domain.policy import Interval, PlannedClosure, SupportHours
from supporttui.domain.support_calendar import NeverOpen, SupportCalendar, compile_calendar, policy_calendar

HALF_DAY = (Interval(480, 720),)
HALF_DAY_WEEK = (HALF_DAY,) * 5
THANKSGIVING = date(2026, 11, 26)


def hours_with(*closures: PlannedClosure, **changes: object) -> SupportHours:
    return replace(packaged_policy().hours, closures=closures, **changes)


def told(calendar: SupportCalendar, start: str, end: str) -> list[tuple[str, str]]:
    """From when on support is open or closed for which reason."""
    segments = calendar.segments(new_york(start), new_york(end))
    return [(f"{s.start.astimezone(calendar.zone):%a %H:%M}", s.reason or "open") for s in segments]


def test_half_day_is_named_where_it_would_have_been_open() -> None:
    hours = hours_with(overrides={date(2026, 11, 25): HALF_DAY}, labels={date(2026, 11, 25): "half day"})

    assert told(policy_calendar(hours, 2026, 2026), "2026-11-25 06:00", "2026-11-26 06:00") == [
        ("Wed 06:00", "outside support hours"),
        ("Wed 08:00", "open"),
        ("Wed 12:00", "half day"),
        ("Wed 17:00", "outside support hours"),
        ("Thu 00:00", "Thanksgiving Day"),
    ]


def test_single_date_wins_over_holiday_and_closure() -> None:
    closure = PlannedClosure(name="shutdown", first=date(2026, 11, 23), last=date(2026, 11, 27))
    calendar = policy_calendar(hours_with(closure, overrides={THANKSGIVING: HALF_DAY}), 2026, 2026)

    assert told(calendar, "2026-11-25 09:00", "2026-11-27 09:00") == [
        ("Wed 09:00", "shutdown"),
        ("Thu 00:00", "outside support hours"),
        ("Thu 08:00", "open"),
        ("Thu 12:00", "outside support hours"),
        ("Fri 00:00", "shutdown"),
    ]


def test_one_off_opening_on_a_saturday() -> None:
    calendar = policy_calendar(hours_with(overrides={date(2026, 6, 6): HALF_DAY}), 2026, 2026)

    assert calendar.opening(new_york("2026-06-06 09:00")).until == new_york("2026-06-06 12:00")


def test_afternoon_closure_cuts_the_day_and_leaves_the_night_alone() -> None:
    closure = PlannedClosure(
        name="team meeting",
        first=date(2026, 6, 1),
        last=date(2026, 6, 30),
        rule="FREQ=MONTHLY;BYDAY=2TU",
        intervals=(Interval(720, 780), Interval(960, 1200)),
    )

    assert told(policy_calendar(hours_with(closure), 2026, 2026), "2026-06-09 07:00", "2026-06-10 09:00") == [
        ("Tue 07:00", "outside support hours"),
        ("Tue 08:00", "open"),
        ("Tue 12:00", "team meeting"),
        ("Tue 13:00", "open"),
        ("Tue 16:00", "team meeting"),
        ("Tue 17:00", "outside support hours"),
        ("Wed 08:00", "open"),
    ]


def test_closure_of_some_hours_leaves_a_holiday_its_name() -> None:
    closure = PlannedClosure(
        name="meeting", first=THANKSGIVING, last=THANKSGIVING, rule="", intervals=(Interval(600, 660),)
    )

    calendar = policy_calendar(hours_with(closure), 2026, 2026)

    assert calendar.opening(new_york("2026-11-26 10:30")).reason == "Thanksgiving Day"


def test_closure_of_hours_on_a_day_that_is_closed_anyway_says_nothing() -> None:
    closure = PlannedClosure(
        name="meeting", first=date(2026, 6, 6), last=date(2026, 6, 6), intervals=(Interval(600, 660),)
    )

    reason = policy_calendar(hours_with(closure), 2026, 2026).opening(new_york("2026-06-06 10:30")).reason

    assert reason == "outside support hours"


def test_calendar_of_a_country_part_names_its_days_in_english() -> None:
    hours = hours_with(holiday_calendar="DE-BY", zone="Europe/Berlin")

    assert policy_calendar(hours, 2026, 2026).opening(new_york("2026-01-06 05:00")).reason == "Epiphany"


def test_exchange_has_its_own_days() -> None:
    calendar = policy_calendar(hours_with(holiday_calendar="NYSE"), 2026, 2026)

    assert calendar.opening(new_york("2026-04-03 12:00")).reason == "Good Friday"
    assert calendar.opening(new_york("2026-12-24 12:00")).is_open


@pytest.mark.parametrize("observed", [False, True])
@pytest.mark.parametrize(
    ("name", "zone", "created", "due"),
    [
        ("GB-ENG", "Europe/London", "2026-12-24 11:00", "2026-12-29 04:00"),
        ("NYSE", "America/New_York", "2026-07-02 16:00", "2026-07-06 09:00"),
        ("US", "America/New_York", "2026-07-02 16:00", "2026-07-06 09:00"),
        ("US", "America/New_York", "2027-12-30 16:00", "2028-01-03 09:00"),
    ],
)
def test_days_off_in_exchange_for_a_weekend_are_official_closures(
    name: str, zone: str, created: str, due: str, observed: bool
) -> None:
    calendar = policy_calendar(hours_with(holiday_calendar=name, zone=zone, observed=observed), 2026, 2028)

    assert calendar.add(new_york(created), timedelta(hours=2)) == new_york(due)


def test_observed_day_of_the_year_after_the_compiled_ones_is_closed() -> None:
    calendar = policy_calendar(hours_with(holiday_calendar="US"), 2026, 2027)

    assert not calendar.opening(new_york("2027-12-31 12:00")).is_open


def test_saturday_that_the_calendar_makes_a_working_day_is_open() -> None:
    hours = hours_with(holiday_calendar="CN", zone="Asia/Shanghai", week=(*HALF_DAY_WEEK, (), ()))
    closed = PlannedClosure(name="inventory", first=date(2026, 2, 14), last=date(2026, 2, 14))

    worked = policy_calendar(hours, 2026, 2026).opening(new_york("2026-02-13 21:00"))
    closure = policy_calendar(replace(hours, closures=(closed,)), 2026, 2026).opening(new_york("2026-02-13 21:00"))
    dated = replace(hours, overrides={date(2026, 2, 14): ()})

    assert worked.until == new_york("2026-02-13 23:00")
    assert worked.is_open
    assert (closure.is_open, closure.reason) == (False, "inventory")
    assert not policy_calendar(dated, 2026, 2026).opening(new_york("2026-02-13 21:00")).is_open


def test_calendar_that_closures_leave_no_hour_is_refused_when_built() -> None:
    closure = PlannedClosure(name="gone", first=date(2025, 12, 1), last=date(2027, 1, 31))

    with pytest.raises(NeverOpen, match="open on no day"):
        compile_calendar(hours_with(closure), {}, 2026, 2026)
