"""What a move, a change of severity or a reply will do to every clock of a ticket, before it is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from supporttui.domain.calendars import Calendars
from supporttui.domain.clock import Clock, ClockState, Reading
from supporttui.domain.clocktext import HOUR, hours_text
from supporttui.domain.metrics import TITLES, Metric
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.sla import ticket_clocks
from supporttui.domain.ticket import SeverityChange, Status, StatusChange, Ticket, Turn
from supporttui.domain.workflow import status_after_reply

OPEN: Final = frozenset({ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED})
FINISHED: Final = frozenset({ClockState.MET, ClockState.MET_LATE, ClockState.ENDED_UNANSWERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is about to be done; None leaves that property alone."""

    status: Status | None = None
    severity: int | None = None
    is_reply: bool = False
    """Whether a public reply goes out with it."""


@dataclass(frozen=True, slots=True)
class ClockEffect:
    """What a change does to one clock."""

    metric: Metric
    sentence: str
    """`first response met, 0:12 to spare`."""
    before: Reading | None
    """None where the change starts the clock."""
    after: Reading


def effect_of(
    ticket: Ticket, policy: ServicePolicy, calendars: Calendars, change: Change, now: datetime
) -> list[ClockEffect]:
    """What a change does to each clock that is open before or after it; none for a ticket without such a clock."""
    before = {clock.terms.metric: clock for clock in ticket_clocks(ticket, policy, calendars)}
    after = {
        clock.terms.metric: clock for clock in ticket_clocks(changed(ticket, policy, change, now), policy, calendars)
    }
    effects = []
    for metric, clock in after.items():
        old = before[metric].read(now) if metric in before else None
        new = clock.read(now)
        if new.state in OPEN or (old is not None and old.state in OPEN):
            name = TITLES[metric].lower()
            effects.append(
                ClockEffect(metric, f"{name} {_effect(before.get(metric), clock, old, new, policy)}", old, new)
            )
    return effects


def changed(ticket: Ticket, policy: ServicePolicy, change: Change, now: datetime) -> Ticket:
    """The ticket as it will be."""
    now = max(now, ticket.created_at)
    status = change.status
    if change.is_reply:
        status = status_after_reply(policy, ticket.status, status)
        ticket = replace(
            ticket,
            first_reply_at=ticket.first_reply_at or now,
            replied_at=now,
            turns=(*ticket.turns, Turn(now, is_ours=True)),
        )
    if change.severity is not None and change.severity != ticket.severity:
        known = ticket.severity_history or (SeverityChange(ticket.created_at, ticket.severity),)
        history = (*known, SeverityChange(now, change.severity))
        ticket = replace(ticket, severity=change.severity, severity_history=history)
    if status is None or status is ticket.status:
        return ticket
    statuses = ticket.status_history
    return replace(
        ticket,
        status=status,
        status_changed_at=now,
        status_history=(*statuses, StatusChange(now, status)) if statuses else (),
        closed_at=now if status is Status.CLOSED else None,
    )


def spare_text(span: timedelta) -> str:
    """A span to spare: `0:42` within the last hour, `3h 12m` before."""
    return f"0:{span // timedelta(minutes=1):02}" if span < HOUR else hours_text(span)


def _effect(before: Clock | None, after: Clock, old: Reading | None, new: Reading, policy: ServicePolicy) -> str:
    """The words after the metric's name."""
    if new.state in FINISHED:
        return _finished(new)
    if before is None or old is None:
        return f"starts, {_left(new)}"
    if old.state in FINISHED:
        return f"goes on with {hours_text(new.used)} used, {_left(new)}"
    if old.target != new.target or before.calendar is not after.calendar:
        return _judged_anew(old, new)
    was_held, is_held = _hold(before), _hold(after)
    if is_held and is_held != was_held:
        return f"pauses {_until(is_held, policy)}, {_left(new)}"
    if was_held and not is_held:
        return f"goes on, {_left(new)}"
    return f"stays paused, {_left(new)}" if is_held else f"goes on counting, {_left(new)}"


def _finished(new: Reading) -> str:
    if new.state is ClockState.ENDED_UNANSWERED:
        return "ends as closed unanswered"
    if new.state is ClockState.MET_LATE:
        return f"met {hours_text(-new.remaining)} late"
    return f"met, {spare_text(new.remaining)} to spare"


def _judged_anew(old: Reading, new: Reading) -> str:
    """Another target, or another calendar."""
    if new.state is ClockState.BREACHED and old.state is not ClockState.BREACHED:
        return f"breaches at once, {hours_text(-new.remaining)} over"
    if old.state is ClockState.BREACHED and new.state is not ClockState.BREACHED:
        return f"is no longer breached, {_left(new)}"
    return f"{_left(new)} instead of {_left(old)}"


def _left(reading: Reading) -> str:
    left = reading.remaining
    return f"{hours_text(-left)} over" if left < timedelta() else f"{spare_text(left)} left"


def _hold(clock: Clock) -> str:
    """The title of the status that pauses it without an end, or empty."""
    pauses = clock.terms.pauses
    return pauses[-1].reason if pauses and pauses[-1].end is None else ""


def _until(title: str, policy: ServicePolicy) -> str:
    if title == policy.statuses[Status.AWAITING_REPLY].title:
        return "until the customer answers"
    return f"while it is {title}"
