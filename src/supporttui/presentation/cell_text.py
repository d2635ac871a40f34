"""Text in terminal cells: width, cutting and padding. The tables of wide characters are loaded on demand."""

from typing import Final, TypeVar

_SINGLE_CELL_RANGES: Final = (
    *("\x20\x7e", "\xa0\xac", "\xae\u02ff", "\u0370\u0482", "\u2010\u2027", "\u2030\u205e", "\u2190\u2193"),
    *("\u2212\u2212", "\u23ce\u23ce", "\u2500\u25fc", "\u270e\u270e", "\u2713\u2713", "\u2717\u2717", "\u2800\u28ff"),
)
SINGLE_CELL_CHARACTERS: Final = frozenset(
    chr(code) for first, last in _SINGLE_CELL_RANGES for code in range(ord(first), ord(last) + 1)
)
"""Characters that take one cell each and never combine."""


def cell_len(text: str) -> int:
    """Return the width of a text in cells."""
    if SINGLE_CELL_CHARACTERS.issuperset(text):
        return len(text)
    from rich.cells import cell_len as measured

    return measured(text)


ELLIPSIS = "…"

S = TypeVar("S")
StyledText = tuple[str, S]
"""Text that is safe to draw, and its style in any representation."""


_JOINERS = str.maketrans("", "", "\u200d\ufe0e\ufe0f")
"""Joiners and variation selectors; removed since terminals disagree on the width of the results."""


def strip_joiners(text: str) -> str:
    """Remove the characters whose width differs between terminals."""
    return text if text.isascii() else text.translate(_JOINERS)


def cut(text: str, width: int) -> str:
    """Cut text to at most `width` cells, ending in `…` if some is left out."""
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
    """The longest prefix that fits, without splitting a wide character or dropping combining marks from their base."""
    if SINGLE_CELL_CHARACTERS.issuperset(text[: width + 1]):
        return text[:width].rstrip()
    from rich.cells import chop_cells  # only for text that needs it

    head = chop_cells(text[: 8 * width + 8], width)[0]
    return head.rstrip() if cell_len(head) <= width else ""


def fit_left(text: str, width: int) -> str:
    """Cut and pad the text to exactly `width` cells, aligned left."""
    shown = cut(text, width)
    return shown + " " * (width - cell_len(shown))


def fit_right(text: str, width: int) -> str:
    """Cut and pad the text to exactly `width` cells, aligned right."""
    shown = cut(text, width)
    return " " * (width - cell_len(shown)) + shown
