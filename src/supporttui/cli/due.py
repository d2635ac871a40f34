"""`supporttui due`: when a ticket is due and why; with --today, what to answer first."""

import contextlib
import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from supporttui.cli.calendar_cache import YEARS_AHEAD, compile_calendars, load_calendars
from supporttui.cli.desk_selection import select_desk
from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.selected_desk import settings_of
from supporttui.cli.standard_streams import MAX_INPUT_BYTES, read_standard_input
from supporttui.config.bounded_files import read_bounded
from supporttui.config.written_instants import WhenRules, read_when
from supporttui.domain.agenda import Agenda, AgendaItem, make_agenda
from supporttui.domain.board import PendingChange, with_pending_changes
from supporttui.domain.board_order import BoardOrder
from supporttui.domain.clock_explanation import ClockExplanation, ExplainedSegment, explain_clock
from supporttui.domain.clock_text import clock_phrase
from supporttui.domain.metrics import METRIC_TITLES
from supporttui.domain.policy import HandlingTimes, ServicePolicy
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.sla import Clock, ticket_clocks
from supporttui.domain.support_calendar import BeyondHorizon, Calendars
from supporttui.domain.ticket import STATUS_OF_SHORT_WORD, Status, StatusChange, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.domain.zones import load_zone
from supporttui.presentation.board.agenda_text import order_title
from supporttui.presentation.ticket.explanation_text import breach_cause_text, day_text, explanation_lines
from supporttui.store.cache import Cache
from supporttui.store.operations import StoreFiles
from supporttui.store.outbox import Outbox
from supporttui.store.ticket_order import TicketOrder
from supporttui.sync.status import EngineStatus, load_status

MAX_YEARS_AHEAD: Final = 500
"""A due time that lies farther ahead is left open."""
REORDERED_AT_ONCE: Final = 1_000
"""Tickets whose sort positions are computed in one transaction."""


def parse_when(text: str, option: str, rules: WhenRules) -> datetime:
    """Read an instant as typed. Raises CommandError."""
    try:
        return read_when(text, rules)
    except ValueError as error:
        raise CommandError(f"{option}: {error}", Exit.USAGE) from error


STATUS_BY_NAME = {**{status.value: status for status in Status}, **STATUS_OF_SHORT_WORD}


@dataclass(frozen=True, slots=True, kw_only=True)
class DueArguments:
    """The arguments as typed; instants are still text."""

    severity: int | None
    created: str
    first_reply: str | None = None
    status_history: Path | None = None
    at: str | None = None
    as_json: bool = False


def print_due(scope: GlobalOptions, asked: DueArguments, now: datetime) -> int:
    """Print every clock of the ticket that was described. Raises CommandError, ConfigProblem."""
    settings = settings_of(scope)
    policy = settings.policy
    if asked.severity is not None and asked.severity not in policy.severities:
        known = ", ".join(map(str, sorted(policy.severities)))
        raise CommandError(f"there is no severity {asked.severity}; the policy has {known}", Exit.USAGE)
    rules = WhenRules(load_zone(policy.hours.zone), now, settings.date_order)
    now = parse_when(asked.at, "--at", rules) if asked.at else now
    ticket = _ticket(asked, rules, None if asked.at is None else now)
    clocks, calendars = _clocks_and_calendars(ticket, policy, now)
    print(as_json(clocks, calendars, now) if asked.as_json else as_text(clocks, now))
    return Exit.OK


def _clocks_and_calendars(ticket: Ticket, policy: ServicePolicy, now: datetime) -> tuple[tuple[Clock, ...], Calendars]:
    """The clocks, in calendars compiled for all years that they need."""
    instants = [ticket.created_at, ticket.first_reply_at or now, now, *(change.at for change in ticket.status_history)]
    ahead = YEARS_AHEAD
    while True:
        calendars = compile_calendars(policy, *(at.year for at in instants), ahead=ahead)
        clocks = ticket_clocks(ticket, policy, calendars)
        waiting = (clock for clock in clocks if clock.quota_us is not None)
        if ahead >= MAX_YEARS_AHEAD or all(clock.read(now).due_at is not None for clock in waiting):
            return clocks, calendars
        ahead *= 8


def as_text(clocks: tuple[Clock, ...], now: datetime) -> str:
    """The explanations of clocks as text, separated by an empty line."""
    return "\n\n".join(
        "\n".join(explanation_lines(explain_clock(clock, now), clock.calendar.zone, now)) for clock in clocks
    )


