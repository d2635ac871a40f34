"""What breaches when, and the order in which to answer, walked step by step."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from support.clock.generated_hours import example_settings
from support.policy_samples import (
    full_policy,
    new_york,
    packaged_calendar,
    packaged_calendars,
    status_history_fields,
    ticket_at,
)
from support.sample_values import ticket_key
from supporttui.domain.agenda import Agenda, AgendaItem, Job, jobs_that_breach, make_agenda, order_of_answers
from supporttui.domain.instants import span_us
from supporttui.domain.policy import HandlingTimes
from supporttui.domain.sla import first_response_clock, ticket_clocks
from supporttui.domain.ticket import Status, Ticket

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NINE = new_york("2026-06-08 09:00")


def due_in(number: int, room: timedelta, now: datetime = NINE) -> Ticket:
    """A ticket of severity 1, with so much of its four hours left."""
    return ticket_at(packaged_calendar().add(now, room - 4 * HOUR), id=ticket_key(number))


def agenda(*tickets: Ticket, now: datetime = NINE, handling: timedelta = 15 * MINUTE) -> Agenda:
    return make_agenda(
        [(ticket, ticket_clocks(ticket, full_policy(), packaged_calendars())) for ticket in tickets],
        packaged_calendar(),
        now,
        full_policy(),
        HandlingTimes(first_response=handling, answer=handling),
    )


def ids(tasks: tuple[AgendaItem, ...]) -> list[int]:
    return [int(task.ticket.id.id) for task in tasks]


def test_breaches_are_told_apart_by_close_and_by_the_hour_after_opening() -> None:
    severities = [(1, 1), (2, 1), (3, 2), (4, 2)]
    created = ["2026-06-08 08:30", "2026-06-08 12:31", "2026-06-08 08:00", "2026-06-08 09:30"]
    tickets = [
        ticket_at(new_york(wall), id=ticket_key(ticket_id), severity=severity)
        for (ticket_id, severity), wall in zip(severities, created, strict=True)
    ]

    found = agenda(*tickets, now=new_york("2026-06-08 12:31"))

    assert ids(found.breached) == [1]
    assert ids(found.before_close) == [2]
    assert ids(found.after_opening) == [3]
    assert (found.closes_at, found.opens_at) == (new_york("2026-06-08 17:00"), new_york("2026-06-09 08:00"))


def test_due_at_close_breaches_with_the_next_opening() -> None:
    found = agenda(ticket_at(new_york("2026-06-08 13:00"), id=ticket_key(7)), now=new_york("2026-06-08 14:00"))

    assert (ids(found.before_close), ids(found.after_opening)) == ([], [7])
    assert found.after_opening[0].breaches_at == new_york("2026-06-09 08:00")


def test_before_opening_the_day_to_come_is_asked_about() -> None:
    found = agenda(due_in(1, HOUR), now=new_york("2026-06-08 07:00"))

    assert (found.closes_at, ids(found.before_close)) == (new_york("2026-06-08 17:00"), [1])


def test_over_the_weekend_monday_is_asked_about() -> None:
    assert agenda(now=new_york("2026-06-06 12:00")).closes_at == new_york("2026-06-08 17:00")


def test_clock_that_breaches_first_stands_for_the_ticket() -> None:
    ticket = ticket_at(
        new_york("2026-06-08 08:00"),
        severity=4,
        first_reply_at=new_york("2026-06-08 08:10"),
        customer_wrote_at=new_york("2026-06-08 08:30"),
        status=Status.OPEN,
    )

    assert agenda(ticket).before_close[0].breaches_at == new_york("2026-06-08 10:30")


def test_answered_closed_and_paused_tickets_ask_for_nothing() -> None:
    paused = ticket_at(
        NINE,
        first_reply_at=NINE,
        **status_history_fields((NINE, Status.NEW), (NINE + MINUTE, Status.AWAITING_REPLY)),
    )
    closed = ticket_at(NINE, **status_history_fields((NINE, Status.NEW), (NINE + MINUTE, Status.CLOSED)))
    found = agenda(paused, closed, now=NINE + HOUR)

    assert found.order == found.breached == found.too_late == ()


def test_one_that_cannot_be_met_gives_way_to_the_others() -> None:
    found = agenda(due_in(1, 10 * MINUTE), due_in(2, 20 * MINUTE), due_in(3, 31 * MINUTE), due_in(4, 45 * MINUTE))

    assert ids(found.order) == [2, 3, 4, 1]
    assert ids(found.too_late) == [1]


def test_nothing_to_do_is_an_empty_agenda() -> None:
    found = agenda()

    assert found.order == found.before_close == found.after_opening == ()


def task(number: int) -> AgendaItem:
    clock = first_response_clock(ticket_at(NINE, id=ticket_key(number)), full_policy(), packaged_calendar())
    return AgendaItem(ticket_at(NINE, id=ticket_key(number)), clock, clock.read(NINE), NINE)


TASKS = [task(number) for number in range(6)]


def walked(order: Sequence[Job]) -> list[int]:
    """The tickets that breach when they are answered one after the other, minute by minute."""
    at, found = timedelta(), list[Job]()
    for job in order:
        at += timedelta(microseconds=job.length_us)
        if job.room_us is not None and at > timedelta(microseconds=job.room_us):
            found.append(job)
    return numbers(found)


def numbers(jobs: Iterable[Job]) -> list[int]:
    """The numbers of their tickets."""
    return [int(job.task.ticket.id.id) for job in jobs]


def job(number: int, room: int | None, length: int, weight: int = 1) -> Job:
    """A job with its minutes."""
    return Job(TASKS[number], span_us(length * MINUTE), None if room is None else span_us(room * MINUTE), weight)


LENGTHS = st.integers(1, 30)


@example_settings(200)
@given(st.lists(st.tuples(st.integers(0, 90), LENGTHS), min_size=1, max_size=6))
def test_no_other_order_lets_fewer_breach_where_all_weigh_alike(rooms: list[tuple[int, int]]) -> None:
    jobs = [job(number, room, length) for number, (room, length) in enumerate(rooms)]

    order = order_of_answers(jobs)

    assert sorted(numbers(order)) == list(range(len(jobs)))
    assert len(walked(order)) == min(len(walked(other)) for other in permutations(jobs))


@example_settings(200)
@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 90)), LENGTHS, st.sampled_from((1, 3, 9, 27))), max_size=6)
)
def test_walking_the_order_shows_what_it_says(found: list[tuple[int | None, int, int]]) -> None:
    jobs = [job(number, *each) for number, each in enumerate(found)]

    order = order_of_answers(jobs)

    assert sorted(map(id, order)) == sorted(map(id, jobs))
    assert numbers(jobs_that_breach(order)) == walked(order)
    assert len(walked(order)) <= len(walked(order_of_answers([each for each in jobs if each.room_us is not None])))


def test_breached_ticket_waits_only_for_those_that_would_breach_meanwhile() -> None:
    order = order_of_answers([job(0, None, 15, 1), job(1, None, 15, 27), job(2, 3, 2, 27), job(3, 42, 2, 9)])

    assert numbers(order) == [2, 1, 0, 3]
    assert walked(order) == []


def test_late_severity_1_is_worse_than_a_late_severity_4() -> None:
    order = order_of_answers([job(0, 3, 2, 1), job(1, 3, 2, 27)])

    assert numbers(order) == [1, 0]
    assert walked(order) == [0]


def test_severity_1_that_runs_out_in_three_minutes_comes_first() -> None:
    over = [due_in(1, -30 * MINUTE), due_in(2, -10 * MINUTE)]
    later = packaged_calendar().add(NINE, 4 * MINUTE - 9 * HOUR)
    tickets = [*over, ticket_at(later, id=ticket_key(3), severity=2), due_in(4, 3 * MINUTE)]

    found = agenda(*tickets, handling=2 * MINUTE)

    assert ids(found.order) == [4, 3, 1, 2]
    assert (ids(found.breached), found.too_late) == ([1, 2], ())


def test_acknowledgement_is_shorter_than_another_answer() -> None:
    waiting = ticket_at(
        new_york("2026-06-08 08:00"),
        id=ticket_key(5),
        severity=4,
        first_reply_at=new_york("2026-06-08 08:10"),
        customer_wrote_at=new_york("2026-06-08 08:30"),
        status=Status.OPEN,
    )
    clocks = [
        (one, ticket_clocks(one, full_policy(), packaged_calendars())) for one in (due_in(1, 3 * MINUTE), waiting)
    ]

    found = make_agenda(clocks, packaged_calendar(), NINE, full_policy())

    assert ids(found.order) == [1, 5]
    assert found.too_late == ()


def test_handling_time_decides_what_can_be_met() -> None:
    tickets = [due_in(1, 30 * MINUTE), due_in(2, 30 * MINUTE)]

    assert len(agenda(*tickets).too_late) == 0
    assert len(agenda(*tickets, handling=20 * MINUTE).too_late) == 1
    assert replace(tickets[0]) == tickets[0]
