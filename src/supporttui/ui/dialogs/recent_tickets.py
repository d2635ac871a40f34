"""The dialog that lists recently opened tickets."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from supporttui.domain.board import Row
from supporttui.domain.clock_text import short_clock_text
from supporttui.domain.safe_text import safe_line
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.cell_text import cut, fit_left, fit_right, strip_joiners
from supporttui.ui.dialog_screen import DialogScreen

MAX_TYPED: Final = 60
NUMBER_CELLS: Final = 8
STATUS_CELLS: Final = 11
CLOCK_CELLS: Final = 12


class RecentTicketsScreen(DialogScreen[TicketId | None]):
    """Reads characters as keys, so that keys typed ahead are not lost; returns a ticket, or None."""

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
        self._typed = ""
        self._cursor = 0
        self._line = Static("", markup=False, id="recent-line")
        self._list = Static("", markup=False, id="recent-list")
        self._body = VerticalScroll(self._list, id="recent-body", can_focus=False)

    def compose(self) -> ComposeResult:
        """Yield the typed text and the matching tickets."""
        with Vertical(id="recent-box"):
            yield self._line
            yield self._body

    def on_mount(self) -> None:
        """List all tickets."""
        self._draw()

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self.call_after_refresh(self._draw)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether the key is typed as text."""
        return character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Append a character."""
        if event.character is not None and event.is_printable:
            event.stop()
            event.prevent_default()
            self._search(self._typed + event.character)

    def on_click(self, event: events.Click) -> None:
        """Open the ticket that was clicked."""
        if event.widget is self._list and event.y < len(self.found):
            self._cursor = event.y
            self.action_open()

    def action_step(self, step: int) -> None:
        """Move the cursor by `step`, stopping at the ends."""
        self._cursor = max(0, min(self._cursor + step, len(self.found) - 1))
        self._draw()

    def action_rub_out(self) -> None:
        """Delete the last character."""
        self._search(self._typed[:-1])

    def action_open(self) -> None:
        """Return the ticket under the cursor."""
        if self.found:
            self.dismiss(self.found[self._cursor].ticket.id)

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    @property
    def found(self) -> list[Row]:
        """The tickets whose number, subject, requester or status contain every typed word."""
        words = self._typed.casefold().split()
        return [row for row in self._rows if all(word in self._searched(row) for word in words)]

    def _search(self, typed: str) -> None:
        self._typed, self._cursor = typed[:MAX_TYPED], 0
        self._draw()

    def _searched(self, row: Row) -> str:
        ticket, person = row.ticket, self._model.people.find(row.ticket.requester_id)
        asker = f"{safe_line(person.name)} {safe_line(person.organization or person.email)}" if person else ""
        return f"{ticket.id.label} {safe_line(ticket.subject)} {asker} {self._status(row)}".casefold()

    def _status(self, row: Row) -> str:
        return self._model.app_context.policy.statuses[row.ticket.status].title

    def _draw(self) -> None:
        found = self.found
        self._line.update(Content(f"› {self._typed}▏   opened lately: type to find · enter opens · esc closes"))
        width = max(20, self._body.size.width - 1)
        lines = [self._text(row, width, is_cursor=number == self._cursor) for number, row in enumerate(found)]
        nothing = "None of them has these words." if self._rows else "No ticket was opened yet."
        self._list.update(Content("\n").join(lines) if lines else Content(nothing))
        self._body.scroll_to(y=max(0, self._cursor - self._body.size.height + 2), animate=False)

    def _text(self, row: Row, width: int, *, is_cursor: bool) -> Content:
        """Severity, number, status, subject and clock, in columns."""
        ticket = row.ticket
        severity = "·" if ticket.severity is None else str(ticket.severity)
        clock = fit_right(short_clock_text(row.clock.read(self._model.now())), CLOCK_CELLS)
        head = f"{'▌' if is_cursor else ' '}{severity} {fit_left(ticket.id.label, NUMBER_CELLS)}"
        head += f" {fit_left(self._status(row), STATUS_CELLS)} "
        room = width - len(head) - CLOCK_CELLS - 1
        subject = fit_left(cut(strip_joiners(safe_line(ticket.subject)), max(room, 0)), max(room, 0))
        line = f"{head}{subject} {clock}"
        return Content.styled(line, "bold") if is_cursor else Content(line)
