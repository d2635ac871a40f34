"""What to do first: what breaches when, and the order of answers in which the fewest breach."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from supporttui.domain.clock import Clock, ClockReading, ClockState
from supporttui.domain.instants import span_us
from supporttui.domain.support_calendar import BeyondHorizon, SupportCalendar
from supporttui.domain.ticket import Lifecycle, Ticket

HANDLING_TIME: Final = timedelta(minutes=15)
"""What one ticket takes, where nobody says otherwise."""
FIRST_HOUR: Final = timedelta(hours=1)
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """A ticket whose clock asks for something."""

    ticket: Ticket
    clock: Clock
    """The one of its clocks that breaches first."""
    reading: ClockReading
    breaches_at: datetime
    """From when on more than the target is used: the due time, or the opening after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What a lead asks at nine o'clock."""

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
    """All that can still be met, in the order of answering in which the fewest breach."""
    too_late: tuple[AgendaItem, ...]
    """Those that breach even in that order; they stand behind it."""


def make_agenda(
    tickets: Iterable[tuple[Ticket, Sequence[Clock]]],
    calendar: SupportCalendar,
    now: datetime,
    handling: timedelta = HANDLING_TIME,
) -> Agenda:
    """The agenda of one agent who answers tickets one after the other in the desk's hours. Raises BeyondHorizon."""
    closes_at = _close_of_day(calendar, now)
    opens_at = _opening_after(calendar, closes_at)
    breached, waiting = _tasks(tickets, now)
    in_hour = [] if opens_at is None else [t for t in waiting if opens_at <= t.breaches_at < opens_at + FIRST_HOUR]
    order, too_late = order_with_fewest_breaches(
        waiting, [_time_until_breach(calendar, now, task) for task in waiting], handling
    )
    return Agenda(
        closes_at=closes_at,
        opens_at=opens_at,
        breached=tuple(breached),
        before_close=tuple(task for task in waiting if task.breaches_at < closes_at),
        after_opening=tuple(in_hour),
        order=tuple(order),
        too_late=tuple(too_late),
    )


def order_with_fewest_breaches(
    tasks: Sequence[AgendaItem], rooms: Sequence[timedelta], handling: timedelta | Sequence[timedelta]
) -> tuple[list[AgendaItem], list[AgendaItem]]:
    """The order in which the fewest breach, and those that do all the same: the algorithm of Moore and Hodgson.

    `rooms` is the working time until each breaches, `handling` what each takes. Ties stay in the given order.
    """
    lengths = [handling] * len(tasks) if isinstance(handling, timedelta) else handling
    chosen: list[tuple[int, int]] = []  # a heap with the longest on top
    used = 0
    for index in sorted(range(len(tasks)), key=lambda index: rooms[index]):
        length = span_us(lengths[index])
        heapq.heappush(chosen, (-length, -index))
        used += length
        if used > span_us(rooms[index]):
            used += heapq.heappop(chosen)[0]
    kept = {-index for _, index in chosen}
    by_room = sorted(range(len(tasks)), key=lambda index: rooms[index])
    return [tasks[i] for i in by_room if i in kept], [tasks[i] for i in by_room if i not in kept]


def breach_time(clock: Clock, reading: ClockReading) -> datetime | None:
    """From when on more than the target is used, if nothing happens; None where that is not known or it never is."""
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
        found = [] if ticket.fate is not Lifecycle.LIVE else [_task(ticket, clock, now) for clock in clocks]
        task = min((task for task in found if task is not None), key=_by_breach, default=None)
        if task is not None:
            (breached if task.reading.state is ClockState.BREACHED else waiting).append(task)
    return sorted(breached, key=lambda task: (task.reading.remaining, task.ticket.id)), sorted(waiting, key=_by_breach)


def _task(ticket: Ticket, clock: Clock, now: datetime) -> AgendaItem | None:
    reading = clock.read(now)
    at = breach_time(clock, reading)
    return None if at is None else AgendaItem(ticket, clock, reading, at)


def _by_breach(task: AgendaItem) -> tuple[datetime, int]:
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
