"""Every character that is drawn, on every screen and in every theme, has contrast with what is behind it."""

import asyncio
import os
import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace
from rich.color import Color
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.pilot import Pilot

from support.app_driver import settle
from support.app_places import PLACES, opened_place
from support.board_samples import NOW, LocalCopy, varied_desk
from support.colours import contrast
from supporttui.config.settings import PACKAGED_THEMES
from supporttui.presentation.terminal_options import LOCAL_TERMINAL
from supporttui.sync.status import LinkState
from supporttui.ui.app import SupportApp

THEMES: Final = (
    PACKAGED_THEMES if os.environ.get("SUPPORTTUI_THEMES") == "all" else ("dark", "light", "colour-blind-light")
)
"""A thorough run takes all of them."""
LEAST_CONTRAST: Final = 4.5
"""WCAG 2.1, level AA, for text of any size."""
LEAST_OF_DECORATION: Final = 3.0
"""WCAG 2.1, for what is no text."""
DECORATION: Final = {
    **dict.fromkeys((chr(code) for code in range(0x2500, 0x2580)), "borders and rules between parts"),
    **dict.fromkeys((chr(code) for code in range(0x2580, 0x25A0)), "bars beside what they mark, ends of scrollbars"),
    **dict.fromkeys("▰▱", "a bar beside the clock that says the same in figures"),
}
"""What carries nothing that is not said in text beside it, by character, with what it is drawn for."""
XTERM: Final = TerminalTheme(
    (0, 0, 0),
    (229, 229, 229),
    [(0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229)],
    [(127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255),
     (255, 255, 255)],
)  # fmt: skip
"""What the sixteen colours of the terminal are where nobody has changed them."""


def hexadecimal(colour: Color | None, *, is_ground: bool) -> str:
    triplet = (colour or Color.default()).get_truecolor(XTERM, foreground=not is_ground)
    return triplet.hex


def drawn_pairs(app: SupportApp) -> Iterator[tuple[str, str, str]]:
    """Each character on the screen with its colour and its ground."""
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            style = segment.style or Style.null()
            pair = (hexadecimal(style.color, is_ground=False), hexadecimal(style.bgcolor, is_ground=True))
            for character in set(segment.text):
                if not character.isspace() and unicodedata.category(character) not in ("Cc", "Cf", "Mn"):
                    yield character, *(reversed(pair) if style.reverse else pair)


def too_low(app: SupportApp, place: str) -> set[tuple[str, str, str, str, float]]:
    """What cannot be read there."""
    found = {(*each, round(contrast(*each[1:]), 2)) for each in drawn_pairs(app)}
    return {
        (place, *each) for each in found if each[3] < (LEAST_OF_DECORATION if each[0] in DECORATION else LEAST_CONTRAST)
    }


async def what_is_low(app: SupportApp, pilot: Pilot[None], desk: LocalCopy) -> set[tuple[str, str, str, str, float]]:
    """What cannot be read in any of the places, with the clocks running, standing still, and with old data."""
    low: set[tuple[str, str, str, str, float]] = set()
    for name, opening in PLACES.items():
        async with opened_place(app, pilot, opening):
            low |= too_low(app, name)
    for name, keys in BOARD_STATES.items():
        await pilot.press(*keys)
        await pilot.pause(0.15)
        low |= too_low(app, name)
    for name, ago, link in STATES_OF_DATA:
        desk.now = NOW + ago
        desk.engine.say(link=link, sentence="")
        app._tick_screens(app.model.now())
        await settle(pilot)
        low |= too_low(app, name)
    return low


BOARD_STATES: Final = {
    "preview": ["1", "w"],
    "filter with a mistake": ["slash", *"sev:9"],
    "filter with what may come next": ["escape", "slash", *"st"],
    "groups": ["escape", "b", "s"],
    "two lines": ["d", "2"],
    "marks and folded groups": ["underscore", "z"],
    "a sentence": ["underscore", "g", *"999", "enter"],
}
STATES_OF_DATA: Final = (
    ("data of yesterday", timedelta(days=1), LinkState.OFFLINE),
    ("the weekend", timedelta(days=5), LinkState.LIVE),
)


@pytest.mark.parametrize("theme", THEMES)
def test_every_character_that_is_drawn_can_be_read(tmp_path: Path, theme: str) -> None:
    async def run() -> set[tuple[str, str, str, str, float]]:
        desk = varied_desk(tmp_path)
        line = replace(LOCAL_TERMINAL, theme=theme)
        app = SupportApp(replace(desk.app_context(), line=line))
        async with app.run_test(size=(160, 50)) as pilot:
            await settle(pilot)
            assert len(list(drawn_pairs(app))) > 400
            return await what_is_low(app, pilot, desk)

    assert sorted(asyncio.run(run())) == []


@pytest.mark.parametrize("theme", THEMES)
def test_everything_on_the_wall_can_be_read(tmp_path: Path, theme: str) -> None:
    async def run() -> set[tuple[str, str, str, str, float]]:
        desk = varied_desk(tmp_path)
        line = replace(LOCAL_TERMINAL, theme=theme)
        app = SupportApp(replace(desk.app_context(is_wall=True), line=line))
        low = set()
        async with app.run_test(size=(200, 50)) as pilot:
            for link in (LinkState.LIVE, LinkState.OFFLINE):
                desk.engine.say(link=link)
                app._tick_screens(app.model.now())
                await settle(pilot)
                low |= too_low(app, f"wall, {link.value}")
        return low

    assert sorted(asyncio.run(run())) == []


def test_no_letter_and_no_figure_is_decoration() -> None:
    assert [character for character in DECORATION if unicodedata.category(character)[0] in "LN"] == []
