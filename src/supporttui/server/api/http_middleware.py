"""Checks before every route: the Host header, authentication and rate limits; and the headers of every response."""

import base64
import binascii
import ipaddress
import re
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import partial
from typing import Final

from anyio import to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supporttui.server.api.request_handling import error_response
from supporttui.server.api.request_slots import request_slots, stream_slots
from supporttui.server.api_errors import (
    ApiError,
    BadRequest,
    CrossSiteWrite,
    HeadersTooLarge,
    MisdirectedRequest,
    NotAuthenticated,
    ServiceUnavailable,
    TooManyAtOnce,
    TooManyRequests,
)
from supporttui.server.desk import Desk
from supporttui.server.people import Actor, authenticate
from supporttui.zendesk_api.extensions import EVENTS_PATH, HEALTH_PATH

_HOST: Final = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def allowed_hostnames(host: str, more: Iterable[str] = ()) -> frozenset[str]:
    """Return the hostnames that a desk on this address accepts, in addition to the address itself."""
    found = (host, "localhost", socket.gethostname(), *more)
    return frozenset(_plain(name) for name in found if name)


def parse_host_header(header: str) -> str | None:
    """Return the host named by a Host header, without its port; None if it names none."""
    found = _HOST.fullmatch(header)
    return None if found is None else _plain(found[1])


def is_allowed_host(name: str, names: frozenset[str], listening_on: str) -> bool:
    """Whether a Host header's name is accepted; `listening_on` is the local address of the connection."""
    return name in names or _is_connection_address(name, listening_on)


def _is_connection_address(name: str, address: str) -> bool:
    """Whether a name is the connection's own numeric address; all loopback addresses are equal."""
    try:
        named, connected = _numeric(name), _numeric(address)
    except ValueError:
        return False
    return named == connected or (named.is_loopback and connected.is_loopback)


