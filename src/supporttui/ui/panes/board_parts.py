"""What the board and the wall are made of, and how both are kept current."""

from collections.abc import Sequence
from datetime import datetime

from supporttui.domain.ticket import Status
from supporttui.presentation.board.board_model import BoardChanges, BoardModel
from supporttui.presentation.board.freshness import Freshness, empty_sentences, model_freshness
from supporttui.presentation.board.header import header_items
from supporttui.presentation.board.key_hints import KeyHint
from supporttui.ui.key_line import KeyLine
from supporttui.ui.panes.board_header import BoardHeader
from supporttui.ui.panes.pane_grid import PaneGrid


class BoardWidgets:
    """The header, the five panes and the line below them."""

    def __init__(self, model: BoardModel, grid: PaneGrid, *, is_wall: bool) -> None:
        self._model = model
        self._is_wall = is_wall
        self.header = BoardHeader()
        self.grid = grid
        self.key_line = KeyLine()

    def follow(self, changes: BoardChanges) -> None:
        """The board has changed, and maybe the names on it; the next `show` draws it."""
        my_id = None if self._is_wall else self._model.my_id
        row_texts = self.grid.row_texts
        if changes.has_new_names or my_id != row_texts.my_id:
            row_texts.my_id = my_id
            row_texts.forget()
        self.grid.follow(changes.ticket_ids)

    def begin(self, now: datetime) -> None:
        """Have the first picture say what stands at this instant."""
        fresh = self.freshness()
        self.grid.say_freshness(fresh, always=self._is_wall)
        self.grid.say_empty(empty_sentences(self._model), is_known=self._model.status.loaded)
        self.grid.begin(now)
        self.header.show(header_items(self._model, now, fresh))

    def freshness(self) -> Freshness:
        """How old what is shown is, now."""
        return model_freshness(self._model)

    def show(self, now: datetime, hints: Sequence[KeyHint], problem: str) -> None:
        """Redraw what says something else at this instant of the desk's time."""
        fresh = self.freshness()
        self.grid.say_freshness(fresh, always=self._is_wall)
        self.grid.say_empty(empty_sentences(self._model), is_known=self._model.status.loaded)
        self.grid.show(now)
        self.header.show(header_items(self._model, now, fresh))
        self.key_line.show(hints, problem)

    def show_pane(self, status: Status, now: datetime, problem: str) -> None:
        """The same of one pane alone, and what is wrong with the row under the cursor."""
        self.grid.panes[status].show(now)
        self.key_line.show_problem(problem)
