"""A list never moves under the cursor."""

from datetime import timedelta

from support.board_samples import NOW, sample_ticket
from support.policy_samples import packaged_calendar, packaged_policy
from supporttui.domain.board import Board, Row
from supporttui.domain.sla import first_response_clock
from supporttui.domain.ticket import Status
from supporttui.presentation.viewport import Viewport

POLICY = packaged_policy()
CALENDAR = packaged_calendar()
MINUTE = timedelta(minutes=1)


def put(board: Board, ticket_id: int, age: timedelta) -> None:
    ticket = sample_ticket(ticket_id, f"ticket {ticket_id}", severity=3, ago=age)
    board.put(Row(ticket, first_response_clock(ticket, POLICY, CALENDAR)), CALENDAR.moment(NOW))


def ten_rows(room: int = 4, *, has_cursor: bool = True) -> tuple[Board, Viewport]:
    """Tickets 1 to 10 from the worst to the best, with room for some of them."""
    board = Board()
    for ticket_id in range(1, 11):
        put(board, ticket_id, (60 - ticket_id) * MINUTE)
    view = Viewport(board.pane(Status.NEW), has_cursor=has_cursor)
    view.fit(room)
    return board, view


def seen(view: Viewport) -> list[int]:
    return [row.ticket.id for row in view.visible()]


def test_the_cursor_stays_on_its_ticket_when_one_arrives_above() -> None:
    board, view = ten_rows()
    view.move_to(2)
    put(board, 99, 120 * MINUTE)
    view.follow()
    assert view.cursor_id == 3
    assert seen(view) == [99, 1, 2, 3]


def test_a_scrolled_list_keeps_the_cursors_line() -> None:
    board, view = ten_rows()
    view.move_to(6)
    assert seen(view) == [4, 5, 6, 7]
    put(board, 99, 120 * MINUTE)
    view.follow()
    assert seen(view) == [4, 5, 6, 7]
    assert view.cursor_slot == 3


def test_the_cursor_is_not_pushed_out_of_view() -> None:
    board, view = ten_rows()
    view.move_to(3)
    put(board, 99, 120 * MINUTE)
    view.follow()
    assert seen(view) == [1, 2, 3, 4]
    assert view.cursor_slot == 3


def test_a_ticket_that_leaves_hands_the_cursor_to_the_next() -> None:
    board, view = ten_rows()
    view.move_to(2)
    board.remove(3)
    view.follow()
    assert view.cursor_id == 4


def test_the_last_ticket_hands_the_cursor_to_the_one_above() -> None:
    board, view = ten_rows()
    view.move_to(9)
    board.remove(10)
    view.follow()
    assert (view.cursor_id, seen(view)) == (9, [6, 7, 8, 9])


def test_an_empty_list_has_no_cursor() -> None:
    board, view = ten_rows()
    for ticket_id in range(1, 11):
        board.remove(ticket_id)
    view.follow()
    assert (view.cursor_id, view.cursor_row, view.cursor_slot, seen(view)) == (None, None, None, [])


def test_a_list_that_was_scrolled_away_from_its_cursor_stays_where_it_is() -> None:
    board, view = ten_rows()
    view.scroll_by(5)
    assert (seen(view), view.cursor_slot) == ([6, 7, 8, 9], None)
    put(board, 99, 120 * MINUTE)
    view.follow()
    assert seen(view) == [6, 7, 8, 9]


def test_a_list_without_a_cursor_shows_its_head() -> None:
    board, view = ten_rows(has_cursor=False)
    put(board, 99, 120 * MINUTE)
    view.follow()
    assert seen(view) == [99, 1, 2, 3]
    assert view.cursor_row is None


def test_less_room_keeps_the_cursor_in_view() -> None:
    _, view = ten_rows(room=8)
    view.move_to(7)
    view.fit(3)
    assert seen(view) == [6, 7, 8]


def test_more_room_shows_what_lies_above_the_end() -> None:
    _, view = ten_rows()
    view.move_to(9)
    view.fit(8)
    assert seen(view) == [3, 4, 5, 6, 7, 8, 9, 10]
    assert view.below == 0
