"""The difference of two screens: the spans of cells to send for each row, and the region that has scrolled."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from supporttui.ui.terminal.cells import BLANK_CELL, PASS_THROUGH_CELL, CellRow, blank_row
from supporttui.ui.terminal.escape_codes import VISIBLE_ON_BLANKS, Pen

MIN_ERASED_CELLS: Final = 4
"""Blanks at a row's end from which the three bytes of an erasure are cheaper."""


class Span(NamedTuple):
    """Adjacent cells of a row that are sent together."""

    y: int
    x: int
    end: int
    """The column after the last cell written."""
    erases: bool = False
    """Whether the rest of the row is erased, with the look of its last cell."""


def row_spans(y: int, shown: CellRow, wanted: CellRow, *, has_bce: bool) -> list[Span]:
    """Return the spans of a row, from left to right.

    has_bce: whether an erasure keeps the current background colour rather than the terminal's default.
    """
    changed = [
        x for x, (old, new) in enumerate(zip(shown, wanted, strict=True)) if old != new and new is not PASS_THROUGH_CELL
    ]
    if not changed:
        return []
    spans = [Span(y, x, end) for x, end in _ranges_of(_with_wide_characters(changed, wanted))]
    return _with_erasure(spans, changed, wanted, has_bce=has_bce)


def erasable_from(row: CellRow, *, has_bce: bool) -> int:
    """Return the column from which the row is blank and can be erased; its length if it cannot."""
    columns = len(row)
    last = row[-1]
    if last[0] != " " or not can_erase(last[1], has_bce=has_bce):
        return columns
    x = columns - 1
    while x > 0 and row[x - 1] == last:
        x -= 1
    return x


def can_erase(blank: Pen, *, has_bce: bool) -> bool:
    """Whether an erasure produces blanks of this look."""
    return not blank.attributes & VISIBLE_ON_BLANKS and not blank.link and (has_bce or not blank.background)


def _with_wide_characters(changed: list[int], wanted: CellRow) -> list[int]:
    """Include the character to the left of each changed right half, which cannot be written alone."""
    places = set(changed)
    for x in changed:
        if wanted[x][0] == "" and x and x - 1 not in places:
            places.add(x - 1)
    return changed if len(places) == len(changed) else sorted(places)


def _ranges_of(places: list[int]) -> list[tuple[int, int]]:
    """Group adjacent columns into ranges."""
    ranges = []
    begin = previous = places[0]
    for x in places[1:]:
        if x != previous + 1:
            ranges.append((begin, previous + 1))
            begin = x
        previous = x
    ranges.append((begin, previous + 1))
    return ranges


def _with_erasure(spans: list[Span], changed: list[int], wanted: CellRow, *, has_bce: bool) -> list[Span]:
    """Replace the blanks at the end by an erasure if that is shorter."""
    erasable = erasable_from(wanted, has_bce=has_bce)
    if sum(x >= erasable for x in changed) < MIN_ERASED_CELLS:
        return spans
    kept = [span for span in spans if span.x < erasable]
    if kept and kept[-1].end >= erasable:
        return [*kept[:-1], kept[-1]._replace(end=erasable, erases=True)]
    begin = next(x for x in changed if x >= erasable)
    return [*kept, Span(spans[0].y, begin, begin, erases=True)]


MAX_SCROLLED_LINES: Final = 6
"""The maximum distance of a scroll to search for; beyond it few rows remain to be moved."""
MIN_MOVED_ROWS: Final = 3
"""The minimum number of moved rows that makes a scroll worth considering."""
IGNORED_EDGE_CELLS: Final = 3
"""Cells at both ends of a row that may stay in place, such as frames and scroll bars."""
SAMPLE_EVERY_CELLS: Final = 7
"""The distance of the cells compared first: usually nothing has moved, and rows have similar beginnings."""


class ScrolledRegion(NamedTuple):
    """A region whose rows all move by the same number of lines."""

    top: int
    bottom: int
    """The last row of the region."""
    lines: int
    """The distance upwards; negative for downwards."""


def find_scroll(shown: Sequence[CellRow], wanted: Sequence[CellRow]) -> ScrolledRegion | None:
    """Return the scroll that brings most rows into place; None if none is worth it."""
    changed = [y for y, (old, new) in enumerate(zip(shown, wanted, strict=True)) if old is not new and old != new]
    if len(changed) < MIN_MOVED_ROWS:
        return None
    few = slice(IGNORED_EDGE_CELLS, -IGNORED_EDGE_CELLS, SAMPLE_EVERY_CELLS)
    sampled, samples = {y: wanted[y][few] for y in changed}, [row[few] for row in shown]
    best: ScrolledRegion | None = None
    most = MIN_MOVED_ROWS - 1
    for lines in (way * far for far in range(1, MAX_SCROLLED_LINES + 1) for way in (1, -1)):
        alike = [y for y in changed if 0 <= y + lines < len(samples) and sampled[y] == samples[y + lines]]
        moved = [
            y
            for y in alike
            if _without_edges(wanted[y]) == _without_edges(shown[y + lines]) != _without_edges(shown[y])
        ]
        if len(moved) > most:
            most = len(moved)
            rows = [*moved, *(y + lines for y in moved)]
            best = ScrolledRegion(min(rows), max(rows), lines)
    return best


def _without_edges(row: CellRow) -> CellRow:
    return row[IGNORED_EDGE_CELLS:-IGNORED_EDGE_CELLS]


def rows_after_scroll(rows: Sequence[CellRow], scroll: ScrolledRegion) -> list[CellRow]:
    """Return the terminal's rows after the scroll; rows that come in are blank."""
    top, end, lines = scroll.top, scroll.bottom + 1, scroll.lines
    empty = [blank_row(len(rows[0]), BLANK_CELL) for _ in range(abs(lines))]
    region = list(rows[top:end])
    moved = region[lines:] + empty if lines > 0 else empty + region[:lines]
    return [*rows[:top], *moved, *rows[end:]]


def scroll_codes(scroll: ScrolledRegion) -> str:
    """Return the codes that scroll the terminal; its pen must be plain.

    Lines are deleted or inserted within margins, which also works in terminals without scroll codes.
    """
    count = "" if abs(scroll.lines) == 1 else str(abs(scroll.lines))
    letter = "M" if scroll.lines > 0 else "L"
    return f"\x1b[{scroll.top + 1};{scroll.bottom + 1}r\x1b[{scroll.top + 1}H\x1b[{count}{letter}\x1b[r"
