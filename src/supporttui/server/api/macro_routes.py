"""`/api/v2/macros`: list, show and make macros, and say what one would do to a ticket."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, RowMapping, select

from supporttui.server import tickets
from supporttui.server.api.other_fields import NEW_MACRO
from supporttui.server.api.paging import Sorting, fetch_page
from supporttui.server.api.parameters import listing
from supporttui.server.api.request_handling import RequestContext
from supporttui.server.api.routing import read, write
from supporttui.server.api.setup_routes import find_row, insert_row
from supporttui.server.api_errors import RecordNotFound
from supporttui.server.macros import checked_macro, preview_of
from supporttui.server.schema import macros
from supporttui.zendesk_api.account_setup import (
    Macro,
    MacroAction,
    MacroPreview,
    MacroRequest,
    MacroResult,
    MacrosPage,
    OneMacro,
)

MACRO_SORTING: Final = Sorting(macros, {"id": "id", "created_at": "created_at", "updated_at": "updated_at"})
_LISTING: Final = listing(MACRO_SORTING.columns)


@read("/api/v2/macros", MacrosPage, parameters=_LISTING, agents_only=True)
def list_macros(context: RequestContext, connection: Connection) -> MacrosPage:
    """List the macros, for agents."""
    page = fetch_page(connection, select(macros), MACRO_SORTING, context.query, context.url)
    return MacrosPage(macros=_serialized(page.rows, context.base_url), **page.fields)


@read("/api/v2/macros/active", MacrosPage, parameters=_LISTING, agents_only=True)
def list_active_macros(context: RequestContext, connection: Connection) -> MacrosPage:
    """List the active macros, for agents."""
    found = select(macros).where(macros.c.is_active)
    page = fetch_page(connection, found, MACRO_SORTING, context.query, context.url)
    return MacrosPage(macros=_serialized(page.rows, context.base_url), **page.fields)


@read("/api/v2/macros/{macro_id}", OneMacro, errors=(404,), agents_only=True)
def show_macro(context: RequestContext, connection: Connection, macro_id: int) -> OneMacro:
    """Show one macro, for agents."""
    return OneMacro(macro=_serialized([find_row(connection, macros, macro_id)], context.base_url)[0])


@write("POST", "/api/v2/macros", OneMacro, body=MacroRequest, others=NEW_MACRO, status=201, agents_only=True)
def create_macro(context: RequestContext, connection: Connection, body: MacroRequest) -> OneMacro:
    """Make a macro, for agents."""
    row = insert_row(connection, macros, checked_macro(connection, body.macro), context)
    return OneMacro(macro=_serialized([row], context.base_url)[0])


@read("/api/v2/tickets/{ticket_id}/macros/{macro_id}/apply", MacroPreview, errors=(404, 422), agents_only=True)
def preview_macro(context: RequestContext, connection: Connection, ticket_id: int, macro_id: int) -> MacroPreview:
    """Show what a macro would change on a ticket; changes nothing."""
    ticket = tickets.find_ticket(connection, context.actor, ticket_id)
    row = find_row(connection, macros, macro_id)
    if not row["is_active"]:
        raise RecordNotFound
    shown = preview_of(connection, _actions(row), ticket, context.actor.id, context.base_url)
    return MacroPreview(result=MacroResult(ticket=shown))


def _actions(row: RowMapping) -> list[MacroAction]:
    return msgspec.json.decode(row["actions"], type=list[MacroAction])


def _serialized(rows: Sequence[RowMapping], base: str) -> list[Macro]:
    return [
        Macro(
            id=row["id"],
            url=f"{base}/api/v2/macros/{row['id']}.json",
            title=row["title"],
            description=row["description"],
            active=row["is_active"],
            actions=_actions(row),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )
        for row in rows
    ]
