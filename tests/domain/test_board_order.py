"""The order of the board, and what decided changes do to it."""

from datetime import timedelta

from msgspec.structs import replace

from support.board_samples import NOW, sample_ticket
from support.policy_samples import packaged_calendar, packaged_policy
from supporttui.domain.board import (
    Board,
    PendingChange,
    PendingMark,
    Row,
    has_unread_reply,
    is_in_scope,
    with_pending_changes,
)
from supporttui.domain.board_order import waiting_since
from supporttui.domain.patch import TicketPatch
from supporttui.domain.sla import first_response_clock
from supporttui.domain.ticket import Lifecycle, Status, Ticket

POLICY = packaged_policy()
CALENDAR = packaged_calendar()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def row(ticket: Ticket) -> Row:
    return Row(ticket, first_response_clock(ticket, POLICY, CALENDAR))


def board_of(*tickets: Ticket) -> Board:
    board = Board()
    board.replace_all(map(row, tickets), CALENDAR.moment(NOW))
    return board


def ids(board: Board, status: Status) -> list[int]:
    return [each.ticket.id for each in board.pane(status)]


def test_the_worst_clock_stands_first() -> None:
    board = board_of(
        sample_ticket(1, "low", severity=4, ago=HOUR),
        sample_ticket(2, "breached", severity=1, ago=3 * DAY),
        sample_ticket(3, "soon", severity=1, ago=3 * HOUR),
    )
    assert ids(board, Status.NEW) == [2, 3, 1]


def test_a_row_that_is_put_later_stands_where_its_clock_belongs() -> None:
    board = board_of(sample_ticket(1, "one hour left", severity=1, ago=3 * HOUR))
    later = NOW + timedelta(minutes=50)
    board.put(row(sample_ticket(2, "forty minutes left then", severity=1, ago=2 * HOUR + timedelta(minutes=30))), None)
    board.put(
        row(sample_ticket(2, "forty minutes left then", severity=1, ago=2 * HOUR + timedelta(minutes=30))),
        CALENDAR.moment(later),
    )
    assert ids(board, Status.NEW) == [1, 2]


def test_answered_tickets_follow_with_the_longest_waiting_customer_first() -> None:
    board = board_of(
        sample_ticket(1, "answered", Status.OPEN, ago=3 * DAY, answered_after=HOUR),
        sample_ticket(2, "waits a little", Status.OPEN, ago=3 * DAY, answered_after=HOUR, wrote_ago=HOUR),
        sample_ticket(3, "waits long", Status.OPEN, ago=3 * DAY, answered_after=HOUR, wrote_ago=DAY),
        sample_ticket(4, "has a clock", Status.OPEN, severity=4, ago=HOUR),
    )
    assert ids(board, Status.OPEN) == [4, 3, 2, 1]


def test_closed_tickets_stand_with_the_latest_first() -> None:
    board = board_of(
        sample_ticket(1, "old", Status.CLOSED, ago=5 * DAY, answered_after=HOUR, in_status=2 * DAY),
        sample_ticket(2, "new", Status.CLOSED, ago=5 * DAY, answered_after=HOUR, in_status=HOUR),
    )
    assert ids(board, Status.CLOSED) == [2, 1]


def test_a_pane_without_a_running_clock_has_no_worst() -> None:
    board = board_of(sample_ticket(1, "answered", Status.OPEN, ago=DAY, answered_after=HOUR))
    assert board.pane(Status.OPEN).worst is None


def test_a_changed_ticket_moves_alone() -> None:
    first, second = sample_ticket(1, "first", ago=3 * HOUR), sample_ticket(2, "second", ago=HOUR)
    board = board_of(first, second)
    view = board.pane(Status.NEW)
    board.put(row(replace(first, status=Status.OPEN)), CALENDAR.moment(NOW))
    assert [each.ticket.id for each in view] == [2]
    assert ids(board, Status.OPEN) == [1]
    assert board.position(1) == (Status.OPEN, 0)
    assert view.find(1) is None


def test_a_removed_ticket_is_gone() -> None:
    board = board_of(sample_ticket(1, "first"), sample_ticket(2, "second"))
    board.remove(1)
    assert ids(board, Status.NEW) == [2]
    assert board.position(1) is None


def test_the_filter_shows_one_assignee_and_keeps_the_others() -> None:
    board = board_of(
        sample_ticket(1, "mine", assignee=1), sample_ticket(2, "yours", assignee=2), sample_ticket(3, "nobody's")
    )
    board.show_only(1)
    assert ids(board, Status.NEW) == [1]
    board.put(row(sample_ticket(2, "yours", assignee=2)), CALENDAR.moment(NOW))
    assert ids(board, Status.NEW) == [1]
    board.show_only(None)
    assert sorted(ids(board, Status.NEW)) == [1, 2, 3]


def test_what_was_closed_long_ago_leaves_the_board() -> None:
    board = board_of(
        sample_ticket(1, "just in", Status.CLOSED, ago=9 * DAY, answered_after=HOUR, in_status=6 * DAY),
        sample_ticket(2, "out", Status.CLOSED, ago=9 * DAY, answered_after=HOUR, in_status=7 * DAY),
    )
    assert board.drop_long_closed(NOW + timedelta(seconds=1), 7) == [2]
    assert ids(board, Status.CLOSED) == [1]


def closed_ones() -> list[Ticket]:
    return [
        sample_ticket(
            1, "mine, just in", Status.CLOSED, assignee=1, ago=9 * DAY, answered_after=HOUR, in_status=6 * DAY
        ),
        sample_ticket(2, "mine, out", Status.CLOSED, assignee=1, ago=9 * DAY, answered_after=HOUR, in_status=8 * DAY),
        sample_ticket(3, "out", Status.CLOSED, assignee=2, ago=9 * DAY, answered_after=HOUR, in_status=9 * DAY),
    ]


def test_what_was_closed_long_ago_leaves_the_filtered_board_too() -> None:
    board = board_of(*closed_ones())
    board.show_only(1)
    assert board.drop_long_closed(NOW, 7) == [3, 2]
    assert ids(board, Status.CLOSED) == [1]
    assert board.position(2) is None
    assert board.find(3) is None


def test_a_board_that_was_restored_drops_them_as_well() -> None:
    whole = board_of(*closed_ones())
    board = Board({each.id: row(each) for each in closed_ones()}.get)
    board.restore(whole.places)
    assert board.drop_long_closed(NOW, 7) == [3, 2]
    assert board.ids() == [1]
    assert board.position(1) == (Status.CLOSED, 0)


def test_merged_tickets_are_not_on_the_board() -> None:
    assert not is_in_scope(replace(sample_ticket(1, "merged"), fate=Lifecycle.MERGED), NOW, 7)
    assert is_in_scope(sample_ticket(1, "live"), NOW, 7)


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
