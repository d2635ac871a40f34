"""Support time computed minute by minute without any code of the product."""

import importlib.resources
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Hours = Sequence[tuple[int, int]]


@cache
def packaged_zone(name: str) -> ZoneInfo:
    with importlib.resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


class MinuteTable:
    """Which minutes of a stretch are open: a byte each, 1 where it is."""

    def __init__(
        self, zone: str, week: Sequence[Hours], single: Mapping[date, Hours], start: datetime, days: int
    ) -> None:
        self.start = start
        place = packaged_zone(zone)
        self.is_open = bytearray(days * 24 * 60)
        for minute in range(days * 24 * 60):
            wall = (start + minute * MINUTE).astimezone(UTC).astimezone(place)
            hours = single.get(wall.date(), week[wall.weekday()])
            shown = wall.hour * 60 + wall.minute
            self.is_open[minute] = any(begin <= shown < end for begin, end in hours)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The open minutes, of the first and the last one only the part that counts."""
        first, last = (start - self.start) // MINUTE, (end - self.start) // MINUTE
        total = sum(self.is_open[first:last]) * MINUTE
        if self.is_open[first]:
            total -= start - (self.start + first * MINUTE)
        if last < len(self.is_open) and self.is_open[last]:
            total += end - (self.start + last * MINUTE)
        return total

    def add(self, start: datetime, amount: timedelta) -> datetime | None:
        """The earliest instant at which the amount is used up; None beyond the table."""
        if not amount:
            return start
        first = (start - self.start) // MINUTE
        if self.is_open[first]:
            length = self.start + (first + 1) * MINUTE - start
            if amount <= length:
                return start + amount
            amount -= length
        for minute in range(first + 1, len(self.is_open)):
            if self.is_open[minute]:
                if amount <= MINUTE:
                    return self.start + minute * MINUTE + amount
                amount -= MINUTE
        return None
