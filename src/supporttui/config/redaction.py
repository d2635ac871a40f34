"""Removes secrets from logs and failure reports."""

import base64
import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus

REDACTED: Final = "[redacted]"

_MIN_SECRET_LENGTH: Final = 6
"""A shorter secret would take ordinary words with it."""

_known_secrets: set[str] = set()
"""Every form of every secret that this process has met."""


def remember_secret(value: str) -> None:
    """Redact this value, and its encoded forms, from now on."""
    if len(value) >= _MIN_SECRET_LENGTH:
        raw = value.encode("utf-8", "surrogatepass")
        packed = base64.b64encode(raw).decode().rstrip("=")
        _known_secrets.update(
            {value, packed, base64.urlsafe_b64encode(raw).decode().rstrip("="), quote(raw), quote_plus(raw)}
        )


def redacted(text: str) -> str:
    """The text without the secrets that are known, and without what looks like one."""
    for value in sorted(_known_secrets, key=len, reverse=True):
        text = text.replace(value, REDACTED)
    for pattern in _secret_patterns():
        text = pattern.sub(rf"\1\2{REDACTED}", text)
    return text


@lru_cache(maxsize=1)
def _secret_patterns() -> tuple[re.Pattern[str], ...]:
    """The patterns that are always redacted; their first two groups stay. Compiled on first use."""
    return (
        re.compile(r"(?i)\b(authorization|cookie|set-cookie)(['\"]?\s*[:=]\s*)[^\r\n]+"),
        re.compile(r"(?i)\b(basic|bearer)(\s+)[A-Za-z0-9+/=._~-]{8,}"),
        re.compile(r"(?i)\b([a-z_-]*(?:token|password|passwd|secret|api[_-]?key))(['\"]?\s*[:=]\s*)[^\s&,;)}]+"),
        re.compile(r"(?i)(/(?:attachments|uploads)/token)(/)[^\s/?\"']+"),
        re.compile(r"(?i)\b([a-z][a-z0-9+.-]*:)(//)[^\s/@]+(?=@)"),
    )
