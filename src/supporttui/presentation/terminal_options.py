"""How to draw for the terminal in use, from the user's settings, the environment and terminfo."""

import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from supporttui.config.settings import (
    DARK_THEME_NAME,
    LIGHT_THEME_NAME,
    TERMINAL_THEME_NAME,
    THEMES_BY_BACKGROUND,
    LooksSettings,
    Switch,
)

REMOTE_VARIABLES = ("SSH_CONNECTION", "SSH_TTY", "MOSH_CONNECTION", "TMUX", "STY")
"""Variables that show that the terminal is remote or behind a multiplexer."""
COLOURS_AUTO, COLOURS_24_BIT, COLOURS_256, COLOURS_16 = "auto", "truecolor", "256", "standard"
"""Colour systems, by Rich's names."""
COLOURS_NONE = "none"
"""No colour is sent: NO_COLOR is set."""


class BandwidthChoice(Enum):
    """The user's setting for the bandwidth of the connection."""

    NONE = "none"
    THIN = "thin"
    FULL = "full"


class TerminalOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to draw for the terminal in use."""

    is_thin: bool = False
    """Whether decorative animation is left out, to save bandwidth."""
    colours: str = COLOURS_AUTO
    """The colour system to use, by Rich's name."""
    writes_frames: bool = True
    """Whether frames are written as differences; otherwise Textual writes the output."""
    shows_bytes: bool = False
    """Whether the header shows the rate of output."""
    theme: str = DARK_THEME_NAME
    """The name of a packaged theme or of one of the user's own."""
    theme_folder: Path = Path()
    """The folder of the user's own themes."""
    palette: Mapping[str, str] | None = None
    """The colours of the user's own theme; None for a packaged one."""
    backgrounds_file: Path = Path()
    """The file in which the background colours of terminals are remembered."""
    asks_background: bool = False
    """The theme is chosen by what the terminal says of its background."""
    theme_pair: tuple[str, str] = (DARK_THEME_NAME, LIGHT_THEME_NAME)
    """The theme for a dark background and the one for a light one, where the terminal is asked."""
    is_ascii: bool = False
    """Whether our own marks and borders are drawn in ASCII."""
    is_utf8: bool = True
    """Whether the terminal takes UTF-8; otherwise only ASCII is sent."""
    has_links: bool = True
    """Whether addresses are sent as hyperlinks (OSC 8)."""

    @property
    def has_own_colours(self) -> bool:
        """Whether only the terminal's own sixteen colours, or none, are used."""
        return self.colours in (COLOURS_16, COLOURS_NONE) or self.theme == TERMINAL_THEME_NAME

    @property
    def in_glyphs(self) -> Callable[[str], str] | None:
        """The function that converts text to the characters the terminal takes; None if it takes all."""
        if not self.is_ascii and self.is_utf8:
            return None
        from supporttui.presentation.ascii_glyphs import ascii_only, with_ascii_glyphs

        return with_ascii_glyphs if self.is_utf8 else ascii_only

    @property
    def theme_in_use(self) -> str:
        """The name of the theme, or of its replacement if this terminal cannot show it."""
        return TERMINAL_THEME_NAME if self.has_own_colours else self.theme


LOCAL_TERMINAL = TerminalOptions()
"""The options of a fast local terminal."""


def detect_terminal_options(
    wish: BandwidthChoice, environ: Mapping[str, str], described: Callable[[str], int]
) -> TerminalOptions:
    """Return the options by the user's choice, or else by what the environment shows.

    described: returns the number of colours that terminfo gives for a TERM, 0 if unknown.
    """
    if wish is BandwidthChoice.THIN:
        return TerminalOptions(is_thin=True, colours=COLOURS_NONE if "NO_COLOR" in environ else COLOURS_16)
    is_thin = wish is not BandwidthChoice.FULL and any(environ.get(name) for name in REMOTE_VARIABLES)
    return TerminalOptions(is_thin=is_thin, colours=_terminal_colours(environ, described))


def _terminal_colours(environ: Mapping[str, str], described: Callable[[str], int]) -> str:
    """The colours that the environment declares; `auto` if it declares none."""
    term = environ.get("TERM", "").strip().lower()
    if environ.get("NO_COLOR") is not None:
        return COLOURS_NONE
    if term in ("", "dumb", "unknown"):
        return COLOURS_AUTO
    if environ.get("TEXTUAL_COLOR_SYSTEM", COLOURS_AUTO) != COLOURS_AUTO:
        return COLOURS_16 if environ["TEXTUAL_COLOR_SYSTEM"] == COLOURS_16 else COLOURS_AUTO
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return COLOURS_24_BIT
    count = described(term)
    if count >= 1 << 24:
        return COLOURS_24_BIT
    return COLOURS_256 if count >= 256 or (not count and term.endswith(("256color", "kitty"))) else COLOURS_16


def with_looks(line: TerminalOptions, looks: LooksSettings, environ: Mapping[str, str], cache: Path) -> TerminalOptions:
    """Return the options with the settings of `[looks]`; where these say `auto`, by what is known of the terminal.

    cache: the folder in which the background colours of terminals are remembered.
    """
    file = cache / BACKGROUNDS_FILE
    pair = THEMES_BY_BACKGROUND.get(looks.theme)
    background = remembered_theme(file, environ) or theme_by_environment(environ)
    is_utf8 = locale_is_utf8(environ)
    return replace(
        line,
        theme=pair[background == LIGHT_THEME_NAME] if pair is not None else looks.theme,
        palette=looks.palette,
        theme_folder=looks.theme_folder,
        backgrounds_file=file,
        asks_background=pair is not None and not line.has_own_colours,
        theme_pair=pair or line.theme_pair,
        is_utf8=is_utf8,
        is_ascii=not is_utf8 if looks.ascii_glyphs is Switch.AUTO else looks.ascii_glyphs is Switch.ON,
        has_links=can_link(environ) if looks.links is Switch.AUTO else looks.links is Switch.ON,
    )


