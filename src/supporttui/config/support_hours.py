"""Reads support hours: the week, single dates, holidays, and further named calendars."""

import zoneinfo
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from supporttui.config.closures import parse_closures
from supporttui.config.durations import DAY_MINUTES, day_intervals, in_order, parse_business_day, parse_interval
from supporttui.config.tables import SettingsTable, shown, suggestion
from supporttui.domain.policy import MINUTE, Interval, SupportHours
from supporttui.domain.zones import UnknownZone, load_zone

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
    dates, zone = _parse_dates(table.table("dates")), table.parsed("zone", parse_zone)
    week, ordinary_day = _parse_week(table)
    hours = SupportHours(
        zone=zone,
        week=week,
        overrides=dates.hours,
        labels=dates.labels,
        holiday_calendar=_parse_holidays(holidays, "calendar"),
        observed=holidays.flag("observed"),
        business_day=_parse_business_day(table, ordinary_day),
        closures=parse_closures(above, zone),
    )
    table.close()
    holidays.close()
    return hours


def parse_calendars(table: SettingsTable, desk: SupportHours) -> dict[str, SupportHours]:
    """`[policy.calendars.NAME]`: each says its own hours; only the zone is the desk's unless given."""
    if "" in table.names():
        raise table.problem("", "a calendar needs a name; write for example [policy.calendars.always]")
    return {name: _parse_calendar(table.table(name), desk) for name in table.names()}


def _parse_calendar(table: SettingsTable, desk: SupportHours) -> SupportHours:
    dates = _parse_dates(table.table("dates"))
    zone = table.parsed("zone", parse_zone) if "zone" in table else desk.zone
    week, ordinary_day = _parse_week(table, every_day=_texts(table, "every_day", []))
    hours = SupportHours(
        zone=zone,
        week=week,
        overrides=dates.hours,
        labels=dates.labels,
        holiday_calendar=_parse_holidays(table, "holidays") if "holidays" in table else "none",
        observed=table.flag("observed") if "observed" in table else False,
        business_day=_parse_business_day(table, ordinary_day),
        closures=parse_closures(table, zone),
    )
    for optional in ("zone", "holidays", "observed"):
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


def _parse_business_day(table: SettingsTable, ordinary_day: timedelta | None) -> timedelta | None:
    """What was given, else the length of an ordinary open day; None where these differ."""
    table.knows("business_day")
    return table.parsed("business_day", parse_business_day) if "business_day" in table else ordinary_day


def _parse_week(
    table: SettingsTable, every_day: list[str] | None = None
) -> tuple[tuple[tuple[Interval, ...], ...], timedelta | None]:
    """The seven days, and how long each open one is; None where they differ. `every_day` is for days not given.

    Hours over midnight end in the day after, and are counted to the day on which they begin.
    """
    week: list[list[Interval]] = [[] for _ in WEEKDAY_KEYS]
    lengths = [0] * len(WEEKDAY_KEYS)
    for day, name in enumerate(WEEKDAY_KEYS):
        texts = table.texts(name, '["08:00-17:00"]') if every_day is None else _texts(table, name, every_day)
        for text in texts:
            try:
                start, end = parse_interval(text)
            except ValueError as error:
                raise table.problem(name if name in table else "every_day", str(error)) from error
            lengths[day] += end - start
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
    ordinary, *others = {length for length in lengths if length}
    return tuple(ordered), None if others else ordinary * MINUTE


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
