"""Which cells have to be sent so that one row becomes another."""

from typing import Final, NamedTuple

from supporttui.ui.terminal.cells import PASSED, Row
from supporttui.ui.terminal.pens import SEEN_ON_BLANKS, Pen

SHORTEST_ERASURE: Final = 4
"""Blanks at a row's end that are worth the three bytes of an erasure."""


class Span(NamedTuple):
    """Neighbouring cells of a row that are sent together."""

    y: int
    x: int
    end: int
    """The column after the last one that is written."""
    erases: bool = False
    """Everything after it is erased with the look of the row's last cell."""


def spans_of(y: int, shown: Row, wanted: Row, *, has_bce: bool) -> list[Span]:
    """The spans of a row, from left to right.

    has_bce: an erasure leaves the background colour, and not the terminal's own.
    """
    changed = [x for x, (old, new) in enumerate(zip(shown, wanted, strict=True)) if old != new and new is not PASSED]
    if not changed:
        return []
    spans = [Span(y, x, end) for x, end in _joined(_with_leads(changed, wanted))]
    return _with_erasure(spans, changed, wanted, has_bce=has_bce)


def erasable_from(row: Row, *, has_bce: bool) -> int:
    """The column from which on the row is blank and can be erased; the row's length where it cannot."""
    columns = len(row)
    last = row[-1]
    if last[0] != " " or not can_erase(last[1], has_bce=has_bce):
        return columns
    x = columns - 1
    while x > 0 and row[x - 1] == last:
        x -= 1
    return x


def can_erase(blank: Pen, *, has_bce: bool) -> bool:
    """Whether an erasure leaves blanks of this look."""
    return not blank.attributes & SEEN_ON_BLANKS and not blank.link and (has_bce or not blank.background)


def _with_leads(changed: list[int], wanted: Row) -> list[int]:
    """A right half is written by writing its character."""
    places = set(changed)
    for x in changed:
        if wanted[x][0] == "" and x and x - 1 not in places:
            places.add(x - 1)
    return changed if len(places) == len(changed) else sorted(places)


def _joined(places: list[int]) -> list[tuple[int, int]]:
    """Neighbouring columns as ranges."""
    ranges = []
    begin = previous = places[0]
    for x in places[1:]:
        if x != previous + 1:
            ranges.append((begin, previous + 1))
            begin = x
        previous = x
    ranges.append((begin, previous + 1))
    return ranges


def _with_erasure(spans: list[Span], changed: list[int], wanted: Row, *, has_bce: bool) -> list[Span]:
    """Let an erasure stand for the blanks at the end, where that is shorter."""
    erasable = erasable_from(wanted, has_bce=has_bce)
    if sum(x >= erasable for x in changed) < SHORTEST_ERASURE:
        return spans
    kept = [span for span in spans if span.x < erasable]
    if kept and kept[-1].end >= erasable:
        return [*kept[:-1], kept[-1]._replace(end=erasable, erases=True)]
    begin = next(x for x in changed if x >= erasable)
    return [*kept, Span(spans[0].y, begin, begin, erases=True)]
