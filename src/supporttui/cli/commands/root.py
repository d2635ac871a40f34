"""The command line's root: its options, and how one command line is run."""

from pathlib import Path
from typing import Annotated, Any

import typer

from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions, Launch
from supporttui.presentation.terminal_options import BandwidthChoice

_USAGE_ERROR: Any = typer.BadParameter.__mro__[1]
"""The base of all complaints about the command line; the library has no public name for it."""

app = typer.Typer(
    help="A support team's tickets and their service clocks, in the terminal.",
    epilog="Example: supporttui --theme light demo\n\n"
    "Exit codes: 0 done, 1 unexpected, 2 usage, 3 configuration, 4 desk unreachable, 5 credentials refused, "
    "6 the desk refuses, 7 cannot listen, 8 disk or database, 9 sent and not confirmed, 10 no board, 130 interrupted.",
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run_command(arguments: list[str]) -> int:
    """Run one command and return its exit code. Raises what the command raises."""
    try:
        code = app(arguments, prog_name="supporttui", standalone_mode=False)
    except _USAGE_ERROR as problem:
        raise CommandError(_usage_sentence(problem), Exit.USAGE) from problem
    except typer.Abort:
        return Exit.INTERRUPTED
    except SystemExit as closed:  # the library's answer to a reader that has left
        raise BrokenPipeError from closed
    return code if isinstance(code, int) else Exit.OK


def _usage_sentence(problem: Any) -> str:  # noqa: ANN401 - see above
    """What is wrong with the command line, and where to read how it goes."""
    context = problem.ctx
    path = context.command_path if context is not None else "supporttui"
    message = " ".join(problem.format_message().split()).rstrip(".") or "a command is missing"
    return f"{message[0].lower()}{message[1:]}; `{path} --help` shows what is possible"


def _show_version(wanted: bool) -> None:
    if wanted:
        from supporttui import __version__

        typer.echo(f"supporttui {__version__}")
        raise typer.Exit


def _theme_names() -> list[str]:
    """What completion offers."""
    from supporttui.config.settings import PACKAGED_THEMES, THEMES_BY_BACKGROUND

    return [*THEMES_BY_BACKGROUND, *PACKAGED_THEMES]


@app.callback(invoke_without_command=True)
def board(
    context: typer.Context,
    demo: Annotated[bool, typer.Option("--demo", help="Work on the running demonstration desk.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Work on your own tickets, as a customer.")] = False,
    config: Annotated[Path | None, typer.Option(help="The configuration file to use.")] = None,
    thin: Annotated[bool, typer.Option("--thin", help="Send as little as possible: 16 colours, no motion.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Every colour and movement, also on a far terminal.")] = False,
    theme: Annotated[
        str,
        typer.Option(
            help="Colours for this run: dark, light, high-contrast, colour-blind, terminal, or your own.",
            autocompletion=_theme_names,
        ),
    ] = "",
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True)] = False,
) -> int:
    """Open the board, where no command is given."""
    if thin and full:
        raise CommandError("--thin and --full exclude each other; leave one of them out", Exit.USAGE)
    line = BandwidthChoice.THIN if thin else BandwidthChoice.FULL if full else BandwidthChoice.NONE
    context.obj = GlobalOptions(config=config, line=line, theme=theme, is_demo=demo, is_requester=mine)
    return open_launch(Launch(scope=context.obj)) if context.invoked_subcommand is None else Exit.OK


def open_launch(launch: Launch) -> int:
    """Open a screen."""
    from supporttui.cli.screen import open_screen

    return open_screen(launch)
