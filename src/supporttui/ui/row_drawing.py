"""A row of the board as pieces of text, in one line or in two."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from supporttui.domain.board import PendingMark
from supporttui.ui.cell_width import cell_len
from supporttui.ui.drawing import Piece, cut, fit_left, fit_right
from supporttui.ui.row_face import Face, RowLabel, Tone

CLOCK_CELLS = 7
"""Kept free for a clock, so that one that starts to show seconds does not move its subject."""

LONG_CLOCK_CELLS = 10
"""Where a one-line row has room, ages end in one column whatever the clock says."""

AGE_CELLS = 13
AGE_FROM_WIDTH = 64
"""From this width on a one-line row says the age, and from the next on also who asks."""
DETAIL_FROM_WIDTH = 96

SETTLED = frozenset({Tone.QUIET, Tone.LATE})

S = TypeVar("S")
Styles = Mapping[str, S]
"""Styles by the end of their component class."""


class RowShape(msgspec.Struct, frozen=True):
    """How rows are laid out in a pane."""

    width: int
    lines: int
    number_cells: int
    """Width of the longest ticket number on show."""

    @property
    def age_line(self) -> int:
        """The line of a row that says its age."""
        return min(1, self.lines - 1)


def clock_cells(face: Face) -> int:
    """How many cells at the right end of a row its clock takes, the gap before the frame included."""
    return max(CLOCK_CELLS, len(face.clock)) + 1


def needs_whole_row(old: Face, new: Face) -> bool:
    """Whether more of a row has changed than the text of its clock and its age."""
    return old.label != new.label or clock_cells(old) != clock_cells(new)


def draw_row(face: Face, shape: RowShape, styles: Styles[S], edge: str) -> tuple[list[Piece[S]], ...]:
    """The lines of a row on the ground of its detail; `edge` stands at its left end and says where the cursor is."""
    if shape.lines == 1:
        return (_single(face, shape, styles, edge),)
    blank: list[Piece[S]] = []
    return (_first(face, shape, styles, edge), _second(face, shape, styles, edge), *[blank] * (shape.lines - 2))


def _badge(face: Face, styles: Styles[S]) -> Piece[S]:
    """The severity; it is bright only while the clock still has something to say."""
    severity = face.label.severity
    kind = "settled" if face.tone in SETTLED else "severity"
    if severity is None:
        return (" · ", styles[f"{kind}-4"])
    return (f" {severity} ", styles[f"{kind}-{min(max(severity, 1), 4)}"])


def _decided_mark(label: RowLabel, styles: Styles[S]) -> Piece[S]:
    if label.mark is PendingMark.PROBLEM:
        return ("!", styles["problem"])
    return ("↑", styles["pending"]) if label.mark is PendingMark.PENDING else (" ", styles["detail"])


def _unread_mark(label: RowLabel, styles: Styles[S]) -> Piece[S]:
    return ("●" if label.is_unread else " ", styles["unread"])


def _clock(face: Face, styles: Styles[S]) -> Piece[S]:
    return (clock_piece(face), styles[f"clock-{face.tone.value}"])


def clock_piece(face: Face) -> str:
    """The end of a row's first line, where its clock stands."""
    return fit_right(face.clock, clock_cells(face) - 1) + " "


def _subject_style(label: RowLabel, styles: Styles[S]) -> S:
    return styles["subject-unread" if label.is_unread else "subject"]


def _first(face: Face, shape: RowShape, styles: Styles[S], edge: str) -> list[Piece[S]]:
    clock = _clock(face, styles)
    room = shape.width - 6 - 1 - len(clock[0])
    return [
        (edge, styles["edge"]),
        _badge(face, styles),
        _unread_mark(face.label, styles),
        (" " + fit_left(face.label.subject, room) + " ", _subject_style(face.label, styles)),
        clock,
    ]


def _second(face: Face, shape: RowShape, styles: Styles[S], edge: str) -> list[Piece[S]]:
    head = f"{face.label.number} · {face.label.detail}"
    tail = cut(face.age, shape.width - 7)
    with_when = f"{face.when} · {face.age}"
    if face.when and cell_len(head) + len(with_when) + 9 <= shape.width:
        tail = with_when
    head = fit_left(head, shape.width - 6 - 2 - len(tail))
    return [
        (edge, styles["edge"]),
        ("   ", styles["detail"]),
        _decided_mark(face.label, styles),
        (f" {head} {tail} ", styles["detail"]),
    ]


def _single(face: Face, shape: RowShape, styles: Styles[S], edge: str) -> list[Piece[S]]:
    label = face.label
    clock = _clock(face, styles)
    tail = ""
    if shape.width >= AGE_FROM_WIDTH:
        tail = fit_right(face.age, AGE_CELLS) + " " * (1 + max(0, LONG_CLOCK_CELLS - cell_len(clock[0])))
    if shape.width >= DETAIL_FROM_WIDTH:
        tail = fit_left(label.detail, shape.width // 4) + " " + tail
    room = shape.width - 8 - shape.number_cells - len(clock[0]) - cell_len(tail)
    return [
        (edge, styles["edge"]),
        _badge(face, styles),
        _decided_mark(label, styles),
        _unread_mark(label, styles),
        (fit_right(label.number, shape.number_cells) + " ", styles["detail"]),
        (fit_left(label.subject, room) + " ", _subject_style(label, styles)),
        (tail, styles["detail"]),
        clock,
    ]
