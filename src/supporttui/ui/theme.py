"""Conversion of palettes to Textual themes, for the packaged themes and the user's own."""

from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

from supporttui.config.palettes import PALETTES, Palette

_PREFIX: Final = "supporttui-"

_NOT_VARIABLES: Final = frozenset({"background", "panel", "foreground", "accent", "secondary"})
"""Colours that Textual's themes define themselves, under these names or others."""


def textual_theme_name(name: str) -> str:
    """Return the name by which Textual knows one of our themes."""
    return f"{_PREFIX}{name}"


def theme_of(name: str, palette: Palette) -> Theme:
    """Return a theme with these colours."""
    colours = {colour: _textual_colour(value) for colour, value in palette.items()}
    is_ansi = palette["background"] == "default"
    return Theme(
        name=textual_theme_name(name),
        ansi=is_ansi,
        primary=colours["accent"],
        secondary=colours["secondary"],
        accent=colours["accent"],
        warning=colours["urgent"],
        error=colours["breached"],
        success=colours["calm"],
        foreground=colours["foreground"],
        background=colours["background"],
        surface=colours["background"],
        panel=colours["panel"],
        boost=colours["panel"],
        dark=is_ansi or is_dark(palette),
        variables={**(BUILTIN_THEMES["ansi-dark"].variables if is_ansi else {}), **_variables(colours)},
    )


def _variables(colours: dict[str, str]) -> dict[str, str]:
    ground, bar = colours["bar-ground"], colours["scrollbar"]
    return {
        **{name: value for name, value in colours.items() if name not in _NOT_VARIABLES},
        "block-cursor-background": colours["accent"],
        "block-cursor-foreground": colours["on-accent"],
        "block-cursor-blurred-background": colours["cursor-ground"],
        "block-cursor-blurred-foreground": colours["foreground"],
        "input-cursor-background": colours["foreground"],
        "input-cursor-foreground": colours["background"],
        "input-cursor-text-style": "reverse" if colours["background"] == "ansi_default" else "none",
        "text-muted": colours["quiet"],
        "text-disabled": colours["faint"],
        "input-selection-background": colours["accent"],
        "input-selection-foreground": colours["on-accent"],
        "border": colours["accent"],
        "border-blurred": colours["line"],
        "scrollbar": bar,
        "scrollbar-hover": colours["scrollbar-hover"],
        "scrollbar-active": colours["accent"],
        "scrollbar-background": ground,
        "scrollbar-background-hover": ground,
        "scrollbar-background-active": ground,
        "scrollbar-corner-color": ground,
    }


def is_dark(palette: Palette) -> bool:
    """Whether the background of a palette in `#rrggbb` is darker than its text."""
    return _lightness(palette["background"]) < _lightness(palette["foreground"])


def _lightness(colour: str) -> int:
    number = int(colour.removeprefix("#"), 16) if colour.startswith("#") else 0
    return 2 * (number >> 16 & 255) + 7 * (number >> 8 & 255) + (number & 255)


def _textual_colour(value: str) -> str:
    return value if value.startswith("#") else f"ansi_{value.replace('-', '_')}"


def packaged_theme(name: str) -> Theme:
    """Return one of the themes that come with supporttui."""
    return theme_of(name, PALETTES[name])
