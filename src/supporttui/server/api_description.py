"""The description of the API in OpenAPI's form, made from the routes and from the types that they answer."""

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from supporttui import __version__
from supporttui.server.api_table import ROUTES_TOLD, Told
from supporttui.server.edge import HEALTH_PATH
from supporttui.server.refusals import Refused

_REF: Final = "#/components/schemas/{name}"
_ANYBODY_REFUSED: Final = (400, 401, 421, 429, 431, 503)
"""How every route may refuse: a parameter, the token, the name of the host, too much of something, the database."""
_ID_MAX: Final = 2**63 - 1


def describe(app: Litestar) -> dict[str, Any]:
    """The description of every route. Raises KeyError where one is not in the table."""
    given = [told.gives for told in ROUTES_TOLD.values() if isinstance(told.gives, type)]
    taken = [told.takes for told in ROUTES_TOLD.values() if isinstance(told.takes, type)]
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
        told = ROUTES_TOLD[handler.handler_name.rpartition(".")[2]]
        found.setdefault(path, {})[method.lower()] = _operation(path, handler, told)
    return found


def _handlers(app: Litestar) -> Iterator[tuple[HTTPRoute, str, HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in sorted(handler.http_methods - {"OPTIONS"}):
                    yield route, str(method), handler


def _operation(path: str, handler: HTTPRouteHandler, told: Told) -> dict[str, Any]:
    own = {"parameters": [*_path_parameters(path), *told.parameters]} if told.parameters or "{" in path else {}
    refusals = () if path == HEALTH_PATH else _ANYBODY_REFUSED
    described: dict[str, Any] = {
        "operationId": handler.handler_name.rpartition(".")[2],
        "summary": (handler.fn.__doc__ or "").partition("\n")[0],
        **own,
        "responses": {
            str(told.status): _answer(told),
            **{str(status): _refusal(status) for status in sorted({*refusals, *told.refuses})},
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


def _answer(told: Told) -> dict[str, Any]:
    described: dict[str, Any] = {"description": HTTPStatus(told.status).phrase}
    return described if told.gives is None else {**described, "content": _content(told.gives)}


def _refusal(status: int) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, "content": _content(Refused)}


def _content(kind: type | str) -> dict[str, Any]:
    if isinstance(kind, str):
        return {kind: {"schema": {"type": "object"} if "json" in kind else {"type": "string", "format": "binary"}}}
    return {"application/json": {"schema": {"$ref": _REF.format(name=kind.__name__)}}}


def _schemas(kinds: Iterable[type]) -> dict[str, Any]:
    _, found = msgspec.json.schema_components(dict.fromkeys(kinds), ref_template=_REF)
    return dict(found)


def _closed(kinds: Iterable[type]) -> dict[str, Any]:
    """The schemas of answers: they have no other fields, and all that are not left out where they hold nothing."""
    found = _schemas((*kinds, Refused))
    for kind in _structs((*kinds, Refused)):
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
