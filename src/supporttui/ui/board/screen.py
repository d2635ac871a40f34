"""The board: five panes, a header above and the keys below."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Static

from supporttui.domain.board import PendingMark, Row
from supporttui.domain.safe_text import safe_line
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import BadTicketId, TicketId, parse_ticket_id
from supporttui.presentation.board.board_model import PROBLEM_STATES, BoardChanges, BoardModel
from supporttui.presentation.board.pane_layout import MIN_READABLE_SIZE, is_readable, lines_per_row
from supporttui.store.operations import Operation
from supporttui.ui.board.goto import GoToScreen
from supporttui.ui.key_line import active_hints
from supporttui.ui.live import LiveScreen
from supporttui.ui.messages import AssignToMe, ComposeKind, ShowNotice
from supporttui.ui.panes.board_parts import BoardWidgets
from supporttui.ui.panes.drawn_rows import blank_lines
from supporttui.ui.panes.status_pane import StatusPane

HINTS = (
    ("board-open-ticket", "open"),
    ("board-reply", "reply"),
    ("board-note", "note"),
    ("board-move", "move"),
    ("board-assign-me", "take"),
    ("board-mine", "mine"),
    ("board-what-first", "what first"),
    ("board-new-ticket", "new"),
    ("board-go-to", "go to"),
    ("app-help", "keys"),
)
"""Bindings that the line below the board names, the most needed first; the last one is always there."""


def _priority_binding(key: str, action: str, description: str, *, id: str) -> Binding:
    """A key that is acted on in the order of typing: others pass through the focused widget's queue first."""
    return Binding(key, action, description, id=id, priority=True)


