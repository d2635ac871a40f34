"""What the desk has set up: groups and who is in them, custom fields of tickets, and macros."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Table, insert, select

from supporttui.domain.ticket import Role
from supporttui.server.api.other_fields import NEW_FIELD
from supporttui.server.api.paging import Sorting, fetch_page
from supporttui.server.api.parameters import listing
from supporttui.server.api.request_handling import RequestContext
from supporttui.server.api.routing import read, write
from supporttui.server.api.serializers import serialize_group
from supporttui.server.api_errors import NotPermitted, RecordInvalid, RecordNotFound
from supporttui.server.custom_fields import FIELDS_MAX, checked_definition, load_fields, options_of
from supporttui.server.schema import groups, ticket_fields, users
from supporttui.zendesk_api.account_setup import (
    GroupMembership,
    GroupMembershipsPage,
    ListedOption,
    OneTicketField,
    TicketField,
    TicketFieldRequest,
    TicketFieldsPage,
)
from supporttui.zendesk_api.responses import GroupsPage, OneGroup

GROUP_SORTING: Final = Sorting(groups, {"id": "id", "created_at": "created_at", "updated_at": "updated_at"})
FIELD_SORTING: Final = Sorting(ticket_fields, {"id": "id", "created_at": "created_at", "updated_at": "updated_at"})
_MEMBER_SORTING: Final = Sorting(users, {"id": "id"})
_AGENTS: Final = (Role.AGENT.value, Role.ADMIN.value)


@read("/api/v2/groups", GroupsPage, parameters=listing(GROUP_SORTING.columns), agents_only=True)
def list_groups(context: RequestContext, connection: Connection) -> GroupsPage:
    """The groups, for agents."""
    page = fetch_page(connection, select(groups), GROUP_SORTING, context.query, context.url)
    return GroupsPage(groups=[serialize_group(row, context.base_url) for row in page.rows], **page.fields)


@read("/api/v2/groups/{group_id}", OneGroup, errors=(404,), agents_only=True)
def show_group(context: RequestContext, connection: Connection, group_id: int) -> OneGroup:
    """One group, for agents."""
    row = connection.execute(select(groups).where(groups.c.id == group_id)).mappings().one_or_none()
    if row is None:
        raise RecordNotFound
    return OneGroup(group=serialize_group(row, context.base_url))


@read("/api/v2/groups/assignable", GroupsPage, parameters=listing(GROUP_SORTING.columns), agents_only=True)
def list_assignable_groups(context: RequestContext, connection: Connection) -> GroupsPage:
    """List the groups to which tickets can be given: all of them; for agents."""
    page = fetch_page(connection, select(groups), GROUP_SORTING, context.query, context.url)
    return GroupsPage(groups=[serialize_group(row, context.base_url) for row in page.rows], **page.fields)


@read(
    "/api/v2/groups/{group_id}/memberships",
    GroupMembershipsPage,
    parameters=listing(_MEMBER_SORTING.columns),
    errors=(404,),
    agents_only=True,
)
def list_memberships(context: RequestContext, connection: Connection, group_id: int) -> GroupMembershipsPage:
    """List the agents in a group: on this desk every agent is in every group."""
    find_row(connection, groups, group_id)
    found = select(users).where(users.c.role.in_(_AGENTS))
    page = fetch_page(connection, found, _MEMBER_SORTING, context.query, context.url)
    members = [GroupMembership(row["id"], row["id"], group_id) for row in page.rows]
    return GroupMembershipsPage(group_memberships=members, **page.fields)


@read("/api/v2/ticket_fields", TicketFieldsPage, parameters=listing(FIELD_SORTING.columns), agents_only=True)
def list_fields(context: RequestContext, connection: Connection) -> TicketFieldsPage:
    """List the custom fields of tickets, for agents."""
    page = fetch_page(connection, select(ticket_fields), FIELD_SORTING, context.query, context.url)
    return TicketFieldsPage(ticket_fields=_serialized(page.rows, context.base_url), **page.fields)


@read("/api/v2/ticket_fields/{ticket_field_id}", OneTicketField, errors=(404,), agents_only=True)
def show_field(context: RequestContext, connection: Connection, ticket_field_id: int) -> OneTicketField:
    """Show one custom field, for agents."""
    row = find_row(connection, ticket_fields, ticket_field_id)
    return OneTicketField(ticket_field=_serialized([row], context.base_url)[0])


@write(
    "POST",
    "/api/v2/ticket_fields",
    OneTicketField,
    body=TicketFieldRequest,
    others=NEW_FIELD,
    status=201,
    agents_only=True,
)
def create_field(context: RequestContext, connection: Connection, body: TicketFieldRequest) -> OneTicketField:
    """Make a custom field, for admins."""
    require_admin(context)
    if len(load_fields(connection)) >= FIELDS_MAX:
        raise RecordInvalid("base", f"Ticket fields: a desk has up to {FIELDS_MAX}")
    row = insert_row(connection, ticket_fields, checked_definition(body.ticket_field), context)
    return OneTicketField(ticket_field=_serialized([row], context.base_url)[0])


def require_admin(context: RequestContext) -> None:
    """Raise NotPermitted for everybody but admins."""
    if context.actor.role is not Role.ADMIN:
        raise NotPermitted("Only admins change how the desk is set up.")


def find_row(connection: Connection, table: Table, row_id: int) -> RowMapping:
    """Return one row of a table by its id. Raises RecordNotFound."""
    row = connection.execute(select(table).where(table.c.id == row_id)).mappings().one_or_none()
    if row is None:
        raise RecordNotFound
    return row


def insert_row(connection: Connection, table: Table, values: dict[str, Any], context: RequestContext) -> RowMapping:
    """Add a row that is created now; return it."""
    stamps = {"created_at": context.now, "updated_at": context.now}
    key = connection.execute(insert(table).values(**values, **stamps)).inserted_primary_key
    assert key is not None
    return find_row(connection, table, int(key[0]))


def _serialized(rows: Sequence[RowMapping], base: str) -> list[TicketField]:
    return [
        TicketField(
            id=row["id"],
            url=f"{base}/api/v2/ticket_fields/{row['id']}.json",
            type=row["type"],
            title=row["title"],
            description=row["description"],
            active=row["is_active"],
            custom_field_options=[
                ListedOption(number, each.name, each.value) for number, each in enumerate(options_of(row), 1)
            ],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )
        for row in rows
    ]
