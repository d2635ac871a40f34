"""An editable line of text with a cursor."""

from collections.abc import Callable, Mapping
from typing import Final


class LineEditor:
    """A text and a cursor position; every edit reports whether the text has changed."""

    def __init__(self, text: str = "", longest: int = 1_000) -> None:
        self.text = text
        self.cursor = len(text)
        """The number of characters before the cursor."""
        self._longest = longest

    def put(self, text: str) -> None:
        """Replace the text and move the cursor to its end."""
        self.text = text[: self._longest]
        self.cursor = len(self.text)

    def insert(self, typed: str) -> None:
        """Insert at the cursor, up to the maximum length."""
        typed = typed[: max(0, self._longest - len(self.text))]
        self.replace(self.cursor, self.cursor, typed)

    def replace(self, start: int, end: int, text: str) -> None:
        """Replace the characters from `start` to `end`; the cursor moves behind the new text."""
        self.text = self.text[:start] + text + self.text[end:]
        self.cursor = start + len(text)

    def edit(self, command: str) -> bool:
        """Run one of EDIT_COMMANDS; return whether the text has changed."""
        before = self.text
        self._COMMANDS[command](self)
        return self.text != before

    def _left(self) -> None:
        self.cursor = max(0, self.cursor - 1)

    def _right(self) -> None:
        self.cursor = min(len(self.text), self.cursor + 1)

    def _start(self) -> None:
        self.cursor = 0

    def _end(self) -> None:
        self.cursor = len(self.text)

    def _word_left(self) -> None:
        self.cursor = self._word_before()

    def _word_right(self) -> None:
        rest = self.text[self.cursor :]
        blanks = len(rest) - len(rest.lstrip())
        word = rest.lstrip().split(" ")[0]
        self.cursor += blanks + len(word)

    def _rub_out(self) -> None:
        self.replace(max(0, self.cursor - 1), self.cursor, "")

    def _delete(self) -> None:
        at = self.cursor
        self.replace(at, at + 1, "")

    def _rub_out_word(self) -> None:
        self.replace(self._word_before(), self.cursor, "")

    def _rub_out_line(self) -> None:
        self.replace(0, self.cursor, "")

    def _delete_rest(self) -> None:
        self.replace(self.cursor, len(self.text), "")

    def _word_before(self) -> int:
        before = self.text[: self.cursor].rstrip()
        return before.rfind(" ") + 1

    _COMMANDS: Final[Mapping[str, Callable[["LineEditor"], None]]] = {
        "left": _left,
        "right": _right,
        "word-left": _word_left,
        "word-right": _word_right,
        "start": _start,
        "end": _end,
        "rub-out": _rub_out,
        "delete": _delete,
        "rub-out-word": _rub_out_word,
        "rub-out-line": _rub_out_line,
        "delete-rest": _delete_rest,
    }


EDIT_COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "left": ("left", "to the left"),
    "right": ("right", "to the right"),
    "word-left": ("ctrl+left", "a word to the left"),
    "word-right": ("ctrl+right", "a word to the right"),
    "start": ("home,ctrl+a", "to the start"),
    "end": ("end,ctrl+e", "to the end"),
    "rub-out": ("backspace", "rub out a character"),
    "delete": ("delete,ctrl+d", "delete a character"),
    "rub-out-word": ("ctrl+w,alt+backspace", "rub out a word"),
    "rub-out-line": ("ctrl+u", "rub out all before the cursor"),
    "delete-rest": ("ctrl+k", "delete all behind the cursor"),
}
"""The default keys of each command, separated by commas, and its description."""
