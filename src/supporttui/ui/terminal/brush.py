"""Writes spans of cells, and knows where the terminal's cursor and pen are meanwhile."""

from collections.abc import Iterable, Sequence
from typing import Final

from supporttui.ui.terminal.cells import Row, is_certain
from supporttui.ui.terminal.difference import Span, can_erase
from supporttui.ui.terminal.motion import motion
from supporttui.ui.terminal.pens import PLAIN, Pen, change, nearest_for_blank, on_blank, shows_blank

LONGEST_GAP: Final = 8
"""Cells between two spans that may be cheaper to write again than to jump over."""
SHORTEST_JUMP: Final = 14
"""Blanks within a span that are worth an erasure and a jump."""
SHORTEST_TAIL: Final = 5
"""Blanks at a span's end that are worth an erasure."""


class Brush:
    """Where the terminal stands while a frame is written, and what has been written."""

    def __init__(self, y: int | None, x: int | None, pen: Pen, *, has_bce: bool) -> None:
        self.y, self.x, self.pen = y, x, pen
        self._has_bce = has_bce
        self._out: list[str] = []

    def again(self) -> "Brush":
        """Another brush that stands where this one stands, and has written nothing."""
        return Brush(self.y, self.x, self.pen, has_bce=self._has_bce)

    def written(self) -> str:
        """Everything so far."""
        return "".join(self._out)

    def cost(self) -> int:
        """Bytes of everything so far."""
        return len(self.written().encode())

    def follow(self, before: "Brush") -> None:
        """Put what another brush has written before all of this."""
        self._out.insert(0, before.written())

    def scroll(self, codes: str) -> None:
        """Have rows moved by the terminal; the cursor is at home afterwards."""
        self._out.append(codes)
        self.y = self.x = 0

    def paint(self, spans: Iterable[Span], rows: Sequence[Row]) -> None:
        """Write the spans of a picture in the order given."""
        for span in spans:
            row = rows[span.y]
            self._approach(span, row)
            self._cells(row, span)
            if span.erases:
                self._use_for_blank(row[-1][1], None)
                self._go(span.y, span.end)
                self._out.append("\x1b[K")

    def use(self, pen: Pen) -> None:
        """Change the pen."""
        if pen != self.pen:
            self._out.append(change(self.pen, pen))
            self.pen = pen

    def go(self, y: int, x: int) -> None:
        """Move the cursor."""
        self._go(y, x)

    def clear(self, pen: Pen) -> None:
        """Erase the whole screen with this pen, from a state that is not known."""
        self._out.append("\x1b[m")
        self.pen = PLAIN
        self.use(pen)
        self._out.append("\x1b[2J")
        self.y = self.x = None

    def pass_on(self, text: str) -> None:
        """Write something as it is; afterwards only the pen is known."""
        self._out.append(f"{text}\x1b[m")
        self.y = self.x = None
        self.pen = PLAIN

    def _go(self, y: int, x: int) -> None:
        if y != self.y or x != self.x:
            self._out.append(motion(self.y, self.x, y, x))
            self.y, self.x = y, x

    def _approach(self, span: Span, row: Row) -> None:
        """Get to where the span begins: over a short gap by writing it again."""
        if span.y == self.y and self.x is not None and 0 < span.x - self.x <= LONGEST_GAP:
            gap = row[self.x : span.x]
            way = motion(self.y, self.x, span.y, span.x)
            if sum(len(text.encode()) for text, _ in gap) <= len(way) and all(map(self._writes, gap)):
                self._out.append("".join(text for text, _ in gap))
                self.x = span.x
        if span.end > span.x:
            self._go(span.y, span.x)

    def _writes(self, cell: tuple[str, Pen]) -> bool:
        """Whether the cell comes out right with the pen as it is, and moves the cursor by one for certain."""
        text, pen = cell
        if text == " ":
            return shows_blank(self.pen, pen)
        return pen == self.pen and is_certain(text) and text.isascii()

    def _cells(self, row: Row, span: Span) -> None:
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
            self._go(y, x)
            self.use(pen)
            x = self._characters(row, x, end)

    def _characters(self, row: Row, x: int, end: int) -> int:
        """Write characters of one pen; where the next column is."""
        pen = self.pen
        while x < end:
            text, its_pen = row[x]
            if its_pen != pen or text == " ":
                break
            self._out.append(text)
            x += 1
            while x < len(row) and row[x][0] == "":
                x += 1
            self.x = x if x < len(row) and is_certain(text) else None
            if self.x is None:
                break
        return x

    def _blanks(self, row: Row, y: int, x: int, stop: int, end: int) -> None:
        """Write blanks of one look."""
        blank = row[x][1]
        self._go(y, x)
        self._use_for_blank(blank, row[stop][1] if stop < end else None)
        count = stop - x
        is_worth_it = count >= SHORTEST_JUMP or (stop == end and count > SHORTEST_TAIL)
        if is_worth_it and can_erase(blank, has_bce=self._has_bce):
            self._out.append(f"\x1b[{count}X")
            return
        self._out.append(" " * count)
        self.x = stop if stop < len(row) else None

    def _use_for_blank(self, blank: Pen, following: Pen | None) -> None:
        """Make the pen right for a blank: with the pen of what follows, where that does."""
        if shows_blank(self.pen, blank):
            return
        if following is not None and on_blank(following) == blank:
            self.use(following)
        else:
            self.use(nearest_for_blank(self.pen, blank))
