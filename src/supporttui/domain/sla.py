"""Builds the SLA clocks of a ticket from its events, the service policy and the records of finished clocks."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from supporttui.domain.clock import (
    DUE_AT_CLOSE,
    Clock,
    ClockReading,
    ClockState,
    ClockTerms,
    RecordedVerdict,
    StatusPause,
    Urgency,
)
from supporttui.domain.clock_text import hours_text
from supporttui.domain.instants import span_us
from supporttui.domain.metrics import CLOCK_RULES, ClockAction, ClockEvent, Metric
from supporttui.domain.policy import ServicePolicy, Target
from supporttui.domain.sla_record import SlaRecord
from supporttui.domain.support_calendar import BeyondHorizon, Calendars, SupportCalendar
from supporttui.domain.ticket import DeskClock, Lifecycle, SeverityChange, Status, StatusChange, Ticket

TimedEvent = tuple[datetime, ClockEvent, str]
"""When, what, and the title of the status where it is one."""

_ORDER_AT_ONE_INSTANT = {
    ClockEvent.CREATED: 0,
    ClockEvent.CUSTOMER_WROTE: 2,
    ClockEvent.FIRST_REPLIED: 3,
    ClockEvent.REPLIED: 3,
}
"""Of events at one instant, changes of status having 1: a message that came with our reply counts as answered by it."""


class MetricProgress(msgspec.Struct):
    """The progress of one metric while events are applied to it in order."""

    started_at: datetime | None = None
    """None where nothing has started it."""
    met_at: datetime | None = None
    ended_at: datetime | None = None
    """Since when it is closed unanswered; known once it is finished."""
    pauses: list[StatusPause] = msgspec.field(default_factory=list)
    """In order, not overlapping, none empty."""
    _hold: tuple[datetime, ClockAction, str] | None = None
    """Since when the present status keeps it still, whether or not it has started, and that status's title."""
    _met_as: str = ""
    """The title of the status that met it."""

    @property
    def is_running(self) -> bool:
        """Whether it has started and is not met."""
        return self.started_at is not None and self.met_at is None

    def take(self, happening: TimedEvent, effect: ClockAction) -> None:
        """Apply the next event."""
        at, _, title = happening
        match effect:
            case ClockAction.START if not self.is_running:
                self.started_at, self.met_at, self.pauses = at, None, []
            case ClockAction.MEET if self.is_running:
                self._settle(at)
                self.met_at, self._met_as = at, title
            case ClockAction.END | ClockAction.PAUSE:
                self._settle(at)
                self._hold = (at, effect, title)
            case ClockAction.RESUME:
                self._settle(at)
                self._hold = None
            case ClockAction.RESTART if self.met_at is not None:
                self.pauses.append(StatusPause(self.met_at, at, self._met_as))
                self.met_at = self._hold = None

    def finish(self) -> None:
        """End the input; a pause that is still on has no end."""
        if self._hold is not None and self.started_at is not None and self.met_at is None:
            since, effect, title = self._hold
            since = max(since, self.started_at)
            if effect is ClockAction.END:
                self.ended_at = since
            else:
                self.pauses.append(StatusPause(since, None, title))

    def _settle(self, at: datetime) -> None:
        """Record the pause by the present status up to this instant."""
        if self._hold is not None and self.started_at is not None and self.met_at is None:
            since = max(self._hold[0], self.started_at)
            if since < at:
                self.pauses.append(StatusPause(since, at, self._hold[2]))


def metric_progress(ticket: Ticket, policy: ServicePolicy, metric: Metric) -> MetricProgress:
    """Apply a ticket's events to a metric by its row of the table."""
    course, rules = MetricProgress(), CLOCK_RULES[metric]
    pausing = policy.pause_on.get(metric, frozenset())
    events = [*_status_events(ticket, policy, pausing), *_message_events(ticket, policy)]
    events.sort(key=_event_order)
    for happening in events:
        effect = rules.get(happening[1])
        if effect is not None:
            course.take(happening, effect)
    course.finish()
    return course


def _event_order(happening: TimedEvent) -> tuple[datetime, int]:
    return happening[0], _ORDER_AT_ONE_INSTANT.get(happening[1], 1)


