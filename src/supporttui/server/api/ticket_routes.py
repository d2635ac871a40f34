"""`/api/v2/tickets`: list, show, create and change tickets."""

import uuid
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, func, select

from supporttui.server import tickets
from supporttui.server.api.other_fields import CHANGED_TICKET, MERGE, NEW_TICKET
from supporttui.server.api.paging import SIZE_MAX, Sorting, fetch_page
from supporttui.server.api.parameters import IDS, INCLUDE, NUMBER, listing, query
from supporttui.server.api.request_handling import AnnouncedChange, RequestContext
from supporttui.server.api.routing import read, write
from supporttui.server.api.serializers import (
    serialize_audits,
    serialize_metrics,
    serialize_organizations_of,
    serialize_people_of,
    serialize_ticket,
    serialize_tickets,
)
from supporttui.server.api_errors import BadRequest
from supporttui.server.merging import merge_tickets
from supporttui.server.schema import audits
from supporttui.server.schema import tickets as table
from supporttui.server.ticket_fields import parse_new_ticket, parse_update
from supporttui.server.ticket_metrics import metric_set
from supporttui.zendesk_api.extensions import EVENT_HEADER
from supporttui.zendesk_api.merging import JobStatus, MergeRequest, OneJobStatus
from supporttui.zendesk_api.request_bodies import TicketRequest
from supporttui.zendesk_api.responses import Count, OneCount, OneMetricSet, OneTicket, TicketsPage

TICKET_SORTING = Sorting(
    table, {"id": "id", "created_at": "created_at", "updated_at": "updated_at", "status": "status"}
)
EVENT: Final = {EVENT_HEADER: {"description": "The event that announces this change.", "schema": NUMBER}}
TICKET_LISTING = listing(TICKET_SORTING.columns)


@read("/api/v2/tickets", TicketsPage, parameters=(*TICKET_LISTING, query("external_id"), INCLUDE), agents_only=True)
def list_tickets(context: RequestContext, connection: Connection) -> TicketsPage:
    """All tickets, or those with an external id; for agents."""
    found = tickets.visible_to(context.actor)
    if "external_id" in context.query:
        found = found.where(table.c.external_id == context.query["external_id"])
    page = fetch_page(connection, found, TICKET_SORTING, context.query, context.url)
    shown = serialize_tickets(connection, context.actor, page.rows, context.base_url)
    return TicketsPage(tickets=shown, **page.fields, **sideloads(connection, context, page.rows))


@read("/api/v2/tickets/show_many", TicketsPage, parameters=(IDS, INCLUDE), agents_only=True)
def show_many_tickets(context: RequestContext, connection: Connection) -> TicketsPage:
    """Tickets by their ids, for agents; those that are not there are left out."""
    ids = parse_ids(context.query.get("ids", ""))
    found = tickets.visible_to(context.actor).where(table.c.id.in_(ids)).order_by(table.c.id)
    rows = connection.execute(found).mappings().all()
    shown = serialize_tickets(connection, context.actor, rows, context.base_url)
    more = sideloads(connection, context, rows)
    return TicketsPage(tickets=shown, count=len(rows), next_page=None, previous_page=None, **more)


@read("/api/v2/tickets/count", OneCount, agents_only=True)
def count_tickets(context: RequestContext, connection: Connection) -> OneCount:
    """How many tickets there are, for agents."""
    visible = tickets.visible_to(context.actor).subquery()
    value = connection.execute(select(func.count()).select_from(visible)).scalar_one()
    return OneCount(count=Count(value=value, refreshed_at=context.now.replace(microsecond=0)))


@read("/api/v2/tickets/{ticket_id}", OneTicket, parameters=(INCLUDE,), errors=(404,), agents_only=True)
def show_ticket(context: RequestContext, connection: Connection, ticket_id: int) -> OneTicket:
    """One ticket, for agents."""
    row = tickets.find_ticket(connection, context.actor, ticket_id)
    shown = OneTicket(ticket=serialize_ticket(connection, context.actor, row, context.base_url))
    for name, people in people_beside(connection, context, [row]).items():
        setattr(shown, name, people)
    if "metric_sets" in context.included:
        shown.ticket.metric_set = metric_set(row, context.now, context.base_url)
    return shown


@read("/api/v2/tickets/{ticket_id}/metrics", OneMetricSet, errors=(404,), agents_only=True)
def show_metrics(context: RequestContext, connection: Connection, ticket_id: int) -> OneMetricSet:
    """One ticket's metrics; for agents only, since they count internal notes."""
    row = tickets.find_ticket(connection, context.actor, ticket_id)
    return OneMetricSet(ticket_metric=metric_set(row, context.now, context.base_url))


