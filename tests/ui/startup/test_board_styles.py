"""The styles in the package are those that Textual computes, chosen by the colours that Rich detects."""

import asyncio
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.console import COLOR_SYSTEMS, Console

from support.app_driver import settle
from support.board_samples import LocalCopy
from support.board_styles import VARIANTS, computed_styles
from supporttui.config.key_presets import PRESETS
from supporttui.presentation.board.key_hints import KeyHint
from supporttui.presentation.terminal_options import COLOURS_AUTO, COLOURS_NONE, LOCAL_TERMINAL
from supporttui.ui.app import SupportApp
from supporttui.ui.board.screen import HINTS
from supporttui.ui.key_line import active_hints
from supporttui.ui.live import LiveScreen
from supporttui.ui.startup.board_styles import detect_colour_system, load_board_styles

TRUE_COLOUR = {"COLORTERM": "truecolor"}
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
