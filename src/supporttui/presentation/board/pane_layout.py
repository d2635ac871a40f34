"""The positions of the five panes within an area, and which of them are open."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from itertools import pairwise
from typing import Final, NamedTuple

import msgspec

from supporttui.domain.ticket import Status


class CellSize(NamedTuple):
    """A size in cells."""

    width: int
    height: int


class CellBox(NamedTuple):
    """A rectangle in cells."""

    x: int
    y: int
    width: int
    height: int


FIVE_COLUMNS_FROM_WIDTH: Final = 150
"""The width from which the wall shows all panes side by side."""

COLUMNS_FROM_WIDTH: Final = 100
"""The width from which several panes are side by side; below it one is open and the others are titles."""

MIN_FOCUSED_WIDTH: Final = 56
"""Room for 30 cells of the subject beside the longest clock, even in one-line rows."""

MIN_SIDE_WIDTH: Final = 22
"""Room for a severity, a number and a paused clock: `‖ 12h 05m`."""

WEIGHTED_UP_TO_WIDTH: Final = 190
"""Up to this width the focused pane is twice as wide as another; above it, all are equal. See MIN_FOCUSED_WIDTH."""

MIN_READABLE_SIZE: Final = CellSize(40, 10)
"""Below this size nothing useful can be shown, and the app says so."""

TWO_LINES_FROM_HEIGHT: Final = 30
"""The height from which a row takes two lines, unless the user has chosen otherwise."""

MIN_PREVIEW: Final = CellSize(56, 7)
"""The room for the ticket's facts and a few lines of a message."""

MAX_PREVIEW_WIDTH: Final = 106
"""The maximum width of a preview beside the panes, given by the width at which text is wrapped."""

MIN_PANES_HEIGHT: Final = 9
"""The minimum height of the panes above a preview: five lines of an open one and four titles."""

WALL_COLUMNS: Final = ((Status.NEW, Status.OPEN), (Status.AWAITING_REPLY, Status.ON_HOLD, Status.CLOSED))
"""The stacks of panes on a wall that is too narrow for five columns."""


class Pressure(IntEnum):
    """The urgency of a pane's worst clock. The choice of open panes depends on it rather than on each tick."""

    NO_CLOCK = 0
    RUNNING = 1
    """An hour or more is left."""
    WITHIN_THE_HOUR = 2
    OVER = 3


class PaneLoad(msgspec.Struct, frozen=True):
    """The facts about a pane that its size depends on."""

    over: int = 0
    """Tickets whose clock has reached its target."""
    within_hour: int = 0
    """Tickets whose clock has less than an hour of support time left."""
    worst_key: int | None = None
    """The sort key of the worst clock, independent of the time; None if no clock is open."""
    count: int = 0
    """Tickets in the pane."""

    @property
    def pressure(self) -> Pressure:
        """The urgency of the worst clock."""
        if self.over:
            return Pressure.OVER
        if self.within_hour:
            return Pressure.WITHIN_THE_HOUR
        return Pressure.NO_CLOCK if self.worst_key is None else Pressure.RUNNING


PaneLoads = Mapping[Status, PaneLoad]
NO_LOAD: Final = PaneLoad()


BOARD_ORDER: Final = tuple(Status)
"""The panes in the order of the board."""

REQUESTER_ORDER: Final = (Status.AWAITING_REPLY, Status.OPEN, Status.NEW, Status.ON_HOLD, Status.CLOSED)
"""The panes of a requester's board in order: the first waits for them."""


class OpenPanes(msgspec.Struct, frozen=True):
    """The focused pane and those focused before it."""

    focused: Status = Status.NEW
    recent: tuple[Status, ...] = ()
    """Panes that had the focus, the latest first."""
    order: tuple[Status, ...] = BOARD_ORDER

    def with_focus(self, status: Status) -> "OpenPanes":
        """Return the panes after the focus has moved to another one."""
        if status is self.focused:
            return self
        before = (self.focused, *(each for each in self.recent if each not in (status, self.focused)))
        return OpenPanes(status, before, self.order)

    def beside(self, number: int, loads: PaneLoads) -> list[Status]:
        """Return `number` panes to open beside the focused one, in the order of the board.

        Those with the worst clocks are chosen first; among those without a clock, the ones used last.
        """

        def rank(status: Status) -> tuple[int, int, int, int]:
            load = loads.get(status, NO_LOAD)
            used = self.recent.index(status) if status in self.recent else len(Status)
            return (-load.pressure, load.worst_key or 0, used, self.order.index(status))

        others = sorted((each for each in self.order if each is not self.focused), key=rank)
        return sorted(others[:number], key=self.order.index)


def lines_per_row(width: int, height: int) -> int:
    """Return the default lines per row for a screen of this size."""
    return 2 if width >= COLUMNS_FROM_WIDTH and height >= TWO_LINES_FROM_HEIGHT else 1


