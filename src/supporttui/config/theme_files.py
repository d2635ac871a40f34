"""The user's own themes: TOML files in the folder `themes` beside the configuration file.

base = "dark"

[colours]
background = "#101418"
breached = "#ff6b81"
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from supporttui.config.palettes import BASES, PALETTES, TERMINAL_COLOURS, Palette
from supporttui.config.tables import SettingsTable, load_toml, shown, suggestion

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,40}")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


def theme_path(folder: Path, name: str) -> Path:
    """The file of a theme. Raises FileNotFoundError where no file can have this name."""
    if not _NAME.fullmatch(name):
        raise FileNotFoundError(name)
    return folder / f"{name}.toml"


def load_user_theme(folder: Path, name: str) -> Palette:
    """The colours of one of the user's own themes; those that it leaves out are its base's.

    Raises ConfigProblem with the file's line, FileNotFoundError where there is no such theme.
    """
    file = theme_path(folder, name)
    values, lines = load_toml(file)
    table = SettingsTable(values, str(file), lines)
    base = table.parsed("base", _base) if "base" in table else PALETTES["dark"]
    table.knows("base")
    colours = table.table("colours")
    palette = dict(base)
    for colour in colours.names():
        if colour not in palette:
            raise colours.problem(colour, f"there is no colour of this name{suggestion(colour, palette)}")
        palette[colour] = colours.parsed(colour, lambda text: _colour(text, base))
    table.close()
    return palette


def user_themes(folder: Path) -> list[str]:
    """The names of the user's own themes, whether they can be read or not."""
    if not folder.is_absolute():  # no configuration folder is known
        return []
    try:
        return sorted(file.stem for file in folder.glob("*.toml") if _NAME.fullmatch(file.stem))
    except OSError:
        return []


def unknown_theme_sentence(name: str, folder: Path) -> str:
    """Why a theme's name is refused, and which there are."""
    known = ["auto", *BASES, *user_themes(folder)]
    return f"there is no theme {shown(name)}{suggestion(name, known)} (your own are files in {shown(str(folder))})"


def _base(name: str) -> Mapping[str, str]:
    if name not in BASES:
        raise ValueError(f"{shown(name)} is no theme that comes with supporttui{suggestion(name, BASES)}")
    return BASES[name]


def _colour(text: str, base: Palette) -> str:
    """A colour as its base has them. Raises ValueError."""
    if base["background"] == "default":
        if text not in TERMINAL_COLOURS:
            raise ValueError(
                f"{shown(text)} is none of the terminal's colours; write for example red, bright-red or default"
            )
        return text
    if not _COLOUR.fullmatch(text):
        raise ValueError(f'{shown(text)} is not a colour; write six digits, for example "#7aa2f7"')
    return text.lower()
