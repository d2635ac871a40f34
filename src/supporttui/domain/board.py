"""The board: every ticket in the pane of its status, worst clock first, kept in order as single tickets change."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, overload

import msgspec

from supporttui.domain.board_order import OPEN_CLOCK_GROUP, in_status_since, waiting_since
from supporttui.domain.instants import to_us
from supporttui.domain.pane_order import PaneOrder, pack_sort_key, sort_group_of
from supporttui.domain.patch import TicketPatch, apply_patch
from supporttui.domain.sla import Clock
from supporttui.domain.support_calendar import Moment
from supporttui.domain.ticket import Lifecycle, Status, Ticket

MAX_CACHED_ROWS: Final = 2_000
"""Rows that are kept where others can be made again."""

LoadRow = Callable[[int], "Row | None"]
"""Makes the row of a ticket that the board does not hold; None where there is no such ticket any more."""


class PendingMark(Enum):
    """What became of the changes that were decided here and that the desk has not confirmed."""

    NONE = "none"
    PENDING = "pending"
    PROBLEM = "problem"
    """One was refused, or nobody knows whether it was applied: a person decides."""


class PendingChange(msgspec.Struct, frozen=True, kw_only=True):
    """A patch that was decided here and that the desk has not confirmed."""

    at: datetime
    patch: TicketPatch
    has_problem: bool = False
    """It does not apply for now; the ticket stays as the desk has it."""


class Row(msgspec.Struct, frozen=True):
    """One ticket on the board, as it will be once the desk has taken what was decided."""

    ticket: Ticket
    clock: Clock
    mark: PendingMark = PendingMark.NONE
    is_unread: bool = False
    clocks: tuple[Clock, ...] = ()
    """All of its clocks, of which `clock` is the worst; empty where nobody needs them."""


def with_pending_changes(ticket: Ticket, decided: Iterable[PendingChange]) -> tuple[Ticket, PendingMark]:
    """The ticket with the pending changes on it, and how to mark it. It keeps the desk's version stamp."""
    mark = PendingMark.NONE
    for change in decided:
        if change.has_problem:
            mark = PendingMark.PROBLEM
            continue
        mark = PendingMark.PENDING if mark is PendingMark.NONE else mark
        ticket = apply_patch(ticket, change.patch, change.at)
    return ticket, mark


def has_unread_reply(ticket: Ticket, read_at: datetime | None) -> bool:
    """Whether the customer wrote after the description and nobody has looked at it or answered since."""
    wrote_at = ticket.customer_wrote_at
    if wrote_at is None or wrote_at <= ticket.created_at:
        return False
    seen = (ticket.replied_at, read_at)
    return all(at is None or at < wrote_at for at in seen)


def is_in_scope(ticket: Ticket, now: datetime, closed_days: int) -> bool:
    """Whether the ticket belongs on the board: unsolved, or closed within the last days."""
    if ticket.fate is not Lifecycle.LIVE:
        return False
    return ticket.status is not Status.CLOSED or now - in_status_since(ticket) <= timedelta(days=closed_days)


def sort_key_of(row: Row, moment: Moment | None) -> int:
    """The key of a row's place: running clocks by what is left, then waiting customers, then the longest in status.

    Closed tickets stand with the latest first. What is left is counted from the calendar's start, so that places
    worked out at different moments compare; None for a moment beyond the calendar's horizon.
    """
    ticket = row.ticket
    if ticket.status is Status.CLOSED:
        return pack_sort_key(3, -to_us(in_status_since(ticket)))
    left_us = row.clock.remaining_us(moment) if moment is not None else None
    if left_us is not None and moment is not None:
        return pack_sort_key(OPEN_CLOCK_GROUP, left_us + moment.open_us)
    since = waiting_since(ticket)
    if ticket.status is Status.OPEN and since is not None:
        return pack_sort_key(1, to_us(since))
    return pack_sort_key(2, to_us(in_status_since(ticket)))


