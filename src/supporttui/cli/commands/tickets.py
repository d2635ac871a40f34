"""The commands for scripts that read tickets, or make them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from supporttui.cli.commands.root import app

Ticket = Annotated[str, typer.Argument(help="The ticket's number or key: 1042, #1042, SUP-12, or DESK:1042.")]
AsJson = Annotated[bool, typer.Option("--json", help="One document for a program.")]
IsDryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Attached = Annotated[list[Path] | None, typer.Option("--attach", help="A file; repeat it for more.")]


def complete_order() -> list[str]:
    """What completion offers for --sort."""
    from supporttui.domain.query.selection import SortBy

    return [each.value for each in SortBy]


def complete_status() -> list[str]:
    """What completion offers for a status."""
    return ["open", "awaiting", "hold", "closed"]


TAKES_DASHES: dict[str, Any] = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""For a command whose words may begin with a dash, as in `-tag:bug`: it has no short options."""


@app.command(
    "list", epilog='Example: supporttui list status:open "due<2h" -tag:bug --json', context_settings=TAKES_DASHES
)
def list_tickets(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="FILTER", help="As on the board after `/`.")] = None,
    sort: Annotated[
        str,
        typer.Option(
            help="clock, waiting, severity, updated, created or id.",
            autocompletion=complete_order,
        ),
    ] = "clock",
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0 for all.")] = 0,
    live: Annotated[bool, typer.Option("--live", help="Ask the desk first, also its own search.")] = False,
    as_json: AsJson = False,
) -> int:
    """List tickets that match a filter, from the local copy; the desk is asked first where that is old."""
    from supporttui.cli.scripts.list_and_show import ListArguments
    from supporttui.cli.scripts.list_and_show import list_tickets as print_list

    typed = ListArguments(words=words or (), sort=sort, limit=limit, is_live=live, as_json=as_json)
    return print_list(context.obj, typed)


@app.command(epilog="Example: supporttui show 1042 --json")
def show(context: typer.Context, ticket: Ticket, as_json: AsJson = False) -> int:
    """Print a ticket with its conversation."""
    from supporttui.cli.scripts.list_and_show import show_ticket

    return show_ticket(context.obj, ticket, as_json=as_json)


@app.command("context", epilog="Example: supporttui context --json")
def show_context(context: typer.Context, as_json: AsJson = False) -> int:
    """Print the ticket under the cursor of the board that is running."""
    from supporttui.cli.scripts.context import print_context

    return print_context(context.obj, as_json=as_json)


@app.command(epilog='Example: supporttui submit --severity 2 --subject "Sync is slow" --description - < report.txt')
def submit(
    context: typer.Context,
    subject: Annotated[str, typer.Option(help="One line that tells this ticket from others.")],
    severity: Annotated[int, typer.Option(help="1 (not accessible) to 4 (no impact).")],
    description: Annotated[str, typer.Option(help="What happens and what was expected; - reads it from stdin.")],
    requester: Annotated[
        str | None, typer.Option("--requester", "--email", help="Whose ticket it is; you where not given.")
    ] = None,
    steps: Annotated[str, typer.Option(help="Steps to reproduce (urged).")] = "",
    attach: Annotated[
        list[Path] | None, typer.Option(help="A log, a screenshot or a video (urged); repeat it for more.")
    ] = None,
    as_json: AsJson = False,
    is_dry_run: IsDryRun = False,
) -> int:
    """Submit a ticket."""
    from supporttui.cli.scripts.change_commands import typed_or_stdin
    from supporttui.cli.scripts.submit import SubmitArguments, submit_ticket

    typed = SubmitArguments(
        requester=requester,
        subject=subject,
        severity=severity,
        description=typed_or_stdin(description),
        steps=steps,
        files=tuple(str(path) for path in attach or ()),
        as_json=as_json,
        is_dry_run=is_dry_run,
    )
    return submit_ticket(context.obj, typed)
