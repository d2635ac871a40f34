"""The panes of a board that is filtered, re-sorted or grouped, with later changes merged into the answer."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final

from supporttui.domain.query.selection import BoardSelection, GroupBy, GroupKey
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.pane_index import HOUR_US, PAGE_SIZE, GroupHeader, PaneItem
from supporttui.presentation.board.pane_layout import PaneLoad
from supporttui.store.selected_tickets import Question, SelectedEntry, SelectedPane, SelectedTickets
from supporttui.store.selection_queries import SelectionQueries

PendingEntries = Callable[[Question], Iterable[SelectedEntry]]
"""Returns the tickets with pending changes as a question sees them after those are applied."""

PersonName = Callable[[int], OutsideText | None]

MANY_CHANGES: Final = 32
"""From this many changes on, the selection is repeated, since merging each change would cost more."""


class SelectedBoard:
    """The answer to a question as shown in the panes. Every method may raise `StoreProblem`.

    A ticket that has changed since, in the cache or by a pending change, is moved to its new position.
    """

    def __init__(
        self, queries: SelectionQueries, selected: SelectedTickets, pending: PendingEntries, name_of: PersonName
    ) -> None:
        self.selected = selected
        self.selection = selected.question.selection
        """The selection on show; its folded groups may change at any time."""
        self._queries = queries
        self._pending = pending
        self._name_of = name_of
        self._moved: dict[int, SelectedEntry] | None = None
        self._panes: dict[Status, SelectedIndex] = {}
        self._is_overrun = False

    def invalidate(self) -> None:
        """Note that the cache or the outbox has changed."""
        self._moved = None
        self._panes.clear()

    def fold(self, selection: BoardSelection) -> None:
        """Apply the folded groups of a selection that is otherwise the same."""
        self.selection = selection
        self._panes.clear()

    @property
    def is_outdated(self) -> bool:
        """Whether so much has changed since that the selection should be repeated."""
        moved = self._moved_entries()
        return (
            self._is_overrun or len(moved) > MANY_CHANGES or self._queries.people_changed_since(self.selected.revision)
        )

    def pane(self, status: Status) -> "SelectedIndex":
        """Return the tickets of one status."""
        if status not in self._panes:
            moved = self._moved_entries()
            added = [each for each in moved.values() if each.is_shown and each.status is status]
            pane = _PaneContent(self._queries, self.selected, status)
            pane.replace(moved.keys(), added)
            folded = {key for folded_in, key in self.selection.folded if folded_in is status}
            self._panes[status] = SelectedIndex(pane, folded, self._name_of)
        return self._panes[status]

    def position(self, ticket_id: TicketId) -> tuple[Status, int] | None:
        """Return the pane and the line of a ticket; None if it is not shown."""
        moved = [each for each in self._moved_entries().values() if each.ticket_id == ticket_id]
        for entry in moved or self._queries.entries_of(self.selected.question, [ticket_id]):
            for status in (entry.status, *(each for each in Status if each is not entry.status)):
                line = self.pane(status).line_of(entry.number)
                if line is not None:
                    return status, line
        return None

    @cached_property
    def found_ids(self) -> frozenset[TicketId]:
        """Return the tickets shown only because the desk's search found them."""
        found = set[TicketId]()
        numbers = list(self.selected.found_numbers)
        for at in range(0, len(numbers), PAGE_SIZE):
            page = self._queries.entries(self.selected.question, numbers[at : at + PAGE_SIZE])
            found.update(entry.ticket_id for entry in page.values())
        return frozenset(found)

    def _moved_entries(self) -> dict[int, SelectedEntry]:
        """Return the tickets that have changed since, by row number."""
        if self._moved is None:
            changed = self._queries.changed_since(self.selected.question, self.selected.revision)
            self._is_overrun = changed is None
            pending = self._pending(self.selected.question)
            self._moved = {each.number: each for each in (*(changed or ()), *pending)}
        return self._moved


@dataclass
class _Group:
    key: GroupKey
    count: int
    worst_key: int | None
    is_changed: bool = False


