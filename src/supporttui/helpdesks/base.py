"""The interface of every help desk: a protocol, declared capabilities, and a family of errors."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from msgspec.structs import replace

from supporttui.domain.conversation_budget import KEPT_BYTES
from supporttui.domain.patch import TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Attachment, Conversation, HistoryEvent, Message, Person, Ticket
from supporttui.domain.ticket_id import TicketId

if TYPE_CHECKING:
    from supporttui.domain.desk_setup import CustomField, Group
    from supporttui.domain.macros import Macro, MacroEffect
    from supporttui.domain.query.query import Query, QueryContext


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """The capabilities of a help desk; the UI hides what it does not support."""

    can_hold: bool
    """Whether it has an On-Hold status."""
    pushes: bool
    """Whether it pushes changes; otherwise it is polled."""
    idempotent_writes: bool
    """Whether writes with the same idempotency key are applied once."""
    checks_versions: bool
    """Whether it refuses a change that is based on an older version."""
    idempotent_creation: bool = False
    """Whether a ticket with the same idempotency key is created once, regardless of other writes."""
    idempotency_key_ttl_s: float = 0.0
    """Seconds for which it remembers an idempotency key at least."""
    keeps_operation_id: bool = True
    """Whether its history contains our operation ids; otherwise an operation is found by its text."""
    version_resolution_s: float = 0.0
    """Two changes within this many seconds may have the same version."""
    searches: bool = False
    """Whether it has a search of its own, which also finds tickets that are not on the board."""
    has_views: bool = False
    """Whether it has views of its own."""
    can_note: bool = True
    """Whether internal notes can be read and written."""
    can_assign: bool = True
    can_change_severity: bool = True
    """Whether the severity of an existing ticket can be changed; new tickets always have one."""
    can_choose_status: bool = True
    """Whether any status can be set; otherwise a ticket can only be closed, and is reopened by a message."""
    can_name_requester: bool = True
    """Whether tickets can be created for others; otherwise only in the account's own name."""
    can_set_group: bool = True
    can_set_copies: bool = True
    """Whether people can be added who get copies of public replies."""
    can_set_requester: bool = True
    """Whether the requester of an existing ticket can be changed."""
    has_types: bool = True
    """Whether tickets are questions, incidents of a problem, problems or tasks."""
    has_custom_fields: bool = True
    keeps_development_ticket: bool = True
    has_macros: bool = False
    can_merge: bool = False
    can_follow_up: bool = True
    """Whether a locked ticket can be followed by a new one that names it."""
    reports_removals: bool = True
    """Whether a desk that pushes reports deleted tickets; otherwise they have to be searched for."""


UNKNOWN_DESK: Final = Capabilities(can_hold=True, pushes=False, idempotent_writes=False, checks_versions=False)
"""Assumed before the account is known: every key is offered."""


def requester_capabilities(desk: Capabilities) -> Capabilities:
    """Return the capabilities of a customer's account: public messages on its own tickets, closing and reopening."""
    return replace(
        desk,
        checks_versions=False,  # internal notes, which requesters never see, change the version
        keeps_operation_id=False,
        can_note=False,
        can_assign=False,
        can_change_severity=False,
        can_choose_status=False,
        can_name_requester=False,
        can_set_group=False,
        can_set_copies=False,
        can_set_requester=False,
        has_types=False,
        has_custom_fields=False,
        keeps_development_ticket=False,
        can_follow_up=False,
        reports_removals=False,
        searches=False,
        has_views=False,
        has_macros=False,
        can_merge=False,
    )


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The signed-in account and its desk."""

    me: Person
    desk_name: OutsideText
    capabilities: Capabilities


class ChangePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of changed tickets, oldest change first, with the people they name."""

    tickets: tuple[Ticket, ...]
    people: tuple[Person, ...]
    cursor: str
    """Passed to `fetch_changes` for the next page; opaque outside its help desk."""
    has_more: bool
    unreadable_ids: tuple[TicketId, ...] = ()
    """Tickets of this page that could not be read completely; the readable part of some is in `tickets`."""
    untold: Mapping[TicketId, frozenset[str]] = {}
    """The fields, by ticket, for which the page has no readable value: known values are kept."""
    is_cut_short: bool = False
    """Whether the list continues without telling where. The cursor then asks again for what is missing."""


class TicketUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """A change of one ticket, sent as one request so that it is applied completely or not at all."""

    operation_id: str
    """The idempotency key, and custom metadata of the resulting audit."""
    ticket_id: TicketId
    based_on: str | None
    """The version that the change is based on; None sends it unconditionally."""
    patch: TicketPatch
    """The files in it are uploaded before the update; `uploads` has their tokens."""
    uploads: tuple[str, ...] = ()
    """Tokens from `send_upload`."""
    author_id: int | None = None
    """In whose name the text is written; None for the account's own."""


class NewTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket to be created."""

    operation_id: str
    subject: str
    description: str
    severity: int | None
    requester_email: str
    requester_name: str | None = None
    tags: tuple[str, ...] = ()
    uploads: tuple[str, ...] = ()
    follows: TicketId | None = None
    """The ticket, closed for good, that it follows up."""


class TicketMerge(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that is closed for good, with what was written on it told on another one."""

    operation_id: str
    source_id: TicketId
    target_id: TicketId
    target_note: str
    """The internal note on the ticket that stays."""
    source_note: str
    """The internal note on the ticket that is closed. By it the merge is known as ours."""


class SendResult(msgspec.Struct, frozen=True, kw_only=True):
    """The help desk's response to a write."""

    ticket: Ticket
    people: tuple[Person, ...]
    audit_id: int | None
    messages: tuple[Message, ...] | None = None
    """The messages that the change has written; None if the response does not contain them as a fetch would."""
    history: tuple[HistoryEvent, ...] = ()
    """What the change did to properties; complete if `messages` are known."""
    conversation: Conversation | None = None
    """The conversation of a new ticket; None after a change, and if the response does not contain it."""
    event_id: str | None = None
    """The event of the desk's stream that announces this change; None if unknown."""
    untold: frozenset[str] = frozenset()
    """The fields of the ticket for which the response has no readable value: known values are kept."""
    is_unreadable: bool = False
    """Whether an unreadable value was sent for one of them, so that the ticket counts as partly unreadable."""


class PushEvent(msgspec.Struct, frozen=True):
    """One event of the desk's stream: a change, or a heartbeat."""

    event_id: str | None
    """The id to resume the stream after this event; None for a heartbeat."""
    ticket_id: TicketId | None
    """None for a heartbeat, and if an event does not name a ticket."""


class FoundTickets(msgspec.Struct, frozen=True, kw_only=True):
    """The result of the desk's own search, the latest change first."""

    tickets: tuple[Ticket, ...]
    people: tuple[Person, ...]
    """Their requesters and assignees, as far as the desk names them."""
    total: int
    """The number of tickets that match on the desk; `tickets` has the first of them."""
    unreadable_ids: tuple[TicketId, ...] = ()
    """Found tickets that could not be read completely."""
    untold: Mapping[TicketId, frozenset[str]] = {}
    """As in `ChangePage`."""


class DeskView(msgspec.Struct, frozen=True, kw_only=True):
    """A view defined on the desk."""

    id: str
    """Opaque outside its help desk."""
    title: OutsideText


class DeskError(Exception):
    """A request to a help desk failed. `str()` is one sentence with the remedy, to be shown to the user."""

    def __init__(self, sentence: str, *, desk_message: OutsideText | None = None) -> None:
        super().__init__(sentence)
        self.desk_message = desk_message
        """The desk's own error text, if any."""


class Unreachable(DeskError):
    """No connection was made: nothing was sent."""


class Interrupted(DeskError):
    """The request was at least partly sent, and no complete response arrived: it may have been applied."""


class ResponseTooLarge(Interrupted):
    """The response exceeds the size limit. A smaller page may be within it."""


class ListCutShort(Interrupted):
    """A list does not say where, or whether, it continues: the rest of it is unknown."""


class EndlessFeed(DeskError):
    """The desk's changes have one empty page after the other."""


class ReadLimitReached(DeskError):
    """The conversation exceeds the limit for reading ahead."""


class ConversationBudget:
    """The limits for one fetch of a conversation: how much of it is kept, and how much may be read."""

    def __init__(self, kept_bytes: int = KEPT_BYTES, read_bytes: int | None = None) -> None:
        self.kept_bytes = kept_bytes
        self.left: int | None = read_bytes
        """Bytes that may still be read; None for no limit."""
        self.read = 0
        """The number of bytes read."""

    def take(self, size: int, what: str) -> None:
        """Count a response of this size. Raises ReadLimitReached if it exceeds the limit."""
        self.read += size
        if self.left is not None:
            self.left -= size
            if self.left < 0:
                raise ReadLimitReached(f"{what} is too large to be read before it is opened.")


class Unauthorised(DeskError):
    """The desk does not accept these credentials."""


class Forbidden(DeskError):
    """The desk accepts the credentials but not this action."""


class NotFound(DeskError):
    """The ticket does not exist, or we may not see it."""


class Conflict(DeskError):
    """The ticket has changed since the version that the update is based on. Nothing was applied."""


class Rejected(DeskError):
    """The desk rejected the request; repeating it cannot help. Nothing was applied."""


class RateLimited(DeskError):
    """The rate limit is used up. Nothing was applied."""

    def __init__(self, sentence: str, *, retry_after_s: float, desk_message: OutsideText | None = None) -> None:
        super().__init__(sentence, desk_message=desk_message)
        self.retry_after_s = retry_after_s


