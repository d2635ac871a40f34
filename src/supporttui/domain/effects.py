"""Predicts what a change or a reply will do to every clock of a ticket, before it is made."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from supporttui.domain.clock import Clock, ClockReading, ClockState
from supporttui.domain.clock_text import clock_phrase, hours_text
from supporttui.domain.metrics import METRIC_TITLES, Metric
from supporttui.domain.patch import TicketPatch, apply_patch, with_policy_status
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.sla import ticket_clocks
from supporttui.domain.support_calendar import Calendars
from supporttui.domain.ticket import Status, Ticket

OPEN_STATES: Final = frozenset({ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED})
FINISHED_STATES: Final = frozenset({ClockState.MET, ClockState.MET_LATE, ClockState.ENDED_UNANSWERED})


@dataclass(frozen=True, slots=True)
class ClockEffect:
    """The effect of a change on one clock."""

    metric: Metric
    sentence: str
    """`first response met, 12m to spare`."""
    before: ClockReading | None
    """None where the change starts the clock."""
    after: ClockReading


def effect_of(
    ticket: Ticket, policy: ServicePolicy, calendars: Calendars, patch: TicketPatch, now: datetime
) -> list[ClockEffect]:
    """The effects of a patch on each clock that is open before or after it; empty if there is none."""
    before, after = _clocks_around(ticket, policy, calendars, patch, now)
    effects = []
    for metric, clock in after.items():
        old = before[metric].read(now) if metric in before else None
        new = clock.read(now)
        if new.state in OPEN_STATES or (old is not None and old.state in OPEN_STATES):
            name = METRIC_TITLES[metric].lower()
            effects.append(
                ClockEffect(metric, f"{name} {_effect_words(before.get(metric), clock, old, new, policy)}", old, new)
            )
    return effects


class SendingEffect(NamedTuple):
    """The effects of sending a message on the clocks of its ticket."""

    sentence: str
    first_response: ClockReading
    """What the first response's clock reads afterwards."""


def effect_of_sending(
    ticket: Ticket, policy: ServicePolicy, calendars: Calendars, patch: TicketPatch, now: datetime
) -> SendingEffect:
    """Predict the effects of sending a reply or a note now on every clock, the first response's first."""
    before, after = _clocks_around(ticket, policy, calendars, patch, now)
    metric = Metric.FIRST_RESPONSE
    reading, reading_after = before[metric].read(now), after[metric].read(now)
    effects = effect_of(ticket, policy, calendars, patch, now)
    others = [each.sentence for each in effects if each.metric is not metric]
    if reading.state in (ClockState.MET, ClockState.MET_LATE):
        first = [] if others else ["the first response was given before"]
    elif reading.state is ClockState.NONE:
        first = [f"no clock: {reading.reason}"]
    elif not patch.is_reply and reading_after.state in OPEN_STATES:
        first = [f"a note does not stop the clock: {clock_phrase(reading_after)}"]
    elif reading_after.state is ClockState.MET_LATE:
        first = [f"first response {hours_text(abs(reading_after.remaining))} late; the clock stops"]
    else:
        first = [each.sentence for each in effects if each.metric is metric]
    return SendingEffect("; ".join([*first, *others]), reading_after)


def _clocks_around(
    ticket: Ticket, policy: ServicePolicy, calendars: Calendars, patch: TicketPatch, now: datetime
) -> tuple[dict[Metric, Clock], dict[Metric, Clock]]:
    """The clocks before and after a patch, by metric."""
    patched = apply_patch(ticket, with_policy_status(policy, ticket, patch), now)
    before, after = ticket_clocks(ticket, policy, calendars), ticket_clocks(patched, policy, calendars)
    return {each.terms.metric: each for each in before}, {each.terms.metric: each for each in after}


def spare_text(span: timedelta) -> str:
    """A span to spare, with its units: `42m`, `3h 12m`. Digits and colons are for what counts seconds."""
    return hours_text(span)


def _effect_words(
    before: Clock | None, after: Clock, old: ClockReading | None, new: ClockReading, policy: ServicePolicy
) -> str:
    """The words after the metric's name."""
    if new.state in FINISHED_STATES:
        return _finished_words(new)
    if before is None or old is None:
        return f"starts, {_remaining_words(new)}"
    if old.state in FINISHED_STATES:
        return f"goes on with {hours_text(new.used)} used, {_remaining_words(new)}"
    if old.target != new.target or before.calendar is not after.calendar:
        return _changed_terms_words(old, new)
    was_held, is_held = _open_pause_title(before), _open_pause_title(after)
    if is_held and is_held != was_held:
        return f"pauses {_pause_end_words(is_held, policy)}, {_remaining_words(new)}"
    if was_held and not is_held:
        return f"goes on, {_remaining_words(new)}"
    return f"stays paused, {_remaining_words(new)}" if is_held else f"goes on counting, {_remaining_words(new)}"


def _finished_words(new: ClockReading) -> str:
    if new.state is ClockState.ENDED_UNANSWERED:
        return "ends as closed unanswered"
    if new.state is ClockState.MET_LATE:
        return f"met {hours_text(-new.remaining)} late"
    return f"met, {spare_text(new.remaining)} to spare"


def _changed_terms_words(old: ClockReading, new: ClockReading) -> str:
    """Another target, or another calendar."""
    if new.state is ClockState.BREACHED and old.state is not ClockState.BREACHED:
        return f"breaches at once, {hours_text(-new.remaining)} over"
    if old.state is ClockState.BREACHED and new.state is not ClockState.BREACHED:
        return f"is no longer breached, {_remaining_words(new)}"
    return f"{_remaining_words(new)} instead of {_remaining_words(old)}"


def _remaining_words(reading: ClockReading) -> str:
    left = reading.remaining
    return f"{hours_text(-left)} over" if left < timedelta() else f"{spare_text(left)} left"


def _open_pause_title(clock: Clock) -> str:
    """The title of the status that pauses it without an end, or empty."""
    pauses = clock.terms.pauses
    return pauses[-1].reason if pauses and pauses[-1].end is None else ""


def _pause_end_words(title: str, policy: ServicePolicy) -> str:
    if title == policy.statuses[Status.AWAITING_REPLY].title:
        return "until the customer answers"
    return f"while it is {title}"