class BoardScreen(LiveScreen[None]):
    """The tickets of every status, kept current; the keys act on the ticket under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _priority_binding("left,h", "step_pane(-1)", "pane to the left", id="board-pane-left"),
        _priority_binding("right,l", "step_pane(1)", "pane to the right", id="board-pane-right"),
        _priority_binding("tab", "step_pane(1)", "pane to the right", id="board-pane-next"),
        _priority_binding("shift+tab", "step_pane(-1)", "pane to the left", id="board-pane-previous"),
        *(
            _priority_binding(str(number), f"go_pane({number - 1})", "pane by its number", id=f"board-pane-{number}")
            for number in range(1, 6)
        ),
        _priority_binding("enter", "open", "open the ticket", id="board-open-ticket"),
        _priority_binding("r", "write('reply')", "reply to the customer", id="board-reply"),
        _priority_binding("i", "write('note')", "write an internal note", id="board-note"),
        _priority_binding("m", "move", "move: then o, w, h or c", id="board-move"),
        _priority_binding("a", "assign_to_me", "assign to me", id="board-assign-me"),
        _priority_binding("N", "new_ticket", "new ticket", id="board-new-ticket"),
        _priority_binding("g", "go_to", "go to a number or key", id="board-go-to"),
        _priority_binding("t", "what_first", "what to do first", id="board-what-first"),
        _priority_binding("f", "mine", "mine only, or everybody's", id="board-mine"),
        _priority_binding("d", "density", "one line a ticket, or two", id="board-density"),
        _priority_binding("R", "refresh_now", "ask the help desk now", id="board-refresh"),
    ]

    def __init__(self, model: BoardModel, cursor_id: TicketId | None = None) -> None:
        """cursor_id: where the cursor stands in the first picture; None is the first row."""
        super().__init__(model)
        self._first_cursor_id = cursor_id
        self._parts = BoardWidgets(model, is_wall=False)
        self._lines_per_row: int | None = None
        """The density that the user chose; None goes by the size of the screen."""
        self._focused_status = model.initial_focus
        """Of the pane that has the focus, or had it last."""
        self._acted_on: TicketId | None = None
        """The ticket that was changed last; the cursor goes with it as long as nobody moves it off."""

    def compose(self) -> ComposeResult:
        """The header, the panes, the keys; and what is said where there is no room for them."""
        self._parts.begin(self.model.now())
        yield self._parts.header
        yield self._parts.grid
        yield self._parts.key_line
        size = f"needs at least {MIN_READABLE_SIZE.width}x{MIN_READABLE_SIZE.height}"
        yield Static(Content(size), id="too-small", markup=False)

    def on_mount(self) -> None:
        """Begin in the pane in which something waits, with the cursor where it was put before there was a screen."""
        first = self.model.initial_focus
        if self._first_cursor_id is not None:
            view = self._parts.grid.panes[first].view
            view.move_to(view.rows.find(self._first_cursor_id) or 0)
        self.set_focus(self._parts.grid.panes[first])
        self._parts.grid.open_pane(first)

    def is_ready(self) -> bool:
        """Whether a key would find the pane that it is meant for."""
        return super().is_ready() and self.focused is not None

    # -- what changes by itself ---------------------------------------------------------------------------------

    def tick(self, now: datetime) -> None:
        """A second has begun."""
        self._show(now)

    def show_changes(self, changes: BoardChanges) -> None:
        """There is news: draw it."""
        is_on_it = self._acted_on is not None and self._cursor_id == self._acted_on
        self._parts.follow(changes)
        if is_on_it and self._acted_on is not None:
            self._put_cursor_on(self._acted_on)
        else:
            self._acted_on = None
        self._show(self.model.now())

    def stay_with(self, ticket_id: TicketId) -> None:
        """The ticket is about to be changed: a cursor on it goes with it, also into another pane."""
        self._acted_on = ticket_id

    def return_to(self, ticket_id: TicketId) -> None:
        """A change was taken back: put the cursor on its ticket, and have it go along as the ticket goes back."""
        self.stay_with(ticket_id)
        self._put_cursor_on(ticket_id)

    def _show(self, now: datetime) -> None:
        if self.is_mounted:
            self._parts.show(now, active_hints(self, HINTS), board_problem(self.model, self._row))

    def say(self, sentence: str) -> None:
        """Show one sentence of ours until the next key."""
        self._parts.key_line.say(sentence)

    def on_resize(self, event: events.Resize) -> None:
        """Choose the density, and say so where the screen is too small."""
        self.set_class(not is_readable(*event.size), "-too-small")
        self._parts.grid.use_density(self._lines_per_row or lines_per_row(*event.size))
        self.call_after_refresh(self._show_now)

    def _show_now(self) -> None:
        self._focus_a_pane()
        self._show(self.model.now())

    def _focus_a_pane(self) -> None:
        """Give the focus back to the pane that lost it while the screen was too small to show it."""
        if self.focused is None and not self.has_class("-too-small"):
            self.set_focus(self._parts.grid.panes[self._focused_status])

    def render_lines(self, crop: Region) -> list[Strip]:
        """The ground below everything."""
        return blank_lines(self, crop) if self.styles.background.a == 1 else super().render_lines(crop)

    # -- panes --------------------------------------------------------------------------------------------------

    @property
    def _pane(self) -> StatusPane | None:
        """The pane that has the focus."""
        return self.focused if isinstance(self.focused, StatusPane) else None

    @property
    def _cursor_id(self) -> TicketId | None:
        """The ticket that the cursor was put on, wherever that ticket is by now."""
        return self._pane.view.cursor_id if self._pane is not None else None

    @property
    def _row(self) -> Row | None:
        """The row that keys act on."""
        return self._pane.cursor_row if self._pane is not None else None

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Unfold the pane that got the focus."""
        if isinstance(event.widget, StatusPane):
            self._focused_status = event.widget.status
            self._parts.grid.open_pane(event.widget.status)
            self.call_after_refresh(self._show_now)

    @on(StatusPane.CursorMoved)
    def show_cursor(self, event: StatusPane.CursorMoved) -> None:
        """Another row is under the cursor: everything else waits for the next second."""
        self._parts.show_pane(event.status, self.model.now(), board_problem(self.model, self._row))

    @on(StatusPane.Scrolled)
    def show_view(self) -> None:
        """Other rows are in view."""
        self._show_now()

    @on(StatusPane.TicketChosen)
    def open_ticket(self, event: StatusPane.TicketChosen) -> None:
        """Show the ticket that was chosen with the mouse."""
        self.navigator.open_ticket(event.ticket_id)

    def action_step_pane(self, step: int) -> None:
        """Focus the pane beside this one, around the ends."""
        statuses = list(Status)
        index = statuses.index(self._pane.status) if self._pane is not None else 0
        self.set_focus(self._parts.grid.panes[statuses[(index + step) % len(statuses)]])

    def action_go_pane(self, index: int) -> None:
        """Focus a pane by its number."""
        self.set_focus(self._parts.grid.panes[list(Status)[index]])

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
        position = self.model.board.position(ticket_id)
        if position is not None:
            pane = self._parts.grid.panes[position[0]]
            self.set_focus(pane)
            pane.go_to(position[1])
        return position is not None

    def action_density(self) -> None:
        """Show the other density, one line a ticket or two."""
        current = self._lines_per_row or lines_per_row(*self.size)
        self._lines_per_row = 3 - current
        self._parts.grid.use_density(self._lines_per_row)
        self._show_now()

    # -- the ticket under the cursor ----------------------------------------------------------------------------

    def _with_row(self, act: Callable[[Row], object]) -> None:
        """Act on the row under the cursor, or say that there is none."""
        if self._row is None:
            self.say("There is no ticket under the cursor.")
        else:
            act(self._row)

    def action_open(self) -> None:
        """Show the ticket."""
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

    def action_mine(self) -> None:
        """Show mine only, or everybody's."""
        if self.model.my_id is None:
            self.say("The help desk has not said yet who you are.")
            return
        self.model.board.show_only(None if self.model.board.only_assignee is not None else self.model.my_id)
        self._parts.grid.follow()
        self._show_now()

    def action_refresh_now(self) -> None:
        """Ask the help desk now."""
        before = self.model.status
        self.model.engine.refresh()
        self.app.post_message(ShowNotice("Asking the help desk…", lambda: self.model.status == before))


def board_problem(model: BoardModel, row: Row | None) -> str:
    """What is wrong: with the link, with the ticket under the cursor, or with a new ticket that was not taken."""
    if model.status.unsaved:
        return f"What you wrote is kept in this window; y on the ticket copies it. {model.status.sentence}"
    if model.status.sentence or model.readings.problem:
        return model.status.sentence or model.readings.problem
    if row is not None and row.mark is PendingMark.PROBLEM:
        said = _failure(model.outbox_view.operations(row.ticket.id))
        return f"{row.ticket.id.label}: {said} Open the ticket to decide."
    refused = [each for each in model.outbox_view.creating() if each.state in PROBLEM_STATES]
    return f"New ticket: {_failure(refused)} Open the form (new ticket) to correct it." if refused else ""


def _failure(operations: Sequence[Operation]) -> str:
    failed = [each for each in operations if each.state in PROBLEM_STATES]
    return safe_line(failed[-1].error) if failed and failed[-1].error is not None else "A change was not applied."
