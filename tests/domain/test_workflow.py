"""Where tickets may go, what is odd, and what happens by itself."""

from typing import Any

import pytest
from msgspec.structs import replace

from support.policy_samples import new_york, packaged_policy, ticket_at
from supporttui.domain.policy import Metric
from supporttui.domain.ticket import Lifecycle, Status, Ticket
from supporttui.domain.workflow import (
    allowed_moves,
    move_problem,
    move_warning,
    status_after_assigning,
    status_after_customer,
    status_after_reply,
)

NEW, OPEN, AWAITING, ON_HOLD, CLOSED = Status
MORNING = new_york("2026-06-08 10:00")


def ticket(**changes: Any) -> Ticket:
    return ticket_at(MORNING, **changes)


@pytest.mark.parametrize(
    ("status", "moves"),
    [
        (NEW, (OPEN, AWAITING, ON_HOLD, CLOSED)),
        (OPEN, (AWAITING, ON_HOLD, CLOSED)),
        (AWAITING, (OPEN, ON_HOLD, CLOSED)),
        (ON_HOLD, (OPEN, AWAITING, CLOSED)),
        (CLOSED, (OPEN,)),
    ],
)
def test_moves_are_those_of_the_policy(status: Status, moves: tuple[Status, ...]) -> None:
    assert allowed_moves(packaged_policy(), status, is_locked=False, can_hold=True) == moves
    assert allowed_moves(packaged_policy(), status, is_locked=True, can_hold=True) == ()


def test_desk_without_on_hold_never_offers_it() -> None:
    assert allowed_moves(packaged_policy(), OPEN, is_locked=False, can_hold=False) == (AWAITING, CLOSED)
    problem = move_problem(packaged_policy(), ticket(status=OPEN), ON_HOLD, can_hold=False)
    assert problem == "#1042 cannot go to On-Hold: this help desk has no such status."


def test_allowed_move_has_no_problem() -> None:
    assert move_problem(packaged_policy(), ticket(status=OPEN), AWAITING) is None


@pytest.mark.parametrize(
    ("changes", "to", "problem"),
    [
        (
            {"status": OPEN},
            NEW,
            "#1042 cannot go from Open to New; from Open it may go to Awaiting your reply, On-Hold or Closed.",
        ),
        ({"status": CLOSED}, ON_HOLD, "#1042 cannot go from Closed to On-Hold; from Closed it may go to Open."),
        ({"status": OPEN}, OPEN, "#1042 is Open already."),
        (
            {"status": CLOSED, "is_locked": True},
            OPEN,
            "#1042 is locked: the help desk closed it for good. A new message starts a follow-up ticket.",
        ),
        ({"lifecycle": Lifecycle.DELETED}, OPEN, "#1042 cannot be moved: it was deleted."),
    ],
)
def test_move_that_is_not_allowed_says_why_and_what_is(changes: dict[str, Any], to: Status, problem: str) -> None:
    assert move_problem(packaged_policy(), ticket(**changes), to) == problem


@pytest.mark.parametrize("to", [AWAITING, ON_HOLD])
def test_setting_an_unanswered_ticket_aside_warns_that_its_clock_goes_on(to: Status) -> None:
    warning = move_warning(packaged_policy(), ticket(assignee_id=1), to)

    assert warning is not None
    assert "first-response clock keeps running" in warning


def test_warning_tells_of_a_pause_where_the_status_pauses_the_clock() -> None:
    policy = replace(packaged_policy(), pause_on={Metric.FIRST_RESPONSE: frozenset({ON_HOLD})})

    warning = move_warning(policy, ticket(assignee_id=1), ON_HOLD)

    assert warning == "#1042 has no public reply: its first-response clock pauses in On-Hold."


def test_setting_aside_over_an_unanswered_message_is_warned_about() -> None:
    waiting = ticket(
        status=OPEN,
        assignee_id=1,
        first_reply_at=new_york("2026-06-08 11:00"),
        replied_at=new_york("2026-06-08 12:00"),
        customer_wrote_at=new_york("2026-06-08 13:00"),
    )

    warning = move_warning(packaged_policy(), waiting, ON_HOLD)

    assert warning is not None
    assert "last message unanswered" in warning
    assert move_warning(packaged_policy(), waiting, ON_HOLD, with_reply=True) is None


def test_setting_an_answered_ticket_aside_is_not_odd() -> None:
    answered = ticket(
        status=OPEN, first_reply_at=new_york("2026-06-08 11:00"), customer_wrote_at=new_york("2026-06-08 10:00")
    )

    assert move_warning(packaged_policy(), answered, AWAITING) is None
    assert move_warning(packaged_policy(), answered, OPEN) is None


def test_closing_an_unanswered_ticket_warns_that_its_clock_ends_unanswered() -> None:
    assert move_warning(packaged_policy(), ticket(), CLOSED) == (
        "#1042 is unanswered and assigned to nobody: its first-response clock will end as closed unanswered."
    )
    assert move_warning(packaged_policy(), ticket(assignee_id=1), CLOSED) == (
        "#1042 is unanswered: its first-response clock will end as closed unanswered."
    )


def test_closing_without_an_assignee_is_warned_about_even_with_a_reply() -> None:
    warning = move_warning(packaged_policy(), ticket(), CLOSED, with_reply=True)

    assert warning == "#1042 is assigned to nobody; its first-response clock is met and stays as it is."
    assert move_warning(packaged_policy(), ticket(assignee_id=1), CLOSED, with_reply=True) is None


def test_public_reply_opens_a_new_ticket_unless_a_status_was_chosen() -> None:
    policy = packaged_policy()

    assert status_after_reply(policy, NEW, None) is OPEN
    assert status_after_reply(policy, NEW, AWAITING) is AWAITING
    assert status_after_reply(policy, ON_HOLD, None) is ON_HOLD


def test_assigning_opens_a_new_ticket_and_leaves_others() -> None:
    assert [status_after_assigning(packaged_policy(), status) for status in Status] == [
        OPEN,
        OPEN,
        AWAITING,
        ON_HOLD,
        CLOSED,
    ]


def test_reply_of_the_customer_opens_what_waited_or_was_closed() -> None:
    assert [status_after_customer(status) for status in Status] == [NEW, OPEN, OPEN, OPEN, OPEN]
