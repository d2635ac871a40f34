"""HTTP to one help desk: one origin, redirects only within it, a deadline for every request, and size limits."""

import asyncio
import contextlib
import functools
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

import httpx

from supporttui.config.desk import ConnectionTrust, Secret, parse_url
from supporttui.config.fault_points import fault_point
from supporttui.helpdesks.base import DeskError, Interrupted, Rejected, ResponseTooLarge, Unreachable
from supporttui.helpdesks.http_errors import ReadRateLimit, parse_date
from supporttui.helpdesks.response_streams import BodyTooLarge, BodyUnreadable, check_length, decompressed, join_pieces

MAX_REDIRECTS: Final = 5

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = {"https": 443, "http": 80}


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Return scheme, host and port: the host in its encoded form, the port even if it is the default."""
    return url.scheme, url.raw_host.decode("ascii").lower(), url.port or _PORTS.get(url.scheme)


def parse_http_url(address: str) -> httpx.URL | None:
    """Parse a URL as httpx does, so that checks and requests agree; return None if it is invalid."""
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        return None
    return url if url.scheme in _PORTS and url.host and not url.userinfo else None


def redirect_target(status: int, headers: Mapping[str, str], asked: httpx.URL) -> httpx.URL | None:
    """Return the URL that a response redirects to; None if it is not a redirect, or not to HTTP."""
    location = headers.get("location", "")
    if status not in _REDIRECTS or not location or not location.isprintable():
        return None
    try:
        return parse_http_url(str(asked.join(location)))
    except (httpx.InvalidURL, ValueError):
        return None


def same_origin_redirect(status: int, headers: Mapping[str, str], asked: httpx.URL) -> httpx.URL | None:
    """Return the redirect's URL if it has the same origin, else None."""
    target = redirect_target(status, headers, asked)
    return target if target is not None and origin(target) == origin(asked) else None


DEADLINE_S: Final = 20.0
"""Seconds for a whole request and its response; httpx's own timeouts restart with every chunk."""

CONNECT_S: Final = 8.0
"""Seconds for a TCP connection, and again for its TLS handshake."""

MAX_BODY_BYTES: Final = 16 * 1024 * 1024
"""The limit of one response in memory; files are streamed to disk and have their own limit."""

MAX_CLOCK_SKEW_S: Final = 366 * 24 * 3600.0
"""Larger differences of the desk's clock are ignored."""

SAFE_METHODS: Final = frozenset({"GET", "HEAD"})

_FIRST_BYTE_EVENTS: Final = ("http11.send_request_headers.started", "http2.send_request_headers.started")

_HANDSHAKE_EVENTS: Final = {"connection.start_tls.started": True, "connection.start_tls.complete": False}

_POINTS: Final = {
    "connection.connect_tcp.started": "connection opening",
    "connection.connect_unix_socket.started": "connection opening",
    "connection.connect_tcp.complete": "connection open",
    "connection.connect_unix_socket.complete": "connection open",
    "http11.send_request_headers.started": "request first byte",
    "http11.send_request_headers.complete": "request headers sent",
    "http11.send_request_body.started": "request body starting",
    "http11.send_request_body.complete": "request sent",
    "http11.receive_response_headers.started": "answer starting",
    "http11.receive_response_headers.complete": "answer headers read",
}
"""httpcore's trace events as fault-injection points for tests; only writes have them."""


class WriteOnReadOnlyTransport(RuntimeError):
    """A read-only transport was used for a write: a bug in our code, raised before anything is sent."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class RedirectLoop(Exception):
    """The desk redirects from one of its URLs to the next without an end."""


class _SendProgress:
    """Tracks by httpcore's trace events how far a request has come."""

    def __init__(self, *, is_write: bool) -> None:
        self.has_begun = False
        """Whether its first byte has been sent."""
        self.is_in_handshake = False
        """Whether the TLS handshake has started and not ended."""
        self._is_write = is_write

    async def note(self, event: str, _details: object) -> None:
        if event in _FIRST_BYTE_EVENTS:
            self.has_begun = True
        if event in _HANDSHAKE_EVENTS:
            self.is_in_handshake = _HANDSHAKE_EVENTS[event]
        if self._is_write and event in _POINTS:
            fault_point(_POINTS[event])


