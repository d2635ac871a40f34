"""The commands about this installation: its settings, and what it rests on."""

from pathlib import Path
from typing import Annotated

import typer

from supporttui.cli.commands.root import app
from supporttui.cli.exits import Exit

config_app = typer.Typer(
    help="Write a commented configuration file, check one, and show what is in force and from where.",
    epilog="Example: supporttui config show --changed",
    invoke_without_command=True,
)
app.add_typer(config_app, name="config")


@app.command(epilog="Example: supporttui doctor")
def doctor(context: typer.Context) -> int:
    """Say what the terminal, the desk, the files and the tz data can do, and how to mend what they cannot."""
    from supporttui.cli.doctor import print_doctor

    return print_doctor(context.obj)


@config_app.callback()
def config(context: typer.Context) -> int:
    """Write a commented configuration file, check one, and show what is in force and from where."""
    return init_config(context) if context.invoked_subcommand is None else Exit.OK


@config_app.command("init", epilog="Example: supporttui config init")
def init_config(context: typer.Context) -> int:
    """Write a file with every setting and its default as a comment; one that is there is left as it is."""
    from supporttui.cli.config_command import write_commented_file

    return write_commented_file(context.obj)


@config_app.command("check", epilog="Example: supporttui config check ./config.toml")
def check_config(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="The file; the one in use where not given.")] = None,
) -> int:
    """Say whether a configuration file is right, or name the first mistake with its line."""
    from supporttui.cli.config_command import check_file

    return check_file(context.obj, file)


@config_app.command("show", epilog="Example: supporttui config show --changed")
def show_config(
    context: typer.Context,
    changed: Annotated[bool, typer.Option("--changed", help="Only what is not the default.")] = False,
) -> int:
    """Print every setting in force, and whether it is the default or which file, line, variable or option set it."""
    from supporttui.cli.config_command import show_settings

    return show_settings(context.obj, only_changed=changed)
