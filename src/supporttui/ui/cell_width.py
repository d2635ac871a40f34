"""How many cells a text takes; the tables of wide characters are loaded with the first text that may have one."""

from typing import Final

_RANGES: Final = (
    *("\x20\x7e", "\xa0\xac", "\xae\u02ff", "\u0370\u0482", "\u2010\u2027", "\u2030\u205e", "\u2190\u2193"),
    *("\u2212\u2212", "\u23ce\u23ce", "\u2500\u25fc", "\u2713\u2713", "\u2717\u2717", "\u2800\u28ff"),
)
SIMPLE: Final = frozenset(chr(code) for first, last in _RANGES for code in range(ord(first), ord(last) + 1))
"""Characters that take one cell each and never combine."""


def cell_len(text: str) -> int:
    """The width of a text in cells."""
    if SIMPLE.issuperset(text):
        return len(text)
    from rich.cells import cell_len as measured

    return measured(text)
