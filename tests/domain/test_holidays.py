"""The eight days of the policy, on their own dates or moved to weekdays."""

from datetime import date

import pytest

from supporttui.domain.holidays import UnknownHolidays, policy_holidays


def days(year: int, *, observed: bool = False) -> dict[str, str]:
    found = policy_holidays("default", observed, year, year)
    return {day.strftime("%a %d %b"): name for day, name in found.items()}


def test_policy_has_exactly_eight_days() -> None:
    assert days(2026) == {
        "Thu 01 Jan": "New Year's Day",
        "Mon 25 May": "Memorial Day",
        "Sat 04 Jul": "Independence Day",
        "Mon 07 Sep": "Labor Day",
        "Thu 26 Nov": "Thanksgiving Day",
        "Fri 27 Nov": "Friday after Thanksgiving",
        "Thu 24 Dec": "Christmas Eve",
        "Fri 25 Dec": "Christmas Day",
    }


@pytest.mark.parametrize("year", range(2000, 2060))
def test_every_year_has_eight_days_none_moved(year: int) -> None:
    found = days(year)

    assert len(found) == 8
    assert [key[4:] for key in found if found[key] in ("New Year's Day", "Independence Day")] == ["01 Jan", "04 Jul"]


def test_observed_saturday_moves_to_the_friday_before() -> None:
    assert days(2026, observed=True)["Fri 03 Jul"] == "Independence Day"
    assert "Sat 04 Jul" not in days(2026, observed=True)


def test_observed_sunday_moves_to_the_monday_after() -> None:
    assert days(2027, observed=True)["Mon 05 Jul"] == "Independence Day"


def test_observed_christmas_on_saturday_moves_before_christmas_eve() -> None:
    found = days(2027, observed=True)

    assert (found["Fri 24 Dec"], found["Thu 23 Dec"]) == ("Christmas Eve", "Christmas Day")


def test_observed_christmas_eve_on_sunday_moves_behind_christmas_day() -> None:
    found = days(2028, observed=True)

    assert (found["Mon 25 Dec"], found["Tue 26 Dec"]) == ("Christmas Day", "Christmas Eve")


def test_observed_weekend_christmas_moves_both_ways() -> None:
    found = days(2022, observed=True)

    assert (found["Fri 23 Dec"], found["Mon 26 Dec"]) == ("Christmas Eve", "Christmas Day")


def test_observed_new_year_moves_into_the_year_before() -> None:
    assert days(2027, observed=True)["Fri 31 Dec"] == "New Year's Day"
    assert "New Year's Day" not in days(2028, observed=True).values()


@pytest.mark.parametrize("year", range(2000, 2060))
def test_observed_days_are_all_weekdays(year: int) -> None:
    found = policy_holidays("default", True, year, year)

    assert all(day.weekday() < 5 for day in found)
    assert 7 <= len(found) <= 9


def test_calendar_without_holidays_is_empty() -> None:
    assert policy_holidays("none", True, 2000, 2060) == {}


def test_dates_come_in_order() -> None:
    found = list(policy_holidays("default", False, 2020, 2022))

    assert found == sorted(found)
    assert found[0] == date(2020, 1, 1)


def test_unknown_calendar_is_refused_by_name() -> None:
    with pytest.raises(UnknownHolidays, match="no holiday calendar 'lunar'; write \"default\""):
        policy_holidays("lunar", False, 2026, 2026)
