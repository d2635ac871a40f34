"""Many clocks at once: bucket, remaining time and text of each, for the price of little more than a subtraction.

Clocks that run by the same calendar with the same target differ in one number only, what is used up when (`quota`).
Kept in the order of that number, those that show the same minute, or the same second in the last hour, stand side by
side: a text is written once and multiplied over them, and a bucket is a slice.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from supporttui.domain.clock import DUE_AT_CLOSE, Clock, Urgency
from supporttui.domain.clock_text import PAUSED_MARK, clock_text, minutes_text, seconds_text
from supporttui.domain.instants import EPOCH, MINUTE_US, SECOND_US, span_us
from supporttui.domain.support_calendar import BeyondHorizon, Moment, SupportCalendar

HOUR_US: Final = 60 * MINUTE_US
NEARBY: Final = 32
"""Alike texts are mostly so few; where a run of them ends is looked for in so many first."""


@dataclass(frozen=True, slots=True)
class ClockColumns:
    """The state of clocks at one instant, one column a fact, in the same order."""

    clocks: Sequence[Clock]
    urgencies: list[Urgency]
    remaining_us: list[float]
    """Support time that is left, negative once breached; of a finished clock as it was then. Whole microseconds."""
    texts: list[str]
    """As `clock_text` writes them."""


class ClockBook:
    """A fixed set of clocks that is read as a whole, again and again. Made once; clocks may be of several calendars."""

    def __init__(self, clocks: Iterable[Clock]) -> None:
        groups: dict[tuple[int, int], list[Clock]] = {}
        still: list[Clock] = []
        for clock in clocks:
            if clock.quota_us is None:
                still.append(clock)
            else:
                groups.setdefault((id(clock.calendar), span_us(clock.terms.target)), []).append(clock)
        self._still = _read_each(still, EPOCH)
        """Those on which time changes nothing."""
        self._groups = [_Group(target_us, members) for (_, target_us), members in groups.items()]
        self._clocks = [*still, *(clock for group in self._groups for clock in group.clocks)]

    def read(self, now: datetime) -> ClockColumns:
        """The state of all clocks, in an order of the book's own, which stays the same."""
        still = self._still
        columns = ClockColumns(self._clocks, still.urgencies[:], still.remaining_us[:], still.texts[:])
        for group in self._groups:
            group.read(now, columns)
        return columns


class _Group:
    """Clocks of one calendar and one target, in the order in which they are used up."""

    def __init__(self, target_us: int, clocks: list[Clock]) -> None:
        self.clocks = sorted(clocks, key=lambda clock: clock.quota_us or 0)
        # Floats hold whole microseconds of 285 years exactly, and are subtracted twice as fast as such integers.
        self._quotas = [float(clock.quota_us or 0) for clock in self.clocks]
        self._target_us = target_us
        self._calendar: SupportCalendar = clocks[0].calendar
        self._last_floor_us = max(clock.floor_us for clock in clocks)

    def read(self, now: datetime, columns: ClockColumns) -> None:
        """Add the state of these clocks to the columns."""
        try:
            moment = self._calendar.moment(now)
        except BeyondHorizon:
            return self._read_each(now, columns)
        if moment.us < self._last_floor_us:  # one of them has not begun: the desk's time was ahead of ours
            return self._read_each(now, columns)
        open_us = float(moment.open_us)
        columns.remaining_us.extend([quota - open_us for quota in self._quotas])
        self._add_urgencies(open_us, columns.urgencies)
        self._add_texts(moment, now, columns.texts)
        return None

    def _read_each(self, now: datetime, columns: ClockColumns) -> None:
        one_by_one = _read_each(self.clocks, now)
        columns.urgencies.extend(one_by_one.urgencies)
        columns.remaining_us.extend(one_by_one.remaining_us)
        columns.texts.extend(one_by_one.texts)

    def _add_urgencies(self, open_us: float, urgencies: list[Urgency]) -> None:
        """The buckets are slices: breached, then less than a quarter, then at most half, then the rest."""
        quotas, target = self._quotas, self._target_us
        breached = bisect_left(quotas, open_us)
        urgent = bisect_left(quotas, open_us - (-target // 4), lo=breached)
        notice = bisect_right(quotas, open_us + target // 2, lo=urgent)
        urgencies += [Urgency.BREACHED] * breached
        urgencies += [Urgency.URGENT] * (urgent - breached)
        urgencies += [Urgency.NOTICE] * (notice - urgent)
        urgencies += [Urgency.CALM] * (len(quotas) - notice)

    def _add_texts(self, moment: Moment, now: datetime, texts: list[str]) -> None:
        """The texts, each written once for all clocks that show it."""
        quotas, open_us, stand = self._quotas, float(moment.open_us), "" if moment.is_open else PAUSED_MARK
        due, left = bisect_left(quotas, open_us), bisect_right(quotas, open_us)
        self._add_over(open_us, due, f"{stand}-", texts)
        texts += [self._text_at_due(clock, moment, now) for clock in self.clocks[due:left]]
        hour = bisect_left(quotas, open_us + HOUR_US, lo=left)
        self._add_left(open_us, (left, hour, SECOND_US), stand, texts)
        self._add_left(open_us, (hour, len(quotas), MINUTE_US), stand, texts)

    def _add_over(self, open_us: float, until: int, stand: str, texts: list[str]) -> None:
        """Of the breached ones. A minute over lasts until it is one more, its last microsecond included."""
        quotas, at, minute_us = self._quotas, 0, float(MINUTE_US)
        while at < until:
            minutes = (open_us - quotas[at]) // minute_us
            bound, near = open_us - minutes * minute_us, at + NEARBY if at + NEARBY < until else until
            end = bisect_right(quotas, bound, at, near)
            if end == near:
                end = bisect_right(quotas, bound, near, until)
            texts += [stand + minutes_text(int(minutes))] * (end - at)
            at = end

    def _add_left(self, open_us: float, part: tuple[int, int, int], stand: str, texts: list[str]) -> None:
        """Of those with something left, from one index to another, whose text changes with this unit of time."""
        quotas = self._quotas
        at, until, unit_us = part
        seconds, unit = unit_us // SECOND_US, float(unit_us)
        while at < until:
            units = (quotas[at] - open_us) // unit
            bound, near = open_us + (units + 1.0) * unit, at + NEARBY if at + NEARBY < until else until
            end = bisect_left(quotas, bound, at, near)
            if end == near:
                end = bisect_left(quotas, bound, near, until)
            texts += [stand + seconds_text(int(units) * seconds)] * (end - at)
            at = end

    def _text_at_due(self, clock: Clock, moment: Moment, now: datetime) -> str:
        """The whole target is used up and no more: over a closing that has its own words."""
        return DUE_AT_CLOSE if not moment.is_open else clock_text(clock.read(now))


def _read_each(clocks: list[Clock], now: datetime) -> ClockColumns:
    """The plain way, clock by clock."""
    readings = [clock.read(now) for clock in clocks]
    return ClockColumns(
        clocks,
        [reading.urgency for reading in readings],
        [float(span_us(reading.remaining)) for reading in readings],
        [clock_text(reading) for reading in readings],
    )
