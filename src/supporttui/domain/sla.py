"""The clocks that a ticket's policy starts."""

from datetime import datetime
from typing import Final

from supporttui.domain.clock import DUE_AT_CLOSE, Clock, ClockState, Reading, StatusPause, Terms, Urgency
from supporttui.domain.hours import SupportCalendar
from supporttui.domain.policy import Metric, ServicePolicy
from supporttui.domain.ticket import Fate, Status, StatusChange, Ticket
from supporttui.domain.why import Explanation, WhySegment, explain

__all__ = [
    "DUE_AT_CLOSE",
    "Clock",
    "ClockState",
    "Explanation",
    "Reading",
    "StatusPause",
    "Terms",
    "Urgency",
    "WhySegment",
    "explain",
    "first_response_clock",
]

NO_CLOCK: Final = {Fate.MERGED: "merged into another ticket", Fate.DELETED: "deleted"}


def first_response_clock(ticket: Ticket, policy: ServicePolicy, calendar: SupportCalendar) -> Clock:
    """The clock from creation to an agent's first public reply.

    Closing an unanswered ticket ends it, and reopening resumes it with the used time kept: closed stretches count as
    pauses. They are known from the status history; without one only the present status is.
    """
    severity = policy.counted_severity(ticket.severity)
    met_at = None if ticket.first_reply_at is None else max(ticket.first_reply_at, ticket.created_at)
    pauses = _pauses(ticket, policy, Metric.FIRST_RESPONSE, until=met_at)
    ended_at = pauses[-1].start if met_at is None and ticket.status is Status.CLOSED else None
    terms = Terms(
        metric=Metric.FIRST_RESPONSE,
        started_at=ticket.created_at,
        target=severity.first_response,
        target_text=severity.target_text,
        pauses=pauses if ended_at is None else pauses[:-1],
        met_at=met_at,
        ended_at=ended_at,
        no_clock=NO_CLOCK.get(ticket.fate, ""),
    )
    return Clock(terms, calendar)


def _pauses(
    ticket: Ticket, policy: ServicePolicy, metric: Metric, *, until: datetime | None
) -> tuple[StatusPause, ...]:
    """The stretches from creation on, at most until an instant, in which a status kept the clock still."""
    pausing = policy.pause_on.get(metric, frozenset()) | {Status.CLOSED}
    changes = _status_changes(ticket)
    ends: list[datetime | None] = [change.at for change in changes[1:]]
    pauses = []
    for change, end in zip(changes, [*ends, None], strict=True):
        if change.status not in pausing or (until is not None and change.at >= until):
            continue
        stop = end if until is None or (end is not None and end <= until) else until
        if stop is None or change.at < stop:
            pauses.append(StatusPause(change.at, stop, policy.statuses[change.status].title))
    return tuple(pauses)


def _status_changes(ticket: Ticket) -> list[StatusChange]:
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
