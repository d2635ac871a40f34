"""The commands about what is not the help desk's yet."""

from pathlib import Path
from typing import Annotated

import typer

from supporttui.cli.commands.root import app

outbox_app = typer.Typer(
    help="What is not the help desk's yet: unsent changes and drafts.", epilog="Example: supporttui outbox list"
)
app.add_typer(outbox_app, name="outbox")

Entry = Annotated[str, typer.Argument(help="The beginning of its id, as `supporttui outbox list` shows it.")]


@outbox_app.command("list", epilog="Example: supporttui outbox list --all")
def list_outbox(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also what was sent or withdrawn lately.")] = False,
) -> int:
    """List what is unsent, and the drafts."""
    from supporttui.cli import outbox

    return outbox.list_outbox(context.obj, shows_all=everything)


@outbox_app.command("show", epilog="Example: supporttui outbox show 1f3a")
def show_entry(context: typer.Context, entry: Entry) -> int:
    """Print one of them with its whole text."""
    from supporttui.cli import outbox

    return outbox.show_entry(context.obj, entry)


@outbox_app.command("export", epilog="Example: supporttui outbox export --file unsent.jsonl")
def export_outbox(
    context: typer.Context,
    into: Annotated[Path | None, typer.Option("--file", help="A new file; standard output where not given.")] = None,
) -> int:
    """Write all of it as lines of JSON."""
    from supporttui.cli import outbox

    return outbox.export_outbox(context.obj, into)


@outbox_app.command("retry", epilog="Example: supporttui outbox retry 1f3a")
def retry_entry(context: typer.Context, entry: Entry) -> int:
    """Send a change now, on the ticket as it is known here."""
    from supporttui.cli import outbox

    return outbox.retry_entry(context.obj, entry)


@outbox_app.command("edit", epilog="Example: supporttui outbox edit 1f3a")
def edit_entry(context: typer.Context, entry: Entry) -> int:
    """Change the text in your editor; a change is then sent, a draft kept."""
    from supporttui.cli import outbox

    return outbox.edit_entry(context.obj, entry)


@outbox_app.command("drop", epilog="Example: supporttui outbox drop 1f3a")
def drop_entry(context: typer.Context, entry: Entry) -> int:
    """Give a change or a draft up; what was sent stays sent."""
    from supporttui.cli import outbox

    return outbox.drop_entry(context.obj, entry)
