"""Where the five panes stand: beside each other, in two columns, or folded into one."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import msgspec

from supporttui.domain.ticket import Status


class Area(NamedTuple):
    """How large something is, in cells."""

    width: int
    height: int


class Box(NamedTuple):
    """Where something stands, in cells."""

    x: int
    y: int
    width: int
    height: int


WIDE_FROM = 150
TWO_COLUMNS_FROM = 100
READABLE = Area(40, 10)
"""Below this nothing useful can be shown, and the app says so."""

TALL_FROM = 30
"""Lines from which a row takes two of them, unless the user wants it otherwise."""

COLUMNS = ((Status.NEW, Status.OPEN), (Status.AWAITING_REPLY, Status.ON_HOLD, Status.CLOSED))


class Arrangement(Enum):
    """How the panes are arranged."""

    WIDE = "wide"
    TWO_COLUMNS = "two-columns"
    FOLDED = "folded"
    """One column; one pane is open, the others are titles."""


class Opened(msgspec.Struct, frozen=True):
    """Which panes are open where not all can be: the focused one, and one in the other column."""

    focused: Status = Status.NEW
    other: Status = Status.AWAITING_REPLY

    def with_focus(self, status: Status) -> "Opened":
        """The same after another pane got the focus: the other column keeps its open pane."""
        if column_of(status) == column_of(self.focused):
            return Opened(status, self.other)
        return Opened(status, self.focused)


def column_of(status: Status) -> int:
    """The column in which a pane stands where there are two."""
    return 0 if status in COLUMNS[0] else 1


def arrangement_for(width: int) -> Arrangement:
    """How the panes are arranged in a screen of this width."""
    if width >= WIDE_FROM:
        return Arrangement.WIDE
    return Arrangement.TWO_COLUMNS if width >= TWO_COLUMNS_FROM else Arrangement.FOLDED


def lines_per_row(width: int, height: int) -> int:
    """The density that suits a screen of this size."""
    return 2 if width >= TWO_COLUMNS_FROM and height >= TALL_FROM else 1


def is_readable(width: int, height: int) -> bool:
    """Whether anything useful can be shown in a screen of this size."""
    return width >= READABLE.width and height >= READABLE.height


def pane_regions(area: Area, arrangement: Arrangement, opened: Opened, *, all_open: bool) -> dict[Status, Box]:
    """The region of every pane within the area; `all_open` shares a column's height among its panes."""
    if arrangement is Arrangement.WIDE:
        return _side_by_side(area)
    columns: Sequence[Sequence[Status]] = COLUMNS if arrangement is Arrangement.TWO_COLUMNS else (tuple(Status),)
    regions: dict[Status, Box] = {}
    for index, column in enumerate(columns):
        left = area.width * index // len(columns)
        width = area.width * (index + 1) // len(columns) - left
        open_panes = set(column) if all_open else {opened.focused, opened.other} & set(column)
        if len(columns) == 1 and not all_open:
            open_panes = {opened.focused}
        regions.update(_stacked(column, open_panes, Box(left, 0, width, area.height)))
    return regions


def _side_by_side(area: Area) -> dict[Status, Box]:
    count = len(Status)
    edges = [area.width * index // count for index in range(count + 1)]
    return {
        status: Box(edges[index], 0, edges[index + 1] - edges[index], area.height)
        for index, status in enumerate(Status)
    }


def _stacked(column: Sequence[Status], open_panes: set[Status], area: Box) -> dict[Status, Box]:
    """Open panes share what the one-line titles of the others leave."""
    free = max(0, area.height - (len(column) - len(open_panes)))
    heights: dict[Status, int] = {}
    for index, status in enumerate([status for status in column if status in open_panes]):
        heights[status] = free * (index + 1) // len(open_panes) - free * index // len(open_panes)
    regions: dict[Status, Box] = {}
    y = area.y
    for status in column:
        height = heights.get(status, 1)
        regions[status] = Box(area.x, y, area.width, height)
        y += height
    return regions
