"""Holiday calendars: the policy's own, and all that the `holidays` library knows; only this module imports it."""

import warnings
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, date, timedelta
from difflib import get_close_matches
from typing import Final

from holidays import HolidayBase, country_holidays, financial_holidays
from holidays.groups.christian import ChristianHolidays
from holidays.groups.international import InternationalHolidays
from holidays.utils import list_supported_countries, list_supported_financial

SATURDAY: Final = 5
ONE_DAY: Final = timedelta(days=1)

FIXED: Final = frozenset({"New Year's Day", "Independence Day", "Christmas Eve", "Christmas Day"})
"""Those that have a date of their own, so that they can fall on a weekend."""


class UnknownHolidays(ValueError):
    """There is no holiday calendar of this name."""


class PolicyHolidays(HolidayBase, ChristianHolidays, InternationalHolidays):
    """Exactly the eight days of the service policy, on their own dates."""

    def __init__(self, years: range) -> None:
        ChristianHolidays.__init__(self)
        InternationalHolidays.__init__(self)
        super().__init__(years=years, observed=False)

    def _populate_public_holidays(self) -> None:
        self._add_new_years_day("New Year's Day")
        self._add_holiday_last_mon_of_may("Memorial Day")
        self._add_holiday_jul_4("Independence Day")
        self._add_holiday_1st_mon_of_sep("Labor Day")
        self._add_holiday_4th_thu_of_nov("Thanksgiving Day")
        self._add_holiday_1_day_past_4th_thu_of_nov("Friday after Thanksgiving")
        self._add_christmas_eve("Christmas Eve")
        self._add_christmas_day("Christmas Day")


def _default_days(first_year: int, last_year: int) -> dict[date, str]:
    """The policy's days, none moved."""
    return dict(sorted(PolicyHolidays(range(first_year, last_year + 1)).items()))


def _no_days(first_year: int, last_year: int) -> dict[date, str]:
    """A calendar without holidays."""
    return {}


CALENDARS: Final[Mapping[str, Callable[[int, int], dict[date, str]]]] = {"default": _default_days, "none": _no_days}
"""Those of our own; every other name is one that the `holidays` library knows."""

LANGUAGE: Final = "en_US"
"""Of the names, where the library has them in it; otherwise they are in the calendar's own language."""


def policy_holidays(calendar: str, observed: bool, first_year: int, last_year: int) -> dict[date, str]:
    """The holidays of these years in a calendar, in order: `default`, `none`, `US`, `DE-BY`, `NYSE`, …

    `observed` moves the policy's own fixed dates from a weekend to a weekday, also over the turn of a year. A library
    calendar's observed and substitute days are official and always closed. Raises UnknownHolidays.
    """
    if calendar not in CALENDARS:
        known = _library_calendar(calendar, _years_around(first_year, last_year))
        return {day: name for day, name in sorted(known.items()) if first_year <= day.year <= last_year}
    if not observed:
        return CALENDARS[calendar](first_year, last_year)
    years = _years_around(first_year, last_year)
    days = moved_to_weekdays(CALENDARS[calendar](years[0], years[-1]))
    return {day: name for day, name in days.items() if first_year <= day.year <= last_year}


def working_weekend_days(calendar: str, first_year: int, last_year: int) -> list[date]:
    """The weekend days of these years on which a calendar has everybody work in exchange for a weekday."""
    if calendar in CALENDARS:
        return []
    known = _library_calendar(calendar, _years_around(first_year, last_year))
    days: set[date] = getattr(known, "weekend_workdays", set())
    return sorted(day for day in days if first_year <= day.year <= last_year and day not in known)


def _years_around(first_year: int, last_year: int) -> range:
    """The years, with those beside them, whose holidays may be observed in these."""
    return range(max(first_year - 1, MINYEAR), min(last_year + 1, MAXYEAR) + 1)


def check_calendar(calendar: str) -> None:
    """Raise UnknownHolidays, with what may have been meant, where there is no calendar of this name."""
    if calendar not in CALENDARS:
        _library_calendar(calendar, range(2000, 2001))


def _library_calendar(calendar: str, years: range) -> HolidayBase:
    """A country's, a subdivision's or an exchange's holidays; none in years that the library does not know."""
    with warnings.catch_warnings():  # it warns of such years, on standard error, in the middle of a screen
        warnings.simplefilter("ignore", UserWarning)
        return _made_calendar(calendar, years)


def _made_calendar(calendar: str, years: range) -> HolidayBase:
    country, _, part = calendar.partition("-")
    if calendar in known_exchanges():
        return financial_holidays(calendar, years=years, observed=True, language=LANGUAGE)
    parts = list_supported_countries(include_aliases=True)
    if country not in parts:
        raise UnknownHolidays(f"there is no holiday calendar {calendar!r}{_meant(calendar, _all_names(parts))}")
    if part and part not in parts[country]:
        subdivisions = [f"{country}-{each}" for each in parts[country]]
        raise UnknownHolidays(f"{country} has no part {part!r}{_meant(calendar, subdivisions)}")
    return country_holidays(country, subdiv=part or None, years=years, observed=True, language=LANGUAGE)


def known_exchanges() -> frozenset[str]:
    """The financial markets that the library knows, by either of their names."""
    return frozenset(list_supported_financial())


def _all_names(parts: Mapping[str, list[str]]) -> list[str]:
    subdivisions = (f"{country}-{part}" for country, of_country in parts.items() for part in of_country)
    return [*CALENDARS, *parts, *sorted(known_exchanges()), *subdivisions]


def _meant(calendar: str, names: list[str]) -> str:
    """The closest existing names, or an example of the format."""
    exact = [name for name in names if name.casefold() == calendar.casefold()]
    close = (
        exact
        or get_close_matches(calendar.upper(), names, cutoff=0.66)
        or get_close_matches(calendar, names, cutoff=0.66)
    )
    if close:
        return f"; did you mean {' or '.join(close)}?"
    return '; write "default", "none", a country such as "US", a part of one such as "DE-BY", or "NYSE"'


def moved_to_weekdays(days: Mapping[date, str]) -> dict[date, str]:
    """Fixed dates on a Saturday on the Friday before, those on a Sunday on the Monday after.

    Where that is a holiday already, one weekday further the same way.
    """
    moved = {day: name for day, name in days.items() if day.weekday() < SATURDAY or name not in FIXED}
    for day, name in sorted(days.items()):
        if day not in moved:
            moved[_free_weekday(day, -ONE_DAY if day.weekday() == SATURDAY else ONE_DAY, moved)] = name
    return dict(sorted(moved.items()))


def _free_weekday(day: date, step: timedelta, taken: Mapping[date, str]) -> date:
    """The next day in this direction that is neither on a weekend nor a holiday."""
    while day.weekday() >= SATURDAY or day in taken:
        day += step
    return day
