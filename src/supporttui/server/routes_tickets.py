"""`/api/v2/tickets`: listing, showing, creating and changing tickets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import delete, get, post, put
from litestar.params import FromPath, RawBody
from msgspec import Struct
from sqlalchemy import Connection, RowMapping, func, select

from supporttui.helpdesks.zendesk.wire import Count, OneCount, OneMetricSet, OneTicket, TicketsPage
from supporttui.helpdesks.zendesk.wire_inputs import TicketRequest
from supporttui.server import tickets
from supporttui.server.answers import audit_answers, metric_answers, people_on, ticket_answer, ticket_answers
from supporttui.server.calls import (
    Answer,
    ApiRequest,
    Call,
    agent_call,
    answer,
    carry_out,
    parse_body,
    read_call,
    threaded,
)
from supporttui.server.inputs import parse_new_ticket, parse_update
from supporttui.server.metrics import metric_set
from supporttui.server.paging import SIZE_MAX, Sorting, fetch_page
from supporttui.server.refusals import BadRequest
from supporttui.server.schema import audits
from supporttui.server.schema import tickets as table

TICKET_SORTING = Sorting(
    table, {"id": "id", "created_at": "created_at", "updated_at": "updated_at", "status": "status"}
)


@get("/api/v2/tickets")
@threaded
def list_tickets(request: ApiRequest) -> Answer:
    """All tickets that the caller may see."""
    call = read_call(request)
    with call.desk.read() as connection:
        query = tickets.visible_to(call.actor)
        page = fetch_page(connection, query, TICKET_SORTING, call.asked, call.address)
        shown = ticket_answers(connection, call.actor, page.rows, call.base)
        return answer(TicketsPage(tickets=shown, **page.fields, **sideloads(connection, call, page.rows)))


@get("/api/v2/tickets/show_many")
@threaded
def show_many_tickets(request: ApiRequest) -> Answer:
    """Tickets by their ids; those that are not there, or not for the caller, are left out."""
    call = read_call(request)
    ids = parse_ids(call.asked.get("ids", ""))
    with call.desk.read() as connection:
        query = tickets.visible_to(call.actor).where(table.c.id.in_(ids)).order_by(table.c.id)
        rows = connection.execute(query).mappings().all()
        shown = ticket_answers(connection, call.actor, rows, call.base)
        more = sideloads(connection, call, rows)
        return answer(TicketsPage(tickets=shown, count=len(rows), next_page=None, previous_page=None, **more))


@get("/api/v2/tickets/count")
@threaded
def count_tickets(request: ApiRequest) -> Answer:
    """How many tickets the caller may see."""
    call = read_call(request)
    with call.desk.read() as connection:
        query = tickets.visible_to(call.actor).subquery()
        value = connection.execute(select(func.count()).select_from(query)).scalar_one()
        return answer(OneCount(count=Count(value=value, refreshed_at=call.desk.now().replace(microsecond=0))))


@get("/api/v2/tickets/{ticket_id:int}")
@threaded
def show_ticket(request: ApiRequest, ticket_id: FromPath[int]) -> Answer:
    """One ticket."""
    call = read_call(request)
    with call.desk.read() as connection:
        row = tickets.find_ticket(connection, call.actor, ticket_id)
        shown = OneTicket(ticket=ticket_answer(connection, call.actor, row, call.base))
        if "users" in call.included:
            shown.users = people_on(connection, call.actor, [row], call.base)
        if "metric_sets" in call.included and call.actor.is_agent:
            shown.ticket.metric_set = metric_set(row, call.desk.now(), call.base)
        return answer(shown)


@get("/api/v2/tickets/{ticket_id:int}/metrics")
@threaded
def show_metrics(request: ApiRequest, ticket_id: FromPath[int]) -> Answer:
    """One ticket's figures; for agents only, since they tell of internal notes."""
    call = agent_call(request)
    with call.desk.read() as connection:
        row = tickets.find_ticket(connection, call.actor, ticket_id)
        return answer(OneMetricSet(ticket_metric=metric_set(row, call.desk.now(), call.base)))


@post("/api/v2/tickets")
@threaded
def create_ticket(request: ApiRequest, body: RawBody) -> Answer:
    """Create a ticket."""
    call = read_call(request)
    sent = parse_body(body, TicketRequest).ticket

    def act(connection: Connection, now: datetime) -> Struct:
        fields = parse_new_ticket(connection, call.actor, sent, now)
        ticket_id = tickets.create_ticket(connection, call.actor.id, fields, now, policy=call.desk.policy)
        return changed_ticket(connection, call, ticket_id)

    return carry_out(request, body, act, status=201)


@put("/api/v2/tickets/{ticket_id:int}")
@threaded
def update_ticket(request: ApiRequest, ticket_id: FromPath[int], body: RawBody) -> Answer:
    """Change a ticket, comment on it, or both."""
    call = read_call(request)
    sent = parse_body(body, TicketRequest).ticket

    def act(connection: Connection, now: datetime) -> Struct:
        tickets.find_ticket(connection, call.actor, ticket_id)
        fields = parse_update(connection, call.actor, sent, now)
        tickets.update_ticket(connection, call.actor.id, ticket_id, fields, now, policy=call.desk.policy)
        return changed_ticket(connection, call, ticket_id)

    return carry_out(request, body, act)


@delete("/api/v2/tickets/{ticket_id:int}", status_code=204)
@threaded
def delete_ticket(request: ApiRequest, ticket_id: FromPath[int]) -> None:
    """Take a ticket away; it stays in the incremental export, as deleted."""
    call = agent_call(request)

    def act(connection: Connection, now: datetime) -> Struct:
        tickets.delete_ticket(connection, call.actor.id, ticket_id, now)
        return Nothing()

    carry_out(request, b"", act)


class Nothing(Struct):
    """An answer without content."""


def changed_ticket(connection: Connection, call: Call, ticket_id: int) -> Struct:
    """The answer to a change: the ticket, and for agents the audit."""
    row = tickets.find_ticket(connection, call.actor, ticket_id)
    shown = OneTicket(ticket=ticket_answer(connection, call.actor, row, call.base))
    if call.actor.is_agent:
        query = select(audits).where(audits.c.ticket_id == ticket_id).order_by(audits.c.id.desc()).limit(1)
        newest = connection.execute(query).mappings().all()
        shown.audit = audit_answers(connection, newest, call.base)[0]
    return shown


def sideloads(connection: Connection, call: Call, rows: Sequence[RowMapping]) -> dict[str, Any]:
    """What the caller wants beside a list of tickets."""
    found: dict[str, Any] = {}
    if "users" in call.included:
        found["users"] = people_on(connection, call.actor, rows, call.base)
    if "metric_sets" in call.included:
        found["metric_sets"] = metric_answers(call.actor, rows, call.desk.now(), call.base)
    return found


def parse_ids(text: str) -> list[int]:
    """Ids between commas. Raises BadRequest."""
    parts = [part for part in text.split(",") if part]
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise BadRequest("ids is not valid: it has to be ids between commas")
    if len(parts) > SIZE_MAX:
        raise BadRequest(f"ids is not valid: there may be up to {SIZE_MAX}", "TooManyValues")
    return [int(part) for part in parts]
