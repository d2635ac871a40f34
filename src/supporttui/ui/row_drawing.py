"""A row of the board as strips of cells, in one line or in two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from supporttui.domain.board import Mark
from supporttui.ui.drawing import Piece, cut, fit_left, fit_right, strip_of
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

Styles = Mapping[str, Style]
"""Styles by the end of their component class."""


@dataclass(frozen=True, slots=True)
class RowShape:
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


def changed_cells(old: Face, new: Face, shape: RowShape, y: int) -> Iterator[Region]:
    """Where the clock and the age of a row whose first line is `y` say something else, within a pane's frame."""
    if (old.clock, old.tone) != (new.clock, new.tone):
        cells = clock_cells(new)
        yield Region(1 + shape.width - cells, y, cells, 1)
    if (old.age, old.when) != (new.age, new.when):
        yield Region(1, y + shape.age_line, shape.width, 1)


def with_other_time(drawn: Strip, old: Face, new: Face) -> Strip | None:
    """A row's first line, framed, that was drawn before, with nothing but the time of its clock another one.

    None where more than that differs, or the clock is not wholly there.
    """
    if old.label is not new.label or (old.tone, old.age, old.when) != (new.tone, new.age, new.when):
        return None
    *left, clock, side = drawn
    if clock.text != _clock_piece(old) or clock_cells(old) != clock_cells(new):
        return None
    return Strip([*left, Segment(_clock_piece(new), clock.style), side], drawn.cell_length)


def draw_row(face: Face, shape: RowShape, styles: Styles, edge: str) -> tuple[Strip, ...]:
    """The lines of a row; `edge` stands at its left end and says where the cursor is."""
    if shape.lines == 1:
        return (_single(face, shape, styles, edge),)
    blank = strip_of([], shape.width, styles["detail"])
    return (_first(face, shape, styles, edge), _second(face, shape, styles, edge), *[blank] * (shape.lines - 2))


def _badge(face: Face, styles: Styles) -> Piece:
    """The severity; it is bright only while the clock still has something to say."""
    severity = face.label.severity
    kind = "settled" if face.tone in SETTLED else "severity"
    if severity is None:
        return (" · ", styles[f"{kind}-4"])
    return (f" {severity} ", styles[f"{kind}-{min(max(severity, 1), 4)}"])


def _decided_mark(label: RowLabel, styles: Styles) -> Piece:
    if label.mark is Mark.PROBLEM:
        return ("!", styles["problem"])
    return ("↑", styles["pending"]) if label.mark is Mark.PENDING else (" ", styles["detail"])


def _unread_mark(label: RowLabel, styles: Styles) -> Piece:
    return ("●" if label.is_unread else " ", styles["unread"])


def _clock(face: Face, styles: Styles) -> Piece:
    return (_clock_piece(face), styles[f"clock-{face.tone.value}"])


def _clock_piece(face: Face) -> str:
    return fit_right(face.clock, clock_cells(face) - 1) + " "


def _subject_style(label: RowLabel, styles: Styles) -> Style:
    return styles["subject-unread" if label.is_unread else "subject"]


def _first(face: Face, shape: RowShape, styles: Styles, edge: str) -> Strip:
    clock = _clock(face, styles)
    room = shape.width - 6 - 1 - len(clock[0])
    pieces = [
        (edge, styles["edge"]),
        _badge(face, styles),
        _unread_mark(face.label, styles),
        (" " + fit_left(face.label.subject, room) + " ", _subject_style(face.label, styles)),
        clock,
    ]
    return strip_of(pieces, shape.width, styles["detail"])


def _second(face: Face, shape: RowShape, styles: Styles, edge: str) -> Strip:
    head = f"{face.label.number} · {face.label.detail}"
    tail = cut(face.age, shape.width - 7)
    with_when = f"{face.when} · {face.age}"
    if face.when and cell_len(head) + len(with_when) + 9 <= shape.width:
        tail = with_when
    head = fit_left(head, shape.width - 6 - 2 - len(tail))
    pieces = [
        (edge, styles["edge"]),
        ("   ", styles["detail"]),
        _decided_mark(face.label, styles),
        (f" {head} {tail} ", styles["detail"]),
    ]
    return strip_of(pieces, shape.width, styles["detail"])


def _single(face: Face, shape: RowShape, styles: Styles, edge: str) -> Strip:
    label = face.label
    clock = _clock(face, styles)
    tail = ""
    if shape.width >= AGE_FROM_WIDTH:
        tail = fit_right(face.age, AGE_CELLS) + " " * (1 + max(0, LONG_CLOCK_CELLS - cell_len(clock[0])))
    if shape.width >= DETAIL_FROM_WIDTH:
        tail = fit_left(label.detail, shape.width // 4) + " " + tail
    room = shape.width - 8 - shape.number_cells - len(clock[0]) - cell_len(tail)
    pieces = [
        (edge, styles["edge"]),
        _badge(face, styles),
        _decided_mark(label, styles),
        _unread_mark(label, styles),
        (fit_right(label.number, shape.number_cells) + " ", styles["detail"]),
        (fit_left(label.subject, room) + " ", _subject_style(label, styles)),
        (tail, styles["detail"]),
        clock,
    ]
    return strip_of(pieces, shape.width, styles["detail"])
