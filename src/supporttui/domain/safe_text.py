"""Makes text from outside safe to draw; nothing else may bring it to a screen.

`OutsideText` holds untrusted text. It is not a string, and formatting it raises.
`safe` turns it into `SafeText`, in which every control character is a visible stand-in.
"""

import re
import unicodedata
from collections.abc import Generator
from typing import Final, final

MAX_LENGTH: Final = 100_000
"""Characters of one text that are shown; what follows is replaced by a mark."""

TRUNCATION_MARK: Final = " […]"
"""Where there was more."""

MAX_LINE: Final = 10_000
"""Characters of one line; a longer one is broken there, and nothing of it is lost."""

STEP_CHARACTERS: Final = 1_000
"""Characters that `safe_in_steps` looks at one by one between two yields; runs of ordinary ones count as one."""

MAX_COMBINING: Final = 4
"""Combining marks shown on one base character; more are dropped."""

TAB: Final = "    "

JOINER: Final = "\u200d"

_INVISIBLE: Final = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u200b\u200c\u2060\u2061\u2062\u2063\u2064"
    "\u2800\u3164\ufeff\uffa0"
)
"""Drawn as nothing or as a blank, though they are letters or marks; format characters are found by their category."""

_UNSETTLED_WIDTH_RANGES: Final = (
    *(("\u2630", "\u2637"), ("\u268a", "\u268f"), ("\u3248", "\u324f")),
    *(("\U0001d300", "\U0001d356"), ("\U0001d360", "\U0001d376"), ("\U0001f3fb", "\U0001f3ff")),
)
"""Characters that take one cell by one version of Unicode and two by another, so that terminals disagree; computed from
Rich 15, wcwidth 0.9 and glibc 2.36."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Zl", "Zp"})
_MARKS: Final = frozenset({"Mn", "Me", "Mc"})
_PLAIN: Final = re.compile(r"[ -~\n]*")
_ORDINARY: Final = (
    "[\n -~\u00a1-\u00ac\u00ae-\u02ff\u0391-\u03a1\u03a3-\u03ff\u0400-\u0482\u048a-\u0527\u3041-\u3096"
    "\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]+"
)
"""Runs of characters that are shown as they are: what people write, most of the time."""

_LONG_LINE: Final = re.compile(f"[^\n]{{{MAX_LINE}}}(?=[^\n])")


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


def folded(text: str) -> str:
    """The text for comparing, without regard to case and accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in plain if unicodedata.category(each) != "Mn").casefold()


def beginning(text: OutsideText, length: int) -> OutsideText:
    """The beginning of a text, after its empty lines."""
    return OutsideText(text.raw.lstrip("\n")[:length])


def safe(text: OutsideText) -> SafeText:
    """Turn text from outside into text that may be drawn; escape sequences are shown, not parsed."""
    steps = safe_in_steps(text)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: SafeText = end.value
            return result


def safe_in_steps(text: OutsideText) -> Generator[None, None, SafeText]:
    """The same as a generator that yields after every `STEP_CHARACTERS` and returns the text.

    For a caller that must do something else in between: a message of 65,535 emoji takes a fifth of a second.
    """
    raw = text.raw
    if len(raw) <= MAX_LINE and _PLAIN.fullmatch(raw):
        return SafeText(raw)
    shown = yield from _visible_in_steps(_truncated(raw).replace("\r\n", "\n"))
    return SafeText(_LONG_LINE.sub(lambda long: f"{long.group()}\n", _truncated(shown)))


def safe_line(text: OutsideText) -> SafeText:
    """The same in one line: newlines become `↵`, so that no field can draw into the next row."""
    shown = _visible(_truncated(text.raw).replace("\r\n", "\n"))
    return SafeText(_truncated(shown, MAX_LINE).replace("\n", "↵"))


def _truncated(text: str, length: int = MAX_LENGTH) -> str:
    """The text cut to the length that is shown, with a mark if something was left out."""
    return text if len(text) <= length else text[: length - len(TRUNCATION_MARK)] + TRUNCATION_MARK


