"""Where an answer points to, and whether that may be followed: the same origin only, and only for questions."""

from collections.abc import Mapping
from typing import Final

import httpx

MAX_REDIRECTS: Final = 5

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = {"https": 443, "http": 80}


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Scheme, host and port; the host as it stands on the wire, the port also where it is not written."""
    return url.scheme, url.raw_host.decode("ascii").lower(), url.port or _PORTS.get(url.scheme)


def parsed(address: str) -> httpx.URL | None:
    """An address as the client itself would read it, so that no two readings differ; None where it is none."""
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        return None
    return url if url.scheme in _PORTS and url.host and not url.userinfo else None


def pointed_to(status: int, headers: Mapping[str, str], asked: httpx.URL) -> httpx.URL | None:
    """The address that an answer points to; None where it is no redirect, or to nothing that can be asked."""
    location = headers.get("location", "")
    if status not in _REDIRECTS or not location or not location.isprintable():
        return None
    try:
        return parsed(str(asked.join(location)))
    except (httpx.InvalidURL, ValueError):
        return None


def followable(status: int, headers: Mapping[str, str], asked: httpx.URL) -> httpx.URL | None:
    """The same, where it is of the same origin."""
    target = pointed_to(status, headers, asked)
    return target if target is not None and origin(target) == origin(asked) else None
