"""The names of keys as shown: short in lists and hints (`^s`), as printed on the keyboard in sentences (`ctrl+s`)."""

import unicodedata
from collections.abc import Mapping
from typing import Final

from supporttui.config.key_bindings import DEFAULT_KEYS

_SHORT: Final = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "backspace": "⌫",
    "enter": "⏎",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "delete": "del",
}
_CHARACTERS: Final = {
    "minus": "-",
    "plus": "+",
    "slash": "/",
    "backslash": "\\",
    "at": "@",
    "underscore": "_",
    "less_than_sign": "<",
    "greater_than_sign": ">",
}
"""Key names that differ from the Unicode names of their characters."""


def short_key(key: str) -> str:
    """Return a key or a sequence in its short form, for hints and lists of keys."""
    return " ".join(_short(one) for one in key.split(" "))


def key_name(key: str) -> str:
    """Return a key or a sequence as written in sentences."""
    return " ".join(_name(one) for one in key.split(" "))


def first_key(id_: str, keymap: Mapping[str, str]) -> str:
    """Return the event name of the first key of a binding."""
    return keymap.get(id_, DEFAULT_KEYS.get(id_, "")).split(",")[0]


def _short(key: str) -> str:
    *modifiers, last = key.split("+")
    text = _SHORT.get(last) or _character(last)
    if "ctrl" in modifiers:
        modifiers.remove("ctrl")
        text = f"^{text}"
    return "+".join([*modifiers, text])


def _name(key: str) -> str:
    *modifiers, last = key.split("+")
    return "+".join([*modifiers, _character(last)])


def _character(name: str) -> str:
    """The character of a key if it has one, else its name."""
    if name == "escape":
        return "esc"
    if len(name) == 1 or name in ("space", "tab", "enter", "backspace"):
        return name
    try:
        return _CHARACTERS.get(name) or unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return name
