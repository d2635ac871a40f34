"""The board: five panes of rows, read from the cache page by page, with pending changes applied."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, overload

from supporttui.domain.board import Row
from supporttui.domain.board_order import OPEN_CLOCK_GROUP
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.pane_layout import NO_LOAD, PaneLoad
from supporttui.presentation.store_reads import StoreReads
from supporttui.store.board_queries import BoardQueries, LocatedTicket, PaneEntry, PaneQuery

PAGE_SIZE: Final = 128
"""Entries of a pane that one query reads."""

MAX_CACHED_ROWS: Final = 2_000
"""Rows that are kept; others are made again when they are looked at."""


HOUR_US: Final = 3_600_000_000
"""An hour in microseconds, the unit of sort keys."""


class PaneIndex:
    """The entries of one pane by index, at one state of the cache and the outbox. Every method may raise StoreProblem.

    A ticket with a pending change is taken out of the pages of the query, and put in where it belongs once the change
    is applied.
    """

    def __init__(
        self, queries: BoardQueries, query: PaneQuery, removed: Iterable[PaneEntry], added: Iterable[PaneEntry]
    ) -> None:
        self._queries = queries
        self._query = query
        self._removed = sorted(removed)
        self._added = sorted(added)
        self._removed_at = [queries.rank(query, entry) for entry in self._removed]
        self._added_at = [
            queries.rank(query, entry) - bisect_left(self._removed, entry) + number
            for number, entry in enumerate(self._added)
        ]
        self._pages: dict[int, list[PaneEntry]] = {}
        self.count = queries.count(query) - len(self._removed) + len(self._added)

    def entry_at(self, index: int) -> PaneEntry | None:
        """The entry at an index; None where the cache has changed so that there is none any more."""
        added = bisect_left(self._added_at, index)
        if added < len(self._added_at) and self._added_at[added] == index:
            return self._added[added]
        stored = index - added
        for removed_at in self._removed_at:
            if removed_at <= stored:
                stored += 1
        number, offset = divmod(stored, PAGE_SIZE)
        if number not in self._pages:
            self._pages[number] = self._queries.page(self._query, number * PAGE_SIZE, PAGE_SIZE)
        page = self._pages[number]
        return page[offset] if offset < len(page) else None

    def index_of(self, entry: PaneEntry) -> int:
        """The index at which an entry of the pane is."""
        if entry in self._added:
            return self._added_at[self._added.index(entry)]
        index = self._stored_rank(entry) - bisect_left(self._removed, entry)
        for added_at in self._added_at:
            if added_at <= index:
                index += 1
        return index

    def count_with_key_below(self, key: int) -> int:
        """How many tickets have an open clock and a sort key below this one; they are the first of the pane."""
        low, high, step = 0, self.count, 1
        while low < high:  # doubling steps, since they are few: later pages need not be read
            index = min(low + step, high) - 1
            entry = self.entry_at(index)
            if entry is None or (entry.sort_group, entry.sort_key) >= (OPEN_CLOCK_GROUP, key):
                high = index
                step = max(1, step // 2)
            else:
                low = index + 1
                step *= 2
        return low

    def _stored_rank(self, entry: PaneEntry) -> int:
        for number, page in self._pages.items():
            at = bisect_left(page, entry)
            if at < len(page) and page[at] == entry:
                return number * PAGE_SIZE + at
        return self._queries.rank(self._query, entry)


class PaneRows(Sequence[Row]):
    """The rows of one pane in their order: a view of the board, not a copy."""

    __slots__ = ("_board", "_status")

    def __init__(self, board: "Board", status: Status) -> None:
        self._board = board
        self._status = status

    def ids(self, start: int = 0, stop: int | None = None) -> list[TicketId]:
        """The tickets from an index on and before another, in their order, without their rows."""
        return self._board.entries(self._status, range(len(self))[start:stop])

    def id_at(self, index: int) -> TicketId | None:
        """The ticket at an index; None beyond the end."""
        found = self.ids(index, index + 1)
        return found[0] if found else None

    def find(self, ticket_id: TicketId | None) -> int | None:
        """The index at which a ticket stands here; None where it does not."""
        position = None if ticket_id is None else self._board.position(ticket_id)
        return position[1] if position is not None and position[0] is self._status else None

    @property
    def worst(self) -> Row | None:
        """The row with the worst clock; None where no clock runs."""
        return self.at(0) if self._board.has_open_clock(self._status) else None

    def load(self, open_us: int | None) -> PaneLoad:
        """How much is in the pane and how urgent it is, at so much open time of the desk's calendar; None: unknown."""
        return self._board.load(self._status, open_us)

    def at(self, index: int) -> Row | None:
        """The row at an index; None beyond the end, and where its ticket is not there any more."""
        ticket_id = self.id_at(index)
        return None if ticket_id is None else self._board.row(ticket_id)

    def __len__(self) -> int:
        return self._board.count(self._status)

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
        self._panes: dict[Status, PaneIndex] = {}
        self._stale = set(Status)
        self._overlay: tuple[Mapping[TicketId, LocatedTicket], Mapping[TicketId, LocatedTicket]] | None = None
        self._rows: dict[TicketId, Row] = {}
        self._former_rows: dict[TicketId, Row] = {}
        """Rows to be made again: shown for as long as the disk refuses that."""
        self._only_assignee: int | None = None
        self._closed_since: datetime | None = None

    def pane(self, status: Status) -> PaneRows:
        """The rows of one status, worst first; it stays current as the board changes."""
        return PaneRows(self, status)

    def invalidate(self, ticket_ids: Iterable[TicketId] | None = None) -> None:
        """The cache or the outbox has changed, and with that the rows of these tickets; of all where none are given."""
        self._stale = set(Status)
        self._overlay = None
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
        self._only_assignee = assignee_id
        self._stale = set(Status)

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

    def position(self, ticket_id: TicketId) -> tuple[Status, int] | None:
        """The pane and the index at which a ticket stands; None where it is not shown."""

        def locate() -> tuple[Status, int] | None:
            located = self._overlaid()[1].get(ticket_id) or self._queries.locate([ticket_id]).get(ticket_id)
            if located is None or not self._query(located.status).shows(located):
                return None
            return located.status, self._pane(located.status).index_of(located.entry)

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

    def entries(self, status: Status, indexes: range) -> list[TicketId]:
        """The tickets at these indexes of the pane."""

        def load() -> list[TicketId]:
            pane = self._pane(status)
            found = (pane.entry_at(index) for index in indexes)
            return [entry.ticket_id for entry in found if entry is not None]

        return self._reads.tried(load, [])

    def has_open_clock(self, status: Status) -> bool:
        """Whether the first ticket of the pane has a clock that has not finished."""

        def load() -> bool:
            pane = self._pane(status)
            entry = pane.entry_at(0) if pane.count else None
            return entry is not None and entry.sort_group == OPEN_CLOCK_GROUP

        return self._reads.tried(load, False)

    def load(self, status: Status, open_us: int | None) -> PaneLoad:
        """How much is in a pane and how urgent it is, at so much open time of the desk's calendar; None: unknown."""

        def count() -> PaneLoad:
            pane = self._pane(status)
            worst = pane.entry_at(0) if pane.count else None
            if worst is None or worst.sort_group != OPEN_CLOCK_GROUP:
                return PaneLoad(count=pane.count)
            if open_us is None:
                return PaneLoad(worst_key=worst.sort_key, count=pane.count)
            over = pane.count_with_key_below(open_us)
            due = pane.count_with_key_below(open_us + HOUR_US)
            return PaneLoad(over, due - over, worst.sort_key, pane.count)

        return self._reads.tried(count, NO_LOAD)

    def _query(self, status: Status) -> PaneQuery:
        return PaneQuery(status, self._only_assignee, self._closed_since)

    def _pane(self, status: Status) -> PaneIndex:
        """The pane as it is now; as it was where it cannot be read. Raises StoreProblem where it never was."""
        if status in self._stale:
            before = self._panes.get(status)
            pane = self._reads.tried(lambda: self._read_pane(status), before) if before else self._read_pane(status)
            assert pane is not None
            self._panes[status] = pane
            self._stale.discard(status)
        return self._panes[status]

    def _read_pane(self, status: Status) -> PaneIndex:
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
