"""The outermost layer: who asks, how often, and what every answer carries."""

from email.utils import format_datetime
from functools import partial
from typing import Any, Final

from anyio import to_thread
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from supporttui.server.budgets import Budget, Budgets
from supporttui.server.credentials import Credentials, parse_credentials
from supporttui.server.desk import Desk
from supporttui.server.hosts import is_own, name_in
from supporttui.server.people import Actor, authenticate
from supporttui.server.refusals import (
    BadRequest,
    HeadersTooLarge,
    NotAuthenticated,
    NotThisDesk,
    Refusal,
    TooManyRequests,
)

HEALTH_PATH: Final = "/supporttui/v1/health"
HEAD_MAX_BYTES: Final = 16 * 1024
_EVERY_ANSWER: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; sandbox; frame-ancestors 'none'"),
)


class Edge:
    """Wraps the routes: paths with and without `.json`, a token on all but health, budgets, the desk's own date."""

    def __init__(self, routes: ASGIApp, desk: Desk) -> None:
        self._routes = routes
        self._desk = desk
        self._budgets = Budgets(desk.requests_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request."""
        if scope["type"] != ScopeType.HTTP:
            await self._routes(scope, receive, send)
            return
        headers = [(b"date", format_datetime(self._desk.now(), usegmt=True).encode()), *_EVERY_ANSWER]
        answer = partial(_send_with, send, headers)
        inner: Any = {**scope, "path": _plain_path(scope["path"]), "state": dict(scope.get("state") or {})}
        inner["method"] = "GET" if scope["method"] == "HEAD" else scope["method"]
        try:
            self._check_head(scope)
            if (inner["method"], inner["path"]) != ("GET", HEALTH_PATH):
                inner["state"]["actor"], inner["state"]["credentials"] = await self._admit(scope, headers)
        except Refusal as refusal:
            await send_refusal(answer, refusal)
            return
        await self._routes(inner, receive, answer)

    def _check_head(self, scope: Any) -> None:  # noqa: ANN401 - ASGI's scope
        """Raise where the request is too long before its body begins, or was meant for another server."""
        size_bytes = len(scope["query_string"]) + sum(len(name) + len(value) for name, value in scope["headers"])
        if size_bytes > HEAD_MAX_BYTES:
            raise HeadersTooLarge(HEAD_MAX_BYTES)
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        name = name_in(hosts[0]) if len(hosts) == 1 else None
        if name is None:
            raise BadRequest("the Host header has to name a host, and perhaps a port")
        known = self._desk.hostnames
        if known is not None and not is_own(name, known, str((scope.get("server") or ("",))[0])):
            raise NotThisDesk(name)

    async def _admit(
        self,
        scope: Any,  # noqa: ANN401 - ASGI's scope
        headers: list[tuple[bytes, bytes]],
    ) -> tuple[Actor, Credentials]:
        """Who asks, and by what; their budget is written into the answer's headers.

        Raises NotAuthenticated, TooManyRequests.
        """
        sent = [value for name, value in scope["headers"] if name == b"authorization"]
        credentials = parse_credentials(sent[0]) if len(sent) == 1 else None
        actor = await to_thread.run_sync(self._find_actor, credentials) if credentials is not None else None
        if actor is None or credentials is None:
            headers.append((b"www-authenticate", b'Basic realm="supporttui"'))
            raise NotAuthenticated
        budget = self._budgets.spend(actor.id)
        headers.extend(_budget_headers(budget))
        if budget.is_used_up:
            raise TooManyRequests
        return actor, credentials

    def _find_actor(self, credentials: Credentials) -> Actor | None:
        with self._desk.read() as connection:
            return authenticate(connection, credentials.token, credentials.email, self._desk.now())


async def send_refusal(send: Send, refusal: Refusal) -> None:
    """Answer with a refusal."""
    body = refusal.body()
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _send_with(send: Send, headers: list[tuple[bytes, bytes]], message: Message) -> None:
    """Send a message; the start of an answer with our headers, unless the route set one itself."""
    if message["type"] == "http.response.start":
        own = {name.lower() for name, _ in message["headers"]}
        message["headers"] = [*message["headers"], *(each for each in headers if each[0] not in own)]
    await send(message)


def _budget_headers(budget: Budget) -> list[tuple[bytes, bytes]]:
    found = [
        (b"x-rate-limit", str(budget.limit).encode()),
        (b"x-rate-limit-remaining", str(budget.remaining).encode()),
        (b"ratelimit-reset", str(budget.resets_in_s).encode()),
    ]
    return [*found, (b"retry-after", str(budget.resets_in_s).encode())] if budget.is_used_up else found


def _plain_path(path: str) -> str:
    """The path without a closing slash and without `.json`, which the routes know nothing of."""
    return path.rstrip("/").removesuffix(".json") or "/"
