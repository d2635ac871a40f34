"""The part of a pane that is in view, and the cursor's ticket, while the list changes."""

from collections.abc import Sequence

from supporttui.domain.board import Row
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.loaded_board import PaneRows
from supporttui.presentation.board.pane_index import GroupHeader, PaneItem

LineKey = TicketId | tuple[Status, int | str | None]
"""Identifies a line across changes: its ticket, or the status and key of the group whose header it is."""

ShownLine = Row | GroupHeader | None
"""A ticket, a group header, or an empty line."""


def key_of(item: PaneItem) -> LineKey:
    """Return the key that identifies an item's line."""
    return (item.status, item.key) if isinstance(item, GroupHeader) else item


class ListedRows:
    """The lines of a pane as listed: one that has left may be kept at its position, or all may be frozen."""

    def __init__(self, rows: PaneRows) -> None:
        self.rows = rows
        self._frozen: list[PaneItem] | None = None
        self._kept: tuple[int, TicketId] | None = None
        self._has_left: dict[TicketId, bool] = {}

    @property
    def is_frozen(self) -> bool:
        """Whether arrivals, removals and changes of order are held back."""
        return self._frozen is not None

    @property
    def kept_index(self) -> int | None:
        """The index of the row that has left the pane and is still listed; None if there is none."""
        return None if self._kept is None else self._kept[0]

    def freeze(self) -> None:
        """Keep the current list until `thaw`."""
        self._frozen = self.items()
        self._kept = None

    def thaw(self) -> None:
        """List the current contents of the pane."""
        self._frozen = self._kept = None

    def keep(self, index: int, ticket_id: TicketId) -> None:
        """Keep listing a ticket that has left the pane, at this index."""
        self._kept = (index, ticket_id)

    def drop_kept(self) -> None:
        """Stop listing the ticket that has left."""
        self._kept = None

    def __len__(self) -> int:
        if self._frozen is not None:
            return len(self._frozen)
        return len(self.rows) + (self._kept is not None)

    def items(self, start: int = 0, stop: int | None = None) -> list[PaneItem]:
        """Return the items on lines `start` to `stop`, exclusive; to the end if None."""
        stop = len(self) if stop is None else stop
        if self._frozen is not None:
            return self._frozen[start:stop]
        if self._kept is None or self._kept[0] >= stop:
            return self.rows.items(start, stop)
        index, ticket_id = self._kept
        if index < start:
            return self.rows.items(start - 1, stop - 1)
        return [*self.rows.items(start, index), ticket_id, *self.rows.items(index, stop - 1)]

    def ids(self) -> list[TicketId]:
        """Return all listed tickets."""
        return [each for each in self.items() if isinstance(each, TicketId)]

    def key_at(self, index: int) -> LineKey | None:
        """Return the key of the line at an index; None beyond the ends."""
        found = self.items(index, index + 1) if index >= 0 else ()
        return key_of(found[0]) if found else None

    def find(self, key: LineKey | None) -> int | None:
        """Return the index of a ticket or a group's header; None if it is not listed."""
        if key is None:
            return None
        if self._frozen is not None:
            return next((index for index, each in enumerate(self._frozen) if key_of(each) == key), None)
        if self._kept is not None and self._kept[1] == key:
            return self._kept[0]
        found = self.rows.find(key) if isinstance(key, TicketId) else self.rows.find_group(key[1])
        is_below = found is not None and self._kept is not None and found >= self._kept[0]
        return found + 1 if found is not None and is_below else found

    def has_left(self, ticket_id: TicketId) -> bool:
        """Whether a listed ticket is no longer in the pane."""
        if self._frozen is None:
            return self._kept is not None and self._kept[1] == ticket_id
        if ticket_id not in self._has_left:
            self._has_left[ticket_id] = self.rows.find(ticket_id) is None
        return self._has_left[ticket_id]

    def changed(self) -> None:
        """Note that the pane has changed, so that what has left it is determined again."""
        self._has_left.clear()


