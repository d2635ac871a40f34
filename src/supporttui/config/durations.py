"""Targets, lengths of time and hours of a day, as people write them in a policy."""

import re
from datetime import timedelta
from itertools import pairwise
from typing import Final

from supporttui.config.tables import shown
from supporttui.domain.policy import Interval

DAY_MINUTES: Final = 24 * 60

TARGET_PATTERN: Final = re.compile(r"\s*([0-9]{1,5})\s*(minute|hour|business\s+day)s?\s*")
HOURS_PATTERN: Final = re.compile(r"\s*([0-9]{1,2}):([0-9]{2})\s*[-–]\s*([0-9]{1,2}):([0-9]{2})\s*")

LOSING_END: Final = re.compile(
    r"\s*(?P<start>[0-9]{1,2}:[0-9]{2})(?::[0-9]{2})?\s*[-–]\s*"
    r"(?:(?P<full>[0-9]{1,2}):59(?::[0-9]{2}(?:\.[0-9]+)?)?|(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2}):59(?:\.[0-9]+)?)\s*"
)
"""Hours that end a minute or a second too early: their end is the first instant that no longer counts."""
LOSING_START: Final = re.compile(r"\s*(?P<hour>[0-9]{1,2}):01\s*[-–]\s*(?P<end>[0-9]{1,2}:[0-9]{2})\s*")
"""Hours that begin a minute too late: their start is the first instant that counts."""


def parse_target(text: str, business_day: timedelta | None) -> timedelta:
    """Support time such as `30 minutes`, `4 hours` or `1 business day`. Raises ValueError with what would be right.

    `business_day` is None where the open days differ in length and nobody said what a business day is.
    """
    match = TARGET_PATTERN.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ValueError(
            f'{shown(text)} is not a target; write for example "30 minutes", "4 hours" or "1 business day"'
        )
    if match[2] in ("minute", "hour"):
        return int(match[1]) * timedelta(**{f"{match[2]}s": 1})
    if business_day is None:
        raise ValueError(
            f"{shown(text)} has no one length, since the open days of its hours differ in length; "
            'write business_day = "9 hours" beside these hours, or a target such as "9 hours"'
        )
    return int(match[1]) * business_day


def parse_business_day(text: str) -> timedelta:
    """The support time that one business day stands for, up to 24 hours. Raises ValueError."""
    match = TARGET_PATTERN.fullmatch(text)
    if match is not None and match[2] in ("minute", "hour") and int(match[1]) > 0:
        length = parse_target(text, timedelta())
        if length <= timedelta(days=1):
            return length
    raise ValueError(f'{shown(text)} is not the length of a business day; write for example "9 hours", at most 24')


def parse_interval(text: str) -> tuple[int, int]:
    """Hours such as `08:00-17:00` in minutes after midnight; the end lies over 1440 where it is on the next day.

    Raises ValueError with what would be right.
    """
    if losing := LOSING_END.fullmatch(text):
        raise ValueError(f'{shown(text)} loses the last minute of the hour; write "{_rounded_up(losing)}"')
    if losing := LOSING_START.fullmatch(text):
        rounded = f"{losing['hour']}:00-{losing['end']}"
        raise ValueError(f'{shown(text)} loses the first minute of the hour; write "{rounded}"')
    match = HOURS_PATTERN.fullmatch(text)
    start, end = (_minute(match[1], match[2]), _minute(match[3], match[4])) if match is not None else (None, None)
    if start is None or end is None or start == DAY_MINUTES:
        raise ValueError(f'{shown(text)} is not a span of hours; write for example "08:00-17:00" or "13:00-24:00"')
    if start == end:
        raise ValueError(f'{shown(text)} is no time at all; the whole day is "00:00-24:00", a closed day is []')
    return start, end if end > start else end + DAY_MINUTES


def day_intervals(texts: list[str]) -> tuple[Interval, ...]:
    """One date's hours, none of which may reach into the next date. Raises ValueError."""
    intervals = []
    for text in texts:
        start, end = parse_interval(text)
        if end > DAY_MINUTES:
            raise ValueError(f"{shown(text)} goes over midnight; give each of the two dates its own part")
        intervals.append(Interval(start, end))
    return in_order(intervals)


def in_order(intervals: list[Interval]) -> tuple[Interval, ...]:
    """A day's hours from morning to night. Raises ValueError where two overlap."""
    ordered = sorted(intervals, key=lambda interval: interval.start_minute)
    for earlier, later in pairwise(ordered):
        if later.start_minute - earlier.end_minute == 1:
            raise ValueError(
                f"{interval_text(earlier)} and {interval_text(later)} lose the minute between them; "
                f"write {interval_text(Interval(earlier.start_minute, later.start_minute))} as the first"
            )
        if later.start_minute < earlier.end_minute:
            raise ValueError(f"{interval_text(earlier)} and {interval_text(later)} overlap; write them as one span")
    return tuple(ordered)


def interval_text(interval: Interval) -> str:
    """Hours as they are written in the file."""
    start, end = divmod(interval.start_minute, 60), divmod(interval.end_minute, 60)
    return f'"{start[0]:02}:{start[1]:02}-{end[0]:02}:{end[1]:02}"'


def _rounded_up(losing: re.Match[str]) -> str:
    """The hours that were meant."""
    hour, before = (losing["full"], 59) if losing["full"] else (losing["hour"], int(losing["minute"]))
    minute = min(int(hour) * 60 + before + 1, DAY_MINUTES)
    return f"{losing['start']}-{minute // 60:02}:{minute % 60:02}"


def _minute(hour: str, minute: str) -> int | None:
    """Minutes after midnight, up to 24:00; None where no clock shows that."""
    total = int(hour) * 60 + int(minute)
    return total if int(minute) < 60 and total <= DAY_MINUTES else None
