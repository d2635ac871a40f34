"""Pieces of text as what Textual draws."""

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from supporttui.ui.drawing import Piece


def strip_of(pieces: Iterable[Piece[Style]], width: int, ground: Style) -> Strip:
    """The pieces side by side in exactly `width` cells; what does not fit is cropped."""
    segments = [Segment(text, style) for text, style in pieces if text]
    return Strip(segments).adjust_cell_length(width, ground)
