"""Instants as text: in the desk's zone, and in the reader's own if that differs."""

from datetime import datetime, timedelta, tzinfo


def instant_text(at: datetime, zone: tzinfo | None, now: datetime) -> str:
    """Return `today 15:13`, `tomorrow 08:00` or `Mon 30 Nov 16:00`; the year only if it is not the present one."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    time = f"{local:%H:%M}"
    for word, day in (
        ("today", today),
        ("tomorrow", today + timedelta(days=1)),
        ("yesterday", today - timedelta(days=1)),
    ):
        if local.date() == day:
            return f"{word} {time}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local:%a} {local.day} {local:%b}{year} {time}"


def zone_name(at: datetime, zone: tzinfo | None) -> str:
    """Return the zone's abbreviation at an instant, such as `EST`. None is this machine's zone."""
    return at.astimezone(zone).tzname() or ""


def reader_instant_text(at: datetime, desk_zone: tzinfo, now: datetime, reader_zone: tzinfo | None = None) -> str:
    """Return the instant in the reader's zone, `20:13 GMT`; empty if it shows the same as in the desk's.

    A reader_zone of None is this machine's zone.
    """
    mine, theirs = at.astimezone(reader_zone), at.astimezone(desk_zone)
    if mine.utcoffset() == theirs.utcoffset():
        return ""
    time = f"{mine:%H:%M}" if mine.date() == theirs.date() else instant_text(at, reader_zone, now)
    return f"{time} {zone_name(at, reader_zone)}"
