"""The layout of a row's parts, in cells."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from supporttui.domain.board import PendingMark
from supporttui.presentation.board.ticket_row import ClockTone, RowLabel, TicketRowText
from supporttui.presentation.cell_text import StyledText, cell_len, cut, fit_left, fit_right

CLOCK_CELLS = 7
"""Reserved for a clock, so that the subject does not move when the clock starts to show seconds."""

LONG_CLOCK_CELLS = 10
"""Reserved in one-line rows that have room, so that ages are aligned whatever the clocks say."""

AGE_CELLS = 13
AGE_FROM_WIDTH = 68
"""The widths from which a one-line row shows the age, and also the requester."""
DETAIL_FROM_WIDTH = 96

COMPACT_BELOW_WIDTH = 34
"""Below this width a row's first line has severity, number and clock, and its second the subject."""

WANTED_SUBJECT_CELLS = 30
"""A one-line row shortens its clock if the subject would otherwise have less room than this."""

MIN_COMPACT_SUBJECT_CELLS = 14
"""A narrow one-line row shows its subject only if this much of it fits."""

DRAFT_MARK = "✎"

SETTLED_TONES = frozenset({ClockTone.QUIET, ClockTone.LATE})

S = TypeVar("S")
StyleByPart = Mapping[str, S]
"""Styles by the suffix of their component class."""


class RowLayout(msgspec.Struct, frozen=True):
    """The layout of rows in a pane."""

    width: int
    lines: int
    number_cells: int
    """The width of the longest ticket number shown."""

    @property
    def age_line(self) -> int:
        """The index of the row's line that shows its age."""
        return min(1, self.lines - 1)

    @property
    def is_compact(self) -> bool:
        """Whether a row's first line shows only severity, number and clock."""
        return self.width < COMPACT_BELOW_WIDTH

    def clock_of(self, row_text: TicketRowText) -> str:
        """Return the clock of a row, shortened if the number or enough of the subject needs the room.

        The shortest form has no seconds, and from an hour on no minutes.
        """
        clock, short = row_text.clock, row_text.short_clock
        if self.lines > 1 and not self.is_compact:
            return clock
        room = self.width - self.number_cells - (6 if self.is_compact else 8 + WANTED_SUBJECT_CELLS)
        if _padded_clock_cells(clock) <= room:
            return clock
        if _padded_clock_cells(short) <= room:
            return short
        shortest = _shortest(short)
        return shortest if self.is_compact or _padded_clock_cells(shortest) <= room else clock

    def clock_cells(self, row_text: TicketRowText) -> int:
        """Return the width of the clock at the end of the first line, including the gap before the frame."""
        return _padded_clock_cells(self.clock_of(row_text))

    def has_clock_below(self, row_text: TicketRowText) -> bool:
        """Whether the clock is on the second line, as a finished one is to leave the first to the subject."""
        return self.lines > 1 and not self.is_compact and row_text.tone in SETTLED_TONES

    def needs_full_redraw(self, old: TicketRowText, new: TicketRowText) -> bool:
        """Whether more of a row has changed than the text of its clock and age."""
        return (
            old.label != new.label
            or self.clock_cells(old) != self.clock_cells(new)
            or self.has_clock_below(old) != self.has_clock_below(new)
        )


def _shortest(short: str) -> str:
    """Shorten a short clock: without minutes, and `close` for `at close`."""
    return short.rpartition(" ")[0] if short.endswith("m") and "h " in short else short.removeprefix("at ")


def _padded_clock_cells(text: str) -> int:
    return max(CLOCK_CELLS, len(text)) + 1


def lay_out_row(
    row_text: TicketRowText, shape: RowLayout, styles: StyleByPart[S], edge: str
) -> tuple[list[StyledText[S]], ...]:
    """Return the lines of a row; `edge` is drawn at the left end and marks the cursor."""
    if shape.lines == 1:
        line = _compact_line if shape.is_compact else _single_line
        return (line(row_text, shape, styles, edge),)
    blank: list[StyledText[S]] = []
    first, second = (_compact_line, _subject_line) if shape.is_compact else (_first_line, _second_line)
    return (
        first(row_text, shape, styles, edge),
        second(row_text, shape, styles, edge),
        *[blank] * (shape.lines - 2),
    )


def _badge(row_text: TicketRowText, styles: StyleByPart[S]) -> StyledText[S]:
    """The severity; highlighted only while the clock is relevant."""
    severity = row_text.label.severity
    kind = "settled" if row_text.tone in SETTLED_TONES else "severity"
    if severity is None:
        return (" · ", styles[f"{kind}-4"])
    return (f" {severity} ", styles[f"{kind}-{min(max(severity, 1), 4)}"])


