"""The board: five panes of rows, read from the cache page by page, with pending changes applied."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, overload

from supporttui.domain.board import Row
from supporttui.domain.board_order import OPEN_CLOCK_GROUP
from supporttui.domain.sla import worst_clock
from supporttui.domain.support_calendar import SupportCalendar
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.pane_index import PAGE_SIZE, GroupHeader, PaneIndex, PaneItem
from supporttui.presentation.board.pane_layout import NO_LOAD, PaneLoad
from supporttui.presentation.store_reads import StoreReads
from supporttui.store.board_queries import BoardQueries, LocatedTicket, PaneQuery

if TYPE_CHECKING:
    from supporttui.domain.query.selection import BoardSelection, GroupKey
    from supporttui.presentation.board.selected_board import SelectedBoard, SelectedIndex

__all__ = ["PAGE_SIZE", "Board", "GroupHeader", "PaneItem", "PaneRows"]

NO_IDS: Final = frozenset[TicketId]()
MAX_CACHED_ROWS: Final = 2_000
"""The number of rows kept in memory; others are rebuilt when shown."""


class PaneRows(Sequence[Row]):
    """The lines of one pane in order: a live view of the board, not a copy.

    A line is a ticket or, in a grouped pane, a group header. Indexes count lines.
    """

    __slots__ = ("_board", "_status")

    def __init__(self, board: "Board", status: Status) -> None:
        self._board = board
        self._status = status

    @property
    def ticket_count(self) -> int:
        """The number of tickets, including those in folded groups."""
        return self._board.count(self._status)

    @property
    def is_filtered(self) -> bool:
        """Whether tickets of this status may be hidden."""
        return self._board.is_filtered

    @property
    def total_count(self) -> int:
        """The number of tickets, including hidden ones."""
        return self._board.total_count(self._status)

    def items(self, start: int = 0, stop: int | None = None) -> list[PaneItem]:
        """Return the items on lines `start` to `stop`, exclusive: ticket ids and group headers."""
        return self._board.items(self._status, range(len(self))[start:stop])

    def item_at(self, index: int) -> PaneItem | None:
        """Return the item on a line; None beyond the end."""
        found = self.items(index, index + 1)
        return found[0] if found else None

    def ids(self, start: int = 0, stop: int | None = None) -> list[TicketId]:
        """Return the ids of the tickets on lines `start` to `stop`, exclusive, in order, without loading rows."""
        return [each for each in self.items(start, stop) if isinstance(each, TicketId)]

    def id_at(self, index: int) -> TicketId | None:
        """Return the ticket at an index; None beyond the end and for a header."""
        found = self.ids(index, index + 1)
        return found[0] if found else None

    def find(self, ticket_id: TicketId | None) -> int | None:
        """Return the index of a ticket; None if it is not in this pane."""
        position = None if ticket_id is None else self._board.position(ticket_id)
        return position[1] if position is not None and position[0] is self._status else None

    def find_group(self, key: "GroupKey") -> int | None:
        """Return the line of a group's header; None if there is none."""
        return self._board.group_line(self._status, key)

    def headers(self) -> list[GroupHeader]:
        """Return the headers of all groups; none if tickets are not grouped."""
        return self._board.headers(self._status)

    @property
    def worst(self) -> Row | None:
        """Return the row with the worst clock; None if no clock runs."""
        ticket_id = self._board.worst_id(self._status)
        return None if ticket_id is None else self._board.row(ticket_id)

    def load(self, open_us: int | None) -> PaneLoad:
        """Return the pane's size and urgency, given the open time of the desk's calendar in µs; None if unknown."""
        return self._board.load(self._status, open_us)

    def at(self, index: int) -> Row | None:
        """Return the row at an index; None beyond the end, for a header, and if the ticket is gone."""
        ticket_id = self.id_at(index)
        return None if ticket_id is None else self._board.row(ticket_id)

    def row_of(self, ticket_id: TicketId) -> Row | None:
        """Return the row of a ticket, in this pane or not; None if the cache does not have it."""
        return self._board.row(ticket_id)

    def __len__(self) -> int:
        return self._board.line_count(self._status)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [row for row in map(self._board.row, self.ids(index.start or 0, index.stop)) if row is not None]
        row = self.at(index)
        if row is None:
            raise IndexError(f"no ticket at {index}")
        return row

    def __iter__(self) -> Iterator[Row]:
        return iter(self[:])