class PaneRows(Sequence[Row]):
    """The rows of one pane in their order: a view of the board, not a copy."""

    __slots__ = ("_board", "_status")

    def __init__(self, board: "Board", status: Status) -> None:
        self._board = board
        self._status = status

    @property
    def ids(self) -> Sequence[int]:
        """The tickets in their order, without their rows."""
        return self._board._shown[self._status].ids

    def find(self, ticket_id: int) -> int | None:
        """The index at which a ticket stands here; None where it does not."""
        position = self._board.position(ticket_id)
        return position[1] if position is not None and position[0] is self._status else None

    @property
    def worst(self) -> Row | None:
        """The row with the worst clock; None where no clock runs."""
        keys = self._board._shown[self._status].keys
        return self.at(0) if len(keys) and sort_group_of(keys[0]) == OPEN_CLOCK_GROUP else None

    def at(self, index: int) -> Row | None:
        """The row at an index; None beyond the end, and where its ticket is not there any more."""
        return self._board._row(self.ids[index]) if index < len(self.ids) else None

    def __len__(self) -> int:
        return len(self._board._shown[self._status])

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [row for row in map(self._board._row, self.ids[index]) if row is not None]
        row = self._board._row(self.ids[index])
        if row is None:
            raise IndexError(f"#{self.ids[index]} is not there any more")
        return row

    def __iter__(self) -> Iterator[Row]:
        return (row for row in map(self._board._row, self.ids) if row is not None)