def _visible(raw: str) -> str:
    """A text with everything in it made visible or capped."""
    steps = _visible_in_steps(raw)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return str(end.value)


def _visible_in_steps(raw: str) -> Generator[None, None, str]:
    """The same as a generator that yields now and then."""
    if _PLAIN.fullmatch(raw):
        return raw
    ordinary_run = re.compile(_ORDINARY).match  # compiled for the first such text, in 2 ms; then it is re's to keep
    drawn, at, turns = _VisibleText(), 0, 0
    while at < len(raw):
        ordinary = ordinary_run(raw, at)
        if ordinary:
            drawn.add_base(ordinary.group())
            at = ordinary.end()
        else:
            drawn.add(raw[at])
            at += 1
        turns += 1
        if turns % STEP_CHARACTERS == 0:
            yield
    return drawn.text()


class _VisibleText:
    """The visible text so far, and the marks on its last cell."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._marks = 0
        self._region = ""
        """The first letter of a flag, until its second one comes."""

    def text(self) -> str:
        self._end_flag()
        return "".join(self._parts)

    def add(self, character: str) -> None:
        """One character, or its stand-in, or nothing where there are enough of its kind.

        Terminals disagree on how wide joined pictures, skin tones, flags and variation selectors are: pictures that are
        joined stand side by side, flags as their letters, and the rest is left out.
        """
        if "\U0001f1e6" <= character <= "\U0001f1ff":
            self._flag(chr(ord(character) - 0x1F1E6 + ord("A")))
            return
        self._end_flag()
        is_after_picture = bool(self._parts) and _is_picture(self._parts[-1][-1])
        if "\ufe00" <= character <= "\ufe0f":
            return
        if is_after_picture and (character == JOINER or "\U0001f3fb" <= character <= "\U0001f3ff"):
            return
        if character == JOINER:
            self.add_base(_code(JOINER))
        elif _is_mark(character):
            self._mark(character)
        else:
            self.add_base(_stand_in(character))

    def add_base(self, shown: str) -> None:
        """Characters with cells of their own."""
        self._end_flag()
        self._marks = 0
        self._parts.append(shown)

    def _flag(self, letter: str) -> None:
        """Take a regional indicator; two of them are written as the letters of a country."""
        if self._region:
            country, self._region = self._region + letter, ""
            self.add_base(f"‹{country}›")
        else:
            self._region = letter

    def _end_flag(self) -> None:
        """Write a regional indicator that had no second one as a letter."""
        if self._region:
            letter, self._region = self._region, ""
            self.add_base(f"‹{letter}›")

    def _mark(self, character: str) -> None:
        """Add a combining mark to the last cell; without such a cell its code point is written."""
        if character in _INVISIBLE or "\U000e0100" <= character <= "\U000e01ef":
            if self._marks == 0:
                self.add_base(_code(character))
                self._marks = 1
        elif self._marks < MAX_COMBINING:
            self._marks += 1
            self._parts.append(character)


def _is_mark(character: str) -> bool:
    """Whether it is drawn on the cell before it: marks, and the vowels and finals that make a Korean syllable."""
    is_jamo = "\u1160" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7ff"
    category = unicodedata.category(character)
    return category in _MARKS or (is_jamo and category != "Cn")


def _is_of_unsettled_width(character: str) -> bool:
    return any(first <= character <= last for first, last in _UNSETTLED_WIDTH_RANGES)


def _is_picture(character: str) -> bool:
    return unicodedata.category(character) == "So"


def _stand_in(character: str) -> str:
    """A visible form of one character that has cells of its own."""
    code, category = ord(character), unicodedata.category(character)
    if character == "\t":
        return TAB
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if 0x80 <= code < 0xA0:
        return f"‹{code:02X}›"
    if category == "Cs":
        return "\ufffd"
    if category in _UNSEEN or character in _INVISIBLE or _is_of_unsettled_width(character):
        return _code(character)
    return " " if category == "Zs" and character != "\u3000" else character


def _code(character: str) -> str:
    return f"‹{ord(character):04X}›"
