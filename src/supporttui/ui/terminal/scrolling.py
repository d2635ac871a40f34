"""Finds rows that have moved up or down, so that the terminal can move them itself."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from supporttui.ui.terminal.cells import BLANK, Row, blank_row

FARTHEST: Final = 6
"""Lines of a scroll that are looked for; beyond it little is left to move."""
FEWEST: Final = 3
"""Rows that have to have moved, for it to be worth a try."""
EDGE: Final = 3
"""Cells at both ends of a row that may stay where they are: frames and scroll bars."""
SAMPLED: Final = 7
"""Every so many cells are compared before all of them are: mostly nothing has moved, and rows begin alike."""


class Scroll(NamedTuple):
    """Rows that move within a region, all by the same number of lines."""

    top: int
    bottom: int
    """The last row of the region."""
    lines: int
    """How far up; downwards where negative."""


def scroll_between(shown: Sequence[Row], wanted: Sequence[Row]) -> Scroll | None:
    """The scroll that brings most rows to where they are wanted; None where there is none worth a try."""
    changed = [y for y, (old, new) in enumerate(zip(shown, wanted, strict=True)) if old is not new and old != new]
    if len(changed) < FEWEST:
        return None
    few = slice(EDGE, -EDGE, SAMPLED)
    sampled, samples = {y: wanted[y][few] for y in changed}, [row[few] for row in shown]
    best: Scroll | None = None
    most = FEWEST - 1
    for lines in (way * far for far in range(1, FARTHEST + 1) for way in (1, -1)):
        alike = [y for y in changed if 0 <= y + lines < len(samples) and sampled[y] == samples[y + lines]]
        moved = [y for y in alike if _core(wanted[y]) == _core(shown[y + lines]) != _core(shown[y])]
        if len(moved) > most:
            most = len(moved)
            rows = [*moved, *(y + lines for y in moved)]
            best = Scroll(min(rows), max(rows), lines)
    return best


def _core(row: Row) -> Row:
    return row[EDGE:-EDGE]


def scrolled(rows: Sequence[Row], scroll: Scroll) -> list[Row]:
    """What a terminal shows afterwards; what comes in is blank."""
    top, end, lines = scroll.top, scroll.bottom + 1, scroll.lines
    empty = [blank_row(len(rows[0]), BLANK) for _ in range(abs(lines))]
    region = list(rows[top:end])
    moved = region[lines:] + empty if lines > 0 else empty + region[:lines]
    return [*rows[:top], *moved, *rows[end:]]


def codes_of(scroll: Scroll) -> str:
    """What makes the terminal scroll; the pen has to be plain before.

    Lines are deleted or inserted within margins: terminals that have no codes for scrolling as such have these.
    """
    count = "" if abs(scroll.lines) == 1 else str(abs(scroll.lines))
    letter = "M" if scroll.lines > 0 else "L"
    return f"\x1b[{scroll.top + 1};{scroll.bottom + 1}r\x1b[{scroll.top + 1}H\x1b[{count}{letter}\x1b[r"
