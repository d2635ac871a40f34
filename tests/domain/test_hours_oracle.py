"""20,000 generated cases against minute-stepping that shares no code with the engine, none of which may differ.

SUPPORTTUI_CASES=20000 runs them all, with 200 over years; without it a tenth does. One minute table serves all cases
of a calendar.
"""

import os
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from support.clock.minute_oracle import MINUTE, MinuteTable
from supporttui.domain.policy import Interval, PlannedClosure, SupportHours
from supporttui.domain.support_calendar import SupportCalendar, compile_calendar

CASES = int(os.environ.get("SUPPORTTUI_CASES", "2000"))
PER_CALENDAR = 100
LONG_CASES = CASES // 100
PER_LONG_CALENDAR = 25
SPAN = timedelta(days=14)
WINDOW_DAYS = 21

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "UTC",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Europe/London",
    "Antarctica/Troll",
    "Africa/Cairo",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Australia/Sydney",
)
SHIFTS = [(3, 8), (3, 29), (4, 5), (4, 24), (9, 27), (10, 4), (10, 25), (10, 30), (11, 1), (2, 15), (3, 22)]
"""Days of 2026 around which some of those zones change to or from daylight saving."""

Hours = list[tuple[int, int]]


def some_hours(random: Random) -> Hours:
    """One day's hours on minutes: none, one span, a lunch break, all day, up to or from midnight."""
    lunch = [(random.randint(0, 600), random.randint(601, 720)), (random.randint(721, 800), random.randint(801, 1440))]
    kinds: list[Hours] = [[], [(480, 1020)], lunch, [(0, 1440)], [(1320, 1440)], [(0, 360)], [(0, 150), (1300, 1440)]]
    return random.choice(kinds)


class Case:
    """A calendar as the engine compiles it, and as minute after minute finds it."""

    def __init__(self, random: Random, zone: str, start: datetime, days: int) -> None:
        self.random = random
        self.start, self.days = start, days
        week = [some_hours(random) for _ in range(7)]
        week[random.randrange(7)] = [(480, 720), (780, 1020)]
        days_off = {self._day(): "a holiday" for _ in range(random.randrange(3))}
        closed = {self._day() for _ in range(random.randrange(3))}
        own = {self._day(): some_hours(random) for _ in range(random.randrange(3))}
        single: dict[date, Hours] = {day: [] for day in days_off}
        for day in closed:  # an afternoon off: hours that reach over noon are cut there
            usual = [] if day in days_off else week[day.weekday()]
            single[day] = [(begin, min(end, 720)) for begin, end in usual if begin < 720]
        single |= own
        self.table = MinuteTable(zone, week, single, start, days)
        hours = SupportHours(
            zone=zone,
            week=tuple(_intervals(day) for day in week),
            overrides={day: _intervals(hours) for day, hours in own.items()},
            holiday_calendar="none",
            observed=False,
            business_day=timedelta(hours=9),
            closures=tuple(
                PlannedClosure(name="afternoon", first=day, last=day, intervals=(Interval(720, 1440),))
                for day in closed
            ),
        )
        last_year = (start + timedelta(days=days)).year
        self.calendar: SupportCalendar = compile_calendar(hours, days_off, start.year - 1, last_year + 1)

    def _day(self) -> date:
        return (self.start + timedelta(days=self.random.randrange(self.days))).date()

    def instant(self, until: timedelta) -> datetime:
        """On a minute, at an edge of the hours, or between two minutes."""
        at = self.start + self.random.randrange(until // MINUTE) * MINUTE
        if self.random.random() < 0.3:
            edge = self.calendar.opening(at).until
            at = edge if edge is not None and edge < self.start + until else at
        return at + timedelta(microseconds=self.random.choice([0, 0, 1, 59_999_999, self.random.randrange(60_000_000)]))

    def compare(self, longest: timedelta) -> None:
        """One case: a difference, and the sum that leads back."""
        start = self.instant(timedelta(days=self.days) - longest - MINUTE)
        end = start + self.random.random() * longest
        amount = self.table.between(start, end)
        assert self.calendar.between(start, end) == amount, (start, end)
        assert self.calendar.add(start, amount) == self.table.add(start, amount), (start, amount)


def _intervals(hours: Hours) -> tuple[Interval, ...]:
    return tuple(Interval(begin, end) for begin, end in hours)


@pytest.mark.timeout(600)
def test_engine_and_minute_stepping_never_differ_over_two_weeks() -> None:
    compared = 0
    for number in range(-(-CASES // PER_CALENDAR)):
        random = Random(number)
        month, day = random.choice(SHIFTS)
        start = datetime(2026, month, day, tzinfo=UTC) - timedelta(days=random.randrange(1, 8))
        case = Case(random, ZONES[number % len(ZONES)], start, WINDOW_DAYS)
        for _ in range(PER_CALENDAR):
            case.compare(SPAN)
            compared += 1

    assert compared >= CASES


@pytest.mark.timeout(600)
def test_engine_and_minute_stepping_never_differ_over_years() -> None:
    for number in range(-(-LONG_CASES // PER_LONG_CALENDAR)):
        random = Random(1000 + number)
        case = Case(random, ZONES[number % len(ZONES)], datetime(2019 + number, 1, 5, tzinfo=UTC), 3 * 365)
        for _ in range(PER_LONG_CALENDAR):
            case.compare(timedelta(days=2 * 365))
