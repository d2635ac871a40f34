"""A requester's access to a Zendesk account: their own tickets over `/api/v2/requests`, with public messages only.

https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/
"""

import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from supporttui.domain.patch import TicketPatch
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Attachment, Conversation, Person, Role, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    Account,
    ChangePage,
    ConversationBudget,
    DeskView,
    Forbidden,
    FoundTickets,
    HelpDesk,
    ListCutShort,
    NewTicket,
    PushEvent,
    Rejected,
    SendResult,
    TicketMerge,
    TicketUpdate,
    requester_capabilities,
)
from supporttui.helpdesks.http_transport import HttpResponse
from supporttui.helpdesks.zendesk.answer_decoding import Lost, decode_items
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.helpdesks.zendesk.request_reader import PublicTicketReader, request_path
from supporttui.helpdesks.zendesk.translation import sendable
from supporttui.zendesk_api.request_bodies import CommentInput, RequestRequest, TicketInput
from supporttui.zendesk_api.responses import Page
from supporttui.zendesk_api.words import PRIORITY_OF_SEVERITY

if TYPE_CHECKING:
    from supporttui.domain.desk_setup import CustomField, Group
    from supporttui.domain.macros import Macro, MacroEffect
    from supporttui.domain.query.query import Query, QueryContext

NO_SEARCH: Final = "A customer's account has all of its tickets here; the desk's search and its views are the team's."
PUBLIC_ONLY: Final = "A customer's account writes public messages only. Write it as a reply."
NOT_A_REQUESTERS: Final = (
    "A customer's account may write on its own tickets, close them, and reopen them by writing; the rest is the team's."
)


async def open_desk_by_role(connection: ZendeskDesk) -> HelpDesk:
    """Return the help desk for the account's role. Raises DeskError, after closing the connection."""
    try:
        account = await connection.learn_account()
    except BaseException:
        await connection.close()
        raise
    return RequestsDesk(connection) if account.me.role is Role.END_USER else connection


class _ListedId(msgspec.Struct):
    """A request of which only the id is read."""

    id: int


class _ListedIds(Page, kw_only=True):
    """A page of them."""

    requests: list[_ListedId]


