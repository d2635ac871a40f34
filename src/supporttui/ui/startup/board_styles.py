"""The board's computed styles, one file of the package per theme: the first picture needs them before Textual does.

Only Textual can compute them from the stylesheets, the theme and the terminal's colours, and its import takes longer
than the rest of the start. `tests/support/board_styles.py` generates the files, and a test fails if they are outdated.
As nothing is saved at run time, the first start in a terminal is as fast as the second.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from supporttui.config.settings import PACKAGED_THEMES, TERMINAL_THEME_NAME
from supporttui.presentation.board.key_hints import KeyHint
from supporttui.presentation.terminal_options import (
    COLOURS_16,
    COLOURS_24_BIT,
    COLOURS_256,
    COLOURS_AUTO,
    COLOURS_NONE,
    TerminalOptions,
)
from supporttui.ui.terminal.escape_codes import Pen, nearest_of_256

STYLES_FOLDER: Final = Path(__file__).with_name("styles")
COLOUR_NAMES_FILE: Final = STYLES_FOLDER / "own-theme.json"
"""For themes of the user's own: as a packaged theme's file, but with names of a palette's colours for their codes."""
_TERMINAL_ORDER: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_BY_TERM_SUFFIX: Final = {"kitty": COLOURS_256, "256color": COLOURS_256}
"""Rich's colour system by the last part of TERM; all others have sixteen colours."""


class PaneStyles(msgspec.Struct, frozen=True):
    """The pens of a pane's parts, on its background and under its cursor."""

    plain: dict[str, Pen]
    cursor: dict[str, Pen]


class HintStyle(msgspec.Struct, frozen=True):
    """A key named in the footer."""

    binding_id: str
    bound_keys: str
    """As in the binding: one key, or several separated by commas."""
    hint: KeyHint


class BoardStyles(msgspec.Struct, frozen=True, kw_only=True):
    """The pens of everything in the first picture."""

    panes: dict[str, PaneStyles]
    """By `pane_state_key`."""
    header_ground: Pen
    header: dict[str, Pen]
    keys_ground: Pen
    key: Pen
    word: Pen
    hints: list[HintStyle]

    def key_hints(self, keymap: Mapping[str, str]) -> list[KeyHint]:
        """Return the hints under the user's keymap (keys by binding id)."""
        if not keymap:
            return [each.hint for each in self.hints]
        from supporttui.presentation.key_names import short_key  # only if keys differ

        return [
            KeyHint(short_key(key := keymap[each.binding_id].split(",")[0]), each.hint.word, key)
            if each.binding_id in keymap
            else each.hint
            for each in self.hints
        ]


def pane_state_key(*, has_focus: bool, is_stale: bool) -> str:
    """Return the key of a pane's state, as far as its styles depend on it."""
    return f"{'focused' if has_focus else 'plain'} {'stale' if is_stale else 'fresh'}"


def styles_file(theme: str) -> Path:
    """The file of a packaged theme; for those of the user's own there is one that names colours."""
    return STYLES_FOLDER / f"{theme}.json"


def styles_key(theme: str, colours: str) -> str:
    """Return the key of a theme's entry: the terminal theme is the same in every colour system except none."""
    return COLOURS_16 if theme == TERMINAL_THEME_NAME and colours != COLOURS_NONE else colours


def load_board_styles(terminal: TerminalOptions, environ: Mapping[str, str]) -> BoardStyles | None:
    """Return the styles for this terminal.

    None where it is not certain which colours Textual will use.
    """
    colours = terminal.colours
    if colours == COLOURS_AUTO:
        detected = None if "NO_COLOR" in environ else detect_colour_system(environ)
        if detected is None:
            return None
        colours = detected
    theme = terminal.theme_in_use
    if theme not in PACKAGED_THEMES:
        return None if terminal.palette is None else own_theme_styles(terminal.palette, colours)
    by_key = msgspec.json.decode(styles_file(theme).read_bytes(), type=dict[str, msgspec.Raw])
    found = by_key.get(styles_key(theme, colours))
    return None if found is None else msgspec.json.decode(found, type=BoardStyles)


def detect_colour_system(environ: Mapping[str, str]) -> str | None:
    """Return the colour system that Rich would detect, by Rich's name; None if it finds none."""
    wanted = environ.get("TEXTUAL_COLOR_SYSTEM", COLOURS_AUTO)
    if wanted != COLOURS_AUTO:
        return wanted
    term = environ.get("TERM", "").strip().lower()
    if environ.get("TTY_COMPATIBLE") == "0" or environ.get("FORCE_COLOR") == "" or term in ("dumb", "unknown"):
        return None
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return COLOURS_24_BIT
    return _BY_TERM_SUFFIX.get(term.rpartition("-")[2], COLOURS_16)


def own_theme_styles(palette: Mapping[str, str], colours: str) -> BoardStyles | None:
    """The styles with these colours on a terminal with that colour system; None where they cannot be foreseen."""
    if palette["background"] != "default" and colours not in (COLOURS_24_BIT, COLOURS_256):
        return None
    named = msgspec.json.decode(COLOUR_NAMES_FILE.read_bytes(), type=BoardStyles)
    pen, pens = partial(_pen, palette, colours), partial(_pens, palette, colours)
    return BoardStyles(
        panes={state: PaneStyles(pens(each.plain), pens(each.cursor)) for state, each in named.panes.items()},
        header_ground=pen(named.header_ground),
        header=pens(named.header),
        keys_ground=pen(named.keys_ground),
        key=pen(named.key),
        word=pen(named.word),
        hints=named.hints,
    )


def _pens(palette: Mapping[str, str], colours: str, named: Mapping[str, Pen]) -> dict[str, Pen]:
    return {part: _pen(palette, colours, pen) for part, pen in named.items()}


def _pen(palette: Mapping[str, str], colours: str, named: Pen) -> Pen:
    foreground, background = named.foreground, named.background
    return named._replace(
        foreground=_codes(palette[foreground], colours, is_foreground=True) if foreground else "",
        background=_codes(palette[background], colours, is_foreground=False) if background else "",
    )


def _codes(colour: str, colours: str, *, is_foreground: bool) -> str:
    """The escape codes of a palette's colour."""
    if colour == "default":
        return ""
    if not colour.startswith("#"):
        name = colour.removeprefix("bright-")
        first = (30 if is_foreground else 40) + (60 if name != colour else 0)
        return str(first + _TERMINAL_ORDER.index(name))
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    kind = "38" if is_foreground else "48"
    return (
        f"{kind};2;{red};{green};{blue}"
        if colours == COLOURS_24_BIT
        else f"{kind};5;{nearest_of_256(red, green, blue)}"
    )
