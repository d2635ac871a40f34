"""What every help desk offers: one protocol, declared capabilities, one family of errors."""

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
    from supporttui.domain.query.query import Query, QueryContext


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a help desk can do; the UI hides what it cannot."""

    can_hold: bool
    """It has an On-Hold status."""
    pushes: bool
    """It pushes changes; otherwise it is polled."""
    idempotent_writes: bool
    """It applies a write with the same idempotency key once."""
    checks_versions: bool
    """It refuses a change that is based on an older version."""
    idempotent_creation: bool = False
    """It creates a ticket with the same idempotency key once, whatever it does with other writes."""
    idempotency_key_ttl_s: float = 0.0
    """Seconds for which it remembers an idempotency key at least."""
    keeps_operation_id: bool = True
    """Its history has our operation ids; otherwise an operation is found by its text."""
    version_resolution_s: float = 0.0
    """Two changes within so many seconds may have the same version."""
    searches: bool = False
    """It has a search of its own, which knows tickets that are not on the board."""
    has_views: bool = False
    """It has views of its own."""
    can_note: bool = True
    """Internal notes are read and written."""
    can_assign: bool = True
    can_change_severity: bool = True
    """The severity of a ticket that is there; a new one is always created with one."""
    can_choose_status: bool = True
    """Any status can be set; otherwise a ticket is closed, and reopened by writing on it."""
    can_name_requester: bool = True
    """Tickets are created for others; otherwise in the account's own name only."""
    reports_removals: bool = True
    """A desk that pushes tells which tickets are gone; otherwise they have to be looked for."""


UNKNOWN_DESK: Final = Capabilities(can_hold=True, pushes=False, idempotent_writes=False, checks_versions=False)
"""What is assumed of a desk before it has said who we are: every key is there."""


def requester_capabilities(desk: Capabilities) -> Capabilities:
    """What is left for the account of a customer: public messages on its own tickets, closing and reopening them."""
    return replace(
        desk,
        checks_versions=False,  # an internal note, which they never hear of, makes another version
        keeps_operation_id=False,
        can_note=False,
        can_assign=False,
        can_change_severity=False,
        can_choose_status=False,
        can_name_requester=False,
        reports_removals=False,
        searches=False,
        has_views=False,
    )


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who we are on which desk."""

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
    """Tickets of this page that could not be read whole. Of those that are in `tickets` too, what could be is there."""
    untold: Mapping[TicketId, frozenset[str]] = {}
    """Of tickets of this page the fields for which the answer had no value that can be read: known ones stay."""
    is_cut_short: bool = False
    """The list goes on and does not say where. The cursor is one that asks for what was not told."""


class TicketUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """A change of one ticket, sent as one request so that it applies as a whole or not at all."""

    operation_id: str
    """Idempotency key and custom metadata of the resulting audit."""
    ticket_id: TicketId
    based_on: str | None
    """The version that the change is based on; None sends it unconditionally."""
    patch: TicketPatch
    """Its files are uploaded before the update; `uploads` has their tokens."""
    uploads: tuple[str, ...] = ()
    """Tokens from `send_upload`."""


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


class SendResult(msgspec.Struct, frozen=True, kw_only=True):
    """The help desk's response to a write."""

    ticket: Ticket
    people: tuple[Person, ...]
    audit_id: int | None
    messages: tuple[Message, ...] | None = None
    """What the change has written; None where the answer does not tell it as a fetched conversation would."""
    history: tuple[HistoryEvent, ...] = ()
    """What the change did to properties; complete where `messages` are known."""
    conversation: Conversation | None = None
    """The whole conversation of a new ticket; None after a change, and where the answer does not tell it."""
    event_id: str | None = None
    """The event of the desk's stream that announces this change; None where the desk does not say."""
    untold: frozenset[str] = frozenset()
    """The fields of the ticket for which the answer had no value that can be read: known ones stay."""
    is_unreadable: bool = False
    """Whether something was sent for one of them, so that it counts as a ticket that could not be read whole."""


class PushEvent(msgspec.Struct, frozen=True):
    """One event of the desk's stream: a change, or a heartbeat."""

    event_id: str | None
    """Resumes the stream after this event; None on a heartbeat."""
    ticket_id: TicketId | None
    """None on a heartbeat, and where an event does not tell it."""