class RequestsDesk:
    """One end user's account on one desk; see `HelpDesk`. It shares the connection of a `ZendeskDesk`."""

    def __init__(self, connection: ZendeskDesk) -> None:
        self._connection = connection
        self._client = connection.client
        self._reader = PublicTicketReader(connection.client, connection.name)

    @property
    def desk_ahead_s(self) -> float | None:
        """Seconds by which the desk's clock is ahead of this machine's; None before its first response."""
        return self._connection.desk_ahead_s

    async def fetch_account(self) -> Account:
        """Return the signed-in customer. Raises Forbidden for the account of an agent."""
        account = await self._connection.fetch_account()
        if account.me.role is not Role.END_USER:
            raise Forbidden(
                f"{safe_line(account.me.email)} is the account of an agent, not of a customer: "
                "`supporttui` without mine shows its board."
            )
        capabilities = requester_capabilities(account.capabilities)
        if not capabilities.pushes:  # Zendesk's own documentation promises idempotency for tickets only
            capabilities = replace(capabilities, idempotent_creation=False, idempotency_key_ttl_s=0.0)
        self._reader.me = account.me
        return replace(account, capabilities=capabilities)

    async def fetch_agents(self) -> tuple[Person, ...]:
        """Nobody: a customer assigns no ticket."""
        return ()

    async def fetch_changes(self, cursor: str | None) -> ChangePage:
        """Return a page of the customer's own tickets changed since the cursor, or of all if it is None."""
        return await self._reader.fetch_page(cursor)

    async def find_missing(self, ticket_ids: Sequence[TicketId]) -> tuple[TicketId, ...]:
        """Return which of these tickets are not among the open ones; closed ones are found when requested singly."""
        named: set[str] = set()
        path, name = "/api/v2/requests/open.json", self._client.transport.desk_name

        def read(body: bytes) -> tuple[_ListedIds, Lost]:
            page, lost, items = decode_items(body, _ListedIds, "requests", _ListedId, name)
            named.update(str(each.number if each.item is None else each.item.id) for each in items)
            return page, lost

        with contextlib.suppress(ListCutShort):  # those behind are asked for one by one
            async for _page in self._client.pages(path, _ListedIds, "your open tickets", {}, read=read):
                pass
        return tuple(each for each in ticket_ids if each.id not in named)

    async def search(self, query: "Query", context: "QueryContext", limit: int) -> FoundTickets:
        """Raise Rejected: the local copy has all of a customer's tickets."""
        raise Rejected(NO_SEARCH)

    async def fetch_views(self) -> tuple[DeskView, ...]:
        """Return no views, as they are for agents only."""
        return ()

    async def fetch_view_tickets(self, view_id: str, limit: int) -> FoundTickets:
        """Raise Rejected: there are no views."""
        raise Rejected(NO_SEARCH)

    async def fetch_groups(self) -> "tuple[Group, ...]":
        """Return nothing: only agents use groups."""
        return ()

    async def fetch_custom_fields(self) -> "tuple[CustomField, ...]":
        """Return nothing: only agents write custom fields."""
        return ()

    async def fetch_macros(self) -> "tuple[Macro, ...]":
        """Return nothing: only agents use macros."""
        return ()

    async def fetch_macro_effect(self, macro_id: str, ticket: Ticket) -> "MacroEffect":
        """Raise Rejected: only agents do this."""
        raise Rejected(NOT_A_REQUESTERS)

    async def fetch_incidents(self, problem_id: TicketId, limit: int) -> FoundTickets:
        """Raise Rejected: only agents do this."""
        raise Rejected(NOT_A_REQUESTERS)

    async def fetch_conversation(
        self, ticket_id: TicketId, budget: ConversationBudget | None = None
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """Return a ticket with its public messages and their authors; it has no history."""
        return await self._reader.fetch(ticket_id, budget or ConversationBudget())

    async def refresh_conversation(
        self,
        ticket: Ticket,
        known: Conversation | None,
        people: Iterable[Person],
        budget: ConversationBudget | None = None,
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """Return the same as `fetch_conversation`: new messages cannot be fetched without the old ones."""
        return await self._reader.fetch(ticket.id, budget or ConversationBudget(), ticket)

    async def fetch_attachment(self, attachment: Attachment, into: Path, *, max_bytes: int) -> int:
        """Stream an attachment into a new file, mode 0600; return its size. Follows no symlink, overwrites no file."""
        return await self._connection.fetch_attachment(attachment, into, max_bytes=max_bytes)

    async def send_upload(self, path: Path, file_name: str) -> str:
        """Upload a file; return the token that attaches it to a message."""
        return await self._connection.send_upload(path, file_name)

    def split(self, patch: TicketPatch) -> tuple[TicketPatch, ...]:
        """Return the patch itself: one request takes a message and the closing."""
        return (patch,)

    async def send_update(self, update: TicketUpdate) -> SendResult:
        """Write on a ticket or close it. Raises Rejected, before anything is sent, for what requesters cannot do."""
        body = _change_request(update)
        path, what = request_path(update.ticket_id, self._connection.name), f"ticket {update.ticket_id.label}"
        return self._result(await self._client.send("PUT", f"{path}.json", body, what, update.operation_id))

    async def send_new_ticket(self, new: NewTicket) -> SendResult:
        """Create a ticket in the account's own name. Raises Rejected if another requester is named."""
        if new.follows is not None:
            raise Rejected(NOT_A_REQUESTERS)
        if new.requester_email.strip().casefold() != self._connection.email.strip().casefold():
            own = safe_line(OutsideText(self._connection.email))
            raise Rejected(
                f"A customer's account submits tickets in its own name only: leave the requester out ({own})."
            )
        uploads = list(new.uploads) or msgspec.UNSET
        body = RequestRequest(
            TicketInput(
                subject=sendable(new.subject),
                comment=CommentInput(body=sendable(new.description), uploads=uploads),
                priority=PRIORITY_OF_SEVERITY[new.severity] if new.severity is not None else msgspec.UNSET,
            )
        )
        answer = await self._client.send("POST", "/api/v2/requests.json", body, "the new ticket", new.operation_id)
        return self._result(answer)

    async def send_merge(self, merge: TicketMerge) -> SendResult:
        """Raise Rejected: only agents do this."""
        raise Rejected(NOT_A_REQUESTERS)

    def _result(self, answer: HttpResponse) -> SendResult:
        ticket, untold, is_unreadable = self._reader.read(answer)
        return SendResult(ticket=ticket, people=(), audit_id=None, untold=untold, is_unreadable=is_unreadable)

    async def find_operation(self, ticket_id: TicketId, operation_id: str, after_audit_id: int | None) -> bool:
        """Return False: requesters cannot read audits, and by the capabilities an operation is found by its text."""
        return False

    async def listen(self, after: str | None) -> AsyncIterator[PushEvent]:
        """Yield the desk's stream, which for an end user has the public changes of their own tickets."""
        async for event in self._connection.listen(after):
            yield event

    async def close(self) -> None:
        """Close all connections."""
        await self._connection.close()


def _change_request(update: TicketUpdate) -> RequestRequest:
    """Return the request body of a change. Raises Rejected for what a requester cannot do."""
    patch, fields = update.patch, TicketInput()
    if patch.body is not None:
        if not patch.is_public:
            raise Rejected(PUBLIC_ONLY)
        uploads = list(update.uploads) or msgspec.UNSET
        fields.comment = CommentInput(body=sendable(patch.body), uploads=uploads)
    if patch.status is Status.CLOSED:
        fields.solved = True
    elif patch.status is not None:
        raise Rejected(NOT_A_REQUESTERS)
    if replace(patch, body=None, status=None, files=()) != TicketPatch():
        raise Rejected(NOT_A_REQUESTERS)
    return RequestRequest(fields)
