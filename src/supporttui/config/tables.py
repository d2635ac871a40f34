"""TOML tables that are read key by key, and refuse what is wrong by file, key and remedy."""

import contextlib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path as FilePath
from typing import Final, TypeVar

from supporttui.config.bounded_files import read_bounded
from supporttui.config.toml_lines import KeyPath, key_lines, line_of
from supporttui.domain.safe_text import OutsideText, safe_line

Value = TypeVar("Value")

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 16
"""Of tables and lists within each other; the policy's own have five."""

TABLE_ARRAYS: Final = frozenset({"closures"})
"""The keys whose value is a list of tables."""


class ConfigProblem(Exception):
    """A setting is wrong. `str()` names the file, line, key and what would be right, and is fit for a screen."""

    def __init__(self, file: str, key: str, sentence: str, line: int | None = None) -> None:
        shown = str(safe_line(OutsideText(file)))
        place = "" if line is None else f"line {line}"
        super().__init__(": ".join(part for part in (shown, place, key, sentence) if part))
        self.file = file
        self.line = line
        """From 1; None where the key does not stand in the file."""
        self.key = key
        """The dotted key, a line of the file, or an environment variable; empty where the whole file is meant."""
        self.sentence = sentence


class SettingsTable:
    """One table of a settings file. Each key is read once by its kind; `close` refuses the keys that nobody read."""

    def __init__(
        self, values: Mapping[str, object], file: str, lines: Mapping[KeyPath, int] | None = None, path: KeyPath = ()
    ) -> None:
        self._values = values
        self._file = file
        self._lines = lines or {}
        self._path = path
        self._known: list[str] = []

    def __contains__(self, name: str) -> bool:
        """Whether a key stands in the table."""
        return name in self._values

    def problem(self, name: str, sentence: str) -> ConfigProblem:
        """A problem with one key of this table, to be raised; an empty name means the table itself."""
        path = (*self._path, name) if name else self._path
        return ConfigProblem(self._file, dotted(path), sentence, line_of(self._lines, path))

    def source(self, name: str) -> str:
        """Where a key's value comes from, for a person: the key, and the file with the line or the packaged policy."""
        path = (*self._path, name)
        if path not in self._lines:
            return f"{dotted(path)} in the packaged policy"
        return f"{dotted(path)} in {safe_line(OutsideText(self._file))}, line {self._lines[path]}"

    def names(self) -> list[str]:
        """The keys that stand in the table; each counts as read."""
        self._known += self._values
        return [*self._values]

    def knows(self, name: str) -> None:
        """Take a key that need not be there as read."""
        self._known.append(name)

    def holds_table(self, name: str) -> bool:
        """Whether a key's value is a table."""
        return isinstance(self._values.get(name), dict)

    def holds_list(self, name: str) -> bool:
        """Whether a key's value is a list."""
        return isinstance(self._values.get(name), list)

    def table(self, name: str) -> "SettingsTable":
        """A table within this one; an empty one where the key is missing."""
        values = self._take(name, {})
        if not isinstance(values, dict):
            where = dotted((*self._path, name))
            raise self.problem(name, f"{shown(values)} is not a table; write [{where}] and its keys below it")
        return SettingsTable(values, self._file, self._lines, (*self._path, name))

    def tables(self, name: str) -> "list[SettingsTable]":
        """The tables of an array of tables; none where the key is missing."""
        values = self._take(name, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            where = dotted((*self._path, name))
            raise self.problem(name, f"{shown(values)} is not a list of tables; write [[{where}]] before each")
        return [
            SettingsTable(value, self._file, self._lines, (*self._path, name, str(number)))
            for number, value in enumerate(values)
        ]

    def day(self, name: str) -> date | None:
        """A date, written without quotes or with them; None where the key is missing."""
        value = self._take(name, None)
        if isinstance(value, str):
            with contextlib.suppress(ValueError):
                return date.fromisoformat(value)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        raise self.problem(name, f"{shown(value)} is not a date; write for example {name} = 2026-12-31")

    def text(self, name: str, default: str | None = None) -> str:
        """A text of at least one character."""
        value = self._take(name, default)
        if not isinstance(value, str) or not value.strip():
            raise self.problem(name, f'{shown(value)} is not a text; write for example {name} = "some words"')
        if not value.isprintable():
            raise self.problem(name, f"{shown(value)} has characters that cannot be shown; write it in one plain line")
        return value

    def flag(self, name: str) -> bool:
        """true or false."""
        value = self._take(name, None)
        if not isinstance(value, bool):
            raise self.problem(name, f"{shown(value)} is neither true nor false; write one of these, without quotes")
        return value

    def number(self, name: str, lowest: int, highest: int) -> int:
        """A whole number within bounds."""
        value = self._take(name, None)
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise self.problem(name, f"{shown(value)} is not a whole number from {lowest} to {highest}")
        return value

    def texts(self, name: str, example: str) -> list[str]:
        """A list of texts, maybe empty."""
        value = self._take(name, None)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.problem(name, f"{shown(value)} is not a list of texts; write for example {name} = {example}")
        return value

    def parsed(self, name: str, parse: Callable[[str], Value]) -> Value:
        """A text that `parse` understands; what its ValueError says becomes the problem."""
        text = self.text(name)
        try:
            return parse(text)
        except ValueError as error:
            raise self.problem(name, str(error)) from error

    def optional(self, name: str) -> str:
        """A text, or the empty one where the key is missing."""
        value = self._take(name, "")
        if not isinstance(value, str):
            raise self.problem(name, f'{shown(value)} is not a text; write for example {name} = "…"')
        return value

    def close(self) -> None:
        """Refuse a key that nobody read."""
        for name in self._values:
            if name not in self._known:
                raise self.problem(name, f"there is no such key{suggestion(name, self._known)}")

    def _take(self, name: str, default: object) -> object:
        self._known.append(name)
        return self._values.get(name, default)


def dotted(path: KeyPath) -> str:
    """A key as a person writes it; the elements of a list are counted from 1, as in `policy.closures[1].rrule`."""
    text = ""
    for index, part in enumerate(path):
        if index and part.isdecimal() and path[index - 1] in TABLE_ARRAYS:
            text += f"[{int(part) + 1}]"
        else:
            text += f".{safe_line(OutsideText(part))}" if text else safe_line(OutsideText(part))
    return text


def load_toml(path: FilePath) -> tuple[dict[str, object], dict[KeyPath, int]]:
    """A TOML file and the lines of its keys.

    Raises ConfigProblem with the line where it is not one, FileNotFoundError where there is none.
    """
    try:
        text = read_bounded(path, MAX_BYTES).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        values = tomllib.loads(text)
        if _is_deeper_than(values, MAX_DEPTH):
            raise RecursionError
        return values, key_lines(text)
    except RecursionError:
        sentence = f"its values are nested more than {MAX_DEPTH} deep; no setting is"
        raise ConfigProblem(str(path), "", sentence) from None
    except tomllib.TOMLDecodeError as error:
        sentence, _, place = str(error).partition(" (at ")
        raise ConfigProblem(str(path), place.rstrip(")"), f"{sentence}; this is not valid TOML") from error
    except UnicodeDecodeError as error:
        raise ConfigProblem(str(path), f"byte {error.start}", "this is not UTF-8; save the file as UTF-8") from error
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigProblem(
            str(path), "", f"it cannot be read ({error.strerror}); name a text file that you can read"
        ) from error


def _is_deeper_than(value: object, depth: int) -> bool:
    """Whether tables and lists are nested deeper than that."""
    level = [value]
    for _ in range(depth + 1):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return bool(level)


def merged(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """Two tables as one: the upper wins key by key, tables within are merged, lists are replaced."""
    result = dict(below)
    for name, value in above.items():
        under = result.get(name)
        result[name] = merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return result


def shown(value: object) -> str:
    """A wrong value as it is quoted in messages."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    text = str(safe_line(OutsideText(str(value))))
    short = text if len(text) <= 60 else f"{text[:59]}…"
    return f'"{short}"' if isinstance(value, str) else short


def suggestion(name: str, known: Iterable[str]) -> str:
    """The end of a message with the closest known word, or all of them."""
    import difflib  # only ever needed right before leaving

    words = list(dict.fromkeys(known))
    close = difflib.get_close_matches(name, words, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known here: {', '.join(words)}" if words else ""
