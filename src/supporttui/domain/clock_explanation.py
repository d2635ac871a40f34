"""Explains a clock: the segments that counted, those that did not, and the reason of each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from supporttui.domain.clock import Clock, ClockReading, ClockState, ClockTerms
from supporttui.domain.clock_text import hours_text
from supporttui.domain.support_calendar import OUTSIDE_HOURS, BeyondHorizon, CalendarSegment, SupportCalendar
from supporttui.domain.ticket import DeskClock, DeskStage

SUPPORT_HOURS: Final = "support hours"
NIGHT: Final = "night"
WEEKEND: Final = "weekend"
BREAK: Final = "break"
LUNCH: Final = "lunch"
LUNCH_BEGINS: Final = (time(11), time(14, 30))
LONGEST_LUNCH: Final = timedelta(hours=2)
CLOSED_DAYS: Final = "no support hours"
ONE_DAY: Final = timedelta(days=1)
ONE_MINUTE: Final = timedelta(minutes=1)
SATURDAY: Final = 5

MATCHING_DESK_STAGES: Final[Mapping[ClockState, frozenset[DeskStage]]] = {
    ClockState.RUNNING: frozenset({DeskStage.ACTIVE}),
    ClockState.PAUSED: frozenset({DeskStage.ACTIVE, DeskStage.PAUSED}),
    ClockState.BREACHED: frozenset({DeskStage.BREACHED, DeskStage.ACTIVE, DeskStage.PAUSED}),
    ClockState.MET: frozenset({DeskStage.MET}),
    ClockState.MET_LATE: frozenset({DeskStage.MET, DeskStage.BREACHED}),
    ClockState.ENDED_UNANSWERED: frozenset(DeskStage),
    ClockState.NONE: frozenset(DeskStage),
}
"""What a help desk may call a clock that is in this state here: it is active over closed hours too."""


@dataclass(frozen=True, slots=True)
class ExplainedSegment:
    """A half-open interval that counted as a whole, or did not count as a whole for one reason."""

    start: datetime
    end: datetime
    is_counted: bool
    reason: str
    """`support hours` where it counts; otherwise a holiday's name, a status's title, night, weekend or break."""
    amount: timedelta
    """Support time that it added; zero where it stood still."""
    note: str = ""
    """What daylight saving did to the wall clock meanwhile, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockExplanation:
    """The explanation of a clock: its segments and their totals."""

    segments: tuple[ExplainedSegment, ...]
    """From the start to now, or to the end of the clock; oldest first."""
    ahead: tuple[ExplainedSegment, ...]
    """From now to the due time as things stand; empty where that has passed or is open."""
    target: timedelta
    target_text: str
    """The target as the policy states it."""
    reading: ClockReading
    terms: ClockTerms
    """All that it is judged by."""
    zone: str
    """The name of the zone in which the hours are."""

    @property
    def used(self) -> timedelta:
        """Support time that counted."""
        return self.reading.used

    @property
    def left(self) -> timedelta:
        """Support time that is left, negative once breached."""
        return self.reading.remaining

    @property
    def due_at(self) -> datetime | None:
        """The earliest instant at which the target is used up."""
        return self.reading.due_at

    @property
    def disagreement(self) -> timedelta | None:
        """How much later the help desk's own due time is; None where it has none, or within a minute of ours."""
        return disagreement(self.terms.desk, self.reading)

    @property
    def stage_disagrees(self) -> bool:
        """Whether the help desk says that the clock is doing something else."""
        stage = None if self.terms.desk is None else self.terms.desk.stage
        return stage is not None and stage not in MATCHING_DESK_STAGES[self.reading.state]


def disagreement(desk: DeskClock | None, reading: ClockReading) -> timedelta | None:
    """How much later the help desk's due time is than ours; None where one is missing, or within a minute."""
    if desk is None or desk.breach_at is None or reading.due_at is None:
        return None
    later = desk.breach_at - reading.due_at
    return later if abs(later) > ONE_MINUTE else None


def explain_clock(clock: Clock, now: datetime) -> ClockExplanation:
    """The stretches that a clock counted until `now` and will count until it is due, with their reasons."""
    terms, reading = clock.terms, clock.read(now)
    end = terms.met_at or terms.ended_at
    past: list[ExplainedSegment] = []
    ahead: list[ExplainedSegment] = []
    try:
        if not terms.no_clock:
            past = _explained_segments(clock, terms.started_at, max(now, terms.started_at) if end is None else end)
            if end is None and reading.due_at is not None:
                ahead = _explained_segments(clock, max(now, terms.started_at), reading.due_at)
    except BeyondHorizon:
        past, ahead = [], []
    return ClockExplanation(
        segments=tuple(past),
        ahead=tuple(ahead),
        target=terms.target,
        target_text=terms.target_text,
        reading=reading,
        terms=terms,
        zone=clock.calendar.zone.key,
    )


def _explained_segments(clock: Clock, start: datetime, end: datetime) -> list[ExplainedSegment]:
    """The stretches from start to end; a pause by status is one, whatever the hours were meanwhile."""
    segments: list[ExplainedSegment] = []
    at = start
    for pause in clock.terms.pauses:
        stop = end if pause.end is None else min(pause.end, end)
        begin = max(pause.start, at)
        if begin < stop:
            segments += _hours_segments(clock.calendar, at, begin)
            segments.append(ExplainedSegment(begin, stop, False, pause.reason, timedelta()))
            at = stop
    return segments + _hours_segments(clock.calendar, at, end)


def _hours_segments(calendar: SupportCalendar, start: datetime, end: datetime) -> list[ExplainedSegment]:
    """The stretches that opening hours and holidays alone make."""
    segments = []
    for piece in calendar.segments(start, end):
        amount = piece.end - piece.start if piece.is_open else timedelta()
        reason = SUPPORT_HOURS if piece.is_open else piece.reason
        segment = ExplainedSegment(piece.start, piece.end, piece.is_open, reason, amount)
        if reason == OUTSIDE_HOURS:
            segment = replace(segment, reason=_closed_time_name(calendar, calendar.segment_at(segment.start)))
        segments.append(replace(segment, note=_dst_note(calendar, segment)))
    return segments


def _dst_note(calendar: SupportCalendar, segment: ExplainedSegment) -> str:
    """A note on the change of daylight saving time within a segment; empty if there is none."""
    before, after = (at.astimezone(calendar.zone).utcoffset() for at in (segment.start, segment.end))
    if before is None or after is None or before == after:
        return ""
    return f"clocks {'forward' if after > before else 'back'} {hours_text(abs(after - before))} for daylight saving"


def _closed_time_name(calendar: SupportCalendar, whole: CalendarSegment) -> str:
    """The everyday name of a closed segment, such as a weekend or a night."""
    start, end = (instant.astimezone(calendar.zone) for instant in (whole.start, whole.end))
    days = _whole_days(start, end)
    if days:
        return WEEKEND if all(day.weekday() >= SATURDAY for day in days) else CLOSED_DAYS
    if start.date() != end.date() or start.time() == time.min:
        return NIGHT
    is_lunch = LUNCH_BEGINS[0] <= start.time() <= LUNCH_BEGINS[1] and end - start <= LONGEST_LUNCH
    return LUNCH if is_lunch else BREAK


def _whole_days(start: datetime, end: datetime) -> list[date]:
    """The dates that lie wholly between two local times."""
    day = start.date() if start.time() == time.min else start.date() + ONE_DAY
    days = []
    while day < end.date():
        days.append(day)
        day += ONE_DAY
    return days
