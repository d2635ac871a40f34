"""The filter line: the board follows what is typed, and completions are listed above it."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Protocol

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.style import Style
from textual.timer import Timer
from textual.widgets import Static

from supporttui.domain.query.query import Field, Query
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.presentation.board.filter_text import FilterCompletion, FilterReading, explained_line, typed_line
from supporttui.presentation.cell_text import StyledText, cut
from supporttui.presentation.line_editor import EDIT_COMMANDS, LineEditor
from supporttui.ui.dialog_screen import DialogScreen, choice_hints

QUERY_DELAY_S: Final = 0.06
"""Seconds from the last key until the board follows; the echo of a key does not wait."""

MOST_OFFERED: Final = 7
"""The maximum number of completions listed."""

FILTER_PARTS: Final = (
    *("prompt", "typed", "cursor", "wrong", "explanation"),
    *("word", "chosen", "meaning"),
)


class FilteredBoard(Protocol):
    """The interface of the board that a filter line uses."""

    @property
    def history(self) -> Sequence[str]:
        """The remembered filters, the latest last."""

    def find_values(self, field: Field, text: str) -> list[OutsideText]:
        """Return a few possible values for a term."""

    def filter_by(self, query: Query) -> None:
        """Show what matches, once that is known."""

    def count_text(self) -> str:
        """The number of matching tickets, as `12 of 341`; empty while unknown."""


class FilterLines(Static):
    """The drawn part of the filter line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"filter-line--{part}" for part in FILTER_PARTS}


class FilterLine(DialogScreen[str | None]):
    """Answers with the text that was typed, or None."""

    takes_characters = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "keep", "keep the filter", id="filter-keep", priority=True),
        Binding("escape", "leave", "take the filter away", id="filter-leave", priority=True),
        Binding("tab", "complete(1)", "complete, or the next one", id="filter-complete", priority=True),
        Binding("shift+tab", "complete(-1)", "the one before", id="filter-complete-back", priority=True),
        Binding("up", "recall(-1)", "an earlier filter", id="filter-earlier", priority=True),
        Binding("down", "recall(1)", "a later filter", id="filter-later", priority=True),
        *(
            Binding(keys, f"edit('{command}')", word, id=f"filter-{command}", priority=True)
            for command, (keys, word) in EDIT_COMMANDS.items()
        ),
    ]

    def __init__(self, board: FilteredBoard, text: str = "") -> None:
        super().__init__()
        self._board = board
        self._editor = LineEditor(text)
        self._completion = FilterCompletion(board.find_values)
        self._reading = FilterReading.of(text)
        self._asked: Query | None = self._reading.query
        self._recalled = 0
        """The position in the history, counted back from 0, the text being typed."""
        self._written = text
        self._is_refused = False
        """Whether the user tried to keep text that does not parse."""
        self._timer: Timer | None = None
        self._lines = FilterLines("", markup=False, id="filter-lines")

    def compose(self) -> ComposeResult:
        """Yield the completions, the typed text, and its explanation."""
        with Vertical(id="filter-box"):
            yield self._lines

    def on_mount(self) -> None:
        """List what can be typed."""
        self._completion.look(self._editor)
        self.draw()

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self.call_after_refresh(self.draw)

    # -- keys -----------------------------------------------------------------------------------------------------

    def take_character(self, character: str) -> None:
        """Put it where the cursor stands."""
        self._editor.insert(character)
        self._typed()

    def on_paste(self, event: events.Paste) -> None:
        """Insert the first line of the pasted text."""
        event.stop()
        lines = event.text.splitlines()
        if lines:
            self._editor.insert(safe_line(OutsideText(lines[0])))
            self._typed()

    def action_edit(self, command: str) -> None:
        """Move the cursor or delete characters."""
        if self._editor.edit(command):
            self._typed()
        else:
            self._completion.look(self._editor)
            self.draw()

    def action_complete(self, step: int) -> None:
        """Insert the next or previous completion."""
        if self._completion.step(self._editor, step):
            self._follow()

    def action_recall(self, step: int) -> None:
        """Step through the history."""
        wanted = max(0, min(self._recalled - step, len(self._board.history)))
        if wanted == self._recalled:
            return
        if self._recalled == 0:
            self._written = self._editor.text
        self._recalled = wanted
        self._editor.put(self._board.history[-wanted] if wanted else self._written)
        self._completion.look(self._editor)
        self._follow()

    def action_keep(self) -> None:
        """Return the typed text if it is a filter."""
        if self._reading.query is None:
            self._is_refused = True
            self.draw()
            return
        self._ask()
        self.dismiss(self._editor.text.strip())

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    # -- effects of a key -------------------------------------------------------------------------------------------

    def _typed(self) -> None:
        self._recalled = 0
        self._completion.look(self._editor)
        self._follow()

    def _follow(self) -> None:
        """Echo the text now, and update the board soon."""
        self._reading = FilterReading.of(self._editor.text)
        self._is_refused = False
        self.draw()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(QUERY_DELAY_S, self._ask)

    def _ask(self) -> None:
        """Show what matches the text on the board."""
        query = self._reading.query
        if query is not None and query != self._asked:
            self._asked = query
            self._board.filter_by(query)

    def draw(self) -> None:
        """Redraw the lines; also called when the number of matching tickets is known."""
        if not self.is_mounted:
            return
        styles = {part: self._lines.get_visual_style(f"filter-line--{part}", partial=True) for part in FILTER_PARTS}
        width = max(10, self.size.width - 2)
        room = max(2, min(MOST_OFFERED, self.size.height // 5))
        offered = self._completion.lines(width, room, styles)
        blank: list[StyledText[Style]] = [("", styles["meaning"])]
        lines = [
            *[blank] * (room - len(offered)),
            *offered,
            typed_line(self._editor, self._reading, width, styles),
            self._line_below(width, styles),
        ]
        self._lines.update(Content("\n").join(Content.assemble(*line) for line in lines))

    def _line_below(self, width: int, styles: Mapping[str, Style]) -> list[StyledText[Style]]:
        """The explanation of a mistake, or the number of matching tickets and the keys."""
        if self._reading.query is None:
            return explained_line(self._editor, self._reading, width, styles, is_refused=self._is_refused)
        count = self._board.count_text()
        keys = choice_hints(
            self,
            *(("filter-keep", "keep"), ("filter-leave", "take away")),
            *(("filter-complete", "complete"), ("filter-earlier", "earlier ones")),
        )
        return [(f"  {count}   " if count else "  ", styles["typed"]), (cut(keys, width - 20), styles["meaning"])]
