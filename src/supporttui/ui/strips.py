"""Pieces of text as what Textual draws."""

from collections.abc import Iterable, Iterator

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from supporttui.ui.drawing import Piece
from supporttui.ui.row_drawing import RowShape, clock_cells, clock_piece
from supporttui.ui.row_face import Face


def strip_of(pieces: Iterable[Piece[Style]], width: int, ground: Style) -> Strip:
    """The pieces side by side in exactly `width` cells; what does not fit is cropped."""
    segments = [Segment(text, style) for text, style in pieces if text]
    return Strip(segments).adjust_cell_length(width, ground)


def changed_cells(old: Face, new: Face, shape: RowShape, y: int) -> Iterator[Region]:
    """Where the clock and the age of a row whose first line is `y` say something else, within a pane's frame."""
    if (old.clock, old.tone) != (new.clock, new.tone):
        cells = clock_cells(new)
        yield Region(1 + shape.width - cells, y, cells, 1)
    if (old.age, old.when) != (new.age, new.when):
        yield Region(1, y + shape.age_line, shape.width, 1)


def with_other_time(drawn: Strip, old: Face, new: Face) -> Strip | None:
    """A row's first line, framed, that was drawn before, with nothing but the time of its clock another one.

    None where more than that differs, or the clock is not wholly there.
    """
    if old.label is not new.label or (old.tone, old.age, old.when) != (new.tone, new.age, new.when):
        return None
    *left, clock, side = drawn
    if clock.text != clock_piece(old) or clock_cells(old) != clock_cells(new):
        return None
    return Strip([*left, Segment(clock_piece(new), clock.style), side], drawn.cell_length)
