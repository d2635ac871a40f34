"""The help desk with the Zendesk Support API v2: Zendesk itself, and the embedded one."""

import base64
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from supporttui.config.desk import ConnectionTrust, Secret
from supporttui.config.fault_points import fault_point
from supporttui.config.redaction import remember_secret
from supporttui.domain.patch import TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Attachment, Conversation, Person, Role, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    Account,
    Capabilities,
    ChangePage,
    ConversationBudget,
    DeskView,
    Forbidden,
    FoundTickets,
    Interrupted,
    NewTicket,
    NotFound,
    PushEvent,
    Rejected,
    SendResult,
    TicketMerge,
    TicketUpdate,
    Unauthorised,
)
from supporttui.helpdesks.http_errors import capitalize_first
from supporttui.helpdesks.http_transport import HttpResponse, HttpTransport
from supporttui.helpdesks.response_streams import MalformedEventStream, decompressed, parse_events
from supporttui.helpdesks.zendesk.answer_decoding import Lost, ReadItem, decode, decode_audits, decode_ticket
from supporttui.helpdesks.zendesk.change_feed import ChangeFeed
from supporttui.helpdesks.zendesk.client import ZendeskClient
from supporttui.helpdesks.zendesk.conversation import extend_conversation, is_complete, parse_history, parse_written
from supporttui.helpdesks.zendesk.conversation_reader import ConversationReader
from supporttui.helpdesks.zendesk.file_transfer import fetch_file, send_file
from supporttui.helpdesks.zendesk.translation import (
    is_id,
    new_ticket_request,
    parse_person,
    ticket_id_of,
    ticket_path,
    untold_fields,
    update_request,
)
from supporttui.zendesk_api import responses
from supporttui.zendesk_api.extensions import (
    DESK_PATH,
    EVENT_HEADER,
    EVENTS_PATH,
    OPERATION_KEY,
    DeskSummary,
    StreamedChange,
)

if TYPE_CHECKING:
    from supporttui.domain.desk_setup import CustomField, Group
    from supporttui.domain.macros import Macro, MacroEffect
    from supporttui.domain.query.query import Query, QueryContext
    from supporttui.helpdesks.zendesk.account_setup import AccountSetup
    from supporttui.helpdesks.zendesk.search import DeskSearch

EMBEDDED_CAPABILITIES: Final = Capabilities(
    can_hold=True,
    pushes=True,
    idempotent_writes=True,
    checks_versions=True,
    idempotent_creation=True,
    idempotency_key_ttl_s=23 * 3600.0,
    searches=True,
    has_views=True,
    has_macros=True,
    can_merge=True,
)
ZENDESK_CAPABILITIES: Final = Capabilities(
    can_hold=True,
    pushes=False,
    idempotent_writes=False,
    checks_versions=True,
    # https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#idempotency: creation only, two hours
    idempotent_creation=True,
    idempotency_key_ttl_s=1.75 * 3600.0,
    # https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#protect-against-ticket-update-collisions:
    # the stamp is `updated_at`, which counts whole seconds.
    version_resolution_s=1.0,
    searches=True,
    has_views=True,
    has_macros=True,
    can_merge=True,
)

_UNLIMITED_BYTES: Final = 1 << 62

_TIMES: Final = frozenset({"created_at", "updated_at"})
"""The fields of a ticket without which its version, and what an audit adds to it, is not known."""


class _Me(msgspec.Struct):
    """The response of `GET users/me`; without a valid token Zendesk returns a user without an id."""

    user: dict[str, object]


