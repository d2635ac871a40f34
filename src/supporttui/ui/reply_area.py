"""The part of the ticket screen in which one writes, as the ticket screen knows it."""

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
    """A composer for one ticket at a time; it says when something was sent and when it was left."""

    @dataclass
    class Sent(Message):
        """What was written has been handed over."""

        operation: Operation
        ticket_id: TicketId
        after: Status
        is_public: bool

    class Closed(Message):
        """The composer was left; what is written is kept."""

    @property
    def is_open(self) -> bool:
        """Whether something is being written."""
        return bool(self.display)

    def close(self) -> None:
        """Put the composer away; what is written is kept."""
        self.display = False

    @property
    @abstractmethod
    def field(self) -> PlainTextArea:
        """Where one types."""

    @abstractmethod
    def begin(self, view: TicketView, *, is_public: bool) -> None:
        """Write on this ticket; a draft that is there is gone on with, as what it is."""

    @abstractmethod
    def follow(self, view: TicketView) -> None:
        """The ticket or its conversation has changed while something is being written."""

    @abstractmethod
    def tick(self, now: datetime) -> None:
        """Say anew what sending does to the clock, where that is something else now."""