class HelpDesk(Protocol):
    """A help desk. Every method may raise a `DeskError`; none is called on the UI's thread."""

    @property
    def desk_ahead_s(self) -> float | None:
        """Seconds by which the desk's clock is ahead of this machine's, by its last response; None before one."""

    async def fetch_account(self) -> Account:
        """Return the signed-in account. Raises Unauthorised if the token is not accepted."""

    async def fetch_agents(self) -> tuple[Person, ...]:
        """Everybody to whom a ticket can be assigned, in any order; nobody where the account may not assign."""

    async def fetch_changes(self, cursor: str | None) -> ChangePage:
        """Return a page of tickets changed since the cursor, or of all tickets in scope if it is None."""

    async def find_missing(self, ticket_ids: Sequence[TicketId]) -> tuple[TicketId, ...]:
        """Return which of at most `MISSING_BATCH` tickets the desk no longer lists; they must be requested singly."""

    async def search(self, query: "Query", context: "QueryContext", limit: int) -> FoundTickets:
        """Return at most `limit` tickets that the desk's own search finds for a query.

        Only terms that the desk supports are sent; the caller must check the others. Raises Rejected if there is none.
        """

    async def fetch_views(self) -> tuple[DeskView, ...]:
        """Return the desk's own views that this account may use, in the desk's order; none if it has no views."""

    async def fetch_view_tickets(self, view_id: str, limit: int) -> FoundTickets:
        """Return at most `limit` tickets of a view, in the desk's order. Raises NotFound."""

    async def fetch_groups(self) -> "tuple[Group, ...]":
        """Return the groups to which this account may give tickets; none if the desk has no groups."""

    async def fetch_custom_fields(self) -> "tuple[CustomField, ...]":
        """Return the desk's own ticket fields that can be written; none if it has no custom fields."""

    async def fetch_macros(self) -> "tuple[Macro, ...]":
        """Return the macros that this account may use, in the desk's order; none if the desk has no macros."""

    async def fetch_macro_effect(self, macro_id: str, ticket: Ticket) -> "MacroEffect":
        """Return what the desk says that one of its macros would do to a ticket. Changes nothing. Raises NotFound."""

    async def fetch_incidents(self, problem_id: TicketId, limit: int) -> FoundTickets:
        """Return at most `limit` tickets that are linked to a problem. Raises NotFound, Rejected."""

    async def fetch_conversation(
        self, ticket_id: TicketId, budget: ConversationBudget | None = None
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """Return a ticket with its conversation, its status history, and the people in it.

        If the conversation exceeds the budget, only the newest messages have their text. Raises ReadLimitReached.
        """

    async def refresh_conversation(
        self,
        ticket: Ticket,
        known: Conversation | None,
        people: Iterable[Person],
        budget: ConversationBudget | None = None,
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """Return the same as `fetch_conversation`, fetching only what is new if that gives the same result.

        `ticket` is the ticket as known, `known` its conversation, if any, and `people` those in it.
        """

    async def fetch_attachment(self, attachment: Attachment, into: Path, *, max_bytes: int) -> int:
        """Stream an attachment into a new file, mode 0600; return its size. Follows no symlink, overwrites no file."""

    async def send_upload(self, path: Path, file_name: str) -> str:
        """Upload a file; return the token that attaches it to a message."""

    def split(self, patch: TicketPatch) -> tuple[TicketPatch, ...]:
        """Split a patch into those that take one request each, in the order of sending; most desks need only one."""

    async def send_update(self, update: TicketUpdate) -> SendResult:
        """Apply a change. Only after `Interrupted` is it unknown whether the change was applied."""

    async def send_new_ticket(self, new: NewTicket) -> SendResult:
        """Create a ticket. Only after `Interrupted` is it unknown whether it was created."""

    async def send_merge(self, merge: TicketMerge) -> SendResult:
        """Merge a ticket into another one and return the latter. If it was merged so before, nothing is sent.

        Raises Conflict if somebody else has merged it. Only after `Interrupted` is it unknown whether it was merged.
        """

    async def find_operation(self, ticket_id: TicketId, operation_id: str, after_audit_id: int | None) -> bool:
        """Whether the ticket's audits after the given one contain our operation."""

    def listen(self, after: str | None) -> AsyncIterator[PushEvent]:
        """Yield the desk's changes after an event id; ends or raises with the connection."""

    async def close(self) -> None:
        """Close all connections."""


MISSING_BATCH: Final = 100
"""The number of tickets that are looked for in one request."""

OpenDesk = Callable[[], Awaitable[HelpDesk]]
"""Connects to the help desk, again whenever the link was lost; may start the embedded one. Raises DeskError."""
