"""Turns each update of Textual's compositor into the smallest difference to the terminal's contents."""

from collections.abc import Iterable
from typing import Final

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from supporttui.presentation.terminal_options import TerminalFeatures
from supporttui.ui.terminal.cell_writer import CellWriter, ScreenState, changed_spans, clear_screen, write_shortest
from supporttui.ui.terminal.cells import (
    COMBINING_PEN,
    PASS_THROUGH,
    PASS_THROUGH_CELL,
    Cell,
    CellRow,
    append_combining,
    blank_row,
    cells_of,
    replaced_cells,
)
from supporttui.ui.terminal.escape_codes import PLAIN, Pen, pen_from_style
from supporttui.ui.terminal.screen_diff import Span, find_scroll, rows_after_scroll, scroll_codes

MAX_CACHED_STYLES: Final = 8192


class ScreenCells:
    """The cells that the terminal should show."""

    def __init__(self, columns: int, rows: int, console: Console, *, has_links: bool = True) -> None:
        self.columns = columns
        self.rows: list[CellRow] = [blank_row(columns) for _ in range(rows)]
        self.passed: dict[tuple[int, int], str] = {}
        """Output to be written unchanged, by row and column; removed by whoever writes it."""
        self._console = console
        self._system = None if console.no_color else console._color_system or ColorSystem.TRUECOLOR
        self._has_links = has_links
        self._pens: dict[Style | None, Pen] = {}

    def put_layout(self, update: LayoutUpdate) -> None:
        """Apply a whole screen, or a region of it."""
        for y, strips in enumerate(update.strips, update.region.y):
            self._put(y, update.region.x, strips)

    def put_chops(self, update: ChopsUpdate) -> None:
        """Apply the changed parts of lines."""
        for y, begin, end in update.spans:
            for stop, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is not None and x <= end and stop > begin:
                    is_inside = begin <= x < end and stop <= end
                    self._put(y, x, (strip if is_inside else strip.crop(0, min(stop, end) - x),))

    def _put(self, y: int, x: int, strips: Iterable[Strip]) -> None:
        if 0 <= y < len(self.rows):
            row = self.rows[y]
            cells = row[:x]
            for strip in strips:
                self._add(cells, strip, y)
            self.rows[y] = replaced_cells(row, cells, x)

    def _add(self, cells: list[Cell], strip: Strip, y: int) -> None:
        """Append the cells of a strip to those of its row."""
        x = len(cells)
        for text, style, _ in strip._segments:
            pen = self._pens.get(style)
            written = cells_of(text, self._new_pen(style) if pen is None else pen)
            if written and written[0][1] is COMBINING_PEN:
                append_combining(cells, written[0][0])
                written = written[1:]
            elif written is PASS_THROUGH:
                self.passed[y, x] = strip.render(self._console)
                cells[x:] = [PASS_THROUGH_CELL] * strip.cell_length
                return
            cells.extend(written)

    def _new_pen(self, style: Style | None) -> Pen:
        if len(self._pens) >= MAX_CACHED_STYLES:
            self._pens.clear()
        pen = self._pens[style] = pen_from_style(style, self._system, has_links=self._has_links)
        return pen


SYNC_BEGIN: Final = "\x1b[?2026h"
SYNC_END: Final = "\x1b[?2026l"
MIN_SYNC_BYTES: Final = 1024
"""Frames from this size on are sent as a synchronized update, as the terminal could show half of one."""


