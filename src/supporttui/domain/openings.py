"""Turns weekly hours, holidays, closures and single dates into the instants at which support opens and closes.

One convention throughout: an instant is open when the wall-clock time in the zone is within the hours of that local
date. Local times skipped by daylight saving do not exist; repeated ones count twice, also at an edge of the hours.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice

from supporttui.domain.instants import DAY_US, EPOCH, MINUTE_US, SECOND_US, to_us
from supporttui.domain.policy import Interval, PlannedClosure, SupportHours

ONE_DAY = timedelta(days=1)
WHOLE_DAY = (Interval(0, 24 * 60),)

ClosedParts = Mapping[date, tuple[tuple[Interval, str], ...]]
"""The closed hours of each date, with their reasons; those of a whole day are 00:00 to 24:00."""


def closure_dates(closure: PlannedClosure, last: date = date.max) -> Iterator[date]:
    """The dates of a closure up to `last`, in order. Raises ValueError for a rule that is none."""
    last = min(closure.last, last)
    if closure.rule:
        return islice(_rule_dates(closure, last), closure.count)
    return (closure.first + index * ONE_DAY for index in range((last - closure.first).days + 1))


def closed_parts(closures: Iterable[PlannedClosure], first: date, last: date) -> ClosedParts:
    """The closed hours of the dates from first to last; where several close a date, in the policy's order."""
    parts: dict[date, tuple[tuple[Interval, str], ...]] = {}
    for closure in closures:
        for day in closure_dates(closure, last):
            if day >= first:
                named = tuple((interval, closure.name) for interval in closure.intervals or WHOLE_DAY)
                parts[day] = parts.get(day, ()) + named
    return parts


def _rule_dates(closure: PlannedClosure, last: date) -> Iterator[date]:
    """The dates on which a rule happens, up to `last`."""
    from dateutil.rrule import rrulestr  # slow to import, and most policies have no rule

    # Its end is given here and not in the rule: one that counts but never happens would be looked for up to year 9999.
    until = f"{closure.rule};UNTIL={last.isoformat().replace('-', '')}"
    start = datetime.combine(closure.first, time.min)
    return (found.date() for found in rrulestr(until, dtstart=start))


CLOSED_DATE = "closed on this date"
"""Why support is closed on a date whose own hours are none."""

Span = tuple[int, int]
"""A half-open stretch in microseconds."""
ClosedSpan = tuple[int, int, str]
"""A half-open stretch that is closed for a reason of its own."""
OffsetSpan = tuple[int, int, int]
"""A half-open stretch of one UTC offset, and that offset."""


def year_start_us(zone: tzinfo, year: int) -> int:
    """The instant at which a year begins in the zone."""
    return to_us(datetime(year, 1, 1, tzinfo=zone).astimezone(UTC))


def offset_spans(zone: tzinfo, start_us: int, end_us: int) -> list[OffsetSpan]:
    """The stretches of one UTC offset within a span of whole seconds.

    Two changes that cancel each other within one day would be missed; the tz database has none.
    """
    stretches: list[OffsetSpan] = []
    began, known, offset = start_us, start_us, _offset_us(zone, start_us)
    while known < end_us:
        probe = min(known + DAY_US, end_us)
        probed = _offset_us(zone, probe)
        if probed != offset:
            probe = _offset_change(zone, known, probe, offset)
            stretches.append((began, probe, offset))
            began, offset = probe, _offset_us(zone, probe)
        known = probe
    return [*stretches, (began, end_us, offset)] if began < end_us else stretches


