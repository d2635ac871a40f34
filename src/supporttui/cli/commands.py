"""The command line as people type it; each command's work is in a module that is imported when it runs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec.structs import replace

from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import DEFAULT_SEED, GlobalOptions, Launch
from supporttui.presentation.terminal_options import BandwidthChoice

_USAGE_ERROR: Any = typer.BadParameter.__mro__[1]
"""The base of all complaints about the command line; the library has no public name for it."""

app = typer.Typer(
    help="A support team's tickets and their service clocks, in the terminal.",
    epilog="Exit codes: 0 done, 1 unexpected, 2 usage, 3 configuration, 4 desk unreachable, 5 credentials refused, "
    "6 the desk refuses, 7 cannot listen, 8 disk or database, 130 interrupted.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
desk_app = typer.Typer(help="Administer a desk of your own: its people and their tokens.")
app.add_typer(desk_app, name="desk")
outbox_app = typer.Typer(help="What is not the help desk's yet: unsent changes and drafts.")
app.add_typer(outbox_app, name="outbox")

Entry = Annotated[str, typer.Argument(help="The beginning of its id, as `supporttui outbox list` shows it.")]
Database = Annotated[str | None, typer.Option(help="The desk's database; the embedded desk's own where not given.")]
Email = Annotated[str, typer.Option(help="The person's e-mail address.")]


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


@app.callback(invoke_without_command=True)
def board(
    context: typer.Context,
    demo: Annotated[bool, typer.Option("--demo", help="Work on the running demonstration desk.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Work on your own tickets, as a customer.")] = False,
    config: Annotated[Path | None, typer.Option(help="The configuration file to use.")] = None,
    thin: Annotated[bool, typer.Option("--thin", help="Send as little as possible: 16 colours, no motion.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Every colour and movement, also on a far terminal.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True)] = False,
) -> int:
    """Open the board, where no command is given."""
    if thin and full:
        raise CommandError("--thin and --full exclude each other; leave one of them out", Exit.USAGE)
    line = BandwidthChoice.THIN if thin else BandwidthChoice.FULL if full else BandwidthChoice.NONE
    context.obj = GlobalOptions(config=config, line=line, is_demo=demo, is_requester=mine)
    return _open(Launch(scope=context.obj)) if context.invoked_subcommand is None else Exit.OK


@app.command("mine")
def show_mine(context: typer.Context) -> int:
    """Show your own tickets, as the customer who asks: submit, answer, close."""
    return _open(Launch(scope=replace(context.obj, is_requester=True)))


@app.command()
def wall(context: typer.Context) -> int:
    """Show the desk on a wall: read-only, unattended."""
    return _open(Launch(scope=context.obj, is_wall=True))


@app.command()
def demo(
    context: typer.Context,
    still: Annotated[bool, typer.Option("--still", help="Nothing happens by itself.")] = False,
    seed: Annotated[int, typer.Option(help="Another number, other instants and another order.")] = DEFAULT_SEED,
) -> int:
    """Open the board on demonstration data, on a desk that is thrown away afterwards."""
    return _open(Launch(scope=context.obj, starts_demo=True, is_still=still, seed=seed))


def _open(launch: Launch) -> int:
    from supporttui.cli.screen import open_screen

    return open_screen(launch)


@app.command()
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


@app.command()
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


@app.command()
def status(context: typer.Context) -> int:
    """Say which desk this is, as whom, how fresh the local copy is, what is unsent, and where the files lie."""
    from supporttui.cli.status import print_status

    return print_status(context.obj)


@app.command()
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


@app.command()
def logout(
    context: typer.Context,
    url: Annotated[str, typer.Option(help="The desk's address; the configured one where not given.")] = "",
    email: Annotated[str, typer.Option(help="Your account on it; the configured one where not given.")] = "",
) -> int:
    """Forget the token that `login` kept."""
    from supporttui.cli.login import log_out

    return log_out(context.obj, url=url, email=email)


@app.command()
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
    are those of the desk's zone only. 4.3.2026 is 4 March; 3/4/2026 is as order below [dates] says, or refused.
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


@app.command()
def hours(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="The configuration file to use.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> int:
    """Say whether support is open, until when, and the coming four weeks."""
    from supporttui.cli.hours import print_hours

    return print_hours(_scope_with(context, config), as_json=as_json, now=datetime.now(UTC))


@app.command()
def doctor(context: typer.Context) -> int:
    """Say what the clocks rest on: the tz data in use, the holidays, the settings."""
    from supporttui.cli.doctor import print_doctor

    return print_doctor(context.obj)


def _scope_with(context: typer.Context, config: Path | None) -> GlobalOptions:
    """What the command works on, with a configuration of its own where it was given one."""
    scope: GlobalOptions = context.obj
    return scope if config is None else replace(scope, config=config)


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8600,
    uds: Annotated[Path | None, typer.Option(help="A Unix socket instead of an address and a port.")] = None,
    database: Database = None,
    uploads: Annotated[Path | None, typer.Option(help="The folder of attachments.")] = None,
    hostname: Annotated[
        list[str] | None, typer.Option(help="A name by which it is asked, such as desk.acme.example; may be repeated.")
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="The certificate chain, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key, PEM.")] = None,
    allow_plain_http: Annotated[
        bool, typer.Option("--allow-plain-http", help="Listen beyond this machine without TLS.")
    ] = False,
) -> int:
    """Run the help desk for a team."""
    from supporttui.cli.serve import ListenArguments, serve_desk

    wanted = ListenArguments(
        host=host,
        port=port,
        uds=uds,
        uploads=uploads,
        hostnames=tuple(hostname or ()),
        tls_cert=tls_cert,
        tls_key=tls_key,
        allow_plain_http=allow_plain_http,
    )
    return serve_desk(context.obj, database, wanted)


@desk_app.command("add-user")
def add_user(
    context: typer.Context,
    email: Email,
    name: Annotated[str, typer.Option(help="Their name, as others see it.")],
    role: Annotated[str, typer.Option(help="admin, agent or end-user.")],
    database: Database = None,
) -> int:
    """Add a person to a desk."""
    from supporttui.cli.desk_admin import add_person

    return add_person(context.obj, database, email=email, name=name, role=role)


@desk_app.command("token")
def token(
    context: typer.Context,
    email: Email,
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="How long it is good for; for ever where not given.")
    ] = None,
    database: Database = None,
) -> int:
    """Make a token for a person; it is the last line that is printed, and it is shown only now."""
    from supporttui.cli.desk_admin import make_token

    return make_token(context.obj, database, email=email, days=days)


@desk_app.command("tokens")
def tokens(context: typer.Context, email: Email, database: Database = None) -> int:
    """List a person's tokens by number: when they were made and until when they are good."""
    from supporttui.cli.desk_admin import list_tokens

    return list_tokens(context.obj, database, email=email)


