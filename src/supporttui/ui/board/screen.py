"""The board screen: five panes, a header above and the keys below."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Static

from supporttui.domain.board import Row
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import BadTicketId, TicketId, parse_ticket_id
from supporttui.presentation.board.board_model import BoardChanges, BoardModel
from supporttui.presentation.board.pane_layout import MIN_READABLE_SIZE, is_readable
from supporttui.presentation.board.problem_text import board_problem
from supporttui.presentation.requester_side import BOARD_ACTION_NEEDS, is_offered
from supporttui.presentation.visits import BoardPlace
from supporttui.ui.board.board_filter import BoardFilter, TicketsSelected
from supporttui.ui.board.board_panes import BoardPanes
from supporttui.ui.board.goto import GoToScreen
from supporttui.ui.board.preview import PREVIEW_BINDINGS, BoardPreview
from supporttui.ui.key_line import active_hints
from supporttui.ui.live import LiveScreen
from supporttui.ui.messages import AssignToMe, ComposeKind, ShowNotice
from supporttui.ui.panes.board_parts import BoardWidgets
from supporttui.ui.panes.drawn_rows import blank_lines
from supporttui.ui.panes.status_pane import StatusPane
from supporttui.ui.visits import visit_bindings

HINTS = (
    ("board-open-ticket", "open"),
    ("board-reply", "reply"),
    ("board-note", "note"),
    ("board-move", "move"),
    ("board-assign-me", "take"),
    ("board-filter", "filter"),
    ("board-views", "views"),
    ("board-preview", "preview"),
    ("board-mine", "mine"),
    ("board-what-first", "what first"),
    ("board-new-ticket", "new"),
    ("board-go-to", "go to"),
    ("app-help", "keys"),
)
"""The bindings named in the footer, most important first; the last one is always shown."""

FROZEN_HINT = ("board-freeze", "show what waits")
"""Precedes the hints while the lists are frozen."""


class BoardScreen(LiveScreen[None]):
    """The tickets of every status, kept current; keys act on the ticket under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open the ticket", id="board-open-ticket", priority=True),
        Binding("r", "write('reply')", "reply to the customer", id="board-reply", priority=True),
        Binding("i", "write('note')", "write an internal note", id="board-note", priority=True),
        Binding("m", "move", "move to another status", id="board-move", priority=True),
        Binding("a", "assign_to_me", "assign to me", id="board-assign-me", priority=True),
        Binding("N", "new_ticket", "new ticket", id="board-new-ticket", priority=True),
        Binding("g", "go_to", "go to a number or key", id="board-go-to", priority=True),
        Binding("t", "what_first", "what to do first", id="board-what-first", priority=True),
        Binding("slash", "filter", "filter the tickets", id="board-filter", priority=True),
        Binding("escape", "filter_off", "take the filter away", id="board-filter-off", priority=True),
        Binding("v", "views", "choose a view", id="board-views", priority=True),
        *(
            Binding(
                f"f{number + 1}", f"view({number})", "a view by its number", id=f"board-view-{number}", priority=True
            )
            for number in range(1, 9)
        ),
        Binding("c", "customer", "the customer's tickets", id="board-customer", priority=True),
        Binding("f", "mine", "mine only, or everybody's", id="board-mine", priority=True),
        Binding("R", "refresh_now", "ask the help desk now", id="board-refresh", priority=True),
        *PREVIEW_BINDINGS,
        *visit_bindings("board"),
    ]

    def __init__(self, model: BoardModel, cursor_id: TicketId | None = None) -> None:
        """cursor_id: the cursor's ticket in the first picture; None is the first row."""
        super().__init__(model)
        self._first_cursor_id = cursor_id
        self._panes = BoardPanes(model)
        self._parts = BoardWidgets(model, self._panes, is_wall=False)
        self._filter = BoardFilter(self, model, self._panes)
        self._preview = BoardPreview(self, self._panes, lambda: self._row)
        self._acted_on: TicketId | None = None
        """The ticket changed last; the cursor follows it until the user moves the cursor."""

    def compose(self) -> ComposeResult:
        """Yield the header, the panes, the footer, and the notice for a screen that is too small."""
        self._parts.begin(self.model.now())
        yield self._parts.header
        yield self._panes
        yield self._parts.key_line
        size = f"needs at least {MIN_READABLE_SIZE.width}x{MIN_READABLE_SIZE.height}"
        yield Static(Content(size), id="too-small", markup=False)

    def on_mount(self) -> None:
        """Focus the first pane with tickets; the cursor keeps the position it was given before the screen existed."""
        self._filter.begin()
        self._panes.focus_first(self.model.initial_focus, self._first_cursor_id)
        self._preview.begin()

    def is_ready(self) -> bool:
        """Whether a key would reach the pane that it is meant for."""
        return super().is_ready() and self.focused is not None

    def offers(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether the account has the rights for an action."""
        return is_offered(self.model.can, BOARD_ACTION_NEEDS, action, parameters)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide the keys for actions that this account lacks the rights for."""
        return self.offers(action, parameters)

    def prepare_for(self, event: events.Key | events.Paste) -> None:
        """Return the focus to the pane that had it, as after a dialog, before a key is processed."""
        self._focus_a_pane()

    # -- updates ------------------------------------------------------------------------------------------------

    def tick(self, now: datetime) -> None:
        """Update what depends on the time."""
        self._show(now)

    def show_changes(self, changes: BoardChanges) -> None:
        """Redraw after changes."""
        is_on_it = self._acted_on is not None and self._cursor_id == self._acted_on
        self._parts.follow(changes)
        self._filter.take_desk_views()
        self._preview.take_in(changes)
        if is_on_it and self._acted_on is not None:
            self._put_cursor_on(self._acted_on)
        else:
            self._acted_on = None
        self._show(self.model.now())

    def stay_with(self, ticket_id: TicketId) -> None:
        """Keep a cursor on this ticket when it is about to change, also into another pane."""
        self._acted_on = ticket_id
        self._panes.note_own(ticket_id)

    def return_to(self, ticket_id: TicketId) -> None:
        """Move the cursor to a ticket whose change was undone, and follow it as it moves back."""
        self.stay_with(ticket_id)
        self._put_cursor_on(ticket_id)

    def _show(self, now: datetime) -> None:
        if self.is_mounted:
            hints = HINTS if self.model.waiting_changes is None else (FROZEN_HINT, *HINTS)
            self._parts.show(now, active_hints(self, hints), board_problem(self.model, self._row))
            self._preview.follow(now)

    def say(self, sentence: str) -> None:
        """Show a sentence until the next key."""
        self._parts.key_line.say(sentence)

    def on_resize(self, event: events.Resize) -> None:
        """Set the lines per row, and show a notice if the screen is too small."""
        self.set_class(not is_readable(*event.size), "-too-small")
        self._panes.use_room(event.size)
        self.call_after_refresh(self._show_now)

    def _show_now(self) -> None:
        self._focus_a_pane()
        self._show(self.model.now())

    def _focus_a_pane(self) -> None:
        """Return the focus to the pane that lost it while the screen was too small."""
        if self.focused is None and not self.has_class("-too-small"):
            self.set_focus(self._panes.focused_pane)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return blank lines; the children cover them."""
        return blank_lines(self, crop) if self.styles.background.a == 1 else super().render_lines(crop)

    # -- panes --------------------------------------------------------------------------------------------------

    @property
    def _cursor_id(self) -> TicketId | None:
        """The ticket that the cursor was put on, wherever it is now."""
        return self.focused.view.cursor_id if isinstance(self.focused, StatusPane) else None

    @property
    def ticket_at_hand(self) -> TicketId | None:
        """The ticket under the cursor."""
        return None if self._row is None else self._row.ticket.id

    @property
    def _row(self) -> Row | None:
        """The row that keys act on."""
        return self.focused.cursor_row if isinstance(self.focused, StatusPane) else None

    @on(BoardPanes.Rearranged)
    def show_rearranged(self) -> None:
        """Redraw after sizes or the layout of rows have changed."""
        self._show_now()

    @on(StatusPane.CursorMoved)
    def show_cursor(self, event: StatusPane.CursorMoved) -> None:
        """Redraw for another row under the cursor; everything else waits for the next tick."""
        now = self.model.now()
        self._parts.show_pane(event.status, now, board_problem(self.model, self._row))
        self._preview.follow(now)

    @on(StatusPane.Scrolled)
    def show_view(self) -> None:
        """Redraw after scrolling."""
        self._show_now()

    @on(StatusPane.TicketChosen)
    def open_ticket(self, event: StatusPane.TicketChosen) -> None:
        """Open the ticket that was clicked."""
        self.navigator.open_ticket(event.ticket_id)

    def go_to_ticket(self, typed: str | None) -> None:
        """Move the cursor to the typed ticket; open it if the filter or the board hides it."""
        if typed is None:
            return
        try:
            ticket_id = parse_ticket_id(typed, self.model.app_context.files.desk)
        except BadTicketId as problem:
            self.say(str(problem))
            return
        if ticket_id == self.model.outbox_view.last_created:
            self.model.outbox_view.last_created = None
        if self._put_cursor_on(ticket_id):
            return
        if self.model.ticket(ticket_id) is not None:
            self.navigator.open_ticket(ticket_id)
        else:
            self.say(f"{ticket_id.label} is not in the local copy: it may be closed for long, or not exist.")

    def _put_cursor_on(self, ticket_id: TicketId) -> bool:
        """Move the cursor to a ticket in any pane; return False if the board does not show it."""
        return self._panes.put_cursor_on(ticket_id)

    # -- the ticket under the cursor ----------------------------------------------------------------------------

    def _with_row(self, act: Callable[[Row], object]) -> None:
        """Call `act` with the row under the cursor, or say that there is none."""
        if self._row is None:
            self.say("There is no ticket under the cursor.")
        else:
            act(self._row)

    def action_open(self) -> None:
        """Open the ticket; on a header, fold or unfold the group."""
        if self._panes.is_on_header:
            self._panes.action_fold()
            return
        self._with_row(lambda row: self.navigator.open_ticket(row.ticket.id))

    def action_write(self, what: str) -> None:
        """Open the ticket to write a reply or a note."""
        self._with_row(lambda row: self.navigator.open_ticket(row.ticket.id, ComposeKind(what)))

    def action_assign_to_me(self) -> None:
        """Assign the ticket to the user."""
        self._with_row(lambda row: self.post_message(AssignToMe(row.ticket.id)))

    def action_move(self) -> None:
        """Ask for the new status; the dialog is open before the next key is processed."""
        self._with_row(lambda row: self.navigator.ask_move(row.ticket))

    # -- the board ----------------------------------------------------------------------------------------------

    def action_go_to(self) -> None:
        """Ask for a ticket number."""
        self.app.push_screen(GoToScreen(self.model.outbox_view.last_created), self.go_to_ticket)

    def action_what_first(self) -> None:
        """Show what breaches next and the order in which to answer."""
        self.navigator.ask_agenda()

    def action_new_ticket(self) -> None:
        """Open the form for a new ticket."""
        self.navigator.open_new_ticket()

    def action_filter(self) -> None:
        """Open the filter line."""
        self._filter.open_line()

    def action_filter_off(self) -> None:
        """Remove the filter."""
        if not self._filter.clear():
            self.say("Nothing is filtered.")

    def action_views(self) -> None:
        """Choose a view."""
        self._filter.choose_view()

    def use_view(self, key: str) -> None:
        """Show a view by its key."""
        self._filter.use_view_by_key(key)

    def action_view(self, number: int) -> None:
        """Show a view by its number, or turn it off."""
        self._filter.use_view(number)

    def action_customer(self) -> None:
        """Show the tickets of the requester."""
        self._with_row(self._filter.show_customer)

    @on(TicketsSelected)
    def show_selected(self) -> None:
        """Show the requested selection."""
        self._filter.take_selected()

    def action_mine(self) -> None:
        """Toggle between the user's own tickets and everybody's."""
        if self.model.my_id is None:
            self.say("The help desk has not said yet who you are.")
            return
        self._filter.show_mine()

    def action_preview(self, what: str) -> None:
        """Open, close or scroll the preview of the ticket under the cursor."""
        self._preview.act(what)

    @on(events.ScreenResume)
    def look_at_preview_again(self) -> None:
        """Refresh the preview when the board is the topmost screen again."""
        self._preview.look_again()

    @property
    def place(self) -> BoardPlace | None:
        """The focused pane and the ticket under the cursor."""
        return BoardPlace(self._panes.focused_pane.status, self._cursor_id)

    def return_to_place(self, place: BoardPlace) -> None:
        """Move the cursor back to a ticket, or at least to its pane."""
        if place.ticket_id is None or not self._put_cursor_on(place.ticket_id):
            self._panes.action_go_pane([*Status].index(place.status))

    def action_refresh_now(self) -> None:
        """Ask the help desk for changes now."""
        before = self.model.status
        self.model.engine.refresh()
        self.app.post_message(ShowNotice("Asking the help desk…", lambda: self.model.status == before))
