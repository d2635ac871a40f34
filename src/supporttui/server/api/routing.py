"""Routes: decorators that declare what each handler takes and returns, and the ASGI endpoint of a path."""

import errno
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from anyio import to_thread
from msgspec import Struct
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from supporttui.server.api.body_reader import BodyReader, OtherFields
from supporttui.server.api.parameters import IDEMPOTENCY_KEY, Json
from supporttui.server.api.request_handling import (
    AnnouncedChange,
    RequestContext,
    error_response,
    json_response,
    parse_path_values,
    read_body,
    read_request_context,
    run_in_writer_thread,
    run_write,
)
from supporttui.server.api_errors import (
    ApiError,
    BadRequest,
    DiskFull,
    EndpointNotFound,
    InternalError,
    MethodNotAllowed,
    NotPermitted,
    ServiceUnavailable,
    UnsupportedMediaType,
)
from supporttui.server.desk import Desk

BYTES: Final = "application/octet-stream"
STREAM: Final = "text/event-stream"
_DISK_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_log = logging.getLogger("supporttui.server")

ReadHandler = Callable[..., Struct | Response]
WriteHandler = Callable[..., Struct | AnnouncedChange | None]
AsyncHandler = Callable[[Request, Desk], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRoute:
    """One method of one path: how it is handled, and its OpenAPI description."""

    method: str
    path: str
    """With parameters in braces; those that end in `_id` are numbers."""
    name: str
    summary: str
    run: AsyncHandler
    response: type[Struct] | str | None
    """The type of a JSON response, the media type of another one, or None for a response without content."""
    status: int = 200
    body: type[Struct] | str | None = None
    parameters: tuple[Json, ...] = ()
    errors: tuple[int, ...] = ()
    """Error statuses in addition to those of every route."""
    needs_token: bool = True
    headers: Mapping[str, Json] = field(default_factory=dict)
    """Headers that a successful response may have, with their descriptions."""

    def check_parameters(self, names: Iterable[str]) -> None:
        """Raise BadRequest for a query parameter that the route does not know and would ignore."""
        known = [each["name"] for each in self.parameters if each["in"] == "query"]
        for name in names:
            if self.needs_token and name not in known:
                uses = f"use {', '.join(known)}" if known else "it takes none"
                raise BadRequest(f"{name[:100]} is not a parameter of this request; {uses}", "InvalidParameter")


def read(
    path: str,
    response: type[Struct] | str,
    *,
    parameters: tuple[Json, ...] = (),
    errors: tuple[int, ...] = (),
    agents_only: bool = False,
) -> Callable[[ReadHandler], ApiRoute]:
    """A GET route. Its handler gets the context, a connection and the path's values, in a worker thread."""

    def decorate(handler: ReadHandler) -> ApiRoute:
        return ApiRoute(
            method="GET",
            path=path,
            **_named(handler),
            run=partial(_run_read, handler, agents_only),
            response=response,
            parameters=parameters,
            errors=(403, *errors) if agents_only else errors,
        )

    return decorate


def write(
    method: str,
    path: str,
    response: type[Struct] | None,
    *,
    body: type[Struct] | None = None,
    others: OtherFields | None = None,
    status: int = 200,
    errors: tuple[int, ...] = (),
    agents_only: bool = False,
    headers: Mapping[str, Json] | None = None,
) -> Callable[[WriteHandler], ApiRoute]:
    """A route that changes something, once for each idempotency key; `others` are fields that its body may not have.

    Its handler gets the context, a connection, the parsed body if there is one, and the path's values. It runs in a
    worker thread and in one transaction, which is rolled back if it raises.
    """

    reader = BodyReader(body, others) if body is not None else None

    def decorate(handler: WriteHandler) -> ApiRoute:
        return ApiRoute(
            method=method,
            path=path,
            **_named(handler),
            run=partial(_run_write, handler, reader, status, agents_only),
            response=response,
            status=status,
            body=body,
            parameters=(IDEMPOTENCY_KEY,),
            errors=(403, *((413, 415, 422) if body else ()), *errors),
            headers=headers or {},
        )

    return decorate


def asynchronous(method: str, path: str, response: type[Struct] | str, **described: Any) -> Callable[..., ApiRoute]:  # noqa: ANN401 - fields of ApiRoute
    """A route whose handler gets the request itself and the desk, on the event loop."""

    def decorate(handler: AsyncHandler) -> ApiRoute:
        return ApiRoute(method=method, path=path, **_named(handler), run=handler, response=response, **described)

    return decorate


def _named(handler: Callable[..., Any]) -> dict[str, Any]:
    return {"name": handler.__name__, "summary": (handler.__doc__ or "").partition("\n")[0]}


def _context(request: Request, desk: Desk, agents_only: bool) -> RequestContext:
    context = read_request_context(request, desk)
    if agents_only and not context.actor.is_agent:
        raise NotPermitted
    return context


async def _run_read(handler: ReadHandler, agents_only: bool, request: Request, desk: Desk) -> Response:
    values = parse_path_values(request.path_params)

    def load() -> Response:
        context = _context(request, desk, agents_only)
        with desk.read() as connection:
            found = handler(context, connection, **values)
            return found if isinstance(found, Response) else json_response(found)

    return await to_thread.run_sync(load)


async def _run_write(
    handler: WriteHandler,
    reader: BodyReader[Any] | None,
    status: int,
    agents_only: bool,
    request: Request,
    desk: Desk,
) -> Response:
    values = parse_path_values(request.path_params)
    if reader is not None and not _is_json(request):
        raise UnsupportedMediaType
    content = await read_body(request) if reader is not None else b""

    def save() -> Response:
        context = _context(request, desk, agents_only)
        parsed = () if reader is None else (reader.read(content),)
        return run_write(
            request, context, content, lambda connection: handler(context, connection, *parsed, **values), status
        )

    return await run_in_writer_thread(desk, save)


def _is_json(request: Request) -> bool:
    """Whether the body is declared as JSON. Pages of other sites can send any other type, or none."""
    sent = request.headers.getlist("content-type")
    return len(sent) == 1 and sent[0].partition(";")[0].strip().lower() == "application/json"


class PathEndpoint:
    """The ASGI application of one path: finds the route for the method, and turns exceptions into responses."""

    def __init__(self, desk: Desk, routes: Iterable[ApiRoute]) -> None:
        self._desk = desk
        self.routes = {route.method: route for route in routes}
        self._allow = {"Allow": ", ".join(sorted((*self.routes, "OPTIONS")))}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=self._allow)
        route = self.routes.get(request.method)
        if route is None:
            return error_response(MethodNotAllowed(), self._allow)
        try:
            route.check_parameters(request.query_params)
            return await route.run(request, self._desk)
        except ApiError as error:
            return error_response(error)
        except ClientDisconnect:
            return error_response(BadRequest("the connection was closed before the request was complete"))
        except Exception as error:  # noqa: BLE001 - the edge of the process: the log has it, the response does not
            refusal = _storage_refusal(error)
            if refusal is None:
                _log.exception("%s failed", _line(request))
                return error_response(InternalError())
            _log.error("%s: %s", _line(request), getattr(error, "orig", None) or error)
            return error_response(refusal)


def _storage_refusal(error: Exception) -> ApiError | None:
    """Return the client's error for a failure of the database or the disk; None for any other exception."""
    if isinstance(error, OSError):
        return DiskFull() if error.errno in _DISK_FULL else None
    if not isinstance(error, SQLAlchemyError):
        return None
    if getattr(getattr(error, "orig", None), "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return DiskFull()
    return ServiceUnavailable("The desk's database does not work at the moment; try again in a moment.")


def _line(request: Request) -> str:
    return f"{request.method} {request.scope['path']}"


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond to a path that has no route."""
    await error_response(EndpointNotFound())(scope, receive, send)
