"""A picture of the whole screen, put together from what the compositor hands over."""

from collections.abc import Iterable
from typing import Final

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.strip import Strip

from supporttui.ui.terminal.cells import CONTROLS, PASSED, Cell, Row, blank_row, cells_of, with_cells
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
            cells: list[Cell] = []
            for strip in strips:
                cells.extend(self._cells(strip) or self._passed(y, x + len(cells), strip))
            self.rows[y] = with_cells(self.rows[y], x, cells)

    def _cells(self, strip: Strip) -> list[Cell]:
        """The cells of a strip; empty where it holds control sequences."""
        cells: list[Cell] = []
        for text, style, _ in strip._segments:
            pen = self._pens.get(style)
            written = cells_of(text, self._new_pen(style) if pen is None else pen)
            if written is CONTROLS:
                return []
            cells.extend(written)
        return cells

    def _passed(self, y: int, x: int, strip: Strip) -> list[Cell]:
        if not strip.cell_length and not strip.text:
            return []
        self.passed[y, x] = strip.render(self._console)
        return [PASSED] * strip.cell_length

    def _new_pen(self, style: Style | None) -> Pen:
        if len(self._pens) >= MOST_STYLES:
            self._pens.clear()
        pen = self._pens[style] = pen_of(style, self._system)
        return pen
