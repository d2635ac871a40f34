"""On which line of a TOML file a key stands, since no parser that we could use tells it.

The text has been read by `tomllib` before, so this only follows its structure: tables, keys, strings and brackets.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Final

KeyPath = tuple[str, ...]
"""A key with those above it; an element of an array is its number, from 0, as a text."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_INLINE_BLANK: Final = re.compile(r"[ \t]*")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_TEXT: Final = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}(?!")'''
    r"""|'''.*?'{3,5}(?!')"""
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'""",
    re.DOTALL,
)
_PLAIN: Final = re.compile(r"[^,\]}#\n]*")


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line, from 1, of each key and of each table, of a text that is valid TOML."""
    return _KeyLineReader(text).read()


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """The line of a key; where it does not stand in the file, that of the nearest table around it."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None


class _KeyLineReader:
    """One pass over a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._lines: dict[KeyPath, int] = {}
        self._last_of: dict[KeyPath, int] = {}
        """The number of the last table of each array of tables."""

    def read(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._read_header()
            else:
                self._read_pair(table)
            self._skip(_BLANK)
        return self._lines

    def _read_header(self) -> KeyPath:
        """`[a.b]` or `[[a.b]]`; the path of the table that begins."""
        line = self._line
        is_element = self._text.startswith("[[", self._at)
        self._move(2 if is_element else 1)
        *above, last = self._read_key()
        self._move(2 if is_element else 1)
        path: KeyPath = ()
        for part in above:
            path = self._inside((*path, part))
        path = (*path, last)
        if is_element:
            self._note(path, line)
            self._last_of[path] = self._last_of.get(path, -1) + 1
        path = self._inside(path)
        self._note(path, line)
        return path

    def _inside(self, path: KeyPath) -> KeyPath:
        """The path itself; that of its last element where it is an array of tables."""
        return (*path, str(self._last_of[path])) if path in self._last_of else path

    def _read_pair(self, table: KeyPath) -> None:
        line = self._line
        path = table + self._read_key()
        self._note(path, line)
        self._move(1)  # the equals sign
        self._skip(_INLINE_BLANK)
        self._read_value(path)

    def _read_key(self) -> KeyPath:
        """A dotted key, and the blanks around it."""
        parts: list[str] = []
        while True:
            self._skip(_INLINE_BLANK)
            parts.append(_plain(self._take(_KEY)))
            self._skip(_INLINE_BLANK)
            if not self._text.startswith(".", self._at):
                return tuple(parts)
            self._move(1)

    def _read_value(self, path: KeyPath) -> None:
        first = self._text[self._at]
        if first == "{":
            for _ in self._elements("}"):
                self._read_pair(path)
        elif first == "[":
            for number in self._elements("]"):
                self._note((*path, str(number)), self._line)
                self._read_value((*path, str(number)))
        else:
            self._skip(_TEXT if first in "\"'" else _PLAIN)

    def _elements(self, end: str) -> Iterator[int]:
        """Stand before each element of an array or an inline table, then behind its end."""
        self._move(1)
        number = 0
        self._skip(_BLANK)
        while self._text[self._at] != end:
            yield number
            number += 1
            self._skip(_BLANK)
            if self._text[self._at] == ",":
                self._move(1)
                self._skip(_BLANK)
        self._move(1)

    def _note(self, path: KeyPath, line: int) -> None:
        """Remember a key, and the tables above it that have no line of their own."""
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], line)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError(f"line {self._line} is not valid TOML")
        self._move(len(found[0]))
        return found[0]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._take(pattern)

    def _move(self, count: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + count)
        self._at += count


def _plain(key: str) -> str:
    """A key without its quotes and escapes."""
    return str(tomllib.loads(f"key = {key}")["key"]) if key[0] in "\"'" else key
