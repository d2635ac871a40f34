"""The explanation of a clock as text, with one row of hours per day, for screens and commands."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import groupby, pairwise
from typing import Final
from zoneinfo import ZoneInfo

from supporttui.domain.clock import ClockReading, ClockState
from supporttui.domain.clock_explanation import NIGHT, SUPPORT_HOURS, WEEKEND, ClockExplanation, ExplainedSegment
from supporttui.domain.clock_text import clock_phrase, hours_text
from supporttui.domain.metrics import METRIC_TITLES

SHOWN_ROWS: Final = 14
"""The number of rows of days that are drawn; older ones are summed up."""

ONE_DAY: Final = timedelta(days=1)
HOURS: Final = range(24)
RULER: Final = "0   4   8   12  16  20  "
LABEL_CELLS: Final = 12
UNMENTIONED_REASONS: Final = frozenset({SUPPORT_HOURS, NIGHT})
"""Reasons that apply on every working day, so that naming them would add nothing."""


class HourMark(Enum):
    """The state of most of an hour, and its glyph."""

    NOTHING = " "
    """Before the clock started or after its end."""
    COUNTED = "█"
    AHEAD = "░"
    """Will count."""
    PAUSED = "‖"
    """Paused by a status."""
    CLOSED = "·"


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day, or several consecutive ones on which nothing counted."""

    first: date
    last: date
    hours: tuple[HourMark, ...]
    """24 hours in local time; for several days, those of the first."""
    counted: timedelta
    ahead: timedelta
    reasons: tuple[str, ...]
    """Why the clock was paused, without reasons that apply every night; no duplicates."""

    @property
    def label(self) -> str:
        """The date or dates: `Wed 25 Nov`, or `Sat 28 – Sun 29 Nov`."""
        if self.first == self.last:
            return day_text(self.first)
        return f"{self.first:%a} {self.first.day} – {day_text(self.last)}"

    @property
    def strip(self) -> str:
        """The hours as glyphs, one cell each."""
        return "".join(mark.value for mark in self.hours)


def day_rows(account: ClockExplanation, zone: ZoneInfo) -> list[DayRow]:
    """Return the days from the start of a clock to its end or due time, in a zone."""
    pieces = [(segment, False) for segment in account.segments] + [(segment, True) for segment in account.ahead]
    if not pieces:
        return []
    first = pieces[0][0].start.astimezone(zone).date()
    last = (pieces[-1][0].end - timedelta(microseconds=1)).astimezone(zone).date()
    statuses = {pause.reason for pause in account.terms.pauses}
    starts, ends = [segment.start for segment, _ in pieces], [segment.end for segment, _ in pieces]
    rows = []
    for index in range((last - first).days + 1):
        day = first + index * ONE_DAY
        begin, stop = _day_bounds(day, zone)
        of_day = pieces[bisect_right(ends, begin) : bisect_left(starts, stop)]
        rows.append(_day_row(day, _within(of_day, begin, stop), zone, statuses))
    return _with_idle_days_merged(rows)


def explanation_lines(account: ClockExplanation, zone: ZoneInfo, now: datetime) -> list[str]:
    """Return the whole explanation as text: the reading, the target and the days."""
    facts = [f"{label:<{LABEL_CELLS}}{value}" for label, value in explanation_facts(account, zone, now)]
    title = f"{METRIC_TITLES[account.terms.metric]:<{LABEL_CELLS + 4}}{clock_phrase(account.reading)}"
    rows = day_rows(account, zone)
    if not rows:
        return [title, *facts]
    width = max(LABEL_CELLS, *(len(row.label) + 2 for row in rows))
    shown, earlier = rows[-SHOWN_ROWS:], rows[:-SHOWN_ROWS]
    lines = [f"{'':<{width}}{RULER}".rstrip()]
    if earlier:
        used = sum((row.counted for row in earlier), timedelta())
        lines.append(f"{'earlier':<{width}}{hours_text(used)} counted from {day_text(earlier[0].first)} on")
    return [title, *facts, "", *lines, *(_row_text(row, width) for row in shown)]


