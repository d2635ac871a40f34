"""The service policy from its table, every value checked."""

from collections.abc import Mapping
from typing import Final

from supporttui.config.durations import DAY_MINUTES, parse_target
from supporttui.config.support_hours import parse_calendars, parse_desk_hours
from supporttui.config.tables import SettingsTable, shown, suggestion
from supporttui.domain.policy import (
    MINUTE,
    HandlingTimes,
    Metric,
    ServicePolicy,
    SeverityPolicy,
    StatusPolicy,
    SupportHours,
    Target,
)
from supporttui.domain.ticket import Status

SEVERITIES: Final = (1, 2, 3, 4)
MAX_CLOSED_DAYS: Final = 365
STATUS_BY_KEY: Final = {status.value: status for status in Status}


def parse_policy(table: SettingsTable) -> ServicePolicy:
    """The policy of a `[policy]` table. Raises ConfigProblem."""
    hours = parse_desk_hours(table.table("hours"), table.table("holidays"), table)
    calendars = parse_calendars(table.table("calendars"), hours)
    of_metric = _parse_metric_calendars(table.table("metric_calendars"), calendars)
    policy = ServicePolicy(
        hours=hours,
        severities=_parse_severities(table.table("severity"), hours, calendars, of_metric),
        default_severity=table.number("default_severity", SEVERITIES[0], SEVERITIES[-1]),
        statuses=_parse_statuses(table.table("statuses")),
        pause_on=_parse_pause_on(table.table("pause_on")),
        closed_days=table.number("closed_days", 1, MAX_CLOSED_DAYS),
        calendars=calendars,
        metric_calendars=of_metric,
        starts_at_creation=table.flag("starts_at_creation"),
        handling=_parse_handling(table.table("planner")),
    )
    table.close()
    return policy


def _parse_handling(table: SettingsTable) -> HandlingTimes:
    """How long the planner takes an answer to be."""
    first, answer = (table.number(key, 1, DAY_MINUTES) for key in ("first_response_minutes", "answer_minutes"))
    table.close()
    return HandlingTimes(first_response=first * MINUTE, answer=answer * MINUTE)


def _parse_severities(
    table: SettingsTable, hours: SupportHours, calendars: Mapping[str, SupportHours], of_metric: Mapping[Metric, str]
) -> dict[int, SeverityPolicy]:
    """The four rows of the table of targets."""
    for name in table.names():
        if name not in [str(severity) for severity in SEVERITIES]:
            raise table.problem(name, f"there is no severity {shown(name)}; the policy has 1 to 4, take this one out")
    rows = {}
    for severity in SEVERITIES:
        row = table.table(str(severity))
        own = _calendar_name(row, "calendar", calendars)
        targets = {}
        for metric in Metric:
            name = own or of_metric.get(metric, "")
            target = _parse_target(row, metric, calendars[name] if name else hours)
            if target is not None:
                targets[metric] = target
        first = targets.pop(Metric.FIRST_RESPONSE)
        meaning = row.text("meaning")
        rows[severity] = SeverityPolicy(severity, meaning, first.amount, first.text, first.source, targets, own)
        row.close()
    return rows


def _parse_target(row: SettingsTable, metric: Metric, hours: SupportHours) -> Target | None:
    """One metric's target, whose business days are those of the calendar that it runs by; None where it has none."""
    key = metric.value
    row.knows(key)
    if key not in row and metric is not Metric.FIRST_RESPONSE:
        return None
    amount = row.parsed(key, lambda text: parse_target(text, hours.business_day))
    return Target(amount, " ".join(row.text(key).split()), row.source(key))


def _calendar_name(table: SettingsTable, key: str, calendars: Mapping[str, SupportHours]) -> str:
    """The name of one of the policy's calendars; empty where the key is missing."""
    name = table.optional(key)
    if name and name not in calendars:
        known = suggestion(name, calendars) or '; none is defined, write [policy.calendars.NAME] with every_day = ["…"]'
        raise table.problem(key, f"there is no calendar {shown(name)}{known}")
    return name


def _parse_metric_calendars(table: SettingsTable, calendars: Mapping[str, SupportHours]) -> dict[Metric, str]:
    """The calendars of whole metrics."""
    names = {metric: _calendar_name(table, metric.value, calendars) for metric in Metric}
    table.close()
    return {metric: name for metric, name in names.items() if name}


def _parse_statuses(table: SettingsTable) -> dict[Status, StatusPolicy]:
    """The five statuses, in the order of the board's panes."""
    statuses = {}
    for name, status in STATUS_BY_KEY.items():
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


def _parse_pause_on(table: SettingsTable) -> dict[Metric, frozenset[Status]]:
    """The statuses that pause each metric's clock."""
    pauses = {metric: frozenset(_status_list(table, metric.value)) for metric in Metric}
    table.close()
    return pauses


def _status_list(table: SettingsTable, name: str) -> tuple[Status, ...]:
    """Statuses by their keys, each once."""
    statuses = []
    for word in table.texts(name, '["open", "closed"]'):
        if word not in STATUS_BY_KEY:
            raise table.problem(name, f"there is no status {shown(word)}{suggestion(word, STATUS_BY_KEY)}")
        statuses.append(STATUS_BY_KEY[word])
    return tuple(dict.fromkeys(statuses))
