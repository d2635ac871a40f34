"""Keys that a program does not always get, and what takes them. No default binding rests on one of them alone."""

from collections.abc import Mapping
from typing import Final

UNRELIABLE_KEYS: Final[Mapping[str, str]] = {
    "ctrl+b": "tmux takes it as its prefix",
    "ctrl+a": "GNU screen takes it as its prefix",
    "ctrl+p": "`docker run` and `docker exec` hold it back for their detach keys ctrl+p ctrl+q",
    "ctrl+q": "flow control: it starts a terminal again that ctrl+s has stopped; here it quits",
    "ctrl+backslash": "shells end a program with it (SIGQUIT)",
    "ctrl+circumflex_accent": "mosh takes it as its escape key",
    "ctrl+right_square_bracket": "telnet, `machinectl` and `virsh console` take it as their escape key",
    "tilde": "OpenSSH takes it as its escape character after enter",
    "ctrl+@": "desktops switch the input method with ctrl+space",
    "ctrl+j": "it is the end of a line, also of one that is pasted where the terminal does not mark pastes",
    "shift+pageup": "terminals scroll back with it",
    "shift+pagedown": "terminals scroll back with it",
    "shift+home": "terminals scroll back with it",
    "shift+end": "terminals scroll back with it",
    "shift+insert": "terminals paste with it",
    "ctrl+pageup": "terminals change to another tab with it",
    "ctrl+pagedown": "terminals change to another tab with it",
    "ctrl+insert": "terminals copy with it",
    "alt+left": "Terminal on a Mac sends what it sends for ctrl+left; Windows Terminal changes to another pane",
    "alt+right": "Terminal on a Mac sends what it sends for ctrl+right; Windows Terminal changes to another pane",
    "alt+up": "Windows Terminal changes to another pane with it",
    "alt+down": "Windows Terminal changes to another pane with it",
    "f1": "desktop terminals open their help with it",
    "f10": "desktop terminals open their menu with it",
    "f11": "desktops and terminals fill the screen with it; macOS shows the desktop",
    "f12": "drop-down terminals (Guake, Yakuake) come and go with it",
    "insert": "many keyboards have no such key",
}
"""By the name of the key, with what takes it."""

_SHIFTED_ARROWS: Final = "a Linux console sends the arrow alone, and tmux does without `xterm-keys`"
_ALT_LETTER: Final = "a Mac types a character with it unless option acts as Meta, and GNOME Terminal opens a menu"
_HIGH_FUNCTION_KEY: Final = "keyboards end with f12; terminals send it for shift with a function key"
_CTRL_SHIFT: Final = "terminals copy, paste and open tabs with it, and otherwise send what they send without shift"


def unreliable_reason(key: str) -> str:
    """What may keep a key, or one key of a sequence, from the program; empty where nothing is known to."""
    return next(filter(None, map(_reason, key.split(" "))), "")


def _reason(key: str) -> str:
    *modifiers, last = key.split("+")
    if key in UNRELIABLE_KEYS:
        return UNRELIABLE_KEYS[key]
    if "shift" in modifiers and last in ("up", "down", "left", "right"):
        return _SHIFTED_ARROWS
    if modifiers == ["alt"] and len(last) == 1:
        return _ALT_LETTER
    if "ctrl" in modifiers and "shift" in modifiers:
        return _CTRL_SHIFT
    is_function_key = last.startswith("f") and last[1:].isdecimal()
    return _HIGH_FUNCTION_KEY if is_function_key and (modifiers or int(last[1:]) > 12) else ""
