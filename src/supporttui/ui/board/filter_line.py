"""The line in which a filter is typed: the board below follows it, what may come next is listed above it."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Protocol

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style
from textual.timer import Timer
from textual.widgets import Static

from supporttui.domain.query.query import Field, Query
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.presentation.board.filter_text import FilterCompletion, FilterReading, explained_line, typed_line
from supporttui.presentation.cell_text import StyledText, cut
from supporttui.presentation.line_editor import EDIT_COMMANDS, LineEditor

QUERY_DELAY_S: Final = 0.06
"""How long after the last key the board follows: the echo of a key never waits for that."""

MOST_OFFERED: Final = 7
"""Lines of what may come next."""

FILTER_PARTS: Final = (
    *("prompt", "typed", "cursor", "wrong", "explanation"),
    *("word", "chosen", "meaning"),
)


class FilteredBoard(Protocol):
    """What a filter line needs of the board."""

    @property
    def history(self) -> Sequence[str]:
        """Filters that were kept, the latest last."""

    def find_values(self, field: Field, text: str) -> list[OutsideText]:
        """A few values that a term may have."""

    def filter_by(self, query: Query) -> None:
        """Show what matches; as soon as that is known."""

    def count_text(self) -> str:
        """How many tickets match, as `12 of 341`; empty while that is not known."""


class FilterLines(Static):
    """What is drawn of it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"filter-line--{part}" for part in FILTER_PARTS}


class FilterLine(ModalScreen[str | None]):
    """Takes characters as keys, so that those typed ahead of it are not lost; answers with the text, or None."""

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
        """How many filters back in the history; 0 is what is being typed."""
        self._written = text
        self._is_refused = False
        """It was to be kept, and is no filter."""
        self._timer: Timer | None = None
        self._lines = FilterLines("", markup=False, id="filter-lines")

    def compose(self) -> ComposeResult:
        """What may come next, what was typed, and how it is understood."""
        with Vertical(id="filter-box"):
            yield self._lines

    def on_mount(self) -> None:
        """Show what can be typed."""
        self._completion.look(self._editor)
        self.draw()

    def on_resize(self) -> None:
        """Cut the lines to the new width."""
        self.call_after_refresh(self.draw)

    # -- keys -----------------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Take a character."""
        if event.character is not None and event.is_printable:
            event.stop()
            event.prevent_default()
            self._editor.insert(event.character)
            self._typed()

    def on_paste(self, event: events.Paste) -> None:
        """Take the first line of what is pasted."""
        event.stop()
        lines = event.text.splitlines()
        if lines:
            self._editor.insert(safe_line(OutsideText(lines[0])))
            self._typed()

    def action_edit(self, command: str) -> None:
        """Move the cursor or take characters away."""
        if self._editor.edit(command):
            self._typed()
        else:
            self._completion.look(self._editor)
            self.draw()

    def action_complete(self, step: int) -> None:
        """Put what is offered into the text."""
        if self._completion.step(self._editor, step):
            self._follow()

    def action_recall(self, step: int) -> None:
        """Go through the history."""
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
        """Answer with what was typed, unless it is no filter."""
        if self._reading.query is None:
            self._is_refused = True
            self.draw()
            return
        self._ask()
        self.dismiss(self._editor.text.strip())

    def action_leave(self) -> None:
        """Answer with nothing."""
        self.dismiss(None)

    # -- what follows a key -----------------------------------------------------------------------------------------

    def _typed(self) -> None:
        self._recalled = 0
        self._completion.look(self._editor)
        self._follow()

    def _follow(self) -> None:
        """Echo the text now, and have the board follow it soon."""
        self._reading = FilterReading.of(self._editor.text)
        self._is_refused = False
        self.draw()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(QUERY_DELAY_S, self._ask)

    def _ask(self) -> None:
        """Have the board show what matches."""
        query = self._reading.query
        if query is not None and query != self._asked:
            self._asked = query
            self._board.filter_by(query)

    def draw(self) -> None:
        """Draw all of it; also when it has become known how many tickets match."""
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
        """How the text is understood, or how many tickets match and which keys there are."""
        if self._reading.query is None:
            return explained_line(self._editor, self._reading, width, styles, is_refused=self._is_refused)
        count = self._board.count_text()
        keys = "enter keep · esc take away · tab complete · up earlier ones"
        return [(f"  {count}   " if count else "  ", styles["typed"]), (cut(keys, width - 20), styles["meaning"])]
