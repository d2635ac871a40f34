"""Digits three lines high, to be read from afar."""

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
    "‖": ("# #", "# #", "# #", "# #", "# #"),
}
_HALVES: Final = {"  ": " ", "# ": "▀", " #": "▄", "##": "█"}


def large_digits(text: str) -> tuple[str, ...]:
    """The text in three lines of half blocks; a character that has no big form is left out."""
    shapes = [_DOTS[character] for character in text if character in _DOTS]
    lines = []
    for y in range(0, 2 * DIGIT_LINES, 2):
        parts = []
        for shape in shapes:
            lower = shape[y + 1] if y + 1 < len(shape) else " " * len(shape[y])
            parts.append("".join(_HALVES[a + b] for a, b in zip(shape[y], lower, strict=True)))
        lines.append(" ".join(parts))
    return tuple(lines)
