"""The board: every ticket in the pane of its status, worst clock first, kept in order as single tickets change."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, overload

from supporttui.domain.hours import Moment
from supporttui.domain.instants import to_us
from supporttui.domain.sla import Clock
from supporttui.domain.ticket import Fate, SeverityChange, Status, Ticket

ON_THE_CLOCK: Final = 0
"""The group of rows whose clock has something left to wait for; it stands first."""

Place = tuple[int, int, int]
"""Where a row stands in its pane: group, number within it, ticket id."""


class Mark(Enum):
    """What became of the changes that were decided here and that the desk has not confirmed."""

    NONE = "none"
    PENDING = "pending"
    PROBLEM = "problem"
    """One was refused, or nobody knows whether it was applied: a person decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A change that was decided here; None leaves that property alone."""

    at: datetime
    status: Status | None = None
    severity: int | None = None
    assignee_id: int | None = None
    has_problem: bool = False
    """It does not apply for now; the ticket stays as the desk has it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket on the board, as it will be once the desk has taken what was decided."""

    ticket: Ticket
    clock: Clock
    mark: Mark = Mark.NONE
    is_unread: bool = False
    clocks: tuple[Clock, ...] = ()
    """All of its clocks, of which `clock` is the worst; empty where nobody needs them."""


def with_decided(ticket: Ticket, decided: Iterable[Decided]) -> tuple[Ticket, Mark]:
    """The ticket with the pending changes on it, and how to mark it. It keeps the desk's version stamp."""
    mark = Mark.NONE
    for change in decided:
        if change.has_problem:
            mark = Mark.PROBLEM
            continue
        mark = Mark.PENDING if mark is Mark.NONE else mark
        ticket = _changed(ticket, change)
    return ticket, mark


def _changed(ticket: Ticket, change: Decided) -> Ticket:
    if change.severity is not None and change.severity != ticket.severity:
        changed = SeverityChange(change.at, change.severity)
        before = ticket.severity_history or (SeverityChange(ticket.created_at, ticket.severity),)
        ticket = replace(ticket, severity=change.severity, severity_history=(*before, changed))
    if change.assignee_id is not None:
        ticket = replace(ticket, assignee_id=change.assignee_id)
    if change.status is None or change.status is ticket.status:
        return ticket
    closed_at = change.at if change.status is Status.CLOSED else None
    return replace(ticket, status=change.status, status_changed_at=change.at, closed_at=closed_at)


def waiting_since(ticket: Ticket) -> datetime | None:
    """Since when the customer waits for a word from us; None where the last word is ours."""
    wrote_at = ticket.customer_wrote_at
    if wrote_at is None or ticket.status is Status.CLOSED:
        return None
    replied_at = ticket.replied_at or ticket.first_reply_at
    return wrote_at if replied_at is None or wrote_at > replied_at else None


def in_status_since(ticket: Ticket) -> datetime:
    """Since when the ticket has its status."""
    if ticket.status is Status.CLOSED and ticket.closed_at is not None:
        return ticket.closed_at
    return ticket.status_changed_at or ticket.created_at


def has_unread_reply(ticket: Ticket, read_at: datetime | None) -> bool:
    """Whether the customer wrote after the description and nobody has looked at it or answered since."""
    wrote_at = ticket.customer_wrote_at
    if wrote_at is None or wrote_at <= ticket.created_at:
        return False
    seen = (ticket.replied_at, read_at)
    return all(at is None or at < wrote_at for at in seen)


def is_in_scope(ticket: Ticket, now: datetime, closed_days: int) -> bool:
    """Whether the ticket belongs on the board: unsolved, or closed within the last days."""
    if ticket.fate is not Fate.LIVE:
        return False
    return ticket.status is not Status.CLOSED or now - in_status_since(ticket) <= timedelta(days=closed_days)


def place_of(row: Row, moment: Moment | None) -> Place:
    """Where a row stands: running clocks by what is left, then waiting customers, then the longest in status.

    Closed tickets stand with the latest first. What is left is counted from the calendar's start, so that places
    worked out at different moments compare; None for a moment beyond the calendar's horizon.
    """
    ticket = row.ticket
    if ticket.status is Status.CLOSED:
        return (3, -to_us(in_status_since(ticket)), ticket.id)
    left_us = row.clock.remaining_us(moment) if moment is not None else None
    if left_us is not None and moment is not None:
        return (ON_THE_CLOCK, left_us + moment.open_us, ticket.id)
    since = waiting_since(ticket)
    if ticket.status is Status.OPEN and since is not None:
        return (1, to_us(since), ticket.id)
    return (2, to_us(in_status_since(ticket)), ticket.id)