def _pending_mark(label: RowLabel, styles: StyleByPart[S]) -> StyledText[S]:
    """What became of a change of ours, or that something is written and not sent."""
    if label.mark is PendingMark.PROBLEM:
        return ("!", styles["problem"])
    if label.mark is PendingMark.PENDING:
        return ("↑", styles["pending"])
    return (DRAFT_MARK if label.has_draft else " ", styles["detail"])


def _unread_mark(label: RowLabel, styles: StyleByPart[S]) -> StyledText[S]:
    return ("●" if label.is_unread else " ", styles["unread"])


def _clock(row_text: TicketRowText, shape: RowLayout, styles: StyleByPart[S]) -> StyledText[S]:
    return (clock_column_text(row_text, shape), styles[f"clock-{row_text.tone.value}"])


def clock_column_text(row_text: TicketRowText, shape: RowLayout) -> str:
    """Return the end of a row's first line, where its clock is."""
    return fit_right(shape.clock_of(row_text), shape.clock_cells(row_text) - 1) + " "


def _subject_style(label: RowLabel, styles: StyleByPart[S]) -> S:
    if label.has_left:
        return styles["foot"]
    return styles["subject-unread" if label.is_unread else "subject"]


def _first_line(row_text: TicketRowText, shape: RowLayout, styles: StyleByPart[S], edge: str) -> list[StyledText[S]]:
    """The subject, and at the end a clock that is still relevant."""
    clock = [] if shape.has_clock_below(row_text) else [_clock(row_text, shape, styles)]
    room = shape.width - 6 - 1 - sum(len(text) for text, _ in clock)
    return [
        (edge, styles["edge"]),
        _badge(row_text, styles),
        _unread_mark(row_text.label, styles),
        (" " + fit_left(row_text.label.subject, room) + " ", _subject_style(row_text.label, styles)),
        *clock,
    ]


def _second_line(row_text: TicketRowText, shape: RowLayout, styles: StyleByPart[S], edge: str) -> list[StyledText[S]]:
    """Number and people, then a finished clock, and a time if the people still fit whole.

    Beside a running clock the time is when it is due; otherwise how long the customer waits or the status has lasted.
    """
    head = f"{row_text.label.number} · {row_text.label.detail}"
    clock = row_text.clock if shape.has_clock_below(row_text) else ""
    room = shape.width - 8 - len(clock)
    beside = (row_text.when or row_text.age) + (" · " if clock else "")
    beside = beside if cell_len(head) + len(beside) < room else ""
    return [
        (edge, styles["edge"]),
        ("   ", styles["detail"]),
        _pending_mark(row_text.label, styles),
        (f" {fit_left(head, room - len(beside))} {beside}", styles["detail"]),
        (clock, styles[f"clock-{row_text.tone.value}"]),
        (" ", styles["detail"]),
    ]


def _compact_line(row_text: TicketRowText, shape: RowLayout, styles: StyleByPart[S], edge: str) -> list[StyledText[S]]:
    """Severity, number and clock; in a one-line row also the subject if enough of it fits."""
    label = row_text.label
    clock = _clock(row_text, shape, styles)
    room = max(0, shape.width - 5 - len(clock[0]))
    number = cut(label.number, room - 1)
    is_unread = label.is_unread and label.mark is PendingMark.NONE
    mark = _unread_mark(label, styles) if is_unread else _pending_mark(label, styles)
    gap = " " if room > len(number) + 2 else ""
    left = [(edge, styles["edge"]), _badge(row_text, styles), (f" {number}{gap}", styles["detail"]), mark]
    subject_room = room - len(number) - len(gap) - 3
    if shape.lines > 1 or subject_room < MIN_COMPACT_SUBJECT_CELLS:
        return [*left, (" " * (room - len(number) - len(gap) - 1), styles["detail"]), clock]
    return [*left, (f" {fit_left(label.subject, subject_room)} ", _subject_style(label, styles)), clock]


def _subject_line(row_text: TicketRowText, shape: RowLayout, styles: StyleByPart[S], edge: str) -> list[StyledText[S]]:
    """The second line of a narrow row."""
    return [
        (edge, styles["edge"]),
        ("    ", styles["detail"]),
        (fit_left(row_text.label.subject, shape.width - 6) + " ", _subject_style(row_text.label, styles)),
    ]


def _single_line(row_text: TicketRowText, shape: RowLayout, styles: StyleByPart[S], edge: str) -> list[StyledText[S]]:
    label = row_text.label
    clock = _clock(row_text, shape, styles)
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
