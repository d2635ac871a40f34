"""The dates and hours of planned closures: ranges, and recurrence rules that python-dateutil reads."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import islice

from supporttui.domain.policy import Interval, PlannedClosure

ONE_DAY = timedelta(days=1)
WHOLE_DAY = (Interval(0, 24 * 60),)

ClosedParts = Mapping[date, tuple[tuple[Interval, str], ...]]
"""The closed hours of each date, with their reasons; those of a whole day are 00:00 to 24:00."""


def closure_dates(closure: PlannedClosure) -> Iterator[date]:
    """The dates of a closure, in order. Raises ValueError for a rule that is none."""
    if closure.rule:
        return islice(_rule_dates(closure), closure.count)
    return (closure.first + index * ONE_DAY for index in range((closure.last - closure.first).days + 1))


def closed_parts(closures: Iterable[PlannedClosure], first: date, last: date) -> ClosedParts:
    """The closed hours of the dates from first to last; where several close a date, in the policy's order."""
    parts: dict[date, tuple[tuple[Interval, str], ...]] = {}
    for closure in closures:
        for day in closure_dates(closure):
            if day > last:
                break
            if day >= first:
                named = tuple((interval, closure.name) for interval in closure.intervals or WHOLE_DAY)
                parts[day] = parts.get(day, ()) + named
    return parts


def _rule_dates(closure: PlannedClosure) -> Iterator[date]:
    """The dates on which a rule happens, to the last one that it may."""
    from dateutil.rrule import rrulestr  # slow to import, and most policies have no rule

    # Its end is given here and not in the rule: one that counts but never happens would be looked for up to year 9999.
    until = f"{closure.rule};UNTIL={closure.last:%Y%m%d}"
    start = datetime.combine(closure.first, time.min)
    return (found.date() for found in rrulestr(until, dtstart=start))
