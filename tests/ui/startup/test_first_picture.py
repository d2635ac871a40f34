"""The first picture, drawn without Textual, is the one that the screen draws, cell by cell."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from rich.color import ColorSystem

from support.app_driver import settle
from support.board_samples import ME, NOW, LocalCopy, sample_ticket
from supporttui.domain.ticket import Status, Ticket
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.pane_layout import CellSize, split_for_preview
from supporttui.presentation.terminal_options import LOCAL_TERMINAL
from supporttui.store.board_state import BoardState, BoardStateFile
from supporttui.store.cache import Cache
from supporttui.store.operations import Operation, OperationKind, OperationState
from supporttui.store.outbox import Outbox
from supporttui.store.person_rows import PeopleTable
from supporttui.sync.status import LinkState
from supporttui.ui.app import SupportApp
from supporttui.ui.startup.board_styles import load_board_styles
from supporttui.ui.startup.first_picture import HEADER_LINES, KEY_LINES, LoadedBoard, draw_first_picture
from supporttui.ui.terminal.cells import CellRow
from supporttui.ui.terminal.frame_encoder import ScreenCells

HOUR = timedelta(hours=1)
SIZES = [(200, 50), (150, 30), (120, 36), (100, 24), (80, 24), (60, 20), (40, 10)]


def some_tickets() -> list[Ticket]:
    return [
        sample_ticket(1042, "Board won't load", severity=1, ago=3 * HOUR + timedelta(minutes=17)),
        sample_ticket(1047, "Sticky notes lag", severity=2, ago=2 * HOUR, assignee=1),
        sample_ticket(1053, "[/markup] \x1b]0;owned\x07 subject", severity=None, ago=HOUR),
        sample_ticket(1017, "日本語のフォントが表示されない", Status.OPEN, severity=2, ago=HOUR, assignee=2),
        sample_ticket(1018, "e\u0301te\u0301 👩‍👩‍👧 — a family…", Status.OPEN, severity=2, ago=HOUR, assignee=2),
        sample_ticket(972, "Audit log", Status.ON_HOLD, ago=90 * HOUR, answered_after=HOUR, external="ENG-411"),
        sample_ticket(950, "Metadata refresh", Status.CLOSED, ago=90 * HOUR, answered_after=HOUR, in_status=2 * HOUR),
        *(
            sample_ticket(2000 + index, f"Ticket {index}", ago=index * HOUR, assignee=index % 4 or None)
            for index in range(60)
        ),
    ]


def picture_of(model: BoardModel, size: tuple[int, int]) -> list[CellRow] | None:
    styles = load_board_styles(LOCAL_TERMINAL, {"COLORTERM": "truecolor"})
    assert styles is not None
    picture = draw_first_picture(model, styles, CellSize(*size), styles.key_hints({}))
    return None if picture is None else picture.rows


def both_pictures(desk: LocalCopy, size: tuple[int, int]) -> tuple[list[CellRow] | None, list[CellRow]]:
    """The first picture, and what the screen shows at the same instant."""

    async def run() -> tuple[list[CellRow] | None, list[CellRow]]:
        app = SupportApp(desk.app_context())
        app.console._color_system = ColorSystem.TRUECOLOR
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            shown = ScreenCells(*size, app.console)
            shown.put_layout(app.screen._compositor.render_full_update())
            return picture_of(app.model, size), shown.rows

    return asyncio.run(run())


def assert_same(desk: LocalCopy, size: tuple[int, int] = (200, 50)) -> None:
    first, shown = both_pictures(desk, size)
    assert first is not None
    for y, (mine, theirs) in enumerate(zip(first, shown, strict=True)):
        assert mine == theirs, f"line {y}"


@pytest.mark.parametrize("size", SIZES)
def test_it_is_what_the_screen_shows(tmp_path: Path, size: tuple[int, int]) -> None:
    assert_same(LocalCopy(tmp_path / "desk", some_tickets()), size)


@pytest.mark.parametrize("age", [timedelta(seconds=5), timedelta(minutes=3), timedelta(days=3)])
def test_old_data_is_shown_as_old(tmp_path: Path, age: timedelta) -> None:
    desk = LocalCopy(tmp_path / "desk", some_tickets())
    desk.engine.say(link=LinkState.CONNECTING, last_sync_at=NOW - age)
    assert_same(desk)


@pytest.mark.parametrize("size", [(200, 50), (160, 44), (120, 36), (80, 24)])
def test_the_panes_leave_the_room_of_a_preview_that_was_open(tmp_path: Path, size: tuple[int, int]) -> None:
    desk = LocalCopy(tmp_path / "desk", some_tickets())
    state_file = BoardStateFile(desk.files.board_state)
    state_file.save(BoardState(shows_preview=True))
    state_file.wait()
    first, shown = both_pictures(desk, size)
    split = split_for_preview(CellSize(size[0], size[1] - HEADER_LINES - KEY_LINES))
    assert first is not None
    assert split is not None
    for y, (mine, theirs) in enumerate(zip(first, shown, strict=True)):
        is_beside = HEADER_LINES <= y < HEADER_LINES + split.panes.height
        if is_beside or not HEADER_LINES <= y < size[1] - KEY_LINES:
            width = split.panes.width if is_beside else size[0]
            assert mine[:width] == theirs[:width], f"line {y}"


@pytest.mark.parametrize("size", [(200, 50), (80, 24)])
def test_filter_order_and_densities_are_those_of_the_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    desk = LocalCopy(tmp_path / "desk", some_tickets())
    state_file = BoardStateFile(desk.files.board_state)
    state_file.save(BoardState(view="Not assigned", sort_by={"new": "created"}, lines_per_row={"new": 1, "open": 2}))
    state_file.wait()
    assert_same(desk, size)


def test_a_grouped_board_is_drawn_by_the_screen(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path / "desk", some_tickets())
    state_file = BoardStateFile(desk.files.board_state)
    state_file.save(BoardState(group_by="assignee"))
    state_file.wait()
    first, _ = both_pictures(desk, (120, 36))
    assert first is None


def test_an_empty_board_says_so(tmp_path: Path) -> None:
    assert_same(LocalCopy(tmp_path / "desk", []))


def test_a_pane_without_tickets_has_no_focus(tmp_path: Path) -> None:
    assert_same(LocalCopy(tmp_path / "desk", [each for each in some_tickets() if each.status is not Status.NEW]))


def test_what_needs_a_decision_is_left_to_the_screen(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path / "desk", some_tickets())
    refused = Operation(id="a1", kind=OperationKind.CREATE, created_at=NOW, state=OperationState.REJECTED)
    Outbox(desk.files.outbox, desk.files.desk).add(refused)
    assert both_pictures(desk, (200, 50))[0] is None


def test_a_screen_that_is_too_small_is_left_to_the_screen(tmp_path: Path) -> None:
    assert both_pictures(LocalCopy(tmp_path / "desk", some_tickets()), (39, 10))[0] is None


def test_the_rows_are_read_in_one_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = LocalCopy(tmp_path / "desk", some_tickets())
    opened = LoadedBoard(desk.app_context())
    asked: list[int] = []
    monkeypatch.setattr(Cache, "load_ticket", lambda _cache, ticket_id: asked.append(ticket_id))
    monkeypatch.setattr(PeopleTable, "load", lambda _people, person_id: asked.append(person_id))
    assert picture_of(opened.model, (200, 50)) is not None
    assert asked == [ME.id]  # for the header