class HttpTransport:
    """The connection to a desk. Credentials are sent to its origin only, and never appear in a repr or an error."""

    def __init__(
        self,
        url: str,
        credentials: Secret,
        *,
        read_only: bool = False,
        deadline_s: float = DEADLINE_S,
        max_body_bytes: int = MAX_BODY_BYTES,
        connect_s: float = CONNECT_S,
        trust: ConnectionTrust | None = None,
    ) -> None:
        self._url = _checked_base_url(url)
        self.desk_name = f"the desk at {self._url}"
        """The desk's name in error messages."""
        self._credentials = credentials
        self._read_only = read_only
        self._deadline_s = deadline_s
        self._max_body_bytes = max_body_bytes
        self._timeout: Final = httpx.Timeout(None, connect=connect_s, pool=connect_s)
        self.trust = trust or ConnectionTrust()
        self._base, self._client = _client(self._url, self.trust.ca_file)
        self._budget = ReadRateLimit()
        self.desk_ahead_s: float | None = None
        """Seconds by which the desk's clock is ahead of ours, by the latest response; None before one."""

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def own_path(self, url: str) -> str | None:
        """Return path and query of an absolute address on this desk; None if its origin is another one.

        On a Unix socket, any host counts as ours.
        """
        found = parse_http_url(url)
        if found is None:
            return None
        if self._url.startswith("unix:") or origin(found) == origin(httpx.URL(self._base)):
            path = found.raw_path.decode("ascii")
            return path.removeprefix(httpx.URL(self._base).raw_path.decode("ascii").rstrip("/"))
        return None

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float | None = None,
        max_body_bytes: int | None = None,
    ) -> HttpResponse:
        """Send one request and read its whole response, whatever its status.

        Raises Unreachable if no byte was sent, Interrupted if the response is incomplete, ResponseTooLarge if it
        exceeds the size limit.
        """
        async with self.opened(
            method, path, params=params, content=content, headers=headers, deadline_s=deadline_s or self._deadline_s
        ) as response:
            most = min(self._max_body_bytes, max_body_bytes or self._max_body_bytes)
            check_length(response.headers.get("content-length"), most)
            pieces = decompressed(response.aiter_raw(), _encoding(response), most)
            answer = HttpResponse(response.status_code, response.headers, await join_pieces(pieces))
            if method not in SAFE_METHODS:
                fault_point("answer read")
            return answer

    @contextlib.asynccontextmanager
    async def opened(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float | None = None,
    ) -> AsyncIterator[httpx.Response]:
        """Send one request and yield its response while the body arrives. Only connecting has a deadline.

        Any network error until the end of the block raises Unreachable or Interrupted, as in `request`.
        """
        if self._read_only and method not in SAFE_METHODS:
            raise WriteOnReadOnlyTransport(f"{method} on a read-only connection")
        if method in SAFE_METHODS:
            self._budget.check(self.desk_name)
        progress = _SendProgress(is_write=method not in SAFE_METHODS)
        request = self._client.build_request(
            method,
            self._base + path,
            params=dict(params) if params else None,
            content=content,
            headers={**(headers or {}), "Authorization": self._credentials.reveal()},
            extensions={"trace": progress.note},
            timeout=self._timeout,
        )
        try:
            async with asyncio.timeout(deadline_s):
                response = await self._answered(request)
                try:
                    self._note_clock(response.headers)
                    self._budget.note(response.headers)
                    yield response
                finally:
                    await response.aclose()
        except (httpx.TransportError, TimeoutError, BodyTooLarge, BodyUnreadable, RedirectLoop) as problem:
            raise self._failure(problem, progress) from None

    async def _answered(self, request: httpx.Request) -> httpx.Response:
        """Return the response; for reads after redirects within the origin. Any other redirect is returned as it is."""
        for _step in range(MAX_REDIRECTS + 1):
            response = await self._client.send(request, stream=True)
            self._client.cookies.clear()  # a desk must identify us by the token alone
            target = same_origin_redirect(response.status_code, response.headers, request.url)
            if target is None or request.method not in SAFE_METHODS:
                return response
            await response.aclose()
            request = self._client.build_request(
                request.method,
                target,
                headers={name: value for name, value in request.headers.items() if name not in ("host", "cookie")},
                extensions=request.extensions,
            )
        raise RedirectLoop

    def _failure(self, problem: Exception, progress: _SendProgress) -> DeskError:
        """Return the error for a network failure. Not chained, since httpx's exception has the request's headers."""
        if isinstance(problem, BodyTooLarge):
            return ResponseTooLarge(f"The answer of {self._url} is not read: {problem}. Ask whoever runs it why it is.")
        if isinstance(problem, RedirectLoop):
            loop = f"{self._url} points from one of its addresses to the next without an end."
            return Unreachable(f"{loop} Check the address (desk.url).")
        if progress.has_begun:
            why = _reason(problem) or "the answer did not come in time"
            return Interrupted(f"The link to {self._url} broke before its answer was whole ({why}).")
        why = _handshake_reason(problem) if progress.is_in_handshake else _reason(problem) or "no connection in time"
        remedy = "Check the address (desk.url, SUPPORTTUI_URL) and the network."
        if self._url.startswith("unix:"):
            remedy = "No desk is running there; start it, or check the path."
        return Unreachable(f"Cannot reach {self._url}: {why}. {remedy}")

    def _note_clock(self, headers: Mapping[str, str]) -> None:
        """Compare the desk's clock with ours. Date has whole seconds, so half a second is added."""
        now = datetime.now(UTC).timestamp()
        try:
            desk_time = float(headers["x-desk-time"]) if "x-desk-time" in headers else None
        except ValueError:
            return
        at = parse_date(headers.get("date", ""))
        if desk_time is None and at is not None:
            desk_time = at.timestamp() + 0.5
        if desk_time is not None and abs(desk_time - now) < MAX_CLOCK_SKEW_S:
            self.desk_ahead_s = desk_time - now  # no clock is wrong by years, and comparisons with NaN are False