class ZendeskDesk:
    """One account on one desk; see `HelpDesk`. With `read_only` it sends only GET and HEAD requests."""

    def __init__(
        self,
        *,
        name: str,
        url: str,
        email: str,
        token: str,
        read_only: bool = False,
        trust: ConnectionTrust | None = None,
        development_field: int | None = None,
    ) -> None:
        """`name` is the desk's short name in the keys of its tickets; `development_field` is the number of the custom
        field that has the development ticket, which otherwise is the external id.
        """
        basic = base64.b64encode(f"{email}/token:{token}".encode()).decode()
        remember_secret(basic)
        self._transport = HttpTransport(url, Secret(f"Basic {basic}"), read_only=read_only, trust=trust)
        self.client = self._client = ZendeskClient(self._transport)
        self._development_field = development_field
        self._feed = ChangeFeed(self._client, name, development_field)
        self._conversations = ConversationReader(self._client, self._feed, name)
        self._search: DeskSearch | None = None
        self.name = self._name = name
        self.email = email
        self._pushes: bool | None = None
        self._url = url
        self._learned: Account | None = None
        """The account, if it was fetched ahead of `fetch_account`."""

    @property
    def desk_ahead_s(self) -> float | None:
        """Seconds by which the desk's clock is ahead of this machine's; None before its first response."""
        return self._transport.desk_ahead_s

    async def fetch_account(self) -> Account:
        """Return the signed-in account, and whether this is an embedded desk. Raises Unauthorised for a bad token."""
        learned, self._learned = self._learned, None
        return learned if learned is not None else await self._ask_account()

    async def learn_account(self) -> Account:
        """Fetch the account ahead of the first `fetch_account`, which then makes no request."""
        self._learned = await self._ask_account()
        return self._learned

    async def _ask_account(self) -> Account:
        desk_name = self._transport.desk_name
        try:
            answer = await self._client.fetch("/api/v2/users/me.json", "your account")
        except NotFound:
            raise Rejected(f"{capitalize_first(desk_name)} is no Zendesk API. Check the address (desk.url).") from None
        sent = decode(answer.body, _Me, desk_name).user
        if sent.get("id") is None:
            raise Unauthorised(
                f"{capitalize_first(desk_name)} does not know this email and token. Check desk.email and desk.token."
            )
        user = decode(answer.body, responses.OneUser, desk_name).user
        if not is_id(user.id):
            raise Interrupted(f"{capitalize_first(desk_name)} sent an answer about your account without a valid id.")
        me = parse_person(user)
        if not user.role:  # what an agent may not do, the desk refuses; a customer's board would hide it
            me = replace(me, role=Role.AGENT)
        summary = await self._fetch_summary()
        self._pushes = summary is not None
        name = summary.name if summary is not None else self._url.removeprefix("https://").split("/", 1)[0]
        return Account(
            me=me,
            desk_name=OutsideText(name),
            capabilities=EMBEDDED_CAPABILITIES if summary is not None else ZENDESK_CAPABILITIES,
        )

    async def fetch_agents(self) -> tuple[Person, ...]:
        """The agents and the administrators."""
        found: list[Person] = []
        for role in (Role.AGENT, Role.ADMIN):
            pages = self._client.pages("/api/v2/users.json", responses.UsersPage, "the agents", {"role": role.value})
            async for page in pages:
                found += await self._feed.people.read(page.users)
        return tuple(found)

    async def fetch_changes(self, cursor: str | None) -> ChangePage:
        """Return a page of tickets changed since the cursor, or of all tickets in scope if it is None."""
        if self._pushes is None:
            self._pushes = await self._fetch_summary() is not None
        return await self._feed.page(cursor, is_small=self._pushes)

    async def find_missing(self, ticket_ids: Sequence[TicketId]) -> tuple[TicketId, ...]:
        """Return which of at most `MISSING_BATCH` tickets the desk no longer lists."""
        return await self._feed.missing(ticket_ids)

    async def search(self, query: "Query", context: "QueryContext", limit: int) -> FoundTickets:
        """Return tickets that the desk's own search finds for the terms it supports."""
        return await self._searching().find(query, context, limit)

    async def fetch_views(self) -> tuple[DeskView, ...]:
        """Return the desk's own views that this account may use."""
        return await self._searching().views()

    async def fetch_view_tickets(self, view_id: str, limit: int) -> FoundTickets:
        """Return at most `limit` tickets of a view."""
        return await self._searching().view_tickets(view_id, limit)

    async def fetch_groups(self) -> "tuple[Group, ...]":
        """Return the groups to which this account may give tickets."""
        return await self._setup().groups()

    async def fetch_custom_fields(self) -> "tuple[CustomField, ...]":
        """Return the desk's own ticket fields that can be written."""
        return await self._setup().custom_fields()

    async def fetch_macros(self) -> "tuple[Macro, ...]":
        """Return the macros that this account may use."""
        return await self._setup().macros()

    async def fetch_macro_effect(self, macro_id: str, ticket: Ticket) -> "MacroEffect":
        """Return what the desk says that a macro would do to a ticket. Raises NotFound."""
        return await self._setup().macro_effect(macro_id, ticket, ticket_path(ticket.id, self._name))

    async def fetch_incidents(self, problem_id: TicketId, limit: int) -> FoundTickets:
        """Return at most `limit` tickets that are linked to a problem. Raises NotFound."""
        return await self._searching().incidents(ticket_path(problem_id, self._name), limit)

    def _setup(self) -> "AccountSetup":
        from supporttui.helpdesks.zendesk.account_setup import AccountSetup  # for those who change properties

        return AccountSetup(self._client)

    def _searching(self) -> "DeskSearch":
        if self._search is None:
            from supporttui.helpdesks.zendesk.search import DeskSearch  # needed only to search

            self._search = DeskSearch(self._client, self._feed)
        return self._search

    async def fetch_conversation(
        self, ticket_id: TicketId, budget: ConversationBudget | None = None
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """Return a ticket with its conversation, its status history, and the people in it."""
        return await self._conversations.fetch(ticket_id, budget or ConversationBudget())

    async def refresh_conversation(
        self,
        ticket: Ticket,
        known: Conversation | None,
        people: Iterable[Person],
        budget: ConversationBudget | None = None,
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """Return a ticket with its conversation, from the audits alone if they tell what is new."""
        return await self._conversations.refresh(
            ticket,
            known,
            {person.id: person for person in people},
            budget or ConversationBudget(),
            has_clocks=not self._pushes,
        )

    async def fetch_attachment(self, attachment: Attachment, into: Path, *, max_bytes: int) -> int:
        """Stream an attachment into a new file, mode 0600; return its size. Follows no symlink, overwrites no file."""
        return await fetch_file(self._client, attachment, into, max_bytes)

    async def send_upload(self, path: Path, file_name: str) -> str:
        """Upload a file; return the token that attaches it to a message."""
        return await send_file(self._client, path, file_name)

    def split(self, patch: TicketPatch) -> tuple[TicketPatch, ...]:
        """Return the patch itself: the desk applies a text and any properties in one request."""
        return (patch,)

    async def send_update(self, update: TicketUpdate) -> SendResult:
        """Apply a change. Only after `Interrupted` is it unknown whether the change was applied."""
        path, what = f"{ticket_path(update.ticket_id, self._name)}.json", f"ticket {update.ticket_id.label}"
        body = update_request(update, self._development_field)
        return self._result(await self._client.send("PUT", path, body, what, update.operation_id))[0]

    async def send_new_ticket(self, new: NewTicket) -> SendResult:
        """Create a ticket. Only after `Interrupted` is it unknown whether it was created."""
        path, body = "/api/v2/tickets.json", new_ticket_request(new, self._name)
        result, audit = self._result(await self._client.send("POST", path, body, "the new ticket", new.operation_id))
        if audit is None or result.untold:
            return result
        told = extend_conversation(result.ticket, None, [audit], {})
        if told is None or len(told[1].messages) > 1:  # the response does not tell the authors of later messages
            return result
        return replace(result, ticket=told[0], conversation=told[1])

    async def send_merge(self, merge: TicketMerge) -> SendResult:
        """Merge a ticket into another one, once. Only after `Interrupted` is it unknown whether it was merged."""
        from supporttui.helpdesks.zendesk.merging import send_merge  # for those who merge

        return await send_merge(self._client, self._conversations, merge, self._name)

    async def find_operation(self, ticket_id: TicketId, operation_id: str, after_audit_id: int | None) -> bool:
        """Whether the ticket's audits after the given one contain our operation."""
        path, what = f"{ticket_path(ticket_id, self._name)}/audits.json", f"ticket {ticket_id.label}"
        unreadable, known_to = 0, after_audit_id or 0

        def read(body: bytes) -> tuple[responses.AuditsPage, Lost]:
            nonlocal unreadable
            found = decode_audits(body, self._transport.desk_name)
            unreadable += sum(_may_hide_operation(each, known_to) for each in found.items)
            return found.page, found.lost

        async for page in self._client.pages(path, responses.AuditsPage, what, {}, read=read):
            for audit in page.audits:
                if audit.id > known_to and audit.metadata.custom.get(OPERATION_KEY) == operation_id:
                    return True
        if unreadable:
            raise Interrupted(f"The history of {what} cannot be read whole, so nobody can tell what was sent.")
        return False

    async def listen(self, after: str | None) -> AsyncIterator[PushEvent]:
        """Yield the desk's changes after an event id; the first item is a heartbeat once the stream is open."""
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": after} if after else {})}
        async with self._client.opened(EVENTS_PATH, "the stream of changes", headers) as response:
            yield PushEvent(None, None)
            pieces = decompressed(response.aiter_raw(), response.headers.get("content-encoding", ""), _UNLIMITED_BYTES)
            try:
                async for event in parse_events(pieces):
                    yield PushEvent(event.id, self._changed_ticket(event.data))
            except MalformedEventStream as problem:
                raise Interrupted(f"{capitalize_first(self._transport.desk_name)}: {problem}.") from problem

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    async def _fetch_summary(self) -> DeskSummary | None:
        """Return the embedded server's summary; None if the desk is not an embedded server, whatever its response."""
        try:
            answer = await self._client.fetch(DESK_PATH, "the desk's summary")
        except (NotFound, Forbidden, Rejected, Unauthorised):
            return None
        try:
            return decode(answer.body, DeskSummary, self._transport.desk_name)
        except Interrupted:
            return None

    def _changed_ticket(self, data: str) -> TicketId | None:
        """Return the ticket that an event names; None if it is unreadable."""
        try:
            number = decode(data.encode("utf-8", "surrogatepass"), StreamedChange, "the stream of changes").ticket_id
        except Interrupted:
            return None
        return ticket_id_of(number, self._name) if number is not None and is_id(number) else None

    def _result(self, answer: HttpResponse) -> tuple[SendResult, responses.Audit | None]:
        """Return the result of a write, and its audit if that is complete.

        Raises Interrupted for an unreadable response, after which it is unknown what was done.
        """
        one, lost, lost_of_ticket = decode_ticket(answer.body, self._transport.desk_name)
        fault_point("answer parsed")
        ticket, audit = self._conversations.parse(one.ticket), one.audit
        untold, is_unreadable = untold_fields(one.ticket, lost_of_ticket)
        result = SendResult(
            ticket=ticket,
            people=self._feed.people.known(one.users),
            audit_id=None,
            event_id=answer.headers.get(EVENT_HEADER),
            untold=untold,
            is_unreadable=is_unreadable,
        )
        if not isinstance(audit, responses.Audit):
            return result, None
        is_told = "audit" not in lost and not untold & _TIMES and is_complete(audit, ticket)
        result = replace(
            result,
            audit_id=audit.id,
            messages=parse_written(audit, ticket) if is_told else None,
            history=parse_history([audit], ticket) if is_told else (),
        )
        return result, audit if is_told else None


def _may_hide_operation(audit: ReadItem[responses.Audit], known_to: int) -> bool:
    """Whether this may be the audit of an operation that is searched for after the known ones."""
    if audit.item is None:
        return not 0 < audit.number <= known_to
    return audit.item.id > known_to and "metadata" in audit.lost
