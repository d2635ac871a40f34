"""The clock of a ticket that an agent logged starts with the customer's first word."""

from msgspec.structs import replace

from support.policy_samples import new_york, packaged_calendars, packaged_policy, ticket_at
from supporttui.domain.board import has_unread_reply
from supporttui.domain.board_order import waiting_since
from supporttui.domain.clock import ClockReading, ClockState
from supporttui.domain.sla import ticket_clocks
from supporttui.domain.ticket import ConversationTurn, Ticket

TEN, NOON, TWO = (new_york(f"2026-06-08 {wall}") for wall in ("10:00", "12:00", "14:00"))
FOUR = new_york("2026-06-08 16:00")
LOGGED = replace(ticket_at(TEN, id=1), is_logged_by_agent=True, customer_wrote_at=None)


def reading(ticket: Ticket, *, starts_at_creation: bool = False) -> ClockReading:
    policy = replace(packaged_policy(), starts_at_creation=starts_at_creation)
    return ticket_clocks(ticket, policy, packaged_calendars())[0].read(FOUR)


def test_logged_ticket_has_no_clock_until_the_customer_writes() -> None:
    found = reading(LOGGED)

    assert (found.state, found.reason) == (ClockState.NONE, "the customer has not written yet")
    assert waiting_since(LOGGED) is None
    assert not has_unread_reply(LOGGED, None)


def test_clock_starts_with_the_customers_first_message() -> None:
    found = reading(replace(LOGGED, customer_wrote_at=NOON))

    assert (found.state, found.due_at) == (ClockState.RUNNING, FOUR)


def test_customers_message_in_the_second_of_creation_starts_it() -> None:
    assert reading(replace(LOGGED, customer_wrote_at=TEN)).due_at == TWO


def test_reply_before_the_customers_first_message_does_not_meet_it() -> None:
    early = replace(LOGGED, first_reply_at=new_york("2026-06-08 11:00"), customer_wrote_at=NOON)
    turns = (ConversationTurn(NOON, is_ours=False), ConversationTurn(TWO, is_ours=True))

    assert reading(early).state is ClockState.RUNNING
    assert reading(replace(early, turns=turns, replied_at=TWO)).met_at == TWO


def test_policy_may_start_it_at_creation() -> None:
    assert reading(LOGGED, starts_at_creation=True).state is ClockState.BREACHED
