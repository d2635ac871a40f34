"""Where the parts of a row stand, in cells."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from supporttui.domain.board import PendingMark
from supporttui.presentation.board.ticket_row import ClockTone, RowLabel, TicketRowText
from supporttui.presentation.cell_text import StyledText, cell_len, cut, fit_left, fit_right

CLOCK_CELLS = 7
"""Kept free for a clock, so that one that starts to show seconds does not move its subject."""

LONG_CLOCK_CELLS = 10
"""Where a one-line row has room, ages end in one column whatever the clock says."""

AGE_CELLS = 13
AGE_FROM_WIDTH = 64
"""From this width on a one-line row says the age, and from the next on also who asks."""
DETAIL_FROM_WIDTH = 96

SETTLED_TONES = frozenset({ClockTone.QUIET, ClockTone.LATE})

S = TypeVar("S")
StyleByPart = Mapping[str, S]
"""Styles by the end of their component class."""


class RowLayout(msgspec.Struct, frozen=True):
    """How rows are laid out in a pane."""

    width: int
    lines: int
    number_cells: int
    """Width of the longest ticket number on show."""

    @property
    def age_line(self) -> int:
        """The line of a row that says its age."""
        return min(1, self.lines - 1)


def clock_cells(row_text: TicketRowText) -> int:
    """How many cells at the right end of a row its clock takes, the gap before the frame included."""
    return max(CLOCK_CELLS, len(row_text.clock)) + 1


def needs_full_redraw(old: TicketRowText, new: TicketRowText) -> bool:
    """Whether more of a row has changed than the text of its clock and its age."""
    return old.label != new.label or clock_cells(old) != clock_cells(new)


def lay_out_row(
    row_text: TicketRowText, shape: RowLayout, styles: StyleByPart[S], edge: str
) -> tuple[list[StyledText[S]], ...]:
    """The lines of a row on the ground of its detail; `edge` stands at its left end and says where the cursor is."""
    if shape.lines == 1:
        return (_single_line(row_text, shape, styles, edge),)
    blank: list[StyledText[S]] = []
    return (
        _first_line(row_text, shape, styles, edge),
        _second_line(row_text, shape, styles, edge),
        *[blank] * (shape.lines - 2),
    )


def _badge(row_text: TicketRowText, styles: StyleByPart[S]) -> StyledText[S]:
    """The severity; it is bright only while the clock still has something to say."""
    severity = row_text.label.severity
    kind = "settled" if row_text.tone in SETTLED_TONES else "severity"
    if severity is None:
        return (" · ", styles[f"{kind}-4"])
    return (f" {severity} ", styles[f"{kind}-{min(max(severity, 1), 4)}"])


def _pending_mark(label: RowLabel, styles: StyleByPart[S]) -> StyledText[S]:
    if label.mark is PendingMark.PROBLEM:
        return ("!", styles["problem"])
    return ("↑", styles["pending"]) if label.mark is PendingMark.PENDING else (" ", styles["detail"])


def _unread_mark(label: RowLabel, styles: StyleByPart[S]) -> StyledText[S]:
    return ("●" if label.is_unread else " ", styles["unread"])


def _clock(row_text: TicketRowText, styles: StyleByPart[S]) -> StyledText[S]:
    return (clock_column_text(row_text), styles[f"clock-{row_text.tone.value}"])


def clock_column_text(row_text: TicketRowText) -> str:
    """The end of a row's first line, where its clock stands."""
    return fit_right(row_text.clock, clock_cells(row_text) - 1) + " "


def _subject_style(label: RowLabel, styles: StyleByPart[S]) -> S:
    return styles["subject-unread" if label.is_unread else "subject"]


def _first_line(row_text: TicketRowText, shape: RowLayout, styles: StyleByPart[S], edge: str) -> list[StyledText[S]]:
    clock = _clock(row_text, styles)
    room = shape.width - 6 - 1 - len(clock[0])
    return [
        (edge, styles["edge"]),
        _badge(row_text, styles),
        _unread_mark(row_text.label, styles),
        (" " + fit_left(row_text.label.subject, room) + " ", _subject_style(row_text.label, styles)),
        clock,
    ]


def _second_line(row_text: TicketRowText, shape: RowLayout, styles: StyleByPart[S], edge: str) -> list[StyledText[S]]:
    head = f"{row_text.label.number} · {row_text.label.detail}"
    tail = cut(row_text.age, shape.width - 7)
    with_when = f"{row_text.when} · {row_text.age}"
    if row_text.when and cell_len(head) + len(with_when) + 9 <= shape.width:
        tail = with_when
    head = fit_left(head, shape.width - 6 - 2 - len(tail))
    return [
        (edge, styles["edge"]),
        ("   ", styles["detail"]),
        _pending_mark(row_text.label, styles),
        (f" {head} {tail} ", styles["detail"]),
    ]


def _single_line(row_text: TicketRowText, shape: RowLayout, styles: StyleByPart[S], edge: str) -> list[StyledText[S]]:
    label = row_text.label
    clock = _clock(row_text, styles)
    tail = ""
    if shape.width >= AGE_FROM_WIDTH:
        tail = fit_right(row_text.age, AGE_CELLS) + " " * (1 + max(0, LONG_CLOCK_CELLS - cell_len(clock[0])))
    if shape.width >= DETAIL_FROM_WIDTH:
        tail = fit_left(label.detail, shape.width // 4) + " " + tail
    room = shape.width - 8 - shape.number_cells - len(clock[0]) - cell_len(tail)
    return [
        (edge, styles["edge"]),
        _badge(row_text, styles),
        _pending_mark(label, styles),
        _unread_mark(label, styles),
        (fit_right(label.number, shape.number_cells) + " ", styles["detail"]),
        (fit_left(label.subject, room) + " ", _subject_style(label, styles)),
        (tail, styles["detail"]),
        clock,
    ]
