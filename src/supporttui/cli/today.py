"""`supporttui due --today`: what breaches before close, and in which order to answer, from the local copy."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from supporttui.cli.calendar import load_calendars
from supporttui.cli.exits import Exit, Stop
from supporttui.cli.quick import Scope
from supporttui.cli.target import target_of
from supporttui.domain.agenda import Agenda, Task, agenda_of
from supporttui.domain.clocktext import clock_phrase
from supporttui.domain.hours import BeyondHorizon
from supporttui.domain.metrics import TITLES
from supporttui.domain.safetext import safe_line
from supporttui.domain.sla import ticket_clocks
from supporttui.domain.whytext import day_text
from supporttui.store.cache import Cache
from supporttui.sync.remembered import remembered_status


def print_today(scope: Scope, handling: timedelta, *, as_json: bool, now: datetime) -> int:
    """Print the agenda. Raises Stop, ConfigProblem."""
    target = target_of(scope)
    calendars = load_calendars(target.policy, now, target.files.cache)
    with Cache(target.files.cache) as cache:
        tickets = cache.load_tickets()
        now += timedelta(seconds=remembered_status(cache).desk_ahead_s)
    clocked = [(ticket, ticket_clocks(ticket, target.policy, calendars)) for ticket in tickets]
    try:
        agenda = agenda_of(clocked, calendars.desk, now, handling)
    except BeyondHorizon as error:
        raise Stop(f"the agenda cannot be made: {error}", Exit.UNEXPECTED) from error
    if as_json:
        print(json.dumps(_facts(agenda), indent=2, ensure_ascii=False))
    else:
        print("\n".join(agenda_lines(agenda, calendars.desk.zone, handling)))
    return Exit.OK


def agenda_lines(agenda: Agenda, zone: ZoneInfo, handling: timedelta) -> Iterator[str]:
    """The agenda as text: what is over, what will be, and the order."""
    close = f"{_clock(agenda.closes_at, zone)}"
    minutes = handling // timedelta(minutes=1)
    yield from _section(f"Breached and waiting: {len(agenda.breached)}", agenda.breached, zone)
    yield from _section(f"Breaches before close ({close}): {len(agenda.before_close)}", agenda.before_close, zone)
    if agenda.opens_at is not None:
        title = f"Breaches in the first hour after the opening ({_clock(agenda.opens_at, zone)})"
        yield from _section(f"{title}: {len(agenda.after_opening)}", agenda.after_opening, zone)
    lost = f", {len(agenda.too_late)} cannot be met" if agenda.too_late else ""
    yield f"Answer in this order, {minutes} minutes each: the fewest breach{lost}"
    for number, task in enumerate((*agenda.order, *agenda.too_late), 1):
        yield f"{number:4}. {_task(task, zone)}{'  too late' if task in agenda.too_late else ''}"
    if not agenda.order and not agenda.too_late:
        yield "      nothing waits"


def _section(title: str, tasks: tuple[Task, ...], zone: ZoneInfo) -> Iterator[str]:
    yield title
    for task in tasks:
        yield f"      {_task(task, zone)}"
    yield ""


def _task(task: Task, zone: ZoneInfo) -> str:
    ticket = task.ticket
    severity = "-" if ticket.severity is None else str(ticket.severity)
    metric, text = TITLES[task.clock.terms.metric].lower(), clock_phrase(task.reading)
    where = f"#{ticket.id:<6} {severity}  {_clock(task.breaches_at, zone)}"
    return f"{where}  {metric:<14}  {text:<14}  {safe_line(ticket.subject)}"


def _clock(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{day_text(local.date())} {local:%H:%M}"


def _facts(agenda: Agenda) -> dict[str, object]:
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
        **{name: [_task_facts(task) for task in tasks] for name, tasks in lists.items()},
    }


def _task_facts(task: Task) -> dict[str, object]:
    return {
        "ticket": task.ticket.id,
        "subject": safe_line(task.ticket.subject),
        "severity": task.ticket.severity,
        "metric": task.clock.terms.metric.value,
        "breaches_at": task.breaches_at.isoformat(),
        "remaining_s": task.reading.remaining.total_seconds(),
    }
