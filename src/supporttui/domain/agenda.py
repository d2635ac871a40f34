"""What to do first: what breaches when, and in which order to answer.

One agent answers one ticket after the other in the desk's hours. An order costs the breaches that happen in it, and the
time by which late answers grow later, both weighed by severity. Finding the cheapest order is NP-hard; this one keeps
the most weight in time (exactly the most tickets where all weigh the same), and then answers late ones as early as no
ticket in time pays for it.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import accumulate
from typing import Final, NamedTuple

from supporttui.domain.clock import Clock, ClockReading, ClockState
from supporttui.domain.instants import span_us
from supporttui.domain.metrics import Metric
from supporttui.domain.policy import HandlingTimes, ServicePolicy
from supporttui.domain.support_calendar import BeyondHorizon, SupportCalendar
from supporttui.domain.ticket import Lifecycle, Ticket
from supporttui.domain.ticket_id import TicketId

WEIGHT_BASE: Final = 3
"""A ticket counts as many as so many tickets of the severity below."""
FIRST_HOUR: Final = timedelta(hours=1)
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """A ticket that is breached or will be, with the time by which it has to be answered."""

    ticket: Ticket
    clock: Clock
    """The one of its clocks that breaches first."""
    reading: ClockReading
    breaches_at: datetime
    """From when on more than the target is used: the due time, or the opening after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The plan: what is breached, what will breach when, and the order in which to answer."""

    closes_at: datetime
    """The last closing of today, or of the next day that has support hours once today's are over."""
    opens_at: datetime | None
    """The opening after that; None where the calendar ends before it."""
    breached: tuple[AgendaItem, ...]
    """Those that are over already and still wait, the longest over first."""
    before_close: tuple[AgendaItem, ...]
    """Those that breach before that closing, in the order of breaching."""
    after_opening: tuple[AgendaItem, ...]
    """Those that breach within the first hour after that opening."""
    order: tuple[AgendaItem, ...]
    """All that wait, those that are breached too, in the order of answering."""
    too_late: tuple[AgendaItem, ...]
    """Those of the order that are not breached yet and breach before their turn is over."""


def make_agenda(
    tickets: Iterable[tuple[Ticket, Sequence[Clock]]],
    calendar: SupportCalendar,
    now: datetime,
    policy: ServicePolicy,
    handling: HandlingTimes | None = None,
) -> Agenda:
    """Plan the answers of one agent who handles tickets one at a time in the desk's hours. Raises BeyondHorizon.

    `handling` replaces the times of the policy.
    """
    closes_at = _close_of_day(calendar, now)
    opens_at = _opening_after(calendar, closes_at)
    breached, waiting = _tasks(tickets, now)
    in_hour = [] if opens_at is None else [t for t in waiting if opens_at <= t.breaches_at < opens_at + FIRST_HOUR]
    jobs = [_job(task, calendar, now, policy, handling or policy.handling) for task in (*breached, *waiting)]
    order = order_of_answers(jobs)
    return Agenda(
        closes_at=closes_at,
        opens_at=opens_at,
        breached=tuple(breached),
        before_close=tuple(task for task in waiting if task.breaches_at < closes_at),
        after_opening=tuple(in_hour),
        order=tuple(job.task for job in order),
        too_late=tuple(job.task for job in jobs_that_breach(order)),
    )


class Job(NamedTuple):
    """One answer to give, as input of the planner. Times are the desk's working time, in microseconds."""

    task: AgendaItem
    length_us: int
    room_us: int | None
    """Until it breaches; None where it has."""
    weight: int
    """What one that is late costs."""


def order_of_answers(jobs: Sequence[Job]) -> list[Job]:
    """Sort all jobs by the order of answering. Jobs of equal weight keep their given order."""
    in_time = _most_weight_in_time([job for job in jobs if job.room_us is not None])
    kept = {id(job) for job in in_time}
    late = sorted((job for job in jobs if id(job) not in kept), key=lambda job: -job.weight / job.length_us)
    before: list[list[Job]] = [[] for _ in range(len(in_time) + 1)]
    slack = _slack_from(in_time)
    used, place = 0, 0
    for job in late:  # all of the later ones of `in_time` wait for it
        while place < len(in_time) and used + job.length_us > slack[place]:
            place += 1
        before[place].append(job)
        used += job.length_us
    order = list(before[0])
    for job, following in zip(in_time, before[1:], strict=True):
        order += [job, *following]
    return order


