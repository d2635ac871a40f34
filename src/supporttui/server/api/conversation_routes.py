"""Comments and audits of a ticket, for agents; requesters have their own view of both in `request_routes`."""

from typing import Any

from sqlalchemy import Connection, RowMapping, select

from supporttui.server import tickets
from supporttui.server.api.paging import Sorting, fetch_page
from supporttui.server.api.parameters import INCLUDE, INLINE_IMAGES, listing
from supporttui.server.api.request_handling import RequestContext
from supporttui.server.api.routing import read
from supporttui.server.api.serializers import serialize_audits, serialize_user
from supporttui.server.api_errors import RecordNotFound
from supporttui.server.conversation import serialize_comments, visible_comments
from supporttui.server.people import load_people
from supporttui.server.schema import audits, comments
from supporttui.zendesk_api.responses import AuditsPage, CommentsPage, OneAudit

COMMENT_SORTING = Sorting(comments, {"id": "id", "created_at": "id"})
AUDIT_SORTING = Sorting(audits, {"id": "id", "created_at": "id"})
COMMENT_LISTING = listing(COMMENT_SORTING.columns)
AUDIT_LISTING = listing(AUDIT_SORTING.columns)


@read(
    "/api/v2/tickets/{ticket_id}/comments",
    CommentsPage,
    parameters=(*COMMENT_LISTING, INCLUDE, INLINE_IMAGES),
    errors=(404,),
    agents_only=True,
)
def list_comments(context: RequestContext, connection: Connection, ticket_id: int) -> CommentsPage:
    """A ticket's comments, oldest first, for agents."""
    tickets.find_ticket(connection, context.actor, ticket_id)
    found = visible_comments(context.actor, ticket_id)
    page = fetch_page(connection, found, COMMENT_SORTING, context.query, context.url)
    shown = serialize_comments(connection, page.rows, context.base_url)
    return CommentsPage(comments=shown, **page.fields, **_authors(connection, context, page.rows))


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
    shown = serialize_audits(connection, find_one(connection, query, audits.c.id, audit_id), context.base_url)
    return OneAudit(audit=shown[0])


def _authors(connection: Connection, context: RequestContext, rows: Any) -> dict[str, Any]:  # noqa: ANN401 - rows of a table
    """The authors of comments or audits, if requested."""
    if "users" not in context.included:
        return {}
    people = load_people(connection, (row["author_id"] for row in rows))
    return {"users": [serialize_user(person, context.actor, context.base_url) for person in people]}


def find_one(connection: Connection, query: Any, column: Any, value: int) -> list[RowMapping]:  # noqa: ANN401 - of any table
    """Return the row with an id. Raises RecordNotFound."""
    found = connection.execute(query.where(column == value)).mappings().all()
    if not found:
        raise RecordNotFound
    return list(found)
