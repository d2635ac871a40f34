"""The help of every command has an example, and the example is a command line that is understood."""

import re
import shlex
from collections.abc import Iterator

import pytest
import typer.main

from supporttui.cli.commands.root import app

EXAMPLE = re.compile(r"Example: (.+)")


def all_commands() -> Iterator[tuple[str, typer.core.TyperCommand]]:
    """Every command by the words that call it."""
    todo: list[tuple[str, typer.core.TyperCommand]] = [("supporttui", typer.main.get_command(app))]  # type: ignore[list-item]
    while todo:
        path, command = todo.pop()
        yield path, command
        todo += [(f"{path} {name}", each) for name, each in getattr(command, "commands", {}).items()]


COMMANDS = dict(all_commands())


def test_all_commands_are_found() -> None:
    assert {
        "supporttui",
        "supporttui config show",
        "supporttui desk add-user",
        "supporttui doctor",
        "supporttui bulk",
    } <= COMMANDS.keys()
    assert len(COMMANDS) >= 37


@pytest.mark.parametrize("path", COMMANDS)
def test_the_help_has_an_example_that_is_understood(path: str) -> None:
    found = EXAMPLE.search(COMMANDS[path].epilog or "")
    assert found is not None, f"{path} has no example"
    line = found.group(1).split("\n")[0].rpartition("| ")[2].partition(" < ")[0]
    program, *words = shlex.split(line)
    assert program == "supporttui"
    called, command = program, COMMANDS[program]
    context = command.make_context(program, list(words), resilient_parsing=True)
    while hasattr(command, "commands") and (rest := [*context._protected_args, *context.args]):
        name, command, left = command.resolve_command(context, rest)  # type: ignore[attr-defined]
        assert command is not None
        called = f"{called} {name}"
        is_group = hasattr(command, "commands")
        context = command.make_context(name, list(left), parent=context, resilient_parsing=is_group)
    assert called.startswith(path) or path == "supporttui"
