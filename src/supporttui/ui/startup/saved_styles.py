"""How the board looks in this terminal, kept in the local copy: a start draws the first picture with it.

What the sheets, the theme and the terminal's colours come to is known to Textual alone, which takes longer to load than
everything else. Where what is kept is wrong, the screen itself corrects it a moment later.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from supporttui import __version__
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.key_hints import KeyHint
from supporttui.presentation.terminal_options import TerminalOptions
from supporttui.ui.stylesheets import BOARD_SHEETS, stylesheet_paths
from supporttui.ui.terminal.escape_codes import Pen

_STATE_NAME: Final = "first_look"
_TERMINAL_DIGEST_BYTES: Final = 4
_TERMINAL_VARIABLES: Final = ("TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_THEME")


class SavedPaneStyles(msgspec.Struct, frozen=True):
    """The pens of a pane's parts, on its ground and under its cursor."""

    plain: dict[str, Pen]
    cursor: dict[str, Pen]


class SavedStyles(msgspec.Struct, frozen=True, kw_only=True):
    """The pens of all that the first picture shows."""

    made_for: bytes
    """What it depends on: another value, and it is of no use."""
    has_bce: bool
    """An erasure in this terminal leaves the background colour."""
    panes: dict[str, SavedPaneStyles]
    """By `pane_state_key`."""
    header_ground: Pen
    header: dict[str, Pen]
    keys_ground: Pen
    key: Pen
    word: Pen
    hints: list[KeyHint]
    """The keys that are named below the board."""


def pane_state_key(*, has_focus: bool, is_stale: bool) -> str:
    """How a pane stands, as far as its look depends on that."""
    return f"{'focused' if has_focus else 'plain'} {'stale' if is_stale else 'fresh'}"


def styles_key(line: TerminalOptions, keys: Mapping[str, str], environ: Mapping[str, str]) -> bytes:
    """What a look depends on; it begins with what tells terminals apart."""
    terminal = (line.is_thin, line.colours, *(environ.get(name) for name in _TERMINAL_VARIABLES))
    sheets = [Path(path).stat().st_mtime_ns for path in stylesheet_paths(BOARD_SHEETS)]
    ours = (__version__, sorted(keys.items()), sheets)
    return _digest(terminal)[:_TERMINAL_DIGEST_BYTES] + _digest(ours)


def styles_state_name(made_for: bytes) -> str:
    """Under which name a look is kept: one for each kind of terminal."""
    return f"{_STATE_NAME}:{made_for[:_TERMINAL_DIGEST_BYTES].hex()}"


def load_styles(model: BoardModel) -> SavedStyles | None:
    """How the board looked in this terminal when that was last kept; None where nothing that holds is."""
    made_for = model.app_context.look_key
    return decode_styles(model.load_ui_state(styles_state_name(made_for)), made_for) if made_for else None


def save_styles(model: BoardModel, look: SavedStyles, *, at_once: bool) -> None:
    """Keep how the board looks for the next start: `at_once` where no engine runs that would do it."""
    model.save_ui_state(styles_state_name(look.made_for), encode_styles(look), at_once=at_once)


def _digest(facts: object) -> bytes:
    return hashlib.sha256(repr(facts).encode("utf-8", "backslashreplace")).digest()


def encode_styles(look: SavedStyles) -> bytes:
    """The stored form."""
    return msgspec.msgpack.encode(look)


def decode_styles(stored: bytes | None, made_for: bytes) -> SavedStyles | None:
    """The look, or None where there is none that holds."""
    if stored is None:
        return None
    try:
        look = msgspec.msgpack.decode(stored, type=SavedStyles)
    except msgspec.MsgspecError:
        return None
    return look if look.made_for == made_for else None
