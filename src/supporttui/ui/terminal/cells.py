"""Text as cells: what each column of the terminal shows."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from supporttui.presentation.cell_text import SINGLE_CELL_CHARACTERS
from supporttui.ui.terminal.escape_codes import PLAIN, Pen, blank_pen

Cell = tuple[str, Pen]
"""A character with its combining marks; empty for the right half of a wide one."""
CellRow = list[Cell]
"""The cells of a line. Rows are never modified once they are in a picture, only replaced."""

BLANK_CELL: Final[Cell] = (" ", PLAIN)
PASS_THROUGH_CELL: Final[Cell] = ("\x01", PLAIN)
"""A cell of content passed to the terminal unchanged, such as a picture."""
COMBINING_PEN: Final = Pen(link="mark")
"""Used as the pen if the first item is a combining mark rather than a cell: it belongs to the cell before."""
PASS_THROUGH: Final[tuple[Cell, ...]] = (PASS_THROUGH_CELL,)

_CONTROL_CHARACTERS: Final = frozenset(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
_CERTAIN_WIDTH_RANGES: Final = (
    *(
        "\x20\x7e",
        "\xa0\xac",
        "\xae\u02ff",
        "\u0370\u0482",
        "\u2010\u205e",
        "\u2190\u22ff",
        "\u2500\u25fc",
        "\u2713\u2713",
    ),
    *("\u2717\u2717", "\u2800\u28ff", "\u3041\u30ff", "\u4e00\u9fff", "\uac00\ud7a3"),
)
"""Ranges of characters on whose width terminals agree."""


@lru_cache(maxsize=8192)
def cells_of(text: str, pen: Pen) -> tuple[Cell, ...]:
    """Return the cells of a text written with one pen; CONTROLS if it contains control sequences."""
    if not _CONTROL_CHARACTERS.isdisjoint(text):
        return PASS_THROUGH
    blank = (" ", blank_pen(pen))
    if SINGLE_CELL_CHARACTERS.issuperset(text):
        return tuple([blank if character == " " else (character, pen) for character in text])
    from rich.cells import split_graphemes  # only for text that needs it

    cells: list[Cell] = []
    for start, end, width in split_graphemes(text)[0]:
        cluster = text[start:end]
        if width == 0:
            if not append_combining(cells, cluster):
                cells.append((cluster, COMBINING_PEN))
        else:
            cells.append(blank if cluster == " " else (cluster, pen))
            cells.extend([("", pen)] * (width - 1))
    return tuple(cells)


def build_row(pieces: Iterable[tuple[str, Pen]], columns: int, ground: Pen, before: Iterable[Cell] = ()) -> CellRow:
    """Return cells and then pieces of text as one row, padded with blanks or cropped to `columns`."""
    cells = [*before]
    for text, pen in pieces:
        written = cells_of(text, pen)
        if written and written[0][1] is COMBINING_PEN:
            append_combining(cells, written[0][0])
            written = written[1:]
        if written is not PASS_THROUGH:
            cells.extend(written)
    blank = blank_row(columns, (" ", blank_pen(ground)))
    return replaced_cells(blank, cells, 0) if cells else blank


def append_combining(cells: list[Cell], marks: str) -> bool:
    """Append characters without width to the last cell; return False if there is none."""
    for place in range(len(cells) - 1, max(-1, len(cells) - 3), -1):
        text, pen = cells[place]
        if text:
            if text != " " and not text.endswith(marks):
                cells[place] = (text + marks, pen)
            return True
    return False


@lru_cache(maxsize=4096)
def has_certain_width(text: str) -> bool:
    """Whether every terminal advances its cursor by the same number of cells for this character."""
    return all(any(first <= character <= last for first, last in _CERTAIN_WIDTH_RANGES) for character in text)


def blank_row(columns: int, cell: Cell = BLANK_CELL) -> CellRow:
    """Return a row of one repeated cell."""
    return [cell] * columns


def replaced_cells(row: CellRow, new: CellRow, x: int) -> CellRow:
    """Return `new`, which differs from column `x` on, with the length of the row that it replaces.

    Halves of wide characters that are cut become blanks.
    """
    columns, end = len(row), len(new)
    new = new[:columns] + row[end:]
    for place in (x, end):
        if place < columns and new[place][0] == "":
            new[place] = _blank_like(new[place])
    if 0 < x < columns and row[x][0] == "" and new[x - 1][0] == row[x - 1][0]:
        new[x - 1] = _blank_like(new[x - 1])
    if _is_wide(new[-1][0]):
        new[-1] = _blank_like(new[-1])
    return new


def _blank_like(cell: Cell) -> Cell:
    return (" ", blank_pen(cell[1]))


@lru_cache(maxsize=4096)
def _is_wide(text: str) -> bool:
    """Whether a character is wider than one cell."""
    return (
        not SINGLE_CELL_CHARACTERS.issuperset(text)
        and _CONTROL_CHARACTERS.isdisjoint(text)
        and len(cells_of(text, PLAIN)) > 1
    )
