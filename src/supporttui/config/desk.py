"""Which help desk to use, and the credentials for it."""

import os
from typing import Final, Literal, final
from urllib.parse import urlsplit

import msgspec

from supporttui.config.redaction import remember_secret
from supporttui.config.tables import shown

SOCKET_PATH_BYTES: Final = 107
"""The longest path that a Unix socket's address can hold."""

URL_FORMS: Final = '"https://acme.zendesk.com", "http://127.0.0.1:8080" or "unix:/path/to/socket"'


@final
class Secret:
    """A credential that shows itself to nobody who does not ask with `reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        remember_secret(value)

    def reveal(self) -> str:
        """The credential itself, for the request that needs it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(…)" if self._value else "Secret()"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")


class Trust(msgspec.Struct, frozen=True, kw_only=True):
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
    trust: Trust = Trust()


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
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
        raise ValueError(f"{shown(text)} is too long: a socket's path has at most {SOCKET_PATH_BYTES} bytes")
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
