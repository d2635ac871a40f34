"""A list never moves under the cursor."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.board_samples import NOW, LocalCopy, sample_ticket
from support.sample_values import ticket_key
from supporttui.domain.ticket import Lifecycle, Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.viewport import Viewport

MINUTE = timedelta(minutes=1)


class ListOfRows:
    """A board with one pane, whose cache the test writes."""

    def __init__(self, folder: Path) -> None:
        self.desk = LocalCopy(folder / "desk", ())
        self.model = BoardModel(self.desk.app_context(), self.desk.engine)
        self.model.load()

    def put(self, ticket_id: TicketId, age: timedelta, lifecycle: Lifecycle = Lifecycle.LIVE) -> None:
        ticket = sample_ticket(ticket_id, f"ticket {ticket_id}", severity=3, ago=age)
        self.desk.cache.apply([replace(ticket, lifecycle=lifecycle, updated_at=NOW)], ())
        self.model.reload()

    def remove(self, ticket_id: TicketId) -> None:
        self.put(ticket_id, MINUTE, Lifecycle.DELETED)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[ListOfRows]:
    """Tickets 1 to 10 from the worst to the best."""
    board = ListOfRows(tmp_path)
    for ticket_id in range(1, 11):
        board.put(ticket_key(ticket_id), (60 - ticket_id) * MINUTE)
    yield board
    board.model.close()
    board.desk.cache.close()


def viewed(board: ListOfRows, room: int = 4, *, has_cursor: bool = True) -> Viewport:
    view = Viewport(board.model.board.pane(Status.NEW), has_cursor=has_cursor)
    view.fit(room)
    return view


def seen(view: Viewport) -> list[int]:
    return [int(row.ticket.id.id) for row in view.visible()]


def test_the_cursor_stays_on_its_ticket_when_one_arrives_above(board: ListOfRows) -> None:
    view = viewed(board)
    view.move_to(2)
    board.put(ticket_key(99), 120 * MINUTE)
    view.follow()
    assert view.cursor_id == ticket_key(3)
    assert seen(view) == [99, 1, 2, 3]


def test_a_scrolled_list_keeps_the_cursors_line(board: ListOfRows) -> None:
    view = viewed(board)
    view.move_to(6)
    assert seen(view) == [4, 5, 6, 7]
    board.put(ticket_key(99), 120 * MINUTE)
    view.follow()
    assert seen(view) == [4, 5, 6, 7]
    assert view.cursor_slot == 3


def test_the_cursor_is_not_pushed_out_of_view(board: ListOfRows) -> None:
    view = viewed(board)
    view.move_to(3)
    board.put(ticket_key(99), 120 * MINUTE)
    view.follow()
    assert seen(view) == [1, 2, 3, 4]
    assert view.cursor_slot == 3


def test_a_ticket_that_leaves_hands_the_cursor_to_the_next(board: ListOfRows) -> None:
    view = viewed(board)
    view.move_to(2)
    board.remove(ticket_key(3))
    view.follow()
    assert view.cursor_id == ticket_key(4)


def test_the_last_ticket_hands_the_cursor_to_the_one_above(board: ListOfRows) -> None:
    view = viewed(board)
    view.move_to(9)
    board.remove(ticket_key(10))
    view.follow()
    assert (view.cursor_id, seen(view)) == (ticket_key(9), [6, 7, 8, 9])


def test_an_empty_list_has_no_cursor(board: ListOfRows) -> None:
    view = viewed(board)
    for ticket_id in range(1, 11):
        board.remove(ticket_key(ticket_id))
    view.follow()
    assert (view.cursor_id, view.cursor_row, view.cursor_slot, seen(view)) == (None, None, None, [])


def test_a_list_that_was_scrolled_away_from_its_cursor_stays_where_it_is(board: ListOfRows) -> None:
    view = viewed(board)
    view.scroll_by(5)
    assert (seen(view), view.cursor_slot) == ([6, 7, 8, 9], None)
    board.put(ticket_key(99), 120 * MINUTE)
    view.follow()
    assert seen(view) == [6, 7, 8, 9]


def test_a_list_without_a_cursor_shows_its_head(board: ListOfRows) -> None:
    view = viewed(board, has_cursor=False)
    board.put(ticket_key(99), 120 * MINUTE)
    view.follow()
    assert seen(view) == [99, 1, 2, 3]
    assert view.cursor_row is None


def test_less_room_keeps_the_cursor_in_view(board: ListOfRows) -> None:
    view = viewed(board, room=8)
    view.move_to(7)
    view.fit(3)
    assert seen(view) == [6, 7, 8]


def test_more_room_shows_what_lies_above_the_end(board: ListOfRows) -> None:
    view = viewed(board)
    view.move_to(9)
    view.fit(8)
    assert seen(view) == [3, 4, 5, 6, 7, 8, 9, 10]
    assert view.below == 0
