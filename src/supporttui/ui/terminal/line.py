"""What kind of line leads to the terminal, and what is spared on a thin one."""

from collections.abc import Callable, Mapping
from enum import Enum

import msgspec

FAR = ("SSH_CONNECTION", "SSH_TTY", "MOSH_CONNECTION", "TMUX", "STY")
"""Variables that say that the terminal is elsewhere, or behind another program."""
BY_ITSELF, TRUECOLOR, MANY, SIXTEEN = "auto", "truecolor", "256", "standard"
"""Colour systems by Rich's names."""


class Wish(Enum):
    """What the user has said about the line."""

    NONE = "none"
    THIN = "thin"
    FULL = "full"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """How to draw for the terminal in use."""

    is_thin: bool = False
    """Nothing moves that carries no meaning."""
    colours: str = BY_ITSELF
    """The colour system to use, by Rich's name for it."""
    writes_frames: bool = True
    """Frames are written as differences; otherwise what is sent is left to Textual."""
    shows_bytes: bool = False
    """Say in the header how much is sent."""

    @property
    def has_own_colours(self) -> bool:
        """Only the terminal's own sixteen colours are used."""
        return self.colours == SIXTEEN


LOCAL = Line()
"""Nothing has to be spared."""


def line_of(wish: Wish, environ: Mapping[str, str], described: Callable[[str], int]) -> Line:
    """The line by what the user wishes, and where nothing is wished by what the environment says.

    described: how many colours a kind of terminal has by its description, 0 where that is not known.
    """
    if wish is Wish.THIN:
        return Line(is_thin=True, colours=SIXTEEN)
    if wish is Wish.FULL or not any(environ.get(name) for name in FAR):
        return LOCAL
    return Line(is_thin=True, colours=_far_colours(environ, described))


def _far_colours(environ: Mapping[str, str], described: Callable[[str], int]) -> str:
    """The colours that the far terminal has said it has."""
    if environ.get("NO_COLOR") is not None or environ.get("TEXTUAL_COLOR_SYSTEM"):
        return BY_ITSELF
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return TRUECOLOR
    count = described(environ.get("TERM", ""))
    if count >= 1 << 24:
        return TRUECOLOR
    if count >= 256:
        return MANY
    return SIXTEEN if count >= 8 else BY_ITSELF
