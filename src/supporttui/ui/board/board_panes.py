"""The five panes of the board, with the keys that select a pane and change how its tickets are listed."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from supporttui.domain.query.selection import GroupBy, SortBy
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_choices import GROUP_WORDS, SORT_WORDS
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.frozen_lists import FrozenLists
from supporttui.presentation.board.pane_layout import lines_per_row
from supporttui.presentation.board.viewport import LineKey, key_of
from supporttui.ui.board.choice import Choice, ChoiceScreen
from supporttui.ui.messages import ShowNotice
from supporttui.ui.panes.pane_grid import PaneGrid
from supporttui.ui.panes.status_pane import StatusPane


class BoardPanes(PaneGrid):
    """The panes, each with a cursor; one has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step_pane(-1)", "pane to the left", id="board-pane-left", priority=True),
        Binding("right,l", "step_pane(1)", "pane to the right", id="board-pane-right", priority=True),
        Binding("tab", "step_pane(1)", "pane to the right", id="board-pane-next", priority=True),
        Binding("shift+tab", "step_pane(-1)", "pane to the left", id="board-pane-previous", priority=True),
        *(
            Binding(str(number), f"go_pane({number - 1})", f"pane {number}", id=f"board-pane-{number}", priority=True)
            for number in range(1, 6)
        ),
        Binding("z", "freeze", "freeze the lists, or show what waits", id="board-freeze", priority=True),
        Binding("s", "sort", "sort the pane", id="board-sort", priority=True),
        Binding("b", "group", "group the tickets", id="board-group", priority=True),
        Binding("minus", "fold", "fold or unfold the group", id="board-fold", priority=True),
        Binding("underscore", "fold_all", "fold or unfold all groups", id="board-fold-all", priority=True),
        Binding("d", "density", "one line a ticket, or two", id="board-density", priority=True),
    ]

    class Rearranged(Message):
        """Another pane has the focus, or sizes have changed; the next `show` draws it."""

    def __init__(self, model: BoardModel) -> None:
        super().__init__(model, is_wall=False)
        self._focused_status = model.initial_focus
        self._frozen: FrozenLists | None = None
        self._screen_size = Size()

    @property
    def focused_pane(self) -> StatusPane:
        """The pane that has the focus, or had it last."""
        return self.panes[self._focused_status]

    @property
    def is_on_header(self) -> bool:
        """Whether the cursor is on a group's header."""
        return isinstance(self.focused_pane.view.cursor_key, tuple)

    def focus_first(self, status: Status, cursor_id: TicketId | None) -> None:
        """Focus a pane at start, with the cursor on a ticket; None is the first row."""
        pane = self.panes[status]
        pane.is_still = True
        if cursor_id is not None:
            pane.view.move_to(pane.view.rows.find(cursor_id) or 0)
        self.screen.set_focus(pane)
        self.open_pane(status)

    def put_cursor_on(self, ticket_id: TicketId) -> bool:
        """Move the cursor to a ticket in any pane; return False if the board does not show it."""
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
        """Focus a pane; the lists of the others may move again."""
        for each in self.panes.values():
            each.set_still(each is pane)
        self._focused_status = pane.status
        self.screen.set_focus(pane)

    def use_room(self, screen_size: Size) -> None:
        """Adapt to a new screen size: set the lines per row where the user has not."""
        self._screen_size = screen_size
        self._use_densities()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Expand the pane that has received the focus."""
        if isinstance(event.widget, StatusPane):
            self._focus_pane(event.widget)
            self.open_pane(event.widget.status)
            self.call_after_refresh(self.post_message, self.Rearranged())

    def action_step_pane(self, step: int) -> None:
        """Focus the next or previous pane, wrapping around."""
        statuses = self.model.pane_order
        index = statuses.index(self._focused_status)
        self._focus_pane(self.panes[statuses[(index + step) % len(statuses)]])

    def action_go_pane(self, index: int) -> None:
        """Focus a pane by its number."""
        self._focus_pane(self.panes[self.model.pane_order[index]])

    # -- frozen lists -------------------------------------------------------------------------------------------

    def follow(self, changed: Collection[TicketId] = ()) -> None:
        """Update the panes after the board has changed; frozen lists only count the change."""
        super().follow(changed)
        if self._frozen is not None:
            self._frozen.note_changed(changed)
            self.model.waiting_changes = self._frozen.count

    def note_own(self, ticket_id: TicketId) -> None:
        """Note a ticket that this window is about to change."""
        if self._frozen is not None:
            self._frozen.note_own(ticket_id)

    def action_freeze(self) -> None:
        """Freeze every list, or show the changes held back."""
        if self._frozen is None:
            self._freeze()
        else:
            self._frozen = self.model.waiting_changes = None
            for pane in self.panes.values():
                pane.view.thaw(is_still=pane.is_still)
        self.is_frozen = self._frozen is not None
        self.post_message(self.Rearranged())

    def _freeze(self) -> None:
        for pane in self.panes.values():
            pane.view.freeze()
        listed = {status: pane.view.listed.ids() for status, pane in self.panes.items()}
        self._frozen = FrozenLists(self.model.board, listed)
        self.model.waiting_changes = 0

    # -- how tickets are listed ---------------------------------------------------------------------------------

    def follow_choice(self) -> None:
        """Update the panes after the user's choice has changed; frozen lists are frozen again in the new state."""
        for pane in self.panes.values():
            pane.follow_choice()
        self.row_texts.grouped_by = self.model.grouped_by
        if self._frozen is not None:
            self._freeze()
        self.post_message(self.Rearranged())

    def restore_cursors(self, keys: Mapping[Status, LineKey | None]) -> None:
        """Restore the cursors, as far as their lines are listed."""
        for status, key in keys.items():
            index = self.panes[status].view.listed.find(key)
            if index is not None:
                self.panes[status].go_to(index)

    def focus_filled(self) -> None:
        """Move to the first pane with tickets if the focused one has none."""
        filled = [pane for pane in self.panes.values() if len(pane.view.listed)]
        if filled and not len(self.focused_pane.view.listed):
            self._focus_pane(filled[0])

    def _show_choice(self) -> None:
        """Show the chosen selection before the next key is processed."""
        self.model.show_now(self.model.choices.selection)
        self.follow_choice()

    def action_sort(self) -> None:
        """Ask for the order of the pane."""
        pane, choices = self.focused_pane, self.model.choices
        current = choices.sort_of(pane.status)
        offered = [Choice(each.value, *said, each is current) for each, said in SORT_WORDS.items()]

        def sort(value: str | None) -> None:
            if value is not None:
                choices.sort(pane.status, SortBy(value))
                self._show_choice()

        self.app.push_screen(ChoiceScreen(f"Sort {pane.name_text} by", offered, is_quick=True), sort)

    def action_group(self) -> None:
        """Ask what to group the tickets by."""
        choices = self.model.choices
        current = choices.group_by
        offered = [
            Choice("" if each is None else each.value, *said, each is current) for each, said in GROUP_WORDS.items()
        ]

        def group(value: str | None) -> None:
            if value is not None:
                choices.group(GroupBy(value) if value else None)
                self._show_choice()

        self.app.push_screen(ChoiceScreen("Group by", offered, is_quick=True), group)

    def action_fold(self) -> None:
        """Fold or unfold the cursor's group; the cursor moves to its header."""
        pane = self.focused_pane
        header = pane.view.header_above_cursor()
        if header is None:
            key = self.model.app_context.key("board-group")
            self.post_message(ShowNotice(f"There is no group under the cursor; {key} groups the tickets."))
            return
        self.model.choices.fold(pane.status, header.key)
        pane.view.cursor_key = key_of(header)
        self._show_choice()

    def action_fold_all(self) -> None:
        """Fold every group of the pane, or unfold all."""
        pane = self.focused_pane
        headers = pane.view.rows.headers()
        header = pane.view.header_above_cursor()
        if header is not None:
            self.model.choices.fold_all(pane.status, [each.key for each in headers])
            pane.view.cursor_key = key_of(header)
            self._show_choice()

    def action_density(self) -> None:
        """Toggle the pane between one and two lines per ticket."""
        status = self.focused_pane.status
        self.model.choices.use_lines(status, 3 - self.panes[status].lines_per_row)
        self._use_densities()
        self.post_message(self.Rearranged())

    def _use_densities(self) -> None:
        """Apply the lines per row chosen for each pane, else those that suit the screen size."""
        usual = lines_per_row(*self._screen_size)
        for status, pane in self.panes.items():
            pane.use_density(self.model.choices.lines_per_row(status) or usual)
