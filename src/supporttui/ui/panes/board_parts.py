"""The widgets that board and wall share, and their updates."""

from collections.abc import Sequence
from datetime import datetime

from supporttui.domain.ticket import Status
from supporttui.presentation.board.board_model import BoardChanges, BoardModel
from supporttui.presentation.board.freshness import Freshness, empty_sentences, is_count_known, model_freshness
from supporttui.presentation.board.header import header_items
from supporttui.presentation.board.key_hints import KeyHint
from supporttui.ui.key_line import KeyLine
from supporttui.ui.panes.board_header import BoardHeader
from supporttui.ui.panes.pane_grid import PaneGrid


class BoardWidgets:
    """The header, the five panes and the footer."""

    def __init__(self, model: BoardModel, grid: PaneGrid, *, is_wall: bool) -> None:
        self._model = model
        self._is_wall = is_wall
        self.header = BoardHeader()
        self.grid = grid
        self.key_line = KeyLine()

    def follow(self, changes: BoardChanges) -> None:
        """Update after changes of the board or of names; the next `show` draws them."""
        my_id = None if self._is_wall else self._model.my_id
        row_texts = self.grid.row_texts
        if changes.has_new_names or my_id != row_texts.my_id:
            row_texts.my_id = my_id
            row_texts.forget()
        self.grid.follow(changes.ticket_ids)

    def begin(self, now: datetime) -> None:
        """Prepare the first picture for an instant of the desk's time."""
        fresh = self.freshness()
        self.grid.say_freshness(fresh, always=self._is_wall)
        self.grid.say_empty(empty_sentences(self._model), is_known=is_count_known(self._model))
        self.grid.begin(now)
        self.header.show(header_items(self._model, now, fresh))

    def freshness(self) -> Freshness:
        """Return the age of the data now."""
        return model_freshness(self._model)

    def show(self, now: datetime, hints: Sequence[KeyHint], problem: str) -> None:
        """Redraw what has changed, at an instant of the desk's time."""
        fresh = self.freshness()
        self.grid.say_freshness(fresh, always=self._is_wall)
        self.grid.say_empty(empty_sentences(self._model), is_known=is_count_known(self._model))
        self.grid.show(now)
        self.header.show(header_items(self._model, now, fresh))
        self.key_line.show(hints, problem)

    def show_pane(self, status: Status, now: datetime, problem: str) -> None:
        """Redraw one pane alone, and the problem of the row under the cursor."""
        self.grid.panes[status].show(now)
        self.key_line.show_problem(problem)
