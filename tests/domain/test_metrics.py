"""What starts, meets, ends, pauses and restarts each metric, row by row of the table."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from support.policy_samples import (
    full_policy,
    new_york,
    packaged_calendars,
    packaged_policy,
    status_history_fields,
    ticket_at,
    turns,
)
from supporttui.domain.metrics import CLOCK_RULES, ClockAction, ClockEvent, Metric
from supporttui.domain.sla import Clock, ClockState, ticket_clocks, worst_clock
from supporttui.domain.support_calendar import ALWAYS_OPEN_HOURS, Calendars, policy_calendar
from supporttui.domain.ticket import Lifecycle, SeverityChange, Status, Ticket

HOUR = timedelta(hours=1)
CREATED = "2026-06-08 10:00"

FIRST, NEXT, RESOLUTION = Metric


def at(clock: str) -> Any:
    return new_york(f"2026-06-08 {clock}")


def ticket(*statuses: tuple[str, Status], wrote: str = "", **changes: Any) -> Ticket:
    """Created at 10:00; statuses by the time of that Monday."""
    steps = status_history_fields((at("10:00"), Status.NEW), *((at(clock), status) for clock, status in statuses))
    if wrote:
        changes["customer_wrote_at"] = at(wrote)
    return ticket_at(at("10:00"), **(steps | changes))


def clock_of(ticket: Ticket, metric: Metric, *pausing: Status) -> Clock | None:
    policy = replace(full_policy(), pause_on={metric: frozenset(pausing)})
    clocks = {clock.terms.metric: clock for clock in ticket_clocks(ticket, policy, packaged_calendars())}
    return clocks.get(metric)


def told(ticket: Ticket, metric: Metric, *pausing: Status, now: str = "16:00") -> tuple[ClockState, float] | None:
    """What a clock is doing and the hours that it has used."""
    clock = clock_of(ticket, metric, *pausing)
    if clock is None:
        return None
    reading = clock.read(at(now))
    return reading.state, reading.used / HOUR


OPEN, WAITS, HOLD, CLOSED = Status.OPEN, Status.AWAITING_REPLY, Status.ON_HOLD, Status.CLOSED
ANSWERED = {"first_reply_at": at("11:00"), "replied_at": at("11:00")}
ASKED = ANSWERED | {"turns": turns(("2026-06-08 11:00", "us"), ("2026-06-08 12:00", "them"))}
DONE = ANSWERED | {"replied_at": at("13:00")}
DONE["turns"] = turns(("2026-06-08 11:00", "us"), ("2026-06-08 12:00", "them"), ("2026-06-08 13:00", "us"))

RUNNING, PAUSED, MET, BREACHED = ClockState.RUNNING, ClockState.PAUSED, ClockState.MET, ClockState.BREACHED
ENDED = ClockState.ENDED_UNANSWERED

ROWS = [
    (FIRST, ClockEvent.CREATED, ticket(), (), (BREACHED, 6.0)),
    (FIRST, ClockEvent.FIRST_REPLIED, ticket(**ANSWERED), (), (MET, 1.0)),
    (FIRST, ClockEvent.CLOSED, ticket(("11:00", CLOSED)), (), (ENDED, 1.0)),
    (FIRST, ClockEvent.REOPENED, ticket(("11:00", CLOSED), ("15:00", OPEN)), (), (RUNNING, 2.0)),
    (FIRST, ClockEvent.PAUSED, ticket(("11:00", WAITS)), (WAITS,), (PAUSED, 1.0)),
    (FIRST, ClockEvent.RESUMED, ticket(("11:00", WAITS), ("15:00", OPEN)), (WAITS,), (RUNNING, 2.0)),
    (NEXT, ClockEvent.CUSTOMER_WROTE, ticket(("11:00", OPEN), **ASKED), (), (BREACHED, 4.0)),
    (NEXT, ClockEvent.REPLIED, ticket(("11:00", OPEN), **DONE), (), (MET, 1.0)),
    (NEXT, ClockEvent.CLOSED, ticket(("13:00", CLOSED), **ASKED), (), (ENDED, 1.0)),
    (NEXT, ClockEvent.REOPENED, ticket(("13:00", CLOSED), ("15:30", OPEN), **ASKED), (), (RUNNING, 1.5)),
    (NEXT, ClockEvent.PAUSED, ticket(("13:00", HOLD), **ASKED), (HOLD,), (PAUSED, 1.0)),
    (NEXT, ClockEvent.RESUMED, ticket(("13:00", HOLD), ("15:30", OPEN), **ASKED), (HOLD,), (RUNNING, 1.5)),
    (RESOLUTION, ClockEvent.CREATED, ticket(), (), (RUNNING, 6.0)),
    (RESOLUTION, ClockEvent.CLOSED, ticket(("11:00", CLOSED)), (), (MET, 1.0)),
    (RESOLUTION, ClockEvent.REOPENED, ticket(("11:00", CLOSED), ("15:00", OPEN)), (), (RUNNING, 2.0)),
    (RESOLUTION, ClockEvent.PAUSED, ticket(("11:00", WAITS), **ANSWERED), (WAITS, HOLD), (PAUSED, 1.0)),
    (RESOLUTION, ClockEvent.RESUMED, ticket(("11:00", WAITS), ("15:00", OPEN)), (WAITS, HOLD), (RUNNING, 2.0)),
]


@pytest.mark.parametrize(("metric", "event", "case", "pausing", "expected"), ROWS)
def test_each_row_of_the_table_does_what_it_says(
    metric: Metric, event: ClockEvent, case: Ticket, pausing: tuple[Status, ...], expected: tuple[ClockState, float]
) -> None:
    assert told(case, metric, *pausing) == expected


def test_every_row_of_the_table_has_its_case() -> None:
    assert [(metric, event) for metric, rules in CLOCK_RULES.items() for event in rules] == [row[:2] for row in ROWS]


LEFT_ALONE = [
    (FIRST, ClockEvent.CUSTOMER_WROTE, ticket(wrote="12:00"), (BREACHED, 6.0)),
    (FIRST, ClockEvent.REPLIED, ticket(**DONE), (MET, 1.0)),
    (NEXT, ClockEvent.CREATED, ticket(), None),
    (NEXT, ClockEvent.FIRST_REPLIED, ticket(**ANSWERED), None),
    (RESOLUTION, ClockEvent.FIRST_REPLIED, ticket(**ANSWERED), (RUNNING, 6.0)),
    (RESOLUTION, ClockEvent.CUSTOMER_WROTE, ticket(**ASKED), (RUNNING, 6.0)),
    (RESOLUTION, ClockEvent.REPLIED, ticket(**DONE), (RUNNING, 6.0)),
]


@pytest.mark.parametrize(("metric", "event", "case", "expected"), LEFT_ALONE)
def test_event_that_a_row_does_not_name_leaves_the_clock_alone(
    metric: Metric, event: ClockEvent, case: Ticket, expected: tuple[ClockState, float] | None
) -> None:
    assert event not in CLOCK_RULES[metric]
    assert told(case, metric) == expected


def test_rows_left_alone_and_rows_of_the_table_are_all_there_are() -> None:
    named = {(metric, event) for metric, event, *_ in [*ROWS, *LEFT_ALONE]}

    assert named == {(metric, event) for metric in Metric for event in ClockEvent}
    assert {effect for rules in CLOCK_RULES.values() for effect in rules.values()} == set(ClockAction)


def test_next_response_counts_from_the_oldest_unanswered_message() -> None:
    written = turns(("2026-06-08 11:00", "us"), ("2026-06-08 12:00", "them"))
    case = ticket(("11:00", OPEN), **(ANSWERED | {"turns": written}), wrote="15:00")

    clock = clock_of(case, NEXT)

    assert clock is not None
    assert clock.terms.started_at == at("12:00")


def test_next_response_begins_anew_with_the_message_after_our_reply() -> None:
    case = ticket(("11:00", OPEN), **DONE, wrote="15:00")

    assert told(case, NEXT) == (RUNNING, 1.0)


def test_without_a_conversation_the_latest_messages_start_and_meet_it() -> None:
    assert told(ticket(("11:00", OPEN), **ANSWERED, wrote="15:00"), NEXT) == (RUNNING, 1.0)


def test_message_on_a_closed_ticket_waits_for_the_reopening() -> None:
    case = ticket(("12:00", CLOSED), ("15:00", OPEN), **ANSWERED, wrote="14:00")

    assert told(case, NEXT) == (RUNNING, 1.0)


def test_message_while_a_pausing_status_holds_starts_paused() -> None:
    case = ticket(("11:30", HOLD), **ANSWERED, wrote="12:00")

    assert told(case, NEXT, HOLD) == (PAUSED, 0.0)


def test_resolution_is_met_by_the_last_closing_without_the_time_it_was_closed() -> None:
    case = ticket(("11:00", CLOSED), ("14:00", OPEN), ("15:00", CLOSED))

    assert told(case, RESOLUTION) == (MET, 2.0)


@pytest.mark.parametrize("lifecycle", [Lifecycle.MERGED, Lifecycle.DELETED])
def test_no_metric_runs_on_a_merged_or_deleted_ticket(lifecycle: Lifecycle) -> None:
    found = ticket_clocks(ticket(lifecycle=lifecycle), full_policy(), packaged_calendars())

    assert {clock.read(at("12:00")).state for clock in found} == {ClockState.NONE}


def test_metric_without_a_target_has_no_clock() -> None:
    found = ticket_clocks(ticket(**DONE), packaged_policy(), packaged_calendars())

    assert [clock.terms.metric for clock in found] == [FIRST]


def test_worst_is_the_open_one_with_the_least_left() -> None:
    running = ticket_clocks(ticket(("11:00", OPEN), **ASKED), full_policy(), packaged_calendars())
    settled = ticket_clocks(ticket(("13:00", CLOSED), **DONE), full_policy(), packaged_calendars())

    assert worst_clock(running, at("12:30")).terms.metric is NEXT
    assert worst_clock(settled, at("16:00")).terms.metric is RESOLUTION
    assert worst_clock(ticket_clocks(ticket(), full_policy(), packaged_calendars()), at("11:00")).terms.metric is FIRST


def around_the_clock() -> tuple[Any, Calendars]:
    rows = dict(full_policy().severities)
    rows[1] = replace(rows[1], calendar="always")
    policy = replace(full_policy(), severities=rows, calendars={"always": ALWAYS_OPEN_HOURS})
    return policy, Calendars(packaged_calendars().desk, {"always": policy_calendar(ALWAYS_OPEN_HOURS, 2026, 2026)})


def test_severity_runs_by_its_own_calendar() -> None:
    policy, calendars = around_the_clock()
    evening = new_york("2026-06-06 20:00")

    urgent, normal = (
        ticket_clocks(ticket_at(evening, severity=severity), policy, calendars)[0].read(evening + 3 * HOUR)
        for severity in (1, 3)
    )

    assert (urgent.state, urgent.used) == (RUNNING, 3 * HOUR)
    assert (normal.state, normal.used) == (PAUSED, 0 * HOUR)


RAISED = (SeverityChange(at("10:00"), 2), SeverityChange(at("15:02"), 1))


def test_change_of_severity_that_breaches_at_once_is_blamed() -> None:
    clock = clock_of(ticket(severity=1, severity_history=RAISED), FIRST)

    assert clock is not None
    reading = clock.read(at("16:00"))
    assert (reading.state, reading.breached_by) == (BREACHED, RAISED[1])
    assert reading.used == 6 * HOUR


@pytest.mark.parametrize(
    "case",
    [
        ticket(severity=1, severity_history=(SeverityChange(at("10:00"), 2), SeverityChange(at("13:00"), 1))),
        ticket(severity=1, severity_history=(SeverityChange(at("10:00"), 1),)),
        ticket(severity=1, severity_history=(SeverityChange(at("10:00"), 1), SeverityChange(at("15:00"), 1))),
        ticket(severity=1),
    ],
)
def test_breach_that_came_by_itself_blames_nothing(case: Ticket) -> None:
    clock = clock_of(case, FIRST)

    assert clock is not None
    assert (clock.read(at("16:00")).state, clock.read(at("16:00")).breached_by) == (BREACHED, None)


def test_change_of_severity_keeps_the_pauses() -> None:
    case = ticket(("11:00", WAITS), ("14:00", OPEN), severity=1, severity_history=RAISED)

    assert told(case, FIRST, WAITS) == (RUNNING, 3.0)
