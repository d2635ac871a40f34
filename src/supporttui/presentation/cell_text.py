"""Text in terminal cells: its width, cutting and padding; the tables of wide characters are loaded when needed."""

from typing import Final, TypeVar

_SINGLE_CELL_RANGES: Final = (
    *("\x20\x7e", "\xa0\xac", "\xae\u02ff", "\u0370\u0482", "\u2010\u2027", "\u2030\u205e", "\u2190\u2193"),
    *("\u2212\u2212", "\u23ce\u23ce", "\u2500\u25fc", "\u2713\u2713", "\u2717\u2717", "\u2800\u28ff"),
)
SINGLE_CELL_CHARACTERS: Final = frozenset(
    chr(code) for first, last in _SINGLE_CELL_RANGES for code in range(ord(first), ord(last) + 1)
)
"""Characters that take one cell each and never combine."""


def cell_len(text: str) -> int:
    """The width of a text in cells."""
    if SINGLE_CELL_CHARACTERS.issuperset(text):
        return len(text)
    from rich.cells import cell_len as measured

    return measured(text)


ELLIPSIS = "…"

S = TypeVar("S")
StyledText = tuple[str, S]
"""Text that may be drawn, and its style, in whichever form."""


_JOINERS = str.maketrans("", "", "\u200d\ufe0e\ufe0f")
"""Joiners and variation selectors: terminals disagree on the width of what they make, so rows go without them."""


def strip_joiners(text: str) -> str:
    """The text without what different terminals draw in different widths."""
    return text if text.isascii() else text.translate(_JOINERS)


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
    if SINGLE_CELL_CHARACTERS.issuperset(text[: width + 1]):
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