class Viewport:
    """A window onto the rows of a pane. The cursor follows its ticket, and the rows in view keep their lines.

    In the focused pane, rows move only in response to keys: the cursor's ticket keeps its line on the screen, there may
    be empty lines above and below the list, and a ticket that leaves the pane is listed until the cursor moves off it.
    In other panes, a list that has not been scrolled shows arrivals at its top.
    """

    def __init__(self, rows: PaneRows, *, has_cursor: bool = True) -> None:
        self.rows = rows
        self.listed = ListedRows(rows)
        self.top = 0
        """The index of the first row in view; negative if there are empty lines above the list."""
        self.cursor = 0
        self.cursor_key: LineKey | None = None
        self.room = 0
        """The number of rows that fit."""
        self.arrived_above = 0
        """Rows that have arrived above those in view since the list was last scrolled up to them."""
        self._has_cursor = has_cursor
        self._in_view: list[LineKey] = []

    @property
    def cursor_id(self) -> TicketId | None:
        """The ticket under the cursor; None on a header and in an empty pane."""
        return self.cursor_key if isinstance(self.cursor_key, TicketId) else None

    @cursor_id.setter
    def cursor_id(self, ticket_id: TicketId | None) -> None:
        self.cursor_key = ticket_id

    @property
    def cursor_slot(self) -> int | None:
        """The cursor's distance in rows from the first row in view; None if it is out of view."""
        slot = self.cursor - self.top
        return slot if self._has_cursor and len(self.listed) and 0 <= slot < self.room else None

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor; None in an empty pane."""
        return self.row_of(self.cursor_id) if self._has_cursor else None

    @property
    def above(self) -> int:
        """The number of rows above those in view."""
        return max(0, self.top)

    @property
    def below(self) -> int:
        """The number of rows below those in view."""
        return max(0, len(self.listed) - self.top - self.room)

    @property
    def blank(self) -> int:
        """The number of empty lines above the list."""
        return max(0, -self.top)

    def visible(self) -> Sequence[Row]:
        """The rows in view."""
        return [row for row in self.lines() if isinstance(row, Row)]

    def lines(self) -> list[ShownLine]:
        """Return the lines in view from the top, with None for an empty line above the list."""
        shown: list[ShownLine] = [None] * min(self.blank, self.room)
        in_view = self.listed.items(self.above, max(0, self.top + self.room))
        return shown + [each if isinstance(each, GroupHeader) else self.row_of(each) for each in in_view]

    @property
    def first_ticket(self) -> int:
        """Return the index of the first ticket: 1 if line 0 is the header of an unfolded group."""
        first = self.listed.items(0, 1)
        return int(bool(first) and isinstance(first[0], GroupHeader) and not first[0].is_folded)

    def header_above_cursor(self) -> GroupHeader | None:
        """Return the header of the cursor's group; None if tickets are not grouped."""
        if self.cursor_key is None:
            return None
        for start in range(self.cursor, -1, -64):
            for item in reversed(self.listed.items(max(0, start - 63), start + 1)):
                if isinstance(item, GroupHeader):
                    return item
        return None

    def row_of(self, ticket_id: TicketId | None) -> Row | None:
        """Return the row of a listed ticket."""
        return self.rows.row_of(ticket_id) if ticket_id is not None else None

    def follow(self, *, is_still: bool = False) -> None:
        """Update the view after the rows have changed, keeping the cursor on its ticket and rows on their lines.

        is_still: whether the list has the focus, so that no other ticket may move under the cursor.
        """
        self.listed.changed()
        if self.listed.is_frozen:
            return
        slot = self.cursor_slot
        if not is_still:
            self.release()
        self.listed.drop_kept()
        found = self.listed.find(self.cursor_key)
        if found is None and is_still and self.cursor_id is not None:
            found = self._index_where_it_stood()
            self.listed.keep(found, self.cursor_id)
        self.cursor = found if found is not None else min(self.cursor, max(0, len(self.listed) - 1))
        if self.top != 0 or is_still:
            self._hold_still(slot)
        if not is_still or slot is None:
            self._clamp()
        if slot is not None and not is_still:
            self._bring_into_view()
        self._remember()

    def follow_choice(self) -> None:
        """Update the view after the user has filtered, sorted or grouped: keep the cursor on its ticket if listed."""
        slot = self.cursor_slot
        self.listed.thaw()
        found = self.listed.find(self.cursor_key)
        self.arrived_above = 0
        self.cursor = found if found is not None else self.first_ticket
        self.top = 0 if found is None or slot is None else self.cursor - slot
        self._clamp()
        self._bring_into_view()
        self._remember()

    def release(self) -> None:
        """Close the gaps of a list that has lost the focus."""
        if self.listed.kept_index is not None:
            self.listed.drop_kept()
            self.cursor_key = self.listed.key_at(min(self.cursor, len(self.listed) - 1))
        self.top = max(0, self.top)

    def freeze(self) -> None:
        """Keep every row in place until `thaw`."""
        self.listed.freeze()

    def thaw(self, *, is_still: bool) -> None:
        """Show the changes that were held back."""
        self.listed.thaw()
        self.follow(is_still=is_still)

    def fit(self, room: int) -> None:
        """Set the number of rows that fit; the cursor stays in view if it was."""
        if room == self.room:
            self._remember()
            return
        was_in_view = self.cursor_slot is not None or self.room == 0
        if self.room == 0 and self.cursor == 0:
            self.cursor = self.first_ticket
        self.room = room
        self._clamp()
        if was_in_view:
            self._bring_into_view()
        self._remember()

    def move_to(self, index: int) -> None:
        """Move the cursor to a row, the last one if the index is too large, and scroll it into view.

        Empty lines above or below the list are removed as the cursor moves away from them.
        """
        before = self.cursor
        self.cursor = max(0, min(index, len(self.listed) - 1))
        kept = self.listed.kept_index
        if kept is not None and self.cursor != kept:
            self.listed.drop_kept()
            self.cursor -= self.cursor > kept
        self._close_up(self.cursor - before)
        self._bring_into_view()
        self._remember()

    def scroll_by(self, rows: int) -> None:
        """Scroll by `rows`; the cursor stays on its ticket."""
        self.top += rows
        self._clamp()
        self._remember()

    def _index_where_it_stood(self) -> int:
        """Return the position that the cursor's departed ticket would have, judged by its neighbours in view."""
        if self.cursor_key not in self._in_view:
            return min(self.cursor, len(self.listed))
        at = self._in_view.index(self.cursor_key)
        for neighbour in reversed(self._in_view[:at]):
            found = self.listed.find(neighbour)
            if found is not None:
                return found + 1
        for neighbour in self._in_view[at + 1 :]:
            found = self.listed.find(neighbour)
            if found is not None:
                return found
        return min(self.cursor, len(self.listed))

    def _hold_still(self, slot: int | None) -> None:
        if slot is not None:
            self.arrived_above += max(0, self.cursor - slot - max(0, self.top))
            self.top = self.cursor - slot
            return
        found = [(self.listed.find(each), line) for line, each in enumerate(self._in_view)]
        tops = sorted(index - line for index, line in found if index is not None)
        self.top = tops[len(tops) // 2] if tops else self.top  # keeps most rows in place

    def _close_up(self, step: int) -> None:
        """Remove empty lines, at most `step` of them, so that the cursor does not move backwards on the screen."""
        end = max(0, len(self.listed) - self.room)
        if self.top < 0:
            self.top = 0 if self.cursor == 0 else min(0, self.top + max(0, step))
        elif self.top > end:
            self.top = max(end, self.top + min(0, step))

    def _bring_into_view(self) -> None:
        if not self._has_cursor or self.room == 0:
            return
        if self.cursor < self.top:
            self.top = self.cursor
        elif self.cursor >= self.top + self.room:
            self.top = self.cursor - self.room + 1

    def _clamp(self) -> None:
        self.top = max(0, min(self.top, len(self.listed) - self.room))

    def _remember(self) -> None:
        self.arrived_above = min(self.arrived_above, self.above)
        self.cursor_key = self.listed.key_at(self.cursor) if self._has_cursor else None
        self._in_view = [key_of(each) for each in self.listed.items(self.above, max(0, self.top + self.room))]
