"""Limits on HTTP connections: how many, how long a request may take to arrive, how long a response may wait."""

import asyncio
import socket
from dataclasses import dataclass
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from supporttui.server.api.request_slots import CONNECTIONS_MAX
from supporttui.server.api_errors import BadRequest, ServiceUnavailable

_BUSY_BODY: Final = ServiceUnavailable("The desk has as many connections as it takes; try again in a moment.").body()
BUSY_RESPONSE: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; charset=utf-8\r\n"
    b"X-Content-Type-Options: nosniff\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Content-Length: " + str(len(_BUSY_BODY)).encode() + b"\r\n\r\n" + _BUSY_BODY
)
"""The response to a connection beyond the limit."""

_NOT_HTTP: Final = BadRequest("This is not a request of HTTP/1.1 that can be read.", "Invalid request").body()
_NOT_HTTP_HEADERS: Final = [
    ("Content-Type", "application/json; charset=utf-8"),
    ("Content-Length", str(len(_NOT_HTTP))),
    ("X-Content-Type-Options", "nosniff"),
    ("Connection", "close"),
]


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The limits of connections."""

    connections: int = CONNECTIONS_MAX
    head_s: float = 10.0
    """Seconds from a request's first byte, or the connection's start, to the end of its headers."""
    body_s: float = 30.0
    """Seconds for a body, in addition to the time for its length..."""
    body_bytes_per_s: int = 8192
    """... at this rate."""
    stalled_s: float = 30.0
    """Seconds for which a client may leave a response unread."""


class LimitedConnection(H11Protocol):
    """A connection that is closed if its client sends too slowly or does not read the response.

    At the limit, a new connection replaces the one that has been idle longest.
    """

    limits: ConnectionLimits = ConnectionLimits()
    _arrives_by: asyncio.TimerHandle | None = None
    _reads_by: asyncio.TimerHandle | None = None
    _body_began_at: float | None = None
    _body_bytes: int = 0
    _last_at: float = 0.0

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - uvicorn narrows asyncio's own
        """Start the deadline for the first request."""
        super().connection_made(transport)
        self._last_at = self.loop.time()
        if len(self.connections) > self.limits.connections and not self._close_an_idle_connection():
            transport.write(BUSY_RESPONSE)
            transport.close()
            return
        _detect_dead_peers(transport)
        self._arrives_by = self.loop.call_later(self.limits.head_s, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Handle received bytes, and set the deadline for the rest."""
        self._last_at = self.loop.time()
        self._body_bytes += len(data)
        super().data_received(data)
        self._set_deadline(is_after_data=True)

    def on_response_complete(self) -> None:
        """Continue with the next request; an unread body keeps its deadline."""
        self._last_at = self.loop.time()
        super().on_response_complete()
        self._set_deadline(is_after_data=False)

    def pause_writing(self) -> None:
        """Start a deadline, as the client does not read."""
        super().pause_writing()
        self._reads_by = self.loop.call_later(self.limits.stalled_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Cancel the deadline, as the client reads again."""
        super().resume_writing()
        _cancel(self._reads_by)
        self._reads_by = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel all deadlines."""
        _cancel(self._arrives_by)
        self._arrives_by = None
        _cancel(self._reads_by)
        self._reads_by = None
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Respond with 400 to what is not HTTP, unless a response has already started."""
        try:
            self.transport.write(self.conn.send(h11.Response(status_code=400, headers=_NOT_HTTP_HEADERS)))
            self.transport.write(self.conn.send(h11.Data(data=_NOT_HTTP)))
            self.transport.write(self.conn.send(h11.EndOfMessage()))
            self.transport.close()
        except h11.LocalProtocolError:
            self.transport.abort()
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    @property
    def is_idle(self) -> bool:
        """Whether no request is in progress."""
        return self.cycle is None or self.cycle.response_complete

    def _set_deadline(self, *, is_after_data: bool) -> None:
        """Set the deadline for the rest of the headers or of the body; none while the desk handles the request."""
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            if self._body_began_at is None:
                self._body_began_at, self._body_bytes = self.loop.time(), 0
            due_at = self._body_began_at + self.limits.body_s + self._body_bytes / self.limits.body_bytes_per_s
            _cancel(self._arrives_by)
            self._arrives_by = self.loop.call_at(due_at, self.transport.abort)
            return
        if state is h11.IDLE and is_after_data:
            self._body_began_at = None
            if self._arrives_by is None:
                self._arrives_by = self.loop.call_later(self.limits.head_s, self.transport.abort)
            return
        self._body_began_at = None
        _cancel(self._arrives_by)
        self._arrives_by = None

    def _close_an_idle_connection(self) -> bool:
        """Close an idle connection to make room; return False if there is none."""
        found = [each for each in self.connections if isinstance(each, LimitedConnection) and each is not self]
        idle = [each for each in found if each.is_idle and not each.transport.is_closing()]
        if idle:
            min(idle, key=lambda each: each._last_at).transport.abort()
        return bool(idle)


def connection_class(limits: ConnectionLimits) -> type[LimitedConnection]:
    """Return the protocol class for a server with these limits, as uvicorn needs a class."""
    return type("LimitedConnection", (LimitedConnection,), {"limits": limits})


def _detect_dead_peers(transport: Any) -> None:  # noqa: ANN401 - a transport of either kind
    """Close a connection whose peer acknowledges nothing for a minute, instead of the default quarter of an hour."""
    connected = transport.get_extra_info("socket")
    if connected is not None and connected.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 60_000)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
