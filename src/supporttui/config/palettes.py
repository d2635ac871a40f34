"""The colours of the packaged themes, as data: a theme of the user's own names one of them as its base."""

from collections.abc import Mapping
from typing import Final

Palette = Mapping[str, str]
"""A colour by its name: `#rrggbb`, or one of `TERMINAL_COLOURS` in a theme of the terminal's own colours."""

_DARK: Final[Palette] = {
    "background": "#11161d",
    "panel": "#1a212c",
    "bar-ground": "#161c25",
    "cursor-ground": "#1f2937",
    "note-ground": "#241f14",
    "severity-ground": "#1c232e",
    "foreground": "#c8d2e0",
    "quiet": "#98a4b5",
    "faint": "#8791a1",
    "line": "#2b3442",
    "accent": "#7aa2f7",
    "on-accent": "#11161d",
    "secondary": "#8fb0da",
    "calm": "#85bfa4",
    "notice": "#d8bd6a",
    "urgent": "#f29a61",
    "breached": "#fb717f",
    "late": "#bf818a",
    "paused-calm": "#759888",
    "paused-notice": "#9e9067",
    "paused-urgent": "#b5886c",
    "paused-breached": "#c27e87",
    "severity-1": "#f7616f",
    "severity-2": "#e6955c",
    "severity-3": "#46618a",
    "severity-4": "#2f3a49",
    "on-severity-1": "#1a0d10",
    "on-severity-2": "#1d130b",
    "on-severity-3": "#dbe6f6",
    "on-severity-4": "#aab5c5",
    "note": "#d0ab5c",
    "scrollbar": "#2b3442",
    "scrollbar-hover": "#3a4658",
}

_LIGHT: Final[Palette] = {
    "background": "#f6f7f9",
    "panel": "#e9ecf1",
    "bar-ground": "#e9ecf1",
    "cursor-ground": "#dde6f6",
    "note-ground": "#f6efdc",
    "severity-ground": "#e4e8ee",
    "foreground": "#25303d",
    "quiet": "#525d6d",
    "faint": "#5d6776",
    "line": "#cdd4de",
    "accent": "#2d5cbe",
    "on-accent": "#ffffff",
    "secondary": "#39659b",
    "calm": "#236446",
    "notice": "#6f5507",
    "urgent": "#8e4408",
    "breached": "#ab1c30",
    "late": "#96434f",
    "paused-calm": "#466e5c",
    "paused-notice": "#75642c",
    "paused-urgent": "#8c5a36",
    "paused-breached": "#96515b",
    "severity-1": "#c0263c",
    "severity-2": "#a14e0b",
    "severity-3": "#7f9ccb",
    "severity-4": "#cbd3de",
    "on-severity-1": "#ffffff",
    "on-severity-2": "#ffffff",
    "on-severity-3": "#101d33",
    "on-severity-4": "#3a4656",
    "note": "#735808",
    "scrollbar": "#cdd4de",
    "scrollbar-hover": "#b3bdca",
}

_HIGH_CONTRAST: Final[Palette] = {
    "background": "#000000",
    "panel": "#161616",
    "bar-ground": "#1c1c1c",
    "cursor-ground": "#2a2a2a",
    "note-ground": "#241c00",
    "severity-ground": "#202020",
    "foreground": "#ffffff",
    "quiet": "#d6d6d6",
    "faint": "#bcbcbc",
    "line": "#9a9a9a",
    "accent": "#7fc4ff",
    "on-accent": "#000000",
    "secondary": "#a8d4ff",
    "calm": "#5ff0a0",
    "notice": "#ffe14d",
    "urgent": "#ffae5c",
    "breached": "#ff98a1",
    "late": "#f0a8b0",
    "paused-calm": "#7fc4a0",
    "paused-notice": "#d0bc60",
    "paused-urgent": "#e1aa7d",
    "paused-breached": "#eca3aa",
    "severity-1": "#ff98a1",
    "severity-2": "#ffae5c",
    "severity-3": "#3a5f9c",
    "severity-4": "#4a4a4a",
    "on-severity-1": "#000000",
    "on-severity-2": "#000000",
    "on-severity-3": "#ffffff",
    "on-severity-4": "#ffffff",
    "note": "#ffd35c",
    "scrollbar": "#9a9a9a",
    "scrollbar-hover": "#d6d6d6",
}

_COLOUR_BLIND: Final[Palette] = {
    **_DARK,
    "accent": "#7aa8ff",
    "calm": "#33b0f5",
    "notice": "#e6ecc8",
    "urgent": "#f5c816",
    "breached": "#f07a60",
    "late": "#d9a08f",
    "paused-calm": "#5b90ea",
    "paused-notice": "#bcc8cc",
    "paused-urgent": "#bdb418",
    "paused-breached": "#dc6f80",
    "severity-1": "#f07a60",
    "severity-2": "#f5c816",
    "severity-3": "#35618f",
    "on-severity-3": "#e4efff",
    "note": "#e6ecc8",
}
"""Urgency from blue over a pale and a strong yellow to vermilion: it falls in lightness where hues are not seen."""

_TERMINAL: Final[Palette] = {
    "background": "default",
    "panel": "default",
    "bar-ground": "default",
    "cursor-ground": "default",
    "note-ground": "default",
    "severity-ground": "default",
    "foreground": "default",
    "quiet": "default",
    "faint": "default",
    "line": "bright-black",
    "accent": "cyan",
    "on-accent": "black",
    "secondary": "default",
    "calm": "green",
    "notice": "yellow",
    "urgent": "bright-magenta",
    "breached": "bright-red",
    "late": "bright-red",
    "paused-calm": "green",
    "paused-notice": "yellow",
    "paused-urgent": "bright-magenta",
    "paused-breached": "bright-red",
    "severity-1": "bright-red",
    "severity-2": "yellow",
    "severity-3": "cyan",
    "severity-4": "white",
    "on-severity-1": "black",
    "on-severity-2": "black",
    "on-severity-3": "black",
    "on-severity-4": "black",
    "note": "yellow",
    "scrollbar": "bright-black",
    "scrollbar-hover": "white",
}
"""A pause is told by its mark, and the cursor by its bar."""

PALETTES: Final[Mapping[str, Palette]] = {
    "dark": _DARK,
    "light": _LIGHT,
    "high-contrast": _HIGH_CONTRAST,
    "colour-blind": _COLOUR_BLIND,
    "terminal": _TERMINAL,
}
"""By the name of the theme."""

TERMINAL_COLOURS: Final = frozenset(
    ["default"]
    + [
        f"{bright}{name}"
        for bright in ("", "bright-")
        for name in ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
    ]
)
"""The names of the terminal's own colours."""