def is_readable(width: int, height: int) -> bool:
    """Whether a screen of this size can show anything useful."""
    return width >= MIN_READABLE_SIZE.width and height >= MIN_READABLE_SIZE.height


def pane_regions(area: CellSize, opened: OpenPanes, loads: PaneLoads) -> dict[Status, CellBox]:
    """Return the region of every pane of the board within the area; a collapsed pane has one line."""
    if area.width < COLUMNS_FROM_WIDTH:
        return _one_open(area, opened)
    number = max(2, min(len(Status) - 1, (area.width - MIN_FOCUSED_WIDTH) // MIN_SIDE_WIDTH))
    beside = opened.beside(number, loads)
    folded = [status for status in opened.order if status is not opened.focused and status not in beside]
    height = max(0, area.height - len(folded))
    widths = _weighted_widths(area.width, number)
    regions: dict[Status, CellBox] = {}
    x = 0
    for status in sorted([opened.focused, *beside], key=opened.order.index):
        width = widths[0] if status is opened.focused else widths.pop()
        regions[status] = CellBox(x, 0, width, height)
        x += width
    for line, status in enumerate(folded):
        regions[status] = CellBox(0, height + line, area.width, 1)
    return regions


class PreviewSplit(NamedTuple):
    """An area divided between the panes and a preview."""

    panes: CellSize
    preview: CellBox


def split_for_preview(area: CellSize) -> PreviewSplit | None:
    """Place the preview beside the panes if these keep their columns, else below them; None if there is no room."""
    beside = min(MAX_PREVIEW_WIDTH, area.width - COLUMNS_FROM_WIDTH, max(MIN_PREVIEW.width, 2 * area.width // 5))
    if beside >= MIN_PREVIEW.width and area.height >= MIN_PREVIEW.height:
        left = area.width - beside
        return PreviewSplit(CellSize(left, area.height), CellBox(left, 0, beside, area.height))
    folded = 0 if area.width >= COLUMNS_FROM_WIDTH else len(Status) - 1
    below = min(max(MIN_PREVIEW.height, (area.height - folded) // 2), area.height - MIN_PANES_HEIGHT)
    if below < MIN_PREVIEW.height:
        return None
    above = area.height - below
    return PreviewSplit(CellSize(area.width, above), CellBox(0, above, area.width, below))


def wall_regions(area: CellSize, loads: PaneLoads, lines_of_row: int) -> dict[Status, CellBox]:
    """Return the region of every pane of the wall: all are open, and stacked ones share the height by need."""
    if area.width >= FIVE_COLUMNS_FROM_WIDTH:
        columns: Sequence[Sequence[Status]] = [(status,) for status in Status]
    else:
        columns = WALL_COLUMNS if area.width >= COLUMNS_FROM_WIDTH else [tuple(Status)]
    edges = [area.width * index // len(columns) for index in range(len(columns) + 1)]
    regions: dict[Status, CellBox] = {}
    for index, column in enumerate(columns):
        needs = [loads.get(status, NO_LOAD).count * lines_of_row + FRAME_LINES for status in column]
        y = 0
        for status, height in zip(column, shared_heights(area.height, needs), strict=True):
            regions[status] = CellBox(edges[index], y, edges[index + 1] - edges[index], height)
            y += height
    return regions


FRAME_LINES: Final = 2
"""The top and bottom edge of a pane."""


def shared_heights(height: int, needs: Sequence[int]) -> list[int]:
    """Divide a height among panes: none gets less than an equal share unless it needs less."""
    left, open_needs = height, dict(enumerate(needs))
    heights: dict[int, int] = {}
    while open_needs:
        share = left // len(open_needs)
        small = [index for index, need in open_needs.items() if need < share]
        if not small or len(small) == len(open_needs):
            break
        for index in small:
            heights[index] = open_needs.pop(index)
            left -= heights[index]
    for place, index in enumerate(open_needs):
        heights[index] = left * (place + 1) // len(open_needs) - left * place // len(open_needs)
    return [heights[index] for index in range(len(needs))]


def _weighted_widths(width: int, beside: int) -> list[int]:
    """The width of the focused pane, then of the panes beside it from right to left."""
    wanted = 2 * width // (beside + 2) if width <= WEIGHTED_UP_TO_WIDTH else -(-width // (beside + 1))
    focused = max(MIN_FOCUSED_WIDTH, wanted)
    left = width - focused
    edges = [left * index // beside for index in range(beside + 1)]
    return [focused, *reversed([end - begin for begin, end in pairwise(edges)])]


def _one_open(area: CellSize, opened: OpenPanes) -> dict[Status, CellBox]:
    """All panes in one column: one is open, the others are titles."""
    height = max(0, area.height - (len(Status) - 1))
    regions: dict[Status, CellBox] = {}
    y = 0
    for status in opened.order:
        regions[status] = CellBox(0, y, area.width, height if status is opened.focused else 1)
        y += regions[status].height
    return regions
