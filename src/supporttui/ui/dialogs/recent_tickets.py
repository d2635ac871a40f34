"""The dialog that lists recently opened tickets."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from supporttui.domain.board import Row
from supporttui.domain.clock_text import short_clock_text
from supporttui.domain.safe_text import safe_line
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.cell_text import cell_len, fit_left, fit_right, strip_joiners
from supporttui.ui.dialog_screen import DialogScreen, choice_hints
from supporttui.ui.typed_list import ListTexts, TypedList

NUMBER_CELLS: Final = 8
STATUS_CELLS: Final = 11
CLOCK_CELLS: Final = 12


class RecentTicketsScreen(DialogScreen[TicketId | None]):
    """Answers with a ticket, or None."""

    takes_characters = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n,ctrl+r", "step(1)", "down", id="recent-down", priority=True),
        Binding("up", "step(-1)", "up", id="recent-up", priority=True),
        Binding("enter", "open", "open the ticket", id="recent-open", priority=True),
        Binding("backspace", "rub_out", "take back a character", id="recent-rub-out", priority=True),
        Binding("escape", "leave", "close", id="recent-leave", priority=True),
    ]

    def __init__(self, model: BoardModel, ticket_ids: Sequence[TicketId]) -> None:
        super().__init__()
        self._model = model
        model.prepare(ticket_ids)
        rows = (model.row(ticket_id) for ticket_id in ticket_ids)
        self._rows = [row for row in rows if row is not None]
        self._list = TypedList("recent", self._find, ListTexts(self._label, self._hint, self._nothing))

    def compose(self) -> ComposeResult:
        """Yield the typed text and the matching tickets."""
        yield self._list

    @on(TypedList.Clicked)
    def open_clicked(self) -> None:
        """Open the ticket that was clicked."""
        self.action_open()

    @property
    def found(self) -> Sequence[Row]:
        """The tickets that are listed now."""
        return self._list.found

    def take_character(self, character: str) -> None:
        """Look for what has this too."""
        self._list.search(self._list.typed + character)

    def action_step(self, step: int) -> None:
        """Move the cursor by `step`, stopping at the ends."""
        self._list.step(step)

    def action_rub_out(self) -> None:
        """Delete the last character."""
        self._list.rub_out()

    def action_open(self) -> None:
        """Return the ticket under the cursor."""
        chosen = self._list.chosen
        if chosen is not None:
            self.dismiss(chosen.ticket.id)

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def _find(self, typed: str) -> list[Row]:
        """The tickets in whose number, subject, requester or status every word that was typed occurs."""
        words = typed.casefold().split()
        return [row for row in self._rows if all(word in self._searched(row) for word in words)]

    def _searched(self, row: Row) -> str:
        ticket, person = row.ticket, self._model.people.find(row.ticket.requester_id)
        asker = f"{safe_line(person.name)} {safe_line(person.organization or person.email)}" if person else ""
        return f"{ticket.id.label} {safe_line(ticket.subject)} {asker} {self._status(row)}".casefold()

    def _status(self, row: Row) -> str:
        return self._model.app_context.policy.statuses[row.ticket.status].title

    def _hint(self) -> str:
        keys = choice_hints(self, ("recent-open", "opens"), ("recent-leave", "closes"))
        return f"opened lately: type to find · {keys}"

    def _nothing(self) -> str:
        return "None of them has these words." if self._rows else "No ticket was opened yet."

    def _label(self, row: Row, width: int) -> str:
        """Severity, number, status, subject and clock, in columns."""
        ticket = row.ticket
        severity = "·" if ticket.severity is None else str(ticket.severity)
        clock = fit_right(short_clock_text(row.clock.read(self._model.now())), CLOCK_CELLS)
        head = f"{severity} {fit_left(ticket.id.label, NUMBER_CELLS)} {fit_left(self._status(row), STATUS_CELLS)} "
        room = max(0, width - cell_len(head) - CLOCK_CELLS - 1)
        return f"{head}{fit_left(strip_joiners(safe_line(ticket.subject)), room)} {clock}"
