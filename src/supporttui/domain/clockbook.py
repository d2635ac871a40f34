"""Many clocks at once: bucket, remaining time and text of each, for the price of little more than a subtraction.

Clocks that run by the same calendar with the same target differ in one number only, what is used up when (`quota`).
Kept in the order of that number, those that show the same minute, or the same second in the last hour, stand side by
side: a text is written once and multiplied over them, and a bucket is a slice.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from supporttui.domain.clock import DUE_AT_CLOSE, Clock, Urgency
from supporttui.domain.clocktext import PAUSED, clock_text, left_text, over_text
from supporttui.domain.hours import BeyondHorizon, Moment, SupportCalendar
from supporttui.domain.instants import MINUTE_US, SECOND_US, span_us

HOUR_US: Final = 60 * MINUTE_US


@dataclass(frozen=True, slots=True)
class ClockColumns:
    """The state of clocks at one instant, one column a fact, in the same order."""

    clocks: Sequence[Clock]
    urgencies: list[Urgency]
    remaining_us: list[int]
    """Support time that is left, negative once breached; of a finished clock as it was then."""
    texts: list[str]
    """As `clock_text` writes them."""


class ClockBook:
    """A fixed set of clocks that is read as a whole, again and again. Made once; clocks may be of several calendars."""

    def __init__(self, clocks: Iterable[Clock]) -> None:
        self._still: list[Clock] = []
        """Those on which time changes nothing."""
        groups: dict[tuple[int, int], list[Clock]] = {}
        for clock in clocks:
            if clock.quota_us is None:
                self._still.append(clock)
            else:
                groups.setdefault((id(clock.calendar), span_us(clock.terms.target)), []).append(clock)
        self._groups = [_Group(target_us, members) for (_, target_us), members in groups.items()]
        self._still_columns: ClockColumns | None = None

    def read(self, now: datetime) -> ClockColumns:
        """The state of all clocks, in an order of the book's own."""
        columns = [self._read_still(now), *(group.read(now) for group in self._groups)]
        return ClockColumns(
            list(chain.from_iterable(each.clocks for each in columns)),
            list(chain.from_iterable(each.urgencies for each in columns)),
            list(chain.from_iterable(each.remaining_us for each in columns)),
            list(chain.from_iterable(each.texts for each in columns)),
        )

    def _read_still(self, now: datetime) -> ClockColumns:
        if self._still_columns is None:
            self._still_columns = _read_each(self._still, now)
        return self._still_columns


class _Group:
    """Clocks of one calendar and one target, in the order in which they are used up."""

    def __init__(self, target_us: int, clocks: list[Clock]) -> None:
        self._clocks = sorted(clocks, key=lambda clock: clock.quota_us or 0)
        self._quotas = [clock.quota_us or 0 for clock in self._clocks]
        self._target_us = target_us
        self._calendar: SupportCalendar = clocks[0].calendar
        self._last_floor_us = max(clock.floor_us for clock in clocks)

    def read(self, now: datetime) -> ClockColumns:
        try:
            moment = self._calendar.moment(now)
        except BeyondHorizon:
            return _read_each(self._clocks, now)
        if moment.us < self._last_floor_us:  # one of them has not begun: the desk's time was ahead of ours
            return _read_each(self._clocks, now)
        open_us, quotas = moment.open_us, self._quotas
        return ClockColumns(
            self._clocks, self._urgencies(open_us), [quota - open_us for quota in quotas], self._texts(moment, now)
        )

    def _urgencies(self, open_us: int) -> list[Urgency]:
        """The buckets are slices: breached, then less than a quarter, then at most half, then the rest."""
        quotas, target = self._quotas, self._target_us
        breached = bisect_left(quotas, open_us)
        urgent = bisect_left(quotas, open_us - (-target // 4), lo=breached)
        notice = bisect_right(quotas, open_us + target // 2, lo=urgent)
        return [
            *[Urgency.BREACHED] * breached,
            *[Urgency.URGENT] * (urgent - breached),
            *[Urgency.NOTICE] * (notice - urgent),
            *[Urgency.CALM] * (len(quotas) - notice),
        ]

    def _texts(self, moment: Moment, now: datetime) -> list[str]:
        """The texts, each written once for all clocks that show it."""
        open_us, quotas, count = moment.open_us, self._quotas, len(self._quotas)
        stand = "" if moment.is_open else PAUSED
        texts: list[str] = []
        at = 0
        while at < count:
            left = quotas[at] - open_us
            if left < 0:  # a minute over lasts until it is one more: its end is included
                minutes = -left // MINUTE_US
                end = bisect_right(quotas, open_us - minutes * MINUTE_US, lo=at)
                end = min(end, bisect_left(quotas, open_us, lo=at))
                text = f"{stand}-{over_text(minutes)}"
            elif left == 0:
                end = bisect_right(quotas, open_us, lo=at)
                texts += [self._text_at_due(clock, moment, now) for clock in self._clocks[at:end]]
                at = end
                continue
            else:
                unit = SECOND_US if left < HOUR_US else MINUTE_US
                end = bisect_left(quotas, open_us + (left // unit + 1) * unit, lo=at)
                text = stand + left_text(left // SECOND_US)
            texts += [text] * (end - at)
            at = end
        return texts

    def _text_at_due(self, clock: Clock, moment: Moment, now: datetime) -> str:
        """The whole target is used up and no more: over a closing that has its own words."""
        return DUE_AT_CLOSE if not moment.is_open else clock_text(clock.read(now))


def _read_each(clocks: list[Clock], now: datetime) -> ClockColumns:
    """The plain way, clock by clock."""
    readings = [clock.read(now) for clock in clocks]
    return ClockColumns(
        clocks,
        [reading.urgency for reading in readings],
        [span_us(reading.remaining) for reading in readings],
        [clock_text(reading) for reading in readings],
    )
