"""The board: five panes, a header above and the keys below."""

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
    ("board-mine", "mine"),
    ("board-what-first", "what first"),
    ("board-new-ticket", "new"),
    ("board-go-to", "go to"),
    ("app-help", "keys"),
)
"""Bindings that the line below the board names, the most needed first; the last one is always there."""

FROZEN_HINT = ("board-freeze", "show what waits")
"""Stands before them while the lists are frozen."""


class BoardScreen(LiveScreen[None]):
    """The tickets of every status, kept current; the keys act on the ticket under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open the ticket", id="board-open-ticket", priority=True),
        Binding("r", "write('reply')", "reply to the customer", id="board-reply", priority=True),
        Binding("i", "write('note')", "write an internal note", id="board-note", priority=True),
        Binding("m", "move", "move: then o, w, h or c", id="board-move", priority=True),
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
        """cursor_id: where the cursor stands in the first picture; None is the first row."""
        super().__init__(model)
        self._first_cursor_id = cursor_id
        self._panes = BoardPanes(model)
        self._parts = BoardWidgets(model, self._panes, is_wall=False)
        self._filter = BoardFilter(self, model, self._panes)
        self._preview = BoardPreview(self, self._panes, lambda: self._row)
        self._acted_on: TicketId | None = None
        """The ticket that was changed last; the cursor goes with it as long as nobody moves it off."""

    def compose(self) -> ComposeResult:
        """The header, the panes, the keys; and what is said where there is no room for them."""
        self._parts.begin(self.model.now())
        yield self._parts.header
        yield self._panes
        yield self._parts.key_line
        size = f"needs at least {MIN_READABLE_SIZE.width}x{MIN_READABLE_SIZE.height}"
        yield Static(Content(size), id="too-small", markup=False)

    def on_mount(self) -> None:
        """Begin in the pane in which something waits, with the cursor where it was put before there was a screen."""
        self._filter.begin()
        self._panes.focus_first(self.model.initial_focus, self._first_cursor_id)
        self._preview.begin()

    def is_ready(self) -> bool:
        """Whether a key would find the pane that it is meant for."""
        return super().is_ready() and self.focused is not None

    def offers(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether the account can do it."""
        return is_offered(self.model.can, BOARD_ACTION_NEEDS, action, parameters)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out the keys for what this account cannot do."""
        return self.offers(action, parameters)

    def prepare_for(self, event: events.Key | events.Paste) -> None:
        """A key is meant for the pane that had the focus, also where a dialog has left none."""
        self._focus_a_pane()

    # -- what changes by itself ---------------------------------------------------------------------------------

    def tick(self, now: datetime) -> None:
        """A second has begun."""
        self._show(now)

    def show_changes(self, changes: BoardChanges) -> None:
        """There is news: draw it."""
        is_on_it = self._acted_on is not None and self._cursor_id == self._acted_on
        self._parts.follow(changes)
        self._preview.take_in(changes)
        if is_on_it and self._acted_on is not None:
            self._put_cursor_on(self._acted_on)
        else:
            self._acted_on = None
        self._show(self.model.now())

    def stay_with(self, ticket_id: TicketId) -> None:
        """The ticket is about to be changed: a cursor on it goes with it, also into another pane."""
        self._acted_on = ticket_id
        self._panes.note_own(ticket_id)

    def return_to(self, ticket_id: TicketId) -> None:
        """A change was taken back: put the cursor on its ticket, and have it go along as the ticket goes back."""
        self.stay_with(ticket_id)
        self._put_cursor_on(ticket_id)

    def _show(self, now: datetime) -> None:
        if self.is_mounted:
            hints = HINTS if self.model.waiting_changes is None else (FROZEN_HINT, *HINTS)
            self._parts.show(now, active_hints(self, hints), board_problem(self.model, self._row))
            self._preview.follow(now)

    def say(self, sentence: str) -> None:
        """Show one sentence of ours until the next key."""
        self._parts.key_line.say(sentence)

    def on_resize(self, event: events.Resize) -> None:
        """Choose the density, and say so where the screen is too small."""
        self.set_class(not is_readable(*event.size), "-too-small")
        self._panes.use_room(event.size)
        self.call_after_refresh(self._show_now)

    def _show_now(self) -> None:
        self._focus_a_pane()
        self._show(self.model.now())

    def _focus_a_pane(self) -> None:
        """Give the focus back to the pane that lost it while the screen was too small to show it."""
        if self.focused is None and not self.has_class("-too-small"):
            self.set_focus(self._panes.focused_pane)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The ground below everything."""
        return blank_lines(self, crop) if self.styles.background.a == 1 else super().render_lines(crop)

    # -- panes --------------------------------------------------------------------------------------------------

    @property
    def _cursor_id(self) -> TicketId | None:
        """The ticket that the cursor was put on, wherever that ticket is by now."""
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
        """The panes have another room, or show their rows in another way."""
        self._show_now()

    @on(StatusPane.CursorMoved)
    def show_cursor(self, event: StatusPane.CursorMoved) -> None:
        """Another row is under the cursor: everything else waits for the next second."""
        now = self.model.now()
        self._parts.show_pane(event.status, now, board_problem(self.model, self._row))
        self._preview.follow(now)

    @on(StatusPane.Scrolled)
    def show_view(self) -> None:
        """Other rows are in view."""
        self._show_now()

    @on(StatusPane.TicketChosen)
    def open_ticket(self, event: StatusPane.TicketChosen) -> None:
        """Show the ticket that was chosen with the mouse."""
        self.navigator.open_ticket(event.ticket_id)

    def go_to_ticket(self, typed: str | None) -> None:
        """Put the cursor on the ticket that was typed, opening it where the filter or the board leaves it out."""
        if typed is None:
            return
        try:
            ticket_id = parse_ticket_id(typed, self.model.app_context.files.desk)
        except BadTicketId as problem:
            self.say(str(problem))
            return
        if self._put_cursor_on(ticket_id):
            return
        if self.model.ticket(ticket_id) is not None:
            self.navigator.open_ticket(ticket_id)
        else:
            self.say(f"{ticket_id.label} is not in the local copy: it may be closed for long, or not exist.")

    def _put_cursor_on(self, ticket_id: TicketId) -> bool:
        """Put the cursor on a ticket, in whichever pane it is; False where the board does not show it."""
        return self._panes.put_cursor_on(ticket_id)

    # -- the ticket under the cursor ----------------------------------------------------------------------------

    def _with_row(self, act: Callable[[Row], object]) -> None:
        """Act on the row under the cursor, or say that there is none."""
        if self._row is None:
            self.say("There is no ticket under the cursor.")
        else:
            act(self._row)

    def action_open(self) -> None:
        """Show the ticket; fold or unfold a group."""
        if self._panes.is_on_header:
            self._panes.action_fold()
            return
        self._with_row(lambda row: self.navigator.open_ticket(row.ticket.id))

    def action_write(self, what: str) -> None:
        """Open the ticket to write a reply or a note."""
        self._with_row(lambda row: self.navigator.open_ticket(row.ticket.id, ComposeKind(what)))

    def action_assign_to_me(self) -> None:
        """Take the ticket."""
        self._with_row(lambda row: self.post_message(AssignToMe(row.ticket.id)))

    def action_move(self) -> None:
        """Ask where to; the dialogue is there before the next key is looked at."""
        self._with_row(lambda row: self.navigator.ask_move(row.ticket))

    # -- the board ----------------------------------------------------------------------------------------------

    def action_go_to(self) -> None:
        """Ask for a number."""
        self.app.push_screen(GoToScreen(), self.go_to_ticket)

    def action_what_first(self) -> None:
        """Show what breaches next, and in which order to answer."""
        self.navigator.ask_agenda()

    def action_new_ticket(self) -> None:
        """Write a new ticket."""
        self.navigator.open_new_ticket()

    def action_filter(self) -> None:
        """Type a filter."""
        self._filter.open_line()

    def action_filter_off(self) -> None:
        """Show everything again."""
        if not self._filter.clear():
            self.say("Nothing is filtered.")

    def action_views(self) -> None:
        """Choose a view."""
        self._filter.choose_view()

    def action_view(self, number: int) -> None:
        """Show a view by its number, or everything again."""
        self._filter.use_view(number)

    def action_customer(self) -> None:
        """Show the tickets of who asked."""
        self._with_row(self._filter.show_customer)

    @on(TicketsSelected)
    def show_selected(self) -> None:
        """Show what was asked for."""
        self._filter.take_selected()

    def action_mine(self) -> None:
        """Show mine only, or everybody's."""
        if self.model.my_id is None:
            self.say("The help desk has not said yet who you are.")
            return
        self._filter.show_mine()

    def action_preview(self, what: str) -> None:
        """Open or close the preview of the ticket under the cursor, or scroll it."""
        self._preview.act(what)

    @on(events.ScreenResume)
    def look_at_preview_again(self) -> None:
        """The board is in front again."""
        self._preview.look_again()

    @property
    def place(self) -> BoardPlace | None:
        """Where the cursor stands."""
        return BoardPlace(self._panes.focused_pane.status, self._cursor_id)

    def return_to_place(self, place: BoardPlace) -> None:
        """Put the cursor where it was, or into the pane in which it was."""
        if place.ticket_id is None or not self._put_cursor_on(place.ticket_id):
            self._panes.action_go_pane([*Status].index(place.status))

    def action_refresh_now(self) -> None:
        """Ask the help desk now."""
        before = self.model.status
        self.model.engine.refresh()
        self.app.post_message(ShowNotice("Asking the help desk…", lambda: self.model.status == before))
