"""Where in the line above the board its items stand."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from supporttui.ui.cell_width import cell_len
from supporttui.ui.drawing import Piece
from supporttui.ui.header_text import GAP, Item, Side, fit

Placed = tuple[int, Item]
"""An item, and the column in which it begins."""

S = TypeVar("S")


def header_pieces(placed: Iterable[Placed], ground: S, style_of: Callable[[str], S]) -> list[Piece[S]]:
    """The items with blanks between them; `style_of` gives the style of a part."""
    pieces: list[Piece[S]] = []
    x = 0
    for start, item in placed:
        pieces.append((" " * (start - x), ground))
        pieces.append((item.text, style_of(item.part)))
        x = start + cell_len(item.text)
    return pieces


def placed_in(items: list[Item], width: int) -> list[Placed]:
    """Where each item begins: the left ones from the left edge, the right ones to the right, the middle between."""
    fitted = fit(items, width)
    placed: list[Placed] = []
    x = 1
    for item in (item for item in fitted if item.side is Side.LEFT):
        placed.append((x, item))
        x += cell_len(item.text) + GAP
    right = [item for item in fitted if item.side is Side.RIGHT]
    right_start = width - 1 - sum(cell_len(item.text) + GAP for item in right) + GAP
    for item in (item for item in fitted if item.side is Side.MIDDLE):
        centred = (width - cell_len(item.text)) // 2
        placed.append((max(x, min(centred, right_start - GAP - cell_len(item.text))), item))
    x = right_start
    for item in right:
        placed.append((x, item))
        x += cell_len(item.text) + GAP
    return placed
