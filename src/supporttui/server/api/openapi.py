"""The OpenAPI description, from the routes and from a table of what each takes and returns."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from msgspec import Struct

from supporttui import __version__
from supporttui.server.api.http_middleware import HEALTH_PATH
from supporttui.server.api_errors import ErrorResponse
from supporttui.zendesk_api import request_bodies, responses
from supporttui.zendesk_api.extensions import DeskSummary, Health

Json = Mapping[str, Any]
BYTES: Final = "application/octet-stream"
STREAM: Final = "text/event-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteDescription:
    """One route: what it takes, what it answers, and how it may refuse beside what every route may."""

    gives: type[Struct] | str | None
    """A JSON answer, the type of an answer that is none, or None for an answer without content."""
    status: int = 200
    takes: type[Struct] | str | None = None
    parameters: tuple[Json, ...] = ()
    refuses: tuple[int, ...] = ()


def _query(name: str, schema: Json, *, is_required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": is_required, "schema": schema}


def _one_of(*words: str) -> Json:
    return {"type": "string", "enum": list(words)}


_NUMBER: Final[Json] = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
_TEXT: Final[Json] = {"type": "string", "pattern": "^[^\\x00]*$"}
_IDS: Final = _query("ids", {"type": "string", "pattern": "^([0-9]{1,18}(,[0-9]{1,18}){0,99})?$"})
_OFFSET: Final = (_query("page", _NUMBER), _query("per_page", _NUMBER))
_ROLE: Final = _one_of("end-user", "agent", "admin")
_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_INCLUDE: Final = _query("include", _TEXT)


def _listed(*names: str) -> tuple[Json, ...]:
    """The parameters of a listing that can be sorted by these."""
    signed = [f"{sign}{name}" for name in names for sign in ("", "-")]
    cursor = (_query("page[size]", _NUMBER), _query("page[after]", _TEXT), _query("page[before]", _TEXT))
    order = (_query("sort", _one_of(*signed)), _query("sort_by", _one_of(*names)))
    return (*_OFFSET, *cursor, *order, _query("sort_order", _one_of("asc", "desc")))


_TICKETS: Final = _listed("id", "created_at", "updated_at", "status")
_BY_ID: Final = _listed("id", "created_at")
_USERS: Final = _listed("id", "created_at", "updated_at", "name")
_WRITES: Final = (403, 413, 422)

ROUTE_DESCRIPTIONS: Final[Mapping[str, RouteDescription]] = {
    "list_tickets": RouteDescription(gives=responses.TicketsPage, parameters=(*_TICKETS, _INCLUDE)),
    "show_many_tickets": RouteDescription(gives=responses.TicketsPage, parameters=(_IDS, _INCLUDE)),
    "count_tickets": RouteDescription(gives=responses.OneCount),
    "show_ticket": RouteDescription(gives=responses.OneTicket, parameters=(_INCLUDE,), refuses=(404,)),
    "show_metrics": RouteDescription(gives=responses.OneMetricSet, refuses=(403, 404)),
    "create_ticket": RouteDescription(
        gives=responses.OneTicket, status=201, takes=request_bodies.TicketRequest, parameters=(_KEY,), refuses=_WRITES
    ),
    "update_ticket": RouteDescription(
        gives=responses.OneTicket, takes=request_bodies.TicketRequest, parameters=(_KEY,), refuses=(*_WRITES, 404, 409)
    ),
    "delete_ticket": RouteDescription(gives=None, status=204, parameters=(_KEY,), refuses=(403, 404)),
    "list_comments": RouteDescription(gives=responses.CommentsPage, parameters=(*_BY_ID, _INCLUDE), refuses=(404,)),
    "list_audits": RouteDescription(gives=responses.AuditsPage, parameters=(*_BY_ID, _INCLUDE), refuses=(403, 404)),
    "show_audit": RouteDescription(gives=responses.OneAudit, refuses=(403, 404)),
    "list_requests": RouteDescription(gives=responses.RequestsPage, parameters=_TICKETS),
    "show_request": RouteDescription(gives=responses.OneRequest, refuses=(404,)),
    "list_request_comments": RouteDescription(gives=responses.CommentsPage, parameters=_BY_ID, refuses=(404,)),
    "show_request_comment": RouteDescription(gives=responses.OneComment, refuses=(404,)),
    "create_request": RouteDescription(
        gives=responses.OneRequest, status=201, takes=request_bodies.RequestRequest, parameters=(_KEY,), refuses=_WRITES
    ),
    "update_request": RouteDescription(
        gives=responses.OneRequest,
        takes=request_bodies.RequestRequest,
        parameters=(_KEY,),
        refuses=(*_WRITES, 404, 409),
    ),
    "show_me": RouteDescription(gives=responses.OneUser),
    "list_users": RouteDescription(
        gives=responses.UsersPage,
        parameters=(*_USERS, _query("role", _ROLE), _query("role[]", {"type": "array", "items": _ROLE})),
        refuses=(403,),
    ),
    "search_users": RouteDescription(
        gives=responses.UsersPage,
        parameters=(*_USERS, _query("query", _TEXT), _query("external_id", _TEXT)),
        refuses=(403,),
    ),
    "show_many_users": RouteDescription(gives=responses.UsersPage, parameters=(_IDS,), refuses=(403,)),
    "show_user": RouteDescription(gives=responses.OneUser, refuses=(403, 404)),
    "create_user": RouteDescription(
        gives=responses.OneUser, status=201, takes=request_bodies.UserRequest, parameters=(_KEY,), refuses=_WRITES
    ),
    "create_or_update_user": RouteDescription(
        gives=responses.OneUser, takes=request_bodies.UserRequest, parameters=(_KEY,), refuses=_WRITES
    ),
    "update_user": RouteDescription(
        gives=responses.OneUser, takes=request_bodies.UserRequest, parameters=(_KEY,), refuses=(*_WRITES, 404)
    ),
    "list_groups": RouteDescription(
        gives=responses.GroupsPage, parameters=_listed("id", "created_at", "updated_at"), refuses=(403,)
    ),
    "show_group": RouteDescription(gives=responses.OneGroup, refuses=(403, 404)),
    "create_upload": RouteDescription(
        gives=responses.OneUpload,
        status=201,
        takes=BYTES,
        parameters=(_query("filename", {**_TEXT, "minLength": 1}, is_required=True), _query("token", _TEXT), _KEY),
        refuses=(413, 422),
    ),
    "show_attachment": RouteDescription(gives=responses.OneAttachment, refuses=(404,)),
    "download": RouteDescription(gives=BYTES, refuses=(404,)),
    "export_tickets": RouteDescription(
        gives=responses.IncrementalTickets,
        parameters=(
            _query("start_time", {"type": "integer", "minimum": 0, "maximum": 99_999_999_999}),
            _query("cursor", _TEXT),
            _query("per_page", _NUMBER),
            _INCLUDE,
        ),
        refuses=(403,),
    ),
    "search_tickets": RouteDescription(
        gives=responses.SearchPage,
        parameters=(
            _query("query", _TEXT),
            *_OFFSET,
            _query("sort_by", _one_of("created_at", "updated_at", "status", "priority", "ticket_type", "relevance")),
            _query("sort_order", _one_of("asc", "desc")),
            _INCLUDE,
        ),
        refuses=(403, 422),
    ),
    "show_health": RouteDescription(gives=Health),
    "show_desk": RouteDescription(gives=DeskSummary),
    "show_description": RouteDescription(gives="application/json"),
    "stream_events": RouteDescription(
        gives=STREAM, parameters=(_query("after", {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}),)
    ),
}


_REF: Final = "#/components/schemas/{name}"
_COMMON_ERROR_STATUSES: Final = (400, 401, 421, 429, 431, 503)
"""How every route may refuse: a parameter, the token, the name of the host, too much of something, the database."""
_ID_MAX: Final = 2**63 - 1


def describe_api(app: Litestar) -> dict[str, Any]:
    """The description of every route. Raises KeyError where one is not in the table."""
    given = [told.gives for told in ROUTE_DESCRIPTIONS.values() if isinstance(told.gives, type)]
    taken = [told.takes for told in ROUTE_DESCRIPTIONS.values() if isinstance(told.takes, type)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "supporttui",
            "version": __version__,
            "description": "The Zendesk Support API v2 in part, with a stream of changes. Paths may end in .json.",
        },
        "security": [{"bearer": []}, {"basic": []}],
        "paths": _paths(app),
        "components": {
            "schemas": {**_schemas(taken), **_closed(given)},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic", "description": "EMAIL/token and the token"},
            },
        },
    }


def _paths(app: Litestar) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for route, method, handler in _handlers(app):
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
        told = ROUTE_DESCRIPTIONS[handler.handler_name.rpartition(".")[2]]
        found.setdefault(path, {})[method.lower()] = _operation(path, handler, told)
    return found


def _handlers(app: Litestar) -> Iterator[tuple[HTTPRoute, str, HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in sorted(handler.http_methods - {"OPTIONS"}):
                    yield route, str(method), handler


def _operation(path: str, handler: HTTPRouteHandler, told: RouteDescription) -> dict[str, Any]:
    own = {"parameters": [*_path_parameters(path), *told.parameters]} if told.parameters or "{" in path else {}
    refusals = () if path == HEALTH_PATH else _COMMON_ERROR_STATUSES
    described: dict[str, Any] = {
        "operationId": handler.handler_name.rpartition(".")[2],
        "summary": (handler.fn.__doc__ or "").partition("\n")[0],
        **own,
        "responses": {
            str(told.status): _success_response(told),
            **{str(status): _error_response(status) for status in sorted({*refusals, *told.refuses})},
        },
    }
    if told.takes is not None:
        described["requestBody"] = {"required": True, "content": _content(told.takes)}
    if path == HEALTH_PATH:
        described["security"] = []
    return described


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"\{(\w+)\}", path):
        is_id = name.endswith("_id")
        number = {"type": "integer", "minimum": 1, "maximum": _ID_MAX}
        schema = number if is_id else {"type": "string", "pattern": "^[0-9a-f]{32}$"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _success_response(told: RouteDescription) -> dict[str, Any]:
    described: dict[str, Any] = {"description": HTTPStatus(told.status).phrase}
    return described if told.gives is None else {**described, "content": _content(told.gives)}


def _error_response(status: int) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, "content": _content(ErrorResponse)}


def _content(kind: type | str) -> dict[str, Any]:
    if isinstance(kind, str):
        return {kind: {"schema": {"type": "object"} if "json" in kind else {"type": "string", "format": "binary"}}}
    return {"application/json": {"schema": {"$ref": _REF.format(name=kind.__name__)}}}


def _schemas(kinds: Iterable[type]) -> dict[str, Any]:
    _, found = msgspec.json.schema_components(dict.fromkeys(kinds), ref_template=_REF)
    return dict(found)


def _closed(kinds: Iterable[type]) -> dict[str, Any]:
    """The schemas of answers: they have no other fields, and all that are not left out where they hold nothing."""
    found = _schemas((*kinds, ErrorResponse))
    for kind in _structs((*kinds, ErrorResponse)):
        schema = found[kind.__name__]
        schema["additionalProperties"] = False
        schema["required"] = [field.encode_name for field in _always_there(kind)]
    return found


def _always_there(kind: type[msgspec.Struct]) -> Iterator[Any]:
    omits = kind.__struct_config__.omit_defaults
    for field in msgspec.structs.fields(kind):
        may_be_unset = msgspec.UnsetType in getattr(field.type, "__args__", ())
        if field.required or not (omits or may_be_unset):
            yield field


def _structs(kinds: Iterable[Any]) -> set[type[msgspec.Struct]]:
    """All structs that these are made of."""
    found: set[type[msgspec.Struct]] = set()
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in found:
            found.add(kind)
            waiting += [field.type for field in msgspec.structs.fields(kind)]
        waiting += getattr(kind, "__args__", ())
    return found
