"""The header line of the board: the desk, support hours, the age of the data, and the time."""

from typing import ClassVar

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from supporttui.presentation.board.header import HeaderItem, PlacedItem, place_items, styled_header
from supporttui.presentation.cell_text import cell_len
from supporttui.ui.strips import strip_from_texts

HEADER_CLASS_PREFIX = "board-header--"
HEADER_PARTS = (
    *("product", "name", "demo", "mine", "filter", "frozen", "open", "closed", "unsent", "account", "clock"),
    *("feed-current", "feed-stale", "feed-waiting"),
)


class BoardHeader(Widget):
    """A header of one line; only changed cells are redrawn."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {HEADER_CLASS_PREFIX + part for part in HEADER_PARTS}

    def __init__(self) -> None:
        super().__init__(id="board-header")
        self._items: list[HeaderItem] = []
        self._placed: list[PlacedItem] = []
        self._width = 0

    def show(self, items: list[HeaderItem]) -> None:
        """Show these items."""
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
        self._placed = place_items(self._items, self._width)

    def render_line(self, y: int) -> Strip:
        """Render the items in their columns."""
        if self._width != self.size.width:
            self._place()
        ground = self.rich_style
        pieces = styled_header(self._placed if y == 0 else (), ground, self._style)
        return strip_from_texts(pieces, self.size.width, ground)

    def styles_by_part(self) -> dict[str, Style]:
        """Return the style of every part."""
        return {part: self._style(part) for part in HEADER_PARTS}

    def _style(self, part: str) -> Style:
        return self.rich_style + self.get_component_rich_style(HEADER_CLASS_PREFIX + part, partial=True)