class FoundTickets(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk's own search has found, the latest change first."""

    tickets: tuple[Ticket, ...]
    people: tuple[Person, ...]
    """Their requesters and assignees, as far as the desk tells them."""
    total: int
    """How many tickets the desk has found, of which these are the first."""
    unreadable_ids: tuple[TicketId, ...] = ()
    """Found tickets that could not be read whole."""


class DeskView(msgspec.Struct, frozen=True, kw_only=True):
    """A view that somebody has made on the desk."""

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
    """The request was sent at least in part, and no complete response arrived: it may have been applied."""


class ResponseTooLarge(Interrupted):
    """The response exceeds the size limit. A smaller page may not."""


class ListCutShort(Interrupted):
    """A list says that it goes on, and not where, or does not say whether it does: what comes behind is not known."""


class EndlessFeed(DeskError):
    """The desk's changes have page after page with nothing in them."""


class ReadLimitReached(DeskError):
    """What was asked for is larger than is read ahead of need."""


class ConversationBudget:
    """How much of one conversation is kept, and how much may be read for it: one for each time that it is fetched."""

    def __init__(self, kept_bytes: int = KEPT_BYTES, read_bytes: int | None = None) -> None:
        self.kept_bytes = kept_bytes
        self.left: int | None = read_bytes
        """Bytes that may still be read; None for any number."""
        self.read = 0
        """Bytes that were read."""

    def take(self, size: int, what: str) -> None:
        """An answer of so many bytes came. Raises ReadLimitReached where that is too much."""
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
    """A help desk. Every method may raise a `DeskError`; none is called from the UI's thread."""

    @property
    def desk_ahead_s(self) -> float | None:
        """Seconds by which the desk's clock is ahead of this machine's, from its last response; None before one."""

    async def fetch_account(self) -> Account:
        """The signed-in account. Raises Unauthorised where the token is not accepted."""

    async def fetch_changes(self, cursor: str | None) -> ChangePage:
        """A page of tickets changed since the cursor, or of all tickets in scope where it is None."""

    async def find_missing(self, ticket_ids: Sequence[TicketId]) -> tuple[TicketId, ...]:
        """Which of at most `MISSING_BATCH` tickets the desk does not name any more: they are to be asked for singly."""

    async def search(self, query: "Query", context: "QueryContext", limit: int) -> FoundTickets:
        """Tickets that the desk's own search finds for a query, at most so many.

        Of the query it is asked what it can answer: whatever else a ticket must fulfil is for the caller to check.
        Raises Rejected where it can answer nothing of it, or has no search.
        """

    async def fetch_views(self) -> tuple[DeskView, ...]:
        """The desk's own views that this account may use, in the desk's order; none where it has no such thing."""

    async def fetch_view_tickets(self, view_id: str, limit: int) -> FoundTickets:
        """The tickets of one of these views, in the desk's order, at most so many. Raises NotFound."""

    async def fetch_conversation(
        self, ticket_id: TicketId, budget: ConversationBudget | None = None
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """A ticket with its conversation, its status history, and the people in it.

        Of a conversation that exceeds the budget the newest messages have their text. Raises ReadLimitReached.
        """

    async def refresh_conversation(
        self,
        ticket: Ticket,
        known: Conversation | None,
        people: Iterable[Person],
        budget: ConversationBudget | None = None,
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """The same as `fetch_conversation`, by fetching only what is new wherever that leads to the same.

        `ticket` is the ticket as known, with the earlier conversation, if any, and the people in it.
        """

    async def fetch_attachment(self, attachment: Attachment, into: Path, *, max_bytes: int) -> int:
        """Stream an attachment into a new file, mode 0600; its size. Follows no symbolic link, overwrites no file."""

    async def send_upload(self, path: Path, file_name: str) -> str:
        """Upload a file; the token that attaches it to a message."""

    def split(self, patch: TicketPatch) -> tuple[TicketPatch, ...]:
        """The patches that it takes one request each for, in the order in which they are sent; most desks need one."""

    async def send_update(self, update: TicketUpdate) -> SendResult:
        """Apply a change. Only `Interrupted` leaves it open whether the change was applied."""

    async def send_new_ticket(self, new: NewTicket) -> SendResult:
        """Create a ticket. Only `Interrupted` leaves it open whether it was created."""

    async def find_operation(self, ticket_id: TicketId, operation_id: str, after_audit_id: int | None) -> bool:
        """Whether the ticket's audits after the given one contain our operation."""

    def listen(self, after: str | None) -> AsyncIterator[PushEvent]:
        """The desk's stream of changes after an event id; ends or raises with the connection."""

    async def close(self) -> None:
        """Close all connections."""


MISSING_BATCH: Final = 100
"""So many tickets are looked for in one request."""

OpenDesk = Callable[[], Awaitable[HelpDesk]]
"""Connects to the help desk, anew whenever the link was lost; it may start the embedded one. Raises DeskError."""
