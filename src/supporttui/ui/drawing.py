"""Text in cells: cutting and padding it by the width that a terminal gives it."""

from typing import TypeVar

from supporttui.ui.cell_width import SIMPLE, cell_len

ELLIPSIS = "…"

S = TypeVar("S")
Piece = tuple[str, S]
"""Text that may be drawn, and its style, in whichever form."""


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
    if SIMPLE.issuperset(text[: width + 1]):
        return text[:width].rstrip()
    from rich.cells import chop_cells  # only for texts that need it

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
