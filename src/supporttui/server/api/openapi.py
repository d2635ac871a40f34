"""The OpenAPI description, made from the routes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec

from supporttui import __version__
from supporttui.server.api.parameters import NUMBER
from supporttui.server.api.routing import ApiRoute
from supporttui.server.api_errors import ErrorResponse

_REF: Final = "#/components/schemas/{name}"
_COMMON_ERROR_STATUSES: Final = (400, 401, 421, 429, 431, 503)
"""The error statuses of every route: a parameter, the token, the Host header, a limit, the database."""
_TEXT_FORMS: Final = {
    "integer": {"type": "string", "pattern": "^[1-9][0-9]{0,17}$"},
    "boolean": {"enum": ["true", "false"]},
}
_ID_MAX: Final = 2**63 - 1


def describe_api(routes: Sequence[ApiRoute]) -> dict[str, Any]:
    """Return the description of every route."""
    responses = [route.response for route in routes if isinstance(route.response, type)]
    bodies = [route.body for route in routes if isinstance(route.body, type)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "supporttui",
            "version": __version__,
            "description": "The Zendesk Support API v2 in part, with a stream of changes. Paths may end in .json.",
        },
        "security": [{"bearer": []}, {"basic": []}],
        "paths": _paths(routes),
        "components": {
            "schemas": {**_lenient(_schemas(bodies)), **_closed(responses)},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic", "description": "EMAIL/token and the token"},
            },
        },
    }


def _paths(routes: Iterable[ApiRoute]) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for route in routes:
        found.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return found


def _operation(route: ApiRoute) -> dict[str, Any]:
    parameters = [*_path_parameters(route.path), *route.parameters]
    errors = {*(_COMMON_ERROR_STATUSES if route.needs_token else ()), *route.errors}
    described: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        **({"parameters": parameters} if parameters else {}),
        "responses": {
            str(route.status): _success_response(route),
            **{str(status): _error_response(status) for status in sorted(errors)},
        },
    }
    if route.body is not None:
        described["requestBody"] = {"required": True, "content": _content(route.body)}
    if not route.needs_token:
        described["security"] = []
    return described


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"\{(\w+)\}", path):
        is_id = name.endswith("_id")
        schema = {**NUMBER, "maximum": _ID_MAX} if is_id else {"type": "string", "pattern": "^[0-9a-f]{32}$"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _success_response(route: ApiRoute) -> dict[str, Any]:
    described: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if route.headers:
        described["headers"] = dict(route.headers)
    return described if route.response is None else {**described, "content": _content(route.response)}


def _error_response(status: int) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, "content": _content(ErrorResponse)}


def _content(kind: type | str) -> dict[str, Any]:
    if isinstance(kind, str):
        return {kind: {"schema": {"type": "object"} if "json" in kind else {"type": "string", "format": "binary"}}}
    return {"application/json": {"schema": {"$ref": _REF.format(name=kind.__name__)}}}


def _schemas(kinds: Iterable[type]) -> dict[str, Any]:
    _, found = msgspec.json.schema_components(dict.fromkeys(kinds), ref_template=_REF)
    return dict(found)


def _lenient(schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of bodies as `BodyReader` accepts them: ids and flags also as strings, null for left out."""
    for schema in schemas.values():
        required = schema.get("required", ())
        schema["additionalProperties"] = False
        for name, property_schema in schema["properties"].items():
            forms = [*property_schema.pop("anyOf", ()), dict(property_schema)]
            forms = [form for form in forms if form.keys() - {"default", "description"}]
            if not forms:
                continue  # any JSON value
            texts = [_TEXT_FORMS[form["type"]] for form in forms if form.get("type") in _TEXT_FORMS]
            nulls = [] if name in required else [{"type": "null"}]
            schema["properties"][name] = {"anyOf": [*forms, *texts, *nulls]}
    return schemas


def _closed(kinds: Iterable[type]) -> dict[str, Any]:
    """Return the schemas of responses: no additional fields, every field required unless it is omitted when empty."""
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
    """Return these types and all structs nested in them."""
    found: set[type[msgspec.Struct]] = set()
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in found:
            found.add(kind)
            waiting += [field.type for field in msgspec.structs.fields(kind)]
        waiting += getattr(kind, "__args__", ())
    return found
