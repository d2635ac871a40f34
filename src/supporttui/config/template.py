"""The commented configuration file that `supporttui config` writes, and where each setting in force comes from."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from supporttui.config.key_bindings import DEFAULT_KEYS
from supporttui.config.settings import (
    PLAIN_FRAMES_VARIABLE,
    config_file,
    load_defaults,
    packaged_text,
)
from supporttui.config.tables import dotted, load_toml, merged
from supporttui.config.toml_lines import KeyPath, key_lines

HEADING: Final = """\
# The settings of supporttui, each with its default. Take the # away before a key to change it: what is written here
# wins key by key, and everything else stays as it is. `supporttui config check` says whether it is right, and
# `supporttui config show` what is in force and from where.
"""
_PACKAGED_HEADING: Final = re.compile(r"\A(?:#[^\n]*\n)+")
_SETTING: Final = re.compile(r"^(?=[A-Za-z0-9_\"-]+\s*=)", re.MULTILINE)
_KEYS_HEADING: Final = """
# Other keys for bindings, by their ids: a key, or several with commas. `?` lists the keys of a screen.
[keys]
"""
_SECRETS: Final = frozenset({("desk", "token")})
_COMMANDS: Final = frozenset({("desk", "token_command")})
_VARIABLES: Final[Mapping[KeyPath, str]] = {
    ("desk", "url"): "SUPPORTTUI_URL",
    ("desk", "email"): "SUPPORTTUI_EMAIL",
    ("desk", "token"): "SUPPORTTUI_TOKEN",
}
"""Environment variables that go before the file."""


def commented_file() -> str:
    """Every setting with its default, as a comment below its table."""
    text = _SETTING.sub("#", _PACKAGED_HEADING.sub("", packaged_text(), count=1))
    keys = "".join(f'#{binding} = "{key}"\n' for binding, key in DEFAULT_KEYS.items())
    before, found, after = text.partition("\n[keys]\n")
    if not found:
        return f"{HEADING}{text}{_KEYS_HEADING}{keys}"
    own, gap, rest = after.partition("\n\n")
    return f"{HEADING}{before}{found}{own.rstrip()}\n{keys}{gap}{rest}"


def with_account(text: str, url: str, email: str) -> str | None:
    """A configuration file with this desk and account below `[desk]`, and everything else as it was.

    None where that cannot be put into the text line by line, and where it is no TOML.
    """
    try:
        before, lines = tomllib.loads(text), key_lines(text)
    except (ValueError, RecursionError):
        return None
    written = [f"{line}\n" for line in text.split("\n")]
    if not text or text.endswith("\n"):
        written.pop()
    added = []
    for name, value in (("url", url), ("email", email)):
        if ("desk", name) in lines:
            at = lines["desk", name] - 1
            written[at] = f"{written[at].partition('=')[0].rstrip()} = {_toml(value)}\n"
        else:
            added.append(f"{name} = {_toml(value)}\n")
    if added and ("desk",) in lines:
        written[lines["desk",] - 1] += "".join(added)
    elif added:
        written.append("".join([*(["\n"] if text.strip() else []), "[desk]\n", *added]))
    result = "".join(written)
    wanted = merged(before, {"desk": {"url": url, "email": email}})
    try:
        return result if tomllib.loads(result) == wanted else None
    except tomllib.TOMLDecodeError:
        return None


class SettingInForce(NamedTuple):
    """A setting, its value as it would be written, and where it comes from."""

    key: str
    value: str
    source: str
    is_default: bool


def settings_in_force(path: Path | None, environ: Mapping[str, str], theme: str = "") -> Iterator[SettingInForce]:
    """All of them, in the order of the packaged file. Credentials are not among the values.

    theme: what `--theme` says. Raises ConfigProblem where the file is not TOML.
    """
    file, _ = config_file(path, environ)
    try:
        user, lines = load_toml(file)
    except FileNotFoundError:
        user, lines = {}, {}
    for place, value in _leaves(merged(load_defaults(), user), ()):
        source = f"{file}:{lines[place]}" if place in lines else "default"
        shown, is_default = value, place not in lines
        variable = _VARIABLES.get(place, "")
        if environ.get(variable):
            shown, source, is_default = environ[variable], variable, False
        elif place == ("terminal", "frames") and environ.get(PLAIN_FRAMES_VARIABLE) == "1":
            shown, source, is_default = False, PLAIN_FRAMES_VARIABLE, False
        elif place == ("looks", "theme") and theme:
            shown, source, is_default = theme, "--theme", False
        yield SettingInForce(dotted(place), _written(place, shown), source, is_default)


def _leaves(values: Mapping[str, object], above: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    for name, value in values.items():
        place = (*above, name)
        if isinstance(value, dict) and value:
            yield from _leaves(value, place)
        elif value != {}:
            yield place, value


def _written(place: KeyPath, value: object) -> str:
    """A value as TOML has it, or what may be said of a credential."""
    if value and place in _SECRETS:
        return "(set; not shown)"
    if value and place in _COMMANDS:
        words = value if isinstance(value, list) else str(value).split()
        return f'"{words[0]}{" …" if len(words) > 1 else ""}"'
    return _toml(value)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {_toml(inner)}' for name, inner in value.items())} }}"
    return str(value)
