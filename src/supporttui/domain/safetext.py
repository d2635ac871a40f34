"""The only way by which text from outside reaches a screen.

`OutsideText` carries what a stranger wrote and refuses to be shown: it is not a string, and formatting it raises.
`safe` turns it into `SafeText`, in which every control character is a visible stand-in.
"""

import re
import unicodedata
from typing import Final, final

MAX_LENGTH: Final = 100_000
"""Characters of one text that are shown; what follows is replaced by a mark."""

MAX_COMBINING: Final = 4
"""Combining marks shown on one base character; more are dropped."""

TAB: Final = "    "

_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE: Final = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0"
    "\u2028\u2029\u206a\u206b\u206c\u206d\u206e\u206f\ufff9\ufffa\ufffb"
)
_ZERO_WIDTH_JOINER: Final = "\u200d"
_PLAIN: Final = re.compile(r"[ -~\n]*")


@final
class OutsideText:
    """Text that somebody else wrote, kept exactly as it came. Not a string: pass it to `safe` to show it."""

    __slots__ = ("raw",)

    raw: str
    """The text itself, for storing, comparing and sending; never for a screen."""

    def __init__(self, raw: str) -> None:
        self.raw = raw

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OutsideText) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __bool__(self) -> bool:
        return bool(self.raw)

    def __repr__(self) -> str:
        return f"OutsideText({self.raw!a})"

    def __str__(self) -> str:
        raise TypeError("text from outside is shown through safe(), never as a bare string")

    def __format__(self, spec: str) -> str:
        raise TypeError("text from outside is shown through safe(), never as a bare string")


@final
class SafeText(str):
    """Text that may be drawn: newline is its only control character. Made by `safe` and by nothing else.

    It may still hold what a markup parser would read; show it as content, never as markup.
    """

    __slots__ = ()


def safe(text: OutsideText) -> SafeText:
    """Turn text from outside into text that may be drawn; escape sequences are shown, not parsed."""
    raw = text.raw
    if len(raw) > MAX_LENGTH:
        raw = raw[:MAX_LENGTH] + " […]"
    if _PLAIN.fullmatch(raw):
        return SafeText(raw)
    return SafeText("".join(_shown(raw.replace("\r\n", "\n"))))


def safe_line(text: OutsideText) -> SafeText:
    """The same in one line: newlines become `↵`, so that no field can draw into the next row."""
    return SafeText(safe(text).replace("\n", "↵"))


def _shown(raw: str) -> list[str]:
    """The stand-ins for each character, with combining marks capped on their base."""
    shown: list[str] = []
    combining = 0
    for character in raw:
        if unicodedata.category(character) in ("Mn", "Me"):
            combining += 1
            if (
                combining <= MAX_COMBINING
                and character not in _INVISIBLE
                and not _is_variation_excess(shown, character)
            ):
                shown.append(character)
            continue
        if character == _ZERO_WIDTH_JOINER:
            if shown and shown[-1] != character and ord(shown[-1][-1]) > 0x2190:
                shown.append(character)
            continue
        combining = 0
        shown.append(_stand_in(character))
    return shown


def _is_variation_excess(shown: list[str], character: str) -> bool:
    """Whether this variation selector follows another one, or nothing at all."""
    if not "\ufe00" <= character <= "\ufe0f":
        return "\U000e0100" <= character <= "\U000e01ef"
    return not shown or "\ufe00" <= shown[-1] <= "\ufe0f"


def _stand_in(character: str) -> str:
    """A visible form of one character that is not a combining mark."""
    code = ord(character)
    if character == "\n":
        return character
    if character == "\t":
        return TAB
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if 0x80 <= code < 0xA0:
        return f"‹{code:02X}›"
    if character in _BIDI or character in _INVISIBLE or 0xE0000 <= code <= 0xE0FFF:
        return f"‹{code:04X}›"
    if unicodedata.category(character) in ("Cs", "Cn", "Co", "Cf", "Zl", "Zp"):
        return f"‹{code:04X}›" if not 0xD800 <= code <= 0xDFFF else "\ufffd"
    return character
