"""`[keys]`: other keys for bindings. Keys that no terminal sends and keys that clash are refused."""

import unicodedata
from collections.abc import Mapping
from typing import Final

from supporttui.config.key_bindings import CONTEXTS, DEFAULT_KEYS, KeyContext
from supporttui.config.tables import SettingsTable, shown, suggestion

_NAMED_KEYS: Final = frozenset(
    (
        *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete", "backspace"),
        *("enter", "tab", "escape", "space", "shift+tab", "alt+backspace", "alt+delete", "ctrl+@"),
        *("ctrl+backslash", "ctrl+right_square_bracket", "ctrl+circumflex_accent", "ctrl+underscore"),
    )
)
_MODIFIABLE: Final = frozenset(["up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete"])
_FUNCTION_KEYS: Final = frozenset(f"f{number}" for number in range(1, 25))

_SAME_BYTES: Final = {
    "ctrl+h": "backspace",
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+[": "escape",
    "ctrl+left_square_bracket": "escape",
    "ctrl+?": "backspace",
    "ctrl+question_mark": "backspace",
    "ctrl+space": "ctrl+@",
}
"""Keys for which a terminal sends what it sends for another key."""

_OTHER_NAMES: Final = {"esc": "escape", "return": "enter", "del": "delete", "ins": "insert", "comma": "comma"}

_TEXTUAL_NAMES: Final = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""The names of characters that differ from Unicode's."""


def parse_keys(table: SettingsTable) -> dict[str, str]:
    """The keys by a binding's id, with commas between several.

    Raises ConfigProblem where an id is unknown, a key cannot be pressed, or a key is another binding's.
    """
    keys: dict[str, str] = {}
    for id_ in table.names():
        text = table.text(id_)
        if id_ not in DEFAULT_KEYS:
            raise table.problem(id_, f"there is no key binding of this name{suggestion(id_, DEFAULT_KEYS)}")
        try:
            keys[id_] = ",".join(dict.fromkeys(_parse_key(one.strip()) for one in text.split(",")))
        except ValueError as error:
            raise table.problem(id_, str(error)) from error
    for id_ in keys:
        for context in CONTEXTS:
            problem = _clash(id_, keys, context) if context.holds(id_) else ""
            if problem:
                raise table.problem(id_, problem)
    return keys


def _parse_key(text: str) -> str:
    """A key by the name that its event has. Raises ValueError with what to write instead."""
    if not text:
        raise ValueError('a key is missing between commas; the comma itself is written "comma"')
    if len(text) == 1:
        return _character_name(text)
    key = text.lower() if "+" in text or text.lower() in _NAMED_KEYS | _FUNCTION_KEYS else text
    if key in _SAME_BYTES:
        raise ValueError(f"a terminal sends the same for {shown(text)} and {_SAME_BYTES[key]}; choose another key")
    if key in _NAMED_KEYS or key in _FUNCTION_KEYS or key in _CHARACTER_NAMES:
        return key
    if key.lower() in _OTHER_NAMES:
        raise ValueError(f'{shown(text)} is no key; write "{_OTHER_NAMES[key.lower()]}"')
    *modifiers, last = key.split("+")
    if modifiers:
        return _parse_modified(text, modifiers, last)
    raise ValueError(f"{shown(text)} is no key{suggestion(key, [*sorted(_NAMED_KEYS), *sorted(_CHARACTER_NAMES)])}")


def _parse_modified(text: str, modifiers: list[str], last: str) -> str:
    """A key held together with others. Raises ValueError."""
    named = "+".join([*sorted(set(modifiers)), last])
    if last in _MODIFIABLE | _FUNCTION_KEYS and set(modifiers) <= {"alt", "ctrl", "shift"}:
        return named
    if modifiers == ["ctrl"] and len(last) == 1 and "a" <= last <= "z":
        return named
    if modifiers == ["alt"] and len(last) == 1 and last.isascii() and last.isalnum():
        return named
    if modifiers == ["shift"] and len(last) == 1:
        remedy = f'write the letter itself, "{last.upper()}"' if last.isalpha() else "write the character itself"
        raise ValueError(f"a terminal does not tell shift from {shown(text)}; {remedy}")
    if "shift" in modifiers and "ctrl" in modifiers and len(last) == 1:
        raise ValueError(f'a terminal sends the same for {shown(text)} and "ctrl+{last}"; choose another key')
    raise ValueError(
        f"a terminal does not send {shown(text)}; write a character, f1 to f12, ctrl with a letter, "
        "or ctrl, shift or alt with an arrow or f1 to f12"
    )


def _character_name(character: str) -> str:
    """The name of the key that types a character."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    if not name:
        raise ValueError(f"{shown(character)} is no key that can be typed; choose another")
    return _TEXTUAL_NAMES.get(name, name)


_CHARACTER_NAMES: Final = frozenset(_character_name(chr(code)) for code in range(0x21, 0x7F) if not chr(code).isalnum())


def _clash(id_: str, keys: Mapping[str, str], context: KeyContext) -> str:
    """Why a binding cannot have its new keys beside the others of a context; empty where it can."""
    own = DEFAULT_KEYS[id_].split(",")
    for key in keys[id_].split(","):
        if context.takes_text and key not in own and _is_text(key):
            return f'"{key}" is text {context.name}; choose a key with ctrl, or f1 to f12'
        if key in context.reserved and key not in own:
            return f'"{key}" is needed {context.name} already; choose another key'
        for other, default in DEFAULT_KEYS.items():
            if other != id_ and context.holds(other) and key in keys.get(other, default).split(","):
                remedy = f"choose another key, or give {other} another one as well"
                return f'"{key}" is the key of {other} {context.name}; {remedy}'
    return ""


def _is_text(key: str) -> bool:
    """Whether the key types a character."""
    return key == "space" or ("+" not in key and key not in _NAMED_KEYS and key not in _FUNCTION_KEYS)
