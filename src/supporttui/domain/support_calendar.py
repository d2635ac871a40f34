"""Compiled support hours of one calendar, and the set of calendars that a service policy names."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from supporttui.domain.instants import EPOCH, ONE_US, from_us, span_us, to_us, us_span
from supporttui.domain.open_time import OUTSIDE_HOURS, BeyondHorizon, Moment, OpenTime
from supporttui.domain.openings import (
    ClosedSpan,
    Span,
    closures_between,
    offset_spans,
    openings_between,
    wall_closures,
    wall_openings,
    year_start_us,
)
from supporttui.domain.policy import Interval, SupportHours
from supporttui.domain.zones import load_zone

__all__ = [
    "OUTSIDE_HOURS",
    "BeyondHorizon",
    "CalendarSegment",
    "Moment",
    "NeverOpen",
    "OpenState",
    "Pause",
    "SupportCalendar",
    "compile_calendar",
    "merged_pauses",
]

COMPILED_FORMAT: Final = 2
"""Of the compiled bytes; another number is not read."""

Compiled = tuple[int, str, Span, bytes, bytes, list[ClosedSpan]]
Pause = tuple[datetime, datetime | None]
"""A half-open stretch in which a clock stands still; None where it has not ended."""


class NeverOpen(ValueError):
    """The hours never open support, so no clock could ever run."""


class OpenState(msgspec.Struct, frozen=True):
    """Whether support is open at an instant, until when, and why not."""

    is_open: bool
    until: datetime | None
    """The next closing or opening; None where the calendar ends before it."""
    reason: str
    """Empty while open; otherwise a holiday's name or `outside support hours`."""


class CalendarSegment(msgspec.Struct, frozen=True):
    """A half-open stretch of time that is open throughout, or closed throughout for one reason."""

    start: datetime
    end: datetime
    is_open: bool
    reason: str


class SupportCalendar:
    """Support hours in a zone over a span of years. Immutable; made by `compile_calendar` or `from_bytes`.

    Every question raises BeyondHorizon for an instant, or an answer, outside the compiled years.
    """

    __slots__ = ("_last_asked", "_last_foreign", "_time", "zone")

    def __init__(self, zone: ZoneInfo, time: OpenTime) -> None:
        self.zone = zone
        self._time = time
        self._last_foreign: Moment | None = None
        self._last_asked = (self.start, time.moment(time.span[0]))

    @property
    def start(self) -> datetime:
        """The first instant that can be asked about."""
        return from_us(self._time.span[0])

    @property
    def end(self) -> datetime:
        """The first instant that can no longer be asked about."""
        return from_us(self._time.span[1])

    def at_us(self, instant_us: int) -> int:
        """Open time from the calendar's start to an instant, both in microseconds."""
        return self._time.at(instant_us)

    def at(self, instant: datetime) -> timedelta:
        """Open time from the calendar's start to an instant."""
        return us_span(self._time.at(to_us(instant)))

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The instant closest to `start` at which `amount` of support time is used up, so it may be a closing one.

        A negative amount goes back and may end at an opening instant.
        """
        amount_us = amount // ONE_US
        if amount_us > 0:  # the way of every clock that is made: written out, since calls cost more than what they do
            return EPOCH + self._time.forward((start - EPOCH) // ONE_US, amount_us) * ONE_US
        reached_us = self._time.at(to_us(start)) + amount_us
        return from_us(self._time.latest(reached_us)) if amount_us else start

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Support time from start to end; negative where the end comes first."""
        return us_span(self._time.at(to_us(end)) - self._time.at(to_us(start)))

    def add_with_pauses(self, start: datetime, amount: timedelta, pauses: Sequence[Pause]) -> datetime | None:
        """The same as `add` around time that does not count; None where a pause comes before that has not ended.

        Overlapping pauses count once. Raises ValueError for a negative amount.
        """
        if amount < timedelta():
            raise ValueError("only a positive amount of support time can be added around pauses")
        reached_us = self._time.at(to_us(start)) + span_us(amount)
        due = self.add(start, amount)
        for paused_at, resumed_at in merged_pauses(start, pauses):
            if paused_at >= due:
                break
            if resumed_at is None:
                return None
            reached_us += span_us(self.between(paused_at, resumed_at))
            due = from_us(self._time.earliest(reached_us))
        return due

    def between_with_pauses(self, start: datetime, end: datetime, pauses: Sequence[Pause]) -> timedelta:
        """Support time from start to a later end that no pause covers."""
        total = self.between(start, end)
        for paused_at, resumed_at in merged_pauses(start, pauses):
            if paused_at < end:
                total -= self.between(paused_at, end if resumed_at is None else min(resumed_at, end))
        return total

    def moment(self, now: datetime) -> Moment:
        """What clocks need to know of `now`; asking again with the same object costs nothing."""
        asked, moment = self._last_asked
        if asked is not now:
            moment = self._time.moment(to_us(now))
            self._last_asked = (now, moment)
        return moment

    def own_moment(self, moment: Moment) -> Moment:
        """The same instant as a moment of this calendar, where it was one of another. Raises BeyondHorizon."""
        if moment.source is self._time:
            return moment
        if self._last_foreign is None or self._last_foreign.us != moment.us:
            self._last_foreign = self._time.moment(moment.us)
        return self._last_foreign

    def opening(self, instant: datetime) -> OpenState:
        """Whether support is open, until when, and why not."""
        moment = self._time.moment(to_us(instant))
        return OpenState(moment.is_open, moment.edge_at, moment.reason)

    def next_opening(self, instant: datetime) -> datetime:
        """The instant itself where support is open, otherwise the next one at which it opens."""
        opening = self.opening(instant)
        if opening.is_open:
            return instant
        if opening.until is None:
            raise BeyondHorizon(f"support does not open again before the end of {self._time.years()}")
        return opening.until

    def segment_at(self, instant: datetime) -> CalendarSegment:
        """The whole stretch around an instant that is open, or closed for one reason."""
        moment = self._time.moment(to_us(instant))
        return CalendarSegment(from_us(moment.since_us), moment.changes_at or self.end, moment.is_open, moment.reason)

    def segments(self, start: datetime, end: datetime) -> list[CalendarSegment]:
        """The stretches from start to end, open ones and closed ones, each with its reason."""
        segments: list[CalendarSegment] = []
        at_us, end_us = to_us(start), to_us(end)
        while at_us < end_us:
            moment = self._time.moment(at_us)
            until_us = end_us if moment.changes_us is None else min(moment.changes_us, end_us)
            segments.append(CalendarSegment(from_us(at_us), from_us(until_us), moment.is_open, moment.reason))
            at_us = until_us
        return segments

    def to_bytes(self) -> bytes:
        """The compiled form, for `from_bytes` on the same machine."""
        edges, before = (array("q", values).tobytes() for values in (self._time.edges, self._time.open_before))
        compiled: Compiled = (COMPILED_FORMAT, self.zone.key, self._time.span, edges, before, self._time.closures)
        return msgspec.msgpack.encode(compiled)

    @classmethod
    def from_bytes(cls, compiled: bytes) -> Self:
        """Read what `to_bytes` wrote. Raises ValueError where it is something else."""
        try:
            version, key, span, *packed, closures = msgspec.msgpack.decode(compiled, type=Compiled)
            edges, before = (array("q", values).tolist() for values in packed)
        except (msgspec.MsgspecError, ValueError, TypeError) as error:
            raise ValueError("these bytes are not a compiled calendar") from error
        if version != COMPILED_FORMAT or not edges or len(edges) + 1 != len(before):
            raise ValueError("these bytes are a calendar of another version")
        zone = load_zone(key)
        return cls(zone, OpenTime(zone, span, edges, closures, before))


