"""The commands for scripts that change tickets."""

from pathlib import Path
from typing import Annotated

import typer

from supporttui.cli.commands.root import app
from supporttui.cli.commands.tickets import TAKES_DASHES, AsJson, Attached, IsDryRun, Ticket, complete_status

Text = Annotated[str, typer.Argument(metavar="TEXT", help="The text; - reads it from stdin.")]
Body = Annotated[str, typer.Option(help="The same as TEXT.")]
Status = Annotated[str | None, typer.Option(help="open, awaiting, hold or closed.", autocompletion=complete_status)]


@app.command(epilog='Example: echo "We are on it." | supporttui reply 1042 - --status awaiting')
def reply(
    context: typer.Context,
    ticket: Ticket,
    text: Text = "",
    body: Body = "",
    note: Annotated[bool, typer.Option("--note", help="An internal note instead of a public reply.")] = False,
    status: Status = None,
    attach: Attached = None,
    as_json: AsJson = False,
    is_dry_run: IsDryRun = False,
) -> int:
    """Reply to a ticket, leave a note on it, or move it."""
    from supporttui.cli.scripts.change_commands import ChangeArguments, one_text, send_message
    from supporttui.cli.scripts.changes import message_change

    typed = ChangeArguments(command="reply", ticket=ticket, as_json=as_json, is_dry_run=is_dry_run)
    change = message_change(one_text(text, body), status, map(str, attach or ()), is_public=not note)
    return send_message(context.obj, typed, change)


@app.command(epilog="Example: supporttui note 1042 - --attach trace.log < findings.txt")
def note(
    context: typer.Context,
    ticket: Ticket,
    text: Text = "",
    body: Body = "",
    status: Status = None,
    attach: Attached = None,
    as_json: AsJson = False,
    is_dry_run: IsDryRun = False,
) -> int:
    """Leave an internal note on a ticket."""
    from supporttui.cli.scripts.change_commands import ChangeArguments, one_text, send_note

    typed = ChangeArguments(command="note", ticket=ticket, as_json=as_json, is_dry_run=is_dry_run)
    return send_note(context.obj, typed, one_text(text, body), status, tuple(map(str, attach or ())))


@app.command(epilog="Example: supporttui move 1042 hold")
def move(
    context: typer.Context,
    ticket: Ticket,
    status: Annotated[str, typer.Argument(help="open, awaiting, hold or closed.", autocompletion=complete_status)],
    as_json: AsJson = False,
    is_dry_run: IsDryRun = False,
) -> int:
    """Move a ticket to another status, without a text."""
    from supporttui.cli.scripts.change_commands import ChangeArguments, change_ticket
    from supporttui.cli.scripts.changes import WantedChange, parse_status

    typed = ChangeArguments(command="move", ticket=ticket, as_json=as_json, is_dry_run=is_dry_run)
    return change_ticket(context.obj, typed, WantedChange(status=parse_status(status)))


@app.command(epilog="Example: supporttui assign 1042 kim@desk.example")
def assign(
    context: typer.Context,
    ticket: Ticket,
    who: Annotated[str, typer.Argument(help="me, nobody, or an agent's whole name or address.")],
    as_json: AsJson = False,
    is_dry_run: IsDryRun = False,
) -> int:
    """Assign a ticket."""
    from supporttui.cli.scripts.change_commands import ChangeArguments, assign_ticket

    typed = ChangeArguments(command="assign", ticket=ticket, as_json=as_json, is_dry_run=is_dry_run)
    return assign_ticket(context.obj, typed, who)


@app.command(
    epilog="Example: supporttui tag 1042 +vip -beta",
    context_settings=TAKES_DASHES,
)
def tag(
    context: typer.Context,
    ticket: Ticket,
    tags: Annotated[list[str], typer.Argument(help="+TAG adds one, -TAG removes one.")],
    as_json: AsJson = False,
    is_dry_run: IsDryRun = False,
) -> int:
    """Add tags to a ticket, and remove some."""
    from supporttui.cli.scripts.change_commands import ChangeArguments, change_ticket
    from supporttui.cli.scripts.changes import tag_change

    typed = ChangeArguments(command="tag", ticket=ticket, as_json=as_json, is_dry_run=is_dry_run)
    return change_ticket(context.obj, typed, tag_change(tags))


@app.command(epilog='Example: supporttui attach 1042 trace.log --text "The trace of this morning"')
def attach(
    context: typer.Context,
    ticket: Ticket,
    files: Annotated[list[Path], typer.Argument(help="The files.")],
    text: Annotated[str, typer.Option(help="What is said with them; - reads it from stdin.")] = "",
    public: Annotated[bool, typer.Option("--public", help="By a public reply instead of an internal note.")] = False,
    as_json: AsJson = False,
    is_dry_run: IsDryRun = False,
) -> int:
    """Attach files to a ticket, by an internal note."""
    from supporttui.cli.scripts.change_commands import ChangeArguments, attach_files, typed_or_stdin

    typed = ChangeArguments(command="attach", ticket=ticket, as_json=as_json, is_dry_run=is_dry_run)
    return attach_files(context.obj, typed, tuple(map(str, files)), typed_or_stdin(text), is_public=public)


@app.command(epilog='Example: supporttui list tag:outage | supporttui bulk - --reply "It works again." --yes-to 12')
def bulk(
    context: typer.Context,
    tickets: Annotated[
        list[str] | None, typer.Argument(metavar="TICKET", help="Numbers or keys; - reads them from stdin.")
    ] = None,
    chosen: Annotated[
        str | None, typer.Option("--filter", help="Those that match a filter, in place of numbers.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--move", help="To open, awaiting, hold or closed.", autocompletion=complete_status)
    ] = None,
    who: Annotated[str | None, typer.Option("--assign", help="To me, nobody, a name or an address.")] = None,
    tags: Annotated[list[str] | None, typer.Option("--tag", help="+TAG or -TAG; repeat it for more.")] = None,
    severity: Annotated[int | None, typer.Option("--severity", help="To severity 1 to 4.")] = None,
    reply_text: Annotated[str | None, typer.Option("--reply", help="A public reply; - reads it from stdin.")] = None,
    note_text: Annotated[str | None, typer.Option("--note", help="An internal note; - reads it from stdin.")] = None,
    status: Annotated[
        str | None, typer.Option(help="Where --reply or --note moves them.", autocompletion=complete_status)
    ] = None,
    yes_to: Annotated[int | None, typer.Option("--yes-to", min=0, help="To how many people the reply goes.")] = None,
    as_json: AsJson = False,
    is_dry_run: IsDryRun = False,
) -> int:
    """Make one change of many tickets. The ids that `list` prints can be piped in."""
    from supporttui.cli.scripts.bulk import BulkArguments, change_many

    typed = BulkArguments(
        tickets=tickets or (),
        filter=chosen,
        move=to,
        assign=who,
        tags=tags or (),
        severity=severity,
        reply=reply_text,
        note=note_text,
        status=status,
        yes_to=yes_to,
        is_dry_run=is_dry_run,
        as_json=as_json,
    )
    return change_many(context.obj, typed)