def _checked_base_url(url: str) -> str:
    """Return the desk's URL. Raises Rejected if it is not allowed."""
    try:
        return parse_url(url)
    except ValueError as problem:
        raise Rejected(f"The help desk's address cannot be used: {problem}.") from None


@functools.cache
def _agent() -> str:
    """Return the User-Agent header; cached, since the version is read from files."""
    return f"supporttui/{version('supporttui')}"


def _client(url: str, ca_file: str) -> tuple[str, httpx.AsyncClient]:
    """Return the base URL and the client. The user's proxy is used only for desks that are not on this machine."""
    options: dict[str, Any] = {
        "follow_redirects": False,
        "headers": {"User-Agent": _agent(), "Accept-Encoding": "gzip"},
    }
    if url.startswith("https:"):
        if ca_file:
            options["verify"] = _ssl_context(ca_file)
        return url, httpx.AsyncClient(**options, trust_env=True)
    # A context without authorities: loading all of them takes longer than the first screen.
    nothing_trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if url.startswith("unix:"):
        path = url.removeprefix("unix:")
        own = httpx.AsyncHTTPTransport(uds=path, verify=nothing_trusted)
        return "http://desk", httpx.AsyncClient(**options, transport=own, trust_env=False)
    return url, httpx.AsyncClient(**options, verify=nothing_trusted, trust_env=False)


def _ssl_context(ca_file: str) -> ssl.SSLContext:
    """Return a TLS context that trusts one private authority only."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError):
        raise Rejected(f"{ca_file} holds no certificate authority (PEM). Check desk.ca_file.") from None


def _handshake_reason(problem: Exception) -> str:
    """Return why the TLS handshake failed on a connection that was accepted."""
    if isinstance(problem, (httpx.TimeoutException, TimeoutError)):
        return "it accepts the connection and does not answer the TLS handshake"
    if any(isinstance(each, (ssl.SSLEOFError, ConnectionError)) for each in _causes(problem)):
        return "it accepts the connection and ends it in the TLS handshake"
    return _reason(problem) or "the TLS handshake failed"


def _causes(problem: Exception) -> Iterator[BaseException]:
    """Yield an exception and those that it was raised from."""
    cause: BaseException | None = problem
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _encoding(response: httpx.Response) -> str:
    return str(response.headers.get("content-encoding", "")).strip().lower()


def _reason(problem: Exception) -> str:
    """Return the reason, in the operating system's words if there are any."""
    for cause in _causes(problem):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not accepted ({cause.verify_message}; desk.ca_file names a private authority)"
        if isinstance(cause, ssl.SSLError):
            reason = (cause.reason or "").replace("_", " ").lower()
            return f"it does not speak TLS as it should ({reason or 'it ended the connection before the handshake'})"
        if isinstance(cause, socket.gaierror):  # its numbers are not errno values
            return "no machine of that name is known"
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno).lower()
    return str(problem).strip().rstrip(".").lower() if not isinstance(problem, TimeoutError) else ""
