"""What every route does with a request: read it, run its change once per idempotency key, respond."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import Any, Final, ParamSpec, TypeVar

import msgspec
from anyio import to_thread
from litestar import Request, Response
from litestar.datastructures import State
from sqlalchemy import Connection, delete, insert, select

from supporttui.server.api_errors import BadRequest, IdempotencyKeyReused, NotPermitted, RecordInvalid
from supporttui.server.desk import Desk
from supporttui.server.people import Actor
from supporttui.server.schema import idempotency

IDEMPOTENCY_KEY_TTL: Final = timedelta(hours=24)
IDEMPOTENCY_KEY_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request with a key of its sender's."""

    user_id: int
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """What was answered the first time."""

    status: int
    body: bytes


def fingerprint(*parts: bytes) -> str:
    """What tells one request from another."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def load_stored_response(connection: Connection, request: KeyedRequest, now: datetime) -> StoredResponse | None:
    """What this request was answered before. Raises KeyReused where its key belongs to another one."""
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
    """Keep an answer for its request's repetitions."""
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
T = TypeVar("T")
P = ParamSpec("P")
ApiRequest = Request[Any, Any, State]
JsonResponse = Response[bytes]
WriteAction = Callable[[Connection, datetime], msgspec.Struct]


def threaded(route: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Run a route in a worker thread, since it waits for the database.

    litestar's own `sync_to_thread` breaks where two routes share a path (observed on 2.25).
    """

    @wraps(route)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return await to_thread.run_sync(partial(route, *args, **kwargs))

    return run


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request: to which desk, from whom, and with what parameters."""

    desk: Desk
    actor: Actor
    base: str
    """The address by which the caller reached the desk, without a closing slash."""
    path: str
    asked: dict[str, str]
    """The query's parameters; of those given twice, the last."""

    @property
    def address(self) -> str:
        """The route's own address, without parameters."""
        return f"{self.base}{self.path}.json"

    @property
    def included(self) -> frozenset[str]:
        """What is to be sent along."""
        return frozenset(self.asked.get("include", "").split(","))


def read_request_context(request: ApiRequest) -> RequestContext:
    """The request as the routes see it. Raises BadRequest."""
    asked = dict(request.query_params.multi_items())
    if any("\0" in text for text in (*asked, *asked.values())):
        raise BadRequest("parameters must not hold NUL characters")
    base = f"{request.scope['scheme']}://{request.headers['host']}"
    return RequestContext(request.app.state.desk, request.scope["state"]["actor"], base, request.scope["path"], asked)


def agent_request_context(request: ApiRequest) -> RequestContext:
    """The same for routes that are the agents' only. Raises NotPermitted."""
    call = read_request_context(request)
    if not call.actor.is_agent:
        raise NotPermitted
    return call


def json_response(content: msgspec.Struct, status: int = 200) -> JsonResponse:
    """A struct as JSON."""
    return _encoded_response(msgspec.json.encode(content), status)


def parse_body(body: bytes, kind: type[T]) -> T:
    """A request's JSON. Raises BadRequest, or RecordInvalid for text that not every database can hold."""
    try:
        parsed = msgspec.json.decode(body, type=kind)
        if b"\\u0000" in body and _has_nul(msgspec.json.decode(body)):
            raise RecordInvalid("base", "Text must not hold NUL characters; remove them and send it again")
    except msgspec.ValidationError as problem:
        raise BadRequest(str(problem)) from problem
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise BadRequest(f"The body is not JSON that can be read: {problem}", "Unprocessable Entity") from problem
    return parsed


def run_write(
    request: ApiRequest, body: bytes, act: WriteAction, status: int = 200, call: RequestContext | None = None
) -> JsonResponse:
    """Make a change in one transaction and answer with what it returns; a repeated key gets the first answer again."""
    call = call or read_request_context(request)
    keyed = keyed_request_of(request, call.actor, body)
    now = call.desk.now()
    with call.desk.write() as connection:
        kept = load_stored_response(connection, keyed, now) if keyed is not None else None
        if kept is not None:
            return _encoded_response(kept.body, kept.status, lookup="hit")
        content = msgspec.json.encode(act(connection, now))
        if keyed is not None:
            save_stored_response(connection, keyed, StoredResponse(status, content), now)
    call.desk.notifier.wake()
    return _encoded_response(content, status, lookup=None if keyed is None else "miss")


def keyed_request_of(request: ApiRequest, actor: Actor, body: bytes) -> KeyedRequest | None:
    """The request's idempotency key, if it has one. Raises BadRequest."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not (0 < len(key) <= IDEMPOTENCY_KEY_MAX and key.isascii() and key.isprintable() and " " not in key):
        raise BadRequest(
            f"Idempotency-Key is not valid: it has to have 1 to {IDEMPOTENCY_KEY_MAX} visible characters of ASCII"
        )
    query = request.scope["query_string"]
    told = fingerprint(request.method.encode(), request.scope["path"].encode(), query, body)
    return KeyedRequest(actor.id, key, told)


def _encoded_response(body: bytes, status: int, lookup: str | None = None) -> JsonResponse:
    headers = {} if lookup is None else {"X-Idempotency-Lookup": lookup}
    return Response(body, status_code=status, media_type=JSON_TYPE, headers=headers)


def _has_nul(value: Any) -> bool:  # noqa: ANN401 - decoded JSON
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(each) for each in (*value, *value.values()))
    return isinstance(value, list) and any(_has_nul(each) for each in value)
