"""Text as cells: what each column of the terminal shows."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from rich.cells import split_graphemes

from supporttui.ui.terminal.pens import PLAIN, Pen, on_blank

Cell = tuple[str, Pen]
"""A character with what combines with it; empty for the right half of a wide one."""
Row = list[Cell]
"""The cells of a line. Rows are never changed once they are in a picture: a new one takes their place."""

BLANK: Final[Cell] = (" ", PLAIN)
PASSED: Final[Cell] = ("\x01", PLAIN)
"""Part of what was passed to the terminal as it is, such as a picture."""
CONTROLS: Final[tuple[Cell, ...]] = (PASSED,)

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_SIMPLE: Final = re.compile("[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u2500-\u25fc\u2800-\u28ff]*")
"""One cell a character, in whatever terminal."""
_CERTAIN: Final = re.compile("[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u2010-\u205e\u2190-\u22ff\u2500-\u25fc"
                             "\u2713\u2717\u2800-\u28ff\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")  # fmt: skip
"""Characters on whose width terminals agree."""


@lru_cache(maxsize=8192)
def cells_of(text: str, pen: Pen) -> tuple[Cell, ...]:
    """The cells of a text written with one pen; CONTROLS where it holds control sequences of its own."""
    if _CONTROL.search(text):
        return CONTROLS
    blank = (" ", on_blank(pen))
    if _SIMPLE.fullmatch(text):
        return tuple([blank if character == " " else (character, pen) for character in text])
    cells: list[Cell] = []
    for start, end, width in split_graphemes(text)[0]:
        cluster = text[start:end]
        if width == 0:
            _combine(cells, cluster)
        else:
            cells.append(blank if cluster == " " else (cluster, pen))
            cells.extend([("", pen)] * (width - 1))
    return tuple(cells)


def _combine(cells: list[Cell], cluster: str) -> None:
    """Add what has no width to the character before it; at the start of a text there is none."""
    for place in range(len(cells) - 1, -1, -1):
        text, pen = cells[place]
        if text:
            cells[place] = (text + cluster, pen)
            return


@lru_cache(maxsize=4096)
def is_certain(text: str) -> bool:
    """Whether every terminal moves its cursor by the same number of cells for this character."""
    return _CERTAIN.fullmatch(text) is not None


def blank_row(columns: int, cell: Cell = BLANK) -> Row:
    """A line of nothing but one cell."""
    return [cell] * columns


def with_cells(row: Row, x: int, cells: Iterable[Cell]) -> Row:
    """A row with other cells from a column on; halves of wide characters that are cut become blanks."""
    columns = len(row)
    new = list(row)
    put = list(cells)[: max(0, columns - x)]
    new[x : x + len(put)] = put
    end = x + len(put)
    if put and put[0][0] == "":
        new[x] = (" ", on_blank(put[0][1]))
    if 0 < x < columns and row[x][0] == "":
        new[x - 1] = (" ", on_blank(row[x - 1][1]))
    if end < columns and new[end][0] == "":
        new[end] = (" ", on_blank(new[end][1]))
    if put and end == columns and _is_lead_without_half(put):
        new[-1] = (" ", on_blank(put[-1][1]))
    return new


def _is_lead_without_half(put: list[Cell]) -> bool:
    text = put[-1][0]
    return bool(text) and text != " " and not _SIMPLE.fullmatch(text) and len(cells_of(text, PLAIN)) > 1
