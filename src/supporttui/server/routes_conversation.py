"""What was written on a ticket and how it changed: comments, audits, the requester's own view."""

from datetime import datetime
from typing import Any

from litestar import get, post, put
from litestar.params import FromPath, RawBody
from msgspec import Struct
from sqlalchemy import Connection, RowMapping, select

from supporttui.domain.ticket import Role
from supporttui.helpdesks.zendesk.wire import (
    AuditsPage,
    CommentsPage,
    OneAudit,
    OneComment,
    OneRequest,
    RequestsPage,
)
from supporttui.helpdesks.zendesk.wire_inputs import RequestRequest
from supporttui.server import tickets
from supporttui.server.answers import audit_answers, ticket_answer, ticket_answers, user_answer
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
from supporttui.server.comments import comment_answers, visible_comments
from supporttui.server.inputs import parse_new_ticket, parse_request_update
from supporttui.server.paging import Sorting, fetch_page
from supporttui.server.people import Actor, load_people
from supporttui.server.refusals import RecordNotFound
from supporttui.server.routes_tickets import TICKET_SORTING
from supporttui.server.schema import audits, comments

COMMENT_SORTING = Sorting(comments, {"id": "id", "created_at": "id"})
AUDIT_SORTING = Sorting(audits, {"id": "id", "created_at": "id"})


@get("/api/v2/tickets/{ticket_id:int}/comments")
@threaded
def list_comments(request: ApiRequest, ticket_id: FromPath[int]) -> Answer:
    """A ticket's comments, oldest first; for end users the public ones."""
    return _comments(read_call(request), ticket_id, is_request=False)


@get("/api/v2/tickets/{ticket_id:int}/audits")
@threaded
def list_audits(request: ApiRequest, ticket_id: FromPath[int]) -> Answer:
    """A ticket's audits, oldest first, for agents."""
    call = agent_call(request)
    with call.desk.read() as connection:
        tickets.find_ticket(connection, call.actor, ticket_id)
        query = select(audits).where(audits.c.ticket_id == ticket_id)
        page = fetch_page(connection, query, AUDIT_SORTING, call.asked, call.address)
        shown = audit_answers(connection, page.rows, call.base)
        return answer(AuditsPage(audits=shown, **page.fields, **_authors(connection, call, page.rows)))


@get("/api/v2/tickets/{ticket_id:int}/audits/{audit_id:int}")
@threaded
def show_audit(request: ApiRequest, ticket_id: FromPath[int], audit_id: FromPath[int]) -> Answer:
    """One audit, for agents."""
    call = agent_call(request)
    with call.desk.read() as connection:
        tickets.find_ticket(connection, call.actor, ticket_id)
        query = select(audits).where(audits.c.ticket_id == ticket_id)
        shown = audit_answers(connection, _one(connection, query, audits.c.id, audit_id), call.base)
        return answer(OneAudit(audit=shown[0]))


@get("/api/v2/requests")
@threaded
def list_requests(request: ApiRequest) -> Answer:
    """The caller's own tickets, as their requester sees them."""
    call = read_call(request)
    me = _as_requester(call)
    with call.desk.read() as connection:
        page = fetch_page(connection, tickets.visible_to(me), TICKET_SORTING, call.asked, call.address)
        shown = ticket_answers(connection, me, page.rows, call.base)
        return answer(RequestsPage(requests=shown, **page.fields))


@get("/api/v2/requests/{ticket_id:int}")
@threaded
def show_request(request: ApiRequest, ticket_id: FromPath[int]) -> Answer:
    """One of the caller's own tickets."""
    call = read_call(request)
    with call.desk.read() as connection:
        return answer(_request_answer(connection, call, ticket_id))


@get("/api/v2/requests/{ticket_id:int}/comments")
@threaded
def list_request_comments(request: ApiRequest, ticket_id: FromPath[int]) -> Answer:
    """The public comments on one of the caller's own tickets."""
    return _comments(read_call(request), ticket_id, is_request=True)


@get("/api/v2/requests/{ticket_id:int}/comments/{comment_id:int}")
@threaded
def show_request_comment(request: ApiRequest, ticket_id: FromPath[int], comment_id: FromPath[int]) -> Answer:
    """One public comment on one of the caller's own tickets."""
    call = read_call(request)
    me = _as_requester(call)
    with call.desk.read() as connection:
        tickets.find_ticket(connection, me, ticket_id)
        rows = _one(connection, visible_comments(me, ticket_id), comments.c.id, comment_id)
        return answer(OneComment(comment=comment_answers(connection, rows, call.base)[0]))


@post("/api/v2/requests")
@threaded
def create_request(request: ApiRequest, body: RawBody) -> Answer:
    """Submit a ticket in one's own name."""
    call = read_call(request)
    sent = parse_body(body, RequestRequest).request

    def act(connection: Connection, now: datetime) -> Struct:
        fields = parse_new_ticket(connection, _as_requester(call), sent, now)
        ticket_id = tickets.create_ticket(connection, call.actor.id, fields, now, policy=call.desk.policy)
        return _request_answer(connection, call, ticket_id)

    return carry_out(request, body, act, status=201)


@put("/api/v2/requests/{ticket_id:int}")
@threaded
def update_request(request: ApiRequest, ticket_id: FromPath[int], body: RawBody) -> Answer:
    """Comment on one's own ticket, or have it solved."""
    call = read_call(request)
    sent = parse_body(body, RequestRequest).request

    def act(connection: Connection, now: datetime) -> Struct:
        tickets.find_ticket(connection, _as_requester(call), ticket_id)
        fields = parse_request_update(sent)
        tickets.update_ticket(connection, call.actor.id, ticket_id, fields, now, policy=call.desk.policy)
        return _request_answer(connection, call, ticket_id)

    return carry_out(request, body, act)


def _comments(call: Call, ticket_id: int, *, is_request: bool) -> Answer:
    """A page of comments, with their authors where they were asked for, and always on a request."""
    actor = _as_requester(call) if is_request else call.actor
    with call.desk.read() as connection:
        tickets.find_ticket(connection, actor, ticket_id)
        query = visible_comments(actor, ticket_id)
        page = fetch_page(connection, query, COMMENT_SORTING, call.asked, call.address)
        shown = comment_answers(connection, page.rows, call.base)
        more = _authors(connection, call, page.rows, always=is_request)
        return answer(CommentsPage(comments=shown, **page.fields, **more))


def _authors(connection: Connection, call: Call, rows: Any, *, always: bool = False) -> dict[str, Any]:  # noqa: ANN401 - rows of a table
    """The authors of comments or audits, where they were asked for."""
    if not (always or "users" in call.included):
        return {}
    people = load_people(connection, (row["author_id"] for row in rows))
    return {"users": [user_answer(person, call.actor, call.base) for person in people]}


def _request_answer(connection: Connection, call: Call, ticket_id: int) -> OneRequest:
    me = _as_requester(call)
    row = tickets.find_ticket(connection, me, ticket_id)
    return OneRequest(request=ticket_answer(connection, me, row, call.base))


def _as_requester(call: Call) -> Actor:
    """The caller as one who asks for support, whatever else they are."""
    return Actor(call.actor.id, Role.END_USER)


def _one(connection: Connection, query: Any, column: Any, value: int) -> list[RowMapping]:  # noqa: ANN401 - of any table
    """The one row with an id. Raises RecordNotFound."""
    found = connection.execute(query.where(column == value)).mappings().all() if 0 < value < 2**63 else []
    if not found:
        raise RecordNotFound
    return list(found)
