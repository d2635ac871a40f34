"""The filter of the board: the line in which it is typed, views, one customer's tickets, and mine alone."""

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
    """What the board shall show has been read. At most one is under way."""

    def can_replace(self, message: Message) -> bool:
        """Two of them say no more than one."""
        return isinstance(message, TicketsSelected)


class BoardFilter:
    """Opens what the board is filtered with, and has the panes show what matches."""

    def __init__(self, screen: LiveScreen[None], model: BoardModel, panes: BoardPanes) -> None:
        self._screen = screen
        self._model = model
        self._panes = panes
        self._choices = model.choices
        self._line: FilterLine | None = None
        self._cursors: dict[Status, LineKey | None] = {}

    def begin(self) -> None:
        """Hear when something was selected."""

        def announce() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is there to be told
                self._screen.post_message(TicketsSelected())

        self._model.on_selected = announce

    def take_selected(self) -> None:
        """Show what was read meanwhile."""
        if not self._model.take_selected():
            return
        if self._line is not None:
            self._panes.follow_choice()
            self._line.draw()
        else:
            self._panes.follow()

    # -- the line -------------------------------------------------------------------------------------------------

    @property
    def history(self) -> Sequence[str]:
        """Filters that were kept, the latest last."""
        return self._choices.history

    def find_values(self, field: Field, text: str) -> list[OutsideText]:
        """A few values that a term may have."""
        return self._model.filter_values(field, text)

    def open_line(self) -> None:
        """Type a filter, beginning with the one that is on."""
        from supporttui.ui.board.filter_line import FilterLine  # not at the start

        on = self._choices.filter
        self._cursors = {status: pane.view.cursor_key for status, pane in self._panes.panes.items()}
        self._line = FilterLine(self, "" if on is None else on.query.text)
        self._screen.app.push_screen(self._line, self._keep)

    def filter_by(self, query: Query) -> None:
        """Show what matches a filter that is being typed, as soon as that is known."""
        self._choices.typed = query
        if self._model.show(self._choices.selection):
            self._panes.follow_choice()
            if self._line is not None:
                self._line.draw()

    def count_text(self) -> str:
        """How many tickets match, as `12 of 341`; empty while that is being read."""
        return "" if self._model.is_selecting else self._model.shown_count_text

    def _keep(self, text: str | None) -> None:
        """The line was left: with a filter to keep, or with None."""
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
        """Have the board show what was chosen before the next key is acted on."""
        self._model.show_now(self._choices.selection)
        self._panes.follow_choice()

    # -- others ---------------------------------------------------------------------------------------------------

    def clear(self) -> bool:
        """Take the filter away, or where there is none, show everybody's again; False where all is shown."""
        if self._choices.filter is None and not self._choices.is_mine:
            return False
        if self._choices.filter is None:
            self._choices.is_mine = False
        self._choices.remove_filter()
        self._show()
        return True

    def show_mine(self) -> None:
        """Show mine only, or everybody's."""
        self._choices.is_mine = not self._choices.is_mine
        self._show()

    def show_customer(self, row: Row) -> None:
        """Show the other tickets of who asked."""
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
        """Show a view by its place in the list; the one that is on goes."""
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
