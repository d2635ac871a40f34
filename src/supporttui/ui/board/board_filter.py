"""Filters the board: the filter line, views, one customer's tickets, and the user's own."""

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from supporttui.domain.board import Row
from supporttui.domain.query.query import Field, Query
from supporttui.domain.query.selection import View
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Status
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.freshness import shown_count_text
from supporttui.presentation.board.pane_lines import LOADING
from supporttui.presentation.board.viewport import LineKey
from supporttui.ui.board.board_panes import BoardPanes
from supporttui.ui.board.choice import Choice, ChoiceScreen
from supporttui.ui.live import LiveScreen

if TYPE_CHECKING:
    from supporttui.ui.board.filter_line import FilterLine

EVERYTHING_CHOICE = ""


class TicketsSelected(Message):
    """The requested selection was read. At most one message is pending."""

    def can_replace(self, message: Message) -> bool:
        """Whether it makes a pending message of the same kind redundant."""
        return isinstance(message, TicketsSelected)


class BoardFilter:
    """Opens the ways to filter the board, and shows the tickets that match."""

    def __init__(self, screen: LiveScreen[None], model: BoardModel, panes: BoardPanes) -> None:
        self._screen = screen
        self._model = model
        self._panes = panes
        self._choices = model.choices
        self._line: FilterLine | None = None
        self._view_list: ChoiceScreen | None = None
        self._is_loading = False
        """Whether the chosen view is still being fetched."""
        self._has_asked_views = False
        """Whether it was decided in this run if the list of views has to be fetched."""
        self._cursors: dict[Status, LineKey | None] = {}

    def begin(self) -> None:
        """Register for finished selections."""

        def announce() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended and needs no message
                self._screen.post_message(TicketsSelected())

        self._model.on_selected = announce

    def take_selected(self) -> None:
        """Show the selection that was read."""
        if not self._model.take_selected():
            return
        if self._line is not None:
            self._panes.follow_choice()
            self._line.draw()
            return
        self._panes.follow()
        if self._is_loading and self._model.pending_count != LOADING:
            self._is_loading = False
            self._panes.focus_filled()

    # -- filter line ----------------------------------------------------------------------------------------------

    @property
    def history(self) -> Sequence[str]:
        """The remembered filters, the latest last."""
        return self._choices.history

    def find_values(self, field: Field, text: str) -> list[OutsideText]:
        """Return a few possible values for a term."""
        return self._model.filter_values(field, text)

    def open_line(self) -> None:
        """Open the filter line with the current filter."""
        from supporttui.ui.board.filter_line import FilterLine  # not at start

        on = self._choices.filter
        self._cursors = {status: pane.view.cursor_key for status, pane in self._panes.panes.items()}
        self._line = FilterLine(self, "" if on is None else on.query.text)
        self._screen.app.push_screen(self._line, self._keep)

    def filter_by(self, query: Query) -> None:
        """Show what matches a filter that is being typed, once that is read."""
        self._choices.typed = query
        if self._model.show(self._choices.selection):
            self._panes.follow_choice()
            if self._line is not None:
                self._line.draw()

    def count_text(self) -> str:
        """The number of matching tickets, as `12 of 341`; empty while it is being determined."""
        return shown_count_text(self._model)

    def _keep(self, text: str | None) -> None:
        """Handle the result of the filter line: a filter to keep, or None if it was cancelled."""
        self._line = None
        if text is None:
            self._choices.remove_filter()
            self._show()
            self._panes.restore_cursors(self._cursors)
        else:
            self._choices.use_filter(text)
            self._show()
            self._panes.focus_filled()

    def _show(self) -> None:
        """Show the chosen selection before the next key is processed."""
        self._model.show_now(self._choices.selection)
        self._panes.follow_choice()

    # -- other filters --------------------------------------------------------------------------------------------

    def clear(self) -> bool:
        """Remove the filter, or else show everybody's tickets; return False if everything is shown already."""
        if self._choices.filter is None and not self._choices.is_mine:
            return False
        if self._choices.filter is None:
            self._choices.is_mine = False
        self._choices.remove_filter()
        self._show()
        return True

    def show_mine(self) -> None:
        """Toggle between the user's own tickets and everybody's."""
        self._choices.is_mine = not self._choices.is_mine
        self._show()

    def show_customer(self, row: Row) -> None:
        """Show the tickets of a row's requester."""
        customer = self._model.people.find(row.ticket.requester_id)
        if customer is None:
            self._screen.say("The help desk has not said yet who asked.")
            return
        self._choices.use_customer(customer)
        self._show()

    # -- views ----------------------------------------------------------------------------------------------------

    def choose_view(self) -> None:
        """Ask for a view; the desk's views are fetched and added to the list meanwhile."""
        self._ask_for_desk_views()
        self._view_list = ChoiceScreen("View", self._view_choices(), is_quick=False, note=self._views_note())
        self._screen.app.push_screen(self._view_list, self._use_chosen_view)

    def _ask_for_desk_views(self) -> None:
        if self._model.can.has_views:
            self._model.engine.finder.want_views()

    def _view_choices(self) -> list[Choice]:
        on = "" if self._choices.view is None else self._choices.view.key
        keys = {each.binding.id: each.binding for each in self._screen.active_bindings.values()}

        def choice(number: int, view: View) -> Choice:
            bound = keys.get(f"board-view-{number}")
            key = self._screen.app.get_key_display(bound) if bound is not None else ""
            said = "of the help desk" if view.desk_id else safe_line(OutsideText(view.query.text))
            return Choice(view.key, safe_line(OutsideText(view.name)), f"{key:<4} {said}", view.key == on)

        choices = [choice(number, view) for number, view in enumerate(self._choices.views, 1)]
        everything = Choice(EVERYTHING_CHOICE, "Everything", "     no filter", self._choices.filter is None)
        return [*choices, everything]

    def _views_note(self) -> str:
        """Return why the desk's views are missing in the list; empty if they are not."""
        finder = self._model.engine.finder
        if not self._model.can.has_views or finder.views is not None:
            return ""
        return f"The help desk's views: {finder.views_problem or 'asking…'}"

    def take_desk_views(self) -> None:
        """Take over the desk's list of views if it was fetched, and begin with the awaited one."""
        if self._line is not None:
            return  # a filter is being typed: what is shown stays until it is kept or left
        told = self._model.engine.finder.views
        if told is None and not self._has_asked_views and self._model.can.has_views:
            self._has_asked_views = True
            if self._choices.awaited_view or not self._choices.state.desk_views:
                self._ask_for_desk_views()
        if told is not None and self._choices.take_desk_views(told):
            self._show()
            self._panes.focus_filled()
        if told is not None and self._choices.awaited_view:
            title = safe_line(OutsideText(self._choices.awaited_view))
            self._screen.say(f"The help desk has no view {title}; [views] start in the configuration names it.")
            self._choices.awaited_view = ""
        if self._view_list is not None:
            self._view_list.offer(self._view_choices(), self._views_note())

    def use_view(self, number: int) -> None:
        """Show a view by its number; the current one is turned off."""
        views = self._choices.views
        if number > len(views):
            self._screen.say(f"There are {len(views)} views; [views] in the configuration names others.")
            return
        key, on = views[number - 1].key, self._choices.view
        self.use_view_by_key(EVERYTHING_CHOICE if on is not None and on.key == key else key)

    def use_view_by_key(self, key: str) -> None:
        """Show a view, or everything."""
        if not self._choices.use_view(key):
            self._choices.remove_filter()
        self._show()
        self._is_loading = self._model.pending_count == LOADING
        self._panes.focus_filled()

    def _use_chosen_view(self, key: str | None) -> None:
        self._view_list = None
        if key is not None:
            self.use_view_by_key(key)