def compile_calendar(
    hours: SupportHours, holidays: Mapping[date, str], first_year: int, last_year: int
) -> SupportCalendar:
    """Compile hours for the years from first to last. Raises NeverOpen, UnknownZone."""
    zone = load_zone(hours.zone)
    span = (year_start_us(zone, first_year), year_start_us(zone, last_year + 1))
    first, last = date(first_year, 1, 1) - timedelta(days=1), date(last_year + 1, 1, 1)
    stretches = offset_spans(zone, *span)
    openings = openings_between(wall_openings(hours, holidays, first, last), stretches)
    if not openings:
        raise NeverOpen(f"these support hours open on no day from {first_year} to {last_year}")
    closures = closures_between(wall_closures(hours, holidays, first, last), stretches)
    return SupportCalendar(zone, OpenTime(zone, span, [edge for opening in openings for edge in opening], closures))


def merged_pauses(start: datetime, pauses: Iterable[Pause]) -> list[Pause]:
    """The pauses after `start`, cut off there, in order; overlapping and touching ones as one, empty ones left out."""
    merged: list[Pause] = []
    for paused_at, resumed_at in sorted(pauses, key=lambda pause: pause[0]):
        begin = max(paused_at, start)
        if resumed_at is not None and resumed_at <= begin:
            continue
        if merged and (merged[-1][1] is None or begin <= merged[-1][1]):
            last = merged[-1][1]
            merged[-1] = (merged[-1][0], None if last is None or resumed_at is None else max(last, resumed_at))
        else:
            merged.append((begin, resumed_at))
    return merged


ALWAYS_OPEN_HOURS = SupportHours(
    zone="UTC",
    week=((Interval(0, 24 * 60),),) * 7,
    overrides={},
    holiday_calendar="none",
    observed=False,
    business_day=timedelta(days=1),
)


def policy_calendar(hours: SupportHours, first_year: int, last_year: int) -> SupportCalendar:
    """Compile the policy's hours with its holidays. Imports `holidays`, which is slow. Raises NeverOpen."""
    from supporttui.domain.holidays import policy_holidays, working_weekend_days  # only where none is kept

    days = working_weekend_days(hours.holiday_calendar, first_year, last_year)
    hours = replace(hours, workdays={day: hours.ordinary_day for day in days if not hours.week[day.weekday()]})
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
            self._always = compile_calendar(ALWAYS_OPEN_HOURS, {}, first_year, next_year - 1)
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
