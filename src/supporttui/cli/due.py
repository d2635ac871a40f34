"""`supporttui due`: when a ticket is due under the policy and why, without asking any desk."""

import csv
import json
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from supporttui.cli.calendar import compile_calendars
from supporttui.cli.exits import Exit, Stop
from supporttui.cli.quick import Scope
from supporttui.cli.target import settings_of
from supporttui.cli.when import parse_when
from supporttui.domain.calendars import Calendars
from supporttui.domain.safetext import OutsideText
from supporttui.domain.sla import Clock, ticket_clocks
from supporttui.domain.ticket import Status, StatusChange, Ticket
from supporttui.domain.why import Explanation, WhySegment, explain
from supporttui.domain.whytext import account_lines, breach_words
from supporttui.domain.zones import load_zone

WORDS = {status.value: status for status in Status} | {"awaiting": Status.AWAITING_REPLY, "hold": Status.ON_HOLD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was typed; the instants are still texts."""

    severity: int | None
    created: str
    first_reply: str | None = None
    status_history: Path | None = None
    at: str | None = None
    as_json: bool = False


def print_due(scope: Scope, asked: Question, now: datetime) -> int:
    """Print every clock of the ticket that was described. Raises Stop, ConfigProblem."""
    policy = settings_of(scope).policy
    if asked.severity is not None and asked.severity not in policy.severities:
        known = ", ".join(map(str, sorted(policy.severities)))
        raise Stop(f"there is no severity {asked.severity}; the policy has {known}", Exit.USAGE)
    zone = load_zone(policy.hours.zone)
    now = parse_when(asked.at, "--at", zone, now) if asked.at else now
    ticket = _ticket(asked, zone, now)
    calendars = compile_calendars(policy, ticket.created_at.year)
    clocks = ticket_clocks(ticket, policy, calendars)
    print(as_json(clocks, calendars, now) if asked.as_json else as_text(clocks, now))
    return Exit.OK


def as_text(clocks: tuple[Clock, ...], now: datetime) -> str:
    """The accounts of clocks, an empty line between two."""
    return "\n\n".join("\n".join(account_lines(explain(clock, now), clock.calendar.zone, now)) for clock in clocks)


def as_json(clocks: tuple[Clock, ...], calendars: Calendars, now: datetime) -> str:
    """The same for a program."""
    zone = calendars.desk.zone
    found = {"at": now.isoformat(), "zone": zone.key, "clocks": [_clock(explain(each, now), now) for each in clocks]}
    return json.dumps(found, indent=2, ensure_ascii=False)


def _clock(account: Explanation, now: datetime) -> dict[str, object]:
    reading, terms = account.reading, account.terms
    instants = {
        "started_at": terms.started_at,
        "due_at": reading.due_at,
        "met_at": reading.met_at,
        "ended_at": terms.ended_at,
        "resumes_at": reading.resumes_at,
        "next_change": reading.next_change,
    }
    return {
        "metric": terms.metric.value,
        "state": reading.state.value,
        "urgency": reading.urgency.value,
        "is_counting": reading.is_counting,
        "reason": reading.reason,
        "severity": terms.severity,
        "target": terms.target_text,
        "target_s": account.target.total_seconds(),
        "target_from": terms.source,
        "used_s": reading.used.total_seconds(),
        "remaining_s": reading.remaining.total_seconds(),
        **{name: None if at is None else at.isoformat() for name, at in instants.items()},
        "breached_by": breach_words(reading, load_zone(account.zone), now),
        "zone": account.zone,
        "segments": [_segment(segment) for segment in account.segments],
        "ahead": [_segment(segment) for segment in account.ahead],
    }


def _segment(segment: WhySegment) -> dict[str, object]:
    return {
        "start": segment.start.isoformat(),
        "end": segment.end.isoformat(),
        "is_counted": segment.is_counted,
        "reason": segment.reason,
        "amount_s": segment.amount.total_seconds(),
        "note": segment.note,
    }


def _ticket(asked: Question, zone: ZoneInfo, now: datetime) -> Ticket:
    created_at = parse_when(asked.created, "--created", zone, now)
    replied_at = parse_when(asked.first_reply, "--first-reply", zone, now) if asked.first_reply else None
    if replied_at is not None and replied_at < created_at:
        raise Stop("--first-reply lies before --created; exchange the two", Exit.USAGE)
    history = _history(asked.status_history, zone, now) if asked.status_history else ()
    history = (StatusChange(created_at, Status.NEW), *history) if history else ()
    status = history[-1].status if history else Status.OPEN if replied_at else Status.NEW
    return Ticket(
        id=0,
        subject=OutsideText(""),
        status=status,
        desk_status=OutsideText(status.value),
        requester_id=0,
        created_at=created_at,
        updated_at=created_at,
        version="",
        severity=asked.severity,
        status_changed_at=history[-1].at if history else replied_at,
        first_reply_at=replied_at,
        replied_at=replied_at,
        closed_at=history[-1].at if history and status is Status.CLOSED else None,
        status_history=history,
    )


def _history(path: Path, zone: ZoneInfo, now: datetime) -> tuple[StatusChange, ...]:
    """Statuses from a file: JSON objects with `at` and `status`, or lines such as `2026-06-08 11:00, on_hold`."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
        rows = _rows(text)
    except (OSError, ValueError) as error:
        sentence = 'it needs lines such as "2026-06-08 11:00, on_hold", or JSON with at and status'
        raise Stop(f"--status-history: {path} cannot be read ({error}); {sentence}", Exit.USAGE) from error
    changes = []
    for number, (at, word) in enumerate(rows, 1):
        if word not in WORDS:
            raise Stop(f'--status-history: entry {number}: no status "{word}"; write {", ".join(WORDS)}', Exit.USAGE)
        changes.append(StatusChange(parse_when(at, f"--status-history: entry {number}", zone, now), WORDS[word]))
    return tuple(sorted(changes, key=lambda change: change.at))


def _rows(text: str) -> list[tuple[str, str]]:
    """Each entry's instant and status, as texts. Raises ValueError."""
    if text.lstrip().startswith("["):
        found = json.loads(text)
        if not all(isinstance(each, dict) and "at" in each and "status" in each for each in found):
            raise ValueError("an entry lacks at or status")
        return [(str(each["at"]), str(each["status"])) for each in found]
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
    if any(len(row) != 2 for row in rows):
        raise ValueError("a line has not two parts with a comma between them")
    return [(row[0], row[1]) for row in rows]
