"""The clocks that a ticket's policy starts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from supporttui.domain.calendars import Calendars
from supporttui.domain.clock import (
    DUE_AT_CLOSE,
    Clock,
    ClockState,
    Judged,
    Reading,
    StatusPause,
    Terms,
    Urgency,
)
from supporttui.domain.clocktext import hours_text
from supporttui.domain.course import Course, course_of
from supporttui.domain.hours import BeyondHorizon, SupportCalendar
from supporttui.domain.instants import span_us
from supporttui.domain.judgement import Judgement
from supporttui.domain.metrics import Metric
from supporttui.domain.policy import ServicePolicy, Target
from supporttui.domain.ticket import DeskClock, Fate, SeverityChange, Ticket

__all__ = [
    "DUE_AT_CLOSE",
    "Clock",
    "ClockState",
    "Judged",
    "Reading",
    "StatusPause",
    "Terms",
    "Urgency",
    "first_response_clock",
    "ticket_clocks",
    "worst",
]

NO_CLOCK: Final = {Fate.MERGED: "merged into another ticket", Fate.DELETED: "deleted"}
DESKS_TARGET: Final = "the help desk's SLA policy"

NO_JUDGEMENTS: Final[Mapping[Metric, Judgement]] = {}


def first_response_clock(ticket: Ticket, policy: ServicePolicy, calendar: SupportCalendar) -> Clock:
    """The clock from creation to an agent's first public reply, by one calendar whatever the policy names.

    Closing an unanswered ticket ends it, and reopening resumes it with the used time kept: closed stretches count as
    pauses. They are known from the status history; without one only the present status is.
    """
    metric = Metric.FIRST_RESPONSE
    target = policy.counted_severity(ticket.severity).target(metric)
    course = course_of(ticket, policy, metric)
    assert target is not None  # every severity has one for the first response
    return Clock(_terms(ticket, metric, target, course), calendar)


def ticket_clocks(
    ticket: Ticket,
    policy: ServicePolicy,
    calendars: Calendars,
    judgements: Mapping[Metric, Judgement] = NO_JUDGEMENTS,
) -> tuple[Clock, ...]:
    """All clocks of a ticket, the first response's first; a metric without a target or a start has none.

    `judgements` are the records of finished clocks: those that still hold win over the policy as it is now.
    """
    clocks = (_metric_clock(ticket, policy, calendars, metric, judgements.get(metric)) for metric in Metric)
    return tuple(clock for clock in clocks if clock is not None)


def worst(clocks: Sequence[Clock], now: datetime) -> Clock:
    """The one that stands for the ticket: the open one with the least left, else the last that was finished."""
    is_open, key, index = min((*clock.sort_key(now), -index) for index, clock in enumerate(clocks))
    del is_open, key
    return clocks[-index]


def _metric_clock(
    ticket: Ticket, policy: ServicePolicy, calendars: Calendars, metric: Metric, judgement: Judgement | None
) -> Clock | None:
    """The clock of one metric; None where the policy has no target for it, or nothing has started it."""
    target = policy.counted_severity(ticket.severity).target(metric)
    desk = _desk_clock(ticket.desk_clocks, metric) if ticket.desk_clocks else None
    by_night = False
    if desk is not None and desk.target is not None:
        by_night = not desk.in_support_hours
        target = Target(desk.target, hours_text(desk.target), DESKS_TARGET)
    if target is None:
        return None
    course = course_of(ticket, policy, metric)
    if course.started_at is None:
        return None
    calendar = calendars.always if by_night else calendars[policy.calendar_name(ticket.severity, metric)]
    terms = _terms(ticket, metric, target, course, desk)
    if judgement is not None and judgement.holds_for(terms):
        return Clock(judgement.applied_to(terms), calendar)
    return _blamed(Clock(terms, calendar), ticket, policy, calendars)


def _terms(ticket: Ticket, metric: Metric, target: Target, course: Course, desk: DeskClock | None = None) -> Terms:
    return Terms(
        metric=metric,
        started_at=course.started_at or ticket.created_at,
        target=target.amount,
        target_text=target.text,
        source=target.source,
        pauses=tuple(course.pauses),
        met_at=course.met_at,
        ended_at=course.ended_at,
        no_clock=NO_CLOCK.get(ticket.fate, ""),
        severity=ticket.severity,
        is_desks=target.source == DESKS_TARGET,
        desk=desk,
    )


def _desk_clock(clocks: Iterable[DeskClock], metric: Metric) -> DeskClock | None:
    return next((clock for clock in clocks if clock.metric is metric), None)


def _blamed(clock: Clock, ticket: Ticket, policy: ServicePolicy, calendars: Calendars) -> Clock:
    """The clock, knowing that a change of severity breached it at once, where one did."""
    changes = ticket.severity_history
    if len(changes) < 2 or changes[-1].severity != ticket.severity or clock.terms.is_desks:
        return clock
    before, change = changes[-2:]
    if not _is_over(clock, change):
        return clock
    metric = clock.terms.metric
    target = policy.counted_severity(before.severity).target(metric)
    if target is not None:
        terms = replace(clock.terms, target=target.amount)
        if _is_over(Clock(terms, calendars[policy.calendar_name(before.severity, metric)]), change):
            return clock
    return Clock(replace(clock.terms, breached_by=change), clock.calendar)


def _is_over(clock: Clock, change: SeverityChange) -> bool:
    """Whether more than the target was used when the severity changed, and the clock was not finished before."""
    terms = clock.terms
    end = terms.met_at or terms.ended_at
    if change.at < terms.started_at or (end is not None and end <= change.at):
        return False
    try:
        return clock.used_until(change.at) > span_us(terms.target)
    except BeyondHorizon:
        return False
