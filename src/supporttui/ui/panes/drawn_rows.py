"""A cache of a pane's drawn lines, so that only changed ones are drawn again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from supporttui.presentation.board.row_layout import RowLayout
from supporttui.presentation.board.ticket_row import GroupText, TicketRowText
from supporttui.ui.strips import with_changed_clock


@dataclass(frozen=True, slots=True)
class RowFinish:
    """The steps that Textual applies to every line of a widget without border and padding."""

    filters: Sequence[LineFilter]
    background: Color

    def of(self, strip: Strip) -> Strip:
        """Return the line as the compositor takes it."""
        for each in self.filters:
            strip = strip.apply_filter(each, self.background)
        return strip


def blank_lines(widget: Widget, crop: Region) -> list[Strip]:
    """Return the lines of a container for the compositor, which asks for them with every frame."""
    ground = widget.background_colors[1]
    blank = Strip.blank(crop.width, Style.from_color(bgcolor=ground.rich_color))
    return [RowFinish(widget.get_line_filters(), ground).of(blank)] * crop.height


class DrawnLines:
    """Drawn lines by the slot that they fill."""

    def __init__(self) -> None:
        self._drawn: dict[int, tuple[object, bool, list[Strip]]] = {}
        self._whole: tuple[Sequence[TicketRowText | GroupText | None], object, list[Strip]] | None = None
        self._circumstances: object = None
        self._shape = RowLayout(0, 1, 0)

    def begin(self, shape: RowLayout, circumstances: object) -> None:
        """Set the row layout and all else that lines depend on; if either has changed, clear the cache."""
        if (shape, circumstances) != self._circumstances:
            self._circumstances = (shape, circumstances)
            self._shape = shape
            self._whole = None
            self._drawn.clear()

    def whole(
        self, row_texts: Sequence[TicketRowText | GroupText | None], said: object, draw: Callable[[], list[Strip]]
    ) -> list[Strip]:
        """Return all lines of the pane, assembled again only if the rows' text or `said` has changed."""
        if self._whole is None or self._whole[0] is not row_texts or self._whole[1] != said:
            self._whole = (row_texts, said, draw())
        return self._whole[2]

    def lines(self, slot: int, said: object, *, is_cursor: bool, draw: Callable[[], list[Strip]]) -> list[Strip]:
        """Return the lines of a slot, drawn again only if their text or the presence of the cursor has changed."""
        known = self._drawn.get(slot)
        if known is not None and known[1] is is_cursor:
            if known[0] is said or known[0] == said:
                return known[2]
            if isinstance(known[0], TicketRowText) and isinstance(said, TicketRowText):
                first = with_changed_clock(known[2][0], known[0], said, self._shape)
                if first is not None:
                    lines = [first, *known[2][1:]]
                    self._drawn[slot] = (said, is_cursor, lines)
                    return lines
        lines = draw()
        self._drawn[slot] = (said, is_cursor, lines)
        return lines
