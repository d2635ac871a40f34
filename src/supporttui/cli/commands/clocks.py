"""The commands about support hours and due times."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from supporttui.cli.commands.root import app
from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions


@app.command(epilog='Example: supporttui due --severity 2 --created "Nov 25 4pm"')
def due(
    context: typer.Context,
    severity: Annotated[int | None, typer.Option(help="1 to 4; the policy's default where not given.")] = None,
    created: Annotated[str, typer.Option(metavar="WHEN", help="When the ticket was created.")] = "",
    first_reply: Annotated[str | None, typer.Option(metavar="WHEN", help="When it was first answered.")] = None,
    status_history: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help='Lines such as "2026-06-08 11:00, on_hold", or JSON; - is stdin.'),
    ] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="The configuration file to use.")] = None,
    at: Annotated[str | None, typer.Option(metavar="WHEN", help="Read the clocks then, and not now.")] = None,
    today: Annotated[bool, typer.Option("--today", help="What to do first, from the local copy.")] = False,
    handling: Annotated[int | None, typer.Option(min=1, max=1440, help="Minutes an answer takes, for --today.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> int:
    """Say when a ticket is due and why.

    WHEN is a date and time, in the desk's zone where none is given: +03:00 and UTC+3 lie east of UTC, EST and the like
    are those of the desk's zone only. 4.3.2026 is 4 March; 3/4/2026 is as order below [dates] says, or refused. Without
    a year it is this year's, without a date today's, and without a time the first instant of the day.
    """
    now = datetime.now(UTC)
    scope = _scope_with(context, config)
    if today:
        from supporttui.cli.due import print_today

        return print_today(scope, handling, as_json=as_json, now=now)
    if not created:
        raise CommandError("--created is missing; say when the ticket was created, or ask for --today", Exit.USAGE)
    from supporttui.cli.due import DueArguments, print_due

    history = status_history
    asked = DueArguments(
        severity=severity, created=created, first_reply=first_reply, status_history=history, at=at, as_json=as_json
    )
    return print_due(scope, asked, now)


@app.command(epilog="Example: supporttui hours --json")
def hours(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="The configuration file to use.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> int:
    """Say whether support is open, until when, and the coming four weeks."""
    from supporttui.cli.hours import print_hours

    return print_hours(_scope_with(context, config), as_json=as_json, now=datetime.now(UTC))


def _scope_with(context: typer.Context, config: Path | None) -> GlobalOptions:
    """What the command works on, with a configuration of its own where it was given one."""
    scope: GlobalOptions = context.obj
    return scope if config is None else replace(scope, config=config)