class Board:
    """Five panes of rows. Changing one ticket moves one row; nothing else is touched.

    A place is worked out when the row is put: clocks that count do so together, so their order stays. One that a
    status pauses falls back among them, and is put in its place again when its ticket changes.

    What is kept of every ticket is its place. Rows are made by `load_row` when they are looked at, where it is given.
    """

    def __init__(self, load_row: LoadRow | None = None) -> None:
        self._load_row = load_row
        self._rows: dict[int, Row] = {}
        self._panes = {status: PaneOrder() for status in Status}
        self._shown = self._panes
        self._where: dict[int, tuple[Status, int]] | None = {}
        """The pane and the key of every ticket; None until it is needed after `restore`."""
        self._only_assignee: int | None = None

    def pane(self, status: Status) -> PaneRows:
        """The rows of one status, worst first; it stays current as the board changes."""
        return PaneRows(self, status)

    def find(self, ticket_id: int) -> Row | None:
        """The row of a ticket, whether or not the filter shows it."""
        return self._row(ticket_id) if ticket_id in self._position_by_ticket() else None

    def __len__(self) -> int:
        return sum(map(len, self._panes.values()))

    def ids(self) -> list[int]:
        """The tickets on the board, whether or not the filter shows them."""
        return [ticket_id for places in self._panes.values() for ticket_id in places.ids]

    def ids_with_open_clock(self) -> list[int]:
        """The tickets whose clock has something left to wait for, whether or not the filter shows them."""
        found: list[int] = []
        for status, places in self._panes.items():
            if status is not Status.CLOSED:
                found += places.ids[: places.index(pack_sort_key(OPEN_CLOCK_GROUP + 1, -(1 << 62)), -1)]
        return found

    def open_ids_of(self, requester_id: int) -> list[int]:
        """The tickets of a person that are not closed."""
        panes = (places for status, places in self._panes.items() if status is not Status.CLOSED)
        return [ticket_id for places in panes for ticket_id in places.of_requester(requester_id)]

    def position(self, ticket_id: int) -> tuple[Status, int] | None:
        """The pane and the index at which a ticket stands; None where it is not shown."""
        placed = self._position_by_ticket().get(ticket_id)
        if placed is None:
            return None
        status, key = placed
        shown = self._shown[status]
        return (status, shown.index(key, ticket_id)) if shown.holds(key, ticket_id) else None

    @property
    def only_assignee(self) -> int | None:
        """Whose tickets alone are shown; None shows all."""
        return self._only_assignee

    def replace_all(self, rows: Iterable[Row], moment: Moment | None) -> None:
        """Start over with these rows."""
        arranged: dict[Status, list[tuple[int, int, int | None, int]]] = defaultdict(list)
        self._rows, where = {}, dict[int, tuple[Status, int]]()
        for row in rows:
            ticket, key = row.ticket, sort_key_of(row, moment)
            arranged[ticket.status].append((key, ticket.id, ticket.assignee_id, ticket.requester_id))
            where[ticket.id] = (ticket.status, key)
            if self._load_row is None or len(self._rows) < MAX_CACHED_ROWS:
                self._rows[ticket.id] = row
        self._panes = {status: PaneOrder() for status in Status}
        for status, entries in arranged.items():
            self._panes[status].extend(entries)
        self._where = where
        self.show_only(self._only_assignee)

    def restore(self, panes: Mapping[Status, PaneOrder]) -> None:
        """Start over with places that were worked out before."""
        self._rows, self._panes, self._where = {}, dict(panes), None
        self.show_only(self._only_assignee)

    @property
    def places(self) -> Mapping[Status, PaneOrder]:
        """The places of all panes, for `restore`; not to be changed."""
        return self._panes

    def show_only(self, assignee_id: int | None) -> None:
        """Show one assignee's tickets, or everybody's."""
        self._only_assignee = assignee_id
        self._shown = self._panes
        if assignee_id is not None:
            self._shown = {status: places.of_assignee(assignee_id) for status, places in self._panes.items()}

    def put(self, row: Row, moment: Moment | None) -> None:
        """Add a row or put it in the place of the one that the ticket had."""
        ticket, key = row.ticket, sort_key_of(row, moment)
        self._take_out(ticket.id)
        if self._load_row is None or ticket.id in self._rows:
            self._rows[ticket.id] = row
        self._position_by_ticket()[ticket.id] = (ticket.status, key)
        self._panes[ticket.status].insert(key, ticket.id, ticket.assignee_id, ticket.requester_id)
        if self._shown is not self._panes and ticket.assignee_id == self._only_assignee:
            self._shown[ticket.status].insert(key, ticket.id, ticket.assignee_id, ticket.requester_id)

    def remove(self, ticket_id: int) -> None:
        """Take a ticket off the board."""
        self._take_out(ticket_id)
        self._rows.pop(ticket_id, None)

    def hold(self, row: Row) -> None:
        """Keep the row of a ticket that is on the board, as if it had been made by `load_row`."""
        self._rows[row.ticket.id] = row

    def drop_long_closed(self, now: datetime, closed_days: int) -> list[int]:
        """Take off what was closed too long ago; the ids of those tickets."""
        gone = []
        for ticket_id in reversed(self._panes[Status.CLOSED].ids):
            row = self._row(ticket_id)
            if row is not None and is_in_scope(row.ticket, now, closed_days):
                break
            gone.append(ticket_id)
        self._panes[Status.CLOSED].drop_last(len(gone))
        for ticket_id in gone:
            self._rows.pop(ticket_id, None)
            if self._where is not None:
                self._where.pop(ticket_id, None)
        if gone:
            self.show_only(self._only_assignee)
        return gone

    def _row(self, ticket_id: int) -> Row | None:
        """The row of a ticket; None where another window has begun the local copy anew, until that is noticed."""
        row = self._rows.get(ticket_id)
        if row is None and self._load_row is not None:
            row = self._load_row(ticket_id)
            if row is not None:
                if len(self._rows) >= MAX_CACHED_ROWS:
                    self._rows.clear()
                self._rows[ticket_id] = row
        return row

    def _take_out(self, ticket_id: int) -> None:
        placed = self._position_by_ticket().pop(ticket_id, None)
        if placed is None:
            return
        status, key = placed
        if self._shown is not self._panes and self._shown[status].holds(key, ticket_id):
            self._shown[status].remove(key, ticket_id)
        self._panes[status].remove(key, ticket_id)

    def _position_by_ticket(self) -> dict[int, tuple[Status, int]]:
        if self._where is None:
            self._where = {
                ticket_id: (status, key)
                for status, places in self._panes.items()
                for ticket_id, key in zip(places.ids, places.keys, strict=True)
            }
        return self._where
