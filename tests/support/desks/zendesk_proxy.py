"""Proxies that give the embedded help desk Zendesk's shape over real sockets: no stream, no idempotency keys for
changes, optionally late writes.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import httpx

from support.desks.embedded_desk import EmbeddedDesk
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer, serve_script

FORWARDED_HEADERS: Final[frozenset[str]] = frozenset({"authorization", "content-type"})


@contextlib.contextmanager
def zendesk_like(desk: EmbeddedDesk) -> Iterator[ScriptedServer]:
    """A server that passes requests on to the desk; a test may put another script in its place."""
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(desk.socket)), base_url="http://desk") as client:

        def pass_on(request: ReceivedRequest) -> ScriptedResponse:
            if request.path.startswith("/supporttui/"):
                return ScriptedResponse(404, b'{"error": "InvalidEndpoint"}')
            kept = {name: text for name, text in request.headers.items() if name in FORWARDED_HEADERS}
            answer = client.request(
                request.method, request.path, params=request.query, headers=kept, content=request.body
            )
            return ScriptedResponse(answer.status_code, answer.content, {"Content-Type": "application/json"})

        with serve_script(pass_on) as server:
            yield server


WRITE_METHODS: Final = frozenset({"POST", "PUT"})
SLOW_FORWARDED_HEADERS: Final = frozenset({"authorization", "content-type"})


class SlowZendeskProxy(ScriptedServer):
    """Takes every request whole and passes it on, a write after `late_s`, whether or not its sender still waits."""

    def __init__(self, desk: EmbeddedDesk, late_s: float) -> None:
        super().__init__(lambda request: ScriptedResponse(500))
        self._desk = desk
        self._late_s = late_s
        self._client: httpx.AsyncClient | None = None
        self.writes = 0
        """Writes that have arrived whole."""

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
        body = await self._body(reader, headers)
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        answer = await self._passed_on(ReceivedRequest(method, parts.path, query, headers, body))
        # Every request on a connection of its own, so that opening one is among what a window can die in.
        lines = f"Content-Type: application/json\r\nContent-Length: {len(answer.body)}\r\nConnection: close\r\n"
        writer.write(f"HTTP/1.1 {answer.status} X\r\n{lines}\r\n".encode() + answer.body)
        await writer.drain()
        return False

    async def _passed_on(self, request: ReceivedRequest) -> ScriptedResponse:
        if request.path.startswith("/supporttui/"):
            return ScriptedResponse(404, b'{"error": "InvalidEndpoint"}')
        if request.method in WRITE_METHODS:
            self.writes += 1
            await asyncio.sleep(self._late_s)
        kept = {name: text for name, text in request.headers.items() if name in SLOW_FORWARDED_HEADERS}
        # Zendesk honours the key for creation, and knows none for changes.
        if request.path == "/api/v2/tickets.json" and "idempotency-key" in request.headers:
            kept["Idempotency-Key"] = request.headers["idempotency-key"]
        if self._client is None:
            transport = httpx.AsyncHTTPTransport(uds=str(self._desk.socket))
            self._client = httpx.AsyncClient(transport=transport, base_url="http://desk", timeout=20)
        answer = await self._client.request(
            request.method, request.path, params=request.query, headers=kept, content=request.body
        )
        return ScriptedResponse(answer.status_code, answer.content)

    async def _close(self) -> None:
        await super()._close()
        if self._client is not None:
            await self._client.aclose()


@contextlib.contextmanager
def slow_zendesk_like(desk: EmbeddedDesk, late_s: float = 0.0) -> Iterator[SlowZendeskProxy]:
    """Such a desk, in a thread of its own, for as long as the context lasts."""
    server = SlowZendeskProxy(desk, late_s)
    started = threading.Event()
    thread = threading.Thread(target=server.run, args=(started,), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield server
    finally:
        server.halt()
        thread.join(10)
