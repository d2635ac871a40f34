"""Which rows of a pane are in view, and on which ticket the cursor stands, while the list changes underneath."""

from collections.abc import Sequence

from supporttui.domain.board import Row
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.loaded_board import PaneRows


class Viewport:
    """A window onto the rows of a pane. The cursor belongs to a ticket, and what is in view stays where it is.

    A list that has not been scrolled shows new arrivals at its top as long as the cursor stays in view; one that has
    been scrolled keeps the cursor's ticket (or, with the cursor out of view, the first one in view) in its line.
    """

    def __init__(self, rows: PaneRows, *, has_cursor: bool = True) -> None:
        self.rows = rows
        self.top = 0
        """Index of the first row in view."""
        self.cursor = 0
        self.cursor_id: TicketId | None = None
        self.room = 0
        """How many rows there is room for."""
        self._has_cursor = has_cursor
        self._top_id: TicketId | None = None

    @property
    def cursor_slot(self) -> int | None:
        """How many rows below the first one in view the cursor stands; None where it is out of view."""
        slot = self.cursor - self.top
        return slot if self._has_cursor and len(self.rows) and 0 <= slot < self.room else None

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor; None in an empty pane."""
        return self.rows.at(self.cursor) if self._has_cursor else None

    @property
    def below(self) -> int:
        """How many rows there are below those in view."""
        return max(0, len(self.rows) - self.top - self.room)

    def visible(self) -> Sequence[Row]:
        """The rows in view."""
        return self.rows[self.top : self.top + self.room]

    def follow(self) -> None:
        """The rows have changed: find the cursor's ticket again and keep still what can be kept still."""
        slot = self.cursor_slot
        found = self.rows.find(self.cursor_id) if self.cursor_id is not None else None
        self.cursor = found if found is not None else min(self.cursor, max(0, len(self.rows) - 1))
        if self.top > 0:
            self._hold_still(slot)
        self._clamp()
        if slot is not None:
            self._bring_into_view()
        self._remember()

    def fit(self, room: int) -> None:
        """There is room for this many rows now; the cursor stays in view if it was."""
        was_in_view = self.cursor_slot is not None or self.room == 0
        self.room = room
        self._clamp()
        if was_in_view:
            self._bring_into_view()
        self._remember()

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, the last where the index is beyond it, and bring it into view."""
        self.cursor = max(0, min(index, len(self.rows) - 1))
        self._bring_into_view()
        self._remember()

    def scroll_by(self, rows: int) -> None:
        """Move what is in view; the cursor stays on its ticket."""
        self.top += rows
        self._clamp()
        self._remember()

    def _hold_still(self, slot: int | None) -> None:
        if slot is not None:
            self.top = self.cursor - slot
            return
        anchor = self.rows.find(self._top_id) if self._top_id is not None else None
        self.top = anchor if anchor is not None else self.top

    def _bring_into_view(self) -> None:
        if not self._has_cursor or self.room == 0:
            return
        if self.cursor < self.top:
            self.top = self.cursor
        elif self.cursor >= self.top + self.room:
            self.top = self.cursor - self.room + 1

    def _clamp(self) -> None:
        self.top = max(0, min(self.top, len(self.rows) - self.room))

    def _remember(self) -> None:
        self.cursor_id = self.rows.id_at(self.cursor) if self._has_cursor else None
        self._top_id = self.rows.id_at(self.top)
