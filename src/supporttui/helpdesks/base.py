"""What every help desk offers: one protocol, declared capabilities, one family of errors."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Protocol

import msgspec

from supporttui.domain.patch import TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Attachment, Conversation, HistoryEvent, Message, Person, Ticket


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a help desk can do; the UI hides what it cannot."""

    can_hold: bool
    """It has an On-Hold status."""
    pushes: bool
    """It announces changes itself; otherwise it is polled."""
    idempotent_writes: bool
    """It applies a write with the same idempotency key once."""
    checks_versions: bool
    """It refuses a change that is based on an older version."""
    idempotent_creation: bool = False
    """It creates a ticket with the same idempotency key once, whatever it does with other writes."""
    idempotency_key_ttl_s: float = 0.0
    """For how long it surely remembers an idempotency key."""
    keeps_operation_id: bool = True
    """Its history tells which operation of ours made a change; otherwise our text is looked for."""
    version_resolution_s: float = 0.0
    """Changes within so many seconds may leave the same version."""


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
    """Ask with it for what follows; never interpreted outside its help desk."""
    has_more: bool
    unreadable_ids: tuple[int, ...] = ()
    """Tickets of this page that could not be decoded; what is known of them stays as it was."""


class TicketUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """A change of one ticket, sent as one request so that it applies as a whole or not at all."""

    operation_id: str
    """Idempotency key and custom metadata of the resulting audit."""
    ticket_id: int
    based_on: str | None
    """The version this was decided on; None sends it unconditionally."""
    patch: TicketPatch
    """Its files are uploaded before: `uploads` stands for them."""
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
    """The help desk's own answer to a write."""

    ticket: Ticket
    people: tuple[Person, ...]
    audit_id: int | None
    messages: tuple[Message, ...] | None = None
    """What the change has written; None where the answer does not tell it as a fetched conversation would."""
    history: tuple[HistoryEvent, ...] = ()
    """What the change did to properties; complete where `messages` are known."""
    event_id: str | None = None
    """The event of the desk's stream that announces this change; None where the desk does not say."""


class PushEvent(msgspec.Struct, frozen=True):
    """One event of the desk's stream: something changed, or the stream is merely alive."""

    event_id: str | None
    """Resume the stream after it; None on a heartbeat."""
    ticket_id: int | None


class DeskError(Exception):
    """A help desk did not do what it was asked. `str()` is one sentence with the remedy, fit for a screen."""

    def __init__(self, sentence: str, *, desk_message: OutsideText | None = None) -> None:
        super().__init__(sentence)
        self.desk_message = desk_message
        """What the desk itself wrote about it, if anything."""


class Unreachable(DeskError):
    """No connection was made: nothing was sent."""


class Interrupted(DeskError):
    """The request was sent, or part of it, and no whole answer came: it may have been applied."""


class ResponseTooLarge(Interrupted):
    """The answer is larger than may be read. A smaller page of the same may not be."""


class Unauthorised(DeskError):
    """The desk does not accept these credentials."""


class Forbidden(DeskError):
    """The desk accepts the credentials but not this action."""


class NotFound(DeskError):
    """The ticket is not there, or not for us."""


class Conflict(DeskError):
    """The ticket has changed since the version this was based on. Nothing was applied."""


class Rejected(DeskError):
    """The desk understood and refuses; repeating it cannot help. Nothing was applied."""


class RateLimited(DeskError):
    """The desk asks to wait. Nothing was applied."""

    def __init__(self, sentence: str, *, retry_after_s: float, desk_message: OutsideText | None = None) -> None:
        super().__init__(sentence, desk_message=desk_message)
        self.retry_after_s = retry_after_s


class HelpDesk(Protocol):
    """A help desk. Every method may raise a `DeskError`; none is called from the UI's thread."""

    @property
    def desk_ahead_s(self) -> float | None:
        """Seconds by which the desk's clock is ahead of this machine's, from its last answer; None before one."""

    async def fetch_account(self) -> Account:
        """Who we are. Raises Unauthorised where the token is not accepted."""

    async def fetch_changes(self, cursor: str | None) -> ChangePage:
        """Tickets changed since the cursor, or all within the desk's scope where there is none."""

    async def fetch_conversation(self, ticket_id: int) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """A ticket with all that was written on it, its status history filled in."""

    async def fetch_attachment(self, attachment: Attachment, into: Path, *, max_bytes: int) -> int:
        """Stream an attachment into a new file, 0600; the number of bytes. Never follows a link nor overwrites."""

    async def send_upload(self, path: Path, file_name: str) -> str:
        """Send a file; the token that attaches it to a message."""

    def split(self, patch: TicketPatch) -> tuple[TicketPatch, ...]:
        """The patches that it takes one request each for, in the order in which they are sent; most desks need one."""

    async def send_update(self, update: TicketUpdate) -> SendResult:
        """Apply a change. Only `Interrupted` leaves it open whether the change was applied."""

    async def send_new_ticket(self, new: NewTicket) -> SendResult:
        """Create a ticket. Only `Interrupted` leaves it open whether it was created."""

    async def find_operation(self, ticket_id: int, operation_id: str, after_audit_id: int | None) -> bool:
        """Whether an operation of ours stands among the ticket's audits above the mark."""

    def listen(self, after: str | None) -> AsyncIterator[PushEvent]:
        """The desk's stream of changes after an event id; ends or raises when the link does."""

    async def close(self) -> None:
        """Let go of all connections."""


OpenDesk = Callable[[], Awaitable[HelpDesk]]
"""Connects to the help desk, anew whenever the link was lost; it may start the embedded one. Raises DeskError."""
