"""The policy's calendar and the key of its compiled form."""

from msgspec.structs import replace

from support.policy_samples import new_york, packaged_policy
from supporttui.domain.support_calendar import SupportCalendar, policy_calendar


def test_packaged_policy_compiles_with_its_holidays() -> None:
    calendar = policy_calendar(packaged_policy().hours, 2016, 2031)

    assert calendar.opening(new_york("2026-12-24 12:00")).reason == "Christmas Eve"
    assert calendar.opening(new_york("2026-11-23 12:00")).until == new_york("2026-11-23 17:00")


def test_observed_holidays_close_the_weekday() -> None:
    hours = replace(packaged_policy().hours, observed=True)

    assert policy_calendar(hours, 2026, 2026).opening(new_york("2026-07-03 12:00")).reason == "Independence Day"


def test_calendar_without_holidays_is_open_at_christmas() -> None:
    hours = replace(packaged_policy().hours, holiday_calendar="none")

    assert policy_calendar(hours, 2026, 2026).opening(new_york("2026-12-25 12:00")).is_open


def test_kept_form_answers_without_being_compiled_again() -> None:
    kept = policy_calendar(packaged_policy().hours, 2026, 2026).to_bytes()

    assert SupportCalendar.from_bytes(kept).opening(new_york("2026-11-26 12:00")).reason == "Thanksgiving Day"
