"""The line above the board: the desk, support hours, how fresh the data is, and the time."""

from typing import ClassVar

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from supporttui.ui.cell_width import cell_len
from supporttui.ui.header_line import Placed, header_pieces, placed_in
from supporttui.ui.header_text import Item
from supporttui.ui.strips import strip_of

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
        self._placed: list[Placed] = []
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
        pieces = header_pieces(self._placed if y == 0 else (), ground, self._style)
        return strip_of(pieces, self.size.width, ground)

    def styles_by_part(self) -> dict[str, Style]:
        """The style of every part."""
        return {part: self._style(part) for part in PARTS}

    def _style(self, part: str) -> Style:
        return self.rich_style + self.get_component_rich_style(PREFIX + part, partial=True)
