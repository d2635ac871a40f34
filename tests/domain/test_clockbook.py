"""A book of clocks says of each what the clock itself says."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from support.clock.generated_hours import example_settings
from support.policy_samples import (
    ONE_MICROSECOND,
    full_policy,
    new_york,
    packaged_calendar,
    packaged_calendars,
    status_history_fields,
    ticket_at,
)
from supporttui.domain.clock import Clock
from supporttui.domain.clock_text import clock_text
from supporttui.domain.clockbook import ClockBook
from supporttui.domain.instants import span_us
from supporttui.domain.sla import first_response_clock, ticket_clocks
from supporttui.domain.support_calendar import ALWAYS_OPEN_HOURS, policy_calendar
from supporttui.domain.ticket import Status

MINUTE = timedelta(minutes=1)
NOW = new_york("2026-06-08 14:31")
ALWAYS = policy_calendar(ALWAYS_OPEN_HOURS, 2025, 2027)


def agrees(clocks: list[Clock], now: datetime) -> None:
    columns = ClockBook(clocks).read(now)
    readings = [clock.read(now) for clock in columns.clocks]
    assert sorted(map(id, columns.clocks)) == sorted(map(id, clocks))
    assert columns.urgencies == [reading.urgency for reading in readings]
    assert columns.remaining_us == [span_us(reading.remaining) for reading in readings]
    assert columns.texts == [clock_text(reading) for reading in readings]


def clocks_created(*ages: timedelta) -> list[Clock]:
    """Open ones of every severity, one that a status paused and one that is met, and one around the clock, by age."""
    clocks: list[Clock] = []
    for index, age in enumerate(ages):
        created_at = NOW - age
        moved = status_history_fields((created_at, Status.NEW), (created_at + MINUTE, Status.ON_HOLD))
        clocks += ticket_clocks(ticket_at(created_at, severity=1 + index % 4), full_policy(), packaged_calendars())
        clocks += ticket_clocks(ticket_at(created_at, first_reply_at=NOW), full_policy(), packaged_calendars())
        clocks += ticket_clocks(ticket_at(created_at, **moved), full_policy(), packaged_calendars())
        clocks.append(first_response_clock(ticket_at(created_at), full_policy(), ALWAYS))
    return clocks


@example_settings(60)
@given(
    st.lists(st.timedeltas(timedelta(hours=-2), timedelta(days=20)), min_size=1, max_size=12),
    st.timedeltas(timedelta(days=-1), timedelta(days=4)),
)
def test_book_says_what_each_clock_says(ages: list[timedelta], later: timedelta) -> None:
    agrees(clocks_created(*ages), NOW + later)


def test_every_edge_is_on_the_right_side() -> None:
    edges = [timedelta(hours=4) * share for share in (0, 0.25, 0.5, 0.75, 1)]
    ages = [edge + step for edge in edges for step in (-MINUTE, -ONE_MICROSECOND, timedelta(), ONE_MICROSECOND, MINUTE)]
    ages += [timedelta(hours=4) + n * MINUTE for n in (59, 60, 61)]

    agrees([first_response_clock(ticket_at(NOW - age), full_policy(), ALWAYS) for age in ages], NOW)


def test_due_at_close_has_its_own_words_over_the_weekend() -> None:
    calendar = packaged_calendar()
    clock = first_response_clock(ticket_at(new_york("2026-06-05 13:00")), full_policy(), calendar)

    assert ClockBook([clock]).read(new_york("2026-06-06 12:00")).texts == ["due at close"]
    agrees([clock], new_york("2026-06-08 08:00"))


def test_book_beyond_the_compiled_years_has_no_clocks() -> None:
    agrees(clocks_created(MINUTE), new_york("2044-01-01 00:00"))


def test_empty_book_is_empty() -> None:
    assert ClockBook([]).read(NOW).texts == []
