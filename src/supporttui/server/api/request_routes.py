"""`/api/v2/requests`: tickets as their requester sees and changes them. Agents act here as the requesters they are."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import UNSET
from sqlalchemy import ColumnElement, Connection, RowMapping, Select

from supporttui.domain.ticket import Role
from supporttui.server import tickets
from supporttui.server.api.conversation_routes import COMMENT_LISTING, COMMENT_SORTING, find_one
from supporttui.server.api.other_fields import CHANGED_REQUEST, NEW_REQUEST
from supporttui.server.api.paging import fetch_page
from supporttui.server.api.parameters import INLINE_IMAGES, query
from supporttui.server.api.request_handling import RequestContext
from supporttui.server.api.routing import read, write
from supporttui.server.api.search_terms import SearchInvalid, condition_for_requester, parse_terms
from supporttui.server.api.serializers import serialize_authors, serialize_requests
from supporttui.server.api.ticket_routes import TICKET_LISTING, TICKET_SORTING
from supporttui.server.api_errors import BadRequest, RecordInvalid
from supporttui.server.conversation import serialize_comments, visible_comments
from supporttui.server.people import Actor, load_people
from supporttui.server.schema import comments
from supporttui.server.schema import tickets as table
from supporttui.server.ticket_fields import parse_new_ticket, parse_request_update
from supporttui.zendesk_api.request_bodies import RequestRequest, TicketInput
from supporttui.zendesk_api.requests import OneRequest, RequestsPage, ZendeskRequest
from supporttui.zendesk_api.responses import CommentsPage, OneComment
from supporttui.zendesk_api.words import TICKET_STATUSES

_READ_ONLY: Final = (
    *("subject", "raw_subject", "status", "priority", "type", "assignee_id", "group_id", "requester_id"),
    *("external_id", "tags"),
)
"""Properties that requesters can read and only agents can change."""

_SOLVED: Final = ("solved", "closed")
_STATUSES: Final = query(
    "status", {"type": "string", "pattern": f"^({'|'.join(TICKET_STATUSES)})(,({'|'.join(TICKET_STATUSES)}))*$"}
)


@read("/api/v2/requests", RequestsPage, parameters=(*TICKET_LISTING, _STATUSES))
def list_requests(context: RequestContext, connection: Connection) -> RequestsPage:
    """The caller's own tickets, as their requester sees them."""
    if "status" not in context.query:
        return _requests(context, connection)
    wanted = context.query["status"].split(",")
    if not set(wanted) <= set(TICKET_STATUSES):
        raise BadRequest(f"status is not valid: use some of {', '.join(TICKET_STATUSES)}, with commas between them")
    return _requests(context, connection, table.c.status.in_(wanted))


@read("/api/v2/requests/open", RequestsPage, parameters=TICKET_LISTING)
def list_open_requests(context: RequestContext, connection: Connection) -> RequestsPage:
    """The caller's own tickets that are not solved."""
    return _requests(context, connection, table.c.status.not_in(_SOLVED))


@read("/api/v2/requests/solved", RequestsPage, parameters=TICKET_LISTING)
def list_solved_requests(context: RequestContext, connection: Connection) -> RequestsPage:
    """The caller's own tickets that are solved, for good or not."""
    return _requests(context, connection, table.c.status.in_(_SOLVED))


@read("/api/v2/requests/search", RequestsPage, parameters=(*TICKET_LISTING, query("query")), errors=(422,))
def search_requests(context: RequestContext, connection: Connection) -> RequestsPage:
    """The caller's own tickets that have all of these words in what is public of them."""
    terms = parse_terms(context.query.get("query", ""))
    if not terms:
        raise SearchInvalid("query: is empty; say which words to look for")
    return _requests(context, connection, *(condition_for_requester(term) for term in terms))


@read("/api/v2/requests/{ticket_id}", OneRequest, errors=(404,))
def show_request(context: RequestContext, connection: Connection, ticket_id: int) -> OneRequest:
    """One of the caller's own tickets."""
    return _one_request(connection, context, ticket_id)


@read(
    "/api/v2/requests/{ticket_id}/comments", CommentsPage, parameters=(*COMMENT_LISTING, INLINE_IMAGES), errors=(404,)
)
def list_request_comments(context: RequestContext, connection: Connection, ticket_id: int) -> CommentsPage:
    """The public comments on one of the caller's own tickets, with their authors."""
    found = _comments_of(connection, context, ticket_id)
    page = fetch_page(connection, found, COMMENT_SORTING, context.query, context.url)
    shown = serialize_comments(connection, page.rows, context.base_url)
    people = load_people(connection, _author_ids(page.rows))
    return CommentsPage(
        comments=shown, users=serialize_authors(people, _as_requester(context), context.base_url), **page.fields
    )


@read("/api/v2/requests/{ticket_id}/comments/{comment_id}", OneComment, errors=(404,))
def show_request_comment(
    context: RequestContext, connection: Connection, ticket_id: int, comment_id: int
) -> OneComment:
    """One public comment on one of the caller's own tickets."""
    rows = find_one(connection, _comments_of(connection, context, ticket_id), comments.c.id, comment_id)
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


def _check_read_back(shown: ZendeskRequest, sent: TicketInput) -> None:
    """Raise RecordInvalid if a requester would change a property; its present value is allowed."""
    known = {"raw_subject": shown.subject}
    for name in _READ_ONLY:
        value = getattr(sent, name)
        if value not in (UNSET, None, "", [], known.get(name, getattr(shown, name, None))):
            raise RecordInvalid(name, f"request.{name}: cannot be set here, and would be lost; leave it out")


def _requests(context: RequestContext, connection: Connection, *wanted: ColumnElement[bool]) -> RequestsPage:
    found = tickets.visible_to(_as_requester(context)).where(*wanted)
    page = fetch_page(connection, found, TICKET_SORTING, context.query, context.url)
    return RequestsPage(requests=serialize_requests(page.rows, context.base_url), **page.fields)


def _comments_of(connection: Connection, context: RequestContext, ticket_id: int) -> Select[Any]:
    """Return the public comments on one of the caller's own tickets. Raises RecordNotFound."""
    me = _as_requester(context)
    tickets.find_ticket(connection, me, ticket_id)
    found: Select[Any] = visible_comments(me, ticket_id)
    return found


def _author_ids(rows: Iterable[RowMapping]) -> list[int]:
    return [row["author_id"] for row in rows]


def _one_request(connection: Connection, context: RequestContext, ticket_id: int) -> OneRequest:
    row = tickets.find_ticket(connection, _as_requester(context), ticket_id)
    return OneRequest(request=serialize_requests([row], context.base_url)[0])


def _as_requester(context: RequestContext) -> Actor:
    """Return the caller with the rights of an end user, whatever their role is."""
    return Actor(context.actor.id, Role.END_USER)