_LIGHT_COLOURS: Final = ("7", "15")


def theme_by_environment(environ: Mapping[str, str]) -> str:
    """Return the dark or light theme by COLORFGBG, which some terminals set; dark if it is not set."""
    ground = environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT_THEME_NAME if ground in _LIGHT_COLOURS else DARK_THEME_NAME


BACKGROUNDS_FILE: Final = "terminal-backgrounds"
"""The name of the file in the cache folder that has the reported backgrounds, one terminal a line."""


def terminal_name(environ: Mapping[str, str]) -> str:
    """Return a name that identifies the kind of terminal, as far as the environment tells."""
    names = (environ.get(name, "") for name in ("TERM_PROGRAM", "LC_TERMINAL", "TERM", "WINDOWID", "WT_PROFILE_ID"))
    return " ".join("-".join(name.split()) or "-" for name in names) + (" tmux" if environ.get("TMUX") else "")


def remembered_theme(file: Path, environ: Mapping[str, str]) -> str:
    """Return the theme that fits this terminal's background in an earlier run; empty if unknown."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace")[:MAX_BACKGROUNDS_CHARACTERS].splitlines()
    except OSError:
        return ""
    wanted = terminal_name(environ)
    found = [theme for theme, _, name in (line.partition(" ") for line in lines) if name == wanted]
    return found[-1] if found and found[-1] in (DARK_THEME_NAME, LIGHT_THEME_NAME) else ""


MAX_BACKGROUNDS_CHARACTERS: Final = 10_000

_UTF8_NAMES: Final = ("utf8", "utf-8")
_COERCED: Final = ("C.UTF-8", "C.utf8", "UTF-8")
"""The values that Python sets LC_CTYPE to if the locale is C."""


def locale_is_utf8(environ: Mapping[str, str]) -> bool:
    """Whether the locale's encoding is UTF-8; also if no variable names a locale, as in many containers."""
    named = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := environ.get(name))), "")
    if named in _COERCED and environ.get("LANG") in ("C", "POSIX") and not environ.get("LC_ALL"):
        return False
    return not named or named.lower().partition("@")[0].endswith(_UTF8_NAMES)


_OLDEST_LINKING_VTE: Final = 5000


def can_link(environ: Mapping[str, str]) -> bool:
    """Whether hyperlinks may be sent: not to terminals known to print or misinterpret them."""
    term, vte = environ.get("TERM", ""), environ.get("VTE_VERSION", "")
    is_old_vte = vte.isdecimal() and int(vte) < _OLDEST_LINKING_VTE
    is_screen = bool(environ.get("STY")) or (term.startswith("screen") and not environ.get("TMUX"))
    is_plain = term.partition("-")[0] in ("linux", "dumb", "unknown", "", "vt100", "vt220", "eterm", "cygwin")
    return not (is_old_vte or is_screen or is_plain or environ.get("TERM_PROGRAM") == "Apple_Terminal")


USUAL_COLUMNS, USUAL_ROWS = 80, 24
"""The size to assume if it is unknown."""
MAX_COLUMNS, MAX_ROWS = 500, 300
"""The maximum size to draw: a terminal may report any size, and each cell costs time and memory."""


def terminal_size(fd: int) -> tuple[int, int]:
    """Return the columns and rows to draw: the terminal's size if known, within the maximum."""
    try:
        return bounded_size(*os.get_terminal_size(fd))
    except (OSError, ValueError):
        return USUAL_COLUMNS, USUAL_ROWS


def bounded_size(columns: int, rows: int) -> tuple[int, int]:
    """Return a size within the maximum; unknown values are replaced by the usual ones."""
    return (
        min(columns, MAX_COLUMNS) if columns > 0 else USUAL_COLUMNS,
        min(rows, MAX_ROWS) if rows > 0 else USUAL_ROWS,
    )


class TerminalFeatures(msgspec.Struct, frozen=True):
    """Features that the terminal certainly has; without them the picture is the same and takes more bytes."""

    has_bce: bool = False
    """Whether erasing fills with the current background colour (back color erase)."""
    can_scroll: bool = False
    """Whether lines can be deleted and inserted within margins."""


def terminfo_colours(term: str) -> int:
    """Return the number of colours in the terminal's terminfo entry; 0 if there is none."""
    with contextlib.suppress(ImportError):
        import _curses

        with contextlib.suppress(_curses.error):
            _curses.setupterm(term, sys.__stdout__.fileno() if sys.__stdout__ else 1)
            return max(0, _curses.tigetnum("colors"))
    return 0


def terminfo_features(term: str, fd: int) -> TerminalFeatures:
    """Return the features in the terminal's terminfo entry; none if there is no entry."""
    with contextlib.suppress(ImportError):
        import _curses

        with contextlib.suppress(_curses.error):
            _curses.setupterm(term, fd)
            has_bce = _curses.tigetflag("bce") == 1
            can_scroll = all(_curses.tigetstr(name) for name in ("csr", "dl", "il"))
            return TerminalFeatures(has_bce=has_bce, can_scroll=can_scroll)
    return TerminalFeatures()
