"""The steps common to all routes: parse the request, run its change once per idempotency key, respond."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from anyio import to_thread
from sqlalchemy import Connection, delete, insert, select
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from supporttui.server.api_errors import (
    ApiError,
    BadRequest,
    EndpointNotFound,
    IdempotencyKeyReused,
    RecordNotFound,
    RequestTooLarge,
)
from supporttui.server.desk import Desk
from supporttui.server.people import Actor
from supporttui.server.schema import idempotency
from supporttui.zendesk_api.extensions import EVENT_HEADER

IDEMPOTENCY_KEY_TTL: Final = timedelta(hours=24)
IDEMPOTENCY_KEY_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that has an idempotency key."""

    user_id: int
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The response to the first request with a key."""

    status: int
    body: bytes


def fingerprint(*parts: bytes) -> str:
    """Return a hash of a request, to compare it with a later one."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def load_stored_response(connection: Connection, request: KeyedRequest, now: datetime) -> StoredResponse | None:
    """Return the stored response to this request, if any. Raises IdempotencyKeyReused if the key is another's."""
    connection.execute(delete(idempotency).where(idempotency.c.created_at < now - IDEMPOTENCY_KEY_TTL))
    found = connection.execute(
        select(idempotency).where(idempotency.c.user_id == request.user_id, idempotency.c.key == request.key)
    ).one_or_none()
    if found is None:
        return None
    if found.request_hash != request.fingerprint:
        raise IdempotencyKeyReused
    return StoredResponse(found.status, found.body)


def save_stored_response(connection: Connection, request: KeyedRequest, answer: StoredResponse, now: datetime) -> None:
    """Store a response for repeated requests."""
    connection.execute(
        insert(idempotency).values(
            user_id=request.user_id,
            key=request.key,
            request_hash=request.fingerprint,
            status=answer.status,
            body=answer.body,
            created_at=now,
        )
    )


JSON_TYPE: Final = "application/json; charset=utf-8"
JSON_MAX_BYTES: Final = 1 << 20
_ID_END: Final = 2**63


@dataclass(frozen=True, slots=True)
class AnnouncedChange:
    """The response to a change, with the event of the stream that announces the change."""

    content: msgspec.Struct | None
    event_id: int | None = None
    """None if the caller must not know it."""


WriteAction = Callable[[Connection], msgspec.Struct | AnnouncedChange | None]


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request: the desk, the person, the time and the parameters."""

    desk: Desk
    actor: Actor
    now: datetime
    base_url: str
    """The address by which the client reached the desk, without a trailing slash."""
    path: str
    query: QueryParams
    """The query parameters; as a mapping, it has the last value of each."""

    @property
    def url(self) -> str:
        """The route's own address, without parameters."""
        return f"{self.base_url}{self.path}.json"

    @property
    def included(self) -> frozenset[str]:
        """What `include` asks for beside the resource itself."""
        return frozenset(self.query.get("include", "").split(","))


def read_request_context(request: Request, desk: Desk) -> RequestContext:
    """Return the request as handlers use it. Raises BadRequest."""
    query = request.query_params
    if any("\0" in text for pair in query.multi_items() for text in pair):
        raise BadRequest("parameters must not hold NUL characters")
    base_url = f"{request.scope['scheme']}://{request.headers['host']}"
    return RequestContext(desk, request.state.actor, desk.now(), base_url, request.scope["path"], query)


def parse_path_values(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the path's parameters; those that end in `_id` as numbers. Raises EndpointNotFound, RecordNotFound."""
    return {name: _parse_id(text) if name.endswith("_id") else text for name, text in values.items()}


def _parse_id(text: str) -> int:
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise EndpointNotFound
    if len(text) > len(str(_ID_END)) or not 0 < int(text) < _ID_END:
        raise RecordNotFound
    return int(text)


async def read_body(request: Request) -> bytes:
    """Return the request's body. Raises RequestTooLarge, and ClientDisconnect if it does not arrive completely."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > JSON_MAX_BYTES:
            raise RequestTooLarge(JSON_MAX_BYTES)
    return bytes(content)


def json_response(content: msgspec.Struct | None, status: int = 200) -> Response:
    """Return a struct as JSON, or a response without content."""
    return _encoded_response(_encode(content), status)


def error_response(error: ApiError, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error's response."""
    return Response(error.body(), error.status, headers, JSON_TYPE)


async def run_in_writer_thread(desk: Desk, save: Callable[[], Response]) -> Response:
    """Run a change in a worker thread. Changes queue before they take one, so that reads find threads free."""
    borrower = object()
    await desk.writers.acquire_on_behalf_of(borrower)
    try:
        return await to_thread.run_sync(save)
    finally:
        desk.writers.release_on_behalf_of(borrower)


def run_write(
    request: Request, context: RequestContext, body: bytes, action: WriteAction, status: int = 200
) -> Response:
    """Run a change in one transaction, and wake the subscribers.

    A request with a known idempotency key changes nothing and gets the first response again. Raises BadRequest,
    IdempotencyKeyReused, and what the action raises.
    """
    keyed = keyed_request_of(request, context.actor, body)
    with context.desk.write() as connection:
        stored = load_stored_response(connection, keyed, context.now) if keyed is not None else None
        if stored is not None:
            return _encoded_response(stored.body, stored.status, lookup="hit")
        made = action(connection)
        change = made if isinstance(made, AnnouncedChange) else AnnouncedChange(made)
        content = _encode(change.content)
        if keyed is not None:
            save_stored_response(connection, keyed, StoredResponse(status, content), context.now)
    context.desk.notifier.wake()
    response = _encoded_response(content, status, lookup=None if keyed is None else "miss")
    if change.event_id is not None:
        response.headers[EVENT_HEADER] = str(change.event_id)
    return response


def keyed_request_of(request: Request, actor: Actor, body: bytes) -> KeyedRequest | None:
    """Return the request with its idempotency key; None if it has no key. Raises BadRequest."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not (0 < len(key) <= IDEMPOTENCY_KEY_MAX and key.isascii() and key.isprintable() and " " not in key):
        raise BadRequest(
            f"Idempotency-Key is not valid: it has to have 1 to {IDEMPOTENCY_KEY_MAX} visible characters of ASCII"
        )
    query = request.scope["query_string"]
    digest = fingerprint(request.method.encode(), request.scope["path"].encode(), query, body)
    return KeyedRequest(actor.id, key, digest)


def _encode(content: msgspec.Struct | None) -> bytes:
    return b"" if content is None else msgspec.json.encode(content)


def _encoded_response(body: bytes, status: int, lookup: str | None = None) -> Response:
    headers = {} if lookup is None else {"X-Idempotency-Lookup": lookup}
    return Response(body, status, headers, JSON_TYPE if body else None)
