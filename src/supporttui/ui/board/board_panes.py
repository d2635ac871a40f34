"""The five panes of the board, with the keys that choose one of them and how its tickets are listed."""

from collections.abc import Collection
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.frozen_lists import FrozenLists
from supporttui.presentation.board.pane_layout import lines_per_row
from supporttui.ui.panes.pane_grid import PaneGrid
from supporttui.ui.panes.status_pane import StatusPane


class BoardPanes(PaneGrid):
    """The panes with a cursor in each; one has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step_pane(-1)", "pane to the left", id="board-pane-left", priority=True),
        Binding("right,l", "step_pane(1)", "pane to the right", id="board-pane-right", priority=True),
        Binding("tab", "step_pane(1)", "pane to the right", id="board-pane-next", priority=True),
        Binding("shift+tab", "step_pane(-1)", "pane to the left", id="board-pane-previous", priority=True),
        *(
            Binding(
                str(number), f"go_pane({number - 1})", "pane by its number", id=f"board-pane-{number}", priority=True
            )
            for number in range(1, 6)
        ),
        Binding("z", "freeze", "freeze the lists, or show what waits", id="board-freeze", priority=True),
        Binding("d", "density", "one line a ticket, or two", id="board-density", priority=True),
    ]

    class Rearranged(Message):
        """Another pane has the focus, or rows take other room; the next `show` draws it."""

    def __init__(self, model: BoardModel) -> None:
        super().__init__(model, is_wall=False)
        self._lines_per_row: int | None = None
        """The density that the user chose; None goes by the size of the screen."""
        self._focused_status = model.initial_focus
        self._frozen: FrozenLists | None = None
        self._screen_size = Size()

    @property
    def focused_pane(self) -> StatusPane:
        """The pane that has the focus, or had it last."""
        return self.panes[self._focused_status]

    def focus_first(self, status: Status, cursor_id: TicketId | None) -> None:
        """Begin in a pane, with the cursor on a ticket; None is the first row."""
        pane = self.panes[status]
        pane.is_still = True
        if cursor_id is not None:
            pane.view.move_to(pane.view.rows.find(cursor_id) or 0)
        self.screen.set_focus(pane)
        self.open_pane(status)

    def put_cursor_on(self, ticket_id: TicketId) -> bool:
        """Put the cursor on a ticket, in whichever pane it is; False where the board does not show it."""
        position = self.model.board.position(ticket_id)
        shown_in = () if position is None else (self.panes[position[0]],)
        for pane in self.panes.values() if self.is_frozen else shown_in:
            index = pane.view.listed.find(ticket_id)
            if index is not None:
                self._focus_pane(pane)
                pane.go_to(index)
                return True
        return False

    def _focus_pane(self, pane: StatusPane) -> None:
        """Give a pane the focus; the lists of the others may move from now on."""
        for each in self.panes.values():
            each.set_still(each is pane)
        self._focused_status = pane.status
        self.screen.set_focus(pane)

    def use_room(self, screen_size: Size) -> None:
        """The screen has another size: choose the density, unless the user did."""
        self._screen_size = screen_size
        self.use_density(self._lines_per_row or lines_per_row(*screen_size))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Unfold the pane that got the focus."""
        if isinstance(event.widget, StatusPane):
            self._focus_pane(event.widget)
            self.open_pane(event.widget.status)
            self.call_after_refresh(self.post_message, self.Rearranged())

    def action_step_pane(self, step: int) -> None:
        """Focus the pane beside this one, around the ends."""
        statuses = list(Status)
        index = statuses.index(self._focused_status)
        self._focus_pane(self.panes[statuses[(index + step) % len(statuses)]])

    def action_go_pane(self, index: int) -> None:
        """Focus a pane by its number."""
        self._focus_pane(self.panes[list(Status)[index]])

    # -- frozen lists -------------------------------------------------------------------------------------------

    def follow(self, changed: Collection[TicketId] = ()) -> None:
        """The board has changed; frozen lists only count it."""
        super().follow(changed)
        if self._frozen is not None:
            self._frozen.note_changed(changed)
            self.model.waiting_changes = self._frozen.count

    def note_own(self, ticket_id: TicketId) -> None:
        """A ticket is about to be changed from this window."""
        if self._frozen is not None:
            self._frozen.note_own(ticket_id)

    def action_freeze(self) -> None:
        """Have every list stand still, or show what has changed meanwhile."""
        if self._frozen is None:
            for pane in self.panes.values():
                pane.view.freeze()
            listed = {status: pane.view.listed.ids() for status, pane in self.panes.items()}
            self._frozen = FrozenLists(self.model.board, listed)
        else:
            self._frozen = None
            for pane in self.panes.values():
                pane.view.thaw(is_still=pane.is_still)
        self.is_frozen = self._frozen is not None
        self.model.waiting_changes = 0 if self.is_frozen else None
        self.post_message(self.Rearranged())

    # -- how tickets are listed ---------------------------------------------------------------------------------

    def action_density(self) -> None:
        """Show the other density, one line a ticket or two."""
        current = self._lines_per_row or lines_per_row(*self._screen_size)
        self._lines_per_row = 3 - current
        self.use_density(self._lines_per_row)
        self.post_message(self.Rearranged())
