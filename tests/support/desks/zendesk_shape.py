"""The embedded help desk with what Zendesk lacks taken away: no stream, no idempotency keys for changes; on request it
applies writes late, refuses requests, or is put behind a script of the test.
"""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer, serve_script
from supporttui.server.api.app import build_app
from supporttui.server.desk import Desk

WRITE_METHODS: Final = frozenset({"POST", "PUT"})
SEARCH_EXPORT_PATH: Final = "/api/v2/search/export.json"


class ZendeskShape:
    """ASGI middleware around the embedded server's application."""

    def __init__(self, app: ASGIApp, *, is_zendesk_like: bool = True, sends_date: bool = False) -> None:
        self._app = app
        self.is_zendesk_like = is_zendesk_like
        """Without it, requests are only delayed and refused."""
        self._sends_date = sends_date
        """Whether responses have a `Date`, from which a client takes the desk's clock."""
        self.has_export = False
        """Whether tickets are read by search and incremental export, as by an admin; otherwise by the list."""
        self.closes_connections = False
        """Whether every request needs a connection of its own."""
        self.late_s = 0.0
        """Seconds after its arrival at which a write is applied, whether or not its sender still waits."""
        self.refuses: Callable[[str, str], tuple[int, dict[str, str]] | None] = lambda method, path: None
        """The status and headers with which a request is refused; None for those that are not."""
        self.late: set[asyncio.Task[None]] = set()
        self.writes = 0
        """Writes that have arrived whole while `late_s` was set."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = str(scope["path"]), str(scope.get("method"))
        refusal = self.refuses(method, path)
        if refusal is not None or (self.is_zendesk_like and path.startswith("/supporttui/")):
            await _send_refusal(self._shaping(send), *(refusal or (404, {})))
            return
        headers = [each for each in scope["headers"] if self._passes_on(each[0], method, path)]
        shaped: Any = {**scope, "headers": headers}
        if self.has_export and path == SEARCH_EXPORT_PATH:
            # The embedded server has no export of a search: the first page of the search itself stands for it.
            shaped |= {"path": "/api/v2/search.json", "query_string": b"query=type:ticket+status%3Csolved&per_page=100"}
            await self._app(shaped, receive, _as_last_page(self._shaping(send)))
            return
        if self.late_s and method in WRITE_METHODS:
            await self._apply_late(shaped, receive, send)
        else:
            await self._app(shaped, receive, self._shaping(send))

    def _passes_on(self, header: bytes, method: str, path: str) -> bool:
        """Zendesk honours an idempotency key for the creation of a ticket, and knows none for other requests."""
        if not self.is_zendesk_like or header.lower() != b"idempotency-key":
            return True
        return method == "POST" and path == "/api/v2/tickets.json"

    async def _apply_late(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Receive the whole request and apply it later, also where the connection breaks meanwhile."""
        body = b""
        while True:
            message: Any = await receive()
            if message["type"] != "http.request":
                return  # it did not arrive whole, so it cannot be applied
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.writes += 1
        task = asyncio.create_task(self._later(scope, body, send))
        self.late.add(task)
        task.add_done_callback(self.late.discard)
        await asyncio.shield(task)

    async def _later(self, scope: Scope, body: bytes, send: Send) -> None:
        await asyncio.sleep(self.late_s)
        pending: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

        async def whole() -> Any:
            return pending.pop() if pending else await asyncio.Event().wait()

        await self._app(scope, whole, self._shaping(send))

    def _shaping(self, send: Send) -> Send:
        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [each for each in message["headers"] if self._sends_date or each[0].lower() != b"date"]
                message["headers"] = [*kept, (b"connection", b"close")] if self.closes_connections else kept
            await send(message)

        return send_on


def _as_last_page(send: Send) -> Send:
    """Send a page of a listing by number as the last one of a listing by cursor."""
    started: list[Any] = []

    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
            return
        page = {**json.loads(message["body"]), "next_page": None, "meta": {"has_more": False, "after_cursor": None}}
        body = json.dumps(page).encode()
        kept = [each for each in started[0]["headers"] if each[0].lower() != b"content-length"]
        await send({**started[0], "headers": [*kept, (b"content-length", str(len(body)).encode())]})
        await send({**message, "body": body})

    return send_on


async def _send_refusal(send: Send, status: int, headers: dict[str, str]) -> None:
    body = b'{"error": "Refused"}'
    sent = [(name.encode(), text.encode()) for name, text in headers.items()]
    sent += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body, "more_body": False})


@dataclass(frozen=True)
class ZendeskLikeServer:
    """An embedded desk's database, served on loopback in Zendesk's shape."""

    url: str
    shape: ZendeskShape


@contextlib.contextmanager
def serve_zendesk_like(desk: EmbeddedDesk, *, sends_date: bool = False) -> Iterator[ZendeskLikeServer]:
    """Serve the desk's database in Zendesk's shape, beside its own server, until the context ends."""
    app = build_app(
        Desk(engine=desk.engine, uploads=desk.folder / "uploads", now=lambda: desk.now(), requests_per_minute=10**9)
    )
    shape = ZendeskShape(app, sends_date=sends_date)
    config = uvicorn.Config(
        shape,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        wait_until(lambda: server.started or not thread.is_alive())
        try:
            yield ZendeskLikeServer(f"http://127.0.0.1:{listener.getsockname()[1]}", shape)
        finally:
            server.should_exit = True
            thread.join(10)


@contextlib.contextmanager
def script_zendesk_like(desk: EmbeddedDesk) -> Iterator[ScriptedServer]:
    """The same behind a scripted server, whose script passes requests on; a test may put another one before it."""
    with serve_zendesk_like(desk) as behind, serve_script_before(behind.url) as server:
        yield server


@contextlib.contextmanager
def serve_script_before(url: str) -> Iterator[ScriptedServer]:
    """A scripted server that passes requests on to another server."""
    address, transport = url, None
    if url.startswith("unix:"):
        address, transport = "http://desk", httpx.HTTPTransport(uds=url.removeprefix("unix:"))
    passed_on = ("authorization", "content-type", "idempotency-key")
    with httpx.Client(transport=transport, base_url=address) as client:

        def pass_on(request: ReceivedRequest) -> ScriptedResponse:
            headers = {name: text for name, text in request.headers.items() if name in passed_on}
            answer = client.request(
                request.method, request.path, params=request.query, headers=headers, content=request.body
            )
            return ScriptedResponse(answer.status_code, answer.content, {"Content-Type": "application/json"})

        with serve_script(pass_on) as server:
            yield server
