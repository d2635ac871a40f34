"""Where the five panes stand in a room, and which of them are open."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import msgspec

from supporttui.domain.ticket import Status


class CellSize(NamedTuple):
    """How large something is, in cells."""

    width: int
    height: int


class CellBox(NamedTuple):
    """Where something stands, in cells."""

    x: int
    y: int
    width: int
    height: int


FIVE_COLUMNS_FROM_WIDTH = 150
TWO_COLUMNS_FROM_WIDTH = 100
MIN_READABLE_SIZE = CellSize(40, 10)
"""Below this nothing useful can be shown, and the app says so."""

TWO_LINES_FROM_HEIGHT = 30
"""Lines from which a row takes two of them, unless the user wants it otherwise."""

STATUSES_BY_COLUMN = ((Status.NEW, Status.OPEN), (Status.AWAITING_REPLY, Status.ON_HOLD, Status.CLOSED))


class PaneArrangement(Enum):
    """How the panes are arranged."""

    WIDE = "wide"
    TWO_COLUMNS = "two-columns"
    FOLDED = "folded"
    """One column; one pane is open, the others are titles."""


class OpenPanes(msgspec.Struct, frozen=True):
    """Which panes are open where not all can be: the focused one, and one in the other column."""

    focused: Status = Status.NEW
    other: Status = Status.AWAITING_REPLY

    def with_focus(self, status: Status) -> "OpenPanes":
        """The same after another pane got the focus: the other column keeps its open pane."""
        if column_of(status) == column_of(self.focused):
            return OpenPanes(status, self.other)
        return OpenPanes(status, self.focused)


def column_of(status: Status) -> int:
    """The column in which a pane stands where there are two."""
    return 0 if status in STATUSES_BY_COLUMN[0] else 1


def pane_arrangement(width: int) -> PaneArrangement:
    """How the panes are arranged in a screen of this width."""
    if width >= FIVE_COLUMNS_FROM_WIDTH:
        return PaneArrangement.WIDE
    return PaneArrangement.TWO_COLUMNS if width >= TWO_COLUMNS_FROM_WIDTH else PaneArrangement.FOLDED


def lines_per_row(width: int, height: int) -> int:
    """The density that suits a screen of this size."""
    return 2 if width >= TWO_COLUMNS_FROM_WIDTH and height >= TWO_LINES_FROM_HEIGHT else 1


def is_readable(width: int, height: int) -> bool:
    """Whether anything useful can be shown in a screen of this size."""
    return width >= MIN_READABLE_SIZE.width and height >= MIN_READABLE_SIZE.height


def pane_regions(
    area: CellSize, arrangement: PaneArrangement, opened: OpenPanes, *, all_open: bool
) -> dict[Status, CellBox]:
    """The region of every pane within the area; `all_open` shares a column's height among its panes."""
    if arrangement is PaneArrangement.WIDE:
        return _side_by_side(area)
    columns: Sequence[Sequence[Status]] = (
        STATUSES_BY_COLUMN if arrangement is PaneArrangement.TWO_COLUMNS else (tuple(Status),)
    )
    regions: dict[Status, CellBox] = {}
    for index, column in enumerate(columns):
        left = area.width * index // len(columns)
        width = area.width * (index + 1) // len(columns) - left
        open_panes = set(column) if all_open else {opened.focused, opened.other} & set(column)
        if len(columns) == 1 and not all_open:
            open_panes = {opened.focused}
        regions.update(_stacked(column, open_panes, CellBox(left, 0, width, area.height)))
    return regions


def _side_by_side(area: CellSize) -> dict[Status, CellBox]:
    count = len(Status)
    edges = [area.width * index // count for index in range(count + 1)]
    return {
        status: CellBox(edges[index], 0, edges[index + 1] - edges[index], area.height)
        for index, status in enumerate(Status)
    }


def _stacked(column: Sequence[Status], open_panes: set[Status], area: CellBox) -> dict[Status, CellBox]:
    """Open panes share what the one-line titles of the others leave."""
    free = max(0, area.height - (len(column) - len(open_panes)))
    heights: dict[Status, int] = {}
    for index, status in enumerate([status for status in column if status in open_panes]):
        heights[status] = free * (index + 1) // len(open_panes) - free * index // len(open_panes)
    regions: dict[Status, CellBox] = {}
    y = area.y
    for status in column:
        height = heights.get(status, 1)
        regions[status] = CellBox(area.x, y, area.width, height)
        y += height
    return regions
