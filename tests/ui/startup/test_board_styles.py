"""The styles in the package are those that Textual computes, chosen by the colours that Rich detects."""

import asyncio
import io
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.console import COLOR_SYSTEMS, Console

from support.app_driver import settle
from support.board_samples import LocalCopy
from support.board_styles import VARIANTS, computed_colour_names, computed_styles
from supporttui.config.key_presets import PRESETS
from supporttui.config.palettes import PALETTES
from supporttui.config.settings import TERMINAL_THEME_NAME
from supporttui.presentation.board.key_hints import KeyHint
from supporttui.presentation.terminal_options import (
    COLOURS_16,
    COLOURS_24_BIT,
    COLOURS_256,
    COLOURS_AUTO,
    COLOURS_NONE,
    LOCAL_TERMINAL,
)
from supporttui.ui.app import SupportApp
from supporttui.ui.board.screen import HINTS
from supporttui.ui.key_line import active_hints
from supporttui.ui.live import LiveScreen
from supporttui.ui.startup.board_styles import COLOUR_NAMES_FILE, BoardStyles, detect_colour_system, load_board_styles

TRUE_COLOUR = {"COLORTERM": "truecolor"}
OF_OWN_THEMES = [
    (theme, colours)
    for theme, colours in VARIANTS
    if colours in ((COLOURS_16,) if theme == TERMINAL_THEME_NAME else (COLOURS_24_BIT, COLOURS_256))
]
"""With no colours at all, and with sixteen, the theme is the terminal's."""
TERMS = [
    "xterm",
    "xterm-256color",
    "tmux-256color",
    "xterm-kitty",
    "linux",
    "rxvt-16color",
    "dumb",
    "unknown",
    "",
    "X-",
]
ENVIRONMENTS = st.fixed_dictionaries(
    {},
    optional={
        "TERM": st.sampled_from(TERMS),
        "COLORTERM": st.sampled_from(["truecolor", "24bit", " TrueColor ", "yes", ""]),
        "TTY_COMPATIBLE": st.sampled_from(["0", "1", ""]),
        "FORCE_COLOR": st.sampled_from(["1", ""]),
    },
)


class AlwaysTerminal(io.StringIO):
    """What Textual gives to Rich in the place of a file."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("theme", "colours"), VARIANTS)
def test_they_are_what_textual_computes(tmp_path: Path, theme: str, colours: str) -> None:
    line = replace(LOCAL_TERMINAL, theme=theme, colours=COLOURS_NONE if colours == COLOURS_NONE else COLOURS_AUTO)
    packaged = load_board_styles(line, {"TEXTUAL_COLOR_SYSTEM": colours})
    computed = computed_styles(tmp_path, theme, colours)
    assert packaged == computed, "run tests/support/board_styles.py"


def numbers_in(styles: BoardStyles | None) -> list[int]:
    """Every number in them. Textual takes an accent through another colour space, which may add one of 255 to it."""
    return [int(number) for number in re.findall(r"\d+", msgspec.json.encode(styles).decode())]


def test_names_of_colours_are_those_that_textual_computes(tmp_path: Path) -> None:
    named = msgspec.json.decode(COLOUR_NAMES_FILE.read_bytes(), type=BoardStyles)
    assert named == computed_colour_names(tmp_path), "run tests/support/board_styles.py"


@pytest.mark.parametrize(("theme", "colours"), OF_OWN_THEMES)
def test_a_theme_of_ones_own_begins_in_its_own_colours(theme: str, colours: str) -> None:
    packaged = load_board_styles(replace(LOCAL_TERMINAL, theme=theme), {"TEXTUAL_COLOR_SYSTEM": colours})
    own = replace(LOCAL_TERMINAL, theme="mine", palette=PALETTES[theme])
    styles = load_board_styles(own, {"TEXTUAL_COLOR_SYSTEM": colours})
    differing = [pair for pair in zip(numbers_in(packaged), numbers_in(styles), strict=True) if pair[0] != pair[1]]
    assert all(abs(one - other) == 1 and colours == COLOURS_24_BIT for one, other in differing), differing


def test_a_colour_of_ones_own_is_in_the_first_picture(tmp_path: Path) -> None:
    palette = {**PALETTES["light"], "background": "#fffbe8", "breached": "#b00020"}
    styles = load_board_styles(replace(LOCAL_TERMINAL, theme="mine", palette=palette), TRUE_COLOUR)
    assert styles == computed_styles(tmp_path, "mine", COLOURS_24_BIT, palette)
    assert styles.panes["plain fresh"].plain["clock-breached"].foreground == "38;2;176;0;32"


@given(ENVIRONMENTS)
def test_the_colours_are_those_that_rich_detects(environ: dict[str, str]) -> None:
    detected = Console(file=AlwaysTerminal(), legacy_windows=False, _environ=environ)._color_system
    found = detect_colour_system(environ)
    if environ.get("TTY_COMPATIBLE") == "1" and environ.get("FORCE_COLOR") == "":
        assert found is None or COLOR_SYSTEMS[found] is detected  # none is safe: the screen draws the picture
    else:
        assert (COLOR_SYSTEMS[found] if found else None) is detected


@pytest.mark.parametrize(
    "environ", [{"NO_COLOR": "1"}, {"NO_COLOR": ""}, {"TERM": "dumb"}, {"TEXTUAL_COLOR_SYSTEM": "x"}]
)
def test_where_the_colours_are_not_certain_there_are_none(environ: dict[str, str]) -> None:
    assert load_board_styles(LOCAL_TERMINAL, environ) is None


@pytest.mark.parametrize(
    "keymap",
    [{}, {"board-reply": "x"}, {"app-help": "f1,f3"}, {"board-move": "g x", "board-go-to": "T"}, *PRESETS.values()],
)
def test_keys_are_named_as_the_screen_names_them_under_every_keymap(tmp_path: Path, keymap: dict[str, str]) -> None:
    styles = load_board_styles(LOCAL_TERMINAL, TRUE_COLOUR)
    assert styles is not None

    async def named() -> list[KeyHint]:
        app = SupportApp(replace(LocalCopy(tmp_path, []).app_context(), keymap=keymap))
        async with app.run_test(size=(200, 50)) as pilot:
            await settle(pilot)
            assert isinstance(app.screen, LiveScreen)
            return active_hints(app.screen, HINTS)

    assert styles.key_hints(keymap) == asyncio.run(named())
