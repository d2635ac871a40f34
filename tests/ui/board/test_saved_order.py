"""A start finds the order of the board and reads little else; what has changed since is put in its place."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.board_samples import NOW, LocalCopy, StoringStubEngine, sample_ticket
from supporttui.domain.board import Board
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Status, Ticket
from supporttui.presentation import board_loader
from supporttui.presentation.board_model import BoardModel
from supporttui.presentation.saved_order import ORDER_STATE

HOUR = timedelta(hours=1)
STATUSES = (*Status,)


def tickets(count: int) -> list[Ticket]:
    return [
        sample_ticket(
            n, f"Ticket {n}", STATUSES[n % 5], severity=1 + n % 4, ago=timedelta(minutes=7 * n), assignee=n % 3
        )
        for n in range(1, count + 1)
    ]


def desk_of(folder: Path, count: int = 40) -> LocalCopy:
    desk = LocalCopy(folder / "desk", tickets(count))
    desk.engine = StoringStubEngine(desk.files)
    return desk


@contextmanager
def started(desk: LocalCopy) -> Iterator[BoardModel]:
    """A window's model after its start, which keeps its order when it leaves."""
    model = BoardModel(desk.app_context(), desk.engine)
    model.load()
    while model.has_more:
        model.go_on()
    yield model
    model.save_order()
    model.close()


def order_of(board: Board) -> dict[Status, list[int]]:
    return {status: list(board.pane(status).ids) for status in Status}


def test_a_second_start_shows_what_the_first_did(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    with started(desk) as first:
        shown = order_of(first.board)
    with started(desk) as second:
        assert order_of(second.board) == shown
        assert next(row.ticket.subject.raw for row in second.board.pane(Status.NEW)) == "Ticket 40"


def test_what_changed_while_no_window_was_open_is_in_its_place(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    with started(desk):
        pass
    changed = [replace(ticket, status=Status.ON_HOLD, version="v2") for ticket in tickets(40) if ticket.id in (7, 12)]
    desk.cache.apply([*changed, sample_ticket(99, "Fresh", severity=1, ago=3 * HOUR)], ())
    with started(desk) as second:
        found = order_of(second.board)
        second.save_order()
    desk.cache.save_state(ORDER_STATE, b"")
    with started(desk) as sorted_anew:
        assert order_of(sorted_anew.board) == found
        assert 99 in found[Status.NEW]
        assert {7, 12} <= {*found[Status.ON_HOLD]}


def test_an_order_by_another_policy_is_not_used(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    with started(desk):
        pass
    rows = {n: replace(row, first_response=HOUR * (5 - n)) for n, row in desk.policy.severities.items()}
    desk.policy = replace(desk.policy, severities=rows)
    with started(desk) as other:
        found = order_of(other.board)
    desk.cache.save_state(ORDER_STATE, b"")
    with started(desk) as sorted_anew:
        assert order_of(sorted_anew.board) == found


@pytest.mark.parametrize("stored", [b"", b"?", b"\x94\xc4\x00\x92\x00\x00\x80\xc4\x00"])
def test_a_damaged_order_is_sorted_anew(tmp_path: Path, stored: bytes) -> None:
    desk = desk_of(tmp_path)
    with started(desk) as first:
        shown = order_of(first.board)
    desk.cache.save_state(ORDER_STATE, stored)
    with started(desk) as second:
        assert order_of(second.board) == shown


def test_what_was_closed_too_long_ago_meanwhile_is_not_shown(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    with started(desk) as first:
        assert len(first.board.pane(Status.CLOSED)) == 8
    desk.now = NOW + timedelta(days=30)
    with started(desk) as later:
        assert len(later.board.pane(Status.CLOSED)) == 0


def test_a_large_copy_is_arranged_in_shares_to_the_same_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_of(tmp_path, 300)
    with started(desk) as at_once:
        whole = order_of(at_once.board)
    desk.cache.save_state(ORDER_STATE, b"")
    monkeypatch.setattr(board_loader, "TICKETS_BEFORE_FIRST_PICTURE", 20)
    model = BoardModel(desk.app_context(), desk.engine)
    model.load()
    assert model.has_more
    assert 20 <= len(model.board) < 60
    shares = 0
    while model.has_more:
        shares += 1
        assert len(model.go_on().ticket_ids) <= board_loader.TICKETS_PER_STEP + 1
    assert shares >= 2
    assert order_of(model.board) == whole
    model.close()


def test_ten_thousand_changes_come_in_shares(tmp_path: Path) -> None:
    desk = desk_of(tmp_path, 1_000)
    with started(desk) as model:
        changed = [replace(each, subject=OutsideText("changed"), version="v2") for each in tickets(1_000)]
        desk.cache.apply(changed, ())
        first = model.reload()
        assert first.has_more
        assert len(first.ticket_ids) <= board_loader.TICKETS_PER_STEP + 1
        while model.go_on().has_more:
            pass
        assert {row.ticket.subject.raw for row in model.board.pane(Status.NEW)} == {"changed"}


def test_a_copy_begun_anew_by_another_window_ends_no_drawing(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    with started(desk):
        pass
    with started(desk) as model:
        desk.cache.close()
        for suffix in ("", "-wal", "-shm"):
            Path(desk.files.cache + suffix).unlink(missing_ok=True)
        pane = model.board.pane(Status.NEW)
        assert pane[:10] == []
        assert pane.at(0) is None
        assert model.reload().ticket_ids
        assert len(pane) == 0


def test_the_board_of_a_person_lists_their_open_tickets_latest_first(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    with started(desk) as model:
        found = [ticket.id for ticket in model.open_tickets_of(101)]
        assert found == [n for n in range(1, 41) if n % 8 == 1 and STATUSES[n % 5] is not Status.CLOSED]