class FrameEncoder:
    """Tracks what the terminal shows and what it should show, and encodes the difference."""

    def __init__(self, console: Console, abilities: TerminalFeatures, *, has_links: bool = True) -> None:
        self._console = console
        self._has_links = has_links
        self._abilities = abilities
        self._wanted: ScreenCells | None = None
        self._shown: list[CellRow] = []
        self._is_known = False
        self._cursor: tuple[int | None, int | None] | None = None
        self._pen: Pen = PLAIN

    def invalidate(self) -> None:
        """Assume nothing about the terminal's contents: the next frame draws the whole screen."""
        self._is_known = False

    def start_from(self, drawn: ScreenState) -> None:
        """Start from what the terminal shows: the next frame sends only the cells that an update changes."""
        self._shown, self._cursor, self._pen = drawn.rows, drawn.cursor, drawn.pen
        self._is_known = True
        self._wanted = self._new_cells(len(drawn.rows[0]), len(drawn.rows))
        self._wanted.rows = list(drawn.rows)

    def note_update(self, update: CompositorUpdate) -> bool:
        """Apply an update to the cells to be shown.

        Return False if it does not fit them, so that a full update is needed, or is not one of Textual's updates.
        """
        if isinstance(update, LayoutUpdate):
            region = update.region
            if region.x == region.y == 0 and not self.fits(region.width, region.height):
                self._wanted = self._new_cells(region.width, region.height)
                if (len(self._shown), *map(len, self._shown[:1])) != (region.height, region.width):
                    self.invalidate()
            if self._wanted is None:
                return False
            self._wanted.put_layout(update)
            return True
        if isinstance(update, ChopsUpdate) and self._wanted and len(update.chops) == len(self._wanted.rows):
            self._wanted.put_chops(update)
            return True
        return False

    def _new_cells(self, columns: int, rows: int) -> ScreenCells:
        return ScreenCells(columns, rows, self._console, has_links=self._has_links)

    def fits(self, columns: int, rows: int) -> bool:
        """Whether the cells have this size."""
        wanted = self._wanted
        return wanted is not None and wanted.columns == columns and len(wanted.rows) == rows

    def next_frame(self, cursor: tuple[int, int], *, has_sync: bool) -> str:
        """Return the codes that bring the terminal up to date, with the cursor at (row, column); empty if it is."""
        wanted = self._wanted
        if wanted is None:
            return ""
        start = self._starting_writer(wanted)
        changes = self._changes(start, wanted)
        end = changes.fork()
        for (y, x), text in wanted.passed.items():
            end.set_pen(PLAIN)
            end.move_to(y, x)
            end.write_raw(text)
        wanted.passed.clear()
        end.move_to(*cursor)
        self._shown = list(wanted.rows)
        self._cursor, self._pen = cursor, end.pen
        frame = start.written() + changes.written() + end.written()
        if has_sync and len(frame) >= MIN_SYNC_BYTES:
            return f"{SYNC_BEGIN}{frame}{SYNC_END}"
        return frame

    def _changes(self, start: CellWriter, wanted: ScreenCells) -> CellWriter:
        """Return a writer with the difference, scrolling the terminal's rows if that is shorter."""
        plain = write_shortest(self._differing(self._shown, wanted), wanted.rows, start)
        scroll = find_scroll(self._shown, wanted.rows) if self._abilities.can_scroll else None
        if scroll is None:
            return plain
        moved = start.fork()
        moved.set_pen(PLAIN)
        moved.scroll(scroll_codes(scroll))
        rest = write_shortest(self._differing(rows_after_scroll(self._shown, scroll), wanted), wanted.rows, moved)
        rest.prepend(moved)
        return min(plain, rest, key=CellWriter.cost)

    def _differing(self, shown: list[CellRow], wanted: ScreenCells) -> list[Span]:
        return changed_spans(shown, wanted.rows, has_bce=self._abilities.has_bce)

    def _starting_writer(self, wanted: ScreenCells) -> CellWriter:
        """Return a writer with the terminal's cursor and pen; if these are unknown, one that clears the screen."""
        if self._is_known:
            y, x = self._cursor or (None, None)
            return CellWriter(y, x, self._pen, has_bce=self._abilities.has_bce)
        writer, self._shown = clear_screen(wanted.rows, has_bce=self._abilities.has_bce)
        self._is_known = True
        return writer
