"""How clocks and ages are written."""

from datetime import timedelta

import pytest

from supporttui.domain.clock import DUE_AT_CLOSE, ClockReading, ClockState, Urgency
from supporttui.domain.clock_text import (
    clock_phrase,
    clock_text,
    elapsed_text,
    hours_text,
    short_clock_text,
    ticks_seconds,
)

TARGET = timedelta(hours=4)


def left(hours: int = 0, minutes: int = 0, seconds: int = 0) -> timedelta:
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def reading(state: ClockState, remaining: timedelta, *, is_counting: bool = False, reason: str = "") -> ClockReading:
    return ClockReading(
        state=state,
        urgency=Urgency.CALM,
        target=TARGET,
        used=TARGET - remaining,
        remaining=remaining,
        fraction_left=0.5,
        is_counting=is_counting,
        reason=reason,
    )


@pytest.mark.parametrize(
    ("remaining", "text", "short"),
    [
        (left(3, 12, 59), "3h 12m", "3h 12m"),
        (left(45), "45h 00m", "45h 00m"),
        (left(1), "1h 00m", "1h 00m"),
        (left(0, 59, 59), "0:59:59", "59m"),
        (left(0, 42, 10), "0:42:10", "42m"),
        (left(0, 0, 5), "0:00:05", "<1m"),
        (left(), "0:00:00", "<1m"),
    ],
)
def test_running_clock_shows_seconds_only_in_its_last_hour(remaining: timedelta, text: str, short: str) -> None:
    found = reading(ClockState.RUNNING, remaining, is_counting=True)

    assert (clock_text(found), short_clock_text(found)) == (text, short)
    assert clock_phrase(found) == f"{text} left"


@pytest.mark.parametrize(
    ("overdue", "text"), [(left(1, 20, 30), "-1h 20m"), (left(0, 12), "-12m"), (left(0, 0, 1), "-<1m")]
)
def test_breached_clock_counts_on_below_zero_in_minutes(overdue: timedelta, text: str) -> None:
    found = reading(ClockState.BREACHED, -overdue, is_counting=True)

    assert (clock_text(found), short_clock_text(found)) == (text, text)
    assert clock_phrase(found) == f"{text[1:]} over"


def test_clock_that_stands_still_is_marked() -> None:
    assert clock_text(reading(ClockState.PAUSED, left(3, 12))) == "‖ 3h 12m"
    assert short_clock_text(reading(ClockState.PAUSED, left(0, 42, 10))) == "‖ 42m"
    assert clock_text(reading(ClockState.BREACHED, -left(1, 20))) == "‖ -1h 20m"


def test_due_at_close_is_said_in_words() -> None:
    found = reading(ClockState.PAUSED, left(), reason=DUE_AT_CLOSE)

    assert clock_text(found) == short_clock_text(found) == clock_phrase(found) == "due at close"


def test_met_clock_shows_what_the_answer_took() -> None:
    assert clock_text(reading(ClockState.MET, TARGET - left(1, 4))) == "✓ 1h 04m"
    assert clock_phrase(reading(ClockState.MET, TARGET - left(0, 12))) == "✓ answered in 12m"


def test_clock_met_late_shows_by_how_much() -> None:
    found = reading(ClockState.MET_LATE, -left(2, 10))

    assert (clock_text(found), clock_phrase(found)) == ("✗ +2h 10m", "✗ answered 2h 10m late")


def test_ended_and_missing_clocks_have_their_words() -> None:
    assert clock_text(reading(ClockState.ENDED_UNANSWERED, left(2))) == "closed unanswered"
    assert clock_text(reading(ClockState.NONE, TARGET)) == "–"


@pytest.mark.parametrize(
    ("state", "remaining", "is_counting", "ticks"),
    [
        (ClockState.RUNNING, left(0, 59, 59), True, True),
        (ClockState.RUNNING, left(1), True, False),
        (ClockState.PAUSED, left(0, 30), False, False),
        (ClockState.BREACHED, -left(0, 30), True, False),
    ],
)
def test_seconds_tick_only_while_the_last_hour_counts(
    state: ClockState, remaining: timedelta, is_counting: bool, ticks: bool
) -> None:
    assert ticks_seconds(reading(state, remaining, is_counting=is_counting)) is ticks


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(days=2, hours=5), "2d"),
        (timedelta(days=1), "1d"),
        (left(23, 59), "23h 59m"),
        (left(5, 40), "5h 40m"),
        (left(0, 12), "12m"),
        (left(0, 0, 59), "<1m"),
        (-left(1), "<1m"),
    ],
)
def test_age_is_written_in_its_largest_units(span: timedelta, text: str) -> None:
    assert elapsed_text(span) == text


def test_support_time_is_never_written_in_days() -> None:
    assert hours_text(timedelta(days=2)) == "48h 00m"
