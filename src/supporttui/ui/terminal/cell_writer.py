"""Writes spans of cells as escape codes in as few bytes as possible, tracking the terminal's cursor and pen."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from supporttui.ui.terminal.cells import BLANK_CELL, Cell, CellRow, blank_row, has_certain_width
from supporttui.ui.terminal.escape_codes import (
    PLAIN,
    Pen,
    absolute_motion,
    blank_pen,
    cursor_motion,
    is_same_on_blank,
    nearest_blank_pen,
    pen_change,
)
from supporttui.ui.terminal.screen_diff import Span, can_erase, row_spans

MAX_REWRITTEN_GAP: Final = 8
"""Cells between two spans up to which rewriting them may be cheaper than moving the cursor."""
MIN_ERASED_BLANKS: Final = 14
"""Blanks within a span from which an erasure and a cursor movement are cheaper."""
MIN_ERASED_TAIL: Final = 5
"""Blanks at a span's end from which an erasure is cheaper."""


class ScreenState(NamedTuple):
    """The contents of a terminal."""

    rows: list[CellRow]
    cursor: tuple[int | None, int | None]
    """Row and column; None if unknown."""
    pen: Pen


class CellWriter:
    """The terminal's cursor and pen while a frame is written, and the output so far."""

    def __init__(self, y: int | None, x: int | None, pen: Pen, *, has_bce: bool) -> None:
        self.y, self.x, self.pen = y, x, pen
        self._has_bce = has_bce
        self._out: list[str] = []

    def fork(self) -> "CellWriter":
        """Return a writer with the same cursor and pen and no output."""
        return CellWriter(self.y, self.x, self.pen, has_bce=self._has_bce)

    def written(self) -> str:
        """The output so far."""
        return "".join(self._out)

    def cost(self) -> int:
        """The size of the output so far in bytes."""
        return len(self.written().encode())

    def prepend(self, before: "CellWriter") -> None:
        """Insert the output of another writer before this one's."""
        self._out.insert(0, before.written())

    def scroll(self, codes: str) -> None:
        """Write codes that scroll rows; the cursor is unknown afterwards, as terminals leave it in different places."""
        self._out.append(codes)
        self.y = self.x = None

    def write_spans(self, spans: Iterable[Span], rows: Sequence[CellRow]) -> None:
        """Write the spans of a picture in the order given."""
        for span in spans:
            row = rows[span.y]
            self._go_to_span(span, row)
            self._cells(row, span)
            if span.erases:
                self._use_blank_pen(row[-1][1], None)
                self.move_to(span.y, span.end)
                self._out.append("\x1b[K")

    def write_rows(self, rows: Sequence[CellRow], ground: Cell) -> None:
        """Write every row of a screen that was cleared to `ground`, from left to right up to its last other cell."""
        for y, row in enumerate(rows):
            end = len(row)
            while end and row[end - 1] == ground:
                end -= 1
            if end:
                self._out.append(absolute_motion(y, 0))
                self._run_by_run(y, row[:end])
        self.y = self.x = None

    def _run_by_run(self, y: int, row: CellRow) -> None:
        out, pen = self._out, self.pen
        for x, (text, its_pen) in enumerate(row):
            if its_pen is not pen and its_pen != pen and not (text == " " and is_same_on_blank(pen, its_pen)):
                out.append(pen_change(pen, its_pen))
                pen = its_pen
            out.append(text)
            if not (
                text.isascii() or has_certain_width(text)
            ):  # name the cell behind it; a wide one's other half is ""
                out.append(absolute_motion(y, x + (2 if row[x + 1 : x + 2] and row[x + 1][0] == "" else 1)))
        self.pen = pen

    def set_pen(self, pen: Pen) -> None:
        """Change the pen."""
        if pen != self.pen:
            self._out.append(pen_change(self.pen, pen))
            self.pen = pen

    def clear(self, pen: Pen) -> None:
        """Erase the whole screen with this pen, from an unknown state."""
        self._out.append("\x1b[m")
        self.pen = PLAIN
        self.set_pen(pen)
        self._out.append("\x1b[2J")
        self.y = self.x = None

    def write_raw(self, text: str) -> None:
        """Write text unchanged and reset the pen; the cursor is unknown afterwards."""
        self._out.append(f"{text}\x1b[m")
        self.y = self.x = None
        self.pen = PLAIN

    def move_to(self, y: int, x: int) -> None:
        """Move the cursor unless it is there already."""
        if y != self.y or x != self.x:
            self._out.append(cursor_motion(self.y, self.x, y, x))
            self.y, self.x = y, x

    def _go_to_span(self, span: Span, row: CellRow) -> None:
        """Move to the start of a span; over a short gap by rewriting its cells."""
        if span.y == self.y and self.x is not None and 0 < span.x - self.x <= MAX_REWRITTEN_GAP:
            gap = row[self.x : span.x]
            way = cursor_motion(self.y, self.x, span.y, span.x)
            if sum(len(text.encode()) for text, _ in gap) <= len(way) and all(map(self._writes, gap)):
                self._out.append("".join(text for text, _ in gap))
                self.x = span.x
        if span.end > span.x:
            self.move_to(span.y, span.x)

    def _writes(self, cell: tuple[str, Pen]) -> bool:
        """Whether the cell looks right with the present pen and is certain to move the cursor by one."""
        text, pen = cell
        if text == " ":
            return is_same_on_blank(self.pen, pen)
        return pen == self.pen and has_certain_width(text) and text.isascii()

    def _cells(self, row: CellRow, span: Span) -> None:
        y, x, end, _ = span
        while x < end:
            text, pen = row[x]
            if text == " ":
                stop = x + 1
                while stop < end and row[stop] == row[x]:
                    stop += 1
                self._blanks(row, y, x, stop, end)
                x = stop
                continue
            self.move_to(y, x)
            self.set_pen(pen)
            x = self._characters(row, x, end)

    def _characters(self, row: CellRow, x: int, end: int) -> int:
        """Write characters of one pen; return the next column."""
        pen = self.pen
        while x < end:
            text, its_pen = row[x]
            if its_pen != pen or text == " ":
                break
            self._out.append(text)
            x += 1
            while x < len(row) and row[x][0] == "":
                x += 1
            self.x = x if x < len(row) and has_certain_width(text) else None
            if self.x is None:
                break
        return x

    def _blanks(self, row: CellRow, y: int, x: int, stop: int, end: int) -> None:
        """Write blanks of one look."""
        blank = row[x][1]
        self.move_to(y, x)
        self._use_blank_pen(blank, row[stop][1] if stop < end else None)
        count = stop - x
        is_worth_it = count >= MIN_ERASED_BLANKS or (stop == end and count > MIN_ERASED_TAIL)
        if is_worth_it and can_erase(blank, has_bce=self._has_bce):
            self._out.append(f"\x1b[{count}X")
            return
        self._out.append(" " * count)
        self.x = stop if stop < len(row) else None

    def _use_blank_pen(self, blank: Pen, following: Pen | None) -> None:
        """Choose a pen for a blank: that of the following text, if it gives the same look."""
        if is_same_on_blank(self.pen, blank):
            return
        if following is not None and blank_pen(following) == blank:
            self.set_pen(following)
        else:
            self.set_pen(nearest_blank_pen(self.pen, blank))


