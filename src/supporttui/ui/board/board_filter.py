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
        else:
            self._panes.follow()

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
        return "" if self._model.is_selecting else self._model.shown_count_text

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

    def choose_view(self) -> None:
        """Ask for a view."""
        on = self._choices.view
        keys = {each.binding.id: each.binding for each in self._screen.active_bindings.values()}

        def choice(number: int, view: View) -> Choice:
            bound = keys.get(f"board-view-{number}")
            key = self._screen.app.get_key_display(bound) if bound is not None else ""
            meaning = f"{key:<4} {safe_line(OutsideText(view.query.text))}"
            return Choice(view.name, safe_line(OutsideText(view.name)), meaning, view is on)

        choices = [choice(number, view) for number, view in enumerate(self._choices.views, 1)]
        everything = Choice(EVERYTHING_CHOICE, "Everything", "     no filter", self._choices.filter is None)
        screen = ChoiceScreen("View", [*choices, everything], is_quick=False)
        self._screen.app.push_screen(screen, self._use_view)

    def use_view(self, number: int) -> None:
        """Show a view by its number; the current one is turned off."""
        views = self._choices.views
        if number > len(views):
            self._screen.say(f"There are {len(views)} views; [views] in the configuration names others.")
            return
        view = views[number - 1]
        self._use_view(EVERYTHING_CHOICE if self._choices.view is view else view.name)

    def _use_view(self, name: str | None) -> None:
        if name is None:
            return
        if not self._choices.use_view(name):
            self._choices.remove_filter()
        self._show()
        self._panes.focus_filled()
