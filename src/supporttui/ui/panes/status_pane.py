"""A pane of the board: the tickets of one status, drawn line by line.

It is a view of a board that changes. `show` compares each visible row with what is on the screen and redraws only the
cells that differ.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import ClassVar

from msgspec.structs import replace
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from supporttui.domain.board import Row
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.loaded_board import PaneRows
from supporttui.presentation.board.pane_index import GroupHeader
from supporttui.presentation.board.pane_layout import NO_LOAD, PaneLoad
from supporttui.presentation.board.pane_lines import PaneFooter, PaneLabels, PaneLines, PaneTitle, pane_title_at
from supporttui.presentation.board.row_layout import RowLayout
from supporttui.presentation.board.ticket_row import GroupText, TicketRows, TicketRowText
from supporttui.presentation.board.viewport import ShownLine, Viewport
from supporttui.ui.panes.drawn_rows import DrawnLines, RowFinish
from supporttui.ui.panes.pane_styles import PaneStyleCache, PaneStyles
from supporttui.ui.strips import changed_regions, strip_from_texts

ShownText = TicketRowText | GroupText | None
"""The text of a line; None is an empty one."""

WHEEL_ROWS = 3
TITLE_SLOT, FOOT_SLOT = -1, -2
"""The slots of the top and bottom edge; rows have slots from 0 on."""


class StatusPane(Widget, can_focus=True, inherit_bindings=False):
    """The tickets of one status. The cursor follows its ticket rather than its row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor(-1)", "ticket above", id="board-cursor-up", priority=True),
        Binding("down,j", "cursor(1)", "ticket below", id="board-cursor-down", priority=True),
        Binding("pageup,ctrl+u", "page(-1)", "page up", id="board-page-up", priority=True),
        Binding("pagedown,ctrl+d", "page(1)", "page down", id="board-page-down", priority=True),
        Binding("home", "cursor_to(0)", "first ticket", id="board-cursor-first", priority=True),
        Binding("end,G", "cursor_to(999999999)", "last ticket", id="board-cursor-last", priority=True),
    ]

    @dataclass
    class TicketChosen(Message):
        """A ticket should be opened."""

        ticket_id: TicketId

    @dataclass
    class CursorMoved(Message):
        """The cursor is on another ticket, or on none."""

        status: Status
        ticket_id: TicketId | None

    class Scrolled(Message):
        """Other rows are in view; the next `show` draws them."""

    def __init__(
        self,
        status: Status,
        words: PaneLabels,
        rows: PaneRows,
        row_texts: TicketRows,
        palette: PaneStyleCache,
        *,
        is_wall: bool,
    ) -> None:
        super().__init__(id=f"pane-{status.value.replace('_', '-')}")
        self.status = status
        self.can_focus = not is_wall
        self.opens_on_click = False
        """Whether one click opens a ticket without moving the cursor, which then marks the open ticket."""
        self.view = Viewport(rows, has_cursor=not is_wall)
        self.lines_per_row = 2
        self.age = ""
        """The age of the data as text; empty if it need not be shown."""
        self.empty = ""
        """The text shown if there are no rows."""
        self.is_known = True
        """Whether the tickets were ever fetched."""
        self.load = NO_LOAD
        """The pane's size and urgency, for the title while the pane is collapsed."""
        self._words = words
        self._row_texts = row_texts
        self._style_cache = palette
        self._shown: list[ShownText] = []
        self._shown_cursor: int | None = None
        self._title = PaneTitle(words.number, words.name, "")
        self._foot = PaneFooter("", 0, 0)
        self._number_cells = 4
        self._now: datetime | None = None
        self._fitted = (0, 0)
        self._styles: PaneStyles | None = None
        self._drawn = DrawnLines()
        self._was_focused = False
        self._was_moved = False
        """Whether the cursor was put on a row since the pane was opened."""
        self._rows_followed = -1
        """The number of rows at the last `follow`; -1 before the first."""
        self.is_still = False
        """Whether rows must not move by themselves, as the pane has the board's focus, or had it last."""

    def make_copy(self) -> "StatusPane":
        """Return a new pane of the same kind that is not on any screen."""
        return StatusPane(self.status, self._words, self.view.rows, self._row_texts, self._style_cache, is_wall=False)

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor."""
        return self.view.cursor_row

    @property
    def is_open(self) -> bool:
        """Whether there is room for more than the title."""
        return self.size.height > 1

    def follow(self) -> None:
        """Follow a change of the rows: keep the cursor on its ticket, or on the first row if never used.

        While the tickets are fetched for the first time, it stays on the first row until it is moved.
        """
        before = self.view.cursor_key
        is_filling = not self.is_known and not self._was_moved
        if (is_filling or not self._was_focused) and not self.view.listed.is_frozen:
            self.view.cursor, self.view.cursor_key = self.view.first_ticket, None
        self.view.follow(is_still=self.is_still and not is_filling)
        self._rows_followed = len(self.view.rows)
        if self.view.cursor_key != before:
            self.post_message(self.CursorMoved(self.status, self.view.cursor_id))

    def follow_choice(self) -> None:
        """Update after the user has filtered, sorted or grouped the tickets."""
        before = self.view.cursor_key
        self.view.follow_choice()
        self._rows_followed = len(self.view.rows)
        if self.view.cursor_key != before:
            self.post_message(self.CursorMoved(self.status, self.view.cursor_id))

    def go_to(self, index: int) -> None:
        """Move the cursor to a row; the next `show` draws it."""
        before, self._was_moved = self.view.cursor_key, True
        self.view.move_to(index)
        if self.view.cursor_key != before:
            self.post_message(self.CursorMoved(self.status, self.view.cursor_id))

    def begin(self, now: datetime) -> None:
        """Draw the state of this instant as soon as the pane has a size."""
        self._now = now
        self._title = self._title_at(now)

    def show(self, now: datetime) -> None:
        """Compare the screen with the state of this instant, and redraw the difference."""
        self._now = now
        if self._rows_followed not in (-1, len(self.view.rows)):
            self.follow()  # tickets closed too long ago are removed as time passes
        self._show_title(now)
        if not self.is_open:
            return
        row_texts = self._fitting_faces(now)
        self._widen_numbers(row_texts)
        self._redraw_differences(row_texts)
        foot = PaneFooter(self.age, self.view.above, self.view.below)
        if foot != self._foot:
            self._foot = foot
            self.refresh(Region(0, self.size.height - 1, self.size.width, 1))

    def _fit_view(self) -> None:
        self._fitted = (self.size.height, self.lines_per_row)
        self.view.fit(max(0, self.size.height - 2) // self.lines_per_row)

    def _fitting_faces(self, now: datetime) -> list[ShownText]:
        """The text of the lines that fit."""
        self._fit_view()
        return [self._text_of(line, now) for line in self.view.lines()]

    def _text_of(self, row: ShownLine, now: datetime) -> ShownText:
        if row is None:
            return None
        if isinstance(row, GroupHeader):
            return self._row_texts.group_text(row)
        if self.view.listed.has_left(row.ticket.id):
            return self._row_texts.text_of_left(row, self.status, now)
        return self._row_texts.row_text(row, now)

    def _catch_up(self) -> None:
        """Compare again if the pane is drawn in a size other than the one compared for."""
        if self._now is None or self._fitted == (self.size.height, self.lines_per_row):
            return
        self._title = self._title_at(self._now)
        if not self.is_open:
            self._fitted = (self.size.height, self.lines_per_row)
            return
        self._shown = self._fitting_faces(self._now)
        self._number_cells = max(self._number_cells, _number_cells(self._shown))
        self._shown_cursor = self.view.cursor_slot
        self._foot = PaneFooter(self.age, self.view.above, self.view.below)

    def _redraw_differences(self, row_texts: list[ShownText]) -> None:
        was_shown, was_cursor = self._shown, self._shown_cursor
        self._shown, self._shown_cursor = row_texts, self.view.cursor_slot
        if (not was_shown) != (not row_texts):
            self.refresh()
            return
        shape, differences = self._shape_in(self.size), list[Region]()
        for slot, (old, new) in enumerate(zip_longest(was_shown, row_texts)):
            if old is new and slot not in (was_cursor, self._shown_cursor):
                continue
            y = 1 + slot * self.lines_per_row
            cursor_changed = (slot == was_cursor) != (slot == self._shown_cursor)
            if (
                cursor_changed
                or not (isinstance(old, TicketRowText) and isinstance(new, TicketRowText))
                or shape.needs_full_redraw(old, new)
            ):
                differences.append(Region(0, y, shape.width + 2, self.lines_per_row))
            elif old != new:
                differences += changed_regions(old, new, shape, y)
        if differences:
            self.refresh(*differences)

    def _show_title(self, now: datetime) -> None:
        title = self._title_at(now)
        if title != self._title:
            self._title = title
            self.refresh(Region(0, 0, self.size.width, 1))

    def _title_at(self, now: datetime) -> PaneTitle:
        title = pane_title_at(self._words, self.view.rows, now, *self._folded_words(), is_known=self.is_known)
        return replace(title, arrived_above=self.view.arrived_above) if self.view.arrived_above else title

    def _folded_words(self) -> tuple[str, PaneLoad]:
        """The parts that only a collapsed pane's title shows: the age of the data, and the urgency."""
        return ("", NO_LOAD) if self.is_open else (self.age, self.load)

    def _widen_numbers(self, row_texts: list[ShownText]) -> None:
        cells = _number_cells(row_texts)
        if cells > self._number_cells:
            self._number_cells = cells
            self.refresh()

    def _shape_in(self, size: Size) -> RowLayout:
        return RowLayout(max(0, size.width - 2), self.lines_per_row, self._number_cells)

    # -- drawing ------------------------------------------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the pane's lines for the compositor, which asks for all of them whenever a cell on the screen changes.

        Textual would redraw a whole line for one dirty cell. The sheets give panes no border, padding or opacity, so
        that only the filters need to be applied to the result of `render_line`.
        """
        self._catch_up()
        styles = self._styles = self._styles or self._style_cache.styles(self)
        size = self.size  # which Textual computes anew each time
        finish = RowFinish(self.get_line_filters(), self.background_colors[1])
        self._drawn.begin(self._shape_in(size), (styles, size, finish))

        def finished(slot: int, ys: range, said: object) -> list[Strip]:
            def draw() -> list[Strip]:
                return [finish.of(self._line(y, size, styles)) for y in ys]

            return self._drawn.lines(slot, said, is_cursor=slot == self._shown_cursor, draw=draw)

        def put_together() -> list[Strip]:
            return [line for part in self._parts(size.height) for line in finished(*part)]

        beside = (self._title, self._foot, self._shown_cursor, self.empty)
        lines = self._drawn.whole(self._shown, beside, put_together)[crop.y : crop.bottom]
        return lines if crop.column_span == (0, size.width) else [line.crop(*crop.column_span) for line in lines]

    def _parts(self, height: int) -> Iterator[tuple[int, range, object]]:
        """The pane from top to bottom: a slot, its lines, and their text."""
        yield TITLE_SLOT, range(min(1, height)), (self._title, height)
        for slot, y in enumerate(range(1, height - 1, self.lines_per_row)):
            said = self._shown[slot] if slot < len(self._shown) else (self.empty, not self._shown)
            yield slot, range(y, min(y + self.lines_per_row, height - 1)), said
        if height > 1:
            yield FOOT_SLOT, range(height - 1, height), self._foot

    def render_line(self, y: int) -> Strip:
        """Return one line of the pane, as last compared by `show`."""
        self._catch_up()
        styles = self._styles = self._styles or self._style_cache.styles(self)
        return self._line(y, self.size, styles)

    def _line(self, y: int, size: Size, styles: PaneStyles) -> Strip:
        picture = self._picture(size)
        edge = picture.edge(y, size.height, styles.plain)
        if edge is not None:
            return strip_from_texts(edge[0], size.width, edge[1])
        pieces, ground = picture.inner(y - 1, styles.plain, styles.cursor)
        inner = strip_from_texts(pieces, picture.shape.width, ground)
        side = Segment("│", styles.plain["frame"])
        return Strip([side, *inner, side], inner.cell_length + 2)

    def _picture(self, size: Size) -> PaneLines:
        return PaneLines(
            title=self._title,
            foot=self._foot,
            row_texts=self._shown,
            cursor_slot=self._shown_cursor,
            shape=self._shape_in(size),
            empty=self.empty,
        )

    def notify_style_update(self) -> None:
        """Discard the styles computed from the stylesheets."""
        self._styles = None
        super().notify_style_update()

    # -- keys and mouse -----------------------------------------------------------------------------------------

    def action_cursor(self, step: int) -> None:
        """Move the cursor by `step` rows."""
        self.go_to(self.view.cursor + step)

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self._fit_view()
        self.go_to(self.view.cursor + pages * max(1, self.view.room - 1))

    def action_cursor_to(self, index: int) -> None:
        """Move the cursor to a row, the last one if there are fewer."""
        self.go_to(index)

    def on_focus(self) -> None:
        """Keep the cursor on its ticket from now on."""
        self.keep_cursor()

    @property
    def name_text(self) -> str:
        """The name of the status."""
        return self._words.name

    def use_density(self, lines_per_row: int) -> None:
        """Set the lines per row."""
        if self.lines_per_row != lines_per_row:
            self.lines_per_row = lines_per_row
            self.refresh()

    def set_still(self, is_still: bool) -> None:
        """Set whether rows must not move by themselves; if they may, gaps close and arrivals are shown."""
        if self.is_still and not is_still:
            self.view.release()
        self.is_still = is_still

    def keep_cursor(self) -> None:
        """Keep the cursor on its ticket, as in a pane that has had the focus."""
        self._was_focused = True

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked row; a double click opens it."""
        slot = (event.y - 1) // self.lines_per_row
        row = self.view.lines()[slot] if 0 <= slot < len(self._shown) else None
        if event.y < 1 or row is None:
            return
        if self.opens_on_click and isinstance(row, Row):
            self.post_message(self.TicketChosen(row.ticket.id))
        elif self.can_focus:
            self.go_to(self.view.top + slot)
            if event.chain == 2 and self.view.cursor_id is not None:
                self.post_message(self.TicketChosen(self.view.cursor_id))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll towards later rows."""
        self._wheel(event, WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll towards the first rows."""
        self._wheel(event, -WHEEL_ROWS)

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        self.view.scroll_by(rows)
        self.post_message(self.Scrolled())


def _number_cells(row_texts: list[ShownText]) -> int:
    """The width of the longest number."""
    return max((len(row_text.label.number) for row_text in row_texts if isinstance(row_text, TicketRowText)), default=0)
