"""`supporttui serve`: runs the help desk for a team."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.selected_desk import own_desk_paths, settings_of
from supporttui.cli.standard_streams import report_done
from supporttui.server.database import folder_of
from supporttui.server.serving import AlreadyServing, CannotListen, ServeOptions, serve

DESK_NAME: Final = "supporttui"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenArguments:
    """Where and how the desk is to be served."""

    host: str
    port: int
    uds: Path | None
    uploads: Path | None
    hostnames: tuple[str, ...]
    tls_cert: Path | None
    tls_key: Path | None
    allow_plain_http: bool


def serve_desk(scope: GlobalOptions, database: str | None, wanted: ListenArguments) -> int:
    """Serve until told to leave."""
    if scope.is_demo:
        raise CommandError("the demonstration serves itself while it runs; leave --demo out", Exit.USAGE)
    paths = own_desk_paths(scope)
    options = ServeOptions(
        database=paths.database_url if database is None else database,
        uploads=wanted.uploads or (paths.uploads if database is None else folder_of(database) / "uploads"),
        host=wanted.host,
        port=wanted.port,
        uds=wanted.uds.absolute() if wanted.uds else None,
        hostnames=wanted.hostnames,
        tls_cert=wanted.tls_cert,
        tls_key=wanted.tls_key,
        allow_plain_http=wanted.allow_plain_http,
        name=DESK_NAME,
        policy=settings_of(scope).policy,
        ready=lambda address: _say_where(address, database),
    )
    try:
        serve(options)
    except (AlreadyServing, CannotListen) as problem:
        raise CommandError(str(problem), Exit.CANNOT_LISTEN) from problem
    return Exit.OK


def _say_where(address: str, database: str | None) -> None:
    """Where it listens and how to get in; at once, even where stdout is a file."""
    chosen = f" --database {shlex.quote(database)}" if database is not None else ""
    lines = (
        f"listening on {address}",
        f"add people with: supporttui desk add-user --email E --name N --role admin|agent|end-user{chosen}",
        f"get a token with: supporttui desk token --email E{chosen}",
        f"open the board with: SUPPORTTUI_URL={address} SUPPORTTUI_EMAIL=E SUPPORTTUI_TOKEN=… supporttui",
        "leave with ctrl+c",
    )
    report_done("\n".join(lines))
