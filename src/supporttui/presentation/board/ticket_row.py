"""The text of a row of the board."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from supporttui.domain.board import PendingMark, Row
from supporttui.domain.board_order import in_status_since, waiting_since
from supporttui.domain.clock_text import clock_text, elapsed_text, short_clock_text, ticks_seconds
from supporttui.domain.safe_text import safe_line
from supporttui.domain.sla import DUE_AT_CLOSE, ClockReading, ClockState, Urgency
from supporttui.domain.support_calendar import OUTSIDE_HOURS
from supporttui.domain.ticket import Lifecycle, Person, Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.pane_index import GroupHeader
from supporttui.presentation.cell_text import strip_joiners

FOUND_MARK: Final = "◇ "
"""Precedes the subject of a ticket that only the desk's own search has found."""
MAX_CACHED_ROW_TEXTS: Final = 4_000
NO_GROUP_WORDS: Final = {
    "assignee": "not assigned",
    "requester": "no requester",
    "organization": "no organisation",
    "severity": "no severity",
}
"""The group names for tickets that lack the property by which they are grouped."""
MINUTE: Final = timedelta(minutes=1)
SECOND: Final = timedelta(seconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ClockTone(Enum):
    """The look of a clock; the value is the suffix of its component class."""

    CALM = "calm"
    NOTICE = "notice"
    URGENT = "urgent"
    BREACHED = "breached"
    PAUSED_CALM = "paused-calm"
    PAUSED_NOTICE = "paused-notice"
    PAUSED_URGENT = "paused-urgent"
    PAUSED_BREACHED = "paused-breached"
    QUIET = "quiet"
    LATE = "late"


_RUNNING_TONES = {
    Urgency.CALM: ClockTone.CALM,
    Urgency.NOTICE: ClockTone.NOTICE,
    Urgency.URGENT: ClockTone.URGENT,
    Urgency.BREACHED: ClockTone.BREACHED,
}
_PAUSED_TONES = {
    Urgency.CALM: ClockTone.PAUSED_CALM,
    Urgency.NOTICE: ClockTone.PAUSED_NOTICE,
    Urgency.URGENT: ClockTone.PAUSED_URGENT,
    Urgency.BREACHED: ClockTone.PAUSED_BREACHED,
}


def clock_tone(reading: ClockReading) -> ClockTone:
    """Return the look of a clock, from its urgency and whether it is running."""
    if reading.state is ClockState.MET_LATE:
        return ClockTone.LATE
    tones = _RUNNING_TONES if reading.is_counting else _PAUSED_TONES
    return tones.get(reading.urgency, ClockTone.QUIET)


class RowLabel(msgspec.Struct, frozen=True):
    """The text of a row that stays the same as long as its ticket does."""

    severity: int | None
    number: str
    subject: str
    detail: str
    """The requester and the assignee."""
    mark: PendingMark
    is_unread: bool
    has_draft: bool = False
    has_left: bool = False
    """Whether the ticket has left the pane and is still listed until the list moves on."""


class TicketRowText(msgspec.Struct, frozen=True):
    """The complete text of a row."""

    label: RowLabel
    clock: str
    tone: ClockTone
    short_clock: str
    """The clock without seconds, for narrow rows."""
    age: str
    """How long the customer has been waiting, or how long the ticket has had its status."""
    when: str
    """When the clock is due in the desk's zone, or when and why it is paused; empty if none runs."""


class GroupText(msgspec.Struct, frozen=True):
    """The text of a group's header."""

    name: str
    count: int
    is_folded: bool


class _CachedRowText(msgspec.Struct):
    """The text of a row and the period in which it is valid."""

    row: Row
    row_text: TicketRowText
    since: datetime
    until: datetime
    changes_at: datetime | None
    """When more of it than its numbers changes; None if unknown."""


class TicketRows:
    """Builds the text of rows, and caches it for unchanged rows until the time changes it."""

    def __init__(self, find_person: Callable[[int | None], Person | None], zone: ZoneInfo) -> None:
        self._find_person = find_person
        self._zone = zone
        self._known: dict[TicketId, _CachedRowText] = {}
        self._day = (_EPOCH, _EPOCH)
        """The start and the end of the current day in the desk's zone."""
        self.my_id: int | None = None
        """The person shown as `me`."""
        self.grouped_by = ""
        """What tickets are grouped by, as a word of the settings; empty if they are not grouped."""
        self.status_names: Mapping[Status, str] = {}
        """The names of the statuses."""

    def forget(self) -> None:
        """Clear the cache of texts, for instance after a person was renamed."""
        self._known.clear()

    def group_text(self, header: GroupHeader) -> GroupText:
        """Return the text of a group's header."""
        if header.name is not None:
            name = strip_joiners(safe_line(header.name))
        elif header.key is None:
            name = NO_GROUP_WORDS.get(self.grouped_by, "none")
        else:
            name = f"severity {header.key}" if self.grouped_by == "severity" else "unknown"
        return GroupText(
            "me" if header.key == self.my_id and header.key is not None and self.grouped_by == "assignee" else name,
            header.count,
            header.is_folded,
        )

    def text_of_left(self, row: Row, status: Status, now: datetime) -> TicketRowText:
        """Return the text of a row whose ticket has left the pane of this status: its new pane replaces the clock."""
        text, ticket = self.row_text(row, now), row.ticket
        if ticket.lifecycle is not Lifecycle.LIVE:
            said = ticket.lifecycle.value
        elif ticket.status is status:
            said = "filtered"
        else:
            said = f"→ {self.status_names.get(ticket.status, ticket.status.value).split()[0]}"
        label = replace(text.label, has_left=True, is_unread=False)
        return replace(text, label=label, clock=said, short_clock=said, tone=ClockTone.QUIET, when="")

    def row_text(self, row: Row, now: datetime) -> TicketRowText:
        """Return the text of a row at an instant of the desk's time."""
        if not self._day[0] <= now < self._day[1]:
            self._day = _today_bounds(now, self._zone)
            self._known.clear()
        known = self._known.get(row.ticket.id)
        if known is not None and known.row is row and known.since <= now < known.until:
            return known.row_text
        reading = row.clock.read(now)
        if known is None or known.row is not row:
            label, when = self._label(row), self._when(reading, now)
        else:
            is_near = known.changes_at is not None and known.since <= now < known.changes_at
            label, when = known.row_text.label, known.row_text.when if is_near else self._when(reading, now)
        row_text = TicketRowText(
            label=label,
            clock=_clock_text(reading),
            tone=clock_tone(reading),
            short_clock=_short_clock_text(reading),
            age=row_age_text(row, now),
            when=when,
        )
        if len(self._known) >= MAX_CACHED_ROW_TEXTS:
            self._known.clear()
        self._known[row.ticket.id] = _CachedRowText(
            row, row_text, now, _unchanged_until(row, reading, now), reading.next_change
        )
        return row_text

    def _label(self, row: Row) -> RowLabel:
        ticket = row.ticket
        if ticket.requester_id == self.my_id:
            return self._own_label(row)
        parts = ["found on the desk"] if row.is_found else []
        parts.append(self._asker(ticket.requester_id))
        if ticket.development_ticket is not None and ticket.status is Status.ON_HOLD:
            parts.append(strip_joiners(safe_line(ticket.development_ticket)))
        parts.append(self._answerer(ticket.assignee_id))
        return self._label_with(row, " · ".join(parts))

    def _own_label(self, row: Row) -> RowLabel:
        """For the user's own ticket: who wrote last, and the assignee if that is known to them."""
        ticket = row.ticket
        wrote_at = ticket.customer_wrote_at or ticket.created_at
        last_word = "support wrote last" if ticket.replied_at and ticket.replied_at > wrote_at else "you wrote last"
        if ticket.assignee_id is not None:
            last_word = f"{last_word} · {self._answerer(ticket.assignee_id)}"
        return self._label_with(row, last_word)

    def _label_with(self, row: Row, detail: str) -> RowLabel:
        ticket = row.ticket
        return RowLabel(
            severity=ticket.severity,
            number=ticket.id.label.removeprefix("#"),
            subject=(FOUND_MARK if row.is_found else "") + strip_joiners(safe_line(ticket.subject)),
            detail=detail,
            mark=row.mark,
            is_unread=row.is_unread,
            has_draft=row.has_draft,
        )

    def _asker(self, person_id: int) -> str:
        person = self._find_person(person_id)
        if person is None:
            return "unknown requester"
        return strip_joiners(safe_line(person.organization or person.name or person.email))

    def _answerer(self, person_id: int | None) -> str:
        if person_id is None:
            return "—"
        if person_id == self.my_id:
            return "me"
        person = self._find_person(person_id)
        return _given_name(person) if person is not None else "?"

    def _when(self, reading: ClockReading, now: datetime) -> str:
        """When the clock is due, or why it is paused and until when."""
        if reading.state not in (ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED):
            return ""
        if not reading.is_counting:
            if reading.reason not in (OUTSIDE_HOURS, DUE_AT_CLOSE) or reading.resumes_at is None:
                return reading.reason
            return f"opens {day_and_time(reading.resumes_at, now, self._zone)}"
        if reading.state is ClockState.BREACHED or reading.due_at is None:
            return ""
        return f"due {day_and_time(reading.due_at, now, self._zone)}"


def _clock_text(reading: ClockReading) -> str:
    return "✗ no reply" if reading.state is ClockState.ENDED_UNANSWERED else clock_text(reading)


def _short_clock_text(reading: ClockReading) -> str:
    if reading.state is ClockState.ENDED_UNANSWERED:
        return "✗ none"
    return "at close" if reading.reason == DUE_AT_CLOSE else short_clock_text(reading)


def _given_name(person: Person) -> str:
    """An agent's first name, or the part of an address before the `@`."""
    words = safe_line(person.name or person.email).split("@")[0].split()
    return strip_joiners(words[0]) if words else "?"


def row_age_text(row: Row, now: datetime) -> str:
    """Return how long the customer has been waiting for us, or else how long the ticket has had its status."""
    since, is_waiting = _age_since(row)
    span = elapsed_text(max(now - since, timedelta()))
    return f"waits {span}" if is_waiting else span


def _age_since(row: Row) -> tuple[datetime, bool]:
    """The start of a row's age, and whether it is the customer's waiting time."""
    since = waiting_since(row.ticket)
    if row.ticket.status in (Status.NEW, Status.OPEN) and since is not None:
        return since, True
    return in_status_since(row.ticket), False


def _unchanged_until(row: Row, reading: ClockReading, now: datetime) -> datetime:
    """Return until when, at most the end of today, the text of the row stays valid."""
    until = now + MINUTE - (now - _age_since(row)[0]) % MINUTE
    if reading.is_counting:
        until = min(until, now + reading.remaining % (SECOND if ticks_seconds(reading) else MINUTE))
    return until if reading.next_change is None else min(until, reading.next_change)


def _today_bounds(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the start and the end of the present day in a zone."""
    today = now.astimezone(zone).date()
    begins, ends = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (today, today + timedelta(days=1)))
    return min(begins, now), max(ends, now)


def day_and_time(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return an instant in a zone: `15:13` today, `Mon 15:13` within a week, else with its date."""
    there, today = at.astimezone(zone), now.astimezone(zone)
    if there.date() == today.date():
        return f"{there:%H:%M}"
    if abs((there.date() - today.date()).days) < 7:
        return f"{there:%a %H:%M}"
    return f"{there:%a} {there.day} {there:%b %H:%M}"