def _numeric(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    found = ipaddress.ip_address(text.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found


def _plain(name: str) -> str:
    return name.strip("[]").rstrip(".").lower()


_TOKEN_MARK = "/token"  # noqa: S105 - how Zendesk marks a token in place of a password


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token, and the email that was sent with it, if any."""

    token: str = field(repr=False)
    email: str | None = None


def parse_credentials(header: bytes) -> Credentials | None:
    """Parse credentials from `Basic` (`email/token:TOKEN`) or `Bearer`; return None if there are none."""
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


WINDOW_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class RequestQuota:
    """The number of a person's requests left in the current minute."""

    limit: int
    remaining: int
    resets_in_s: int
    is_used_up: bool


class RequestRateLimiter:
    """Counts requests by person, in fixed windows of a minute."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limit = per_minute
        self._monotonic = monotonic
        self._began_at = monotonic()
        self._counts: dict[int, int] = {}

    def spend(self, person_id: int) -> RequestQuota:
        """Count one request, and return what is left."""
        now = self._monotonic()
        if now - self._began_at >= WINDOW_S:
            self._began_at = now
            self._counts.clear()
        count = self._counts.get(person_id, 0) + 1
        self._counts[person_id] = count
        resets_in_s = max(1, round(self._began_at + WINDOW_S - now))
        return RequestQuota(self._limit, max(0, self._limit - count), resets_in_s, count > self._limit)


HEAD_MAX_BYTES: Final = 16 * 1024
_SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_COMMON_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; sandbox; frame-ancestors 'none'"),
)


class HttpMiddleware:
    """Wraps the routes: strips `.json`; checks Host, token and rate limit; adds the common headers."""

    def __init__(self, routes: ASGIApp, desk: Desk) -> None:
        self._routes = routes
        self._desk = desk
        self._rate_limiter = RequestRateLimiter(desk.requests_per_minute)
        self._requests = request_slots()
        self._streams = stream_slots()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request."""
        if scope["type"] != "http":
            await self._routes(scope, receive, send)
            return
        headers = [(b"date", format_datetime(self._desk.now(), usegmt=True).encode()), *_COMMON_HEADERS]
        send_response = partial(_send_with, send, headers)
        inner = {**scope, "path": _plain_path(scope["path"]), "state": dict(scope.get("state") or {})}
        inner["method"] = "GET" if scope["method"] == "HEAD" else scope["method"]
        try:
            self._check_head(scope)
            if (inner["method"], inner["path"]) == ("GET", HEALTH_PATH):
                await self._routes(inner, receive, send_response)
                return
            actor, inner["state"]["credentials"] = await self._admit(scope, headers)
            inner["state"]["actor"] = actor
            # Held until the response was read, so that a slow body and a slow reader both count.
            with (self._streams if inner["path"] == EVENTS_PATH else self._requests).held(actor):
                await self._routes(inner, receive, send_response)
        except ApiError as error:
            await error_response(error, _refusal_headers(error))(inner, receive, send_response)

    def _check_head(self, scope: Scope) -> None:
        """Raise HeadersTooLarge, BadRequest, CrossSiteWrite, or MisdirectedRequest for another server's hostname."""
        size_bytes = len(scope["query_string"]) + sum(len(name) + len(value) for name, value in scope["headers"])
        if size_bytes > HEAD_MAX_BYTES:
            raise HeadersTooLarge(HEAD_MAX_BYTES)
        _check_framing(scope)
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        name = parse_host_header(hosts[0]) if len(hosts) == 1 else None
        if name is None:
            raise BadRequest("the Host header has to name a host, and perhaps a port")
        known = self._desk.hostnames
        if known is not None and not is_allowed_host(name, known, str((scope.get("server") or ("",))[0])):
            raise MisdirectedRequest(name)
        if scope["method"] not in _SAFE_METHODS:
            _check_same_site(scope, hosts[0])

    async def _admit(
        self,
        scope: Scope,
        headers: list[tuple[bytes, bytes]],
    ) -> tuple[Actor, Credentials]:
        """Return the person who makes the request and their credentials; adds the rate limit to the response's headers.

        Raises NotAuthenticated, TooManyRequests.
        """
        sent = [value for name, value in scope["headers"] if name == b"authorization"]
        credentials = parse_credentials(sent[0]) if len(sent) == 1 else None
        actor = await to_thread.run_sync(self._find_actor, credentials) if credentials is not None else None
        if actor is None or credentials is None:
            headers.append((b"www-authenticate", b'Basic realm="supporttui"'))
            raise NotAuthenticated
        quota = self._rate_limiter.spend(actor.id)
        headers.extend(_quota_headers(quota))
        if quota.is_used_up:
            raise TooManyRequests
        return actor, credentials

    def _find_actor(self, credentials: Credentials) -> Actor | None:
        with self._desk.read() as connection:
            return authenticate(connection, credentials.token, credentials.email, self._desk.now())


async def _send_with(send: Send, headers: list[tuple[bytes, bytes]], message: Message) -> None:
    """Send a message; add our headers to the start of a response, except those set by the route."""
    if message["type"] == "http.response.start":
        own = {name.lower() for name, _ in message["headers"]}
        message["headers"] = [*message["headers"], *(each for each in headers if each[0] not in own)]
    await send(message)


class AmbiguousLength(BadRequest):
    """The request's length is ambiguous, so that what follows on the connection cannot be trusted."""


def _check_framing(scope: Scope) -> None:
    """Raise AmbiguousLength for a chunked body with a Content-Length, or in HTTP/1.0, which has no chunks.

    RFC 9112, section 6.1: a proxy with the other interpretation would take the body for a second request.
    """
    names = {name for name, _ in scope["headers"]}
    if b"transfer-encoding" in names and (b"content-length" in names or scope.get("http_version") == "1.0"):
        raise AmbiguousLength("the length of the body is ambiguous: send Content-Length or Transfer-Encoding, not both")


def _check_same_site(scope: Scope, host: str) -> None:
    """Raise CrossSiteWrite if a browser reports that the page sending the request belongs to another site.

    Browsers send `Origin` with each write; other clients send neither of the two headers.
    """
    for name, value in scope["headers"]:
        if name == b"sec-fetch-site" and value not in (b"same-origin", b"none"):
            raise CrossSiteWrite
        # Only the host: behind a proxy that terminates TLS, the page's scheme differs from ours.
        if name == b"origin" and value.decode("latin-1").lower().partition("://")[2] != host.lower():
            raise CrossSiteWrite


def _refusal_headers(error: ApiError) -> dict[str, str]:
    """Return the headers of a refusal that no route produced."""
    if isinstance(error, AmbiguousLength):
        return {"Connection": "close"}
    return {"Retry-After": "1"} if isinstance(error, (ServiceUnavailable, TooManyAtOnce)) else {}


def _quota_headers(quota: RequestQuota) -> list[tuple[bytes, bytes]]:
    found = [
        (b"x-rate-limit", str(quota.limit).encode()),
        (b"x-rate-limit-remaining", str(quota.remaining).encode()),
        (b"ratelimit-reset", str(quota.resets_in_s).encode()),
    ]
    return [*found, (b"retry-after", str(quota.resets_in_s).encode())] if quota.is_used_up else found


def _plain_path(path: str) -> str:
    """Return the path without a trailing slash and without `.json`."""
    return path.rstrip("/").removesuffix(".json") or "/"
