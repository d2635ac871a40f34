"""The service policy from its table, every value checked."""

import zoneinfo
from datetime import date
from typing import Final

from supporttui.config.durations import (
    DAY_MINUTES,
    day_intervals,
    in_order,
    parse_business_day,
    parse_interval,
    parse_target,
)
from supporttui.config.tables import Table, shown, suggestion
from supporttui.domain.policy import (
    Interval,
    Metric,
    ServicePolicy,
    SeverityPolicy,
    StatusPolicy,
    SupportHours,
)
from supporttui.domain.ticket import Status
from supporttui.domain.zones import UnknownZone, load_zone

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SEVERITIES: Final = (1, 2, 3, 4)
HOLIDAY_CALENDARS: Final = ("default", "none")
LONGEST_CLOSED_DAYS: Final = 365
STATUSES: Final = {status.value: status for status in Status}


def parse_policy(table: Table) -> ServicePolicy:
    """The policy of a `[policy]` table. Raises ConfigProblem."""
    hours = _parse_hours(table.table("hours"), table.table("holidays"))
    policy = ServicePolicy(
        hours=hours,
        severities=_parse_severities(table.table("severity"), hours),
        default_severity=table.number("default_severity", SEVERITIES[0], SEVERITIES[-1]),
        statuses=_parse_statuses(table.table("statuses")),
        pause_on=_parse_pause_on(table.table("pause_on")),
        closed_days=table.number("closed_days", 1, LONGEST_CLOSED_DAYS),
    )
    table.close()
    return policy


def _parse_hours(table: Table, holidays: Table) -> SupportHours:
    """`[policy.hours]` and `[policy.holidays]`."""
    calendar = holidays.text("calendar")
    if calendar not in HOLIDAY_CALENDARS:
        known = " and ".join(f'"{name}"' for name in HOLIDAY_CALENDARS)
        raise holidays.problem("calendar", f"there is no holiday calendar {shown(calendar)}; there are {known}")
    hours = SupportHours(
        zone=table.parsed("zone", _parse_zone),
        week=_parse_week(table),
        overrides=_parse_dates(table.table("dates")),
        holiday_calendar=calendar,
        observed=holidays.flag("observed"),
        business_day=table.parsed("business_day", parse_business_day),
    )
    table.close()
    holidays.close()
    return hours


def _parse_zone(text: str) -> str:
    try:
        load_zone(text)
    except UnknownZone as error:
        meant = suggestion(text, sorted(zoneinfo.available_timezones()))
        hint = meant if "mean" in meant else '; write for example "America/New_York" or "Europe/Berlin"'
        raise ValueError(f"there is no time zone {shown(text)}{hint}") from error
    return text


def _parse_week(table: Table) -> tuple[tuple[Interval, ...], ...]:
    """The seven days; hours over midnight end in the day after."""
    week: list[list[Interval]] = [[] for _ in DAYS]
    for day, name in enumerate(DAYS):
        for text in table.texts(name, '["08:00-17:00"]'):
            try:
                start, end = parse_interval(text)
            except ValueError as error:
                raise table.problem(name, str(error)) from error
            week[day].append(Interval(start, min(end, DAY_MINUTES)))
            if end > DAY_MINUTES:
                week[(day + 1) % len(DAYS)].append(Interval(0, end - DAY_MINUTES))
    if not any(week):
        raise table.problem(DAYS[0], 'no day of the week has support hours; write for example ["08:00-17:00"]')
    ordered = []
    for name, intervals in zip(DAYS, week, strict=True):
        try:
            ordered.append(in_order(intervals))
        except ValueError as error:
            raise table.problem(name, str(error)) from error
    return tuple(ordered)


def _parse_dates(table: Table) -> dict[date, tuple[Interval, ...]]:
    """Hours of single dates."""
    dates = {}
    for name in table.names():
        try:
            day = date.fromisoformat(name)
        except ValueError as error:
            raise table.problem(name, 'this is not a date; write for example 2026-12-31 = ["08:00-12:00"]') from error
        try:
            dates[day] = day_intervals(table.texts(name, '["08:00-12:00"]'))
        except ValueError as error:
            raise table.problem(name, str(error)) from error
    return dates


def _parse_severities(table: Table, hours: SupportHours) -> dict[int, SeverityPolicy]:
    """The four rows of the table of targets."""
    rows = {}
    for severity in SEVERITIES:
        row = table.table(str(severity))
        target = row.parsed("first_response", lambda text: parse_target(text, hours.business_day))
        text = " ".join(row.text("first_response").split())
        rows[severity] = SeverityPolicy(severity, row.text("meaning"), target, text)
        row.close()
    table.close()
    return rows


def _parse_statuses(table: Table) -> dict[Status, StatusPolicy]:
    """The five statuses, in the order of the board's panes."""
    statuses = {}
    for name, status in STATUSES.items():
        row = table.table(name)
        moves = _status_list(row, "moves")
        if status in moves:
            raise row.problem("moves", f'a ticket that is "{name}" cannot move to "{name}"; leave it out')
        if Status.NEW in moves:
            raise row.problem("moves", 'nothing returns to "new"; leave it out')
        statuses[status] = StatusPolicy(status, row.text("title"), row.text("meaning"), moves)
        row.close()
    table.close()
    return statuses


def _parse_pause_on(table: Table) -> dict[Metric, frozenset[Status]]:
    """The statuses that pause each metric's clock."""
    pauses = {metric: frozenset(_status_list(table, metric.value)) for metric in Metric}
    table.close()
    return pauses


def _status_list(table: Table, name: str) -> tuple[Status, ...]:
    """Statuses by their keys, each once."""
    statuses = []
    for word in table.texts(name, '["open", "closed"]'):
        if word not in STATUSES:
            raise table.problem(name, f"there is no status {shown(word)}{suggestion(word, STATUSES)}")
        statuses.append(STATUSES[word])
    return tuple(dict.fromkeys(statuses))
