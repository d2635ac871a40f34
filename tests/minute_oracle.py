"""Support time by looking at the wall clock minute after minute: slow, plain, and without a line of the product."""

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
    """Which minutes of a stretch are open."""

    def __init__(
        self, zone: str, week: Sequence[Hours], single: Mapping[date, Hours], start: datetime, days: int
    ) -> None:
        self.start = start
        place = packaged_zone(zone)
        self.is_open = []
        for minute in range(days * 24 * 60):
            wall = (start + minute * MINUTE).astimezone(UTC).astimezone(place)
            hours = single.get(wall.date(), week[wall.weekday()])
            shown = wall.hour * 60 + wall.minute
            self.is_open.append(any(begin <= shown < end for begin, end in hours))

    def between(self, start: datetime, end: datetime) -> timedelta:
        total = timedelta()
        for minute, is_open in enumerate(self.is_open):
            if is_open:
                begin = self.start + minute * MINUTE
                total += max(min(begin + MINUTE, end) - max(begin, start), timedelta())
        return total

    def add(self, start: datetime, amount: timedelta) -> datetime | None:
        """The earliest instant at which the amount is used up; None beyond the table."""
        if not amount:
            return start
        left = amount
        for minute, is_open in enumerate(self.is_open):
            begin = max(self.start + minute * MINUTE, start)
            length = self.start + (minute + 1) * MINUTE - begin
            if is_open and length > timedelta():
                if left <= length:
                    return begin + left
                left -= length
        return None
