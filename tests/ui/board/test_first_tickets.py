"""The first tickets come while the board is open."""

from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from support.app_driver import screen_text
from support.board_samples import LocalCopy, sample_ticket
from support.open_board import change, on_board
from support.sample_values import ticket_key
from supporttui.ui.app import SupportApp
from supporttui.ui.panes.status_pane import StatusPane


@pytest.mark.parametrize("keys", [(), ("question_mark",), ("ctrl+p",)])
def test_keys_act_on_the_ticket_on_which_the_bar_stands(tmp_path: Path, keys: tuple[str, ...]) -> None:
    desk = LocalCopy(tmp_path / "desk", [])
    desk.engine.say(loaded=False, last_sync_at=None)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press(*keys)
        desk.cache.apply([sample_ticket(each, f"ticket {each}") for each in range(1, 12)], ())
        await change(app, pilot)
        if keys:
            await pilot.press("escape")
        await pilot.press("r")
        assert "There is no ticket" not in screen_text(app)

    on_board(desk, act)


def test_a_key_finds_its_pane_where_nothing_has_the_focus(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path / "desk", [sample_ticket(each, f"ticket {each}") for each in range(1, 12)])

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        app.screen.set_focus(None)
        await pilot.press("r")
        assert "There is no ticket" not in screen_text(app)

    on_board(desk, act)


@pytest.mark.parametrize(("key", "ends_on"), [("", 4), ("down", 1)])
def test_the_cursor_stays_on_the_first_row_until_it_is_moved(tmp_path: Path, key: str, ends_on: int) -> None:
    """While the tickets are fetched for the first time; each that comes here is more urgent than those before."""
    desk = LocalCopy(tmp_path / "desk", [])
    desk.engine.say(loaded=False, last_sync_at=None)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        for number in range(1, 5):
            desk.cache.apply([sample_ticket(number, "a ticket", severity=3, ago=timedelta(minutes=number))], ())
            await change(app, pilot)
            if number == 2 and key:
                await pilot.press(key)
        pane = app.screen.focused
        assert isinstance(pane, StatusPane)
        assert pane.view.cursor_id == ticket_key(ends_on)
        assert pane.view.above == (2 if key else 0)

    on_board(desk, act)
