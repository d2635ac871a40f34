"""In which order the changed cells are sent: row by row, or one pen after the other, whichever is shorter."""

from collections.abc import Iterable, Sequence
from typing import Final

from supporttui.ui.terminal.brush import Brush
from supporttui.ui.terminal.cells import Row
from supporttui.ui.terminal.difference import Span
from supporttui.ui.terminal.pens import Pen, on_blank

MOST_PIECES: Final = 2500
"""Beyond this the search takes longer than what it saves is worth."""
SAME_COLUMN: Final = 8
"""Pieces that begin within so many cells of each other stand in one column of the layout."""

Piece = tuple[Pen, Span]
"""A part of a span that takes one pen, and that pen."""


def shortest(spans: list[Span], rows: Sequence[Row], start: Brush) -> Brush:
    """Write the spans in the order that takes the fewest bytes; the brush afterwards, with only that written."""
    pieces = [piece for span in spans for piece in pieces_of(span, rows[span.y])]
    orders: list[Iterable[Span]] = [spans]
    if 2 < len(pieces) <= MOST_PIECES:
        by_column = sorted(spans, key=_column)
        orders += [by_column, _by_pen(pieces)]
    return min((_painted(order, rows, start) for order in orders), key=Brush.cost)


def pen_after_pen(spans: list[Span], rows: Sequence[Row], start: Brush) -> Brush:
    """Write the spans one pen after the other: for a whole screen that is the shortest, or nearly so."""
    return _painted(_by_pen(piece for span in spans for piece in pieces_of(span, rows[span.y])), rows, start)


def _by_pen(pieces: Iterable[Piece]) -> list[Span]:
    return [span for _, span in sorted(pieces, key=lambda piece: (piece[0], *_column(piece[1])))]


def _column(span: Span) -> tuple[int, int]:
    return span.x // SAME_COLUMN, span.y


def _painted(order: Iterable[Span], rows: Sequence[Row], start: Brush) -> Brush:
    brush = start.again()
    brush.paint(order, rows)
    return brush


def pieces_of(span: Span, row: Row) -> list[Piece]:
    """Cut a span where its characters take another pen; blanks go with what stands beside them, where it fits."""
    pieces: list[Piece] = []
    begin = span.x
    pen: Pen | None = None
    for x in range(span.x, span.end):
        text, its_pen = row[x]
        if pen is None or (text != " " and its_pen == pen) or (text == " " and on_blank(pen) == its_pen):
            pen = its_pen if pen is None or text != " " else pen
        elif on_blank(its_pen) == pen:  # only blanks so far, and they can be written with this one
            pen = its_pen
        else:
            pieces.append((pen, Span(span.y, begin, x)))
            begin, pen = x, its_pen
    if span.erases:
        last = row[-1][1]
        return [*pieces, (pen or last, Span(span.y, begin, span.end, erases=True))]
    return [*pieces, (pen, Span(span.y, begin, span.end))] if pen is not None else pieces
