"""Conversion of styled text to Textual's strips."""

from collections.abc import Iterable, Iterator

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from supporttui.presentation.board.row_layout import RowLayout, clock_column_text
from supporttui.presentation.board.ticket_row import TicketRowText
from supporttui.presentation.cell_text import StyledText
from supporttui.presentation.ticket.shown_links import ShownLink


def strip_from_texts(pieces: Iterable[StyledText[Style]], width: int, ground: Style) -> Strip:
    """Return the pieces side by side in exactly `width` cells; what does not fit is cropped."""
    segments = [Segment(text, style) for text, style in pieces if text]
    return Strip(segments).adjust_cell_length(width, ground)


def with_links(segments: list[Segment], links: Iterable[ShownLink]) -> list[Segment]:
    """Return the segments with hyperlinks in the first of them."""
    text, style, _ = segments[0]
    ground, parts, at = style or Style(), [], 0
    for start, end, address in links:
        parts += [Segment(text[at:start], ground), Segment(text[start:end], ground + Style(link=address))]
        at = end
    return [each for each in (*parts, Segment(text[at:], ground), *segments[1:]) if each.text]


def changed_regions(old: TicketRowText, new: TicketRowText, shape: RowLayout, y: int) -> Iterator[Region]:
    """Yield the regions of a row's clock and age that have changed, within the frame; `y` is the row's first line."""
    if (shape.clock_of(old), old.tone) != (shape.clock_of(new), new.tone):
        cells = shape.clock_cells(new)
        yield Region(1 + shape.width - cells, y, cells, 1)
    if not shape.is_compact and (old.age, old.when) != (new.age, new.when):
        yield Region(1, y + shape.age_line, shape.width, 1)


def with_changed_clock(drawn: Strip, old: TicketRowText, new: TicketRowText, shape: RowLayout) -> Strip | None:
    """Return a row's drawn and framed first line with only the time of its clock replaced.

    None if more than that differs, or the clock is not drawn completely.
    """
    if old.label is not new.label or (old.tone, old.age, old.when) != (new.tone, new.age, new.when):
        return None
    *left, clock, side = drawn
    if shape.has_clock_below(old) or clock.text != clock_column_text(old, shape):
        return None
    if shape.clock_cells(old) != shape.clock_cells(new):
        return None
    return Strip([*left, Segment(clock_column_text(new, shape), clock.style), side], drawn.cell_length)
