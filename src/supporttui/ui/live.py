"""Screens that show what changes by itself: the app tells them about news and about every second."""

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
    """Opens other screens, so that no feature has to know another."""

    def open_ticket(self, ticket_id: TicketId, writing: ComposeKind | None = None) -> None:
        """Show a ticket, ready to write where that is said."""

    def open_new_ticket(self) -> None:
        """Show the form for a new ticket."""

    def ask_move(self, ticket: Ticket) -> None:
        """Ask where to move a ticket, and have it moved there."""

    def ask_agenda(self) -> None:
        """Show what to do first, and open the ticket that is chosen there."""

    def note_visit(self, ticket_id: TicketId) -> None:
        """A ticket is shown: it can be gone back to."""

    def visit(self, where: str) -> None:
        """Go `back` or `forward`, open the `last` ticket again, or list the `recent` ones."""


class NavigatingApp(Protocol):
    """An app that can open screens."""

    navigator: Navigator


class LiveScreen(Screen[Result], inherit_bindings=False):
    """A screen that the app keeps current. Every one on the stack is told, also below a dialogue."""

    BINDINGS: ClassVar[list[BindingType]] = [COPY_SELECTION]

    def __init__(self, model: BoardModel) -> None:
        super().__init__()
        self.model = model
        self.wants_typing = False
        """It was opened to be typed into: keys wait until a field for them has the focus."""
        self._was_shown = False
        self.shown_hints: list[KeyHint] = []
        """The keys that the line below the screen names."""

    @property
    def navigator(self) -> Navigator:
        """Opens other screens."""
        return cast(NavigatingApp, self.app).navigator

    _update_timer = cached_property(frame_timer)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Shown for the first time, it has its styles already: Textual would work them all out a second time."""
        event.refresh_styles = event.refresh_styles and self._was_shown
        self._was_shown = True

    def _compositor_refresh(self) -> None:
        """Draw nothing while the first picture stands in for this screen."""
        if not is_drawing_paused(self.app):
            super()._compositor_refresh()

    @property
    def _binding_chain(self) -> BindingChain:
        return keymapped_chain(self)

    @property
    def place(self) -> BoardPlace | None:
        """Where the cursor stands; None where this is not the board."""
        return None

    def return_to_place(self, place: BoardPlace) -> None:
        """Put the cursor where it was."""

    def show_here(self, ticket_id: TicketId) -> bool:
        """Show another ticket in place of the one that is shown; False where this screen shows none, or must not."""
        return False

    def action_visit(self, where: str) -> None:
        """Go where a key asks for."""
        self.navigator.visit(where)

    @property
    def ticket_at_hand(self) -> TicketId | None:
        """The ticket under the cursor, or the one that is open; a command of the user's own acts on it."""
        return None

    def is_ready(self) -> bool:
        """Whether a key that was typed ahead of this screen would now do what it was meant to do."""
        if not self.is_mounted:
            return False
        return not self.wants_typing or (self.focused is not None and self.focused.check_consume_key("a", "a"))

    def offers(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether the account can do what this action asks for; keys of others are neither there nor listed."""
        return True

    def prepare_for(self, event: events.Key | events.Paste) -> None:
        """A key or a paste is about to be acted on: the focus may be put where it belongs."""

    @abstractmethod
    def tick(self, now: datetime) -> None:
        """A second of the desk's time has begun: redraw what says something else now."""

    @abstractmethod
    def show_changes(self, changes: BoardChanges) -> None:
        """There is news, of these tickets or of the engine: redraw what it touches."""

    def say(self, sentence: str) -> None:
        """Show one sentence of ours until the next key."""

    def return_to(self, ticket_id: TicketId) -> None:
        """The latest change of this ticket was taken back: put the cursor on it."""

    def stay_with(self, ticket_id: TicketId) -> None:
        """This ticket is about to be changed from here: a cursor on it follows it until it is moved by hand."""
