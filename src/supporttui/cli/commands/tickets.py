"""The commands for scripts: tickets, the desk's state, and the credentials."""

from pathlib import Path
from typing import Annotated

import typer

from supporttui.cli.commands.root import app


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
) -> int:
    """Submit a ticket."""
    from supporttui.cli.submit_and_reply import SubmitArguments, submit_ticket, typed_or_stdin

    typed = SubmitArguments(
        requester=requester,
        subject=subject,
        severity=severity,
        description=typed_or_stdin(description),
        steps=steps,
        files=tuple(str(path) for path in attach or ()),
    )
    return submit_ticket(context.obj, typed)


@app.command(epilog='Example: echo "We are on it." | supporttui reply 1042 --body - --status awaiting')
def reply(
    context: typer.Context,
    ticket: Annotated[str, typer.Argument(help="The ticket's number or key: 1042, #1042, SUP-12.")],
    body: Annotated[str, typer.Option(help="The text; - reads it from stdin.")] = "",
    note: Annotated[bool, typer.Option("--note", help="An internal note instead of a public reply.")] = False,
    status: Annotated[str | None, typer.Option(help="open, awaiting, hold or closed.")] = None,
    attach: Annotated[list[Path] | None, typer.Option(help="A file; repeat it for more.")] = None,
) -> int:
    """Reply to a ticket, leave a note on it, or move it."""
    from supporttui.cli.submit_and_reply import ReplyArguments, answer_ticket, typed_or_stdin

    typed = ReplyArguments(
        ticket=ticket,
        body=typed_or_stdin(body),
        is_public=not note,
        status=status,
        files=tuple(str(path) for path in attach or ()),
    )
    return answer_ticket(context.obj, typed)


@app.command(epilog="Example: supporttui status")
def status(context: typer.Context) -> int:
    """Say which desk this is, as whom, how fresh the local copy is, what is unsent, and where the files lie."""
    from supporttui.cli.status import print_status

    return print_status(context.obj)


@app.command(epilog="Example: supporttui login --url https://acme.zendesk.com --email ann@acme.example")
def login(
    context: typer.Context,
    url: Annotated[str, typer.Option(help="The desk's address; the configured one where not given.")] = "",
    email: Annotated[str, typer.Option(help="Your account on it; the configured one where not given.")] = "",
    to_file: Annotated[
        bool, typer.Option("--file", help="Keep it in a file that only you can read, not in the keyring.")
    ] = False,
) -> int:
    """Keep an API token on this machine; it is asked for, or read from stdin, and never an argument."""
    from supporttui.cli.login import log_in

    return log_in(context.obj, url=url, email=email, to_file=to_file)


@app.command(epilog="Example: supporttui logout")
def logout(
    context: typer.Context,
    url: Annotated[str, typer.Option(help="The desk's address; the configured one where not given.")] = "",
    email: Annotated[str, typer.Option(help="Your account on it; the configured one where not given.")] = "",
) -> int:
    """Forget the token that `login` kept."""
    from supporttui.cli.login import log_out

    return log_out(context.obj, url=url, email=email)
