"""Pagination of listings by cursor and by offset."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET
from sqlalchemy import Column, Connection, RowMapping, Select, Table, func, select, tuple_

from supporttui.server.api_errors import BadRequest
from supporttui.server.schema import Instant
from supporttui.zendesk_api.responses import PageLinks, PageMeta

SIZE_MAX: Final = 100
OFFSET_MAX: Final = 10_000
_CURSOR_PARAMETERS: Final = ("page[size]", "page[after]", "page[before]")


@dataclass(frozen=True, slots=True)
class Sorting:
    """The columns by which a table can be sorted, by their names in the API. The id breaks ties."""

    table: Table
    columns: Mapping[str, str]

    def column(self, name: str) -> Column[Any]:
        """Return the column for a name in the API. Raises BadRequest."""
        if name not in self.columns:
            raise BadRequest(
                f"sort is not valid: {name}; use one of {', '.join(self.columns)}", "InvalidPaginationParam"
            )
        return self.table.c[self.columns[name]]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """One page: its rows, and the response's paging fields."""

    rows: Sequence[RowMapping]
    fields: Mapping[str, Any]


def fetch_page(
    connection: Connection, query: Select[Any], sorting: Sorting, params: Mapping[str, str], url: str
) -> FoundPage:
    """Return the page of a query that the parameters ask for; `url` is the listing's URL without parameters.

    Raises BadRequest if a parameter is invalid, even one that the chosen kind of paging does not use.
    """
    page, _ = offset_of(params)
    is_descending(params)
    for given in (params.get("sort", "id").removeprefix("-"), params.get("sort_by", "id")):
        sorting.column(given)
    if any(name in params for name in _CURSOR_PARAMETERS):
        if page > 1:
            raise BadRequest("page does not go with page[size], page[after] or page[before]", "InvalidPaginationParam")
        return _by_cursor(connection, query, sorting, params, url)
    return _by_offset(connection, query, sorting, params, url)


def _by_cursor(
    connection: Connection, query: Select[Any], sorting: Sorting, params: Mapping[str, str], url: str
) -> FoundPage:
    size = parse_number(params, "page[size]" if "page[size]" in params else "per_page", SIZE_MAX, SIZE_MAX)
    column, is_down = _order_of(params, sorting)
    is_back = "page[before]" in params
    cursor = params.get("page[before]") or params.get("page[after]")
    columns = [column, sorting.table.c.id] if column.name != "id" else [column]
    wants_down = is_down != is_back
    if cursor:
        place = tuple_(*_decode(cursor, columns), types=[each.type for each in columns])
        here = tuple_(*columns)
        query = query.where(here < place if wants_down else here > place)
    order = [each.desc() if wants_down else each.asc() for each in columns]
    found = connection.execute(query.order_by(*order).limit(size + 1)).mappings().all()
    rows = list(reversed(found[:size])) if is_back else found[:size]
    return FoundPage(rows, _cursor_fields(rows, columns, params, url, has_more=len(found) > size, is_back=is_back))


def _cursor_fields(
    rows: Sequence[RowMapping],
    columns: Sequence[Column[Any]],
    params: Mapping[str, str],
    url: str,
    *,
    has_more: bool,
    is_back: bool,
) -> dict[str, Any]:
    """`meta` and `links`; a page that was requested backwards always has a next one."""
    after = _encode(rows[-1], columns) if rows else None
    before = _encode(rows[0], columns) if rows else None
    kept = {name: value for name, value in params.items() if name not in ("page[after]", "page[before]")}
    has_next = bool(rows) if is_back else has_more
    has_previous = has_more if is_back else bool(rows) and "page[after]" in params
    return {
        "meta": PageMeta(has_more=has_more, after_cursor=after, before_cursor=before),
        "links": PageLinks(
            next=f"{url}?{urlencode({**kept, 'page[after]': after})}" if has_next else None,
            prev=f"{url}?{urlencode({**kept, 'page[before]': before})}" if has_previous else None,
        ),
    }


