"""Messages sent by several widgets and screens: requests to the app, and notifications."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from textual.message import Message

from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.store.operations import Operation


class ComposeKind(Enum):
    """What the ticket screen opens its composer for."""

    REPLY = "reply"
    NOTE = "note"


class TicketsChanged(Message):
    """The store or the engine has changed. At most one message is pending."""

    def can_replace(self, message: Message) -> bool:
        """Whether it makes a pending message of the same kind redundant."""
        return isinstance(message, TicketsChanged)


@dataclass
class OpenTicket(Message):
    """Show a ticket, with the composer open if requested."""

    ticket_id: TicketId
    writing: ComposeKind | None = None


class WriteNewTicket(Message):
    """Open the form for a new ticket."""


@dataclass
class MoveTicket(Message):
    """Move a ticket to a status."""

    ticket_id: TicketId
    to: Status


@dataclass
class AssignToMe(Message):
    """Make this account the assignee."""

    ticket_id: TicketId


@dataclass
class SubmitOperation(Message):
    """Hand a decided change to the engine; its draft is deleted once the change is on disk."""

    operation: Operation
    draft_id: str | None = None


@dataclass
class ShowNotice(Message):
    """Show a sentence until the next key."""

    sentence: str
    holds: Callable[[], bool] | None = None
    """Whether the sentence is still true; it is removed when this returns False. None if it stays true."""
