"""The commands that run and administer a desk of your own."""

from pathlib import Path
from typing import Annotated

import typer

from supporttui.cli.commands.root import app

desk_app = typer.Typer(
    help="Administer a desk of your own: its people and their tokens.",
    epilog="Example: supporttui desk tokens --email ann@acme.example",
)
app.add_typer(desk_app, name="desk")

Database = Annotated[str | None, typer.Option(help="The desk's database; the embedded desk's own where not given.")]
Email = Annotated[str, typer.Option(help="The person's e-mail address.")]


@app.command(epilog="Example: supporttui serve --port 8600 --database sqlite:////var/lib/supporttui/desk.db")
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


@desk_app.command(
    "add-user", epilog='Example: supporttui desk add-user --email ann@acme.example --name "Ann Lee" --role agent'
)
def add_user(
    context: typer.Context,
    email: Email,
    name: Annotated[str, typer.Option(help="Their name, as others see it.")],
    role: Annotated[str, typer.Option(help="admin, agent or end-user.")],
    organization: Annotated[
        str | None, typer.Option(help="The organisation that they belong to; added where it is not there.")
    ] = None,
    database: Database = None,
) -> int:
    """Add a person to a desk."""
    from supporttui.cli.desk_admin import add_person

    return add_person(context.obj, database, email=email, name=name, role=role, organization=organization)


@desk_app.command("token", epilog="Example: supporttui desk token --email ann@acme.example --days 90")
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


@desk_app.command("tokens", epilog="Example: supporttui desk tokens --email ann@acme.example")
def tokens(context: typer.Context, email: Email, database: Database = None) -> int:
    """List a person's tokens by number: when they were made and until when they are good."""
    from supporttui.cli.desk_admin import list_tokens

    return list_tokens(context.obj, database, email=email)


@desk_app.command("revoke", epilog="Example: supporttui desk revoke --email ann@acme.example --number 2")
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