def _by_offset(
    connection: Connection, query: Select[Any], sorting: Sorting, params: Mapping[str, str], url: str
) -> FoundPage:
    page, size = offset_of(params)
    column, is_down = _order_of(params, sorting)
    order = [each.desc() if is_down else each.asc() for each in (column, sorting.table.c.id)]
    rows = connection.execute(query.order_by(*order).limit(size).offset((page - 1) * size)).mappings().all()
    count = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    return FoundPage(rows, offset_fields(params, url, page, size, count))


def _order_of(params: Mapping[str, str], sorting: Sorting) -> tuple[Column[Any], bool]:
    """The column, and whether it descends: by `sort`, else by `sort_by` and `sort_order`. Raises BadRequest."""
    if "sort" in params:
        return sorting.column(params["sort"].removeprefix("-")), params["sort"].startswith("-")
    return sorting.column(params.get("sort_by", "id")), is_descending(params)


def offset_of(params: Mapping[str, str]) -> tuple[int, int]:
    """The page's number, from 1, and its size. Raises BadRequest."""
    page = parse_number(params, "page", 1, 2**31)
    size = parse_number(params, "per_page", SIZE_MAX, SIZE_MAX)
    if page * size > OFFSET_MAX:
        raise BadRequest(
            f"Number of requested records exceeds {OFFSET_MAX}; use cursor pagination: page[size] and page[after]",
            "OffsetPaginationLimitExceeded",
        )
    return page, size


def offset_fields(params: Mapping[str, str], url: str, page: int, size: int, count: int) -> dict[str, Any]:
    """`count`, `next_page` and `previous_page`."""
    return {
        "count": count,
        "next_page": f"{url}?{urlencode({**params, 'page': page + 1})}" if page * size < count else None,
        "previous_page": f"{url}?{urlencode({**params, 'page': page - 1})}" if page > 1 else None,
        "meta": UNSET,
        "links": UNSET,
    }


def is_descending(params: Mapping[str, str], default: str = "asc") -> bool:
    """Whether `sort_order` is descending. Raises BadRequest."""
    order = params.get("sort_order", default)
    if order not in ("asc", "desc"):
        raise BadRequest("sort_order is not valid: use asc or desc", "InvalidPaginationParam")
    return order == "desc"


def parse_number(params: Mapping[str, str], name: str, default: int, most: int) -> int:
    """Return a positive integer parameter, capped at `most`. Raises BadRequest."""
    text = params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 19) or int(text) < 1:
        raise BadRequest(f"{name} is not valid: it has to be a whole number from 1 on", "InvalidPaginationParam")
    return min(int(text), most)


def _encode(row: RowMapping, columns: Sequence[Column[Any]]) -> str:
    values = [row[column.name] for column in columns]
    plain = [int(value.timestamp()) if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(msgspec.json.encode(plain)).decode().rstrip("=")


def _decode(cursor: str, columns: Sequence[Column[Any]]) -> list[Any]:
    """Return a cursor's values for its columns. Raises BadRequest."""
    try:
        plain = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(plain, list) or len(plain) != len(columns):
            raise ValueError
        return [_decoded(value, column) for value, column in zip(plain, columns, strict=True)]
    except (ValueError, msgspec.DecodeError, RecursionError, OverflowError, OSError) as problem:
        raise BadRequest("the cursor is not valid; begin again without one", "InvalidPaginationParam") from problem


def _decoded(value: object, column: Column[Any]) -> object:
    """Return one value of a cursor in its column's type. Raises ValueError."""
    if isinstance(column.type, Instant):
        if type(value) is not int:
            raise ValueError
        return datetime.fromtimestamp(value).astimezone()
    expected = str if column.type.python_type is str else int
    if type(value) is not expected or (isinstance(value, int) and not abs(value) < 2**63):
        raise ValueError
    return value
