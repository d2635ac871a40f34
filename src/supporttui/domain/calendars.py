"""The policy's calendar, and the key under which its compiled form may be kept."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta

from supporttui.domain.hours import FORMAT, SupportCalendar, compile_calendar
from supporttui.domain.policy import Interval, ServicePolicy, SupportHours
from supporttui.domain.zones import zones_version

NEVER_CLOSED = SupportHours(
    zone="UTC",
    week=((Interval(0, 24 * 60),),) * 7,
    overrides={},
    holiday_calendar="none",
    observed=False,
    business_day=timedelta(days=1),
)

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


class Calendars:
    """The desk's own support hours and those that its policy names beside them, compiled."""

    __slots__ = ("_always", "_named", "desk")

    def __init__(self, desk: SupportCalendar, named: Mapping[str, SupportCalendar] | None = None) -> None:
        self.desk = desk
        self._named = named or {}
        self._always: SupportCalendar | None = None

    @property
    def always(self) -> SupportCalendar:
        """One that never closes, for targets that count day and night."""
        if self._always is None:
            years = (instant.astimezone(self.desk.zone).year for instant in (self.desk.start, self.desk.end))
            first_year, next_year = years
            self._always = compile_calendar(NEVER_CLOSED, {}, first_year, next_year - 1)
        return self._always

    def __getitem__(self, name: str) -> SupportCalendar:
        """A calendar by its name, the desk's own by the empty one."""
        return self._named[name] if name else self.desk

    @property
    def named(self) -> Mapping[str, SupportCalendar]:
        """Those beside the desk's own, by name."""
        return self._named

    def __iter__(self) -> Iterator[SupportCalendar]:
        """The desk's own first."""
        return iter((self.desk, *self._named.values()))


def policy_calendars(policy: ServicePolicy, first_year: int, last_year: int) -> Calendars:
    """Compile all calendars of a policy. Raises NeverOpen."""
    named = {name: policy_calendar(hours, first_year, last_year) for name, hours in policy.calendars.items()}
    return Calendars(policy_calendar(policy.hours, first_year, last_year), named)


def calendar_key(hours: SupportHours, first_year: int, last_year: int) -> str:
    """What a compiled calendar depends on, hashed: the hours, the years, and the versions of its sources."""
    from importlib.metadata import version  # it reads mail headers, with all that this takes

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
