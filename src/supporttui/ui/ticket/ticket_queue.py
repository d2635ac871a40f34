"""The pane from which a ticket was opened, shown beside it if there is room."""

from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.pane_lines import pane_labels
from supporttui.presentation.board.ticket_row import TicketRows
from supporttui.ui.panes.pane_styles import PaneStyleCache
from supporttui.ui.panes.status_pane import StatusPane


class TicketQueue(Vertical):
    """Shows the pane in narrow rows, its cursor on the open ticket. It never has the focus."""

    def __init__(self, model: BoardModel, status: Status, *, id: str) -> None:
        row_texts = TicketRows(model.people.find, model.app_context.calendar.zone)
        row_texts.my_id = model.my_id
        self._row_texts = row_texts
        labels = pane_labels(status, model.app_context.policy, model.pane_order)
        self.pane = StatusPane(status, labels, model.board.pane(status), row_texts, PaneStyleCache(), is_wall=False)
        self.pane.can_focus = False
        self.pane.opens_on_click = True
        self._model = model
        self._followed: TicketId | None = None
        super().__init__(id=id)

    def compose(self) -> ComposeResult:
        """Yield the pane."""
        yield self.pane

    def on_resize(self) -> None:
        """Scroll to the ticket after the pane has been resized as well."""
        self.call_after_refresh(self._follow_again)

    def _follow_again(self) -> None:
        if self._followed is not None:
            self.follow(self._followed, self._model.now())

    @on(StatusPane.Scrolled)
    def show_view(self, event: StatusPane.Scrolled) -> None:
        """Redraw after scrolling."""
        event.stop()
        self.show(self._model.now())

    def follow(self, ticket_id: TicketId, now: datetime) -> None:
        """Update after changes, or for another open ticket: put the cursor on it unless it has left the pane."""
        self._followed = ticket_id
        if not self.is_mounted:
            return
        self._row_texts.forget()
        is_another = self.pane.view.cursor_id != ticket_id
        self.pane.view.cursor_id = ticket_id
        self.pane.keep_cursor()
        self.pane.follow()
        index = self.pane.view.rows.find(ticket_id) if is_another else None
        if index is not None:
            self.pane.go_to(index)
        self.show(now)

    def show(self, now: datetime) -> None:
        """Redraw what has changed."""
        if self.display and self.is_mounted:
            self.pane.show(now)