class _PaneContent:
    """The tickets of a pane in order, by their row numbers."""

    def __init__(self, queries: SelectionQueries, selected: SelectedTickets, status: Status) -> None:
        self.status = status
        self.question = selected.question
        self._queries = queries
        self._pane: SelectedPane = selected.panes[status]
        self.numbers = self._pane.numbers
        self.clock_keys = self._pane.clock_keys
        self.clock_numbers = self._pane.clock_numbers
        self.groups = [_Group(each.key, each.count, each.worst_key) for each in self._pane.groups]
        self._entries: dict[int, SelectedEntry] = {}

    def replace(self, removed: Iterable[int], added: Sequence[SelectedEntry]) -> None:
        """Remove the rows that are here, and insert entries at their positions."""
        moved = [*removed]
        if not moved:
            return
        self.numbers, self.clock_keys, self.clock_numbers = [*self.numbers], [*self.clock_keys], [*self.clock_numbers]
        for number in moved:
            self._take_out(number)
        for entry in added:
            self._put_in(entry)
        self._find_worst_keys()

    def entry(self, index: int) -> SelectedEntry | None:
        """Return the ticket at an index and read its neighbours ahead; None if it no longer exists."""
        number = self.numbers[index]
        if number not in self._entries:
            start = index - index % PAGE_SIZE
            page = [each for each in self.numbers[start : start + PAGE_SIZE] if each not in self._entries]
            self._entries |= self._queries.entries(self.question, page)
        return self._entries.get(number)

    def _take_out(self, number: int) -> None:
        if number in self.clock_numbers:
            at = self.clock_numbers.index(number)
            del self.clock_numbers[at], self.clock_keys[at]
        if number in self.numbers:
            index = self.numbers.index(number)
            if self.groups:
                self._count_in_group(self._group_at(index), -1)
            del self.numbers[index]

    def _put_in(self, entry: SelectedEntry) -> None:
        self._entries[entry.number] = entry
        index = self._index_for(entry)
        if self.question.selection.group_by is not None:
            self._add_to_group(entry, index)
        self.numbers.insert(index, entry.number)
        if entry.clock_key is not None:
            at = bisect_left(self.clock_keys, entry.clock_key)
            self.clock_keys.insert(at, entry.clock_key)
            self.clock_numbers.insert(at, entry.number)

    def _index_for(self, entry: SelectedEntry) -> int:
        """Return the position for an entry, by binary search that reads a few rows."""
        low, high = 0, len(self.numbers)
        while low < high:
            middle = (low + high) // 2
            number = self.numbers[middle]
            if number not in self._entries:
                self._entries |= self._queries.entries(self.question, [number])
            known = self._entries.get(number)
            if known is not None and known.order < entry.order:
                low = middle + 1
            else:
                high = middle
        return low

    def _group_at(self, index: int) -> int:
        """Return the index of the group of the ticket at an index."""
        ends = [*accumulate(group.count for group in self.groups)]
        return bisect_right(ends, index)

    def _add_to_group(self, entry: SelectedEntry, index: int) -> None:
        at = next((at for at, group in enumerate(self.groups) if group.key == entry.group), None)
        if at is None:
            starts = [0, *accumulate(group.count for group in self.groups)]
            at = bisect_left(starts, index)
            self.groups.insert(at, _Group(entry.group, 0, None))
        self._count_in_group(at, 1)

    def _count_in_group(self, at: int, change: int) -> None:
        self.groups[at].count += change
        self.groups[at].is_changed = True
        if not self.groups[at].count:
            del self.groups[at]

    def _find_worst_keys(self) -> None:
        """Update the worst sort keys of the groups that have changed."""
        starts = [0, *accumulate(group.count for group in self.groups)]
        for group, start in zip(self.groups, starts, strict=False):
            if group.is_changed:
                inside = {*self.numbers[start : start + group.count]}
                worst = next(filter(inside.__contains__, self.clock_numbers), None)
                group.worst_key = None if worst is None else self.clock_keys[self.clock_numbers.index(worst)]


class SelectedIndex:
    """The tickets and group headers of one pane by line."""

    def __init__(self, content: _PaneContent, folded: set[GroupKey], name_of: PersonName) -> None:
        self._content = content
        self._folded = folded
        self._name_of = name_of
        self._groups = content.groups
        self._starts = [0, *accumulate(group.count for group in self._groups)]
        self._lines = [0, *accumulate(1 + (0 if group.key in folded else group.count) for group in self._groups)]
        self.count = len(content.numbers)
        """The number of tickets, including those of folded groups."""
        self.line_count = self._lines[-1] if self._groups else self.count
        """The number of lines: visible tickets and group headers."""

    def items(self, lines: range) -> list[PaneItem]:
        """Return the items on these lines, as far as they still exist."""
        found = (self._item(line) for line in lines if 0 <= line < self.line_count)
        return [each for each in found if each is not None]

    def line_of(self, number: int) -> int | None:
        """Return the line of the ticket with this row number; None if it is not shown."""
        if number not in self._content.numbers:
            return None
        index = self._content.numbers.index(number)
        if not self._groups:
            return index
        at = bisect_right(self._starts, index) - 1
        if self._groups[at].key in self._folded:
            return None
        return self._lines[at] + 1 + index - self._starts[at]

    def headers(self) -> list[GroupHeader]:
        """Return the headers of all groups."""
        return [self._header(group) for group in self._groups]

    def group_line(self, key: GroupKey) -> int | None:
        """Return the line of a group's header; None if there is none."""
        found = (line for group, line in zip(self._groups, self._lines, strict=False) if group.key == key)
        return next(found, None)

    def worst_id(self) -> TicketId | None:
        """Return the ticket with the worst clock; None if none is open."""
        if not self._content.clock_numbers:
            return None
        entry = self._content.entry(self._content.numbers.index(self._content.clock_numbers[0]))
        return None if entry is None else entry.ticket_id

    def load(self, open_us: int | None) -> PaneLoad:
        """Return the pane's size and urgency, given the open time of the desk's calendar in µs; None if unknown."""
        keys = self._content.clock_keys
        if not keys or open_us is None:
            return PaneLoad(worst_key=keys[0] if keys else None, count=self.count)
        over = bisect_left(keys, open_us)
        return PaneLoad(over, bisect_left(keys, open_us + HOUR_US) - over, keys[0], self.count)

    def _item(self, line: int) -> PaneItem | None:
        index = line
        if self._groups:
            at = bisect_right(self._lines, line) - 1
            if line == self._lines[at]:
                return self._header(self._groups[at])
            index = self._starts[at] + line - self._lines[at] - 1
        entry = self._content.entry(index)
        return None if entry is None else entry.ticket_id

    def _header(self, group: _Group) -> GroupHeader:
        by = self._content.question.selection.group_by
        name = None
        if isinstance(group.key, str):
            name = OutsideText(group.key)
        elif group.key is not None and by is not GroupBy.SEVERITY:
            name = self._name_of(group.key)
        return GroupHeader(
            status=self._content.status,
            key=group.key,
            name=name,
            count=group.count,
            worst_key=group.worst_key,
            is_folded=group.key in self._folded,
        )
