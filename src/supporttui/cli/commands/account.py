"""The commands about the account: how it stands with the desk, and its credentials."""

from typing import Annotated

import typer

from supporttui.cli.commands.root import app


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
