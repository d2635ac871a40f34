"""The preview of a ticket, drawn in slices so that no key waits for all of it."""

from datetime import datetime
from typing import ClassVar, Final

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.pane_layout import CellSize
from supporttui.presentation.cell_text import cell_len, cut
from supporttui.presentation.ticket.conversation_layout import NEXT_SHARE
from supporttui.presentation.ticket.preview_layout import PreviewLayout
from supporttui.presentation.ticket.ticket_view import TicketView
from supporttui.ui.panes.drawn_rows import RowFinish
from supporttui.ui.text_strips import (
    CONVERSATION_CLASSES,
    PANEL_CLASSES,
    TextStyles,
    conversation_segments,
    panel_segments,
)

FIRST_SHARE: Final = 1_000
"""The layout work done at once for a ticket, about 5 ms, as the cursor may move on at any time."""

SLICE_LINES: Final = 12
SLICE_PAUSE_S: Final = 0.008
"""Lines drawn at once, and seconds until the next ones: keys have priority. As a whole, 80x48 cells take 15 ms."""

FRAME_CELLS: Final = 4
"""The sides of the frame, and a blank beside each."""

FRAME_LINES: Final = 2


class TicketPreview(Widget):
    """Shows one ticket after another, without Textual's layout of widgets, which would take most of the time.

    It never has the focus: its keys are the board's.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {*CONVERSATION_CLASSES, *PANEL_CLASSES, "preview--frame", "preview--title"}

    def __init__(self, model: BoardModel) -> None:
        super().__init__(id="ticket-preview")
        self.content = PreviewLayout(model)
        self.is_asked = False
        """Whether missing messages were requested from the help desk."""
        self._shown: list[Strip] = []
        """The lines as last drawn; those from `_next_line` on are outdated."""
        self._next_line = 0
        """The first line that still has to be drawn."""
        self._is_more_to_lay_out = False
        self._timer: Timer | None = None
        self._styles: TextStyles | None = None

    @property
    def view(self) -> TicketView | None:
        """The ticket on show; None if none is under the cursor."""
        return self.content.view

    @property
    def plain_facts(self) -> list[str]:
        """The facts above the messages, one string per line."""
        return ["".join(text for text, _ in line) for line in self.content.facts]

    @property
    def plain_messages(self) -> list[str]:
        """The visible lines of messages, without the side bars."""
        pieces = [(*line.runs, *((line.right,) if line.right else ())) for line in self.content.messages]
        return ["".join(text for text, _ in each) for each in pieces]

    def show(self, view: TicketView | None) -> None:
        """Show a ticket."""
        width, height = self.size
        size = CellSize(max(width - FRAME_CELLS, 8), max(height - FRAME_LINES, 0))
        self.content.show(view, size, is_asked=self.is_asked)
        self._draw_anew(FIRST_SHARE)

    def tick(self, now: datetime) -> None:
        """Update the countdown."""
        if self.content.count_down(now):
            self._draw_anew(FIRST_SHARE)

    def scroll_messages(self, step: int, *, is_page: bool) -> None:
        """Scroll towards the newest message (1) or the first one (-1)."""
        self.content.scroll(step, is_page=is_page)
        self._draw_anew(NEXT_SHARE)

    def on_resize(self) -> None:
        """Wrap the text to the new width."""
        self._shown = []
        self.show(self.view)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll towards the newest message."""
        event.stop()
        self.scroll_messages(1, is_page=False)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll towards the first message."""
        event.stop()
        self.scroll_messages(-1, is_page=False)

    # -- drawing ------------------------------------------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines for the compositor: there is no border or padding for Textual to add."""
        if len(self._shown) != self.size.height:
            self._shown = self._drawn(range(self.size.height))
            self._next_line = self.size.height
        lines = self._shown[crop.y : crop.bottom]
        return lines if crop.column_span == (0, self.size.width) else [line.crop(*crop.column_span) for line in lines]

    def notify_style_update(self) -> None:
        """Discard lines drawn in other colours."""
        super().notify_style_update()
        self._styles, self._shown = None, []

    def _draw_anew(self, work: int) -> None:
        self._next_line = 0
        self._is_more_to_lay_out = self.content.advance(work)
        self._draw_slice()

    def _draw_slice(self) -> None:
        """Draw some lines and schedule the next ones; at the end lay out more if it is visible."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if len(self._shown) != self.size.height:
            self.refresh()
            self._next_line = self.size.height
        lines = range(self._next_line, min(self._next_line + SLICE_LINES, self.size.height))
        for y, strip in zip(lines, self._drawn(lines), strict=True):
            if strip != self._shown[y]:
                self._shown[y] = strip
                self.refresh(Region(0, y, self.size.width, 1))
        self._next_line = lines.stop if lines else self._next_line
        if self._next_line < self.size.height:
            self._timer = self.set_timer(SLICE_PAUSE_S, self._draw_slice)
        elif self._is_more_to_lay_out:
            self._timer = self.set_timer(SLICE_PAUSE_S, lambda: self._draw_anew(NEXT_SHARE))

    def _drawn(self, lines: range) -> list[Strip]:
        """Draw some of the lines at full width."""
        styles = self._styles = self._styles or TextStyles(self)
        finish = RowFinish(self.get_line_filters(), self.background_colors[1])
        content, messages = self.content, self.content.messages
        side, blank = Segment("│", styles.style("preview--frame")), Segment(" ", styles.ground)
        room = max(self.size.width - FRAME_CELLS, 8)

        def inner(y: int) -> list[Segment]:
            if y < len(content.facts):
                return panel_segments(styles, content.facts[y], room)
            index = y - len(content.facts) - content.gap
            if 0 <= index < len(messages):
                return conversation_segments(styles, messages[index], room)
            return [Segment(" " * room, styles.ground)]

        def strip(y: int) -> Strip:
            if y in (0, self.size.height - 1):
                return self._edge(styles, is_upper=y == 0)
            return Strip([side, blank, *inner(y - 1), blank, side], room + FRAME_CELLS)

        return [finish.of(strip(y)) for y in lines]

    def _edge(self, styles: TextStyles, *, is_upper: bool) -> Strip:
        """The upper edge with the ticket's number, or the lower one with what is out of view."""
        width, frame = self.size.width, styles.style("preview--frame")
        text = self.content.title if is_upper else self.content.beyond
        said = Segment(cut(f" {text} ", max(0, width - 4)) if text else "", styles.style("preview--title"))
        line = Segment("─" * max(0, width - 3 - cell_len(said.text)), frame)
        ends = ("╭─", "╮") if is_upper else ("╰", "─╯")
        middle = [said, line] if is_upper else [line, said]
        return Strip([Segment(ends[0], frame), *middle, Segment(ends[1], frame)]).crop(0, width)
