"""The policy's own holiday calendar; the only place that imports the `holidays` library."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from holidays import HolidayBase
from holidays.groups.christian import ChristianHolidays
from holidays.groups.international import InternationalHolidays

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


def policy_holidays(calendar: str, observed: bool, first_year: int, last_year: int) -> dict[date, str]:
    """The holidays of these years in a calendar, `default` or `none`, in order. Raises UnknownHolidays.

    Observed ones are moved from a weekend to a weekday, also over the turn of a year.
    """
    if calendar not in CALENDARS:
        raise UnknownHolidays(f"there is no holiday calendar {calendar!r}; there are {', '.join(CALENDARS)}")
    if not observed:
        return CALENDARS[calendar](first_year, last_year)
    days = moved_to_weekdays(CALENDARS[calendar](first_year - 1, last_year + 1))
    return {day: name for day, name in days.items() if first_year <= day.year <= last_year}


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
    """The next day in this direction that is neither on a weekend nor taken."""
    while day.weekday() >= SATURDAY or day in taken:
        day += step
    return day
