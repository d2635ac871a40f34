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
"""Rows that are kept; others are made again when they are looked at."""


class PaneRows(Sequence[Row]):
    """The lines of one pane in their order: a view of the board, not a copy.

    A line is a ticket, or where the pane is grouped the header of a group. Indexes are those of lines.
    """

    __slots__ = ("_board", "_status")

    def __init__(self, board: "Board", status: Status) -> None:
        self._board = board
        self._status = status

    @property
    def ticket_count(self) -> int:
        """How many tickets there are, also in groups that are folded."""
        return self._board.count(self._status)

    @property
    def is_filtered(self) -> bool:
        """Whether tickets of this status may be left out."""
        return self._board.is_filtered

    @property
    def total_count(self) -> int:
        """How many tickets there are, with those that are left out."""
        return self._board.total_count(self._status)

    def items(self, start: int = 0, stop: int | None = None) -> list[PaneItem]:
        """What stands on the lines from an index on and before another: tickets by their ids, and group headers."""
        return self._board.items(self._status, range(len(self))[start:stop])

    def item_at(self, index: int) -> PaneItem | None:
        """What stands on a line; None beyond the end."""
        found = self.items(index, index + 1)
        return found[0] if found else None

    def ids(self, start: int = 0, stop: int | None = None) -> list[TicketId]:
        """The tickets on the lines from an index on and before another, in their order, without their rows."""
        return [each for each in self.items(start, stop) if isinstance(each, TicketId)]

    def id_at(self, index: int) -> TicketId | None:
        """The ticket at an index; None beyond the end, and on a header."""
        found = self.ids(index, index + 1)
        return found[0] if found else None

    def find(self, ticket_id: TicketId | None) -> int | None:
        """The index at which a ticket stands here; None where it does not."""
        position = None if ticket_id is None else self._board.position(ticket_id)
        return position[1] if position is not None and position[0] is self._status else None

    def find_group(self, key: "GroupKey") -> int | None:
        """The line of the header of a group; None where there is none."""
        return self._board.group_line(self._status, key)

    def headers(self) -> list[GroupHeader]:
        """The headers of all groups; none where tickets are not grouped."""
        return self._board.headers(self._status)

    @property
    def worst(self) -> Row | None:
        """The row with the worst clock; None where no clock runs."""
        ticket_id = self._board.worst_id(self._status)
        return None if ticket_id is None else self._board.row(ticket_id)

    def load(self, open_us: int | None) -> PaneLoad:
        """How much is in the pane and how urgent it is, at so much open time of the desk's calendar; None: unknown."""
        return self._board.load(self._status, open_us)

    def at(self, index: int) -> Row | None:
        """The row at an index; None beyond the end, on a header, and where its ticket is not there any more."""
        ticket_id = self.id_at(index)
        return None if ticket_id is None else self._board.row(ticket_id)

    def row_of(self, ticket_id: TicketId) -> Row | None:
        """The row of a ticket, in this pane or not; None where the cache does not have it."""
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
    """Five panes over the cache. `invalidate` follows a change; what is asked for after it is read anew, once.

    Where the cache cannot be read, a pane stays as it was, and `reads` has the reason.
    """

    def __init__(
        self,
        queries: BoardQueries,
        reads: StoreReads,
        load_row: Callable[[TicketId], Row | None],
        pending: Callable[[], Mapping[TicketId, LocatedTicket]],
    ) -> None:
        """`pending` returns where the tickets with pending changes stand once those are applied."""
        self._queries = queries
        self._reads = reads
        self._load_row = load_row
        self._pending = pending
        self._panes: dict[Status, PaneIndex | SelectedIndex] = {}
        self._stale = set(Status)
        self._overlay: tuple[Mapping[TicketId, LocatedTicket], Mapping[TicketId, LocatedTicket]] | None = None
        self._rows: dict[TicketId, Row] = {}
        self._former_rows: dict[TicketId, Row] = {}
        """Rows to be made again: shown for as long as the disk refuses that."""
        self._only_assignee: int | None = None
        self._closed_since: datetime | None = None
        self._selected: SelectedBoard | None = None
        self._totals: dict[Status, int] = {}
        """Tickets of a status, whether or not they are shown."""

    def pane(self, status: Status) -> PaneRows:
        """The rows of one status, worst first; it stays current as the board changes."""
        return PaneRows(self, status)

    def invalidate(self, ticket_ids: Iterable[TicketId] | None = None) -> None:
        """The cache or the outbox has changed, and with that the rows of these tickets; of all where none are given."""
        self._stale = set(Status)
        self._overlay = None
        self._totals.clear()
        if self._selected is not None:
            self._selected.invalidate()
        stale = list(self._rows if ticket_ids is None else ticket_ids)
        self._former_rows = {each: self._rows.pop(each) for each in stale if each in self._rows}

    def show_closed_since(self, since: datetime) -> None:
        """Leave out what was closed before an instant."""
        self._closed_since = since
        self._stale.add(Status.CLOSED)

    @property
    def only_assignee(self) -> int | None:
        """Whose tickets alone are shown; None shows all."""
        return self._only_assignee

    def show_only(self, assignee_id: int | None) -> None:
        """Show one assignee's tickets, or everybody's."""
        for ticket_id in self.found_ids():
            self._rows.pop(ticket_id, None)
        self._only_assignee = assignee_id
        self._selected = None
        self._stale = set(Status)

    @property
    def selection(self) -> "BoardSelection | None":
        """What is shown now where that is filtered, sorted otherwise or grouped; None where it is not."""
        return None if self._selected is None else self._selected.selection

    @property
    def selected(self) -> "SelectedBoard | None":
        """The answer that is shown; None where nothing was asked."""
        return self._selected

    def show_selected(self, selected: "SelectedBoard") -> None:
        """Show the answer to a question."""
        former = self.found_ids()
        self._only_assignee = None
        self._selected = selected
        self._stale = set(Status)
        for ticket_id in former ^ self.found_ids():  # their rows say so
            self._rows.pop(ticket_id, None)

    def found_ids(self) -> frozenset[TicketId]:
        """The tickets that are shown only since the desk's own search has found them."""
        selected = self._selected
        return NO_IDS if selected is None else self._reads.tried(lambda: selected.found_ids, NO_IDS)

    # -- tickets --------------------------------------------------------------------------------------------------

    def row(self, ticket_id: TicketId) -> Row | None:
        """The row of a ticket, on the board or not; None where the cache does not have it, or cannot be read."""
        row = self._rows.get(ticket_id)
        if row is None:
            row = self._load_row(ticket_id)
            if row is not None:
                self.hold(row)
            elif self._reads.problem:
                return self._former_rows.get(ticket_id)
        return row

    def hold(self, row: Row) -> None:
        """Keep a row that was made for several tickets at once."""
        if len(self._rows) >= MAX_CACHED_ROWS:
            self._rows.clear()
        self._rows[row.ticket.id] = row

    @property
    def held_rows(self) -> Mapping[TicketId, Row]:
        """The rows that are kept, by ticket."""
        return self._rows

    def outdated_ids(self, now: datetime, desk: SupportCalendar) -> frozenset[TicketId]:
        """The kept rows whose worst clock may be another one by now; `desk` is the calendar of the desk."""
        return frozenset(
            ticket_id
            for ticket_id, row in self._rows.items()
            if worst_clock(row.clocks, now) is not row.clock or any(each.calendar is not desk for each in row.clocks)
        )

    def position(self, ticket_id: TicketId) -> tuple[Status, int] | None:
        """The pane and the index at which a ticket stands; None where it is not shown."""

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
        """The tickets whose clock has something left to wait for, whether or not the filter shows them."""

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
        """The tickets of a person that are not closed, the latest first."""

        def load() -> list[TicketId]:
            _, pending = self._overlaid()
            found = self._queries.open_ids_of(requester_id)
            return [each for each in found if each not in pending or pending[each].status is not Status.CLOSED]

        return self._reads.tried(load, [])

    # -- panes ----------------------------------------------------------------------------------------------------

    def count(self, status: Status) -> int:
        """How many tickets the pane shows."""
        return self._reads.tried(lambda: self._pane(status).count, 0)

    def line_count(self, status: Status) -> int:
        """How many lines the pane has."""
        return self._reads.tried(lambda: self._pane(status).line_count, 0)

    def items(self, status: Status, lines: range) -> list[PaneItem]:
        """What stands on these lines of the pane."""
        return self._reads.tried(lambda: self._pane(status).items(lines), [])

    def headers(self, status: Status) -> list[GroupHeader]:
        """The headers of all groups of the pane."""
        return self._reads.tried(lambda: self._pane(status).headers(), [])

    def group_line(self, status: Status, key: "GroupKey") -> int | None:
        """The line of the header of a group."""
        return self._reads.tried(lambda: self._pane(status).group_line(key), None)

    @property
    def is_filtered(self) -> bool:
        """Whether tickets may be left out."""
        return self._only_assignee is not None or (self._selected is not None and bool(self._selected.selection.query))

    def total_count(self, status: Status) -> int:
        """How many tickets of a status there are, with those that are not shown now."""
        if status not in self._totals:
            query = PaneQuery(status, None, self._closed_since)
            self._totals[status] = self._reads.tried(lambda: self._queries.count(query), 0)
        return self._totals[status]

    def worst_id(self, status: Status) -> TicketId | None:
        """The ticket of the pane with the worst clock; None where none is open."""
        return self._reads.tried(lambda: self._pane(status).worst_id(), None)

    def load(self, status: Status, open_us: int | None) -> PaneLoad:
        """How much is in a pane and how urgent it is, at so much open time of the desk's calendar; None: unknown."""
        return self._reads.tried(lambda: self._pane(status).load(open_us), NO_LOAD)

    def _query(self, status: Status) -> PaneQuery:
        return PaneQuery(status, self._only_assignee, self._closed_since)

    def _pane(self, status: Status) -> "PaneIndex | SelectedIndex":
        """The pane as it is now; as it was where it cannot be read. Raises StoreProblem where it never was."""
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
        """Where the tickets with pending changes stand in the cache, and where once those are applied.

        A ticket that stands where it did is in neither.
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
