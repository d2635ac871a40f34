"""Which text stands on which ground, read from the stylesheets."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from supporttui.ui.stylesheets import SHEETS, stylesheet_paths

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_TOKEN: Final = re.compile(r"([^{};]+)([{};])")
_DRAWN_LINES: Final = re.compile(r"--(frame|edge|bar-[a-z-]+)\b")
"""Parts that are lines or bars beside text, and no text."""


class Rule(NamedTuple):
    """A rule of a sheet."""

    selector: str
    """With those around it."""
    colour: str
    """The name of the text's colour; empty where the rule has none."""
    background: str
    """The name of the ground; empty where it is the one below."""


class Pair(NamedTuple):
    """A text's colour on its ground, and where the sheets say so."""

    colour: str
    ground: str
    selector: str


def rules_of(text: str) -> Iterator[Rule]:
    """The rules of a sheet, nested ones with the selectors around them."""
    around: list[str] = []
    declared: list[dict[str, str]] = []
    for found in _TOKEN.finditer(_COMMENT.sub("", text)):
        words, mark = found.group(1).strip(), found.group(2)
        if mark == "{":
            around.append(words)
            declared.append({})
            continue
        name, _, value = words.partition(":")
        if declared and value:
            declared[-1][name.strip()] = value.strip()
        if mark == "}":
            known = declared.pop()
            yield Rule(" ".join(around), _name(known.get("color")), _name(known.get("background")))
            around.pop()


def _name(value: str | None) -> str:
    return value.removeprefix("$") if value and value.startswith("$") else ""


def sheet_pairs() -> list[Pair]:
    """Every colour of a text with every ground on which the sheets put it."""
    rules = [rule for path in stylesheet_paths(SHEETS) for rule in rules_of(Path(path).read_text(encoding="utf-8"))]
    grounds: dict[str, set[str]] = {}
    for rule in rules:
        if rule.background and not _is_part(rule.selector):
            grounds.setdefault(_widget(rule.selector), set()).add(rule.background)
    grounds["StatusPane"].add("cursor-ground")
    grounds["ConversationView"].add("note-ground")
    pairs = []
    for rule in rules:
        if rule.colour and not _DRAWN_LINES.search(rule.selector):
            on = (
                {rule.background} if rule.background else grounds.get(_widget(rule.selector)) or {"background", "panel"}
            )
            pairs += [Pair(rule.colour, ground, rule.selector) for ground in sorted(on)]
    return pairs


def _is_part(selector: str) -> bool:
    """Whether the rule is for a part that a widget draws itself."""
    return "--" in selector


def _widget(selector: str) -> str:
    """What the rule is about: the type of a widget, or its id."""
    whole = re.split(r"[ >]+", selector)
    named = [part for part in whole if "--" not in part]
    widgets = [re.split(r"[.:]", part)[0] for part in named if re.match(r"[A-Z#]", part)]
    return widgets[-1] if widgets else selector
