"""After an action the cursor stays with its ticket, also into another pane, until it is moved by hand."""

from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from support.app_driver import screen_text, settle
from support.board_samples import LocalCopy, sample_ticket
from support.open_board import on_board
from support.sample_values import ticket_key
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.ui.app import SupportApp
from supporttui.ui.messages import TicketsChanged
from supporttui.ui.panes.status_pane import StatusPane

HOUR = timedelta(hours=1)
SIZES = [(80, 24), (160, 44)]


def new_tickets(folder: Path) -> LocalCopy:
    return LocalCopy(folder, [sample_ticket(n, f"Subject {n}", severity=1, ago=n * HOUR / 4) for n in range(1, 7)])


def under_cursor(app: SupportApp) -> tuple[Status, TicketId | None]:
    pane = app.focused
    assert isinstance(pane, StatusPane)
    row = pane.cursor_row
    return pane.status, None if row is None else row.ticket.id


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("is_burst", [False, True])
def test_keys_after_taking_a_ticket_act_on_that_ticket(tmp_path: Path, size: tuple[int, int], is_burst: bool) -> None:
    desk = new_tickets(tmp_path)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        _, ticket = under_cursor(app)
        for keys in [("a", "m", "c")] if is_burst else [("a",), ("m",), ("c",)]:
            await pilot.press(*keys)
            await settle(pilot)
        assert [each.ticket_id for each in desk.engine.submitted] == [ticket, ticket]
        assert [each.patch.status for each in desk.engine.submitted] == [Status.OPEN, Status.CLOSED]
        assert under_cursor(app) == (Status.CLOSED, ticket)

    on_board(desk, act, size)


def test_what_was_done_to_which_ticket_is_said(tmp_path: Path) -> None:
    desk = new_tickets(tmp_path)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("g", "4", "enter", "a")
        await settle(pilot)
        assert "#4 is yours, now Open." in screen_text(app)
        await pilot.press("m", "h")
        await settle(pilot)
        assert "#4 is On-Hold now." in screen_text(app)
        await pilot.press("enter", "S", "2")
        await settle(pilot)
        assert "#4 has severity 2 now." in screen_text(app)

    on_board(desk, act)


def test_the_cursor_goes_with_a_ticket_that_is_answered(tmp_path: Path) -> None:
    desk = new_tickets(tmp_path)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("g", "4", "enter", "r", *"Hello", "ctrl+s")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert under_cursor(app) == (desk.engine.submitted[-1].patch.status, ticket_key(4))

    on_board(desk, act)


def test_a_cursor_that_was_moved_off_is_not_taken_back(tmp_path: Path) -> None:
    desk = new_tickets(tmp_path)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("g", "4", "enter", "a", "1", "j")
        await settle(pilot)
        before = under_cursor(app)
        app.post_message(TicketsChanged())
        await settle(pilot)
        assert under_cursor(app) == before
        assert before[0] is Status.NEW

    on_board(desk, act)


def test_taking_back_puts_the_cursor_on_that_ticket_again(tmp_path: Path) -> None:
    desk = new_tickets(tmp_path)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        _, ticket = under_cursor(app)
        await pilot.press("m", "o")
        await settle(pilot)
        await pilot.press("1", "j")
        await settle(pilot)
        assert under_cursor(app)[1] != ticket
        await pilot.press("u")
        await settle(pilot)
        assert under_cursor(app)[1] == ticket
        assert "Taken back: the move of " in screen_text(app)

    on_board(desk, act)