def explanation_facts(account: ClockExplanation, zone: ZoneInfo, now: datetime) -> list[tuple[str, str]]:
    """Return the target of a clock and its state, as labels and values."""
    reading, terms = account.reading, account.terms
    if reading.state is ClockState.NONE:
        return [("no clock", reading.reason)]
    length = hours_text(account.target)
    target = account.target_text if account.target_text in ("", length) else f"{account.target_text} = {length}"
    facts = [("target", target or length), ("from", terms.source)] if terms.source else [("target", target)]
    facts += [("started", instant_with_zone(terms.started_at, zone)), ("used", _amount_text(reading.used))]
    facts.append(_left_fact(reading))
    if reading.due_at is not None:
        facts.append(("was due" if reading.remaining < timedelta() else "due", instant_with_zone(reading.due_at, zone)))
    if reading.met_at is not None:
        facts.append(("met", instant_with_zone(reading.met_at, zone)))
    if terms.ended_at is not None:
        facts.append(("ended", f"{instant_with_zone(terms.ended_at, zone)}, closed unanswered"))
    if reading.reason and not reading.is_counting:
        facts.append(("paused", reading.reason))
    if reading.resumes_at is not None:
        facts.append(("opens", instant_with_zone(reading.resumes_at, zone)))
    if reading.breached_by is not None:
        facts.append(("why", breach_cause_text(reading, zone, now)))
    if terms.judged is not None:
        facts.append(("judged by", f"the policy of its time ({terms.judged.policy_key})"))
    facts.append(("zone", account.zone))
    return facts + desk_clock_facts(account, zone)


