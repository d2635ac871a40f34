"""What stands above a ticket: what it is, where it stands, how its clock does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from supporttui.domain.clock_text import clock_text
from supporttui.domain.metrics import METRIC_TITLES
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.safe_text import safe_line
from supporttui.domain.sla import Clock, ClockState
from supporttui.domain.ticket import Status, Ticket
from supporttui.presentation.board.header import HeaderItem
from supporttui.presentation.board.ticket_row import ClockTone, clock_tone
from supporttui.presentation.cell_text import cut, strip_joiners
from supporttui.presentation.ticket.instants_text import instant_text, reader_instant_text, zone_name
from supporttui.presentation.ticket.ticket_sections import status_word
from supporttui.presentation.ticket.wrapping import iter_wrap
from supporttui.ui.part_styles import part_style

_GAP: Final = 2
"""Cells between the subject and the status."""
_WIDE_CELLS: Final = 110
_VERY_WIDE_CELLS: Final = 130
_MIN_SUBJECT_CELLS: Final = 16
"""With less room beside the clock, a subject that gets a second line stands on that alone."""
_TWO_LINES_FROM_HEIGHT: Final = 20
"""On lower screens the subject has one line, and is cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderText:
    """The text of the line."""

    severity: int | None
    number: str
    subject: str
    status: str
    is_open: bool
    metric: str
    """The name of the clock's metric."""
    clock: str
    tone: ClockTone
    due: str
    """With its zone; empty if no clock runs."""
    readers_due: str
    """The same instant in the reader's zone; empty if it shows the same."""
    desk_items: tuple[HeaderItem, ...] = ()
    """The state of the link, and unsent changes."""


def header_text(
    ticket: Ticket,
    clock: Clock,
    policy: ServicePolicy,
    now: datetime,
    zone: tzinfo,
    desk_items: Sequence[HeaderItem] = (),
) -> HeaderText:
    """Return the line at an instant of the desk's time."""
    reading = clock.read(now)
    due = mine = ""
    if reading.due_at is not None and reading.state in (ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED):
        word = "was due" if reading.state is ClockState.BREACHED else "due"
        due = f"{word} {instant_text(reading.due_at, zone, now)} {zone_name(reading.due_at, zone)}"
        mine = reader_instant_text(reading.due_at, zone, now)
    return HeaderText(
        severity=ticket.severity,
        number=f"{ticket.id.label}",
        subject=strip_joiners(safe_line(ticket.subject)),
        status=status_word(ticket, policy),
        is_open=ticket.status is not Status.CLOSED,
        metric=METRIC_TITLES[clock.terms.metric].lower(),
        clock=clock_text(reading),
        tone=clock_tone(reading),
        due=due,
        readers_due=mine,
        desk_items=tuple(desk_items),
    )


class TicketHeader(Widget):
    """Draws one line, or two where the subject needs them; it gives way first, the countdown never does."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text: HeaderText | None = None

    def show(self, text: HeaderText) -> None:
        """Show a text; redraws only if it has changed."""
        if text != self._text:
            self._text = text
            self._choose_height()
            self.refresh()

    def on_resize(self) -> None:
        """The subject may need another number of lines."""
        self._choose_height()

    def _choose_height(self) -> None:
        if self._text is not None and self.size.width:
            needs_two = self.app.size.height >= _TWO_LINES_FROM_HEIGHT and bool(self._subject_lines(self._text)[1])
            self.styles.height = 2 if needs_two else 1

    def render_line(self, y: int) -> Strip:
        """One of the lines."""
        width, ground = self.size.width, self.rich_style
        if self._text is None or y > 1:
            return Strip.blank(width, ground)
        pieces = self._first_line(self._text) if y == 0 else self._second_line(self._text)
        segments = [Segment(text, ground + part_style(self, name)) for text, name in pieces]
        return Strip(segments).crop_extend(0, width, ground)

    def _first_line(self, text: HeaderText) -> list[tuple[str, str]]:
        head, room = _head(text), self._subject_room(text)
        subject = cut(text.subject, room) if self.size.height < 2 else self._subject_lines(text)[0]
        return [
            *head,
            (subject, "ticket-header--subject"),
            (" " * max(room - cell_len(subject) + _GAP, 1), "ticket-header--faint"),
            *self._right(text, self.size.width),
        ]

    def _second_line(self, text: HeaderText) -> list[tuple[str, str]]:
        """The rest of the subject, below its beginning."""
        indent = sum(cell_len(piece) for piece, _ in _head(text))
        rest = cut(self._subject_lines(text)[1], self.size.width - indent - 1)
        return [(" " * indent, "ticket-header--faint"), (rest, "ticket-header--subject")]

    def _subject_room(self, text: HeaderText) -> int:
        """How many cells of the first line are left to the subject."""
        around = (*_head(text), *self._right(text, self.size.width))
        return max(self.size.width - sum(cell_len(piece) for piece, _ in around) - _GAP, 0)

    def _subject_lines(self, text: HeaderText) -> tuple[str, str]:
        """As much of the subject as the first line has room for, to the end of a word, and the rest."""
        room = self._subject_room(text)
        if cell_len(text.subject) <= room:
            return text.subject, ""
        if room < _MIN_SUBJECT_CELLS:
            return "", text.subject
        first = next(iter_wrap(text.subject, room))
        return first, text.subject[len(first) :].lstrip()

    @staticmethod
    def _right(text: HeaderText, width: int) -> list[tuple[str, str]]:
        pieces = [(text.status, "ticket-header--status"), ("   ", "ticket-header--faint")]
        if width >= _WIDE_CELLS:
            pieces.append((f"{text.metric} ", "ticket-header--faint"))
        pieces.append((text.clock, f"ticket-header--{text.tone.value}"))
        if text.due and width >= _WIDE_CELLS:
            pieces.append((f"  {text.due}", "ticket-header--faint"))
        if text.readers_due and width >= _VERY_WIDE_CELLS:
            pieces.append((f" · {text.readers_due} for you", "ticket-header--faint"))
        for item in text.desk_items:
            said = item.text if width >= _VERY_WIDE_CELLS else item.shorter().text
            pieces += [("   ", "ticket-header--faint"), (said, f"ticket-header--{item.part}")]
        return [*pieces, (" ", "ticket-header--faint")]


def _head(text: HeaderText) -> list[tuple[str, str]]:
    """The severity and the number."""
    return [
        (f" {text.severity or '?'} ", f"ticket-header--severity-{text.severity or 0}"),
        (f" {text.number}  ", "ticket-header--number"),
    ]
