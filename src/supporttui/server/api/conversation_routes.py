"""Comments and audits of a ticket, and the requester's own view of it (`/api/v2/requests`)."""

from datetime import datetime
from typing import Any

from litestar import get, post, put
from litestar.params import FromPath, RawBody
from msgspec import Struct
from sqlalchemy import Connection, RowMapping, select

from supporttui.domain.ticket import Role
from supporttui.server import tickets
from supporttui.server.api.paging import Sorting, fetch_page
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
from supporttui.server.api.serializers import serialize_audits, serialize_ticket, serialize_tickets, serialize_user
from supporttui.server.api.ticket_routes import TICKET_SORTING
from supporttui.server.api_errors import RecordNotFound
from supporttui.server.conversation import serialize_comments, visible_comments
from supporttui.server.people import Actor, load_people
from supporttui.server.schema import audits, comments
from supporttui.server.ticket_fields import parse_new_ticket, parse_request_update
from supporttui.zendesk_api.request_bodies import RequestRequest
from supporttui.zendesk_api.responses import AuditsPage, CommentsPage, OneAudit, OneComment, OneRequest, RequestsPage

COMMENT_SORTING = Sorting(comments, {"id": "id", "created_at": "id"})
AUDIT_SORTING = Sorting(audits, {"id": "id", "created_at": "id"})


@get("/api/v2/tickets/{ticket_id:int}/comments")
@threaded
def list_comments(request: ApiRequest, ticket_id: FromPath[int]) -> JsonResponse:
    """A ticket's comments, oldest first; for end users the public ones."""
    return _comments(read_request_context(request), ticket_id, is_request=False)


@get("/api/v2/tickets/{ticket_id:int}/audits")
@threaded
def list_audits(request: ApiRequest, ticket_id: FromPath[int]) -> JsonResponse:
    """A ticket's audits, oldest first, for agents."""
    call = agent_request_context(request)
    with call.desk.read() as connection:
        tickets.find_ticket(connection, call.actor, ticket_id)
        query = select(audits).where(audits.c.ticket_id == ticket_id)
        page = fetch_page(connection, query, AUDIT_SORTING, call.asked, call.address)
        shown = serialize_audits(connection, page.rows, call.base)
        return json_response(AuditsPage(audits=shown, **page.fields, **_authors(connection, call, page.rows)))


@get("/api/v2/tickets/{ticket_id:int}/audits/{audit_id:int}")
@threaded
def show_audit(request: ApiRequest, ticket_id: FromPath[int], audit_id: FromPath[int]) -> JsonResponse:
    """One audit, for agents."""
    call = agent_request_context(request)
    with call.desk.read() as connection:
        tickets.find_ticket(connection, call.actor, ticket_id)
        query = select(audits).where(audits.c.ticket_id == ticket_id)
        shown = serialize_audits(connection, _one(connection, query, audits.c.id, audit_id), call.base)
        return json_response(OneAudit(audit=shown[0]))


@get("/api/v2/requests")
@threaded
def list_requests(request: ApiRequest) -> JsonResponse:
    """The caller's own tickets, as their requester sees them."""
    call = read_request_context(request)
    me = _as_requester(call)
    with call.desk.read() as connection:
        page = fetch_page(connection, tickets.visible_to(me), TICKET_SORTING, call.asked, call.address)
        shown = serialize_tickets(connection, me, page.rows, call.base)
        return json_response(RequestsPage(requests=shown, **page.fields))


@get("/api/v2/requests/{ticket_id:int}")
@threaded
def show_request(request: ApiRequest, ticket_id: FromPath[int]) -> JsonResponse:
    """One of the caller's own tickets."""
    call = read_request_context(request)
    with call.desk.read() as connection:
        return json_response(_request_answer(connection, call, ticket_id))


