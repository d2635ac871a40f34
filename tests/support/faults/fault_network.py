"""A network in memory between the real client and the real server, with a fault at any byte of any request.

Above it run the product's own transport with httpx, httpcore and h11; below it uvicorn's own protocol with the desk's
application. Only the sockets are missing.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from support.sample_values import DESK
from supporttui.helpdesks.zendesk.desk import ZendeskDesk


@dataclass
class ConnectionCut:
    """A connection that breaks once, at one byte of the first matching request or of its answer."""

    method: str
    path: str
    """The beginning of the target."""
    at_byte: int
    of_answer: bool
    is_reset: bool
    """The client sees a reset; otherwise the end of the stream."""
    has_happened: bool = False

    def is_meant(self, head: bytes) -> bool:
        """Whether a request that begins like this is the one."""
        return not self.has_happened and head.startswith(f"{self.method} {self.path}".encode())


@dataclass
class RequestTraffic:
    """The sizes of one request and its answer on the wire."""

    line: str
    sent_bytes: int = 0
    received_bytes: int = 0


@dataclass
class FaultNetwork:
    """Connects clients to the application; the test arms a cut, takes the link down, and reads the traffic."""

    app: ASGIApp
    cut: ConnectionCut | None = None
    is_down: bool = False
    loses: Callable[[], bool] = lambda: False
    """Asked for every write: whether the connection breaks there."""
    traffic: list[RequestTraffic] = field(default_factory=list)
    keeps_traffic: bool = False
    connections: set["_FaultConnection"] = field(default_factory=set)
    connected: int = 0

    def __post_init__(self) -> None:
        self.config = uvicorn.Config(
            self.app, http="h11", ws="none", lifespan="off", log_config=None, access_log=False, date_header=False
        )
        self.state = ServerState()

    def drop(self) -> None:
        """Every connection breaks now."""
        for pipe in list(self.connections):
            pipe.break_off(is_reset=True)

    def connect(self, **options: Any) -> ZendeskDesk:
        """A client of the desk, through this network."""
        desk = ZendeskDesk(**{"name": DESK, "url": "http://127.0.0.1:1", **options})
        # The transport has no seam for a network of ours and needs none outside this proof.
        inner = httpx.AsyncHTTPTransport(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        inner._pool = httpcore.AsyncConnectionPool(network_backend=_NetworkBackend(self))
        desk._transport._client = httpx.AsyncClient(transport=inner, follow_redirects=False, trust_env=False)
        return desk


class _NetworkBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, network: FaultNetwork) -> None:
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the class that it replaces
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        await asyncio.sleep(0.001)
        if self._network.is_down:
            raise httpcore.ConnectError("the network is down")
        self._network.connected += 1
        return _FaultConnection(self._network)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _ServerSide(asyncio.Transport):
    """What uvicorn's protocol writes into."""

    def __init__(self, pipe: "_FaultConnection") -> None:
        super().__init__()
        self._pipe = pipe

    def write(self, data: Any) -> None:
        self._pipe.answered(bytes(data))

    def close(self) -> None:
        self._pipe.server_closed()

    def is_closing(self) -> bool:
        return self._pipe.is_over

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 1) if name in ("peername", "sockname") else default

    def pause_reading(self) -> None:
        """Everything fits."""

    def resume_reading(self) -> None:
        """Everything fits."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Everything fits."""


class _FaultConnection(httpcore.AsyncNetworkStream):
    """One connection."""

    def __init__(self, network: FaultNetwork) -> None:
        self._network = network
        self._loop = asyncio.get_running_loop()
        self._arrived = bytearray()
        self._news = asyncio.Event()
        self._ended = False
        self._is_reset = False
        self.is_over = False
        self._cut: ConnectionCut | None = None
        self._current: RequestTraffic | None = None
        self._counted = 0
        self._answered = 0
        self._protocol = H11Protocol(network.config, network.state, {})
        self._protocol.connection_made(_ServerSide(self))
        network.connections.add(self)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as above
        await asyncio.sleep(0)
        if self.is_over or self._network.is_down or self._network.loses():
            self.break_off(is_reset=True)
            raise httpcore.WriteError("the connection is gone")
        self._begin(buffer)
        cut = self._cut
        if cut is not None and not cut.of_answer and self._counted + len(buffer) > cut.at_byte:
            self._hand_over(buffer[: cut.at_byte - self._counted])
            await asyncio.sleep(0.01)  # what did arrive is worked on before the break is seen
            cut.has_happened = True
            self.break_off(is_reset=cut.is_reset)
            if cut.is_reset:
                raise httpcore.WriteError("the connection was reset")
            return
        self._counted += len(buffer)
        if self._current is not None:
            self._current.sent_bytes += len(buffer)
        self._hand_over(buffer)

    def _begin(self, buffer: bytes) -> None:
        """A new request begins: note it, and whether it is the one that is cut."""
        line = bytes(buffer[:200]).split(b"\r\n", 1)[0]
        if not line.endswith(b" HTTP/1.1"):
            return
        cut = self._network.cut
        self._cut = cut if cut is not None and cut.is_meant(line) else None
        self._counted = self._answered = 0
        if self._network.keeps_traffic:
            self._current = RequestTraffic(line.decode())
            self._network.traffic.append(self._current)

    def _hand_over(self, buffer: bytes) -> None:
        if buffer:
            # In a context of its own: what the server begins is not the window's, and does not end with it.
            Context().run(self._protocol.data_received, bytes(buffer))

    def answered(self, data: bytes) -> None:
        """The server wrote."""
        if self.is_over:
            return
        if self._current is not None:
            self._current.received_bytes += len(data)
        cut = self._cut
        if cut is not None and cut.of_answer:
            room = cut.at_byte - self._answered
            if len(data) > room:
                self._arrived += data[:room]
                cut.has_happened = True
                self.break_off(is_reset=cut.is_reset)
                return
        self._answered += len(data)
        self._arrived += data
        self._news.set()

    def server_closed(self) -> None:
        """The server is done with the connection."""
        self._ended = True
        self._news.set()
        self._lose(None)

    def break_off(self, *, is_reset: bool) -> None:
        """The connection breaks for both sides; what has arrived can still be read where it is no reset."""
        self._ended = True
        self._is_reset = is_reset
        self._news.set()
        self._lose(ConnectionResetError())

    def _lose(self, error: Exception | None) -> None:
        if not self.is_over:
            self.is_over = True
            self._network.connections.discard(self)
            self._loop.call_soon(self._protocol.connection_lost, error)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - as above
        while not self._arrived and not self._ended:
            await self._news.wait()
            self._news.clear()
        if self._arrived:
            piece = bytes(self._arrived[:max_bytes])
            del self._arrived[:max_bytes]
            return piece
        if self._is_reset:
            raise httpcore.ReadError("the connection was reset")
        return b""

    async def aclose(self) -> None:
        self._ended = True
        self._lose(None)

    def get_extra_info(self, info: str) -> Any:
        # The pool asks before it uses a connection again whether the other end has closed it.
        return self.is_over or self._ended if info == "is_readable" else None
