"""The wall: a board without a cursor, legible from a distance, with the age of the data on every pane."""

from datetime import datetime

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size

from supporttui.domain.ticket import Status
from supporttui.presentation.board.board_model import BoardChanges, BoardModel
from supporttui.presentation.board.pane_layout import FIVE_COLUMNS_FROM_WIDTH, lines_per_row
from supporttui.ui.live import LiveScreen
from supporttui.ui.panes.board_parts import BoardWidgets
from supporttui.ui.panes.pane_grid import PaneGrid
from supporttui.ui.wall.wall_header import WallHeader

FIGURES_FROM_HEIGHT = 28
SPACIOUS_ROW_LINES = 3
LINES_AROUND_ROWS = 8
"""Header, figures, and the edges of a pane."""


class WallScreen(LiveScreen[None]):
    """Shows the worst rows of every pane; there are no actions."""

    def __init__(self, model: BoardModel) -> None:
        super().__init__(model)
        self._parts = BoardWidgets(model, PaneGrid(model, is_wall=True), is_wall=True)
        self._head = WallHeader(model)

    def compose(self) -> ComposeResult:
        """Yield the header, the figures, the panes, and a line for problems."""
        yield self._parts.header
        yield self._head
        yield self._parts.grid
        yield self._parts.key_line

    def tick(self, now: datetime) -> None:
        """Update what depends on the time."""
        problem = self.model.status.sentence
        self.set_class(self._parts.freshness().is_stale, "-stale")
        self._head.show(now)
        self._parts.show(now, (), problem)
        self._parts.key_line.display = bool(problem)

    def show_changes(self, changes: BoardChanges) -> None:
        """Redraw after changes."""
        self._parts.follow(changes)
        self._use_room(self.size)
        self.tick(self.model.now())

    def on_resize(self, event: events.Resize) -> None:
        """Fit the number of rows to the size."""
        self._head.display = has_room_for_figures(event.size)
        self._use_room(event.size)
        self.call_after_refresh(lambda: self.tick(self.model.now()))

    def _use_room(self, size: Size) -> None:
        """Add a third, empty line to each ticket if every pane has room for all of its tickets."""
        lines = lines_per_row(*size)
        if has_room_for_figures(size):
            most = max(len(self.model.board.pane(status)) for status in Status)
            lines = SPACIOUS_ROW_LINES if most * SPACIOUS_ROW_LINES <= size.height - LINES_AROUND_ROWS else lines
        self._parts.grid.use_density(lines)


def has_room_for_figures(size: Size) -> bool:
    """Whether the large figures fit above the panes, and the panes are side by side below them."""
    return size.width >= FIVE_COLUMNS_FROM_WIDTH and size.height >= FIGURES_FROM_HEIGHT