def desk_clock_facts(account: ClockExplanation, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Return the help desk's own values for the same clock, and the difference to ours."""
    desk = account.terms.desk
    if desk is None or desk.stage is None:
        return []
    said = (
        desk.stage.value if desk.breach_at is None else f"{desk.stage.value}, {instant_with_zone(desk.breach_at, zone)}"
    )
    facts = [("desk says", said)]
    if account.disagreement is not None:
        later = "later" if account.disagreement > timedelta() else "earlier"
        facts.append(("disagrees", f"the desk's due time is {hours_text(abs(account.disagreement))} {later} than ours"))
    elif account.stage_disagrees:
        facts.append(("disagrees", f"here the clock is {account.reading.state.value.replace('_', ' ')}"))
    return facts


def breach_cause_text(reading: ClockReading, zone: ZoneInfo, now: datetime) -> str:
    """Return `breached by the change to severity 1 at 14:02`, with the day if it is not today; empty for no change."""
    if reading.breached_by is None:
        return ""
    at = reading.breached_by.at.astimezone(zone)
    is_today = at.date() == now.astimezone(zone).date()
    severity = reading.breached_by.severity or "unset"
    return f"breached by the change to severity {severity} at {'' if is_today else f'{day_text(at.date())} '}{at:%H:%M}"


def instant_with_zone(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant in a zone: `Wed 25 Nov 2026 16:00 EST`."""
    local = at.astimezone(zone)
    return f"{day_text(local.date())} {local:%Y %H:%M %Z}"


def day_text(day: date) -> str:
    """Return a date as `Wed 25 Nov`."""
    return f"{day:%a} {day.day:>2} {day:%b}"


def _left_fact(reading: ClockReading) -> tuple[str, str]:
    over = reading.remaining < timedelta()
    return ("over" if over else "left"), _amount_text(abs(reading.remaining))


def _amount_text(span: timedelta) -> str:
    """Like `hours_text`, but nothing at all is `0m`, not less than a minute."""
    return hours_text(span) if span else "0m"


def _row_text(row: DayRow, width: int) -> str:
    amount = row.counted or row.ahead
    text = hours_text(amount) if amount else ""
    strip = row.strip if row.first == row.last else " " * len(HOURS)
    return f"{row.label:<{width}}{strip}{text:>9}  {', '.join(row.reasons)}".rstrip()


def _day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return datetime.combine(day, time.min, zone), datetime.combine(day + ONE_DAY, time.min, zone)


def _within(
    pieces: Iterable[tuple[ExplainedSegment, bool]], start: datetime, end: datetime
) -> list[tuple[ExplainedSegment, bool]]:
    """The parts of the segments between two instants."""
    cut = []
    for segment, is_ahead in pieces:
        begin, stop = max(segment.start, start), min(segment.end, end)
        if begin < stop:
            amount = _elapsed(begin, stop) if segment.is_counted else timedelta()
            cut.append((replace(segment, start=begin, end=stop, amount=amount), is_ahead))
    return cut


def _elapsed(start: datetime, end: datetime) -> timedelta:
    """The real time between two instants; subtraction within one zone would use the wall clock and ignore DST."""
    return timedelta(seconds=end.timestamp() - start.timestamp())


def _day_row(day: date, pieces: list[tuple[ExplainedSegment, bool]], zone: ZoneInfo, statuses: set[str]) -> DayRow:
    marks = [(segment.start, segment.end, _mark(segment, is_ahead, statuses)) for segment, is_ahead in pieces]
    edges = [datetime.combine(day, time(hour), zone) for hour in HOURS] + [_day_bounds(day, zone)[1]]
    ordinary = (
        UNMENTIONED_REASONS | {WEEKEND} if any(segment.is_counted for segment, _ in pieces) else UNMENTIONED_REASONS
    )
    reasons = [segment.reason for segment, _ in pieces if segment.reason not in ordinary]
    reasons += [segment.note for segment, _ in pieces if segment.note and _crosses_dst_change(segment, zone)]
    return DayRow(
        first=day,
        last=day,
        hours=tuple(_hour_mark(marks, start, end) for start, end in pairwise(edges)),
        counted=sum((segment.amount for segment, is_ahead in pieces if not is_ahead), timedelta()),
        ahead=sum((segment.amount for segment, is_ahead in pieces if is_ahead), timedelta()),
        reasons=tuple(dict.fromkeys(reasons)),
    )


def _crosses_dst_change(segment: ExplainedSegment, zone: ZoneInfo) -> bool:
    """Whether a DST change falls within this part of a segment."""
    return segment.start.astimezone(zone).utcoffset() != segment.end.astimezone(zone).utcoffset()


def _mark(segment: ExplainedSegment, is_ahead: bool, statuses: set[str]) -> HourMark:
    if segment.is_counted:
        return HourMark.AHEAD if is_ahead else HourMark.COUNTED
    return HourMark.PAUSED if segment.reason in statuses else HourMark.CLOSED


def _hour_mark(marks: Sequence[tuple[datetime, datetime, HourMark]], start: datetime, end: datetime) -> HourMark:
    """The state of most of an hour; the earlier one if two are equal."""
    lengths: dict[HourMark, timedelta] = {}
    for begin, stop, mark in marks:
        length = _elapsed(max(begin, start), min(stop, end))
        if length > timedelta():
            lengths[mark] = lengths.get(mark, timedelta()) + length
    return max(lengths, key=lambda mark: lengths[mark], default=HourMark.NOTHING)


def _with_idle_days_merged(rows: list[DayRow]) -> list[DayRow]:
    """Merge consecutive days on which nothing counts for the same reasons."""
    joined = []
    for (is_still, reasons), group in groupby(rows, key=lambda row: (not row.counted and not row.ahead, row.reasons)):
        days = list(group)
        if is_still and reasons and len(days) > 1:
            joined.append(replace(days[0], last=days[-1].last))
        else:
            joined += days
    return joined
