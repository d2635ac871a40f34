"""TOML tables that are read key by key, and refuse what is wrong by file, key and remedy."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from supporttui.domain.safetext import OutsideText, safe_line

Value = TypeVar("Value")


class ConfigProblem(Exception):
    """A setting is wrong. `str()` names the file, the key and what would be right, and is fit for a screen."""

    def __init__(self, file: str, key: str, sentence: str) -> None:
        shown = str(safe_line(OutsideText(file)))
        super().__init__(": ".join(part for part in (shown, key, sentence) if part))
        self.file = file
        self.key = key
        """The dotted key, a line of the file, or an environment variable; empty where the whole file is meant."""
        self.sentence = sentence


class Table:
    """One table of a settings file. Each key is read once by its kind; `close` refuses the keys that nobody read."""

    def __init__(self, values: Mapping[str, object], file: str, key: str = "") -> None:
        self._values = values
        self._file = file
        self._key = key
        self._known: list[str] = []

    def problem(self, name: str, sentence: str) -> ConfigProblem:
        """A problem with one key of this table, to be raised."""
        return ConfigProblem(self._file, self._path(name), sentence)

    def names(self) -> list[str]:
        """The keys that stand in the table; each counts as read."""
        self._known += self._values
        return [*self._values]

    def table(self, name: str) -> "Table":
        """A table within this one; an empty one where the key is missing."""
        values = self._take(name, {})
        if not isinstance(values, dict):
            raise self.problem(
                name, f"{shown(values)} is not a table; write [{self._path(name)}] and its keys below it"
            )
        return Table(values, self._file, self._path(name))

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

    def _path(self, name: str) -> str:
        plain = str(safe_line(OutsideText(name)))
        return f"{self._key}.{plain}" if self._key else plain


def load_toml(path: Path) -> dict[str, object]:
    """A TOML file. Raises ConfigProblem with the line where it is not one, FileNotFoundError where there is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        sentence, _, place = str(error).partition(" (at ")
        raise ConfigProblem(str(path), place.rstrip(")"), f"{sentence}; this is not valid TOML") from error
    except UnicodeDecodeError as error:
        raise ConfigProblem(str(path), f"byte {error.start}", "this is not UTF-8; save the file as UTF-8") from error
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigProblem(
            str(path), "", f"it cannot be read ({error.strerror}); check the path and rights"
        ) from error


def merged(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """Two tables as one: the upper wins key by key, tables within are merged, lists are replaced."""
    result = dict(below)
    for name, value in above.items():
        under = result.get(name)
        result[name] = merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return result


def shown(value: object) -> str:
    """A wrong value as the file's reader would recognise it."""
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
    """What may have been meant: the closest known word, or all of them."""
    import difflib  # only ever needed right before leaving

    words = list(dict.fromkeys(known))
    close = difflib.get_close_matches(name, words, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known here: {', '.join(words)}" if words else ""
