"""The interface of the composer that the ticket screen uses."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime

from textual.containers import Vertical
from textual.message import Message

from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.ticket.ticket_view import TicketView
from supporttui.store.operations import Operation
from supporttui.ui.typing_area import PlainTextArea


class ReplyArea(Vertical):
    """A composer for one ticket at a time; emits messages when something was sent and when it was left."""

    @dataclass
    class Sent(Message):
        """A message was submitted."""

        operation: Operation
        ticket_id: TicketId
        after: Status
        is_public: bool

    class Closed(Message):
        """The composer was left; the draft is kept."""

    @property
    def is_open(self) -> bool:
        """Whether a message is being written."""
        return bool(self.display)

    def close(self) -> None:
        """Close the composer; the draft is kept."""
        self.display = False

    @property
    @abstractmethod
    def field(self) -> PlainTextArea:
        """The text field."""

    @abstractmethod
    def begin(self, view: TicketView, *, is_public: bool) -> None:
        """Start writing on this ticket, or continue its draft as the kind that it is."""

    @abstractmethod
    def follow(self, view: TicketView) -> None:
        """Update after the ticket or its conversation has changed."""

    @abstractmethod
    def tick(self, now: datetime) -> None:
        """Update the effect of sending on the clock."""