@desk_app.command("revoke")
def revoke(
    context: typer.Context,
    email: Email,
    number: Annotated[
        int | None, typer.Option(min=1, help="One of them, as `desk tokens` numbers them; all where not given.")
    ] = None,
    database: Database = None,
) -> int:
    """Revoke a person's tokens, from now on, whether the desk is running or not."""
    from supporttui.cli.desk_admin import revoke_tokens

    return revoke_tokens(context.obj, database, email=email, number=number)


@outbox_app.command("list")
def list_outbox(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also what was sent or withdrawn lately.")] = False,
) -> int:
    """List what is unsent, and the drafts."""
    from supporttui.cli import outbox

    return outbox.list_outbox(context.obj, shows_all=everything)


@outbox_app.command("show")
def show_entry(context: typer.Context, entry: Entry) -> int:
    """Print one of them with its whole text."""
    from supporttui.cli import outbox

    return outbox.show_entry(context.obj, entry)


@outbox_app.command("export")
def export_outbox(
    context: typer.Context,
    into: Annotated[Path | None, typer.Option("--file", help="A new file; standard output where not given.")] = None,
) -> int:
    """Write all of it as lines of JSON."""
    from supporttui.cli import outbox

    return outbox.export_outbox(context.obj, into)


@outbox_app.command("retry")
def retry_entry(context: typer.Context, entry: Entry) -> int:
    """Send a change now, on the ticket as it is known here."""
    from supporttui.cli import outbox

    return outbox.retry_entry(context.obj, entry)


@outbox_app.command("edit")
def edit_entry(context: typer.Context, entry: Entry) -> int:
    """Change the text in your editor; a change is then sent, a draft kept."""
    from supporttui.cli import outbox

    return outbox.edit_entry(context.obj, entry)


@outbox_app.command("drop")
def drop_entry(context: typer.Context, entry: Entry) -> int:
    """Give a change or a draft up; what was sent stays sent."""
    from supporttui.cli import outbox

    return outbox.drop_entry(context.obj, entry)