def clocks_start_at(ticket: Ticket, policy: ServicePolicy) -> datetime | None:
    """When the customer first wrote, as far as known: at creation, unless an agent logged it; None if never."""
    if not ticket.is_logged_by_agent or policy.starts_at_creation:
        return ticket.created_at
    said = [ticket.customer_wrote_at, *(turn.at for turn in ticket.turns if not turn.is_ours)]
    return min((at for at in said if at is not None and at >= ticket.created_at), default=None)


def _message_events(ticket: Ticket, policy: ServicePolicy) -> Iterator[TimedEvent]:
    """The events of creation and of messages, as far as they are known."""
    start = clocks_start_at(ticket, policy)
    if start is None:
        return
    yield start, ClockEvent.CREATED, ""
    ours = [ticket.first_reply_at, ticket.replied_at, *(turn.at for turn in ticket.turns if turn.is_ours)]
    if ticket.is_logged_by_agent:  # what we wrote before the customer's first word answers nothing
        first_at = min((at for at in ours if at is not None and at >= start), default=None)
    else:
        first_at = ticket.first_reply_at
    if first_at is None:
        return
    first_at = max(first_at, start)
    yield first_at, ClockEvent.FIRST_REPLIED, ""
    wrote = [ticket.customer_wrote_at, *(turn.at for turn in ticket.turns if not turn.is_ours)]
    yield from ((at, ClockEvent.CUSTOMER_WROTE, "") for at in wrote if at is not None and at > first_at)
    replied = (first_at, *ours)
    yield from ((at, ClockEvent.REPLIED, "") for at in replied if at is not None and at >= first_at)


def _status_events(ticket: Ticket, policy: ServicePolicy, pausing: frozenset[Status]) -> Iterator[TimedEvent]:
    """The statuses from creation on."""
    before: Status | None = None
    for change in status_changes(ticket):
        title = policy.statuses[change.status].title
        if change.status is Status.CLOSED:
            yield change.at, ClockEvent.CLOSED, title
        else:
            if before is Status.CLOSED:
                yield change.at, ClockEvent.REOPENED, title
            yield change.at, ClockEvent.PAUSED if change.status in pausing else ClockEvent.RESUMED, title
        before = change.status


def status_changes(ticket: Ticket) -> list[StatusChange]:
    """The statuses from creation on, in order, the present one last whatever the history says."""
    known = sorted(ticket.status_history, key=lambda change: change.at)
    changes = [StatusChange(max(change.at, ticket.created_at), change.status) for change in known]
    if not changes or changes[-1].status is not ticket.status:
        since = _present_since(ticket)
        changes = [change for change in changes if change.at <= since]
        changes.append(StatusChange(since, ticket.status))
    return [change for i, change in enumerate(changes) if i == 0 or change.status is not changes[i - 1].status]


def _present_since(ticket: Ticket) -> datetime:
    """Since when it has its present status, as well as that is known."""
    if ticket.status is Status.CLOSED and ticket.closed_at is not None:
        return max(ticket.closed_at, ticket.created_at)
    if ticket.status_changed_at is not None:
        return max(ticket.status_changed_at, ticket.created_at)
    return ticket.created_at if ticket.status is Status.NEW else max(ticket.updated_at, ticket.created_at)


__all__ = [
    "DUE_AT_CLOSE",
    "Clock",
    "ClockReading",
    "ClockState",
    "ClockTerms",
    "RecordedVerdict",
    "StatusPause",
    "Urgency",
    "first_response_clock",
    "ticket_clocks",
    "worst_clock",
]

GONE: Final = "deleted on the help desk, or hidden from this account"
"""What is known of a ticket that the desk does not have for us: nothing tells which of the two."""

NO_CLOCK_REASONS: Final = {Lifecycle.MERGED: "merged into another ticket", Lifecycle.DELETED: GONE}
NO_WORD_YET: Final = "the customer has not written yet"
DESK_TARGET_SOURCE: Final = "the help desk's SLA policy"


class SlaRules(NamedTuple):
    """The policy and calendars by which clocks are made."""

    policy: ServicePolicy
    calendars: Calendars


def first_response_clock(ticket: Ticket, policy: ServicePolicy, calendar: SupportCalendar) -> Clock:
    """The clock from creation to an agent's first public reply, by one calendar whatever the policy names.

    Closing an unanswered ticket ends it, and reopening resumes it with the used time kept: closed stretches count as
    pauses. They are known from the status history; without one only the present status is.
    """
    metric = Metric.FIRST_RESPONSE
    target = policy.counted_severity(ticket.severity).target(metric)
    course = metric_progress(ticket, policy, metric)
    assert target is not None  # every severity has one for the first response
    return Clock(_terms(ticket, metric, target, course), calendar)


