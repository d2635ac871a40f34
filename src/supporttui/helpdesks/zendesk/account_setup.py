"""Reads what an account has set up: groups, custom fields and macros.

https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
"""

import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final

from supporttui.domain.conversation_budget import bounded_text
from supporttui.domain.desk_setup import CustomField, FieldChoice, Group
from supporttui.domain.macros import Macro, MacroEffect
from supporttui.domain.ticket import FieldKind, Ticket
from supporttui.helpdesks.base import ListCutShort, NotFound
from supporttui.helpdesks.zendesk.client import ListedPage, ZendeskClient
from supporttui.helpdesks.zendesk.macros import parse_macro, parse_preview
from supporttui.helpdesks.zendesk.translation import MAX_NAME, is_id
from supporttui.zendesk_api import account_setup, responses

_log = logging.getLogger(__name__)

_KINDS: Final[Mapping[str, FieldKind]] = {
    **{kind.value: kind for kind in FieldKind},
    "textarea": FieldKind.TEXT,
    "regexp": FieldKind.TEXT,
}
"""The types of custom fields; any other is the type of a field that every ticket has, or cannot be written."""


class AccountSetup:
    """Reads lists that change seldom; nothing is kept here."""

    def __init__(self, client: ZendeskClient) -> None:
        self._client = client

    async def groups(self) -> tuple[Group, ...]:
        """Return the groups to which this account may give tickets. Raises DeskError."""
        path, what = "/api/v2/groups/assignable.json", "the list of groups"
        found: list[responses.Group] = []
        async for page in self._pages(path, responses.GroupsPage, what):
            found += page.groups if isinstance(page.groups, list) else []
        return tuple(
            Group(each.id, bounded_text(each.name, MAX_NAME)) for each in found if is_id(each.id) and not each.deleted
        )

    async def custom_fields(self) -> tuple[CustomField, ...]:
        """Return the custom fields that are active and can be written. Raises DeskError."""
        path, what = "/api/v2/ticket_fields.json", "the list of ticket fields"
        found: list[account_setup.TicketField] = []
        async for page in self._pages(path, account_setup.TicketFieldsPage, what):
            found += page.ticket_fields
        return tuple(_custom_fields(found))

    async def macros(self) -> tuple[Macro, ...]:
        """Return the macros that this account may use, in the desk's order. Raises DeskError."""
        path, what = "/api/v2/macros/active.json", "the list of macros"
        found: list[account_setup.Macro] = []
        async for page in self._pages(path, account_setup.MacrosPage, what):
            found += page.macros
        return tuple(parse_macro(each) for each in found if is_id(each.id) and each.active)

    async def _pages(self, path: str, wanted: type[ListedPage], what: str) -> AsyncIterator[ListedPage]:
        """Yield the pages that can be reached."""
        try:
            async for page in self._client.pages(path, wanted, what, {}):
                yield page
        except ListCutShort as problem:
            _log.warning("%s", problem)

    async def macro_effect(self, macro_id: str, ticket: Ticket, path: str) -> MacroEffect:
        """Return what the desk says that a macro would do to the ticket with this path. Raises DeskError."""
        if not (macro_id.isascii() and macro_id.isdigit()):
            raise NotFound("There is no such macro on this help desk.")
        what = f"the macro for ticket {ticket.id.label}"
        answer = await self._client.get(f"{path}/macros/{macro_id}/apply.json", account_setup.MacroPreview, what)
        return parse_preview(answer.result.ticket, ticket)


def _custom_fields(sent: list[account_setup.TicketField]) -> Iterator[CustomField]:
    for each in sent:
        kind = _KINDS.get(each.type)
        if kind is None or not is_id(each.id) or not each.active or not each.removable:
            continue
        choices = tuple(
            FieldChoice(bounded_text(option.name, MAX_NAME), bounded_text(option.value, MAX_NAME))
            for option in each.custom_field_options
        )
        yield CustomField(id=each.id, title=bounded_text(each.title, MAX_NAME), kind=kind, choices=choices)
