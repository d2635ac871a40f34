"""The stylesheets: which there are and where they lie."""

from pathlib import Path, PurePath

SHEETS = (
    "app.tcss",
    "board.tcss",
    "wall.tcss",
    "help.tcss",
    "ticket.tcss",
    "new_ticket.tcss",
    "agenda.tcss",
)
"""In the order in which they are read; each is named in pyproject.toml, so that a missing one fails the build."""

_PACKAGE = Path(__file__).resolve().parents[1]


class SheetMissing(Exception):
    """A stylesheet is not where it was installed."""


def sheet_paths() -> list[str | PurePath]:
    """The sheets of a wheel, or of the source tree that this module lies in.

    Raises:
        SheetMissing: one of them is not there.
    """
    folder = _PACKAGE / "styles"
    if not folder.is_dir():
        folder = _PACKAGE.parents[1] / "styles"
    paths: list[str | PurePath] = []
    for name in SHEETS:
        path = folder / name
        if not path.is_file():
            raise SheetMissing(f"The stylesheet {path} is missing; install supporttui again.")
        paths.append(path)
    return paths
