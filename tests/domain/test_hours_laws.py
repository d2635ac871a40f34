"""Laws of support time, on hours, zones and instants that nobody thought of."""

from datetime import date, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from support.clock.generated_hours import (
    FIRST_YEAR,
    LAST_YEAR,
    dates,
    durations,
    example_settings,
    instants,
    support_hours,
)
from supporttui.domain.policy import SupportHours
from supporttui.domain.support_calendar import SupportCalendar, compile_calendar

DAYS = 14


def compiled(hours: SupportHours, holidays: set[date] | None = None) -> SupportCalendar:
    return compile_calendar(hours, dict.fromkeys(holidays or (), "a holiday"), FIRST_YEAR, LAST_YEAR)


@example_settings(40)
@given(support_hours(), instants(), st.timedeltas(timedelta(hours=-20), timedelta(hours=20)))
def test_what_was_added_lies_between(hours: SupportHours, start: datetime, amount: timedelta) -> None:
    calendar = compiled(hours)
    assume(abs(amount) < min(calendar.between(calendar.start, start), calendar.between(start, last_instant(calendar))))

    assert calendar.between(start, calendar.add(start, amount)) == amount


@example_settings(40)
@given(support_hours(), st.tuples(instants(), instants(), instants()))
def test_splitting_a_span_never_changes_its_sum(
    hours: SupportHours, instants: tuple[datetime, datetime, datetime]
) -> None:
    calendar = compiled(hours)
    first, middle, last = instants

    assert calendar.between(first, middle) + calendar.between(middle, last) == calendar.between(first, last)


@example_settings(40)
@given(support_hours(), instants(), durations(timedelta(hours=20)), instants(), durations(timedelta(days=3)))
def test_a_pause_never_brings_the_end_nearer(
    hours: SupportHours, start: datetime, amount: timedelta, paused_at: datetime, length: timedelta
) -> None:
    calendar = compiled(hours)
    pause = (paused_at, paused_at + length)
    assume(amount + calendar.between(*pause) < calendar.between(start, last_instant(calendar)))

    end = calendar.add_with_pauses(start, amount, [pause])

    assert end is not None
    assert end >= calendar.add(start, amount)
    assert calendar.between_with_pauses(start, end, [pause]) == amount


@example_settings(40)
@given(support_hours(), st.sets(dates(), max_size=3), instants(), durations(timedelta(days=DAYS)))
def test_segments_cover_a_span_without_gap_and_hold_its_support_time(
    hours: SupportHours, holidays: set[date], start: datetime, span: timedelta
) -> None:
    calendar = compiled(hours, holidays)
    assume(span)

    segments = calendar.segments(start, start + span)

    assert [segments[0].start, *(segment.end for segment in segments)] == [
        *(segment.start for segment in segments),
        start + span,
    ]
    open_time = sum((segment.end - segment.start for segment in segments if segment.is_open), timedelta())
    assert open_time == calendar.between(start, start + span)
    assert all(bool(segment.reason) is not segment.is_open for segment in segments)


def last_instant(calendar: SupportCalendar) -> datetime:
    return calendar.end - timedelta(microseconds=1)
