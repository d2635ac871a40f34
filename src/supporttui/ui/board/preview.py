"""Keeps the preview on the cursor's ticket; it is drawn after the cursor's row and reads only the local copy."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.timer import Timer

from supporttui.domain.board import Row
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardChanges
from supporttui.presentation.board.pane_layout import MIN_PANES_HEIGHT, MIN_PREVIEW
from supporttui.ui.live import LiveScreen
from supporttui.ui.panes.pane_grid import PaneGrid
from supporttui.ui.stylesheets import PREVIEW_SHEETS, read_sheets

if TYPE_CHECKING:
    from supporttui.ui.board.ticket_preview import TicketPreview

FOLLOW_AFTER_S: Final = 0.05
"""Seconds after the last move of the cursor, so that a key held down moves only the cursor."""

REST_S: Final = 0.6
"""Seconds on a ticket after which its missing messages are requested."""

LINES_BESIDE: Final = 3
"""The lines of the header, the key hints and a sentence above them."""

OPEN_AFTER_S: Final = 0.05
"""Seconds after the first screen, whose keys have priority."""

PREVIEW_BINDINGS: Final[list[BindingType]] = [
    Binding("w", "preview('toggle')", "preview of the ticket, or none", id="board-preview", priority=True),
    Binding("shift+down,ctrl+e", "preview('down')", "scroll the preview down", id="board-preview-down", priority=True),
    Binding("shift+up,ctrl+y", "preview('up')", "scroll the preview up", id="board-preview-up", priority=True),
    Binding(
        "right_square_bracket",
        "preview('page-down')",
        "preview: page down",
        id="board-preview-page-down",
        priority=True,
    ),
    Binding("left_square_bracket", "preview('page-up')", "preview: page up", id="board-preview-page-up", priority=True),
]


class BoardPreview:
    """Opens and closes the preview of a board, and shows the ticket under the cursor in it."""

    _STEPS: ClassVar = {"down": (1, False), "up": (-1, False), "page-down": (1, True), "page-up": (-1, True)}

    def __init__(self, screen: LiveScreen[None], grid: PaneGrid, cursor_row: Callable[[], Row | None]) -> None:
        self._screen = screen
        self._model = screen.model
        self._grid = grid
        self._cursor_row = cursor_row
        self._widget: TicketPreview | None = None
        self._is_stale = False
        """Whether the ticket on show may have changed."""
        self._follow_at = 0.0
        self._follow_timer: Timer | None = None
        self._rest_timer: Timer | None = None
        self._asked_for: tuple[TicketId, str] | None = None
        """The ticket and its version for which messages were last requested from the help desk."""

    def begin(self) -> None:
        """Open the preview if it was open when the last run ended."""
        if self._model.shows_preview:
            self._screen.set_timer(OPEN_AFTER_S, self._open)

    def act(self, what: str) -> None:
        """Run the action of a key."""
        if what == "toggle":
            self._toggle()
        elif self._widget is None:
            self._screen.say(f"The preview is closed; {self._model.app_context.key('board-preview')} opens it.")
        else:
            step, is_page = self._STEPS[what]
            self._widget.scroll_messages(step, is_page=is_page)

    def follow(self, now: datetime) -> None:
        """Update the countdown while the board is drawn, or schedule showing another ticket."""
        if self._widget is None or not self._is_seen or not self._grid.has_preview_room:
            return
        row, shown = self._cursor_row(), self._widget.view
        is_other = (row.ticket.id if row else None) != (shown.ticket_id if shown else None)
        if is_other or self._is_stale:
            self._plan()
        else:
            self._widget.tick(now)

    @property
    def _is_seen(self) -> bool:
        """Whether the board is the topmost screen, or only below a dialog."""
        return self._screen.is_current or self._screen.app.screen.is_modal

    def take_in(self, changes: BoardChanges) -> None:
        """Update the ticket on show after changes."""
        shown = self._widget.view if self._widget is not None else None
        if shown is not None and (shown.ticket_id in changes.ticket_ids or shown.conversation is None):
            self._is_stale = True

    def look_again(self) -> None:
        """Refresh after the board is the topmost screen again: drafts and read marks may have changed."""
        self._is_stale = True

    def _toggle(self) -> None:
        if self._widget is not None:
            self._model.keep_preview(is_open=False)
            self._grid.keep_preview_room(has_preview=False)
            self._widget.remove()
            self._widget = None
        elif self._grid.has_preview_room:
            self._model.keep_preview(is_open=True)
            self._open()
        else:
            lines = MIN_PANES_HEIGHT + MIN_PREVIEW.height + LINES_BESIDE
            self._screen.say(f"There is no room for a preview here: it needs {lines} lines.")

    def _open(self) -> None:
        from supporttui.ui.board.ticket_preview import TicketPreview

        if self._widget is None and self._model.shows_preview:
            read_sheets(self._screen.app, PREVIEW_SHEETS)
            self._widget = TicketPreview(self._model)
            self._grid.keep_preview_room(has_preview=True)
            self._grid.mount(self._widget)
            self._is_stale = True
            self._screen.call_after_refresh(self._show)

    def _plan(self) -> None:
        """Schedule showing the ticket a moment after the last key."""
        self._follow_at = time.monotonic() + FOLLOW_AFTER_S
        if self._rest_timer is not None:
            self._rest_timer.stop()
            self._rest_timer = None
        if self._follow_timer is None:
            self._follow_timer = self._screen.set_timer(FOLLOW_AFTER_S, self._show_when_due)

    def _show_when_due(self) -> None:
        self._follow_timer = None
        left_s = self._follow_at - time.monotonic()
        if left_s > 0:
            self._follow_timer = self._screen.set_timer(left_s, self._show_when_due)
        else:
            self._show()

    def _show(self) -> None:
        from supporttui.presentation.ticket.ticket_view import is_overtaken, load_ticket_view

        if self._widget is None:
            return
        row, self._is_stale = self._cursor_row(), False
        if row is None:
            self._widget.show(None)
            return
        ticket_id = row.ticket.id
        view = load_ticket_view(self._model, ticket_id, self._model.conversation(ticket_id), with_others=False)
        is_missing = view.conversation is None or is_overtaken(view, self._model)
        self._widget.is_asked = self._asked_for == (ticket_id, row.ticket.version)
        self._widget.show(view)
        if is_missing and not self._widget.is_asked:
            self._rest_timer = self._screen.set_timer(REST_S, self._ask)

    def _ask(self) -> None:
        """Request missing messages after the cursor has rested, once for each version of the ticket."""
        self._rest_timer = None
        row, shown = self._cursor_row(), self._widget.view if self._widget is not None else None
        if row is not None and shown is not None and shown.ticket_id == row.ticket.id and self._screen.is_current:
            self._asked_for = (row.ticket.id, row.ticket.version)
            self._model.engine.prefetch_conversation(row.ticket.id)
            self._show()
