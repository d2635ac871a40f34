"""Opens the screens that the first picture does not need; each is imported when it is first wanted.

They are pushed within the key's own action, so that a key that was typed ahead finds them there.
"""

from typing import TYPE_CHECKING, Any

from textual.app import App

from supporttui.domain.ticket import Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.ui.live import LiveScreen
from supporttui.ui.messages import ComposeKind, MoveTicket, ShowNotice

if TYPE_CHECKING:
    from supporttui.ui.visits import TicketVisits


class ScreenNavigator:
    """Opens screens and dialogs of one app; the screens know it as `Navigator` only."""

    def __init__(self, app: App[Any], model: BoardModel) -> None:
        self._app = app
        self._model = model
        self._visits: TicketVisits | None = None

    def open_ticket(self, ticket_id: TicketId, writing: ComposeKind | None = None) -> None:
        """Show a ticket, ready to write where that is said; one that is open gives way where nobody writes on it."""
        front = self._app.screen
        if writing is None and isinstance(front, LiveScreen) and front.show_here(ticket_id):
            return
        self._ticket_visits.leave_board()
        from supporttui.ui.compose.compose_panel import ComposePanel
        from supporttui.ui.ticket.screen import TicketScreen

        screen = TicketScreen(self._model, ticket_id, ComposePanel(self._model, id="writing-desk"), writing)
        screen.wants_typing = writing is not None
        self._app.push_screen(screen)

    def open_new_ticket(self) -> None:
        """Show the form for a new ticket."""
        from supporttui.ui.compose.new_ticket import NewTicketScreen

        screen = NewTicketScreen(self._model)
        screen.wants_typing = True
        self._app.push_screen(screen)

    def open_outbox(self) -> None:
        """List what is unsent and the drafts, and open what is chosen."""
        from supporttui.ui.dialogs.outbox import OutboxEntry, OutboxScreen, outbox_entries

        def show(entry: OutboxEntry | None) -> None:
            if entry is None:
                return
            if entry.ticket_id is None:
                self.open_new_ticket()
            else:
                self.open_ticket(entry.ticket_id)

        entries = outbox_entries(self._model)
        if entries:
            self._app.push_screen(OutboxScreen(entries), show)
        else:
            self._app.post_message(ShowNotice("Nothing is unsent, and there are no drafts."))

    def ask_move(self, ticket: Ticket) -> None:
        """Ask where to move a ticket, and have it moved there."""
        from supporttui.ui.dialogs.move import MoveScreen

        def move(to: Status | None) -> None:
            if to is not None:
                self._app.post_message(MoveTicket(ticket.id, to))

        self._app.push_screen(MoveScreen(self._model, ticket), move)

    def ask_agenda(self) -> None:
        """Show what to do first, and open the ticket that is chosen there."""
        from supporttui.ui.dialogs.agenda import AgendaScreen

        def open_chosen(ticket_id: TicketId | None) -> None:
            if ticket_id is not None:
                self.open_ticket(ticket_id)

        self._app.push_screen(AgendaScreen(self._model), open_chosen)

    def note_visit(self, ticket_id: TicketId) -> None:
        """A ticket is shown: it can be gone back to."""
        self._ticket_visits.note(ticket_id)

    def visit(self, where: str) -> None:
        """Go `back` or `forward`, open the `last` ticket again, or list the `recent` ones."""
        self._ticket_visits.act(where)

    @property
    def _ticket_visits(self) -> "TicketVisits":
        from supporttui.ui.visits import TicketVisits

        if self._visits is None:
            self._visits = TicketVisits(self._app, self._model, self.open_ticket, self._ask_recent)
        return self._visits

    def _ask_recent(self, ticket_ids: list[TicketId]) -> None:
        from supporttui.ui.dialogs.recent_tickets import RecentTicketsScreen

        def open_chosen(ticket_id: TicketId | None) -> None:
            if ticket_id is not None:
                self.open_ticket(ticket_id)

        self._app.push_screen(RecentTicketsScreen(self._model, ticket_ids), open_chosen)
