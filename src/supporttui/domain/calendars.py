"""The policy's calendar, and the key under which its compiled form may be kept."""

import hashlib
from importlib.metadata import version

from supporttui.domain.hours import FORMAT, SupportCalendar, compile_calendar
from supporttui.domain.policy import SupportHours
from supporttui.domain.zones import zones_version

YEARS_BACK = 10
YEARS_AHEAD = 5


def horizon(year: int) -> tuple[int, int]:
    """The first and the last year to compile for a board of this year."""
    return year - YEARS_BACK, year + YEARS_AHEAD


def policy_calendar(hours: SupportHours, first_year: int, last_year: int) -> SupportCalendar:
    """Compile the policy's hours with its holidays. Imports `holidays`, which is slow. Raises NeverOpen."""
    from supporttui.domain.holidays import policy_holidays  # only where no compiled form is kept

    holidays = policy_holidays(hours.holiday_calendar, hours.observed, first_year, last_year)
    return compile_calendar(hours, holidays, first_year, last_year)


def calendar_key(hours: SupportHours, first_year: int, last_year: int) -> str:
    """What a compiled calendar depends on, hashed: the hours, the years, and the versions of its sources."""
    dates = sorted(hours.overrides.items())
    facts = (
        hours.zone,
        hours.week,
        dates,
        hours.holiday_calendar,
        hours.observed,
        sorted(hours.labels.items()),
        hours.closures,
        (first_year, last_year),
        (FORMAT, zones_version(), version("holidays")),
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()
