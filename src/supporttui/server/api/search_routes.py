"""`/api/v2/search` and `/api/v2/views`: finding tickets by words and properties, and by conditions with a name."""

from typing import Any, Final

from sqlalchemy import Connection, Select, func, or_, select

from supporttui.server import tickets
from supporttui.server.api.paging import SIZE_MAX, is_descending, offset_fields, offset_of, parse_number
from supporttui.server.api.parameters import INCLUDE, NUMBER, OFFSET_PAGING, SORT_ORDER, one_of, query
from supporttui.server.api.request_handling import RequestContext
from supporttui.server.api.routing import read
from supporttui.server.api.search_terms import SearchInvalid, SearchTerm, condition_of, parse_terms
from supporttui.server.api.serializers import serialize_tickets
from supporttui.server.api.ticket_routes import sideloads
from supporttui.server.api_errors import BadRequest, RecordNotFound
from supporttui.server.schema import tickets as table
from supporttui.zendesk_api.responses import (
    FoundTicket,
    PageMeta,
    SearchPage,
    TicketsPage,
    ZendeskTicket,
)
from supporttui.zendesk_api.views import View, ViewsPage

_SORTED_BY: Final = ("created_at", "updated_at", "status", "priority", "ticket_type")
_SORT_TERMS: Final = {"order_by": "sort_by", "sort": "sort_order"}
_PARAMETERS: Final = (
    query("query"),
    query("filter[type]", one_of("ticket")),
    *OFFSET_PAGING,
    query("sort_by", one_of(*_SORTED_BY, "relevance")),
    SORT_ORDER,
    INCLUDE,
)

_VIEWS: Final = {
    1: ("Your unsolved tickets", "assignee:me status<solved"),
    2: ("Unassigned tickets", "assignee:none status<solved"),
    3: ("All unsolved tickets", "status<solved"),
    4: ("Pending tickets", "status:pending"),
    5: ("Solved tickets", "status:solved status:closed"),
}
"""Title and search by id, in their order. They are the same for everybody; nobody makes others."""


@read(
    "/api/v2/views",
    ViewsPage,
    parameters=(query("active", one_of("true", "false")), query("page[size]", NUMBER)),
    agents_only=True,
)
def list_views(context: RequestContext, connection: Connection) -> ViewsPage:
    """The views, for agents."""
    parse_number(context.query, "page[size]", SIZE_MAX, SIZE_MAX)
    active = context.query.get("active", "true")
    if active not in ("true", "false"):
        raise BadRequest("active is true or false")
    shown = [] if active == "false" else [*_VIEWS]
    views = [
        View(id=number, url=f"{context.base_url}/api/v2/views/{number}.json", title=_VIEWS[number][0], position=number)
        for number in shown
    ]
    return ViewsPage(views=views, count=len(views), meta=PageMeta(has_more=False))


@read(
    "/api/v2/views/{view_id}/tickets",
    TicketsPage,
    parameters=(*OFFSET_PAGING, query("sort_by", one_of(*_SORTED_BY)), SORT_ORDER, INCLUDE),
    errors=(404,),
    agents_only=True,
)
def list_view_tickets(context: RequestContext, connection: Connection, view_id: int) -> TicketsPage:
    """The tickets of a view, the newest first unless sorted otherwise; for agents."""
    if view_id not in _VIEWS:
        raise RecordNotFound
    terms = parse_terms(_VIEWS[view_id][1])
    shown, fields = _page_of(context, connection, terms)
    return TicketsPage(tickets=shown, **fields)


@read("/api/v2/search", SearchPage, parameters=_PARAMETERS, errors=(422,), agents_only=True)
def search_tickets(context: RequestContext, connection: Connection) -> SearchPage:
    """Tickets that fit a query, the newest first unless sorted otherwise; for agents."""
    terms = parse_terms(context.query.get("query", ""))
    if "filter[type]" in context.query:
        terms.append(SearchTerm(context.query["filter[type]"], "type"))
    shown, fields = _page_of(context, connection, terms)
    return SearchPage(results=[_as_found(each) for each in shown], **fields)


def _page_of(
    context: RequestContext, connection: Connection, terms: list[SearchTerm]
) -> tuple[list[ZendeskTicket], dict[str, Any]]:
    """The tickets of the requested page, and the other fields of the response."""
    page, size = offset_of(context.query)
    found = _found(context, terms)
    count = connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()
    rows = connection.execute(_sorted(found, context, terms).limit(size).offset((page - 1) * size)).mappings().all()
    shown = serialize_tickets(connection, context.actor, rows, context.base_url)
    fields = offset_fields(context.query, context.url, page, size, count)
    return shown, {**fields, **sideloads(connection, context, rows)}


def _found(context: RequestContext, terms: list[SearchTerm]) -> Select[Any]:
    """The tickets that match all terms; of several terms for one property, any may match."""
    found: Select[Any] = tickets.visible_to(context.actor)
    alternatives: dict[str, list[Any]] = {}
    for term in terms:
        if term.property in _SORT_TERMS:
            continue
        condition = condition_of(context.actor, term)
        if term.property is None or term.is_negated or term.operator != ":":
            found = found.where(condition)
        else:
            alternatives.setdefault(term.property, []).append(condition)
    for conditions in alternatives.values():
        found = found.where(or_(*conditions))
    return found


def _sorted(found: Select[Any], context: RequestContext, terms: list[SearchTerm]) -> Select[Any]:
    """Sort as the parameters or the search text ask for. Raises SearchInvalid, BadRequest."""
    in_text = {_SORT_TERMS[term.property]: term.value for term in terms if term.property in _SORT_TERMS}
    name = context.query.get("sort_by") or in_text.get("sort_by") or "created_at"
    is_down = is_descending({"sort_order": context.query.get("sort_order") or in_text.get("sort_order") or "desc"})
    if name not in _SORTED_BY and name != "relevance":
        raise SearchInvalid(f"sort_by {name}; use one of {', '.join(_SORTED_BY)}")
    column = table.c["type" if name == "ticket_type" else "created_at" if name == "relevance" else name]
    return found.order_by(*(each.desc() if is_down else each.asc() for each in (column, table.c.id)))


def _as_found(ticket: Any) -> FoundTicket:  # noqa: ANN401 - a Ticket, taken apart field by field
    return FoundTicket(**{name: getattr(ticket, name) for name in type(ticket).__struct_fields__})
