"""`next_change` is exact: nothing changes strictly before it, and something does there."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from support.clock.generated_hours import (
    FIRST_YEAR,
    LAST_YEAR,
    dates,
    durations,
    example_settings,
    instants,
    support_hours,
)
from support.policy_samples import ONE_MICROSECOND, packaged_policy, ticket_at
from supporttui.domain.clock import Clock, ClockReading, ClockState, Urgency
from supporttui.domain.policy import Metric, SupportHours
from supporttui.domain.sla import first_response_clock
from supporttui.domain.support_calendar import compile_calendar
from supporttui.domain.ticket import Status, StatusChange

SEASON = timedelta(days=90)
NOTHING = timedelta()


def laters() -> st.SearchStrategy[timedelta]:
    """How long after its start a clock is read."""
    return st.one_of(st.just(NOTHING), durations(timedelta(days=12)))


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    """Clocks of any hours, target, history of statuses, and pausing status."""
    hours: SupportHours = draw(support_hours())
    holidays: set[date] = draw(st.sets(dates(), max_size=3))
    calendar = compile_calendar(hours, {day: f"Holiday {day.day}" for day in holidays}, FIRST_YEAR, LAST_YEAR)
    start = draw(instants())
    until = calendar.opening(start + draw(durations(timedelta(days=4)))).until
    up_to_an_edge = st.just(timedelta() if until is None else calendar.between(start, until))
    target = (
        draw(st.one_of(durations(timedelta(hours=50)), st.just(ONE_MICROSECOND), up_to_an_edge, up_to_an_edge))
        or ONE_MICROSECOND
    )
    policy = packaged_policy()
    severities = {1: replace(policy.severities[1], first_response=target)}
    pausing = {Metric.FIRST_RESPONSE: frozenset(draw(st.sets(st.sampled_from(list(Status)), max_size=2)))}
    policy = replace(policy, hours=hours, severities=severities, default_severity=1, pause_on=pausing)
    steps = draw(st.lists(st.tuples(durations(timedelta(days=4)), st.sampled_from(list(Status))), max_size=4))
    changes, at = [StatusChange(start, Status.NEW)], start
    for span, status in steps:
        at += span
        changes.append(StatusChange(at, status))
    reply = draw(st.one_of(st.none(), st.none(), st.none(), durations(timedelta(days=5))))
    ticket = ticket_at(
        start,
        status=changes[-1].status,
        status_changed_at=at,
        status_history=tuple(changes),
        first_reply_at=None if reply is None else start + reply,
    )
    return first_response_clock(ticket, policy, calendar)


def told(reading: ClockReading) -> tuple[ClockState, Urgency, bool, str]:
    return reading.state, reading.urgency, reading.is_counting, reading.reason


@example_settings(80)
@given(clocks(), laters(), st.lists(st.floats(0, 1), min_size=12, max_size=12))
def test_nothing_changes_strictly_before_the_next_change(clock: Clock, later: timedelta, shares: list[float]) -> None:
    now = clock.terms.started_at + later
    reading = clock.read(now)
    until = now + SEASON if reading.next_change is None else reading.next_change - ONE_MICROSECOND

    samples = [now, until, *(now + (until - now) * share for share in shares)]

    assert {told(clock.read(sample)) for sample in samples} == {told(reading)}


@example_settings(80)
@given(clocks(), laters())
def test_something_changes_at_every_next_change(clock: Clock, later: timedelta) -> None:
    now = clock.terms.started_at + later
    for _ in range(12):
        before = clock.read(now)
        if before.next_change is None:
            return
        assert before.next_change > now
        now = before.next_change
        assert told(clock.read(now)) != told(before)


@example_settings(50)
@given(clocks(), laters())
def test_breach_is_the_first_microsecond_with_more_used_than_the_target(clock: Clock, later: timedelta) -> None:
    now = clock.terms.started_at + later
    reading = clock.read(now)

    assert (reading.urgency is Urgency.BREACHED) is (reading.state is ClockState.BREACHED)
    if reading.state in (ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED):
        assert (reading.state is ClockState.BREACHED) is (reading.used > reading.target)
    assert reading.used + reading.remaining == reading.target


@example_settings(50)
@given(clocks(), laters(), durations(timedelta(days=2)))
def test_used_time_never_shrinks_nor_outruns_the_wall(clock: Clock, later: timedelta, span: timedelta) -> None:
    now: datetime = clock.terms.started_at + later

    grown = clock.read(now + span).used - clock.read(now).used

    assert timedelta() <= grown <= span


@example_settings(50)
@given(clocks())
def test_due_time_is_where_the_target_is_used_up_and_not_before(clock: Clock) -> None:
    reading = clock.read(clock.terms.started_at)
    if reading.due_at is None or reading.state is ClockState.NONE:
        return
    pauses = [(pause.start, pause.end) for pause in clock.terms.pauses]
    used = [
        clock.calendar.between_with_pauses(clock.terms.started_at, at, pauses)
        for at in (reading.due_at - ONE_MICROSECOND, reading.due_at)
    ]

    assert used == [reading.target - ONE_MICROSECOND, reading.target]
