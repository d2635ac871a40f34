"""`[commands]`: programs of the user's own, bound to keys that act on the ticket at hand."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from supporttui.config.key_bindings import COMMAND_PREFIX, DEFAULT_KEYS
from supporttui.config.key_settings import clashes, key_problem, parse_key_list
from supporttui.config.tables import SettingsTable, shown, suggestion

FIELD_NAMES: Final = (
    *("id", "number", "subject", "status", "severity", "group", "tags", "url"),
    *("requester_name", "requester_email", "organization", "assignee_name", "assignee_email"),
)
"""What a command is told of its ticket: as `SUPPORTTUI_TICKET_…` in its environment, or as a whole argument `{…}`."""

_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FIELD: Final = re.compile(r"\{([a-z_]+)\}")
_EXAMPLE: Final = '["less", "/srv/runbooks/db.md"]'


class CustomCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A program, and the key that runs it."""

    name: str
    keys: str
    """By the names of their events, with commas between several."""
    run: tuple[str, ...]
    """The program and its arguments; no shell reads them."""
    label: str
    """What the palette and the list of keys call it."""
    when_tag: str = ""
    """Only for tickets with this tag; empty for all."""
    is_background: bool = False
    """Run it beside the board, without the terminal."""

    @property
    def id(self) -> str:
        """The id of its binding."""
        return f"{COMMAND_PREFIX}{self.name}"


def parse_commands(table: SettingsTable, keymap: Mapping[str, str]) -> tuple[CustomCommand, ...]:
    """The commands in the order of the file; `keymap` is what `[keys]` has changed.

    Several may have one key where each of them is for another tag. Raises ConfigProblem.
    """
    whole = {**DEFAULT_KEYS, **keymap}
    commands: list[CustomCommand] = []
    for name in table.names():
        if not _NAME.fullmatch(name):
            raise table.problem(name, "a command is named by small letters, digits and hyphens, such as db-runbook")
        own = table.table(name)
        command = _parse_command(name, own)
        problem = key_problem(command.id, {**whole, command.id: command.keys}) or _shared_key(command, commands)
        if problem:
            raise own.problem("key", problem)
        commands.append(command)
    return tuple(commands)


def _parse_command(name: str, table: SettingsTable) -> CustomCommand:
    keys = table.parsed("key", parse_key_list)
    run = table.texts("run", _EXAMPLE)
    if not run or not run[0].strip():
        raise table.problem("run", f"it names no program; write for example run = {_EXAMPLE}")
    for argument in run:
        problem = _argument_problem(argument)
        if problem:
            raise table.problem("run", problem)
    command = CustomCommand(
        name=name,
        keys=keys,
        run=tuple(run),
        label=table.text("label", f"run {name}"),
        when_tag=table.text("when_tag") if "when_tag" in table else "",
        is_background=table.flag("background") if "background" in table else False,
    )
    for known in ("label", "when_tag", "background"):
        table.knows(known)
    table.close()
    return command


def _argument_problem(argument: str) -> str:
    """Why this is no argument of a command; empty where it is one."""
    if "\0" in argument:
        return f"{shown(argument)} has a NUL, which no program can be given; leave it out"
    for found in _FIELD.finditer(argument):
        is_whole = found[0] == argument
        if is_whole and found[1] not in FIELD_NAMES:
            return f"a ticket has no {shown(found[0])}{suggestion(found[1], FIELD_NAMES)}"
        if not is_whole and found[1] in FIELD_NAMES:
            variable = f"SUPPORTTUI_TICKET_{found[1].upper()}"
            return f'{shown(argument)}: "{found[0]}" must be a whole argument; a script of yours can read ${variable}'
    return ""


def _shared_key(command: CustomCommand, others: list[CustomCommand]) -> str:
    """Why a command cannot have a key that another one has; empty where it can."""
    for other in others:
        for key in command.keys.split(","):
            for taken in other.keys.split(","):
                is_by_tag = key == taken and command.when_tag.casefold() != other.when_tag.casefold()
                if clashes(key, taken) and not is_by_tag:
                    return f'"{key}" runs {other.name} already; choose another key, or give each its own when_tag'
    return ""
