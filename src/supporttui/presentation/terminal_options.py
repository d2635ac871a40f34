"""How to draw for the terminal in use: what the user and the environment say about the connection, and what terminfo
says the terminal can do.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from enum import Enum

import msgspec

REMOTE_VARIABLES = ("SSH_CONNECTION", "SSH_TTY", "MOSH_CONNECTION", "TMUX", "STY")
"""Variables that say that the terminal is elsewhere, or behind another program."""
COLOURS_AUTO, COLOURS_24_BIT, COLOURS_256, COLOURS_16 = "auto", "truecolor", "256", "standard"
"""Colour systems by Rich's names."""


class BandwidthChoice(Enum):
    """What the user has said about the line."""

    NONE = "none"
    THIN = "thin"
    FULL = "full"


class TerminalOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to draw for the terminal in use."""

    is_thin: bool = False
    """Nothing moves that carries no meaning."""
    colours: str = COLOURS_AUTO
    """The colour system to use, by Rich's name for it."""
    writes_frames: bool = True
    """Frames are written as differences; otherwise what is sent is left to Textual."""
    shows_bytes: bool = False
    """Say in the header how much is sent."""

    @property
    def has_own_colours(self) -> bool:
        """Only the terminal's own sixteen colours are used."""
        return self.colours == COLOURS_16


LOCAL_TERMINAL = TerminalOptions()
"""Nothing has to be spared."""


def detect_terminal_options(
    wish: BandwidthChoice, environ: Mapping[str, str], described: Callable[[str], int]
) -> TerminalOptions:
    """The line by what the user wishes, and where nothing is wished by what the environment says.

    described: how many colours a kind of terminal has by its description, 0 where that is not known.
    """
    if wish is BandwidthChoice.THIN:
        return TerminalOptions(is_thin=True, colours=COLOURS_16)
    is_thin = wish is not BandwidthChoice.FULL and any(environ.get(name) for name in REMOTE_VARIABLES)
    return TerminalOptions(is_thin=is_thin, colours=_terminal_colours(environ, described))


def _terminal_colours(environ: Mapping[str, str], described: Callable[[str], int]) -> str:
    """The colours that the terminal has said it has; `auto` where it has none."""
    term = environ.get("TERM", "").strip().lower()
    if environ.get("NO_COLOR") is not None or term in ("", "dumb", "unknown"):
        return COLOURS_AUTO
    if environ.get("TEXTUAL_COLOR_SYSTEM", COLOURS_AUTO) != COLOURS_AUTO:
        return COLOURS_16 if environ["TEXTUAL_COLOR_SYSTEM"] == COLOURS_16 else COLOURS_AUTO
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return COLOURS_24_BIT
    count = described(term)
    if count >= 1 << 24:
        return COLOURS_24_BIT
    return COLOURS_256 if count >= 256 or (not count and term.endswith(("256color", "kitty"))) else COLOURS_16


USUAL_COLUMNS, USUAL_ROWS = 80, 24
"""Where nobody knows the size."""
MAX_COLUMNS, MAX_ROWS = 500, 300
"""More is never drawn: a terminal may report any size, and each cell costs time and memory."""


def terminal_size(fd: int) -> tuple[int, int]:
    """The columns and rows to draw on: the terminal's own, as far as it knows them and they can be drawn."""
    try:
        return bounded_size(*os.get_terminal_size(fd))
    except (OSError, ValueError):
        return USUAL_COLUMNS, USUAL_ROWS


def bounded_size(columns: int, rows: int) -> tuple[int, int]:
    """A size that can be drawn: the usual one for what is not known, and no more than the largest."""
    return (
        min(columns, MAX_COLUMNS) if columns > 0 else USUAL_COLUMNS,
        min(rows, MAX_ROWS) if rows > 0 else USUAL_ROWS,
    )


class TerminalFeatures(msgspec.Struct, frozen=True):
    """Only what is known for certain; without it the picture is the same and takes more bytes."""

    has_bce: bool = False
    """An erasure leaves the background colour that is set, and not the terminal's own."""
    can_scroll: bool = False
    """Lines are deleted and inserted between margins."""


def terminfo_colours(term: str) -> int:
    """How many colours the terminal's description says it has; 0 where there is none."""
    with contextlib.suppress(ImportError):
        import _curses

        with contextlib.suppress(_curses.error):
            _curses.setupterm(term, sys.__stdout__.fileno() if sys.__stdout__ else 1)
            return max(0, _curses.tigetnum("colors"))
    return 0


def terminfo_features(term: str, fd: int) -> TerminalFeatures:
    """What the terminal's description says; nothing where there is none."""
    with contextlib.suppress(ImportError):
        import _curses

        with contextlib.suppress(_curses.error):
            _curses.setupterm(term, fd)
            has_bce = _curses.tigetflag("bce") == 1
            can_scroll = all(_curses.tigetstr(name) for name in ("csr", "dl", "il"))
            return TerminalFeatures(has_bce=has_bce, can_scroll=can_scroll)
    return TerminalFeatures()
