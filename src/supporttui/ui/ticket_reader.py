"""Which ticket is being read, from the local copy at once, and asked for anew where that is behind."""

from datetime import datetime

from supporttui.ui.board_model import BoardModel, Changes
from supporttui.ui.ticket_view import TicketView, is_overtaken, look_at


class TicketReader:
    """Holds the view of one ticket at a time and keeps it current."""

    def __init__(self, model: BoardModel, ticket_id: int) -> None:
        self._model = model
        self.take_up(ticket_id)

    view: TicketView
    unread_after: datetime | None
    """Up to when the reader had read it before; None where they never had."""

    def take_up(self, ticket_id: int) -> None:
        """Read this one: it is read from now on, and its conversation is asked for."""
        model = self._model
        self.unread_after = model.rows.read_at(ticket_id)
        self._wanted_version = ""
        model.mark_read(ticket_id)
        model.engine.want_conversation(ticket_id)
        self.view = look_at(model, ticket_id, model.conversation(ticket_id))

    def look_again(self) -> None:
        """Take in what was decided or typed here."""
        self.view = look_at(self._model, self.view.ticket_id, self.view.conversation)

    def follow(self, changes: Changes, *, is_seen: bool) -> None:
        """Take in what is new; `is_seen` says that the reader has it before their eyes."""
        model, ticket_id = self._model, self.view.ticket_id
        conversation = self.view.conversation
        if ticket_id in changes.ticket_ids or conversation is None or is_overtaken(self.view, model):
            conversation = model.conversation(ticket_id)
        self.view = look_at(model, ticket_id, conversation)
        if is_seen and self.view.row is not None and self.view.row.is_unread:
            model.mark_read(ticket_id)
        self._ask_for_newer()

    def _ask_for_newer(self) -> None:
        """Ask once for each version of the ticket that the conversation does not cover."""
        ticket = self._model.ticket(self.view.ticket_id)
        if ticket is None or not is_overtaken(self.view, self._model) or self._wanted_version == ticket.version:
            return
        self._wanted_version = ticket.version
        self._model.engine.want_conversation(ticket.id)
