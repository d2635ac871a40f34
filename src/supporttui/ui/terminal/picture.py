"""A picture of the whole screen, put together from what the compositor hands over."""

from collections.abc import Iterable
from typing import Final

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.strip import Strip

from supporttui.ui.terminal.cells import CONTROLS, MARK, PASSED, Cell, Row, blank_row, cells_of, combine, with_cells
from supporttui.ui.terminal.pens import Pen, pen_of

MOST_STYLES: Final = 8192


class Picture:
    """The cells that the terminal should show."""

    def __init__(self, columns: int, rows: int, console: Console) -> None:
        self.columns = columns
        self.rows: list[Row] = [blank_row(columns) for _ in range(rows)]
        self.passed: dict[tuple[int, int], str] = {}
        """What has to be written as it is, by row and column; whoever writes it takes it out."""
        self._console = console
        self._system = console._color_system or ColorSystem.TRUECOLOR
        self._pens: dict[Style | None, Pen] = {}

    def put_layout(self, update: LayoutUpdate) -> None:
        """Take a whole screen, or a region of it."""
        for y, strips in enumerate(update.strips, update.region.y):
            self._put(y, update.region.x, strips)

    def put_chops(self, update: ChopsUpdate) -> None:
        """Take the parts of lines that have changed."""
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
            self.rows[y] = with_cells(row, cells, x)

    def _add(self, cells: list[Cell], strip: Strip, y: int) -> None:
        """Put the cells of a strip behind those of its row that are there."""
        x = len(cells)
        for text, style, _ in strip._segments:
            pen = self._pens.get(style)
            written = cells_of(text, self._new_pen(style) if pen is None else pen)
            if written and written[0][1] is MARK:
                combine(cells, written[0][0])
                written = written[1:]
            elif written is CONTROLS:
                self.passed[y, x] = strip.render(self._console)
                cells[x:] = [PASSED] * strip.cell_length
                return
            cells.extend(written)

    def _new_pen(self, style: Style | None) -> Pen:
        if len(self._pens) >= MOST_STYLES:
            self._pens.clear()
        pen = self._pens[style] = pen_of(style, self._system)
        return pen
