"""Stepping from ticket to ticket on the ticket screen, and loading what it shows."""

from datetime import datetime
from typing import Final

from supporttui.domain.conversation_budget import MAX_KEPT_BYTES, message_bytes
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardChanges, BoardModel
from supporttui.presentation.board.loaded_board import Board
from supporttui.presentation.ticket.ticket_view import TicketView, is_overtaken, load_ticket_view

TRAIL_STEPS: Final = 500
"""Tickets before and after the first one whose order is kept; beyond, the pane is read again."""


class TicketTrail:
    """The order of the pane when a ticket was opened, so that stepping is not disturbed by tickets that move."""

    def __init__(self, board: Board, ticket_id: TicketId) -> None:
        self._board = board
        position = board.position(ticket_id)
        self._status: Status | None = None
        self._ids = [ticket_id]
        if position is not None:
            self._status, index = position
            self._ids = board.pane(self._status).ids(max(0, index - TRAIL_STEPS), index + TRAIL_STEPS)
        self._done: set[TicketId] = set()

    @property
    def status(self) -> Status | None:
        """The status of the pane; None if the first ticket was in none."""
        return self._status

    def neighbour(self, ticket_id: TicketId, step: int) -> TicketId | None:
        """Return the next or previous ticket that is still in the pane; None at the end."""
        self._append_arrivals(ticket_id)
        at = self._ids.index(ticket_id) if ticket_id in self._ids else -1
        ahead = self._ids[at + 1 :] if step > 0 else self._ids[: max(at, 0)][::-1]
        return next((other for other in ahead if self._is_here(other)), None)

    def next_after_sending(self, ticket_id: TicketId) -> TicketId | None:
        """Return the next ticket below, else the worst of the pane, skipping answered ones; None if none is left."""
        self._done.add(ticket_id)
        self._append_arrivals(ticket_id)
        at = self._ids.index(ticket_id) if ticket_id in self._ids else -1
        for other in (*self._ids[at + 1 :], *self._worst_first()):
            if other not in self._done and self._is_here(other):
                return other
        return None

    def _is_here(self, ticket_id: TicketId) -> bool:
        position = self._board.position(ticket_id)
        return position is not None and position[0] is self._status

    def _worst_first(self) -> list[TicketId]:
        return self._board.pane(self._status).ids(0, 2 * TRAIL_STEPS) if self._status else []

    def _append_arrivals(self, ticket_id: TicketId) -> None:
        """Append the tickets new to the pane and, near the end of a long one, those that follow."""
        known = set(self._ids)
        found = self._worst_first()
        if self._status is not None and ticket_id in self._ids[-2:]:
            pane = self._board.pane(self._status)
            index = pane.find(ticket_id)
            found = found if index is None else [*pane.ids(index, index + TRAIL_STEPS), *found]
        self._ids += [other for other in dict.fromkeys(found) if other not in known]


class TicketFetcher:
    """Holds the view of one ticket at a time and keeps it current."""

    def __init__(self, model: BoardModel, ticket_id: TicketId) -> None:
        self._model = model
        self.start_reading(ticket_id)

    view: TicketView
    unread_after: datetime | None
    """The instant up to which the reader had read it before; None if they never had."""

    def start_reading(self, ticket_id: TicketId) -> None:
        """Show a ticket: mark it as read and request its conversation."""
        model = self._model
        self.unread_after = model.rows.read_at(ticket_id)
        self._wanted_version = ""
        self._asked_for_older = False
        model.mark_read(ticket_id)
        model.engine.want_conversation(ticket_id)
        self.view = load_ticket_view(model, ticket_id, model.conversation(ticket_id))

    def reload_local_changes(self) -> None:
        """Reload the changes decided and drafts typed in this window."""
        self.view = load_ticket_view(self._model, self.view.ticket_id, self.view.conversation)

    def follow(self, changes: BoardChanges, *, is_seen: bool) -> None:
        """Apply changes; `is_seen` tells whether the reader has the ticket on screen."""
        model, ticket_id = self._model, self.view.ticket_id
        conversation = self.view.conversation
        if ticket_id in changes.ticket_ids or conversation is None or is_overtaken(self.view, model):
            conversation = model.conversation(ticket_id)
        self.view = load_ticket_view(model, ticket_id, conversation)
        if is_seen and self.view.row is not None and self.view.row.is_unread:
            model.mark_read(ticket_id)
        self._ask_for_newer()

    def load_older(self) -> bool:
        """Request older messages; return False if no more can be loaded."""
        conversation = self.view.conversation
        here = sum(map(message_bytes, conversation.messages)) if conversation is not None else 0
        if here >= MAX_KEPT_BYTES // 2 and self._asked_for_older:
            return False
        self._asked_for_older = True
        self._model.engine.want_older_messages(self.view.ticket_id)
        return True

    def _ask_for_newer(self) -> None:
        """Request newer messages, once for each version of the ticket that the conversation lacks."""
        ticket = self._model.ticket(self.view.ticket_id)
        if ticket is None or not is_overtaken(self.view, self._model) or self._wanted_version == ticket.version:
            return
        self._wanted_version = ticket.version
        self._model.engine.want_conversation(ticket.id)
