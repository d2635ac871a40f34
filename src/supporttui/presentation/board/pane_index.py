"""The tickets of one pane by their index, as the board shows them unless told otherwise: read page by page."""

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
"""Entries of a pane that one query reads."""

HOUR_US: Final = 3_600_000_000
"""An hour in microseconds, the unit of sort keys."""


class GroupHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The line above tickets that stand together."""

    status: Status
    key: int | str | None
    """A person's id, an organisation's name or a severity, by which the group is folded; None for those without."""
    name: OutsideText | None
    """What the people or the organisation are called; None for a severity, and where nobody is."""
    count: int
    worst_key: int | None
    """The sort key of the worst open clock; None where none is open."""
    is_folded: bool = False
    """Its tickets are not shown."""


PaneItem = TicketId | GroupHeader
"""What stands on one line of a pane."""


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

    @property
    def line_count(self) -> int:
        """How many lines of tickets there are; here as many as tickets."""
        return self.count

    def items(self, lines: range) -> list[PaneItem]:
        """What stands on these lines, as far as it is still there."""
        found = (self.entry_at(index) for index in lines)
        return [entry.ticket_id for entry in found if entry is not None]

    def headers(self) -> list[GroupHeader]:
        """The headers of groups; here there are none."""
        return []

    def group_line(self, key: int | str | None) -> int | None:
        """The line of the header of a group; here there is none."""
        return None

    def worst_id(self) -> TicketId | None:
        """The ticket with the worst clock; None where none is open."""
        entry = self.entry_at(0) if self.count else None
        return entry.ticket_id if entry is not None and entry.sort_group == OPEN_CLOCK_GROUP else None

    def load(self, open_us: int | None) -> PaneLoad:
        """How much there is and how urgent it is, at so much open time of the desk's calendar; None: unknown."""
        worst = self.entry_at(0) if self.count else None
        if worst is None or worst.sort_group != OPEN_CLOCK_GROUP:
            return PaneLoad(count=self.count)
        if open_us is None:
            return PaneLoad(worst_key=worst.sort_key, count=self.count)
        over = self.count_with_key_below(open_us)
        due = self.count_with_key_below(open_us + HOUR_US)
        return PaneLoad(over, due - over, worst.sort_key, self.count)

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
