"""One ticket changes on a large board: one row moves, and no list is copied for it."""

import tracemalloc
from datetime import timedelta

import pytest
from msgspec.structs import replace

from support.board_samples import NOW, sample_ticket
from support.policy_samples import packaged_calendar, packaged_policy
from supporttui.domain.board import Board, Row
from supporttui.domain.sla import first_response_clock
from supporttui.domain.ticket import Status, Ticket

TICKETS = 20_000
POLICY = packaged_policy()
CALENDAR = packaged_calendar()
LIST_BYTES = 8 * TICKETS
"""What the numbers of all tickets take: a copy of any list would be seen."""


def ticket(number: int) -> Ticket:
    return sample_ticket(number, "Board won't load", ago=timedelta(minutes=number % 997), assignee=number % 7)


def row(of: Ticket) -> Row:
    return Row(of, first_response_clock(of, POLICY, CALENDAR))


@pytest.mark.parametrize("only_assignee", [None, 3])
def test_a_change_takes_no_room_that_grows_with_the_board(only_assignee: int | None) -> None:
    looked_at: list[int] = []

    def load_row(ticket_id: int) -> Row:
        looked_at.append(ticket_id)
        return row(ticket(ticket_id))

    board, moment = Board(load_row), CALENDAR.moment(NOW)
    board.replace_all(map(row, map(ticket, range(1, TICKETS + 1))), moment)
    board.show_only(only_assignee)
    shown = board.pane(Status.NEW).ids
    changed = [row(replace(ticket(number), created_at=NOW - timedelta(hours=30))) for number in range(3, 80, 7)]
    board.put(changed[0], moment)  # the columns get some slack
    looked_at.clear()
    tracemalloc.start()
    for each in changed:
        board.put(each, moment)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < LIST_BYTES / 8
    assert not looked_at
    assert board.pane(Status.NEW).ids is shown
    position = board.position(changed[-1].ticket.id)
    assert position is not None
    assert position[1] < len(changed)