def ticket_clocks(
    ticket: Ticket,
    policy: ServicePolicy,
    calendars: Calendars,
    records: Sequence[SlaRecord] = (),
) -> tuple[Clock, ...]:
    """All clocks of a ticket, the first response's first; a metric without a target or a start has none.

    `records` are those of the ticket's finished clocks: the first that holds for a clock wins over the policy.
    """
    clocks = (_metric_clock(ticket, policy, calendars, metric, records) for metric in Metric)
    return tuple(clock for clock in clocks if clock is not None)


def worst_clock(clocks: Sequence[Clock], now: datetime) -> Clock:
    """The clock shown for the ticket: the open one with the least left, else the one finished last."""
    is_open, key, index = min((*clock.sort_key(now), -index) for index, clock in enumerate(clocks))
    del is_open, key
    return clocks[-index]


def _metric_clock(
    ticket: Ticket, policy: ServicePolicy, calendars: Calendars, metric: Metric, records: Sequence[SlaRecord]
) -> Clock | None:
    """The clock of one metric; None where the policy has no target for it, or nothing has started it."""
    target = policy.counted_severity(ticket.severity).target(metric)
    desk = _desk_clock(ticket.desk_clocks, metric) if ticket.desk_clocks else None
    by_night = False
    if desk is not None and desk.target is not None:
        by_night = not desk.in_support_hours
        target = Target(desk.target, hours_text(desk.target), DESK_TARGET_SOURCE)
    if target is None:
        return None
    course = metric_progress(ticket, policy, metric)
    if course.started_at is None and metric is not Metric.FIRST_RESPONSE:
        return None
    calendar = calendars.always if by_night else calendars[policy.calendar_name(ticket.severity, metric)]
    terms = _terms(ticket, metric, target, course, desk)
    for record in records:
        if record.holds_for(terms):
            return Clock(record.applied_to(terms), calendar)
    return _with_breach_cause(Clock(terms, calendar), ticket, policy, calendars)


def _terms(
    ticket: Ticket, metric: Metric, target: Target, course: MetricProgress, desk: DeskClock | None = None
) -> ClockTerms:
    return ClockTerms(
        metric=metric,
        started_at=course.started_at or ticket.created_at,
        target=target.amount,
        target_text=target.text,
        source=target.source,
        pauses=tuple(course.pauses),
        met_at=course.met_at,
        ended_at=course.ended_at,
        no_clock=NO_CLOCK_REASONS.get(ticket.lifecycle, "" if course.started_at else NO_WORD_YET),
        severity=ticket.severity,
        is_desk_target=target.source == DESK_TARGET_SOURCE,
        desk=desk,
    )


def _desk_clock(clocks: Iterable[DeskClock], metric: Metric) -> DeskClock | None:
    return next((clock for clock in clocks if clock.metric is metric), None)


def _with_breach_cause(clock: Clock, ticket: Ticket, policy: ServicePolicy, calendars: Calendars) -> Clock:
    """The clock, marked if a change of severity breached it at once."""
    changes = ticket.severity_history
    if len(changes) < 2 or changes[-1].severity != ticket.severity or clock.terms.is_desk_target:
        return clock
    before, change = changes[-2:]
    if not _was_breached_at(clock, change):
        return clock
    metric = clock.terms.metric
    target = policy.counted_severity(before.severity).target(metric)
    if target is not None:
        terms = replace(clock.terms, target=target.amount)
        if _was_breached_at(Clock(terms, calendars[policy.calendar_name(before.severity, metric)]), change):
            return clock
    return Clock(replace(clock.terms, breached_by=change), clock.calendar)


def _was_breached_at(clock: Clock, change: SeverityChange) -> bool:
    """Whether more than the target was used when the severity changed, and the clock was not finished before."""
    terms = clock.terms
    end = terms.met_at or terms.ended_at
    if change.at < terms.started_at or (end is not None and end <= change.at):
        return False
    try:
        return clock.used_until(change.at) > span_us(terms.target)
    except BeyondHorizon:
        return False
