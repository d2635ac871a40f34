"""Planned closures from their tables: date ranges, and recurrence rules that must happen and must end."""

import re
from datetime import date, timedelta
from itertools import islice
from typing import Final

from msgspec.structs import replace

from supporttui.config.durations import day_intervals
from supporttui.config.tables import Table, shown, suggestion
from supporttui.domain.closures import closure_dates
from supporttui.domain.policy import PlannedClosure

LONGEST: Final = timedelta(days=366 * 60)
"""A rule that counts its dates is followed for so long at most."""

PARTS: Final = (
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
FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
RULE_EXAMPLE: Final = '"FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231"'

_START: Final = re.compile(r"DTSTART(?:;VALUE=DATE)?:([0-9]{8})(?:T000000Z?)?\s+")


def parse_closures(table: Table) -> tuple[PlannedClosure, ...]:
    """The `[[closures]]` of some hours. Raises ConfigProblem."""
    return tuple(_parse_closure(each) for each in table.tables("closures"))


def _parse_closure(table: Table) -> PlannedClosure:
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


def _by_range(table: Table, first: date | None, last: date | None, name: str) -> PlannedClosure:
    table.optional("rrule")
    if first is None:
        raise table.problem("", "this closure has no dates; write from = 2026-12-24 and to = 2027-01-01, or an rrule")
    last = last or first
    if last < first:
        raise table.problem("to", f"the closure ends on {last} before it begins on {first}; exchange the two")
    return PlannedClosure(name=name, first=first, last=last)


def _by_rule(table: Table, first: date | None, last: date | None, name: str) -> PlannedClosure:
    """A closure that recurs. The rule's start is its own DTSTART or the key `from`, its end UNTIL, COUNT or `to`."""
    text = table.text("rrule").strip().upper()
    start = _START.match(text)
    if start is not None:
        text, first = text[start.end() :], first or _date(table, "DTSTART", start[1])
    if first is None:
        raise table.problem("rrule", "this rule has no first day; add from = 2026-01-01 beside it")
    parts = _rule_parts(table, text.removeprefix("RRULE:"))
    until, count = parts.pop("UNTIL", ""), parts.pop("COUNT", "")
    ends = [_date(table, "UNTIL", until)] if until else []
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
        last=min([*ends, first + LONGEST]),
        rule=";".join(f"{key}={value}" for key, value in parts.items()),
        count=int(count) if count else None,
    )
    _check_happens(table, closure)
    return closure


def _rule_parts(table: Table, text: str) -> dict[str, str]:
    """The parts of a rule by their names."""
    parts: dict[str, str] = {}
    for part in text.strip(";").split(";"):
        key, equals, value = part.partition("=")
        if not equals or not value:
            raise table.problem("rrule", f"{shown(part)} is no part of a rule; write for example {RULE_EXAMPLE}")
        if key not in PARTS:
            raise table.problem("rrule", f"a closure's rule has no part {shown(key)}{suggestion(key, PARTS)}")
        parts[key] = value
    if parts.get("FREQ") not in FREQUENCIES:
        raise table.problem("rrule", f"FREQ must be one of {', '.join(FREQUENCIES)}; write for example {RULE_EXAMPLE}")
    return parts


def _check_happens(table: Table, closure: PlannedClosure) -> None:
    """Refuse a rule that python-dateutil does not understand, or that has no date."""
    try:
        happens = any(True for _ in islice(closure_dates(closure), 1))
    except (ValueError, TypeError, IndexError) as error:
        raise table.problem("rrule", f"this is not a rule ({error}); write for example {RULE_EXAMPLE}") from error
    if not happens:
        raise table.problem(
            "rrule", f"this rule never happens from {closure.first} to {closure.last}; check its dates, or leave it out"
        )


def _date(table: Table, key: str, text: str) -> date:
    """A date in the form of a rule, `20271231`, whatever time follows."""
    try:
        return date.fromisoformat(text.partition("T")[0])
    except ValueError as error:
        raise table.problem("rrule", f"{key}={shown(text)} is not a date; write for example {key}=20271231") from error
