"""Lists are worked with the mouse as with the keys."""

from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from support.app_driver import settle
from support.board_samples import LocalCopy, sample_ticket
from support.open_board import on_board
from supporttui.domain.ticket import Status
from supporttui.ui.app import SupportApp
from supporttui.ui.board.screen import BoardScreen
from supporttui.ui.dialogs.agenda import AgendaScreen
from supporttui.ui.ticket.screen import TicketScreen


@pytest.fixture
def desk(tmp_path: Path) -> LocalCopy:
    tickets = [sample_ticket(n, f"Ticket {n}", ago=timedelta(hours=n)) for n in range(1, 4)]
    return LocalCopy(tmp_path / "desk", tickets)


def test_a_status_is_chosen_with_the_mouse(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("m")
        await settle(pilot)
        await pilot.click("#choose-move-to-on-hold")
        await settle(pilot)
        assert [each.patch.status for each in desk.engine.submitted] == [Status.ON_HOLD]
        assert isinstance(app.screen, BoardScreen)

    on_board(desk, act)


def test_a_ticket_of_what_to_do_first_is_opened_with_the_mouse(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("t")
        await settle(pilot)
        assert isinstance(app.screen, AgendaScreen)
        second = app.screen._tasks[1].ticket.id
        await pilot.click("#agenda-list", offset=(5, 1))
        await settle(pilot)
        assert isinstance(app.screen, TicketScreen)
        assert app.screen.ticket_at_hand == second

    on_board(desk, act)
