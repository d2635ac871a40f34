"""The board reads panes from the cache page by page, and shows pending changes where they belong."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from support.board_samples import ME, NOW, LocalCopy, sample_ticket
from support.policy_samples import packaged_calendar, packaged_policy
from support.sample_values import operation_with, ticket_key, ticket_keys
from supporttui.domain.board_order import BoardOrder
from supporttui.domain.patch import TicketPatch, apply_patch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.support_calendar import Calendars
from supporttui.domain.ticket import Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.loaded_board import PAGE_SIZE, Board
from supporttui.store.operations import Operation, OperationKind, OperationState
from supporttui.sync.status import LinkState

HOUR = timedelta(hours=1)
STATUSES = (*Status,)
ORDER = BoardOrder(packaged_policy(), Calendars(packaged_calendar()))


def tickets(count: int) -> list[Ticket]:
    return [
        sample_ticket(
            n, f"Ticket {n}", STATUSES[n % 5], severity=1 + n % 4, ago=timedelta(minutes=7 * n), assignee=n % 3
        )
        for n in range(1, count + 1)
    ]


def desk_of(folder: Path, count: int = 40) -> LocalCopy:
    return LocalCopy(folder / "desk", tickets(count))


@contextmanager
def started(desk: LocalCopy) -> Iterator[BoardModel]:
    """A window's model after its start."""
    model = BoardModel(desk.app_context(), desk.engine)
    model.load()
    yield model
    model.close()


def order_of(board: Board) -> dict[Status, list[TicketId]]:
    return {status: board.pane(status).ids() for status in Status}


def sorted_panes(known: list[Ticket]) -> dict[Status, list[TicketId]]:
    """The panes as Python sorts them."""
    panes: dict[Status, list[tuple[int, int, TicketId]]] = {status: [] for status in Status}
    for ticket in known:
        group, key, _ = ORDER.position(ticket, NOW.replace(second=0, microsecond=0))
        panes[ticket.status].append((group, key, ticket.id))
    return {status: [ticket_id for *_, ticket_id in sorted(entries)] for status, entries in panes.items()}


def change(ticket_id: TicketId, number: int, **values: object) -> Operation:
    patch = {
        "kind": OperationKind.UPDATE,
        "created_at": NOW,
        "ticket_id": ticket_id,
        "id": f"change {number}",
        **values,
    }
    return operation_with(**patch)


