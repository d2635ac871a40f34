"""Text in cells: cutting and padding it by the width that a terminal gives it."""

from collections.abc import Iterable

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

ELLIPSIS = "…"

Piece = tuple[str, Style]
"""Text that may be drawn, and its style."""


_UNSTEADY = str.maketrans("", "", "\u200d\ufe0e\ufe0f")
"""Joiners and variation selectors: terminals disagree on the width of what they make, so rows go without them."""


def steady(text: str) -> str:
    """The text without what different terminals draw in different widths."""
    return text if text.isascii() else text.translate(_UNSTEADY)


def cut(text: str, width: int) -> str:
    """The text in at most `width` cells, ending in `…` where some of it is left out."""
    if width <= 0:
        return ""
    if len(text) <= width and text.isascii():
        return text
    if cell_len(text) <= width:
        return text
    if width == 1:
        return ELLIPSIS
    return _head(text, width - 1) + ELLIPSIS


def _head(text: str, width: int) -> str:
    """As much of the text's beginning as fits, never half a character; combining marks stay on their base."""
    if text[: width + 1].isascii():
        return text[:width].rstrip()
    head = chop_cells(text[: 8 * width + 8], width)[0]
    return head.rstrip() if cell_len(head) <= width else ""


def fit_left(text: str, width: int) -> str:
    """The text cut and padded to exactly `width` cells, at the left."""
    shown = cut(text, width)
    return shown + " " * (width - cell_len(shown))


def fit_right(text: str, width: int) -> str:
    """The text cut and padded to exactly `width` cells, at the right."""
    shown = cut(text, width)
    return " " * (width - cell_len(shown)) + shown


def strip_of(pieces: Iterable[Piece], width: int, ground: Style) -> Strip:
    """The pieces side by side in exactly `width` cells; what does not fit is cropped."""
    segments = [Segment(text, style) for text, style in pieces if text]
    return Strip(segments).adjust_cell_length(width, ground)
