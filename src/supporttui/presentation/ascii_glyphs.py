"""ASCII forms of the marks, borders and blocks that we draw, for terminals and fonts without them."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_LINES: Final = {
    **dict.fromkeys("─━┄┅┈┉╌╍═╴╶╸╺╼╾", "-"),
    **dict.fromkeys("│┃┆┇┊┋╎╏║╵╷╹╻╽╿", "|"),
}
_MARKS: Final = {
    "●": "*", "○": "o", "◉": "@", "▰": "#", "▱": ".", "‖": "=", "✓": "v", "✗": "x", "↑": "^", "↓": "v", "←": "<",
    "→": ">", "↵": "/", "⏎": "/", "…": "~", "·": "-", "•": "*", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-",
    "▣": "#", "▤": "=", "›": ">", "‹": "<", "»": ">", "«": "<", "’": "'", "‘": "'", "“": '"', "”": '"', "\xa0": " ",
    "▏": "|", "▎": "|", "▍": "|", "▌": ">", "▋": "#", "▊": "#", "▉": "#", "▐": "|", "▕": "|", "█": "#", "▀": "\"",
    "▄": "_", "░": ".", "▒": ":", "▓": "#", "▔": "-", "▁": "_", "▂": "_", "▃": "_", "▅": "#", "▆": "#", "▇": "#",
    "▸": ">", "▾": "v", "▽": "v", "△": "^", "▲": "^", "▼": "v", "►": ">", "◂": "<",
    "⌫": "<", "␀": "?", "␡": "?", "\ufffd": "?", "⚠": "!",
}  # fmt: skip
ASCII_FORMS: Final[Mapping[str, str]] = {
    **{chr(code): "+" for code in range(0x2500, 0x2580)},
    **{chr(code): "#" for code in range(0x2580, 0x25A0)},
    **{chr(code): "*" for code in range(0x25A0, 0x25FD)},
    **_LINES,
    **_MARKS,
}
"""One character of ASCII for each: all of them take one cell."""

_TABLE: Final = str.maketrans(dict(ASCII_FORMS))
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")


def with_ascii_glyphs(text: str) -> str:
    """The text with our own marks in ASCII; what others wrote in other letters stays as it is."""
    return text if text.isascii() else text.translate(_TABLE)


def ascii_only(text: str) -> str:
    """The same, and a question mark for each cell of any other character: the terminal takes nothing but ASCII."""
    shown = with_ascii_glyphs(text)
    return shown if shown.isascii() else _BEYOND_ASCII.sub(lambda found: _stand_in(found.group()), shown)


def _stand_in(character: str) -> str:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return ""
    return "??" if unicodedata.east_asian_width(character) in "WF" else "?"
