"""A click on a key of the lowest line presses it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from support.app_driver import screen_lines, settle
from support.board_samples import LocalCopy, sample_ticket
from support.open_board import change, on_board
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.sync.status import LinkState
from supporttui.ui.app import SupportApp
from supporttui.ui.board.screen import BoardScreen
from supporttui.ui.compose.compose_panel import ComposePanel
from supporttui.ui.dialogs.help import HelpScreen
from supporttui.ui.dialogs.move import MoveScreen
from supporttui.ui.ticket.screen import TicketScreen

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path) -> LocalCopy:
    return LocalCopy(tmp_path, [sample_ticket(n, f"Subject {n}", severity=1, ago=n * HOUR / 4) for n in range(1, 4)])


async def click(app: SupportApp, pilot: Pilot[None], words: str) -> None:
    """Click on the last character of words of the last line."""
    line = screen_lines(app)[-1]
    assert words in line
    await pilot.click(offset=(line.index(words) + len(words) - 1, len(screen_lines(app)) - 1))
    await settle(pilot)


@pytest.mark.parametrize("size", [(80, 24), (160, 44)])
def test_a_click_on_a_hint_does_what_its_key_does(desk: LocalCopy, size: tuple[int, int]) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await click(app, pilot, "m move")
        assert isinstance(app.screen, MoveScreen)
        await pilot.press("escape")
        await click(app, pilot, "? keys")
        assert isinstance(app.screen, HelpScreen)

    on_board(desk, act, size)


def test_also_below_and_beside_a_sentence(desk: LocalCopy) -> None:
    desk.engine.say(link=LinkState.OFFLINE, sentence=safe_line(OutsideText("Nobody answers at desk.example.")))

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await change(app, pilot)
        await click(app, pilot, "m move")
        assert isinstance(app.screen, MoveScreen)
        await pilot.press("escape")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await click(app, pilot, "m move")
        assert isinstance(app.screen, MoveScreen)

    on_board(desk, act, (220, 44))


def test_while_writing_a_click_presses_the_keys_of_writing(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("r", *"Hello")
        await click(app, pilot, "^s send")
        assert [each.patch.body for each in desk.engine.submitted] == ["Hello"]

    on_board(desk, act, (120, 36))


def test_a_click_beside_the_hints_does_nothing(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        line = screen_lines(app)[-1]
        for at in (0, line.index("  ", 3), len(line) + 3):
            await pilot.click(offset=(at, 43))
            await settle(pilot)
            assert isinstance(app.screen, BoardScreen)

    on_board(desk, act, (160, 44))


def test_two_keys_that_follow_each_other_are_both_pressed(desk: LocalCopy) -> None:
    async def act() -> None:
        app = SupportApp(replace(desk.app_context(), keymap={"board-open-ticket": "x o"}))
        async with app.run_test(size=(160, 44)) as pilot:
            await settle(pilot)
            await click(app, pilot, "x o open")
            assert isinstance(app.screen, TicketScreen)
            assert not app.screen.query_one(ComposePanel).is_open

    asyncio.run(act())
