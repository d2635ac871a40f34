"""A clock's account of itself names every stretch."""

from datetime import timedelta
from itertools import pairwise

from msgspec.structs import replace

from support.policy_samples import new_york, packaged_calendar, packaged_policy, status_history_fields, ticket_at
from supporttui.domain.clock_explanation import ClockExplanation, ExplainedSegment, explain_clock
from supporttui.domain.policy import Interval, Metric, ServicePolicy
from supporttui.domain.sla import ClockState, first_response_clock
from supporttui.domain.support_calendar import compile_calendar
from supporttui.domain.ticket import Lifecycle, Status, Ticket

HOUR = timedelta(hours=1)


def account(ticket: Ticket, now: str, policy: ServicePolicy | None = None) -> ClockExplanation:
    return explain_clock(first_response_clock(ticket, policy or packaged_policy(), packaged_calendar()), new_york(now))


def told(segments: tuple[ExplainedSegment, ...]) -> list[tuple[str, float]]:
    """Each stretch's reason, and the hours that it added."""
    return [(segment.reason, segment.amount / HOUR) for segment in segments]


def test_night_holidays_and_weekend_are_each_named() -> None:
    found = account(ticket_at(new_york("2026-11-25 16:00"), severity=2), "2026-11-30 10:30")

    assert told(found.segments) == [
        ("support hours", 1.0),
        ("night", 0.0),
        ("Thanksgiving Day", 0.0),
        ("Friday after Thanksgiving", 0.0),
        ("weekend", 0.0),
        ("support hours", 2.5),
    ]
    assert told(found.ahead) == [("support hours", 5.5)]
    assert (found.target, found.target_text) == (9 * HOUR, "1 business day")
    assert (found.used, found.left, found.due_at) == (3.5 * HOUR, 5.5 * HOUR, new_york("2026-11-30 16:00"))


def test_what_comes_until_the_due_time_is_told_ahead() -> None:
    found = account(ticket_at(new_york("2026-11-25 16:00"), severity=2), "2026-11-25 16:00")

    assert found.segments == ()
    assert [reason for reason, _ in told(found.ahead)] == [
        "support hours",
        "night",
        "Thanksgiving Day",
        "Friday after Thanksgiving",
        "weekend",
        "support hours",
    ]


def test_stretches_follow_each_other_without_gap() -> None:
    found = account(ticket_at(new_york("2026-11-25 16:00"), severity=4), "2026-12-02 12:00")

    stretches = [*found.segments, *found.ahead]
    assert stretches[0].start == new_york("2026-11-25 16:00")
    assert stretches[-1].end == found.due_at
    assert all(before.end == after.start for before, after in pairwise(stretches))


def test_pause_by_status_is_one_stretch_with_the_status_as_reason() -> None:
    policy = replace(packaged_policy(), pause_on={Metric.FIRST_RESPONSE: frozenset({Status.AWAITING_REPLY})})
    ticket = ticket_at(
        new_york("2026-06-08 10:00"),
        **status_history_fields(
            (new_york("2026-06-08 10:00"), Status.NEW),
            (new_york("2026-06-08 11:00"), Status.AWAITING_REPLY),
            (new_york("2026-06-09 09:00"), Status.OPEN),
        ),
    )

    assert told(account(ticket, "2026-06-09 10:00", policy).segments) == [
        ("support hours", 1.0),
        ("Awaiting your reply", 0.0),
        ("support hours", 1.0),
    ]


def test_status_that_still_pauses_has_nothing_ahead() -> None:
    policy = replace(packaged_policy(), pause_on={Metric.FIRST_RESPONSE: frozenset({Status.ON_HOLD})})
    ticket = ticket_at(
        new_york("2026-06-08 10:00"),
        **status_history_fields(
            (new_york("2026-06-08 10:00"), Status.NEW), (new_york("2026-06-08 11:00"), Status.ON_HOLD)
        ),
    )

    found = account(ticket, "2026-06-09 10:00", policy)

    assert told(found.segments) == [("support hours", 1.0), ("On-Hold", 0.0)]
    assert found.ahead == ()


def test_met_clock_ends_with_the_reply() -> None:
    ticket = ticket_at(new_york("2026-06-08 16:00"), first_reply_at=new_york("2026-06-09 09:00"))

    found = account(ticket, "2026-08-01 12:00")

    assert told(found.segments) == [("support hours", 1.0), ("night", 0.0), ("support hours", 1.0)]
    assert found.segments[-1].end == new_york("2026-06-09 09:00")
    assert (found.ahead, found.reading.state) == ((), ClockState.MET)


def test_breached_clock_has_nothing_ahead() -> None:
    found = account(ticket_at(new_york("2026-06-08 10:00")), "2026-06-08 16:00")

    assert told(found.segments) == [("support hours", 6.0)]
    assert (found.left, found.ahead) == (-2 * HOUR, ())


def test_ticket_created_on_saturday_waits_for_the_rest_of_the_weekend() -> None:
    found = account(ticket_at(new_york("2026-06-06 12:00")), "2026-06-08 09:00")

    assert told(found.segments) == [("weekend", 0.0), ("support hours", 1.0)]


def test_ticket_created_on_sunday_evening_waits_for_the_weekend_too() -> None:
    assert told(account(ticket_at(new_york("2026-06-07 20:00")), "2026-06-08 09:00").segments)[0][0] == "weekend"


def test_stretch_that_goes_on_is_named_as_a_whole() -> None:
    assert told(account(ticket_at(new_york("2026-06-05 16:00")), "2026-06-05 20:00").segments)[-1][0] == "weekend"


def test_lunch_is_named_and_a_closed_wednesday_a_day_without_hours() -> None:
    split = (Interval(480, 720), Interval(780, 1020))
    hours = replace(packaged_policy().hours, week=(split, split, (), split, split, (), ()))
    calendar = compile_calendar(hours, {}, 2026, 2026)
    clock = first_response_clock(ticket_at(new_york("2026-06-09 11:00"), severity=2), packaged_policy(), calendar)

    reasons = [segment.reason for segment in explain_clock(clock, new_york("2026-06-11 09:00")).segments]

    assert reasons == ["support hours", "lunch", "support hours", "no support hours", "support hours"]


def test_deleted_ticket_has_no_stretches() -> None:
    found = account(ticket_at(new_york("2026-06-08 10:00"), lifecycle=Lifecycle.DELETED), "2026-06-08 16:00")

    assert (found.segments, found.ahead) == ((), ())


def test_ticket_from_outside_the_compiled_years_has_no_stretches() -> None:
    found = account(ticket_at(new_york("2018-06-08 10:00")), "2026-06-08 16:00")

    assert (found.segments, found.ahead) == ((), ())
    assert "outside" in found.reading.reason
