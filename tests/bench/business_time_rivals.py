"""Other libraries' ways to add and to subtract support time, under the packaged policy's hours and holidays."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import import_module
from importlib.metadata import version

OPENS, CLOSES = time(8), time(17)
WEEKEND = [5, 6]


@dataclass(frozen=True, slots=True)
class Rival:
    """One library: what it answers is compared before it is timed. None where it has no such question."""

    name: str
    add_9_hours: Callable[[datetime], datetime] | None
    difference: Callable[[datetime, datetime], timedelta] | None


def rivals(holidays: dict[date, str]) -> list[Rival]:
    """All of them, on wall-clock datetimes without a zone, which is what they take. Raises ModuleNotFoundError."""
    return [_businesstimedelta(holidays), _business_duration(holidays), _pandas(holidays)]


def _named(package: str) -> str:
    return f"{package} {version(package)}"


def _businesstimedelta(holidays: dict[date, str]) -> Rival:
    library = import_module("businesstimedelta")
    workday = library.WorkDayRule(start_time=OPENS, end_time=CLOSES, working_days=[0, 1, 2, 3, 4])
    rules = library.Rules([workday, library.HolidayRule(holidays)])
    nine = library.BusinessTimeDelta(rules, hours=9)

    def difference(start: datetime, end: datetime) -> timedelta:
        found = rules.difference(start, end)
        return timedelta(hours=found.hours, seconds=found.seconds)

    return Rival(_named("businesstimedelta"), lambda start: start + nine, difference)


def _business_duration(holidays: dict[date, str]) -> Rival:
    library = import_module("business_duration")

    def difference(start: datetime, end: datetime) -> timedelta:
        found = library.businessDuration(
            startdate=start,
            enddate=end,
            starttime=OPENS,
            endtime=CLOSES,
            weekendlist=WEEKEND,
            holidaylist=holidays,
            unit="min",
        )
        return timedelta(minutes=float(found))

    return Rival(_named("business-duration"), None, difference)


def _pandas(holidays: dict[date, str]) -> Rival:
    library = import_module("pandas")
    hour = library.offsets.CustomBusinessHour(start=OPENS, end=CLOSES, holidays=list(holidays))

    def difference(start: datetime, end: datetime) -> timedelta:
        return timedelta(hours=len(library.date_range(start, end, freq=hour, inclusive="left")))

    return Rival(_named("pandas"), lambda start: (library.Timestamp(start) + 9 * hour).to_pydatetime(), difference)
