"""The counts and the worst clocks of the five panes in large digits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from supporttui.domain.sla import ClockReading
from supporttui.domain.ticket import Status
from supporttui.presentation.big_digits import DIGIT_LINES, large_digits
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.loaded_board import PaneRows
from supporttui.presentation.board.ticket_row import ClockTone, clock_tone
from supporttui.presentation.cell_text import StyledText
from supporttui.ui.strips import strip_from_texts

FIGURE_CLASS_PREFIX = "wall-head--"
FIGURE_MARGIN = 2


@dataclass(frozen=True, slots=True)
class WallFigure:
    """The large text above one pane."""

    count: str
    worst: str
    tone: ClockTone


NOTHING_KNOWN = WallFigure("", "", ClockTone.QUIET)
"""Shown above a pane that was never fetched."""


class WallHeader(Widget):
    """Five columns of digits, above the panes that they summarise."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        FIGURE_CLASS_PREFIX + "count",
        FIGURE_CLASS_PREFIX + "none",
        *(f"{FIGURE_CLASS_PREFIX}clock-{tone.value}" for tone in ClockTone),
    }

    def __init__(self, model: BoardModel) -> None:
        super().__init__(id="wall-head")
        self._model = model
        self._rows = [model.board.pane(status) for status in Status]
        self._figures: list[WallFigure] = []

    def show(self, now: datetime) -> None:
        """Redraw the columns that have changed."""
        is_known = self._model.status.loaded
        figures = [_figure(rows, now) if is_known or len(rows) else NOTHING_KNOWN for rows in self._rows]
        before, self._figures = self._figures, figures
        for index, figure in enumerate(figures):
            if index >= len(before) or before[index] != figure:
                left, right = self._column(index)
                self.refresh(Region(left, 0, right - left, self.size.height))

    def render_line(self, y: int) -> Strip:
        """Render one line of the five figures, below an empty one."""
        ground = self.rich_style
        pieces: list[StyledText[Style]] = []
        for index, figure in enumerate(self._figures if 1 <= y <= DIGIT_LINES else ()):
            left, right = self._column(index)
            count, worst = large_digits(figure.count)[y - 1], large_digits(figure.worst)[y - 1]
            room = right - left - 2 * FIGURE_MARGIN
            if len(count) + len(worst) + 2 > room:
                worst = ""
            gap = " " * (room - len(count) - len(worst))
            count_style = self.get_component_rich_style(
                FIGURE_CLASS_PREFIX + ("count" if figure.count != "0" else "none")
            )
            worst_style = self.get_component_rich_style(f"{FIGURE_CLASS_PREFIX}clock-{figure.tone.value}")
            side = (" " * FIGURE_MARGIN, ground)
            pieces += [side, (count, count_style), (gap, ground), (worst, worst_style), side]
        return strip_from_texts(pieces, self.size.width, ground)

    def _column(self, index: int) -> tuple[int, int]:
        count = len(self._rows)
        return self.size.width * index // count, self.size.width * (index + 1) // count


def _figure(rows: PaneRows, now: datetime) -> WallFigure:
    worst = rows.worst
    if worst is None:
        return WallFigure(str(len(rows)), "", ClockTone.QUIET)
    reading = worst.clock.read(now)
    return WallFigure(str(len(rows)), large_clock(reading), clock_tone(reading))


def large_clock(reading: ClockReading) -> str:
    """Return the time left in hours and minutes, `3h12m`, with the marks for a breach and for a pause."""
    left = reading.remaining
    hours, minutes = divmod(abs(left) // timedelta(minutes=1), 60)
    sign = "-" if left < timedelta() else ""
    return f"{'' if reading.is_counting else '‖'}{sign}{hours}h{minutes:02}m"
