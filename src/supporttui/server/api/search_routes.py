"""`/api/v2/search`: finding tickets by words and properties."""

from typing import Any, Final

from litestar import get
from sqlalchemy import Select, func, select

from supporttui.server import tickets
from supporttui.server.api.paging import is_descending, offset_fields, offset_of
from supporttui.server.api.request_handling import (
    ApiRequest,
    JsonResponse,
    RequestContext,
    agent_request_context,
    json_response,
    threaded,
)
from supporttui.server.api.search_terms import SearchInvalid, SearchTerm, condition_of, parse_terms
from supporttui.server.api.serializers import serialize_tickets
from supporttui.server.api.ticket_routes import sideloads
from supporttui.server.schema import tickets as table
from supporttui.zendesk_api.responses import FoundTicket, SearchPage

_SORTED_BY: Final = ("created_at", "updated_at", "status", "priority", "ticket_type")
_SORT_TERMS: Final = {"order_by": "sort_by", "sort": "sort_order"}


@get("/api/v2/search")
@threaded
def search_tickets(request: ApiRequest) -> JsonResponse:
    """Tickets that fit a query, the newest first unless sorted otherwise; for agents."""
    call = agent_request_context(request)
    terms = parse_terms(call.asked.get("query", ""))
    page, size = offset_of(call.asked)
    with call.desk.read() as connection:
        query = _found(call, terms)
        count = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        rows = connection.execute(_sorted(query, call, terms).limit(size).offset((page - 1) * size)).mappings().all()
        shown = [_as_found(each) for each in serialize_tickets(connection, call.actor, rows, call.base)]
        fields = offset_fields(call.asked, call.address, page, size, count)
        return json_response(SearchPage(results=shown, **fields, **sideloads(connection, call, rows)))


def _found(call: RequestContext, terms: list[SearchTerm]) -> Select[Any]:
    """The tickets that fit all terms; terms for one property fit if any of them does."""
    query: Select[Any] = tickets.visible_to(call.actor)
    alternatives: dict[str, list[Any]] = {}
    for term in terms:
        if term.property in _SORT_TERMS:
            continue
        condition = condition_of(call.actor, term)
        if term.property is None or term.is_negated or term.operator != ":":
            query = query.where(condition)
        else:
            alternatives.setdefault(term.property, []).append(condition)
    for conditions in alternatives.values():
        found = conditions[0]
        for condition in conditions[1:]:
            found = found | condition
        query = query.where(found)
    return query


def _sorted(query: Select[Any], call: RequestContext, terms: list[SearchTerm]) -> Select[Any]:
    """The order that the parameters ask for, or the query itself. Raises SearchInvalid, BadRequest."""
    said = {_SORT_TERMS[term.property]: term.value for term in terms if term.property in _SORT_TERMS}
    name = call.asked.get("sort_by") or said.get("sort_by") or "created_at"
    is_down = is_descending({"sort_order": call.asked.get("sort_order") or said.get("sort_order") or "desc"})
    if name not in _SORTED_BY and name != "relevance":
        raise SearchInvalid(f"sort_by {name}; use one of {', '.join(_SORTED_BY)}")
    column = table.c["type" if name == "ticket_type" else "created_at" if name == "relevance" else name]
    return query.order_by(*(each.desc() if is_down else each.asc() for each in (column, table.c.id)))


def _as_found(ticket: Any) -> FoundTicket:  # noqa: ANN401 - a Ticket, taken apart field by field
    return FoundTicket(**{name: getattr(ticket, name) for name in type(ticket).__struct_fields__})
