"""`supporttui hours`: whether support is open, until when, and the coming four weeks."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from supporttui.cli.calendar_cache import compile_calendars
from supporttui.cli.exits import Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.selected_desk import settings_of
from supporttui.domain.open_time import OUTSIDE_HOURS
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.support_calendar import SupportCalendar
from supporttui.presentation.ticket.explanation_text import day_text

DAYS: Final = 28
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One date's openings, and why the rest of its usual hours is closed."""

    day: date
    openings: tuple[tuple[datetime, datetime], ...]
    reasons: tuple[str, ...]


def print_hours(scope: GlobalOptions, *, as_json: bool, now: datetime) -> int:
    """Print the hours of every calendar of the policy. Raises CommandError, ConfigProblem."""
    policy = settings_of(scope).policy
    calendars = compile_calendars(policy, now.year)
    named = {"": calendars.desk} | {name: calendars[name] for name in policy.calendars}
    if as_json:
        found = [_facts(name, calendar, policy, now) for name, calendar in named.items()]
        print(json.dumps({"at": now.isoformat(), "calendars": found}, indent=2))
    else:
        print("\n\n".join("\n".join(_lines(name, calendar, now)) for name, calendar in named.items()))
    return Exit.OK


def coming_days(calendar: SupportCalendar, now: datetime, count: int = DAYS) -> list[Day]:
    """The dates from today on, by the calendar's own zone."""
    first = now.astimezone(calendar.zone).date()
    return [_day(calendar, first + number * ONE_DAY) for number in range(count)]


def _day(calendar: SupportCalendar, day: date) -> Day:
    start, end = (datetime.combine(each, time.min, calendar.zone) for each in (day, day + ONE_DAY))
    pieces = calendar.segments(start, end)
    openings = tuple(
        (piece.start.astimezone(calendar.zone), piece.end.astimezone(calendar.zone))
        for piece in pieces
        if piece.is_open
    )
    reasons = [piece.reason for piece in pieces if not piece.is_open and piece.reason != OUTSIDE_HOURS]
    return Day(day, openings, tuple(dict.fromkeys(reasons)))


def _lines(name: str, calendar: SupportCalendar, now: datetime) -> list[str]:
    opening = calendar.opening(now)
    until = "" if opening.until is None else f" until {_instant(opening.until, calendar)}"
    reason = f" ({opening.reason})" if opening.reason else ""
    title = f'Calendar "{name}"' if name else "Support"
    lines = [f"{title} is {'open' if opening.is_open else 'closed'}{reason}{until}", f"zone {calendar.zone.key}", ""]
    for day in coming_days(calendar, now):
        hours = ", ".join(f"{start:%H:%M}–{_closing(end, day.day)}" for start, end in day.openings) or "closed"
        reasons = ", ".join(day.reasons)
        lines.append(f"{day_text(day.day):<11} {hours:<{25 if reasons else 0}} {reasons}".rstrip())
    return lines


def _closing(end: datetime, day: date) -> str:
    return f"{end:%H:%M}" if end.date() == day else "24:00"


def _instant(at: datetime, calendar: SupportCalendar) -> str:
    local = at.astimezone(calendar.zone)
    return f"{day_text(local.date())} {local:%H:%M %Z}"


def _facts(name: str, calendar: SupportCalendar, policy: ServicePolicy, now: datetime) -> dict[str, object]:
    opening = calendar.opening(now)
    return {
        "calendar": name or "desk",
        "zone": calendar.zone.key,
        "holidays": policy.hours_of(name).holiday_calendar,
        "is_open": opening.is_open,
        "reason": opening.reason,
        "until": None if opening.until is None else opening.until.astimezone(calendar.zone).isoformat(),
        "days": [
            {
                "date": day.day.isoformat(),
                "openings": [[start.isoformat(), end.isoformat()] for start, end in day.openings],
                "reasons": list(day.reasons),
            }
            for day in coming_days(calendar, now)
        ],
    }
