"""The arrangement of the five panes on a screen."""

from collections.abc import Collection, Mapping
from datetime import datetime

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.strip import Strip
from textual.widget import Widget

from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.freshness import Freshness
from supporttui.presentation.board.pane_layout import (
    CellBox,
    CellSize,
    OpenPanes,
    PaneLoads,
    pane_regions,
    split_for_preview,
    wall_regions,
)
from supporttui.presentation.board.pane_lines import pane_labels
from supporttui.presentation.board.ticket_row import TicketRows
from supporttui.ui.panes.drawn_rows import blank_lines
from supporttui.ui.panes.pane_styles import PaneStyleCache
from supporttui.ui.panes.status_pane import StatusPane


class PaneLayout(Layout):
    """Arranges the panes by the size of the screen and by which of them are open."""

    name = "panes"

    def __init__(self, opened: OpenPanes, *, is_wall: bool) -> None:
        self.opened = opened
        self.loads: PaneLoads = {}
        """As of the last change of focus or of a pane's urgency, so that panes do not move at every tick."""
        self.lines_per_row = 2
        self.has_preview = False
        """Whether to reserve room for a preview, if there is enough."""
        self._is_wall = is_wall

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Place every pane; those that do not fit are placed outside the parent, where they are invisible."""
        parent.pre_layout(self)
        area = CellSize(*size)
        split = split_for_preview(area) if self.has_preview else None
        preview = split.preview if split is not None else CellBox(0, 0, 0, 0)
        if self._is_wall:
            regions = wall_regions(area, self.loads, self.lines_per_row)
        else:
            regions = pane_regions(split.panes if split is not None else area, self.opened, self.loads)
        boxes = (regions[child.status] if isinstance(child, StatusPane) else preview for child in children)
        return [
            WidgetPlacement(Region(*box), NULL_OFFSET, NULL_SPACING, child)
            for child, box in zip(children, boxes, strict=True)
        ]


class PaneGrid(Widget):
    """Holds the five panes and passes shared state on to them."""

    def __init__(self, model: BoardModel, *, is_wall: bool) -> None:
        self.model = model
        self.row_texts = TicketRows(model.people.find, model.app_context.calendar.zone)
        self.row_texts.my_id = None if is_wall else model.my_id
        self.row_texts.grouped_by = "" if is_wall else model.grouped_by
        self.row_texts.status_names = {each: said.title for each, said in model.app_context.policy.statuses.items()}
        palette = PaneStyleCache()
        self.panes = {status: _pane(status, model, self.row_texts, palette, is_wall=is_wall) for status in Status}
        super().__init__(*self.panes.values(), id="panes")
        self._is_wall = is_wall
        self._panes_layout = PaneLayout(OpenPanes(order=model.pane_order), is_wall=is_wall)
        self.is_frozen = False
        """Whether all rows and panes keep their positions until the user ends it."""
        self._panes_layout.has_preview = not is_wall and model.shows_preview

    @property
    def layout(self) -> Layout:
        """The layout of the panes; a stylesheet cannot name it."""
        return self._panes_layout

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the background between panes."""
        return blank_lines(self, crop)

    def open_pane(self, status: Status) -> None:
        """Expand a pane if not all are open."""
        opened = self._panes_layout.opened.with_focus(status)
        if opened != self._panes_layout.opened:
            self._panes_layout.opened = opened
            self._panes_layout.loads = self.model.pane_loads(self.model.now())
            self._arrange()

    def keep_preview_room(self, *, has_preview: bool) -> None:
        """Reserve room for a preview, a child of the grid, or give it back to the panes."""
        if has_preview != self._panes_layout.has_preview:
            self._panes_layout.has_preview = has_preview
            self._arrange()

    @property
    def has_preview_room(self) -> bool:
        """Whether a preview would be visible at this size."""
        return split_for_preview(CellSize(*self.size)) is not None

    def _arrange(self) -> None:
        self.panes[Status.NEW].refresh(layout=True)  # a child's request makes its parent arrange again

    def _follow_loads(self, now: datetime) -> None:
        """Arrange the panes again if the urgency of one's worst clock has changed."""
        loads = self.model.pane_loads(now)
        for status, pane in self.panes.items():
            pane.load = loads[status]
        if not self.is_frozen and self._room_needed(loads) != self._room_needed(self._panes_layout.loads):
            self._panes_layout.loads = loads
            self._arrange()

    def _room_needed(self, loads: PaneLoads) -> list[int]:
        """What the sizes of panes depend on: the number of tickets on the wall, else the urgency."""
        return [load.count if self._is_wall else load.pressure for load in loads.values()]

    def follow(self, changed: Collection[TicketId] = ()) -> None:
        """Update the panes after the board, and with it these tickets, has changed."""
        for pane in self.panes.values():
            pane.follow()

    def begin(self, now: datetime) -> None:
        """Prepare a complete first picture."""
        self._panes_layout.loads = self.model.pane_loads(now)
        for status, load in self._panes_layout.loads.items():
            self.panes[status].load = load
        for pane in self.panes.values():
            pane.begin(now)

    def show(self, now: datetime) -> None:
        """Redraw what has changed in each pane."""
        self._follow_loads(now)
        for pane in self.panes.values():
            pane.show(now)

    def say_freshness(self, fresh: Freshness, *, always: bool) -> None:
        """Show the age of the data in each pane where needed, and dim the panes if it is old."""
        age = f"data {fresh.age} old" if fresh.age and (always or fresh.is_stale) else ""
        for pane in self.panes.values():
            pane.age = age
            pane.set_class(fresh.is_stale, "-stale")

    def use_density(self, lines_per_row: int) -> None:
        """Set the lines per row."""
        if self._is_wall and self._panes_layout.lines_per_row != lines_per_row:
            self._panes_layout.lines_per_row = lines_per_row
            self._arrange()
        for pane in self.panes.values():
            pane.use_density(lines_per_row)

    def say_empty(self, sentences: Mapping[Status, str], *, is_known: bool) -> None:
        """Set the text of empty panes, and whether it is known that they are empty."""
        for status, pane in self.panes.items():
            pane.is_known = is_known
            if pane.empty != sentences[status]:
                pane.empty = sentences[status]
                pane.refresh()


def _pane(
    status: Status, model: BoardModel, row_texts: TicketRows, palette: PaneStyleCache, *, is_wall: bool
) -> StatusPane:
    words = pane_labels(status, model.app_context.policy, model.pane_order)
    return StatusPane(status, words, model.board.pane(status), row_texts, palette, is_wall=is_wall)
