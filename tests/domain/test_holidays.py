"""The eight days of the policy, on their own dates or moved to weekdays."""

from datetime import date

import pytest

from supporttui.domain.holidays import UnknownHolidays, policy_holidays, working_weekend_days


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


OFFICIAL = {
    "GB-SCT": "01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-28",
    "JP": "01-01 01-12 02-11 02-23 03-20 04-29 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23",
    "NYSE": "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25",
    "XECB": "01-01 04-03 04-06 05-01 12-25",
}
"""The weekdays of 2026 that gov.scot, the Cabinet Office of Japan, nyse.com and ecb.europa.eu have as closed."""


@pytest.mark.parametrize("calendar", OFFICIAL)
@pytest.mark.parametrize("observed", [False, True])
def test_calendar_of_a_country_or_exchange_has_its_official_weekdays(calendar: str, observed: bool) -> None:
    days = policy_holidays(calendar, observed, 2026, 2026)

    assert " ".join(f"{day:%m-%d}" for day in days if day.weekday() < 5) == OFFICIAL[calendar]


def test_working_weekend_days_are_those_of_the_official_notice() -> None:
    days = working_weekend_days("CN", 2026, 2026)

    assert [f"{day:%m-%d}" for day in days] == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]


def test_years_that_the_library_knows_in_part_warn_nobody_in_the_middle_of_a_screen() -> None:
    assert date(1995, 8, 15) in policy_holidays("IN", False, 1995, 1995)  # a warning is an error in all tests