def test_a_second_start_shows_what_the_first_did(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    with started(desk) as first, started(desk) as second:
        assert order_of(second.board) == order_of(first.board) == sorted_panes(tickets(40))
        assert next(row.ticket.subject.raw for row in second.board.pane(Status.NEW)) == "Ticket 40"


def test_what_changed_while_no_window_was_open_is_in_its_place(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    changed = [
        replace(ticket, status=Status.ON_HOLD, version="v2")
        for ticket in tickets(40)
        if ticket.id in ticket_keys(7, 12)
    ]
    fresh = sample_ticket(99, "Fresh", severity=1, ago=3 * HOUR)
    desk.cache.apply([*changed, fresh], ())
    kept = [ticket for ticket in tickets(40) if ticket.id not in ticket_keys(7, 12)]
    with started(desk) as model:
        assert order_of(model.board) == sorted_panes([*kept, *changed, fresh])


def test_what_was_closed_too_long_ago_is_not_shown(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    with started(desk) as model:
        assert len(model.board.pane(Status.CLOSED)) == 8
        desk.now = NOW + timedelta(days=30)
        model.expire()
        assert len(model.board.pane(Status.CLOSED)) == 0
        assert model.board.pane(Status.CLOSED).ids() == []
        assert model.board.position(ticket_key(4)) is None


def test_what_was_closed_exactly_as_long_ago_as_is_shown_stays(tmp_path: Path) -> None:
    at_limit = sample_ticket(1, "just in", Status.CLOSED, ago=timedelta(days=9), in_status=timedelta(days=7))
    over = sample_ticket(2, "out", Status.CLOSED, ago=timedelta(days=9), in_status=timedelta(days=7, microseconds=1))
    with started(LocalCopy(tmp_path / "desk", [at_limit, over])) as model:
        assert model.board.pane(Status.CLOSED).ids() == ticket_keys(1)


def test_the_filter_shows_one_assignee_and_what_comes_to_them(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    mine = [ticket for ticket in tickets(40) if ticket.assignee_id == ME.id]
    with started(desk) as model:
        model.board.show_only(ME.id)
        assert order_of(model.board) == sorted_panes(mine)
        taken = replace(tickets(40)[1], assignee_id=ME.id, version="v2")
        desk.cache.apply([taken], ())
        model.reload()
        assert order_of(model.board) == sorted_panes([*mine, taken])
        model.board.show_only(None)
        assert len(model.board.pane(Status.AWAITING_REPLY)) == 8


def test_a_pane_of_many_pages_is_the_sorted_list(tmp_path: Path) -> None:
    known = [sample_ticket(n, f"t{n}", severity=1 + n % 4, ago=n * timedelta(minutes=n % 37)) for n in range(1, 301)]
    with started(LocalCopy(tmp_path / "desk", known)) as model:
        pane = model.board.pane(Status.NEW)
        wanted = sorted_panes(known)[Status.NEW]
        assert pane.ids(PAGE_SIZE - 2, PAGE_SIZE + 2) == wanted[PAGE_SIZE - 2 : PAGE_SIZE + 2]
        assert pane.ids() == wanted
        assert [pane.find(ticket_key(ticket_id)) for ticket_id in wanted] == [*range(300)]
        assert pane.id_at(300) is None


DECIDED = st.lists(
    st.tuples(
        st.integers(1, 40),
        st.sampled_from([None, *Status]),
        st.sampled_from([None, 1, 2]),
        st.sampled_from([None, 1, 2, 3, 4]),
    ),
    max_size=8,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(decided=DECIDED, only=st.sampled_from([None, 1]))
def test_pending_changes_are_shown_where_they_belong(
    tmp_path_factory: pytest.TempPathFactory,
    decided: list[tuple[int, Status | None, int | None, int | None]],
    only: int | None,
) -> None:
    desk = desk_of(tmp_path_factory.mktemp("desk"))
    known = {ticket.id: ticket for ticket in tickets(40)}
    with started(desk) as model:
        model.board.show_only(only)
        for number, (ticket_id, status, assignee_id, severity) in enumerate(decided):
            patch = TicketPatch(status=status, assignee_id=assignee_id, severity=severity)
            values = {"status": status, "assignee_id": assignee_id, "severity": severity}
            model.submit(
                change(
                    ticket_key(ticket_id), number, **{name: each for name, each in values.items() if each is not None}
                )
            )
            known[ticket_key(ticket_id)] = apply_patch(known[ticket_key(ticket_id)], patch, NOW)
        wanted = sorted_panes([each for each in known.values() if only in (None, each.assignee_id)])
        assert order_of(model.board) == wanted
        for status, ids in wanted.items():
            assert [model.board.position(ticket_key(ticket_id)) for ticket_id in ids] == [
                (status, at) for at in range(len(ids))
            ]
            assert len(model.board.pane(status)) == len(ids)


def test_a_refused_change_leaves_its_ticket_where_the_desk_has_it(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    with started(desk) as model:
        before = order_of(model.board)
        model.submit(change(ticket_key(5), 1, status=Status.CLOSED, state=OperationState.REJECTED))
        assert order_of(model.board) == before


def test_ten_thousand_changes_are_shown_after_one_reload(tmp_path: Path) -> None:
    desk = desk_of(tmp_path, 1_000)
    with started(desk) as model:
        assert model.board.pane(Status.NEW)[:5]
        desk.cache.apply([replace(each, subject=OutsideText("changed"), version="v2") for each in tickets(1_000)], ())
        assert len(model.reload().ticket_ids) == 1_000
        assert {row.ticket.subject.raw for row in model.board.pane(Status.NEW)} == {"changed"}


def test_a_copy_begun_anew_by_another_window_ends_no_drawing(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    with started(desk) as model:
        pane = model.board.pane(Status.NEW)
        assert pane.at(0) is not None
        desk.cache.close()
        for suffix in ("", "-wal", "-shm"):
            Path(desk.files.cache + suffix).unlink(missing_ok=True)
        model.board.invalidate()
        assert pane[:10] == []
        assert pane.at(0) is None
        model.reload()
        assert len(pane) == 0


def test_the_board_of_a_person_lists_their_open_tickets_latest_first(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    with started(desk) as model:
        found = [ticket.id for ticket in model.open_tickets_of(101)]
        assert found == [ticket_key(n) for n in range(1, 41) if n % 8 == 1 and STATUSES[n % 5] is not Status.CLOSED]


def test_a_pane_that_could_not_be_read_is_read_again_with_the_next_news(tmp_path: Path) -> None:
    desk = desk_of(tmp_path, 10)
    path = Path(desk.files.cache)
    with started(desk) as model:
        pane = model.board.pane(Status.NEW)
        before = len(pane)
        desk.cache.apply([sample_ticket(99, "Printer on fire")], ())
        model.reload()
        path.rename(path.with_name("aside"))
        path.mkdir()
        assert len(pane) == before
        assert "is no ordinary file" in model.readings.problem
        path.rmdir()
        path.with_name("aside").rename(path)
        assert model.reload().ticket_ids >= {ticket_key(99)}
        assert (len(pane), model.readings.problem) == (before + 1, "")


def test_the_link_is_never_told_ahead_of_the_tickets_that_it_brought(tmp_path: Path) -> None:
    desk = desk_of(tmp_path, 1)
    desk.engine.say(link=LinkState.CONNECTING)
    with started(desk) as model:
        shown = [model.status.link]
        desk.cache.apply([sample_ticket(2, "Just come in")], ())
        desk.engine.say(link=LinkState.LIVE)
        shown.append(model.status.link)
        model.reload()
        shown.append(model.status.link)
        assert shown == [LinkState.CONNECTING, LinkState.CONNECTING, LinkState.LIVE]
        assert ticket_key(2) in {ticket_id for status in Status for ticket_id in model.board.pane(status).ids()}
