"""The first-response clock: when it runs, stands still, is met, breaches and ends."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from support.policy_samples import (
    ONE_MICROSECOND,
    new_york,
    packaged_calendar,
    packaged_policy,
    status_history_fields,
    ticket_at,
)
from supporttui.domain.policy import Metric, ServicePolicy
from supporttui.domain.sla import Clock, ClockReading, ClockState, Urgency, first_response_clock
from supporttui.domain.ticket import Lifecycle, Status, Ticket

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MONDAY_10 = new_york("2026-06-08 10:00")


def clock_of(ticket: Ticket, policy: ServicePolicy | None = None) -> Clock:
    return first_response_clock(ticket, policy or packaged_policy(), packaged_calendar())


def reading(ticket: Ticket, now: datetime, policy: ServicePolicy | None = None) -> ClockReading:
    return clock_of(ticket, policy).read(now)


def awaiting_pauses() -> ServicePolicy:
    return replace(packaged_policy(), pause_on={Metric.FIRST_RESPONSE: frozenset({Status.AWAITING_REPLY})})


def test_clock_runs_from_creation_while_support_is_open() -> None:
    found = reading(ticket_at(MONDAY_10), new_york("2026-06-08 11:00"))

    assert (found.state, found.urgency, found.is_counting) == (ClockState.RUNNING, Urgency.CALM, True)
    assert (found.used, found.remaining, found.fraction_left) == (HOUR, 3 * HOUR, 0.75)
    assert (found.due_at, found.reason, found.resumes_at) == (new_york("2026-06-08 14:00"), "", None)


@pytest.mark.parametrize(
    ("severity", "target"), [(1, 4 * HOUR), (2, 9 * HOUR), (3, 18 * HOUR), (4, 45 * HOUR), (None, 18 * HOUR)]
)
def test_target_follows_the_severity_and_none_counts_as_the_default(severity: int | None, target: timedelta) -> None:
    assert reading(ticket_at(MONDAY_10, severity=severity), MONDAY_10).target == target


def test_ticket_created_on_saturday_counts_from_monday_opening() -> None:
    ticket = ticket_at(new_york("2026-06-06 12:00"))

    found = reading(ticket, new_york("2026-06-07 12:00"))

    assert (found.state, found.used, found.reason) == (ClockState.PAUSED, timedelta(), "outside support hours")
    assert found.resumes_at == found.next_change == new_york("2026-06-08 08:00")
    assert found.due_at == new_york("2026-06-08 12:00")


def test_severity_2_before_thanksgiving_stands_still_over_both_holidays_and_says_why() -> None:
    clock = clock_of(ticket_at(new_york("2026-11-25 16:00"), severity=2))
    seen = []

    now = new_york("2026-11-25 16:00")
    while now < new_york("2026-11-30 08:00"):
        found = clock.read(now)
        seen.append((found.state, found.remaining, found.reason))
        assert found.next_change is not None
        now = found.next_change

    assert clock.read(now).due_at == new_york("2026-11-30 16:00")
    assert seen == [
        (ClockState.RUNNING, 9 * HOUR, ""),
        (ClockState.PAUSED, 8 * HOUR, "outside support hours"),
        (ClockState.PAUSED, 8 * HOUR, "Thanksgiving Day"),
        (ClockState.PAUSED, 8 * HOUR, "Friday after Thanksgiving"),
        (ClockState.PAUSED, 8 * HOUR, "outside support hours"),
    ]


@pytest.mark.parametrize(
    ("used", "urgency"),
    [
        (2 * HOUR - ONE_MICROSECOND, Urgency.CALM),
        (2 * HOUR, Urgency.NOTICE),
        (3 * HOUR, Urgency.NOTICE),
        (3 * HOUR + ONE_MICROSECOND, Urgency.URGENT),
        (4 * HOUR, Urgency.URGENT),
        (4 * HOUR + ONE_MICROSECOND, Urgency.BREACHED),
    ],
)
def test_urgency_rises_at_half_at_a_quarter_and_at_the_breach(used: timedelta, urgency: Urgency) -> None:
    assert reading(ticket_at(MONDAY_10), MONDAY_10 + used).urgency is urgency


def test_target_exactly_used_up_is_not_breached() -> None:
    found = reading(ticket_at(MONDAY_10), new_york("2026-06-08 14:00"))

    assert (found.state, found.remaining, found.is_at_risk) == (ClockState.RUNNING, timedelta(), True)
    assert found.next_change == new_york("2026-06-08 14:00") + ONE_MICROSECOND


def test_breached_clock_goes_on_counting_and_stands_still_overnight() -> None:
    clock = clock_of(ticket_at(MONDAY_10))

    open_hours, night = clock.read(new_york("2026-06-08 15:20")), clock.read(new_york("2026-06-08 20:00"))

    assert (open_hours.state, open_hours.remaining, open_hours.is_counting) == (
        ClockState.BREACHED,
        -HOUR - 20 * MINUTE,
        True,
    )
    assert (night.state, night.is_counting, night.reason) == (ClockState.BREACHED, False, "outside support hours")
    assert night.resumes_at == new_york("2026-06-09 08:00")


def test_due_at_friday_close_waits_over_the_weekend_and_breaches_with_monday() -> None:
    clock = clock_of(ticket_at(new_york("2026-06-05 13:00")))
    opening = new_york("2026-06-08 08:00")

    weekend = clock.read(new_york("2026-06-06 12:00"))

    assert (weekend.state, weekend.reason, weekend.remaining) == (ClockState.PAUSED, "due at close", timedelta())
    assert (weekend.due_at, weekend.resumes_at) == (new_york("2026-06-05 17:00"), opening)
    assert weekend.next_change == opening + ONE_MICROSECOND
    assert clock.read(new_york("2026-06-05 17:00")).reason == "due at close"
    assert clock.read(opening).state is ClockState.PAUSED
    assert clock.read(opening + ONE_MICROSECOND).state is ClockState.BREACHED


def test_due_at_close_before_a_holiday_keeps_its_reason() -> None:
    clock = clock_of(ticket_at(new_york("2026-11-25 13:00")))

    assert clock.read(new_york("2026-11-26 12:00")).reason == "due at close"
    assert clock.read(new_york("2026-11-26 12:00")).next_change == new_york("2026-11-30 08:00") + ONE_MICROSECOND


def test_first_reply_meets_the_clock_for_good() -> None:
    ticket = ticket_at(MONDAY_10, status=Status.OPEN, first_reply_at=new_york("2026-06-08 11:04"))

    found = reading(ticket, new_york("2026-09-01 12:00"))

    assert (found.state, found.urgency, found.used) == (ClockState.MET, Urgency.QUIET, HOUR + 4 * MINUTE)
    assert (found.met_at, found.due_at) == (new_york("2026-06-08 11:04"), new_york("2026-06-08 14:00"))
    assert found.next_change is None


def test_reply_after_the_target_meets_it_late() -> None:
    ticket = ticket_at(MONDAY_10, status=Status.OPEN, first_reply_at=new_york("2026-06-08 16:10"))

    found = reading(ticket, new_york("2026-06-08 16:10"))

    assert (found.state, found.remaining) == (ClockState.MET_LATE, -2 * HOUR - 10 * MINUTE)


def test_reply_over_the_weekend_after_due_at_close_is_in_time() -> None:
    ticket = ticket_at(new_york("2026-06-05 13:00"), first_reply_at=new_york("2026-06-07 20:00"))

    assert reading(ticket, new_york("2026-06-08 12:00")).state is ClockState.MET


def test_closing_unanswered_ends_the_clock() -> None:
    closed_at = new_york("2026-06-08 11:00")

    found = reading(ticket_at(MONDAY_10, status=Status.CLOSED, closed_at=closed_at), new_york("2026-07-01 12:00"))

    assert (found.state, found.used, found.next_change) == (ClockState.ENDED_UNANSWERED, HOUR, None)


def test_reopening_resumes_with_the_used_time_kept() -> None:
    ticket = ticket_at(
        MONDAY_10,
        **status_history_fields(
            (MONDAY_10, Status.NEW),
            (new_york("2026-06-08 11:00"), Status.CLOSED),
            (new_york("2026-06-09 09:00"), Status.OPEN),
        ),
    )

    found = reading(ticket, new_york("2026-06-09 10:00"))

    assert (found.state, found.used) == (ClockState.RUNNING, 2 * HOUR)
    assert found.due_at == new_york("2026-06-09 12:00")


def test_solved_and_then_locked_ended_when_it_was_solved() -> None:
    solved_at = new_york("2026-06-08 11:00")
    ticket = ticket_at(
        MONDAY_10,
        **status_history_fields(
            (MONDAY_10, Status.NEW), (solved_at, Status.CLOSED), (new_york("2026-06-12 11:00"), Status.CLOSED)
        ),
    )

    assert clock_of(ticket).terms.ended_at == solved_at
    assert clock_of(ticket).read(MONDAY_10).used == HOUR


def test_reply_to_a_closed_ticket_meets_it_with_the_time_used_before() -> None:
    ticket = ticket_at(
        MONDAY_10,
        first_reply_at=new_york("2026-06-10 12:00"),
        **status_history_fields((MONDAY_10, Status.NEW), (new_york("2026-06-08 11:00"), Status.CLOSED)),
    )

    found = reading(ticket, new_york("2026-06-10 13:00"))

    assert (found.state, found.used) == (ClockState.MET, HOUR)


def test_status_history_that_lags_behind_is_completed_by_the_present_status() -> None:
    ticket = ticket_at(
        MONDAY_10,
        **status_history_fields((MONDAY_10, Status.NEW), (new_york("2026-06-08 10:30"), Status.OPEN))
        | {"status": Status.CLOSED, "closed_at": new_york("2026-06-08 12:00")},
    )

    assert reading(ticket, new_york("2026-06-08 15:00")).used == 2 * HOUR


@pytest.mark.parametrize("lifecycle", [Lifecycle.MERGED, Lifecycle.DELETED])
def test_merged_and_deleted_tickets_have_no_clock(lifecycle: Lifecycle) -> None:
    found = reading(ticket_at(MONDAY_10, lifecycle=lifecycle), MONDAY_10)

    assert (found.state, found.urgency, found.next_change) == (ClockState.NONE, Urgency.QUIET, None)
    assert lifecycle.value in found.reason


def test_severity_change_keeps_the_start_and_may_breach_at_once() -> None:
    now = new_york("2026-06-08 15:00")

    assert reading(ticket_at(MONDAY_10, severity=2), now).state is ClockState.RUNNING
    assert reading(ticket_at(MONDAY_10, severity=1), now).state is ClockState.BREACHED


def test_no_status_pauses_the_first_response_unless_configured() -> None:
    ticket = ticket_at(
        MONDAY_10,
        **status_history_fields((MONDAY_10, Status.NEW), (new_york("2026-06-08 11:00"), Status.AWAITING_REPLY)),
    )

    assert reading(ticket, new_york("2026-06-08 12:00")).state is ClockState.RUNNING


def test_configured_status_pauses_the_clock_and_is_its_reason() -> None:
    ticket = ticket_at(
        MONDAY_10,
        **status_history_fields((MONDAY_10, Status.NEW), (new_york("2026-06-08 11:00"), Status.AWAITING_REPLY)),
    )

    found = reading(ticket, new_york("2026-06-20 12:00"), awaiting_pauses())

    assert (found.state, found.used, found.reason) == (ClockState.PAUSED, HOUR, "Awaiting your reply")
    assert (found.due_at, found.resumes_at, found.next_change) == (None, None, None)


def test_status_that_paused_moves_the_due_time() -> None:
    ticket = ticket_at(
        MONDAY_10,
        **status_history_fields(
            (MONDAY_10, Status.NEW),
            (new_york("2026-06-08 11:00"), Status.AWAITING_REPLY),
            (new_york("2026-06-08 12:30"), Status.OPEN),
        ),
    )

    found = reading(ticket, new_york("2026-06-08 13:00"), awaiting_pauses())

    assert (found.used, found.due_at) == (HOUR + 30 * MINUTE, new_york("2026-06-08 15:30"))


def test_breached_clock_paused_by_status_stays_breached() -> None:
    ticket = ticket_at(
        MONDAY_10,
        **status_history_fields((MONDAY_10, Status.NEW), (new_york("2026-06-08 15:00"), Status.AWAITING_REPLY)),
    )

    found = reading(ticket, new_york("2026-06-09 12:00"), awaiting_pauses())

    assert (found.state, found.is_counting, found.remaining) == (ClockState.BREACHED, False, -HOUR)
    assert found.due_at == new_york("2026-06-08 14:00")


@pytest.mark.parametrize("created_at", [new_york("2019-06-03 10:00"), new_york("2035-06-04 10:00")])
def test_ticket_from_outside_the_compiled_years_has_no_clock_and_says_why(created_at: datetime) -> None:
    found = reading(ticket_at(created_at), MONDAY_10)

    assert found.state is ClockState.NONE
    assert "outside 2020 to 2030" in found.reason


def test_reading_outside_the_compiled_years_has_no_clock() -> None:
    clock = clock_of(ticket_at(MONDAY_10))

    assert clock.read(new_york("2031-06-02 10:00")).state is ClockState.NONE
    assert clock.sort_key(new_york("2031-06-02 10:00")) == (1, 0)


def test_target_that_ends_beyond_the_compiled_years_still_counts() -> None:
    found = reading(ticket_at(new_york("2030-12-31 10:00"), severity=2), new_york("2030-12-31 11:00"))

    assert (found.state, found.used, found.due_at) == (ClockState.RUNNING, HOUR, None)


def test_ticket_from_a_clock_ahead_of_ours_has_used_nothing() -> None:
    found = reading(ticket_at(MONDAY_10), MONDAY_10 - 5 * MINUTE)

    assert (found.state, found.used) == (ClockState.RUNNING, timedelta())


def test_reply_before_creation_used_nothing() -> None:
    assert reading(ticket_at(MONDAY_10, first_reply_at=MONDAY_10 - HOUR), MONDAY_10).used == timedelta()


def test_worst_clock_sorts_first_and_settled_ones_last() -> None:
    now = new_york("2026-06-08 16:00")
    breached = ticket_at(MONDAY_10)
    running = ticket_at(new_york("2026-06-08 15:00"))
    slow = ticket_at(new_york("2026-06-08 15:00"), severity=4)
    met = ticket_at(MONDAY_10, first_reply_at=now)

    ordered = sorted([met, slow, running, breached], key=lambda ticket: clock_of(ticket).sort_key(now))

    assert ordered == [breached, running, slow, met]
