"""The names and paths of the stylesheets, and which of them can be read later."""

from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

BOARD_SHEETS = ("app.tcss", "board.tcss")
"""The sheets of the first picture."""

PREVIEW_SHEETS = ("ticket.tcss", "preview.tcss")
"""Read when a ticket is first previewed on the board."""

LATER_SHEETS = ("help.tcss", *PREVIEW_SHEETS, "new_ticket.tcss", "agenda.tcss")
"""Read when a screen is first opened that needs more than the board's sheets."""

SCREENS_WITHOUT_LATER_SHEETS = frozenset({"BoardScreen", "MoveScreen", "GoToScreen", "FilterLine", "ChoiceScreen"})
"""Screens that need none of these."""

SHEETS = ("app.tcss", "board.tcss", "wall.tcss", *LATER_SHEETS)
"""In the order in which they are read; each is named in pyproject.toml, so that a missing one fails the build."""

_PACKAGE = Path(__file__).resolve().parents[1]


class StylesheetMissing(Exception):
    """A stylesheet is not where it was installed."""


def stylesheet_paths(names: Iterable[str] = SHEETS) -> list[str | PurePath]:
    """Return the paths of sheets in the installed package, or in the source tree of this module.

    Raises: StylesheetMissing: one of them does not exist.
    """
    folder = _PACKAGE / "styles"
    if not folder.is_dir():
        folder = _PACKAGE.parents[1] / "styles"
    paths: list[str | PurePath] = []
    for name in names:
        path = folder / name
        if not path.is_file():
            raise StylesheetMissing(f"The stylesheet {path} is missing; install supporttui again.")
        paths.append(path)
    return paths


def read_sheets(app: "App[Any]", names: Iterable[str]) -> None:
    """Apply further sheets, as Textual does with those of a screen that is opened."""
    missing = [path for path in stylesheet_paths(names) if not app.stylesheet.has_source(str(path), "")]
    for path in missing:
        app.stylesheet.read(path)
    if missing:
        app.stylesheet.reparse()
        app.stylesheet.update(app)
