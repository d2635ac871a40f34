"""Digits three lines high, legible from a distance."""

from typing import Final

DIGIT_LINES: Final = 3

_DOTS: Final = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    "-": ("  ", "  ", "##", "  ", "  "),
    ":": (" ", "#", " ", "#", " "),
}
_SMALL: Final = {"h": (" ", " ", "h"), "m": (" ", " ", "m"), "‖": ("  ", "‖ ", "  ")}
"""Units and the pause sign at normal text size, so that they are not mistaken for digits."""
_KNOWN: Final = _DOTS.keys() | _SMALL.keys()
_HALVES: Final = {"  ": " ", "# ": "▀", " #": "▄", "##": "█"}


def large_digits(text: str) -> tuple[str, ...]:
    """Return the text as three lines of half blocks; characters without a large form are left out."""
    shapes = [_SMALL.get(character) or _half_blocks(_DOTS[character]) for character in text if character in _KNOWN]
    return tuple(" ".join(shape[line] for shape in shapes) for line in range(DIGIT_LINES))


def _half_blocks(dots: tuple[str, ...]) -> tuple[str, ...]:
    rows = [*dots, " " * len(dots[0])]
    pairs = (zip(rows[y], rows[y + 1], strict=True) for y in range(0, 2 * DIGIT_LINES, 2))
    return tuple("".join(_HALVES[upper + lower] for upper, lower in pair) for pair in pairs)