@read(
    "/api/v2/tickets/{ticket_id}/incidents",
    TicketsPage,
    parameters=(*TICKET_LISTING, INCLUDE),
    errors=(404,),
    agents_only=True,
)
def list_incidents(context: RequestContext, connection: Connection, ticket_id: int) -> TicketsPage:
    """List the incidents of a problem, for agents."""
    tickets.find_ticket(connection, context.actor, ticket_id)
    found = tickets.visible_to(context.actor).where(table.c.problem_id == ticket_id)
    page = fetch_page(connection, found, TICKET_SORTING, context.query, context.url)
    shown = serialize_tickets(connection, context.actor, page.rows, context.base_url)
    return TicketsPage(tickets=shown, **page.fields, **sideloads(connection, context, page.rows))


@write(
    "POST",
    "/api/v2/tickets",
    OneTicket,
    body=TicketRequest,
    others=NEW_TICKET,
    status=201,
    headers=EVENT,
    agents_only=True,
)
def create_ticket(context: RequestContext, connection: Connection, body: TicketRequest) -> AnnouncedChange:
    """Create a ticket, for agents."""
    fields = parse_new_ticket(connection, context.actor, body.ticket, context.now)
    ticket_id = tickets.create_ticket(connection, context.actor.id, fields, context.now, policy=context.desk.policy)
    return changed_ticket(connection, context, ticket_id)


@write(
    "PUT",
    "/api/v2/tickets/{ticket_id}",
    OneTicket,
    body=TicketRequest,
    others=CHANGED_TICKET,
    errors=(404, 409),
    headers=EVENT,
    agents_only=True,
)
def update_ticket(
    context: RequestContext, connection: Connection, body: TicketRequest, ticket_id: int
) -> AnnouncedChange:
    """Change a ticket, comment on it, or both; for agents."""
    tickets.find_ticket(connection, context.actor, ticket_id)
    fields = parse_update(connection, context.actor, body.ticket, context.now)
    tickets.update_ticket(connection, context.actor.id, ticket_id, fields, context.now, policy=context.desk.policy)
    return changed_ticket(connection, context, ticket_id)


@write("DELETE", "/api/v2/tickets/{ticket_id}", None, status=204, errors=(404,), agents_only=True)
def delete_ticket(context: RequestContext, connection: Connection, ticket_id: int) -> None:
    """Delete a ticket; it stays in the incremental export, as deleted."""
    tickets.delete_ticket(connection, context.actor.id, ticket_id, context.now)


@write(
    "POST",
    "/api/v2/tickets/{ticket_id}/merge",
    OneJobStatus,
    body=MergeRequest,
    others=MERGE,
    errors=(404,),
    agents_only=True,
)
def merge_into(context: RequestContext, connection: Connection, body: MergeRequest, ticket_id: int) -> OneJobStatus:
    """Merge tickets into another one, for agents; it is done when this is answered."""
    merge_tickets(connection, context.actor.id, ticket_id, body, context.now)
    merged = [{"id": each, "action": "merge", "status": "Merged", "success": True} for each in dict.fromkeys(body.ids)]
    total = len(merged)
    done = JobStatus(uuid.uuid4().hex, None, total, total, "completed", "Completed", merged)
    return OneJobStatus(job_status=done)


def changed_ticket(connection: Connection, context: RequestContext, ticket_id: int) -> AnnouncedChange:
    """Return the response to a change: the ticket, its audit, and the event that announces the change."""
    row = tickets.find_ticket(connection, context.actor, ticket_id)
    shown = OneTicket(ticket=serialize_ticket(connection, context.actor, row, context.base_url))
    last = select(audits).where(audits.c.ticket_id == ticket_id).order_by(audits.c.id.desc()).limit(1)
    newest = connection.execute(last).mappings().all()
    shown.audit = serialize_audits(connection, newest, context.base_url)[0]
    return AnnouncedChange(shown, row["change_id"])


def sideloads(connection: Connection, context: RequestContext, rows: Sequence[RowMapping]) -> dict[str, Any]:
    """Return what `include` asks for beside a list of tickets."""
    found = people_beside(connection, context, rows)
    if "metric_sets" in context.included:
        found["metric_sets"] = serialize_metrics(context.actor, rows, context.now, context.base_url)
    return found


def people_beside(connection: Connection, context: RequestContext, rows: Sequence[RowMapping]) -> dict[str, Any]:
    """Return the people of tickets and their organisations, if `include` asks for them."""
    found: dict[str, Any] = {}
    if not context.included & {"users", "organizations"}:
        return found
    people = serialize_people_of(connection, context.actor, rows, context.base_url)
    if "users" in context.included:
        found["users"] = people
    if "organizations" in context.included:
        found["organizations"] = serialize_organizations_of(connection, people, context.base_url)
    return found


def parse_ids(text: str) -> list[int]:
    """Parse ids separated by commas. Raises BadRequest."""
    parts = [part for part in text.split(",") if part]
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise BadRequest("ids is not valid: it has to be ids between commas")
    if len(parts) > SIZE_MAX:
        raise BadRequest(f"ids is not valid: there may be up to {SIZE_MAX}", "TooManyValues")
    return [int(part) for part in parts]
