"""The policy's calendar and the key of its compiled form."""

from datetime import date

from msgspec.structs import replace

from support.policy_samples import new_york, packaged_policy
from supporttui.domain.support_calendar import SupportCalendar, calendar_key, horizon, policy_calendar


def test_packaged_policy_compiles_with_its_holidays() -> None:
    calendar = policy_calendar(packaged_policy().hours, *horizon(2026))

    assert calendar.opening(new_york("2026-12-24 12:00")).reason == "Christmas Eve"
    assert calendar.opening(new_york("2026-11-23 12:00")).until == new_york("2026-11-23 17:00")


def test_observed_holidays_close_the_weekday() -> None:
    hours = replace(packaged_policy().hours, observed=True)

    assert policy_calendar(hours, 2026, 2026).opening(new_york("2026-07-03 12:00")).reason == "Independence Day"


def test_calendar_without_holidays_is_open_at_christmas() -> None:
    hours = replace(packaged_policy().hours, holiday_calendar="none")

    assert policy_calendar(hours, 2026, 2026).opening(new_york("2026-12-25 12:00")).is_open


def test_key_follows_what_the_calendar_depends_on() -> None:
    hours = packaged_policy().hours
    changed = [
        replace(hours, zone="Europe/Berlin"),
        replace(hours, observed=True),
        replace(hours, overrides={date(2026, 6, 8): ()}),
        replace(hours, week=hours.week[1:] + hours.week[:1]),
    ]

    keys = [calendar_key(hours, 2020, 2030), calendar_key(hours, 2020, 2031)]
    keys += [calendar_key(other, 2020, 2030) for other in changed]

    assert len(set(keys)) == len(keys)
    assert calendar_key(replace(hours), 2020, 2030) == keys[0]


def test_kept_form_answers_without_being_compiled_again() -> None:
    kept = policy_calendar(packaged_policy().hours, 2026, 2026).to_bytes()

    assert SupportCalendar.from_bytes(kept).opening(new_york("2026-11-26 12:00")).reason == "Thanksgiving Day"
