"""A whole screen drawn on one that is cleared for it."""

from collections import Counter
from collections.abc import Sequence

from supporttui.ui.terminal.brush import Brush
from supporttui.ui.terminal.cells import BLANK, Cell, Row, blank_row
from supporttui.ui.terminal.difference import Span, can_erase, spans_of
from supporttui.ui.terminal.pens import PLAIN


def cleared(wanted: Sequence[Row], *, has_bce: bool) -> tuple[Brush, list[Row]]:
    """The brush after a screen was cleared that is to show these rows, and what it shows then."""
    brush = Brush(None, None, PLAIN, has_bce=has_bce)
    ground = _ground(wanted, has_bce=has_bce)
    brush.clear(ground[1])
    return brush, [blank_row(len(row), ground) for row in wanted]


def differing(shown: Sequence[Row], wanted: Sequence[Row], *, has_bce: bool) -> list[Span]:
    """What differs, from top to bottom."""
    spans: list[Span] = []
    for y, (old, new) in enumerate(zip(shown, wanted, strict=True)):
        if old is not new:
            spans += spans_of(y, old, new, has_bce=has_bce)
    return spans


def _ground(wanted: Sequence[Row], *, has_bce: bool) -> Cell:
    """The blank that most of the screen shows, of those that an erasure can leave."""
    counts = Counter(cell for row in wanted for cell in row if cell[0] == " ")
    for cell, _ in counts.most_common():
        if can_erase(cell[1], has_bce=has_bce):
            return cell
    return BLANK
