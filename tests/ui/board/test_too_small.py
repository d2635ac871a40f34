"""A terminal that was too small for a while: the cursor and the keys are as before."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from support.app_driver import screen_text, settle
from support.board_samples import LocalCopy, sample_ticket
from support.sample_values import ticket_key
from supporttui.domain.ticket import Status
from supporttui.ui.app import SupportApp
from supporttui.ui.panes.status_pane import StatusPane

SMALL = [(20, 5), (39, 36), (120, 9), (5, 2)]


def board_of(folder: Path) -> LocalCopy:
    return LocalCopy(folder, [sample_ticket(n, f"Subject {n}", Status.OPEN, ago=timedelta(hours=n)) for n in (1, 2, 3)])


@pytest.mark.parametrize("small", SMALL)
@pytest.mark.parametrize("is_ticket_open", [False, True])
def test_keys_act_on_the_same_ticket_after_the_terminal_was_too_small(
    tmp_path: Path, small: tuple[int, int], is_ticket_open: bool
) -> None:
    async def act() -> None:
        app = SupportApp(board_of(tmp_path).app_context())
        async with app.run_test(size=(120, 36)) as pilot:
            await settle(pilot)
            await pilot.press("2", "j")
            await pilot.press(*["enter"] if is_ticket_open else [])
            for size in (small, (100, 30)):
                await pilot.resize_terminal(*size)
                await settle(pilot)
            await pilot.press(*["escape"] if is_ticket_open else [])
            await settle(pilot)
            pane = app.focused
            assert isinstance(pane, StatusPane)
            row = pane.cursor_row
            assert row is not None
            assert row.ticket.id == ticket_key(2)
            await pilot.press("enter")
            await settle(pilot)
            assert "Subject 2" in screen_text(app)
            assert type(app.screen).__name__ == "TicketScreen"

    asyncio.run(act())
