"""The order of the board, and what decided changes do to it."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from support.board_samples import NOW, sample_ticket
from support.policy_samples import packaged_calendar, packaged_policy
from supporttui.domain.board import PendingChange, PendingMark, has_unread_reply, with_pending_changes
from supporttui.domain.board_order import IN_STATUS_GROUP, BoardOrder, waiting_since
from supporttui.domain.patch import TicketPatch
from supporttui.domain.support_calendar import Calendars
from supporttui.domain.ticket import Status, Ticket

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ORDER = BoardOrder(packaged_policy(), Calendars(packaged_calendar()))


def in_order(*tickets: Ticket, now: datetime = NOW) -> list[int]:
    return [int(ticket.id.id) for ticket in sorted(tickets, key=lambda each: (*ORDER.position(each, now)[:2], each.id))]


def test_the_worst_clock_stands_first() -> None:
    assert in_order(
        sample_ticket(1, "low", severity=4, ago=HOUR),
        sample_ticket(2, "breached", severity=1, ago=3 * DAY),
        sample_ticket(3, "soon", severity=1, ago=3 * HOUR),
    ) == [2, 3, 1]


def test_the_position_of_a_running_clock_is_the_same_at_every_instant() -> None:
    ticket = sample_ticket(1, "one hour left", severity=1, ago=3 * HOUR)
    positions = {ORDER.position(ticket, NOW + hours * HOUR) for hours in (0, 1, 17, 90, 400)}
    assert len(positions) == 1
    assert not positions.pop().drifts


def test_a_ticket_that_comes_later_stands_where_its_clock_belongs() -> None:
    first = sample_ticket(1, "one hour left", severity=1, ago=3 * HOUR)
    later = sample_ticket(2, "forty minutes left then", severity=1, ago=2 * HOUR + timedelta(minutes=30))
    assert ORDER.position(first, NOW) < ORDER.position(later, NOW + timedelta(minutes=50))


def test_answered_tickets_follow_with_the_longest_waiting_customer_first() -> None:
    assert in_order(
        sample_ticket(1, "answered", Status.OPEN, ago=3 * DAY, answered_after=HOUR),
        sample_ticket(2, "waits a little", Status.OPEN, ago=3 * DAY, answered_after=HOUR, wrote_ago=HOUR),
        sample_ticket(3, "waits long", Status.OPEN, ago=3 * DAY, answered_after=HOUR, wrote_ago=DAY),
        sample_ticket(4, "has a clock", Status.OPEN, severity=4, ago=HOUR),
    ) == [4, 3, 2, 1]


def test_closed_tickets_stand_with_the_latest_first() -> None:
    assert in_order(
        sample_ticket(1, "old", Status.CLOSED, ago=5 * DAY, answered_after=HOUR, in_status=2 * DAY),
        sample_ticket(2, "new", Status.CLOSED, ago=5 * DAY, answered_after=HOUR, in_status=HOUR),
    ) == [2, 1]


def test_beyond_the_calendars_years_tickets_are_sorted_without_their_clocks() -> None:
    far = NOW.replace(year=2090)
    assert ORDER.position(sample_ticket(1, "x"), far).group == IN_STATUS_GROUP


def test_another_policy_has_another_fingerprint() -> None:
    rows = {n: replace(row, first_response=HOUR) for n, row in packaged_policy().severities.items()}
    other = replace(packaged_policy(), severities=rows)
    assert BoardOrder(other, Calendars(packaged_calendar())).fingerprint() != ORDER.fingerprint()


CLOSING = TicketPatch(status=Status.CLOSED)


def test_a_decided_move_shows_at_once_and_keeps_the_desks_version() -> None:
    moved, mark = with_pending_changes(sample_ticket(1, "moved"), [PendingChange(at=NOW, patch=CLOSING)])
    assert (moved.status, moved.closed_at, moved.version, mark) == (Status.CLOSED, NOW, "v1", PendingMark.PENDING)


def test_a_refused_move_leaves_the_ticket_where_the_desk_has_it() -> None:
    moved, mark = with_pending_changes(
        sample_ticket(1, "kept"), [PendingChange(at=NOW, patch=CLOSING, has_problem=True)]
    )
    assert (moved.status, mark) == (Status.NEW, PendingMark.PROBLEM)


def test_a_problem_outweighs_what_is_pending_after_it() -> None:
    changes = [
        PendingChange(at=NOW, patch=CLOSING, has_problem=True),
        PendingChange(at=NOW, patch=TicketPatch(assignee_id=2)),
    ]
    moved, mark = with_pending_changes(sample_ticket(1, "kept"), changes)
    assert (moved.assignee_id, mark) == (2, PendingMark.PROBLEM)


def test_a_description_is_no_unread_reply() -> None:
    assert not has_unread_reply(sample_ticket(1, "only described"), None)


def test_a_customers_reply_is_unread_until_somebody_looks_or_answers() -> None:
    ticket = sample_ticket(1, "wrote again", ago=DAY, answered_after=HOUR, wrote_ago=HOUR)
    assert has_unread_reply(ticket, None)
    assert not has_unread_reply(ticket, NOW)
    assert not has_unread_reply(replace(ticket, replied_at=NOW), None)


def test_nobody_waits_on_us_after_our_reply() -> None:
    assert waiting_since(sample_ticket(1, "answered", ago=DAY, answered_after=HOUR)) is None
    assert waiting_since(sample_ticket(1, "fresh", ago=DAY)) == NOW - DAY
