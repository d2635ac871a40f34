"""How to draw for the terminal in use: what the user and the environment say about the connection, and what terminfo
says the terminal can do.
"""

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
    AUTO_THEME,
    DARK_THEME_NAME,
    LIGHT_THEME_NAME,
    TERMINAL_THEME_NAME,
    LooksSettings,
    Switch,
)

REMOTE_VARIABLES = ("SSH_CONNECTION", "SSH_TTY", "MOSH_CONNECTION", "TMUX", "STY")
"""Variables that say that the terminal is elsewhere, or behind another program."""
COLOURS_AUTO, COLOURS_24_BIT, COLOURS_256, COLOURS_16 = "auto", "truecolor", "256", "standard"
"""Colour systems by Rich's names."""
COLOURS_NONE = "none"
"""No colour is sent at all: the environment has NO_COLOR."""


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
    theme: str = DARK_THEME_NAME
    """The name of a packaged theme, or of one of the user's own."""
    theme_folder: Path = Path()
    """Where the user's own themes lie."""
    palette: Mapping[str, str] | None = None
    """The colours of the user's own theme, where it is one."""
    backgrounds_file: Path = Path()
    """Where the answers of terminals are remembered."""
    asks_background: bool = False
    """Dark or light is chosen by what the terminal says of its background."""
    is_ascii: bool = False
    """Our own marks and borders are drawn in ASCII."""
    is_utf8: bool = True
    """The terminal takes UTF-8; otherwise nothing but ASCII is sent."""
    has_links: bool = True
    """Addresses are sent as hyperlinks (OSC 8)."""

    @property
    def has_own_colours(self) -> bool:
        """Only the terminal's own sixteen colours are used, or none."""
        return self.colours in (COLOURS_16, COLOURS_NONE) or self.theme == TERMINAL_THEME_NAME

    @property
    def in_glyphs(self) -> Callable[[str], str] | None:
        """Puts a text into the characters that are to be sent; None where all of them are."""
        if not self.is_ascii and self.is_utf8:
            return None
        from supporttui.presentation.ascii_glyphs import ascii_only, with_ascii_glyphs

        return with_ascii_glyphs if self.is_utf8 else ascii_only

    @property
    def theme_in_use(self) -> str:
        """The theme's name, of those that this terminal can show."""
        return TERMINAL_THEME_NAME if self.has_own_colours else self.theme


LOCAL_TERMINAL = TerminalOptions()
"""Nothing has to be spared."""


def detect_terminal_options(
    wish: BandwidthChoice, environ: Mapping[str, str], described: Callable[[str], int]
) -> TerminalOptions:
    """The line by what the user wishes, and where nothing is wished by what the environment says.

    described: how many colours a kind of terminal has by its description, 0 where that is not known.
    """
    if wish is BandwidthChoice.THIN:
        return TerminalOptions(is_thin=True, colours=COLOURS_NONE if "NO_COLOR" in environ else COLOURS_16)
    is_thin = wish is not BandwidthChoice.FULL and any(environ.get(name) for name in REMOTE_VARIABLES)
    return TerminalOptions(is_thin=is_thin, colours=_terminal_colours(environ, described))


def _terminal_colours(environ: Mapping[str, str], described: Callable[[str], int]) -> str:
    """The colours that the terminal has said it has; `auto` where it has none."""
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
    """The same with what `[looks]` says; where it leaves the choice to the terminal, with what is known of that.

    cache: the folder in which the answers of terminals are remembered.
    """
    file = cache / BACKGROUNDS_FILE
    is_auto = looks.theme == AUTO_THEME
    is_utf8 = locale_is_utf8(environ)
    return replace(
        line,
        theme=(remembered_theme(file, environ) or theme_by_environment(environ)) if is_auto else looks.theme,
        palette=looks.palette,
        theme_folder=looks.theme_folder,
        backgrounds_file=file,
        asks_background=is_auto and not line.has_own_colours,
        is_utf8=is_utf8,
        is_ascii=not is_utf8 if looks.ascii_glyphs is Switch.AUTO else looks.ascii_glyphs is Switch.ON,
        has_links=can_link(environ) if looks.links is Switch.AUTO else looks.links is Switch.ON,
    )


_LIGHT_COLOURS: Final = ("7", "15")


def theme_by_environment(environ: Mapping[str, str]) -> str:
    """Dark or light by COLORFGBG, which some terminals set; dark where nobody says."""
    ground = environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT_THEME_NAME if ground in _LIGHT_COLOURS else DARK_THEME_NAME


BACKGROUNDS_FILE: Final = "terminal-backgrounds"
"""In the cache folder: what terminals have said of their backgrounds, a line each."""


def terminal_name(environ: Mapping[str, str]) -> str:
    """What tells one kind of terminal from another, as far as the environment says."""
    names = (environ.get(name, "") for name in ("TERM_PROGRAM", "LC_TERMINAL", "TERM", "WINDOWID", "WT_PROFILE_ID"))
    return " ".join("-".join(name.split()) or "-" for name in names) + (" tmux" if environ.get("TMUX") else "")


def remembered_theme(file: Path, environ: Mapping[str, str]) -> str:
    """The theme that this terminal's background asked for in a former run; empty where that is not known."""
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
"""What Python puts into LC_CTYPE where the locale is C."""


def locale_is_utf8(environ: Mapping[str, str]) -> bool:
    """Whether the locale's characters are UTF-8; also where no variable names a locale, as in many containers."""
    named = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := environ.get(name))), "")
    if named in _COERCED and environ.get("LANG") in ("C", "POSIX") and not environ.get("LC_ALL"):
        return False
    return not named or named.lower().partition("@")[0].endswith(_UTF8_NAMES)


_OLDEST_LINKING_VTE: Final = 5000


def can_link(environ: Mapping[str, str]) -> bool:
    """Whether hyperlinks may be sent: not to terminals that are known to print or to misread them."""
    term, vte = environ.get("TERM", ""), environ.get("VTE_VERSION", "")
    is_old_vte = vte.isdecimal() and int(vte) < _OLDEST_LINKING_VTE
    is_screen = bool(environ.get("STY")) or (term.startswith("screen") and not environ.get("TMUX"))
    is_plain = term.partition("-")[0] in ("linux", "dumb", "unknown", "", "vt100", "vt220", "eterm", "cygwin")
    return not (is_old_vte or is_screen or is_plain or environ.get("TERM_PROGRAM") == "Apple_Terminal")


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
