"""The line above the board: the desk, support hours, how fresh the data is, and the time."""

from typing import ClassVar

from rich.cells import cell_len
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from supporttui.ui.drawing import Piece, strip_of
from supporttui.ui.header_text import GAP, Item, Side, fit

PREFIX = "board-header--"
PARTS = (
    *("product", "name", "demo", "mine", "open", "closed", "unsent", "account", "clock"),
    *("feed-current", "feed-stale", "feed-waiting"),
)


class BoardHeader(Widget):
    """One line; only the cells that say something else are drawn again."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {PREFIX + part for part in PARTS}

    def __init__(self) -> None:
        super().__init__(id="board-header")
        self._items: list[Item] = []
        self._placed: list[tuple[int, Item]] = []
        self._width = 0

    def show(self, items: list[Item]) -> None:
        """Say this from now on."""
        before = self._placed if self._width == self.size.width else []
        self._items = items
        self._place()
        changed = [*(p for p in self._placed if p not in before), *(p for p in before if p not in self._placed)]
        if changed:
            start = min(x for x, _ in changed)
            end = max(x + cell_len(item.text) for x, item in changed)
            self.refresh(Region(start, 0, max(1, end - start), 1))

    def _place(self) -> None:
        self._width = self.size.width
        self._placed = placed_in(self._items, self._width)

    def render_line(self, y: int) -> Strip:
        """The items at their places."""
        if self._width != self.size.width:
            self._place()
        ground = self.rich_style
        pieces: list[Piece] = []
        x = 0
        for start, item in self._placed if y == 0 else ():
            pieces.append((" " * (start - x), ground))
            pieces.append((item.text, ground + self.get_component_rich_style(PREFIX + item.part, partial=True)))
            x = start + cell_len(item.text)
        return strip_of(pieces, self.size.width, ground)


def placed_in(items: list[Item], width: int) -> list[tuple[int, Item]]:
    """Where each item begins: the left ones from the left edge, the right ones to the right, the middle between."""
    fitted = fit(items, width)
    placed: list[tuple[int, Item]] = []
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
