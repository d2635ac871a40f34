"""What several widgets and screens ask of the app, and what they are told."""

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
    """There is news in the store or from the engine. At most one is under way."""

    def can_replace(self, message: Message) -> bool:
        """Two of them say no more than one."""
        return isinstance(message, TicketsChanged)


@dataclass
class OpenTicket(Message):
    """Show a ticket, ready to write where that is said."""

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
    """Hand a decided change to the engine; its draft goes when the change is on disk."""

    operation: Operation
    draft_id: str | None = None


@dataclass
class ShowNotice(Message):
    """Show one sentence of ours until the next key; it is not kept."""

    sentence: str
    holds: Callable[[], bool] | None = None
    """Whether it is still true; it goes when this returns False. None where it cannot become untrue."""
