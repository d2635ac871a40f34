"""`[keys]`: other keys for bindings. Keys that no terminal sends and keys that clash are refused."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from supporttui.config.key_bindings import COMMAND_PREFIX, CONTEXTS, DEFAULT_KEYS, KeyContext
from supporttui.config.key_presets import PRESETS
from supporttui.config.tables import SettingsTable, shown, suggestion

PRESET_KEY: Final = "preset"
MAX_SEQUENCE_KEYS: Final = 2

_NAMED_KEYS: Final = frozenset(
    (
        *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete", "backspace"),
        *("enter", "tab", "escape", "space", "shift+tab", "alt+delete", "ctrl+@"),
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
    "alt+b": "ctrl+left",
    "alt+f": "ctrl+right",
    "alt+backspace": "ctrl+w",
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
    """The keys that differ from `DEFAULT_KEYS`, by a binding's id, with commas between several.

    They are those of the preset, and over them those that the table names. Raises ConfigProblem where the preset or an
    id is unknown, a key cannot be pressed, or a key is another binding's.
    """
    preset = table.parsed(PRESET_KEY, _parse_preset) if PRESET_KEY in table else {}
    own: dict[str, str] = {}
    for id_ in table.names():
        if id_ == PRESET_KEY:
            continue
        table.text(id_)
        if id_.startswith(COMMAND_PREFIX):
            raise table.problem(id_, f"write it as `key` below [commands.{id_.removeprefix(COMMAND_PREFIX)}]")
        if id_ not in DEFAULT_KEYS:
            raise table.problem(id_, f"there is no key binding of this name{suggestion(id_, DEFAULT_KEYS)}")
        own[id_] = table.parsed(id_, parse_key_list)
    keymap = {**DEFAULT_KEYS, **preset, **own}
    usual = {**DEFAULT_KEYS, **preset}
    for id_ in own:
        problem = key_problem(id_, keymap, usual[id_].split(","))
        if problem:
            raise table.problem(id_, problem)
    return {**preset, **own}


def parse_key_list(text: str) -> str:
    """One key or sequence, or several with commas between them, by the names of their events. Raises ValueError."""
    return ",".join(dict.fromkeys(_parse_sequence(one.strip()) for one in text.split(",")))


def key_problem(id_: str, keymap: Mapping[str, str], usual: Sequence[str] = ()) -> str:
    """Why a binding cannot have its keys of this keymap beside the other bindings; empty where it can.

    `usual` are keys that it may have wherever it acts, though they are text there or needed by a field.
    """
    return next(filter(None, (_clash(id_, keymap, usual, each) for each in CONTEXTS if each.holds(id_))), "")


def _parse_preset(text: str) -> Mapping[str, str]:
    """The keys of a preset. Raises ValueError."""
    if text not in PRESETS:
        raise ValueError(f"there is no such preset{suggestion(text, PRESETS)}")
    return PRESETS[text]


def _parse_sequence(text: str) -> str:
    """A key, or two that are pressed one after the other, with a blank between them. Raises ValueError."""
    keys = text.split()
    if len(keys) > MAX_SEQUENCE_KEYS:
        raise ValueError(f'{shown(text)} are {len(keys)} keys; a sequence has two, such as "g g"')
    names = [_parse_key(key) for key in keys or [""]]
    if len(names) > 1 and "escape" in names:
        raise ValueError(f"{shown(text)} cannot be typed: escape cancels a sequence; choose another key")
    return " ".join(names)


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
    if modifiers == ["alt"] and len(last) == 1 and last.isascii() and last.isdigit():
        raise ValueError(f"{shown(text)} types a character of its own, as on a Mac; choose another key")
    if modifiers == ["alt"] and len(last) == 1 and last.isascii() and last.isalpha():
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


def _clash(id_: str, keymap: Mapping[str, str], usual: Sequence[str], context: KeyContext) -> str:
    """Why a binding cannot have its keys of the keymap in a context; empty where it can."""
    for key in keys_there(id_, keymap, context):
        first = key.split(" ")[0]
        if context.takes_text and key not in usual and is_text(first):
            return f'"{first}" is text {context.name}; choose a key with ctrl, or f1 to f12'
        if first in context.reserved and key not in usual:
            return f'"{first}" is needed {context.name} already; choose another key'
        for other in keymap:
            if other != id_ and context.holds(other):
                for taken in keys_there(other, keymap, context):
                    if clashes(key, taken):
                        return _clash_sentence(key, taken, other, context)
    return ""


def keys_there(id_: str, keymap: Mapping[str, str], context: KeyContext) -> list[str]:
    """The keys by which a binding acts in a context: where one types, those of the app that are text do not."""
    keys = keymap[id_].split(",")
    if context.takes_text and id_.startswith("app-"):
        return [key for key in keys if not is_text(key.split(" ")[0])]
    return keys


def clashes(key: str, other: str) -> bool:
    """Whether two keys, or a key and the begin of a sequence, are the same: one of them would never act."""
    return key == other or other.startswith(f"{key} ") or key.startswith(f"{other} ")


def _clash_sentence(key: str, taken: str, other: str, context: KeyContext) -> str:
    remedy = f"choose another key, or give {other} another one as well"
    if key == taken:
        return f'"{key}" is the key of {other} {context.name}; {remedy}'
    if " " in key:
        return f'"{key}" begins with "{taken}", which is the key of {other} {context.name}; {remedy}'
    return f'"{key}" begins "{taken}", which is the key of {other} {context.name}; {remedy}'


def is_text(key: str) -> bool:
    """Whether the key types a character."""
    return key == "space" or ("+" not in key and key not in _NAMED_KEYS and key not in _FUNCTION_KEYS)
