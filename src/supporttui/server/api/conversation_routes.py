"""Comments and audits of a ticket, and the requester's own view of it (`/api/v2/requests`)."""

from typing import Any, Final

from msgspec import UNSET
from sqlalchemy import Connection, RowMapping, select

from supporttui.domain.ticket import Role
from supporttui.server import tickets
from supporttui.server.api.other_fields import CHANGED_REQUEST, NEW_REQUEST
from supporttui.server.api.paging import Sorting, fetch_page
from supporttui.server.api.parameters import INCLUDE, INLINE_IMAGES, listing
from supporttui.server.api.request_handling import RequestContext
from supporttui.server.api.routing import read, write
from supporttui.server.api.serializers import serialize_audits, serialize_ticket, serialize_tickets, serialize_user
from supporttui.server.api.ticket_routes import TICKET_LISTING, TICKET_SORTING
from supporttui.server.api_errors import RecordInvalid, RecordNotFound
from supporttui.server.conversation import serialize_comments, visible_comments
from supporttui.server.people import Actor, load_people
from supporttui.server.schema import audits, comments
from supporttui.server.ticket_fields import parse_new_ticket, parse_request_update
from supporttui.zendesk_api.request_bodies import RequestRequest, TicketInput
from supporttui.zendesk_api.responses import (
    AuditsPage,
    CommentsPage,
    OneAudit,
    OneComment,
    OneRequest,
    RequestsPage,
    ZendeskTicket,
)

COMMENT_SORTING = Sorting(comments, {"id": "id", "created_at": "id"})
AUDIT_SORTING = Sorting(audits, {"id": "id", "created_at": "id"})
COMMENT_LISTING = listing(COMMENT_SORTING.columns)
AUDIT_LISTING = listing(AUDIT_SORTING.columns)
_READ_ONLY: Final = (
    *("subject", "raw_subject", "status", "priority", "type", "assignee_id", "group_id", "requester_id"),
    *("external_id", "tags"),
)
"""Properties that requesters read and agents change."""


@read(
    "/api/v2/tickets/{ticket_id}/comments",
    CommentsPage,
    parameters=(*COMMENT_LISTING, INCLUDE, INLINE_IMAGES),
    errors=(404,),
)
def list_comments(context: RequestContext, connection: Connection, ticket_id: int) -> CommentsPage:
    """A ticket's comments, oldest first; for end users the public ones."""
    return _comments(connection, context, ticket_id, is_request=False)


@read(
    "/api/v2/tickets/{ticket_id}/audits",
    AuditsPage,
    parameters=(*AUDIT_LISTING, INCLUDE),
    errors=(404,),
    agents_only=True,
)
def list_audits(context: RequestContext, connection: Connection, ticket_id: int) -> AuditsPage:
    """A ticket's audits, oldest first, for agents."""
    tickets.find_ticket(connection, context.actor, ticket_id)
    query = select(audits).where(audits.c.ticket_id == ticket_id)
    page = fetch_page(connection, query, AUDIT_SORTING, context.query, context.url)
    shown = serialize_audits(connection, page.rows, context.base_url)
    return AuditsPage(audits=shown, **page.fields, **_authors(connection, context, page.rows))


@read("/api/v2/tickets/{ticket_id}/audits/{audit_id}", OneAudit, errors=(404,), agents_only=True)
def show_audit(context: RequestContext, connection: Connection, ticket_id: int, audit_id: int) -> OneAudit:
    """One audit, for agents."""
    tickets.find_ticket(connection, context.actor, ticket_id)
    query = select(audits).where(audits.c.ticket_id == ticket_id)
    shown = serialize_audits(connection, _one(connection, query, audits.c.id, audit_id), context.base_url)
    return OneAudit(audit=shown[0])


@read("/api/v2/requests", RequestsPage, parameters=TICKET_LISTING)
def list_requests(context: RequestContext, connection: Connection) -> RequestsPage:
    """The caller's own tickets, as their requester sees them."""
    me = _as_requester(context)
    page = fetch_page(connection, tickets.visible_to(me), TICKET_SORTING, context.query, context.url)
    shown = serialize_tickets(connection, me, page.rows, context.base_url)
    return RequestsPage(requests=shown, **page.fields)


@read("/api/v2/requests/{ticket_id}", OneRequest, errors=(404,))
def show_request(context: RequestContext, connection: Connection, ticket_id: int) -> OneRequest:
    """One of the caller's own tickets."""
    return _one_request(connection, context, ticket_id)


