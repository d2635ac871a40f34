"""On the smallest terminals what is typed is seen, below it the frame, and below that the keys."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from support.app_driver import AppDriver, running_app, screen_lines, settle
from support.board_samples import LocalCopy, sample_ticket
from support.open_board import change, on_board
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.sync.status import LinkState
from supporttui.ui.app import SupportApp
from supporttui.ui.compose.composer import Composer
from supporttui.ui.key_line import KeyLine
from supporttui.ui.typing_area import PlainTextArea

SIZES = [(40, 10), (40, 12), (60, 10), (80, 24)]
TEXT = "\n".join(f"line {number}" for number in range(8))


async def sees_what_is_typed(stage: AppDriver, last: str) -> None:
    """The last line of the text, the whole frame, and the keys."""
    await stage.sees(last, "send")
    screen = stage.app.screen
    composer, keys = screen.query_one(Composer), screen.query_one(KeyLine)
    field = screen.query_one(PlainTextArea)
    await stage.until(lambda: composer.region.bottom <= keys.region.y)
    assert composer.region.y >= 1
    assert field.region.bottom < composer.region.bottom
    lines = stage.text.split("\n")
    assert lines[composer.region.bottom - 1].strip().startswith("╰")
    assert "send" in lines[-1]
    assert any(last in line for line in lines[field.region.y : field.region.bottom])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["r", "i"])
def test_the_last_line_typed_the_frame_and_the_keys_are_seen(tmp_path: Path, size: tuple[int, int], key: str) -> None:
    async def act() -> None:
        async with running_app(tmp_path, size) as stage:
            await stage.opens(1042)
            await stage.pilot.press(key)
            await stage.pastes(TEXT)
            await sees_what_is_typed(stage, "line 7")

    asyncio.run(act())


def test_a_terminal_that_was_too_small_for_a_while_shows_the_text_again_and_takes_more(tmp_path: Path) -> None:
    async def act() -> None:
        async with running_app(tmp_path, (40, 10)) as stage:
            await stage.opens(1042)
            await stage.pilot.press("r")
            await stage.pastes(TEXT)
            await sees_what_is_typed(stage, "line 7")
            await stage.pilot.resize_terminal(20, 5)
            await stage.types(" more")
            await stage.pilot.resize_terminal(40, 10)
            await sees_what_is_typed(stage, "line 7 more")

    asyncio.run(act())


@pytest.mark.parametrize("size", SIZES)
def test_an_outage_hides_neither_the_text_nor_the_keys_of_writing(tmp_path: Path, size: tuple[int, int]) -> None:
    desk = LocalCopy(tmp_path, [sample_ticket(7, "Slow", severity=1, ago=timedelta(hours=1))])
    said = "Nobody answers at desk.example: the network cannot be reached. See the cable, the wireless link or the VPN."
    desk.engine.say(link=LinkState.OFFLINE, sentence=safe_line(OutsideText(said)))

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await change(app, pilot)
        await pilot.press("r", *"Hello")
        await settle(pilot)
        lines = screen_lines(app)
        assert any("Hello" in line for line in lines)
        assert any("Nobody answers" in line for line in lines)
        assert "^s send" in lines[-1]

    on_board(desk, act, size)
