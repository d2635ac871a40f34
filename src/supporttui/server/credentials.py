"""Reading who asks from a request's Authorization header."""

import base64
import binascii
from dataclasses import dataclass, field

_TOKEN_MARK = "/token"  # noqa: S105 - how Zendesk marks a token in place of a password


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token, and the address that came with it, if any."""

    token: str = field(repr=False)
    email: str | None = None


def parse_credentials(header: bytes) -> Credentials | None:
    """Credentials from `Basic` (`email/token:TOKEN`) or `Bearer`; None where there are none."""
    scheme, _, value = header.decode("latin-1").strip().partition(" ")
    if scheme.lower() == "bearer":
        return Credentials(value.strip()) if value.strip() else None
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, token = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    if not (colon and token and name.endswith(_TOKEN_MARK)):
        return None
    return Credentials(token, name.removesuffix(_TOKEN_MARK))
