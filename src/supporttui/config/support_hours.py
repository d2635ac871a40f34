"""Reads support hours: the week, single dates, holidays, planned closures, and further named calendars."""

import re
import zoneinfo
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Final

from msgspec.structs import replace

from supporttui.config.durations import DAY_MINUTES, day_intervals, in_order, parse_business_day, parse_interval
from supporttui.config.tables import SettingsTable, shown, suggestion
from supporttui.domain.openings import closure_dates
from supporttui.domain.policy import Interval, PlannedClosure, SupportHours
from supporttui.domain.zones import UnknownZone, load_zone

MAX_RULE_SPAN: Final = timedelta(days=366 * 60)
"""A rule that counts its dates is followed for so long at most."""

RULE_PARTS: Final = (
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYDAY",
    "BYMONTH",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYSETPOS",
    "BYEASTER",
)
RULE_FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
RULE_EXAMPLE: Final = '"FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231"'

_RULE_START: Final = re.compile(r"DTSTART(?:;VALUE=DATE)?:([0-9]{8})(?:T000000Z?)?\s+")


def parse_closures(table: SettingsTable) -> tuple[PlannedClosure, ...]:
    """The `[[closures]]` of some hours. Raises ConfigProblem."""
    return tuple(_parse_closure(each) for each in table.tables("closures"))


def _parse_closure(table: SettingsTable) -> PlannedClosure:
    name = table.text("name")
    first, last = table.day("from"), table.day("to")
    hours = table.optional("hours")
    try:
        intervals = day_intervals(re.split(r"\s*,\s*", hours)) if hours else ()
    except ValueError as error:
        raise table.problem("hours", str(error)) from error
    closure = _by_rule(table, first, last, name) if "rrule" in table else _by_range(table, first, last, name)
    table.close()
    return replace(closure, intervals=intervals)


def _by_range(table: SettingsTable, first: date | None, last: date | None, name: str) -> PlannedClosure:
    table.optional("rrule")
    if first is None:
        raise table.problem("", "this closure has no dates; write from = 2026-12-24 and to = 2027-01-01, or an rrule")
    last = last or first
    if last < first:
        raise table.problem("to", f"the closure ends on {last} before it begins on {first}; exchange the two")
    return PlannedClosure(name=name, first=first, last=last)


def _by_rule(table: SettingsTable, first: date | None, last: date | None, name: str) -> PlannedClosure:
    """A closure that recurs. The rule's start is its own DTSTART or the key `from`, its end UNTIL, COUNT or `to`."""
    text = table.text("rrule").strip().upper()
    start = _RULE_START.match(text)
    if start is not None:
        text, first = text[start.end() :], first or _rule_date(table, "DTSTART", start[1])
    if first is None:
        raise table.problem("rrule", "this rule has no first day; add from = 2026-01-01 beside it")
    parts = _rule_parts(table, text.removeprefix("RRULE:"))
    until, count = parts.pop("UNTIL", ""), parts.pop("COUNT", "")
    ends = [_rule_date(table, "UNTIL", until)] if until else []
    ends += [last] if last else []
    if not ends and not count:
        raise table.problem(
            "rrule",
            f"this rule never ends; add ;UNTIL={first.year + 1}1231 or ;COUNT=12 to it, or a key to = beside it",
        )
    if count and not (count.isdecimal() and 0 < int(count) < 10_000):
        raise table.problem("rrule", f"COUNT={shown(count)} is not a number of times; write for example COUNT=12")
    closure = PlannedClosure(
        name=name,
        first=first,
        last=min([*ends, first + MAX_RULE_SPAN]),
        rule=";".join(f"{key}={value}" for key, value in parts.items()),
        count=int(count) if count else None,
    )
    _check_happens(table, closure)
    return closure


def _rule_parts(table: SettingsTable, text: str) -> dict[str, str]:
    """The parts of a rule by their names."""
    parts: dict[str, str] = {}
    for part in text.strip(";").split(";"):
        key, equals, value = part.partition("=")
        if not equals or not value:
            raise table.problem("rrule", f"{shown(part)} is no part of a rule; write for example {RULE_EXAMPLE}")
        if key not in RULE_PARTS:
            raise table.problem("rrule", f"a closure's rule has no part {shown(key)}{suggestion(key, RULE_PARTS)}")
        parts[key] = value
    if parts.get("FREQ") not in RULE_FREQUENCIES:
        raise table.problem(
            "rrule", f"FREQ must be one of {', '.join(RULE_FREQUENCIES)}; write for example {RULE_EXAMPLE}"
        )
    return parts


def _check_happens(table: SettingsTable, closure: PlannedClosure) -> None:
    """Refuse a rule that python-dateutil does not understand, or that has no date."""
    try:
        happens = any(True for _ in islice(closure_dates(closure), 1))
    except (ValueError, TypeError, IndexError) as error:
        raise table.problem("rrule", f"this is not a rule ({error}); write for example {RULE_EXAMPLE}") from error
    if not happens:
        raise table.problem(
            "rrule", f"this rule never happens from {closure.first} to {closure.last}; check its dates, or leave it out"
        )


def _rule_date(table: SettingsTable, key: str, text: str) -> date:
    """A date in the form of a rule, `20271231`, whatever time follows."""
    try:
        return date.fromisoformat(text.partition("T")[0])
    except ValueError as error:
        raise table.problem("rrule", f"{key}={shown(text)} is not a date; write for example {key}=20271231") from error


