"""`/api/v2/tickets`: list, show, create and change tickets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import delete, get, post, put
from litestar.params import FromPath, RawBody
from msgspec import Struct
from sqlalchemy import Connection, RowMapping, func, select

from supporttui.server import tickets
from supporttui.server.api.paging import SIZE_MAX, Sorting, fetch_page
from supporttui.server.api.request_handling import (
    ApiRequest,
    JsonResponse,
    RequestContext,
    agent_request_context,
    json_response,
    parse_body,
    read_request_context,
    run_write,
    threaded,
)
from supporttui.server.api.serializers import (
    serialize_audits,
    serialize_metrics,
    serialize_people_of,
    serialize_ticket,
    serialize_tickets,
)
from supporttui.server.api_errors import BadRequest
from supporttui.server.schema import audits
from supporttui.server.schema import tickets as table
from supporttui.server.ticket_fields import parse_new_ticket, parse_update
from supporttui.server.ticket_metrics import metric_set
from supporttui.zendesk_api.request_bodies import TicketRequest
from supporttui.zendesk_api.responses import Count, OneCount, OneMetricSet, OneTicket, TicketsPage

TICKET_SORTING = Sorting(
    table, {"id": "id", "created_at": "created_at", "updated_at": "updated_at", "status": "status"}
)


@get("/api/v2/tickets")
@threaded
def list_tickets(request: ApiRequest) -> JsonResponse:
    """All tickets that the caller may see."""
    call = read_request_context(request)
    with call.desk.read() as connection:
        query = tickets.visible_to(call.actor)
        page = fetch_page(connection, query, TICKET_SORTING, call.asked, call.address)
        shown = serialize_tickets(connection, call.actor, page.rows, call.base)
        return json_response(TicketsPage(tickets=shown, **page.fields, **sideloads(connection, call, page.rows)))


@get("/api/v2/tickets/show_many")
@threaded
def show_many_tickets(request: ApiRequest) -> JsonResponse:
    """Tickets by their ids; those that are not there, or not for the caller, are left out."""
    call = read_request_context(request)
    ids = parse_ids(call.asked.get("ids", ""))
    with call.desk.read() as connection:
        query = tickets.visible_to(call.actor).where(table.c.id.in_(ids)).order_by(table.c.id)
        rows = connection.execute(query).mappings().all()
        shown = serialize_tickets(connection, call.actor, rows, call.base)
        more = sideloads(connection, call, rows)
        return json_response(TicketsPage(tickets=shown, count=len(rows), next_page=None, previous_page=None, **more))


@get("/api/v2/tickets/count")
@threaded
def count_tickets(request: ApiRequest) -> JsonResponse:
    """How many tickets the caller may see."""
    call = read_request_context(request)
    with call.desk.read() as connection:
        query = tickets.visible_to(call.actor).subquery()
        value = connection.execute(select(func.count()).select_from(query)).scalar_one()
        return json_response(OneCount(count=Count(value=value, refreshed_at=call.desk.now().replace(microsecond=0))))


@get("/api/v2/tickets/{ticket_id:int}")
@threaded
def show_ticket(request: ApiRequest, ticket_id: FromPath[int]) -> JsonResponse:
    """One ticket."""
    call = read_request_context(request)
    with call.desk.read() as connection:
        row = tickets.find_ticket(connection, call.actor, ticket_id)
        shown = OneTicket(ticket=serialize_ticket(connection, call.actor, row, call.base))
        if "users" in call.included:
            shown.users = serialize_people_of(connection, call.actor, [row], call.base)
        if "metric_sets" in call.included and call.actor.is_agent:
            shown.ticket.metric_set = metric_set(row, call.desk.now(), call.base)
        return json_response(shown)


@get("/api/v2/tickets/{ticket_id:int}/metrics")
@threaded
def show_metrics(request: ApiRequest, ticket_id: FromPath[int]) -> JsonResponse:
    """One ticket's figures; for agents only, since they tell of internal notes."""
    call = agent_request_context(request)
    with call.desk.read() as connection:
        row = tickets.find_ticket(connection, call.actor, ticket_id)
        return json_response(OneMetricSet(ticket_metric=metric_set(row, call.desk.now(), call.base)))


@post("/api/v2/tickets")
@threaded
def create_ticket(request: ApiRequest, body: RawBody) -> JsonResponse:
    """Create a ticket."""
    call = read_request_context(request)
    sent = parse_body(body, TicketRequest).ticket

    def act(connection: Connection, now: datetime) -> Struct:
        fields = parse_new_ticket(connection, call.actor, sent, now)
        ticket_id = tickets.create_ticket(connection, call.actor.id, fields, now, policy=call.desk.policy)
        return changed_ticket(connection, call, ticket_id)

    return run_write(request, body, act, status=201)


@put("/api/v2/tickets/{ticket_id:int}")
@threaded
def update_ticket(request: ApiRequest, ticket_id: FromPath[int], body: RawBody) -> JsonResponse:
    """Change a ticket, comment on it, or both."""
    call = read_request_context(request)
    sent = parse_body(body, TicketRequest).ticket

    def act(connection: Connection, now: datetime) -> Struct:
        tickets.find_ticket(connection, call.actor, ticket_id)
        fields = parse_update(connection, call.actor, sent, now)
        tickets.update_ticket(connection, call.actor.id, ticket_id, fields, now, policy=call.desk.policy)
        return changed_ticket(connection, call, ticket_id)

    return run_write(request, body, act)


@delete("/api/v2/tickets/{ticket_id:int}", status_code=204)
@threaded
def delete_ticket(request: ApiRequest, ticket_id: FromPath[int]) -> None:
    """Take a ticket away; it stays in the incremental export, as deleted."""
    call = agent_request_context(request)

    def act(connection: Connection, now: datetime) -> Struct:
        tickets.delete_ticket(connection, call.actor.id, ticket_id, now)
        return Nothing()

    run_write(request, b"", act)


class Nothing(Struct):
    """An answer without content."""


def changed_ticket(connection: Connection, call: RequestContext, ticket_id: int) -> Struct:
    """The answer to a change: the ticket, and for agents the audit."""
    row = tickets.find_ticket(connection, call.actor, ticket_id)
    shown = OneTicket(ticket=serialize_ticket(connection, call.actor, row, call.base))
    if call.actor.is_agent:
        query = select(audits).where(audits.c.ticket_id == ticket_id).order_by(audits.c.id.desc()).limit(1)
        newest = connection.execute(query).mappings().all()
        shown.audit = serialize_audits(connection, newest, call.base)[0]
    return shown


def sideloads(connection: Connection, call: RequestContext, rows: Sequence[RowMapping]) -> dict[str, Any]:
    """What the caller wants beside a list of tickets."""
    found: dict[str, Any] = {}
    if "users" in call.included:
        found["users"] = serialize_people_of(connection, call.actor, rows, call.base)
    if "metric_sets" in call.included:
        found["metric_sets"] = serialize_metrics(call.actor, rows, call.desk.now(), call.base)
    return found


def parse_ids(text: str) -> list[int]:
    """Ids between commas. Raises BadRequest."""
    parts = [part for part in text.split(",") if part]
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise BadRequest("ids is not valid: it has to be ids between commas")
    if len(parts) > SIZE_MAX:
        raise BadRequest(f"ids is not valid: there may be up to {SIZE_MAX}", "TooManyValues")
    return [int(part) for part in parts]