MAX_ORDERED_PIECES: Final = 2500
"""Above this, searching for the best order takes longer than it saves."""
LAYOUT_COLUMN_CELLS: Final = 8
"""Pieces that begin within this many cells of each other count as one column of the layout."""

PenSpan = tuple[Pen, Span]
"""A part of a span with one pen, and that pen."""


def write_shortest(spans: list[Span], rows: Sequence[CellRow], start: CellWriter) -> CellWriter:
    """Write the spans in the order that takes the fewest bytes; return a writer with that output alone."""
    pieces = [piece for span in spans for piece in split_by_pen(span, rows[span.y])]
    orders: list[Iterable[Span]] = [spans]
    if 2 < len(pieces) <= MAX_ORDERED_PIECES:
        by_column = sorted(spans, key=_layout_column)
        orders += [by_column, _sorted_by_pen(pieces)]
    return min((_written_in_order(order, rows, start) for order in orders), key=CellWriter.cost)


def _sorted_by_pen(pieces: Iterable[PenSpan]) -> list[Span]:
    return [span for _, span in sorted(pieces, key=lambda piece: (piece[0], *_layout_column(piece[1])))]


def _layout_column(span: Span) -> tuple[int, int]:
    return span.x // LAYOUT_COLUMN_CELLS, span.y


def _written_in_order(order: Iterable[Span], rows: Sequence[CellRow], start: CellWriter) -> CellWriter:
    writer = start.fork()
    writer.write_spans(order, rows)
    return writer


def split_by_pen(span: Span, row: CellRow) -> list[PenSpan]:
    """Split a span where the pen changes; blanks join a neighbour whose pen gives the same look."""
    pieces: list[PenSpan] = []
    begin = span.x
    pen: Pen | None = None
    for x in range(span.x, span.end):
        text, its_pen = row[x]
        if pen is None or (text != " " and its_pen == pen) or (text == " " and blank_pen(pen) == its_pen):
            pen = its_pen if pen is None or text != " " else pen
        elif blank_pen(its_pen) == pen:  # only blanks so far, and they can be written with this one
            pen = its_pen
        else:
            pieces.append((pen, Span(span.y, begin, x)))
            begin, pen = x, its_pen
    if span.erases:
        last = row[-1][1]
        return [*pieces, (pen or last, Span(span.y, begin, span.end, erases=True))]
    return [*pieces, (pen, Span(span.y, begin, span.end))] if pen is not None else pieces


def clear_screen(wanted: Sequence[CellRow], *, has_bce: bool) -> tuple[CellWriter, list[CellRow]]:
    """Return a writer that clears the screen to the commonest blank of these rows, and the resulting rows."""
    writer = CellWriter(None, None, PLAIN, has_bce=has_bce)
    ground = _commonest_blank(wanted, has_bce=has_bce)
    writer.clear(ground[1])
    return writer, [blank_row(len(row), ground) for row in wanted]


def changed_spans(shown: Sequence[CellRow], wanted: Sequence[CellRow], *, has_bce: bool) -> list[Span]:
    """Return what differs, from top to bottom."""
    spans: list[Span] = []
    for y, (old, new) in enumerate(zip(shown, wanted, strict=True)):
        if old is not new:
            spans += row_spans(y, old, new, has_bce=has_bce)
    return spans


def _commonest_blank(wanted: Sequence[CellRow], *, has_bce: bool) -> Cell:
    """The most frequent blank cell among those that an erasure can produce."""
    counts = Counter(cell for row in wanted for cell in row if cell[0] == " ")
    for cell, _ in counts.most_common():
        if can_erase(cell[1], has_bce=has_bce):
            return cell
    return BLANK_CELL
