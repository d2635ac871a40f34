"""Query and header parameters, as the OpenAPI description states them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

Json = Mapping[str, Any]

NUMBER: Final[Json] = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
NOT_NEGATIVE: Final[Json] = {**NUMBER, "minimum": 0}
TEXT: Final[Json] = {"type": "string", "pattern": "^[^\\x00]*$"}


def query(name: str, schema: Json = TEXT, *, is_required: bool = False) -> Json:
    """A query parameter."""
    return {"name": name, "in": "query", "required": is_required, "schema": schema}


def one_of(*words: str) -> Json:
    """Return the schema of a parameter that takes one of these words."""
    return {"type": "string", "enum": list(words)}


IDS: Final = query("ids", {"type": "string", "pattern": "^([0-9]{1,18}(,[0-9]{1,18}){0,99})?$"})
INCLUDE: Final = query("include")
INLINE_IMAGES: Final = query("include_inline_images", {"type": "string", "enum": ["true", "false"]})
"""Has no effect: this desk keeps all files as attachments."""
OFFSET_PAGING: Final = (query("page", NUMBER), query("per_page", NUMBER))
SORT_ORDER: Final = query("sort_order", one_of("asc", "desc"))
IDEMPOTENCY_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


def listing(names: Iterable[str]) -> tuple[Json, ...]:
    """Return the parameters of a listing that can be sorted by these names."""
    names = tuple(names)
    signed = [f"{sign}{name}" for name in names for sign in ("", "-")]
    cursor = (query("page[size]", NUMBER), query("page[after]"), query("page[before]"))
    return (*OFFSET_PAGING, *cursor, query("sort", one_of(*signed)), query("sort_by", one_of(*names)), SORT_ORDER)
