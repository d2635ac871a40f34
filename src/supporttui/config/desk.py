"""The [desk] table: which help desk to use, the account, and what its connection trusts."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, final
from urllib.parse import urlsplit

import msgspec

from supporttui.config.redaction import remember_secret
from supporttui.config.tables import ConfigProblem, SettingsTable, shown

SOCKET_PATH_MAX_BYTES: Final = 107
"""The longest path of a Unix socket: the address holds 108 bytes, of which one is the closing zero."""

EMBEDDED_NAME: Final = "embedded"
"""The short name of the user's own desk and of a demonstration."""

URL_FORMS: Final = '"https://acme.zendesk.com", "http://127.0.0.1:8080" or "unix:/path/to/socket"'


@final
class Secret:
    """A credential whose value is only returned by `reveal`; its repr and str hide it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        remember_secret(value)

    def reveal(self) -> str:
        """The value, for the request that needs it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(…)" if self._value else "Secret()"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")


class ConnectionTrust(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection trusts beyond the desk's own address."""

    ca_file: str = ""
    """The authority that signed the desk's certificate, PEM; the usual ones where it is empty."""
    private_addresses: bool = False
    """Whether an attachment may lie on this machine or in a private network."""
    attachment_hosts: tuple[str, ...] = ()
    """Hosts, and what is below them, to which the desk may point for an attachment; they get no credentials."""


class DeskSettings(msgspec.Struct, frozen=True):
    """The help desk and who we are on it."""

    kind: Literal["embedded", "zendesk"]
    """`embedded` where no address is configured: supporttui starts its own."""
    url: str
    """`https://…`, `http://…` on this machine, `unix:PATH`, or empty for the embedded desk; no slash at the end."""
    email: str
    token: Secret
    """Empty where it is kept elsewhere."""
    token_command: tuple[str, ...] = ()
    """A program that prints the token, with its arguments; no shell reads it."""
    trust: ConnectionTrust = ConnectionTrust()
    development_field: int | None = None
    """The id of the custom field with the development ticket; None if the external id has it."""

    @property
    def name(self) -> str:
        """The short name, which is part of the keys of its tickets."""
        return desk_name(self.url) if self.url else EMBEDDED_NAME


def desk_name(url: str) -> str:
    """The short name of the desk at an address: its host and port, or the path of its socket."""
    return url.removeprefix("unix:") if url.startswith("unix:") else urlsplit(url).netloc


def parse_url(text: str) -> str:
    """A help desk's address. Raises ValueError with what would be right."""
    if text.startswith("unix:"):
        return _parse_socket(text)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"{shown(text)} is not an address; write {URL_FORMS}") from error
    if parts.scheme not in ("http", "https") or not host or not text.isprintable() or " " in text:
        raise ValueError(f"{shown(text)} is not a help desk's address; write {URL_FORMS}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address holds no credentials; use desk.email and desk.token, or SUPPORTTUI_TOKEN")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError(f"{shown(text)} would send the token unencrypted; write https://, http:// is for this machine")
    if parts.query or parts.fragment or "/api/v2" in parts.path:
        raise ValueError(f"{shown(text)} goes too far; write only the desk's address, such as {URL_FORMS}")
    return text.rstrip("/")


def _parse_socket(text: str) -> str:
    path = text.removeprefix("unix:")
    if not path.startswith("/") or "\0" in path:
        raise ValueError(f'{shown(text)} names no socket; write its whole path, such as "unix:/run/supporttui.sock"')
    if len(os.fsencode(path)) > SOCKET_PATH_MAX_BYTES:
        raise ValueError(f"{shown(text)} is too long: a socket's path has at most {SOCKET_PATH_MAX_BYTES} bytes")
    return text


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    import ipaddress  # slow to import, and only unencrypted addresses ask

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parse_email(text: str) -> str:
    """An address of a person on the desk. Raises ValueError with what would be right."""
    name, at, domain = text.rpartition("@")
    if not (name and at and domain) or not text.isprintable() or any(c.isspace() or c == ":" for c in text):
        raise ValueError(f'{shown(text)} is not an email address; write for example "agent@example.com"')
    return text


def parse_token(text: str) -> Secret:
    """An API token. Raises ValueError, which never quotes it."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("the token has blanks or characters that no token has; copy it again, as one word")
    return Secret(text)


ENVIRONMENT_SOURCE: Final = "environment"

_OVERRIDABLE: Final = ("url", "email", "token")


def parse_desk(table: SettingsTable, environ: Mapping[str, str]) -> DeskSettings:
    """`[desk]`, its first keys overridden by their environment variables. Raises ConfigProblem."""
    texts = {name: table.optional(name) for name in _OVERRIDABLE}
    command = _token_command(table)
    trust = _trust(table)
    field = table.number("development_field", 0, 2**63 - 1) or None
    table.close()
    overrides = {name: environ.get(f"SUPPORTTUI_{name.upper()}", "") for name in texts}

    def problem_with(name: str, error: ValueError) -> ConfigProblem:
        if overrides[name]:
            return ConfigProblem(ENVIRONMENT_SOURCE, f"SUPPORTTUI_{name.upper()}", str(error))
        return table.problem(name, str(error))

    chosen = {name: overrides[name] or text for name, text in texts.items()}
    try:
        url = parse_url(chosen["url"]) if chosen["url"] else ""
    except ValueError as error:
        raise problem_with("url", error) from error
    try:
        email = parse_email(chosen["email"]) if chosen["email"] else ""
    except ValueError as error:
        raise problem_with("email", error) from error
    try:
        token = parse_token(chosen["token"]) if chosen["token"] else Secret("")
    except ValueError as error:
        raise problem_with("token", error) from None
    return DeskSettings("zendesk" if url else "embedded", url, email, token, command, trust, field)


def _token_command(table: SettingsTable) -> tuple[str, ...]:
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


def _trust(table: SettingsTable) -> ConnectionTrust:
    return ConnectionTrust(
        ca_file=_ca_file(table),
        private_addresses=table.flag("private_addresses"),
        attachment_hosts=tuple(_hosts(table)),
    )


def _ca_file(table: SettingsTable) -> str:
    """A PEM file that is there."""
    text = table.optional("ca_file")
    path = Path(text).expanduser()
    if text and not (path.is_absolute() and path.is_file()):
        raise table.problem("ca_file", f"{shown(text)} is no file; write the whole path of the authority's PEM file")
    return str(path) if text else ""


def _hosts(table: SettingsTable) -> list[str]:
    hosts = table.texts("attachment_hosts", '["zdusercontent.com"]')
    for host in hosts:
        labels = host.split(".")
        if len(labels) < 2 or not host.isascii() or not all(label.replace("-", "").isalnum() for label in labels):
            raise table.problem("attachment_hosts", f'{shown(host)} is no host; write for example "zdusercontent.com"')
    return [host.lower() for host in hosts]