def _offset_us(zone: tzinfo, instant_us: int) -> int:
    """The zone's distance from UTC at an instant on a whole second."""
    offset = datetime.fromtimestamp(instant_us // SECOND_US, zone).utcoffset() or timedelta()
    return (offset.days * 86_400 + offset.seconds) * SECOND_US


def _offset_change(zone: tzinfo, before_us: int, after_us: int, offset: int) -> int:
    """The first second after `before_us` at which the offset is another one."""
    low, high = before_us // SECOND_US, after_us // SECOND_US
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_us(zone, middle * SECOND_US) == offset:
            low = middle
        else:
            high = middle
    return high * SECOND_US


def wall_openings(hours: SupportHours, holidays: Iterable[date], first: date, last: date) -> list[Span]:
    """Open stretches of the dates from `first` to `last` on the wall clock; sorted, touching ones joined."""
    week = [day_spans(day) for day in hours.week]
    single = _single_dates(hours, week, holidays, first, last)
    spans: list[Span] = []
    end = None
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day_us = _wall_us(ordinal)
        for start_us, end_us in single[ordinal] if ordinal in single else week[(ordinal - 1) % 7]:
            begin = spans.pop()[0] if day_us + start_us == end else day_us + start_us
            end = day_us + end_us
            spans.append((begin, end))
    return spans


def _single_dates(
    hours: SupportHours, week: list[list[Span]], holidays: Iterable[date], first: date, last: date
) -> dict[int, list[Span]]:
    """The open spans of dates whose hours differ from the week's, by ordinal; the later line wins over the earlier."""
    single = {day.toordinal(): day_spans(intervals) for day, intervals in hours.workdays.items()}
    single |= {day.toordinal(): [] for day in holidays}
    for day, parts in closed_parts(hours.closures, first, last).items():
        usual = single.get(day.toordinal(), week[day.weekday()])
        single[day.toordinal()] = subtract_spans(usual, day_spans(interval for interval, _ in parts))
    return single | {day.toordinal(): day_spans(intervals) for day, intervals in hours.overrides.items()}


def wall_closures(hours: SupportHours, holidays: Mapping[date, str], first: date, last: date) -> list[ClosedSpan]:
    """The closed wall-clock intervals with their reasons. An override wins over a closure, a closure over a holiday.

    Of a date that is closed in part, only hours that would have been open otherwise are listed.
    """
    reasons: dict[date, list[ClosedSpan]] = {day: [(0, DAY_US, name)] for day, name in holidays.items()}
    for day, parts in closed_parts(hours.closures, first, last).items():
        reasons[day] = _closed_parts_of_day(hours, day, parts, is_holiday=day in reasons) or reasons.get(day, [])
    for day, intervals in hours.overrides.items():
        label = hours.labels.get(day, "")
        usual = day_spans(hours.usual(day)) if label else []
        reasons[day] = [(start, end, label) for start, end in subtract_spans(usual, day_spans(intervals))]
        if not intervals:
            reasons[day] = [(0, DAY_US, label or CLOSED_DATE)]
    closures = []
    for day in sorted(day for day in reasons if first <= day <= last):
        at = _wall_us(day.toordinal())
        closures += [(at + start, at + end, reason) for start, end, reason in reasons[day]]
    return closures


def _closed_parts_of_day(
    hours: SupportHours, day: date, parts: Iterable[tuple[Interval, str]], *, is_holiday: bool
) -> list[ClosedSpan]:
    """The closed parts of one date, in order and not overlapping; none where it is a holiday all the same."""
    usual = [] if is_holiday else day_spans(hours.usual(day))
    closed: list[ClosedSpan] = []
    for interval, name in parts:
        span = day_spans([interval])
        if span == [(0, DAY_US)]:
            return [(0, DAY_US, name)]
        kept = subtract_spans(usual, span)
        closed += [(start, end, name) for start, end in subtract_spans(usual, kept)]
        usual = kept
    return sorted(closed)


def openings_between(wall: list[Span], stretches: list[OffsetSpan]) -> list[Span]:
    """The instants at which the wall clock is within one of its open stretches; sorted, touching ones joined."""
    spans: list[Span] = []
    end = None
    for start_us, end_us, _ in _as_instants([(start, end, "") for start, end in wall], stretches):
        begin = spans.pop()[0] if start_us == end else start_us
        end = end_us
        spans.append((begin, end))
    return spans


def closures_between(wall: list[ClosedSpan], stretches: list[OffsetSpan]) -> list[ClosedSpan]:
    """The instants at which the wall clock shows a closed date; touching ones of one reason joined."""
    closures: list[ClosedSpan] = []
    for start, end, reason in _as_instants(wall, stretches):
        if closures and closures[-1][1:] == (start, reason):
            start = closures.pop()[0]
        closures.append((start, end, reason))
    return closures


def _as_instants(wall: list[ClosedSpan], stretches: list[OffsetSpan]) -> Iterator[ClosedSpan]:
    """Convert wall-clock intervals to instants, one UTC offset at a time."""
    ends = [end for _, end, _ in wall]
    for start_us, end_us, offset in stretches:
        index = bisect_right(ends, start_us + offset)
        while index < len(wall) and wall[index][0] < end_us + offset:
            start, end, reason = wall[index]
            yield max(start - offset, start_us), min(end - offset, end_us), reason
            index += 1


def _wall_us(ordinal: int) -> int:
    """Midnight of a date on the wall clock, in microseconds since 1970 there."""
    return (ordinal - EPOCH.toordinal()) * DAY_US


def day_spans(intervals: Iterable[Interval]) -> list[Span]:
    """One day's intervals in microseconds after midnight, in order, overlapping and touching ones merged."""
    spans: list[Span] = []
    for interval in sorted(intervals, key=lambda interval: interval.start_minute):
        start, end = interval.start_minute * MINUTE_US, interval.end_minute * MINUTE_US
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    return spans


def subtract_spans(spans: list[Span], cuts: list[Span]) -> list[Span]:
    """The spans without the parts that the others cover; both sorted."""
    left = spans
    for cut_start, cut_end in cuts:
        left = [
            part
            for start, end in left
            for part in ((start, min(end, cut_start)), (max(start, cut_end), end))
            if part[0] < part[1]
        ]
    return left