WEEKDAY_KEYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BUILTIN_HOLIDAY_CALENDARS: Final = ("default", "none")
"""The holiday calendars that are known without the `holidays` library, which is slow to import."""


@dataclass(slots=True)
class _SingleDates:
    """Hours of single dates, and why they have them."""

    hours: dict[date, tuple[Interval, ...]] = field(default_factory=dict)
    labels: dict[date, str] = field(default_factory=dict)


def parse_desk_hours(table: SettingsTable, holidays: SettingsTable, above: SettingsTable) -> SupportHours:
    """`[policy.hours]`, `[policy.holidays]` and `[[policy.closures]]`."""
    dates = _parse_dates(table.table("dates"))
    hours = SupportHours(
        zone=table.parsed("zone", parse_zone),
        week=_parse_week(table),
        overrides=dates.hours,
        labels=dates.labels,
        holiday_calendar=_parse_holidays(holidays, "calendar"),
        observed=holidays.flag("observed"),
        business_day=table.parsed("business_day", parse_business_day),
        closures=parse_closures(above),
    )
    table.close()
    holidays.close()
    return hours


def parse_calendars(table: SettingsTable, desk: SupportHours) -> dict[str, SupportHours]:
    """`[policy.calendars.NAME]`: each says its own hours; only zone and business day are the desk's unless given."""
    return {name: _parse_calendar(table.table(name), desk) for name in table.names()}


def _parse_calendar(table: SettingsTable, desk: SupportHours) -> SupportHours:
    dates = _parse_dates(table.table("dates"))
    hours = SupportHours(
        zone=table.parsed("zone", parse_zone) if "zone" in table else desk.zone,
        week=_parse_week(table, every_day=_texts(table, "every_day", [])),
        overrides=dates.hours,
        labels=dates.labels,
        holiday_calendar=_parse_holidays(table, "holidays") if "holidays" in table else "none",
        observed=table.flag("observed") if "observed" in table else False,
        business_day=table.parsed("business_day", parse_business_day) if "business_day" in table else desk.business_day,
        closures=parse_closures(table),
    )
    for optional in ("zone", "holidays", "observed", "business_day"):
        table.knows(optional)
    table.close()
    return hours


def parse_zone(text: str) -> str:
    """The name of a time zone. Raises ValueError with the closest one."""
    try:
        load_zone(text)
    except UnknownZone as error:
        meant = suggestion(text, sorted(zoneinfo.available_timezones()))
        hint = meant if "mean" in meant else '; write for example "America/New_York" or "Europe/Berlin"'
        raise ValueError(f"there is no time zone {shown(text)}{hint}") from error
    return text


def _parse_holidays(table: SettingsTable, key: str) -> str:
    """The name of a holiday calendar."""
    calendar = table.text(key)
    if calendar in BUILTIN_HOLIDAY_CALENDARS:
        return calendar
    from supporttui.domain.holidays import UnknownHolidays, check_calendar  # slow, and most policies do without

    try:
        check_calendar(calendar)
    except UnknownHolidays as error:
        raise table.problem(key, str(error).replace(repr(calendar), shown(calendar))) from error
    return calendar


def _texts(table: SettingsTable, name: str, default: list[str]) -> list[str]:
    table.knows(name)
    return table.texts(name, '["08:00-17:00"]') if name in table else default


def _parse_week(table: SettingsTable, every_day: list[str] | None = None) -> tuple[tuple[Interval, ...], ...]:
    """The seven days; hours over midnight end in the day after. `every_day` holds for days that are not given."""
    week: list[list[Interval]] = [[] for _ in WEEKDAY_KEYS]
    for day, name in enumerate(WEEKDAY_KEYS):
        texts = table.texts(name, '["08:00-17:00"]') if every_day is None else _texts(table, name, every_day)
        for text in texts:
            try:
                start, end = parse_interval(text)
            except ValueError as error:
                raise table.problem(name if name in table else "every_day", str(error)) from error
            week[day].append(Interval(start, min(end, DAY_MINUTES)))
            if end > DAY_MINUTES:
                week[(day + 1) % len(WEEKDAY_KEYS)].append(Interval(0, end - DAY_MINUTES))
    if not any(week):
        raise table.problem(
            WEEKDAY_KEYS[0] if WEEKDAY_KEYS[0] in table else "",
            'no day of the week has support hours, so support would never open; write for example ["08:00-17:00"]',
        )
    ordered = []
    for name, intervals in zip(WEEKDAY_KEYS, week, strict=True):
        try:
            ordered.append(in_order(intervals))
        except ValueError as error:
            raise table.problem(name if name in table else "every_day", str(error)) from error
    return tuple(ordered)


def _parse_dates(table: SettingsTable) -> _SingleDates:
    """Hours of single dates: a list of them, or a table of `hours` and `name`."""
    dates = _SingleDates()
    for name in table.names():
        try:
            day = date.fromisoformat(name)
        except ValueError as error:
            raise table.problem(name, 'this is not a date; write for example 2026-12-31 = ["08:00-12:00"]') from error
        row, key = (table.table(name), "hours") if table.holds_table(name) else (table, name)
        try:
            dates.hours[day] = day_intervals(row.texts(key, '["08:00-12:00"]'))
        except ValueError as error:
            raise row.problem(key, str(error)) from error
        if row is not table:
            dates.labels[day] = row.text("name")
            row.close()
    return dates
