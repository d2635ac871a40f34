"""The team's own macros: TOML files in the folder `macros` beside the configuration file, one macro in each.

title = "Ask for the logs"
kind = "reply"
status = "awaiting_reply"
add_tags = ["logs"]
text = '''
Dear {{ticket.requester.first_name}},
please send us the logs.
'''
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from supporttui.config.tables import ConfigProblem, SettingsTable, load_toml, shown, suggestion
from supporttui.domain.macros import CURRENT_USER, NOBODY, Macro, TagEdit
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Status, TicketType

Value = TypeVar("Value")

TEXT_MAX: Final = 65_535
MACROS_MAX: Final = 500
"""Files that are read."""

_KINDS: Final = {"reply": True, "note": False}
_STATUSES: Final = {each.value: each for each in Status if each is not Status.NEW}
_TYPES: Final = {each.value: each for each in TicketType}


class MacroFiles(msgspec.Struct, frozen=True):
    """What a folder of macros has."""

    macros: tuple[Macro, ...] = ()
    """In the order of their titles."""
    problems: tuple[ConfigProblem, ...] = ()
    """Of the files that were left out; each names its file and line."""


def load_macro_files(folder: Path) -> MacroFiles:
    """Return the macros in a folder; empty if there is no such folder. A wrong file is reported and left out."""
    macros: list[Macro] = []
    problems: list[ConfigProblem] = []
    try:
        files = sorted(folder.glob("*.toml")) if folder.is_absolute() else []
    except OSError as error:
        return MacroFiles((), (ConfigProblem(str(folder), "", f"it cannot be read ({error.strerror})"),))
    for file in files[:MACROS_MAX]:
        try:
            macros.append(load_macro(file))
        except ConfigProblem as problem:
            problems.append(problem)
        except FileNotFoundError:  # it was removed meanwhile
            continue
    if len(files) > MACROS_MAX:
        problems.append(ConfigProblem(str(folder), "", f"it has more than {MACROS_MAX} macros; the rest is left out"))
    return MacroFiles(tuple(sorted(macros, key=lambda each: each.title.raw.casefold())), tuple(problems))


def load_macro(file: Path) -> Macro:
    """Return the macro in a file. Raises ConfigProblem with the file's line, FileNotFoundError."""
    values, lines = load_toml(file)
    table = SettingsTable(values, str(file), lines)
    macro = Macro(
        id=file.stem,
        title=OutsideText(table.text("title")),
        text=OutsideText(_text(table)),
        is_public=_word(table, "kind", _KINDS),
        status=_word(table, "status", _STATUSES),
        severity=table.number("severity", 1, 4) if "severity" in table else None,
        ticket_type=_word(table, "type", _TYPES),
        assignee=_assignee(table),
        group=table.optional("group") if "group" in table else None,
        tags=_tags(table),
    )
    for name in ("severity", "group"):
        table.knows(name)
    table.close()
    if macro == Macro(id=macro.id, title=macro.title, is_public=macro.is_public):
        raise table.problem("", "it does nothing; write a text, a status, a severity, an assignee, a group or tags")
    return macro


def _text(table: SettingsTable) -> str:
    """Return the text without the line breaks at its ends."""
    text = table.optional("text").strip("\n")
    if len(text) > TEXT_MAX:
        raise table.problem("text", f"it has more than {TEXT_MAX:,} characters, which no help desk takes")
    return text


def _word(table: SettingsTable, name: str, values: Mapping[str, Value]) -> Value | None:
    """Return the value of a word; None if the key is missing."""
    if name not in table:
        table.knows(name)
        return None

    def parse(text: str) -> Value:
        if text not in values:
            raise ValueError(f"{shown(text)} is not one of {', '.join(values)}{suggestion(text, values)}")
        return values[text]

    return table.parsed(name, parse)


def _assignee(table: SettingsTable) -> str | None:
    if "assignee" not in table:
        table.knows("assignee")
        return None
    text = table.text("assignee")
    if text not in (CURRENT_USER, NOBODY) and "@" not in text:
        raise table.problem("assignee", f'{shown(text)} is nobody; write "me", "nobody" or an email address')
    return text


def _tags(table: SettingsTable) -> TagEdit:
    found: dict[str, tuple[str, ...]] = {}
    for name in ("tags", "add_tags", "remove_tags"):
        table.knows(name)
        if name in table:
            found[name] = tuple(table.texts(name, '["vip", "billing"]'))
            odd = [each for each in found[name] if not each.strip() or any(letter.isspace() for letter in each)]
            if odd:
                raise table.problem(name, f"{shown(odd[0])} is not a tag; a tag is one word")
    if "tags" in found and len(found) > 1:
        raise table.problem("tags", "it replaces all tags; leave add_tags and remove_tags out beside it")
    return TagEdit(found.get("tags"), found.get("remove_tags", ()), found.get("add_tags", ()))
