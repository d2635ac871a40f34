"""The tickets of one pane by index, in the default order, read page by page."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

import msgspec

from supporttui.domain.board_order import OPEN_CLOCK_GROUP
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.pane_layout import PaneLoad
from supporttui.store.board_queries import BoardQueries, PaneEntry, PaneQuery

PAGE_SIZE: Final = 128
"""Entries of a pane per query."""

HOUR_US: Final = 3_600_000_000
"""An hour in microseconds, the unit of sort keys."""


class GroupHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The header line of a group of tickets."""

    status: Status
    key: int | str | None
    """Identifies the group: a person's id, an organisation's name or a severity; None for tickets without one."""
    name: OutsideText | None
    """The name of the people or the organisation; None for a severity and for tickets without one."""
    count: int
    worst_key: int | None
    """The sort key of the worst open clock; None if none is open."""
    is_folded: bool = False
    """Whether its tickets are hidden."""


PaneItem = TicketId | GroupHeader
"""The content of one line of a pane."""


class PaneIndex:
    """The entries of one pane by index, for one state of the cache and the outbox. Every method may raise StoreProblem.

    A ticket with a pending change is removed from the pages of the query and inserted at its position after the change.
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

    @property
    def line_count(self) -> int:
        """The number of lines; equal to the number of tickets."""
        return self.count

    def items(self, lines: range) -> list[PaneItem]:
        """Return the items on these lines, as far as they still exist."""
        found = (self.entry_at(index) for index in lines)
        return [entry.ticket_id for entry in found if entry is not None]

    def headers(self) -> list[GroupHeader]:
        """Return the headers of groups: always none."""
        return []

    def group_line(self, key: int | str | None) -> int | None:
        """Return the line of a group's header: always None."""
        return None

    def worst_id(self) -> TicketId | None:
        """Return the ticket with the worst clock; None if none is open."""
        entry = self.entry_at(0) if self.count else None
        return entry.ticket_id if entry is not None and entry.sort_group == OPEN_CLOCK_GROUP else None

    def load(self, open_us: int | None) -> PaneLoad:
        """Return the pane's size and urgency, given the open time of the desk's calendar in µs; None if unknown."""
        worst = self.entry_at(0) if self.count else None
        if worst is None or worst.sort_group != OPEN_CLOCK_GROUP:
            return PaneLoad(count=self.count)
        if open_us is None:
            return PaneLoad(worst_key=worst.sort_key, count=self.count)
        over = self.count_with_key_below(open_us)
        due = self.count_with_key_below(open_us + HOUR_US)
        return PaneLoad(over, due - over, worst.sort_key, self.count)

    def entry_at(self, index: int) -> PaneEntry | None:
        """Return the entry at an index; None if the cache has changed and it no longer exists."""
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
        """Return the index of an entry of the pane."""
        if entry in self._added:
            return self._added_at[self._added.index(entry)]
        index = self._stored_rank(entry) - bisect_left(self._removed, entry)
        for added_at in self._added_at:
            if added_at <= index:
                index += 1
        return index

    def count_with_key_below(self, key: int) -> int:
        """Return the number of tickets with an open clock and a sort key below this; they come first in the pane."""
        low, high, step = 0, self.count, 1
        while low < high:  # doubling steps: usually few match, so that later pages need not be read
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