@read(
    "/api/v2/requests/{ticket_id}/comments", CommentsPage, parameters=(*COMMENT_LISTING, INLINE_IMAGES), errors=(404,)
)
def list_request_comments(context: RequestContext, connection: Connection, ticket_id: int) -> CommentsPage:
    """The public comments on one of the caller's own tickets."""
    return _comments(connection, context, ticket_id, is_request=True)


@read("/api/v2/requests/{ticket_id}/comments/{comment_id}", OneComment, errors=(404,))
def show_request_comment(
    context: RequestContext, connection: Connection, ticket_id: int, comment_id: int
) -> OneComment:
    """One public comment on one of the caller's own tickets."""
    me = _as_requester(context)
    tickets.find_ticket(connection, me, ticket_id)
    rows = _one(connection, visible_comments(me, ticket_id), comments.c.id, comment_id)
    return OneComment(comment=serialize_comments(connection, rows, context.base_url)[0])


@write("POST", "/api/v2/requests", OneRequest, body=RequestRequest, others=NEW_REQUEST, status=201)
def create_request(context: RequestContext, connection: Connection, body: RequestRequest) -> OneRequest:
    """Submit a ticket in one's own name."""
    fields = parse_new_ticket(connection, _as_requester(context), body.request, context.now, context.actor)
    ticket_id = tickets.create_ticket(connection, context.actor.id, fields, context.now, policy=context.desk.policy)
    return _one_request(connection, context, ticket_id)


@write(
    "PUT", "/api/v2/requests/{ticket_id}", OneRequest, body=RequestRequest, others=CHANGED_REQUEST, errors=(404, 409)
)
def update_request(context: RequestContext, connection: Connection, body: RequestRequest, ticket_id: int) -> OneRequest:
    """Comment on one's own ticket, or mark it as solved."""
    _check_read_back(_one_request(connection, context, ticket_id).request, body.request)
    fields = parse_request_update(context.actor, body.request)
    tickets.update_ticket(connection, context.actor.id, ticket_id, fields, context.now, policy=context.desk.policy)
    return _one_request(connection, context, ticket_id)


def _check_read_back(shown: ZendeskTicket, sent: TicketInput) -> None:
    """Raise RecordInvalid for a property that a requester would change; sent back as it was read, it is none."""
    for name in _READ_ONLY:
        value = getattr(sent, name)
        if value not in (UNSET, None, "", [], getattr(shown, name)):
            raise RecordInvalid(name, f"request.{name}: cannot be set here, and would be lost; leave it out")


def _comments(connection: Connection, context: RequestContext, ticket_id: int, *, is_request: bool) -> CommentsPage:
    """A page of comments, with their authors where they were asked for, and always on a request."""
    actor = _as_requester(context) if is_request else context.actor
    tickets.find_ticket(connection, actor, ticket_id)
    page = fetch_page(connection, visible_comments(actor, ticket_id), COMMENT_SORTING, context.query, context.url)
    shown = serialize_comments(connection, page.rows, context.base_url)
    more = _authors(connection, context, page.rows, always=is_request)
    return CommentsPage(comments=shown, **page.fields, **more)


def _authors(connection: Connection, context: RequestContext, rows: Any, *, always: bool = False) -> dict[str, Any]:  # noqa: ANN401 - rows of a table
    """The authors of comments or audits, where they were asked for."""
    if not (always or "users" in context.included):
        return {}
    people = load_people(connection, (row["author_id"] for row in rows))
    return {"users": [serialize_user(person, context.actor, context.base_url) for person in people]}


def _one_request(connection: Connection, context: RequestContext, ticket_id: int) -> OneRequest:
    me = _as_requester(context)
    row = tickets.find_ticket(connection, me, ticket_id)
    return OneRequest(request=serialize_ticket(connection, me, row, context.base_url))


def _as_requester(context: RequestContext) -> Actor:
    """The caller with the rights of an end user, whatever their role is."""
    return Actor(context.actor.id, Role.END_USER)


def _one(connection: Connection, query: Any, column: Any, value: int) -> list[RowMapping]:  # noqa: ANN401 - of any table
    """The one row with an id. Raises RecordNotFound."""
    found = connection.execute(query.where(column == value)).mappings().all()
    if not found:
        raise RecordNotFound
    return list(found)