@get("/api/v2/requests/{ticket_id:int}/comments")
@threaded
def list_request_comments(request: ApiRequest, ticket_id: FromPath[int]) -> JsonResponse:
    """The public comments on one of the caller's own tickets."""
    return _comments(read_request_context(request), ticket_id, is_request=True)


@get("/api/v2/requests/{ticket_id:int}/comments/{comment_id:int}")
@threaded
def show_request_comment(request: ApiRequest, ticket_id: FromPath[int], comment_id: FromPath[int]) -> JsonResponse:
    """One public comment on one of the caller's own tickets."""
    call = read_request_context(request)
    me = _as_requester(call)
    with call.desk.read() as connection:
        tickets.find_ticket(connection, me, ticket_id)
        rows = _one(connection, visible_comments(me, ticket_id), comments.c.id, comment_id)
        return json_response(OneComment(comment=serialize_comments(connection, rows, call.base)[0]))


@post("/api/v2/requests")
@threaded
def create_request(request: ApiRequest, body: RawBody) -> JsonResponse:
    """Submit a ticket in one's own name."""
    call = read_request_context(request)
    sent = parse_body(body, RequestRequest).request

    def act(connection: Connection, now: datetime) -> Struct:
        fields = parse_new_ticket(connection, _as_requester(call), sent, now)
        ticket_id = tickets.create_ticket(connection, call.actor.id, fields, now, policy=call.desk.policy)
        return _request_answer(connection, call, ticket_id)

    return run_write(request, body, act, status=201)


@put("/api/v2/requests/{ticket_id:int}")
@threaded
def update_request(request: ApiRequest, ticket_id: FromPath[int], body: RawBody) -> JsonResponse:
    """Comment on one's own ticket, or have it solved."""
    call = read_request_context(request)
    sent = parse_body(body, RequestRequest).request

    def act(connection: Connection, now: datetime) -> Struct:
        tickets.find_ticket(connection, _as_requester(call), ticket_id)
        fields = parse_request_update(sent)
        tickets.update_ticket(connection, call.actor.id, ticket_id, fields, now, policy=call.desk.policy)
        return _request_answer(connection, call, ticket_id)

    return run_write(request, body, act)


def _comments(call: RequestContext, ticket_id: int, *, is_request: bool) -> JsonResponse:
    """A page of comments, with their authors where they were asked for, and always on a request."""
    actor = _as_requester(call) if is_request else call.actor
    with call.desk.read() as connection:
        tickets.find_ticket(connection, actor, ticket_id)
        query = visible_comments(actor, ticket_id)
        page = fetch_page(connection, query, COMMENT_SORTING, call.asked, call.address)
        shown = serialize_comments(connection, page.rows, call.base)
        more = _authors(connection, call, page.rows, always=is_request)
        return json_response(CommentsPage(comments=shown, **page.fields, **more))


def _authors(connection: Connection, call: RequestContext, rows: Any, *, always: bool = False) -> dict[str, Any]:  # noqa: ANN401 - rows of a table
    """The authors of comments or audits, where they were asked for."""
    if not (always or "users" in call.included):
        return {}
    people = load_people(connection, (row["author_id"] for row in rows))
    return {"users": [serialize_user(person, call.actor, call.base) for person in people]}


def _request_answer(connection: Connection, call: RequestContext, ticket_id: int) -> OneRequest:
    me = _as_requester(call)
    row = tickets.find_ticket(connection, me, ticket_id)
    return OneRequest(request=serialize_ticket(connection, me, row, call.base))


def _as_requester(call: RequestContext) -> Actor:
    """The caller as one who asks for support, whatever else they are."""
    return Actor(call.actor.id, Role.END_USER)


def _one(connection: Connection, query: Any, column: Any, value: int) -> list[RowMapping]:  # noqa: ANN401 - of any table
    """The one row with an id. Raises RecordNotFound."""
    found = connection.execute(query.where(column == value)).mappings().all() if 0 < value < 2**63 else []
    if not found:
        raise RecordNotFound
    return list(found)
