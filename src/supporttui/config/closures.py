"""Reads the planned closures of some hours: ranges of dates, and RRULEs as calendars export them."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from supporttui.config.durations import day_intervals
from supporttui.config.tables import SettingsTable, shown, suggestion
from supporttui.domain.openings import closure_dates
from supporttui.domain.policy import Interval, PlannedClosure
from supporttui.domain.zones import UnknownZone, load_zone

MAX_RULE_SPAN: Final = timedelta(days=366 * 60)
"""A rule that does not happen for so long never does."""

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
NUMBERED_PARTS: Final[Mapping[str, tuple[int, frozenset[str]]]] = {
    "BYMONTH": (12, frozenset(RULE_FREQUENCIES)),
    "BYMONTHDAY": (31, frozenset(("DAILY", "MONTHLY", "YEARLY"))),
    "BYYEARDAY": (366, frozenset(("YEARLY",))),
    "BYWEEKNO": (53, frozenset(("YEARLY",))),
    "BYSETPOS": (366, frozenset(RULE_FREQUENCIES)),
    "BYEASTER": (366, frozenset(("YEARLY",))),
}
"""The largest number of each part that has numbers, and the frequencies with which RFC 5545 lets it stand.

BYEASTER, days from Easter Sunday, is no part of the standard and alone may be 0.
"""
RULE_EXAMPLE: Final = '"FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231"'
OTHER_LINES: Final[Mapping[str, str]] = {
    "EXDATE": 'open such a date again under [policy.hours.dates], for example 2026-06-10 = ["08:00-17:00"]',
    "RDATE": "write a closure of its own for such a date, with from = and to =",
    "EXRULE": "write what it leaves out under [policy.hours.dates]",
    "DTEND": 'leave it out; the hours that are closed stand beside the rule, as in hours = "12:00-17:00"',
    "DURATION": 'leave it out; the hours that are closed stand beside the rule, as in hours = "12:00-17:00"',
}
"""Lines beside an RRULE that a closure does not take, and what to write instead."""
MAX_NUMBER: Final = 10_000

_START: Final = re.compile(
    r'DTSTART(?:;VALUE=DATE(?:-TIME)?|;TZID="?(?P<zone>[^":;\s]+(?: [^":;\s]+)*)"?)*:(?P<value>[0-9A-Z-]+)\s*',
    re.IGNORECASE,
)
_INSTANT: Final = re.compile(
    r"(?P<date>\d{4}-?\d{2}-?\d{2})(?:T(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})(?P<utc>Z?))?", re.ASCII
)
_SIGNED: Final = re.compile(r"[+-]?[0-9]{1,3}", re.ASCII)
_OTHER_LINE: Final = re.compile(rf"\b({'|'.join(OTHER_LINES)})\b")
_FOLDED: Final = re.compile(r"\r?\n[ \t](?=\S)")
"""Where RFC 5545 continues a long line."""


def parse_closures(table: SettingsTable, zone: str) -> tuple[PlannedClosure, ...]:
    """The `[[closures]]` of hours in a zone. Raises ConfigProblem."""
    return tuple(_parse_closure(each, load_zone(zone)) for each in table.tables("closures"))


def _parse_closure(table: SettingsTable, zone: ZoneInfo) -> PlannedClosure:
    name = table.text("name")
    first, last = table.day("from"), table.day("to")
    hours = table.optional("hours")
    try:
        intervals = day_intervals(re.split(r"\s*,\s*", hours)) if hours else ()
    except ValueError as error:
        raise table.problem("hours", str(error)) from error
    if "rrule" in table:
        closure = _RuleReader(table, zone, intervals).closure(name, first, last)
    else:
        closure = _by_range(table, first, last, name)
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


class _RuleReader:
    """Reads the `rrule` of one closure, in the terms of RFC 5545: its dates are those of the calendar's zone.

    Its start is its own DTSTART or the key `from`, its end UNTIL, COUNT or the key `to`.
    """

    def __init__(self, table: SettingsTable, zone: ZoneInfo, intervals: tuple[Interval, ...]) -> None:
        self._table = table
        self._zone = zone
        self._intervals = intervals
        minute = min((interval.start_minute for interval in intervals), default=0)
        self._begins = time(*divmod(minute, 60))
        """The time of day at which the rule happens: UNTIL is compared with it."""

    def closure(self, name: str, first: date | None, last: date | None) -> PlannedClosure:
        """The closure without its hours. Raises ConfigProblem."""
        text = " ".join(_FOLDED.sub("", self._table.optional("rrule")).split())
        other = _OTHER_LINE.search(text.upper())
        if other is not None:
            raise self._problem(f"a closure's rule takes no {other[1]}; {OTHER_LINES[other[1]]}")
        given, (first, text) = first, self._starting_date(text, first)
        parts = self._parts(text.upper().removeprefix("RRULE:"))
        until, count = parts.pop("UNTIL", ""), parts.pop("COUNT", "")
        ends = [self._last_date(until)] if until else []
        ends += [last] if last else []
        if not ends and not count:
            year = first.year + 1
            raise self._problem(
                f"this rule never ends; add ;UNTIL={year}1231 or ;COUNT=12 to it, or a key to = beside it"
            )
        closure = PlannedClosure(
            name=name,
            first=first,
            last=min(ends, default=date.max),
            rule=";".join(f"{key}={value}" for key, value in parts.items()),
            count=self._number("COUNT", count) if count else None,
        )
        self._check_happens(closure, is_start_written=given is None)
        return closure

    def _problem(self, sentence: str) -> Exception:
        return self._table.problem("rrule", sentence)

    def _starting_date(self, text: str, given: date | None) -> tuple[date, str]:
        """The first date, and the text without its DTSTART."""
        start = _START.match(text)
        if start is None:
            if given is None:
                raise self._problem("this rule has no first day; add from = 2026-01-01 beside it")
            return given, text
        first = self._dtstart(start)
        if given is not None and given != first:
            raise self._problem(f"DTSTART is {first} and from is {given}; leave out one of the two")
        return first, text[start.end() :]

    def _dtstart(self, start: re.Match[str]) -> date:
        """The date of a DTSTART in the calendar's zone."""
        day, clock, is_utc = self._instant("DTSTART", start["value"].upper())
        if clock is None:
            return day
        written = UTC if is_utc else self._rule_zone(start["zone"]) if start["zone"] else self._zone
        local = _within_years(datetime.combine(day, clock, written), self._zone)
        if local.date() != day:
            raise self._problem(
                f"DTSTART={shown(start['value'])} is {day} in {written} and {local.date()} in {self._zone.key}, whose "
                f"dates a closure has; write DTSTART:{day:%Y%m%d} or DTSTART:{local:%Y%m%d}"
            )
        if local.time() != time.min:
            if not self._intervals:
                raise self._problem(
                    f"this rule starts at {local:%H:%M}, but the closure has no hours; add hours = "
                    f'"{local:%H:%M}-24:00", or write DTSTART:{day:%Y%m%d} for whole days'
                )
            self._begins = local.time()
        return day

    def _rule_zone(self, name: str) -> ZoneInfo:
        try:
            return load_zone(name)
        except UnknownZone as error:
            raise self._problem(
                f"there is no time zone {shown(name)}; write for example DTSTART;TZID={self._zone.key}:20260105T000000"
            ) from error

    def _last_date(self, text: str) -> date:
        """The last date that UNTIL lets the rule happen on: a date counts wholly, an instant in the calendar's zone."""
        day, clock, is_utc = self._instant("UNTIL", text)
        if clock is None:
            return day
        until = _within_years(datetime.combine(day, clock, UTC if is_utc else self._zone), self._zone)
        if until.time() >= self._begins or until.date() == date.min:
            return until.date()
        return until.date() - timedelta(days=1)

    def _instant(self, key: str, text: str) -> tuple[date, time | None, bool]:
        """A date or date-time of a rule, and whether it is in UTC."""
        match = _INSTANT.fullmatch(text)
        try:
            if match is None:
                raise ValueError(text)
            day = date.fromisoformat(match["date"])
            clock = (
                None if match["hour"] is None else time(int(match["hour"]), int(match["minute"]), int(match["second"]))
            )
        except ValueError as error:
            raise self._problem(
                f"{key}={shown(text)} is not a date; write for example {key}=20271231, "
                f"{key}=20271231T235959 or {key}=20271231T235959Z"
            ) from error
        return day, clock, bool(match["utc"])

    def _parts(self, text: str) -> dict[str, str]:
        """The parts of a rule by their names."""
        parts: dict[str, str] = {}
        for part in text.strip("; ").split(";"):
            key, equals, value = part.partition("=")
            if not equals or not value:
                raise self._problem(f"{shown(part)} is no part of a rule; write for example {RULE_EXAMPLE}")
            if key not in RULE_PARTS:
                raise self._problem(f"a closure's rule has no part {shown(key)}{suggestion(key, RULE_PARTS)}")
            if key in parts:
                raise self._problem(f"{key} stands in this rule twice; leave out one of the two")
            parts[key] = value
        if parts.get("FREQ") not in RULE_FREQUENCIES:
            raise self._problem(f"FREQ must be one of {', '.join(RULE_FREQUENCIES)}; write for example {RULE_EXAMPLE}")
        if "INTERVAL" in parts:
            self._number("INTERVAL", parts["INTERVAL"])
        self._check_weekdays(parts)
        self._check_numbers(parts)
        return parts

    def _check_weekdays(self, parts: Mapping[str, str]) -> None:
        counts = any(letter.isdigit() for letter in parts.get("BYDAY", ""))
        if counts and parts["FREQ"] in ("DAILY", "WEEKLY"):
            raise self._problem(
                f"BYDAY={shown(parts['BYDAY'])} counts weekdays, which FREQ={parts['FREQ']} cannot; "
                "write FREQ=MONTHLY, or BYDAY without a number"
            )
        if "BYWEEKNO" in parts and (counts or "BYDAY" not in parts):
            raise self._problem("BYWEEKNO needs the days of the week, without a number; write for example BYDAY=MO")
        if "BYSETPOS" in parts and not any(key.startswith("BY") and key != "BYSETPOS" for key in parts):
            raise self._problem("BYSETPOS has nothing to choose from; write for example BYDAY=MO,TU,WE,TH,FR with it")

    def _check_numbers(self, parts: Mapping[str, str]) -> None:
        """Refuse numbers that name no day, and parts that the frequency does not have: they would be guessed at."""
        for key, (most, frequencies) in NUMBERED_PARTS.items():
            if key not in parts:
                continue
            if parts["FREQ"] not in frequencies:
                known = " or ".join(each for each in RULE_FREQUENCIES if each in frequencies)
                raise self._problem(f"{key} does not go with FREQ={parts['FREQ']}; write it with FREQ={known}")
            for text in parts[key].split(","):
                number = int(text) if _SIGNED.fullmatch(text) else most + 1
                is_negative = number < 0 and key == "BYMONTH"
                if abs(number) > most or is_negative or (number == 0 and key != "BYEASTER"):
                    known = f"1 to {most}" if key == "BYMONTH" else f"1 to {most}, or -1 to -{most} from the end"
                    known = f"-{most} to {most}" if key == "BYEASTER" else known
                    raise self._problem(f"{key}={shown(text)} is none of its numbers, which are {known}")

    def _number(self, key: str, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and 0 < int(text) < MAX_NUMBER):
            raise self._problem(f"{key}={shown(text)} is not a number of times; write for example {key}=12")
        return int(text)

    def _check_happens(self, closure: PlannedClosure, *, is_start_written: bool) -> None:
        """Refuse a rule that python-dateutil does not understand, that has no date, or whose DTSTART is none."""
        last = min(closure.last, _later(closure.first, MAX_RULE_SPAN))
        try:
            found = next(closure_dates(closure, last), None)
        except (ValueError, TypeError, IndexError) as error:
            raise self._problem(f"this is not a rule ({error}); write for example {RULE_EXAMPLE}") from error
        if found is None:
            raise self._problem(
                f"this rule never happens from {closure.first} to {last}; check its dates, or leave it out"
            )
        if is_start_written and found != closure.first:
            raise self._problem(
                f"DTSTART is {closure.first}, which the rule leaves out, so that some calendars count it and some do "
                f"not; write DTSTART:{found:%Y%m%d}, or {closure.first} as a closure of its own beside it"
            )


def _within_years(instant: datetime, zone: ZoneInfo) -> datetime:
    """An instant in a zone; at either end of the years that datetime has, its own wall time."""
    try:
        return instant.astimezone(zone)
    except OverflowError:
        return instant


def _later(day: date, span: timedelta) -> date:
    return day + span if date.max - day > span else date.max