class Board:
    """Five panes over the cache. Call `invalidate` after a change; later accesses read the new state once.

    If the cache cannot be read, a pane keeps its last state and `reads` has the reason.
    """

    def __init__(
        self,
        queries: BoardQueries,
        reads: StoreReads,
        load_row: Callable[[TicketId], Row | None],
        pending: Callable[[], Mapping[TicketId, LocatedTicket]],
    ) -> None:
        """`pending` returns the positions of tickets with pending changes after those are applied."""
        self._queries = queries
        self._reads = reads
        self._load_row = load_row
        self._pending = pending
        self._panes: dict[Status, PaneIndex | SelectedIndex] = {}
        self._stale = set(Status)
        self._overlay: tuple[Mapping[TicketId, LocatedTicket], Mapping[TicketId, LocatedTicket]] | None = None
        self._rows: dict[TicketId, Row] = {}
        self._former_rows: dict[TicketId, Row] = {}
        """Outdated rows, shown until they can be rebuilt from disk."""
        self._only_assignee: int | None = None
        self._closed_since: datetime | None = None
        self._selected: SelectedBoard | None = None
        self._totals: dict[Status, int] = {}
        """The number of tickets by status, shown or not."""

    def pane(self, status: Status) -> PaneRows:
        """Return the rows of one status, worst first; they stay current as the board changes."""
        return PaneRows(self, status)

    def invalidate(self, ticket_ids: Iterable[TicketId] | None = None) -> None:
        """Mark the board as changed, and with it the rows of these tickets, or of all if None."""
        self._stale = set(Status)
        self._overlay = None
        self._totals.clear()
        if self._selected is not None:
            self._selected.invalidate()
        stale = list(self._rows if ticket_ids is None else ticket_ids)
        self._former_rows = {each: self._rows.pop(each) for each in stale if each in self._rows}

    def show_closed_since(self, since: datetime) -> None:
        """Hide tickets that were closed before an instant."""
        self._closed_since = since
        self._stale.add(Status.CLOSED)

    @property
    def only_assignee(self) -> int | None:
        """The assignee whose tickets alone are shown; None shows all."""
        return self._only_assignee

    def show_only(self, assignee_id: int | None) -> None:
        """Show one assignee's tickets, or everybody's if None."""
        for ticket_id in self.found_ids():
            self._rows.pop(ticket_id, None)
        self._only_assignee = assignee_id
        self._selected = None
        self._stale = set(Status)

    @property
    def selection(self) -> "BoardSelection | None":
        """The selection on show; None if the board is neither filtered, re-sorted nor grouped."""
        return None if self._selected is None else self._selected.selection

    @property
    def selected(self) -> "SelectedBoard | None":
        """The answer on show; None if there is no selection."""
        return self._selected

    def show_selected(self, selected: "SelectedBoard") -> None:
        """Show the answer to a question."""
        former = self.found_ids()
        self._only_assignee = None
        self._selected = selected
        self._stale = set(Status)
        for ticket_id in former ^ self.found_ids():  # their rows show it
            self._rows.pop(ticket_id, None)

    def found_ids(self) -> frozenset[TicketId]:
        """The tickets shown only because the desk's own search found them."""
        selected = self._selected
        return NO_IDS if selected is None else self._reads.tried(lambda: selected.found_ids, NO_IDS)

    # -- tickets --------------------------------------------------------------------------------------------------

    def row(self, ticket_id: TicketId) -> Row | None:
        """Return the row of a ticket, on the board or not; None if the cache does not have it or cannot be read."""
        row = self._rows.get(ticket_id)
        if row is None:
            row = self._load_row(ticket_id)
            if row is not None:
                self.hold(row)
            elif self._reads.problem:
                return self._former_rows.get(ticket_id)
        return row

    def hold(self, row: Row) -> None:
        """Keep a row that was built together with others."""
        if len(self._rows) >= MAX_CACHED_ROWS:
            self._rows.clear()
        self._rows[row.ticket.id] = row

    @property
    def held_rows(self) -> Mapping[TicketId, Row]:
        """The rows kept in memory, by ticket."""
        return self._rows

    def outdated_ids(self, now: datetime, desk: SupportCalendar) -> frozenset[TicketId]:
        """Return the kept rows whose worst clock may have changed by `now`; `desk` is the desk's calendar."""
        return frozenset(
            ticket_id
            for ticket_id, row in self._rows.items()
            if worst_clock(row.clocks, now) is not row.clock or any(each.calendar is not desk for each in row.clocks)
        )

    def position(self, ticket_id: TicketId) -> tuple[Status, int] | None:
        """Return the pane and index of a ticket; None if it is not shown."""

        def locate() -> tuple[Status, int] | None:
            if self._selected is not None:
                return self._selected.position(ticket_id)
            located = self._overlaid()[1].get(ticket_id) or self._queries.locate([ticket_id]).get(ticket_id)
            if located is None or not self._query(located.status).shows(located):
                return None
            pane = self._pane(located.status)
            assert isinstance(pane, PaneIndex)
            return located.status, pane.index_of(located.entry)

        return self._reads.tried(locate, None)

    def ids_with_open_clock(self) -> list[TicketId]:
        """Return the tickets whose clock can still change, whether or not the filter shows them."""

        def load() -> list[TicketId]:
            _, pending = self._overlaid()
            found = [each for each in self._queries.ids_with_open_clock() if each not in pending]
            return found + [
                ticket_id
                for ticket_id, located in pending.items()
                if located.is_live and located.entry.sort_group == OPEN_CLOCK_GROUP
            ]

        return self._reads.tried(load, [])

    def open_ids_of(self, requester_id: int) -> list[TicketId]:
        """Return a person's tickets that are not closed, the latest first."""

        def load() -> list[TicketId]:
            _, pending = self._overlaid()
            found = self._queries.open_ids_of(requester_id)
            return [each for each in found if each not in pending or pending[each].status is not Status.CLOSED]

        return self._reads.tried(load, [])

    # -- panes ----------------------------------------------------------------------------------------------------

    def count(self, status: Status) -> int:
        """Return the number of tickets that the pane shows."""
        return self._reads.tried(lambda: self._pane(status).count, 0)

    def line_count(self, status: Status) -> int:
        """Return the number of lines of the pane."""
        return self._reads.tried(lambda: self._pane(status).line_count, 0)

    def items(self, status: Status, lines: range) -> list[PaneItem]:
        """Return the items on these lines of the pane."""
        return self._reads.tried(lambda: self._pane(status).items(lines), [])

    def headers(self, status: Status) -> list[GroupHeader]:
        """Return the headers of all groups of the pane."""
        return self._reads.tried(lambda: self._pane(status).headers(), [])

    def group_line(self, status: Status, key: "GroupKey") -> int | None:
        """Return the line of a group's header."""
        return self._reads.tried(lambda: self._pane(status).group_line(key), None)

    @property
    def is_filtered(self) -> bool:
        """Whether tickets may be hidden."""
        return self._only_assignee is not None or (self._selected is not None and bool(self._selected.selection.query))

    def total_count(self, status: Status) -> int:
        """Return the number of tickets of a status, including hidden ones."""
        if status not in self._totals:
            query = PaneQuery(status, None, self._closed_since)
            self._totals[status] = self._reads.tried(lambda: self._queries.count(query), 0)
        return self._totals[status]

    def worst_id(self, status: Status) -> TicketId | None:
        """Return the ticket of the pane with the worst clock; None if none is open."""
        return self._reads.tried(lambda: self._pane(status).worst_id(), None)

    def load(self, status: Status, open_us: int | None) -> PaneLoad:
        """Return a pane's size and urgency, given the open time of the desk's calendar in µs; None if unknown."""
        return self._reads.tried(lambda: self._pane(status).load(open_us), NO_LOAD)

    def _query(self, status: Status) -> PaneQuery:
        return PaneQuery(status, self._only_assignee, self._closed_since)

    def _pane(self, status: Status) -> "PaneIndex | SelectedIndex":
        """The current pane, or its last state if it cannot be read. Raises StoreProblem if it was never read."""
        if status in self._stale:
            before = self._panes.get(status)
            pane = self._reads.tried(lambda: self._read_pane(status), before) if before else self._read_pane(status)
            assert pane is not None
            self._panes[status] = pane
            self._stale.discard(status)
        return self._panes[status]

    def _read_pane(self, status: Status) -> "PaneIndex | SelectedIndex":
        if self._selected is not None:
            return self._selected.pane(status)
        stored, pending = self._overlaid()
        query = self._query(status)
        removed = [located.entry for located in stored.values() if query.shows(located)]
        added = [located.entry for located in pending.values() if query.shows(located)]
        return PaneIndex(self._queries, query, removed, added)

    def _overlaid(self) -> tuple[Mapping[TicketId, LocatedTicket], Mapping[TicketId, LocatedTicket]]:
        """The positions of tickets with pending changes, in the cache and after those changes.

        A ticket whose position stays the same is in neither.
        """
        if self._overlay is None:
            pending = dict(self._pending())
            stored = self._queries.locate(pending) if pending else {}
            moved = [ticket_id for ticket_id, located in pending.items() if stored.get(ticket_id) != located]
            self._overlay = (
                {ticket_id: stored[ticket_id] for ticket_id in moved if ticket_id in stored},
                {ticket_id: pending[ticket_id] for ticket_id in moved},
            )
        return self._overlay
