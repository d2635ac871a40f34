"""The lines of a pane (frame, rows, empty text) as pieces of text, with styles in whichever form the caller has."""

from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec

from supporttui.ui.drawing import Piece, cut
from supporttui.ui.row_drawing import RowShape, Styles, draw_row
from supporttui.ui.row_face import Face
from supporttui.ui.widgets.pane_frame import Foot, Title, draw_closed, draw_foot, draw_title

CURSOR_MARK: Final = "▌"

S = TypeVar("S")


class PaneLines(msgspec.Struct, frozen=True, kw_only=True):
    """All that is seen of a pane at one moment."""

    title: Title
    foot: Foot
    faces: Sequence[Face]
    """Of the rows in view."""
    cursor_slot: int | None
    """The row in view on which the cursor stands."""
    shape: RowShape
    empty: str
    """What it says where it has no rows."""

    def edge(self, y: int, height: int, styles: Styles[S]) -> tuple[list[Piece[S]], S] | None:
        """A line of the frame, from edge to edge, and its ground; None for a line between the sides."""
        width = self.shape.width + 2
        if height == 1:
            return draw_closed(self.title, width, styles), styles["detail"]
        if y == 0:
            return draw_title(self.title, width, styles), styles["frame"]
        return (draw_foot(self.foot, width, styles), styles["frame"]) if y == height - 1 else None

    def inner(self, y: int, plain: Styles[S], cursor: Styles[S]) -> tuple[list[Piece[S]], S]:
        """A line between the sides of the frame, counted from the first one, and its ground."""
        slot, line = divmod(y, self.shape.lines)
        if slot >= len(self.faces):
            text = f"  {self.empty}" if y == 1 and not self.faces else ""
            return [(cut(text, self.shape.width), plain["foot"])], plain["foot"]
        is_cursor = slot == self.cursor_slot
        styles = cursor if is_cursor else plain
        return draw_row(self.faces[slot], self.shape, styles, CURSOR_MARK if is_cursor else " ")[line], styles["detail"]
