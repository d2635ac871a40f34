"""The header line of a ticket: its number and subject, its state, and its clock."""

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
from supporttui.presentation.cell_text import cut
from supporttui.presentation.ticket.instants_text import instant_text, reader_instant_text, zone_name
from supporttui.presentation.ticket.ticket_sections import status_word
from supporttui.ui.part_styles import part_style

_WIDE_CELLS: Final = 110
_VERY_WIDE_CELLS: Final = 130


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
        subject=safe_line(ticket.subject),
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
    """Draws the line; the subject is shortened first, the countdown never."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text: HeaderText | None = None

    def show(self, text: HeaderText) -> None:
        """Show a text; redraws only if it has changed."""
        if text != self._text:
            self._text = text
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Render the only line."""
        width, ground = self.size.width, self.rich_style
        if self._text is None or y:
            return Strip.blank(width, ground)
        right = self._right(self._text, width)
        room = width - sum(cell_len(text) for text, _ in right) - 1
        pieces = [*self._left(self._text, room), *right]
        segments = [Segment(text, ground + part_style(self, name)) for text, name in pieces]
        return Strip(segments).crop_extend(0, width, ground)

    def _left(self, text: HeaderText, room: int) -> list[tuple[str, str]]:
        badge = f" {text.severity or '?'} "
        fixed = len(badge) + len(text.number) + 3
        subject = cut(text.subject, max(room - fixed, 0))
        padding = " " * max(room - fixed - cell_len(subject) + 1, 1)
        return [
            (badge, f"ticket-header--severity-{text.severity or 0}"),
            (f" {text.number}  ", "ticket-header--number"),
            (subject, "ticket-header--subject"),
            (padding, "ticket-header--faint"),
        ]

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
