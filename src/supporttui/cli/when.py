"""Instants as people type them: whatever python-dateutil reads, in the desk's zone where none is given."""

import warnings
from datetime import UTC, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from supporttui.cli.exits import Exit, Stop

EXAMPLES: Final = '"2026-11-25 16:00", "Nov 25 4pm" or "2026-11-25T21:00Z"'


def parse_when(text: str, option: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The instant that is meant. What is not said is today's, and midnight. Raises Stop."""
    from dateutil.parser import ParserError, UnknownTimezoneWarning, parse  # slow to import, and few commands ask

    midnight = datetime.combine(now.astimezone(zone).date(), time.min)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UnknownTimezoneWarning)
            found = parse(text, default=midnight, tzinfos=_names(zone, now))
        return (found if found.tzinfo is not None else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ParserError, UnknownTimezoneWarning, OverflowError, ValueError, TypeError) as error:
        raise Stop(
            f'{option}: "{text}" is no date and time that can be read; write for example {EXAMPLES}', Exit.USAGE
        ) from error


def _names(zone: ZoneInfo, now: datetime) -> dict[str, int]:
    """The desk's own short names, such as EST and EDT, in seconds from UTC."""
    names = {}
    for month in range(1, 13):
        at = datetime(now.year, month, 1, tzinfo=zone)
        offset = at.utcoffset()
        if offset is not None:
            names[at.strftime("%Z")] = int(offset.total_seconds())
    return names