class PaneRows(Sequence[Row]):
    """The rows of one pane in their order: a view of the board, not a copy."""

    __slots__ = ("_place_of", "_places", "_rows", "_status")

    def __init__(self, board: "Board", status: Status) -> None:
        self._status = status
        self._places = board._places[status]
        self._place_of = board._place_of
        self._rows = board._rows

    def find(self, ticket_id: int) -> int | None:
        """The index at which a ticket stands here; None where it does not."""
        status, place = self._place_of.get(ticket_id, (None, None))
        if status is not self._status or place is None:
            return None
        return bisect_left(self._places, place)

    @property
    def worst(self) -> Row | None:
        """The row with the worst clock; None where no clock runs."""
        return self[0] if self._places and self._places[0][0] == ON_THE_CLOCK else None

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self._rows[place[2]] for place in self._places[index]]
        return self._rows[self._places[index][2]]

    def __iter__(self) -> Iterator[Row]:
        return (self._rows[place[2]] for place in self._places)


class Board:
    """Five panes of rows. Changing one ticket moves one row; nothing else is touched.

    A place is worked out when the row is put: clocks that count do so together, so their order stays. One that a
    status pauses falls back among them, and is put in its place again when its ticket changes.
    """

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}
        self._places: dict[Status, list[Place]] = {status: [] for status in Status}
        self._place_of: dict[int, tuple[Status, Place]] = {}
        self._only_assignee: int | None = None

    def pane(self, status: Status) -> PaneRows:
        """The rows of one status, worst first; it stays current as the board changes."""
        return PaneRows(self, status)

    def find(self, ticket_id: int) -> Row | None:
        """The row of a ticket, whether or not the filter shows it."""
        return self._rows.get(ticket_id)

    def __len__(self) -> int:
        return len(self._rows)

    def ids(self) -> list[int]:
        """The tickets on the board, whether or not the filter shows them."""
        return list(self._rows)

    def position(self, ticket_id: int) -> tuple[Status, int] | None:
        """The pane and the index at which a ticket stands; None where it is not shown."""
        placed = self._place_of.get(ticket_id)
        if placed is None:
            return None
        status, place = placed
        return status, bisect_left(self._places[status], place)

    @property
    def only_assignee(self) -> int | None:
        """Whose tickets alone are shown; None shows all."""
        return self._only_assignee

    def replace_all(self, rows: Iterable[Row], moment: Moment | None) -> None:
        """Start over with these rows."""
        self._rows.clear()
        self._rows.update((row.ticket.id, row) for row in rows)
        self._arrange(moment)

    def show_only(self, assignee_id: int | None, moment: Moment | None) -> None:
        """Show one assignee's tickets, or everybody's."""
        self._only_assignee = assignee_id
        self._arrange(moment)

    def put(self, row: Row, moment: Moment | None) -> None:
        """Add a row or put it in the place of the one that the ticket had."""
        ticket_id = row.ticket.id
        self._take_out(ticket_id)
        self._rows[ticket_id] = row
        if self._shows(row):
            place = place_of(row, moment)
            insort(self._places[row.ticket.status], place)
            self._place_of[ticket_id] = (row.ticket.status, place)

    def remove(self, ticket_id: int) -> None:
        """Take a ticket off the board."""
        self._take_out(ticket_id)
        self._rows.pop(ticket_id, None)

    def drop_long_closed(self, now: datetime, closed_days: int) -> list[int]:
        """Take off what was closed too long ago; the ids of those tickets."""
        gone = []
        for _, _, ticket_id in reversed(self._places[Status.CLOSED]):
            if is_in_scope(self._rows[ticket_id].ticket, now, closed_days):
                break
            gone.append(ticket_id)
        for ticket_id in gone:
            self.remove(ticket_id)
        return gone

    def _shows(self, row: Row) -> bool:
        return self._only_assignee is None or row.ticket.assignee_id == self._only_assignee

    def _take_out(self, ticket_id: int) -> None:
        placed = self._place_of.pop(ticket_id, None)
        if placed is not None:
            status, place = placed
            places = self._places[status]
            del places[bisect_left(places, place)]

    def _arrange(self, moment: Moment | None) -> None:
        self._place_of.clear()
        for places in self._places.values():
            places.clear()
        for ticket_id, row in self._rows.items():
            if self._shows(row):
                place = place_of(row, moment)
                self._places[row.ticket.status].append(place)
                self._place_of[ticket_id] = (row.ticket.status, place)
        for places in self._places.values():
            places.sort()
