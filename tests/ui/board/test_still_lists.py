"""No list moves under the cursor, whatever arrives, changes or leaves; frozen, nothing moves at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from textual.pilot import Pilot

from support.app_driver import screen_text, settle
from support.board_samples import NOW, LocalCopy, sample_ticket
from support.open_board import on_board
from support.sample_values import ticket_key
from supporttui.domain.board import Row
from supporttui.domain.query.parser import parse_query
from supporttui.domain.query.selection import BoardSelection, GroupBy, SortBy
from supporttui.domain.ticket import Lifecycle, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.frozen_lists import FrozenLists
from supporttui.presentation.board.viewport import Viewport
from supporttui.ui.app import SupportApp
from supporttui.ui.messages import TicketsChanged
from supporttui.ui.panes.status_pane import StatusPane

MINUTE = timedelta(minutes=1)
ROOM = 6


class ChangingPane:
    """The pane of new tickets in the middle of a list, while others work on the desk."""

    def __init__(self, folder: Path, count: int = 20) -> None:
        self.desk = LocalCopy(folder, [self._ticket(n, 4 * n) for n in range(1, count + 1)])
        self.model = BoardModel(self.desk.app_context(), self.desk.engine)
        self.model.load()
        self.view = Viewport(self.model.board.pane(Status.NEW))
        self.view.fit(ROOM)
        self.versions = 0

    def _ticket(self, number: int, age: int, **more: object) -> Ticket:
        ticket = sample_ticket(number, f"ticket {number}", severity=3, ago=age * MINUTE)
        return replace(ticket, **more)

    def change(self, number: int, age: int, **more: object) -> None:
        """A ticket arrives, or is another from now on."""
        self.versions += 1
        self.desk.cache.apply([self._ticket(number, age, version=f"v{self.versions + 1}", **more)], ())
        self.changed = self.model.reload().ticket_ids

    def follow(self) -> None:
        """The focused list takes it up."""
        self.view.follow(is_still=True)

    @property
    def line(self) -> int | None:
        return self.view.cursor_slot

    def lines(self) -> list[TicketId | None]:
        return [row.ticket.id if isinstance(row, Row) else None for row in self.view.lines()]


@contextmanager
def changing_pane(folder: Path, count: int = 20) -> Iterator[ChangingPane]:
    pane = ChangingPane(folder, count)
    yield pane
    pane.model.close()
    pane.desk.cache.close()


EVENTS = st.lists(
    st.tuples(
        st.integers(1, 40),
        st.integers(1, 200),
        st.sampled_from([Status.NEW, Status.NEW, Status.OPEN, Status.CLOSED]),
        st.sampled_from([Lifecycle.LIVE, Lifecycle.LIVE, Lifecycle.LIVE, Lifecycle.DELETED, Lifecycle.MERGED]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(at=st.integers(0, 19), scrolled=st.integers(-3, 3), events=EVENTS)
def test_the_cursor_keeps_its_ticket_and_its_line(
    tmp_path_factory: pytest.TempPathFactory,
    at: int,
    scrolled: int,
    events: list[tuple[int, int, Status, Lifecycle]],
) -> None:
    with changing_pane(tmp_path_factory.mktemp("desk")) as pane:
        pane.view.move_to(at)
        pane.view.scroll_by(scrolled)
        ticket, line = pane.view.cursor_id, pane.line
        for number, age, status, lifecycle in events:
            pane.change(number, age, status=status, lifecycle=lifecycle)
            pane.follow()
            assert pane.view.cursor_id == ticket
            row = pane.view.cursor_row
            assert row is not None
            assert row.ticket.id == ticket
            if line is not None:
                assert (pane.line, pane.lines()[line]) == (line, ticket)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(at=st.integers(0, 19), events=EVENTS)
def test_frozen_nothing_moves_and_what_waits_is_counted(
    tmp_path_factory: pytest.TempPathFactory, at: int, events: list[tuple[int, int, Status, Lifecycle]]
) -> None:
    with changing_pane(tmp_path_factory.mktemp("desk")) as pane:
        pane.view.move_to(at)
        pane.view.freeze()
        before, cursor = pane.view.listed.ids(), pane.view.cursor_id
        frozen = FrozenLists(pane.model.board, {Status.NEW: before})
        for number, age, status, lifecycle in events:
            pane.change(number, age, status=status, lifecycle=lifecycle)
            pane.follow()
            frozen.note_changed(pane.changed)
            assert (pane.view.listed.ids(), pane.view.cursor_id) == (before, cursor)
        has_moved = pane.view.rows.ids() != before
        assert frozen.count >= has_moved
        assert frozen.count <= len({number for number, *_ in events})
        pane.view.thaw(is_still=True)
        assert pane.view.cursor_id == cursor
        assert set(pane.view.rows.ids()) <= set(pane.view.listed.ids())


def test_a_ticket_that_leaves_stays_under_the_cursor_until_it_is_moved(tmp_path: Path) -> None:
    with changing_pane(tmp_path) as pane:
        pane.view.move_to(3)
        assert pane.lines()[3] == ticket_key(17)
        pane.change(17, 1, status=Status.CLOSED)
        pane.follow()
        row = pane.view.cursor_row
        assert row is not None
        assert (row.ticket.id, row.ticket.status) == (ticket_key(17), Status.CLOSED)
        assert pane.view.listed.has_left(ticket_key(17))
        assert pane.lines() == [ticket_key(n) for n in (20, 19, 18, 17, 16, 15)]
        pane.view.move_to(4)
        assert pane.lines() == [ticket_key(n) for n in (20, 19, 18, 16, 15, 14)]
        assert pane.view.cursor_id == ticket_key(16)


def test_a_ticket_that_comes_back_is_listed_once(tmp_path: Path) -> None:
    with changing_pane(tmp_path) as pane:
        pane.view.move_to(3)
        for status in (Status.OPEN, Status.NEW):
            pane.change(17, 68, status=status)
            pane.follow()
        assert pane.lines() == [ticket_key(n) for n in (20, 19, 18, 17, 16, 15)]
        assert not pane.view.listed.has_left(ticket_key(17))


def test_what_arrives_above_the_cursor_is_counted_until_it_is_looked_at(tmp_path: Path) -> None:
    with changing_pane(tmp_path) as pane:
        pane.view.move_to(0)
        pane.change(30, 300)
        pane.change(31, 301)
        pane.follow()
        assert (pane.view.arrived_above, pane.view.above, pane.lines()[0]) == (2, 2, ticket_key(20))
        pane.view.move_to(0)
        assert (pane.view.arrived_above, pane.lines()[0]) == (0, ticket_key(31))


def test_empty_lines_above_close_up_as_the_cursor_moves_down(tmp_path: Path) -> None:
    with changing_pane(tmp_path) as pane:
        pane.view.move_to(3)
        for number in (19, 18):
            pane.change(number, 1, status=Status.CLOSED)
        pane.follow()
        assert pane.lines() == [None, None, *(ticket_key(n) for n in (20, 17, 16, 15))]
        pane.view.move_to(pane.view.cursor + 1)
        assert (pane.lines()[:2], pane.line) == ([None, ticket_key(20)], 3)
        pane.view.move_to(pane.view.cursor + 1)
        assert pane.lines() == [ticket_key(n) for n in (20, 17, 16, 15, 14, 13)]


def test_a_list_that_loses_the_focus_closes_up(tmp_path: Path) -> None:
    with changing_pane(tmp_path) as pane:
        pane.view.move_to(3)
        for number in (19, 17):
            pane.change(number, 1, status=Status.CLOSED)
        pane.follow()
        pane.view.release()
        assert pane.lines() == [ticket_key(n) for n in (20, 18, 16, 15, 14, 13)]


def selection_of(number: int) -> BoardSelection:
    """One of several filters, orders and groups."""
    text = ("", "sev:3", "ticket", "created>30m", "assignee:none", "-assignee:me")[number % 6]
    sort_by = (*SortBy,)[number % len(SortBy)]
    group_by = (None, GroupBy.SEVERITY, GroupBy.REQUESTER, None)[number % 4]
    return BoardSelection(query=parse_query(text), sort_by={Status.NEW: sort_by}, group_by=group_by)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(at=st.integers(0, 19), chosen=st.lists(st.integers(0, 71), min_size=1, max_size=4), events=EVENTS)
def test_filters_orders_and_groups_leave_the_cursor_on_its_ticket_and_on_the_screen(
    tmp_path_factory: pytest.TempPathFactory,
    at: int,
    chosen: list[int],
    events: list[tuple[int, int, Status, Lifecycle]],
) -> None:
    with changing_pane(tmp_path_factory.mktemp("desk")) as pane:
        pane.view.move_to(at)
        for turn, number in enumerate(chosen):
            ticket, line = pane.view.cursor_id, pane.line
            pane.model.show_now(selection_of(number))
            index = None if ticket is None else pane.view.rows.find(ticket)
            is_shown = index is not None
            pane.view.follow_choice()
            assert (pane.view.cursor_id == ticket) >= is_shown
            assert pane.line is not None or not len(pane.view.rows)
            end = max(0, len(pane.view.rows) - ROOM)
            if index is not None and line is not None and 0 <= index - line <= end:
                assert pane.line == line
            ticket, line = pane.view.cursor_id, pane.line
            for each in events[turn :: len(chosen)]:
                pane.change(each[0], each[1], status=each[2], lifecycle=each[3])
                pane.follow()
                if ticket is not None:
                    assert (pane.view.cursor_id, pane.line) == (ticket, line)


def test_z_counts_what_waits_and_shows_it(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path / "desk", [sample_ticket(n, f"ticket {n}", ago=n * MINUTE) for n in range(1, 9)])

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("z")
        desk.cache.apply([sample_ticket(99, "Everything is down", severity=1, ago=200 * MINUTE)], ())
        desk.cache.apply([replace(sample_ticket(7, "ticket 7", Status.CLOSED), version="v2", updated_at=NOW)], ())
        app.post_message(TicketsChanged())
        await settle(pilot)
        text = screen_text(app)
        assert "frozen · 2 changes waiting" in text
        assert "Everything is down" not in text
        assert "→ Closed" in text
        assert "z show what waits" in text
        await pilot.press("z")
        await settle(pilot)
        text = screen_text(app)
        assert "frozen" not in text
        assert "→ Closed" not in text
        await pilot.press("home")
        await settle(pilot)
        assert "Everything is down" in screen_text(app)

    on_board(desk, act, (120, 36))


def test_own_changes_show_on_a_frozen_row_and_do_not_wait(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path / "desk", [sample_ticket(n, f"ticket {n}", ago=n * MINUTE) for n in range(1, 9)])

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("z", "j", "m", "c")
        await settle(pilot)
        text = screen_text(app)
        assert "frozen · 0 changes waiting" in text
        assert "→ Closed" in text
        pane = app.focused
        assert isinstance(pane, StatusPane)
        assert (pane.status, pane.view.cursor_id) == (Status.NEW, ticket_key(7))
        assert [each.ticket_id for each in desk.engine.submitted] == [ticket_key(7)]

    on_board(desk, act, (120, 36))


def test_the_next_key_never_meets_another_ticket_than_it_was_typed_for(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path / "desk", [sample_ticket(n, f"ticket {n}", ago=n * MINUTE) for n in range(1, 9)])

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("j", "j")
        desk.cache.apply([replace(sample_ticket(6, "ticket 6", Status.OPEN), version="v2", updated_at=NOW)], ())
        app.post_message(TicketsChanged())
        await settle(pilot)
        assert "→ Open" in screen_text(app)
        await pilot.press("a")
        await settle(pilot)
        assert [each.ticket_id for each in desk.engine.submitted] == [ticket_key(6)]

    on_board(desk, act, (120, 36))