def as_json(clocks: tuple[Clock, ...], calendars: Calendars, now: datetime) -> str:
    """The explanations of clocks as JSON."""
    zone = calendars.desk.zone
    found = {
        "at": now.isoformat(),
        "zone": zone.key,
        "clocks": [_clock_facts(explain_clock(each, now), now) for each in clocks],
    }
    return json.dumps(found, indent=2)


def _clock_facts(account: ClockExplanation, now: datetime) -> dict[str, object]:
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
        "breached_by": breach_cause_text(reading, load_zone(account.zone), now),
        "zone": account.zone,
        "segments": [_segment_facts(segment) for segment in account.segments],
        "ahead": [_segment_facts(segment) for segment in account.ahead],
    }


def _segment_facts(segment: ExplainedSegment) -> dict[str, object]:
    return {
        "start": segment.start.isoformat(),
        "end": segment.end.isoformat(),
        "is_counted": segment.is_counted,
        "reason": segment.reason,
        "amount_s": segment.amount.total_seconds(),
        "note": segment.note,
    }


def _ticket(asked: DueArguments, rules: WhenRules, at: datetime | None) -> Ticket:
    """The described ticket as of an instant; later events are ignored."""
    created_at = parse_when(asked.created, "--created", rules)
    replied_at = parse_when(asked.first_reply, "--first-reply", rules) if asked.first_reply else None
    if replied_at is not None and replied_at < created_at:
        raise CommandError("--first-reply lies before --created; exchange the two", Exit.USAGE)
    history = _history(asked.status_history, rules) if asked.status_history else ()
    if history and history[0].at < created_at:
        entry = f"{history[0].at.astimezone(rules.zone):%Y-%m-%d %H:%M}, {history[0].status.value}"
        raise CommandError(f'--status-history: the entry "{entry}" lies before --created', Exit.USAGE)
    if at is not None:
        replied_at = None if replied_at is not None and replied_at > at else replied_at
        history = tuple(change for change in history if change.at <= at)
    history = (StatusChange(created_at, Status.NEW), *history) if history else ()
    status = history[-1].status if history else Status.OPEN if replied_at else Status.NEW
    return Ticket(
        id=TicketId("", ""),
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


def _history(path: Path, rules: WhenRules) -> tuple[StatusChange, ...]:
    """Statuses from a file: JSON objects with `at` and `status`, or lines such as `2026-06-08 11:00, on_hold`."""
    try:
        if str(path) == "-":
            text = read_standard_input()
        else:
            text = read_bounded(path, MAX_INPUT_BYTES, takes_pipe=True).decode("utf-8-sig")
        rows = _rows(text)
    except (OSError, ValueError, RecursionError) as error:
        sentence = 'it needs lines such as "2026-06-08 11:00, on_hold", or JSON with at and status'
        raise CommandError(f"--status-history: {path} cannot be read ({error}); {sentence}", Exit.USAGE) from error
    changes = []
    for number, (at, word) in enumerate(rows, 1):
        if word not in STATUS_BY_NAME:
            raise CommandError(
                f'--status-history: entry {number}: no status "{word}"; write {", ".join(STATUS_BY_NAME)}', Exit.USAGE
            )
        changes.append(StatusChange(parse_when(at, f"--status-history: entry {number}", rules), STATUS_BY_NAME[word]))
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


def print_today(scope: GlobalOptions, minutes: int | None, *, as_json: bool, now: datetime) -> int:
    """Print the agenda; `minutes` replaces what one answer takes. Raises CommandError, ConfigProblem."""
    target = select_desk(scope)
    handling = target.policy.handling
    if minutes is not None:
        handling = replace(handling, answer=timedelta(minutes=minutes))
    calendars = load_calendars(target.policy, now, target.files)
    order = TicketOrder(BoardOrder(target.policy, calendars), lambda: now)
    with Cache(target.files.cache, target.files.desk, order) as cache:
        cache.order.begin()
        while cache.order.reorder(REORDERED_AT_ONCE):  # where the policy is another one since a board was open
            pass
        tickets = cache.load_tickets_by_id(cache.board.ids_with_open_clock())
        status = load_status(cache)
        if not status.loaded and not tickets:
            sentence = "nothing has been fetched from the desk yet; open the board once, then ask again"
            raise CommandError(f"due --today: {sentence}", Exit.UNREACHABLE)
        now += timedelta(seconds=status.desk_ahead_s)
    decided = _with_unsent(tickets, target.files, status)
    clocked = [(ticket, ticket_clocks(ticket, target.policy, calendars)) for ticket in decided]
    try:
        agenda = make_agenda(clocked, calendars.desk, now, target.policy, handling)
    except BeyondHorizon as error:
        raise CommandError(f"the agenda cannot be made: {error}", Exit.UNEXPECTED) from error
    if as_json:
        print(json.dumps(_agenda_facts(agenda), indent=2))
    else:
        print("\n".join(agenda_lines(agenda, calendars.desk.zone, handling)))
    return Exit.OK


def _with_unsent(tickets: Iterable[Ticket], files: StoreFiles, status: EngineStatus) -> list[Ticket]:
    """The tickets as the board shows them: with what was decided and the desk has not confirmed."""
    from supporttui.presentation.board.pending_changes import pending_change

    decided: dict[TicketId | None, list[PendingChange]] = {}
    with contextlib.closing(Outbox(files.outbox, files.desk)) as outbox:
        for operation in outbox.load_open():
            decided.setdefault(operation.ticket_id, []).append(pending_change(operation))
    me = None if status.account is None else status.account.me.id
    return [
        with_pending_changes(ticket, decided.get(ticket.id, ()), is_own=ticket.requester_id == me)[0]
        for ticket in tickets
    ]


def agenda_lines(agenda: Agenda, zone: ZoneInfo, handling: HandlingTimes) -> Iterator[str]:
    """The agenda as text: what is over, what will be, and the order."""
    close = f"{_local_time(agenda.closes_at, zone)} {agenda.closes_at.astimezone(zone):%Z}"
    yield from _section_lines(f"Breached and waiting: {len(agenda.breached)}", agenda.breached, zone)
    yield from _section_lines(f"Breaches before close ({close}): {len(agenda.before_close)}", agenda.before_close, zone)
    if agenda.opens_at is not None:
        title = f"Breaches in the first hour after the opening ({_local_time(agenda.opens_at, zone)})"
        yield from _section_lines(f"{title}: {len(agenda.after_opening)}", agenda.after_opening, zone)
    yield order_title(agenda, handling)
    late = {task.ticket.id for task in agenda.too_late}
    for number, task in enumerate(agenda.order, 1):
        yield f"{number:4}. {_item_line(task, zone)}{'  too late' if task.ticket.id in late else ''}"
    if not agenda.order:
        yield "      nothing waits"


def _section_lines(title: str, tasks: tuple[AgendaItem, ...], zone: ZoneInfo) -> Iterator[str]:
    yield title
    for task in tasks:
        yield f"      {_item_line(task, zone)}"
    yield ""


def _item_line(task: AgendaItem, zone: ZoneInfo) -> str:
    ticket = task.ticket
    severity = "-" if ticket.severity is None else str(ticket.severity)
    metric, text = METRIC_TITLES[task.clock.terms.metric].lower(), clock_phrase(task.reading)
    where = f"{ticket.id.label:<7} {severity}  {_local_time(task.breaches_at, zone)}"
    return f"{where}  {metric:<14}  {text:<14}  {safe_line(ticket.subject)}"


def _local_time(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{day_text(local.date())} {local:%H:%M}"


def _agenda_facts(agenda: Agenda) -> dict[str, object]:
    lists = {
        "breached": agenda.breached,
        "before_close": agenda.before_close,
        "after_opening": agenda.after_opening,
        "order": agenda.order,
        "too_late": agenda.too_late,
    }
    return {
        "closes_at": agenda.closes_at.isoformat(),
        "opens_at": None if agenda.opens_at is None else agenda.opens_at.isoformat(),
        **{name: [_item_facts(task) for task in tasks] for name, tasks in lists.items()},
    }


def _item_facts(task: AgendaItem) -> dict[str, object]:
    return {
        "desk": task.ticket.id.desk,
        "ticket": task.ticket.id.id,
        "subject": safe_line(task.ticket.subject),
        "severity": task.ticket.severity,
        "metric": task.clock.terms.metric.value,
        "breaches_at": task.breaches_at.isoformat(),
        "remaining_s": task.reading.remaining.total_seconds(),
    }
