"""Screens that are kept current: the app tells them about changes and every second."""

from abc import abstractmethod
from datetime import datetime
from functools import cached_property
from typing import ClassVar, Protocol, TypeVar, cast

from textual import events
from textual.binding import BindingType
from textual.screen import Screen

from supporttui.domain.ticket import Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardChanges, BoardModel
from supporttui.presentation.board.key_hints import KeyHint
from supporttui.presentation.visits import BoardPlace
from supporttui.ui.messages import ComposeKind
from supporttui.ui.terminal.binding_chain import COPY_SELECTION, BindingChain, keymapped_chain
from supporttui.ui.terminal.framed_app import frame_timer, is_drawing_paused

Result = TypeVar("Result")


class Navigator(Protocol):
    """Opens other screens, so that features do not depend on each other."""

    files_folder: str
    """The folder that was chosen for files in this window; empty where none was."""

    def open_ticket(self, ticket_id: TicketId, writing: ComposeKind | None = None) -> None:
        """Show a ticket, with the composer open if `writing` is given."""

    def open_new_ticket(self) -> None:
        """Show the form for a new ticket."""

    def ask_move(self, ticket: Ticket) -> None:
        """Ask where to move a ticket, and move it."""

    def ask_agenda(self) -> None:
        """Show the planner, and open the ticket chosen there."""

    def note_visit(self, ticket_id: TicketId) -> None:
        """Record that a ticket was shown, for going back."""

    def visit(self, where: str) -> None:
        """Go `back` or `forward`, open the `last` ticket again, or list the `recent` ones."""


class NavigatingApp(Protocol):
    """An app that can open screens."""

    navigator: Navigator


class LiveScreen(Screen[Result], inherit_bindings=False):
    """A screen that the app keeps current. Every screen on the stack is told, also below a dialog."""

    BINDINGS: ClassVar[list[BindingType]] = [COPY_SELECTION]

    def __init__(self, model: BoardModel) -> None:
        super().__init__()
        self.model = model
        self.wants_typing = False
        """Whether it was opened for typing, so that keys wait until a text field has the focus."""
        self._was_shown = False
        self.shown_hints: list[KeyHint] = []
        """The key hints in the screen's footer."""

    @property
    def navigator(self) -> Navigator:
        """The app's navigator."""
        return cast(NavigatingApp, self.app).navigator

    _update_timer = cached_property(frame_timer)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Skip the computation of styles on the first resume: the screen has them already."""
        event.refresh_styles = event.refresh_styles and self._was_shown
        self._was_shown = True

    def _compositor_refresh(self) -> None:
        """Skip drawing while the first picture stands in for this screen."""
        if not is_drawing_paused(self.app):
            super()._compositor_refresh()

    @property
    def _binding_chain(self) -> BindingChain:
        return keymapped_chain(self)

    @property
    def place(self) -> BoardPlace | None:
        """The focused pane and cursor; None if this is not the board."""
        return None

    def return_to_place(self, place: BoardPlace) -> None:
        """Move the cursor to a place."""

    def use_view(self, key: str) -> None:
        """Show a view by its key, where this is the board."""

    def show_here(self, ticket_id: TicketId) -> bool:
        """Show another ticket in this screen; return False if the screen shows no ticket or must keep its own."""
        return False

    def action_visit(self, where: str) -> None:
        """Go where a key asks for."""
        self.navigator.visit(where)

    @property
    def ticket_at_hand(self) -> TicketId | None:
        """The ticket under the cursor, or the open one; the user's own commands act on it."""
        return None

    def is_ready(self) -> bool:
        """Whether a key typed ahead of this screen would now have its intended effect."""
        if not self.is_mounted:
            return False
        return not self.wants_typing or (self.focused is not None and self.focused.check_consume_key("a", "a"))

    def offers(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether the account has the rights for an action; keys of other actions are neither bound nor listed."""
        return True

    def prepare_for(self, event: events.Key | events.Paste) -> None:
        """Prepare for a key or a paste that is about to be processed, for example by moving the focus."""

    @abstractmethod
    def tick(self, now: datetime) -> None:
        """Redraw what depends on the time; called every second of the desk's time."""

    @abstractmethod
    def show_changes(self, changes: BoardChanges) -> None:
        """Redraw what is affected by changes of these tickets or of the engine."""

    def say(self, sentence: str) -> None:
        """Show a sentence until the next key."""

    def return_to(self, ticket_id: TicketId) -> None:
        """Move the cursor to this ticket, whose latest change was undone."""

    def stay_with(self, ticket_id: TicketId) -> None:
        """Keep the cursor on this ticket, which is about to change, until the user moves it."""
