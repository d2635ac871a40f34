"""Reading `[desk]`: the address, the account, and what is trusted beside them."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from supporttui.config.desk import DeskSettings, Secret, Trust, parse_email, parse_token, parse_url
from supporttui.config.tables import ConfigProblem, Table, shown

ENVIRONMENT: Final = "environment"

_OVERRIDABLE: Final = ("url", "email", "token")


def parse_desk(table: Table, environ: Mapping[str, str]) -> DeskSettings:
    """`[desk]`, its first keys overridden by their environment variables. Raises ConfigProblem."""
    texts = {name: table.optional(name) for name in _OVERRIDABLE}
    command = _token_command(table)
    trust = _trust(table)
    table.close()
    overrides = {name: environ.get(f"SUPPORTTUI_{name.upper()}", "") for name in texts}

    def place(name: str, error: ValueError) -> ConfigProblem:
        if overrides[name]:
            return ConfigProblem(ENVIRONMENT, f"SUPPORTTUI_{name.upper()}", str(error))
        return table.problem(name, str(error))

    chosen = {name: overrides[name] or text for name, text in texts.items()}
    try:
        url = parse_url(chosen["url"]) if chosen["url"] else ""
    except ValueError as error:
        raise place("url", error) from error
    try:
        email = parse_email(chosen["email"]) if chosen["email"] else ""
    except ValueError as error:
        raise place("email", error) from error
    try:
        token = parse_token(chosen["token"]) if chosen["token"] else Secret("")
    except ValueError as error:
        raise place("token", error) from None
    return DeskSettings("zendesk" if url else "embedded", url, email, token, command, trust)


def _token_command(table: Table) -> tuple[str, ...]:
    """A line that is split as a shell would, or a list of words; neither is ever given to a shell."""
    if table.holds_list("token_command"):
        words = table.texts("token_command", '["pass", "show", "desk"]')
    else:
        text = table.optional("token_command")
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise table.problem("token_command", f"{shown(text)} has a quote without its other half") from error
    if any(not word.isprintable() for word in words):
        raise table.problem("token_command", "it has characters that cannot be shown; write it in one plain line")
    return tuple(words)


def _trust(table: Table) -> Trust:
    return Trust(
        ca_file=_ca_file(table),
        private_addresses=table.flag("private_addresses"),
        attachment_hosts=tuple(_hosts(table)),
    )


def _ca_file(table: Table) -> str:
    """A PEM file that is there."""
    text = table.optional("ca_file")
    path = Path(text).expanduser()
    if text and not (path.is_absolute() and path.is_file()):
        raise table.problem("ca_file", f"{shown(text)} is no file; write the whole path of the authority's PEM file")
    return str(path) if text else ""


def _hosts(table: Table) -> list[str]:
    hosts = table.texts("attachment_hosts", '["zdusercontent.com"]')
    for host in hosts:
        labels = host.split(".")
        if len(labels) < 2 or not host.isascii() or not all(label.replace("-", "").isalnum() for label in labels):
            raise table.problem("attachment_hosts", f'{shown(host)} is no host; write for example "zdusercontent.com"')
    return [host.lower() for host in hosts]