def jobs_that_breach(order: Sequence[Job]) -> list[Job]:
    """The jobs that breach when they are answered in the given order."""
    late, at_us = [], 0
    for job in order:
        at_us += job.length_us
        if job.room_us is not None and at_us > job.room_us:
            late.append(job)
    return late


def _most_weight_in_time(jobs: Sequence[Job]) -> list[Job]:
    """The jobs to answer in time, sorted by breach: the Moore-Hodgson algorithm with weights."""
    chosen: list[tuple[float, int]] = []  # a heap with the least weight for its length on top
    by_room = sorted(jobs, key=lambda job: job.room_us or 0)
    used = 0
    for index, job in enumerate(by_room):
        heapq.heappush(chosen, (job.weight / job.length_us, -index))
        used += job.length_us
        while used > (job.room_us or 0):
            used -= by_room[-heapq.heappop(chosen)[1]].length_us
    kept = {-index for _, index in chosen}
    return [job for index, job in enumerate(by_room) if index in kept]


def _slack_from(in_time: Sequence[Job]) -> list[int]:
    """By how much each job and all after it can be put off before one of them is late."""
    ends = accumulate(job.length_us for job in in_time)
    spare = [(job.room_us or 0) - end for job, end in zip(in_time, ends, strict=True)]
    return list(accumulate(reversed(spare), min))[::-1]


def _job(
    task: AgendaItem, calendar: SupportCalendar, now: datetime, policy: ServicePolicy, handling: HandlingTimes
) -> Job:
    is_acknowledged = task.clock.terms.metric is Metric.FIRST_RESPONSE
    length = handling.first_response if is_acknowledged else handling.answer
    is_breached = task.reading.state is ClockState.BREACHED
    room_us = None if is_breached else span_us(_time_until_breach(calendar, now, task))
    severity = policy.counted_severity(task.ticket.severity).severity
    return Job(task, span_us(length), room_us, WEIGHT_BASE ** (len(policy.severities) - severity))


def breach_time(clock: Clock, reading: ClockReading) -> datetime | None:
    """The instant from which more than the target is used if nobody answers; None if unknown or never."""
    if reading.due_at is None or reading.state not in (ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED):
        return None
    try:
        return clock.calendar.next_opening(reading.due_at)
    except BeyondHorizon:
        return None


def _tasks(
    tickets: Iterable[tuple[Ticket, Sequence[Clock]]], now: datetime
) -> tuple[list[AgendaItem], list[AgendaItem]]:
    """The tickets that are breached, and those that will be, each in order."""
    breached: list[AgendaItem] = []
    waiting: list[AgendaItem] = []
    for ticket, clocks in tickets:
        found = [] if ticket.lifecycle is not Lifecycle.LIVE else [_task(ticket, clock, now) for clock in clocks]
        task = min((task for task in found if task is not None), key=_by_breach, default=None)
        if task is not None:
            (breached if task.reading.state is ClockState.BREACHED else waiting).append(task)
    return sorted(breached, key=lambda task: (task.reading.remaining, task.ticket.id)), sorted(waiting, key=_by_breach)


def _task(ticket: Ticket, clock: Clock, now: datetime) -> AgendaItem | None:
    reading = clock.read(now)
    at = breach_time(clock, reading)
    return None if at is None else AgendaItem(ticket, clock, reading, at)


def _by_breach(task: AgendaItem) -> tuple[datetime, TicketId]:
    return task.breaches_at, task.ticket.id


def _time_until_breach(calendar: SupportCalendar, now: datetime, task: AgendaItem) -> timedelta:
    """The desk's working time until a task breaches. A clock of another calendar may breach while nobody works."""
    try:
        return calendar.between(now, task.breaches_at)
    except BeyondHorizon:
        return calendar.between(now, calendar.end - timedelta(microseconds=1))


def _close_of_day(calendar: SupportCalendar, now: datetime) -> datetime:
    """The last closing of the day on which support is next open; the day's end where it does not close on it."""
    day = calendar.next_opening(now).astimezone(calendar.zone).date()
    midnight = datetime.combine(day + ONE_DAY, time.min, calendar.zone)
    begin = max(calendar.next_opening(now), now)
    closings = [segment.end for segment in calendar.segments(begin, midnight) if segment.is_open]
    return closings[-1]


def _opening_after(calendar: SupportCalendar, closes_at: datetime) -> datetime | None:
    try:
        return calendar.next_opening(closes_at)
    except BeyondHorizon:
        return None
