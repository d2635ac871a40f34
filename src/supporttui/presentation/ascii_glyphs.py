"""ASCII replacements for our marks, borders and blocks, for terminals and fonts that lack them."""

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
    "⌫": "<", "␀": "?", "␡": "?", "\ufffd": "?", "⚠": "!", "✎": "d",
}  # fmt: skip
ASCII_FORMS: Final[Mapping[str, str]] = {
    **{chr(code): "+" for code in range(0x2500, 0x2580)},
    **{chr(code): "#" for code in range(0x2580, 0x25A0)},
    **{chr(code): "*" for code in range(0x25A0, 0x25FD)},
    **_LINES,
    **_MARKS,
}
"""One ASCII character for each glyph; all of them are one cell wide."""

_TABLE: Final = str.maketrans(dict(ASCII_FORMS))
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")


def with_ascii_glyphs(text: str) -> str:
    """Replace our own marks by ASCII; other non-ASCII text is kept."""
    return text if text.isascii() else text.translate(_TABLE)


def ascii_only(text: str) -> str:
    """Replace our own marks by ASCII and every other non-ASCII cell by a question mark, for ASCII-only terminals."""
    shown = with_ascii_glyphs(text)
    return shown if shown.isascii() else _BEYOND_ASCII.sub(lambda found: _stand_in(found.group()), shown)


def _stand_in(character: str) -> str:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return ""
    return "??" if unicodedata.east_asian_width(character) in "WF" else "?"
