"""The visible part of the ticket screen: header, conversation, facts, and the composer."""

from datetime import date, datetime
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Size

from supporttui.domain.ticket import Status
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.freshness import model_freshness
from supporttui.presentation.board.header import ticket_header_items
from supporttui.presentation.ticket.ticket_view import (
    TicketView,
    clock_sections,
    clock_title,
    conversation_context,
    desk_zone,
    property_sections,
    record_sections,
)
from supporttui.ui.reply_area import ReplyArea
from supporttui.ui.ticket.conversation import ConversationView
from supporttui.ui.ticket.reading_column import ReadingColumn
from supporttui.ui.ticket.side_panel import SidePanel
from supporttui.ui.ticket.ticket_header import TicketHeader, header_text
from supporttui.ui.ticket.ticket_queue import TicketQueue

QUEUE_FROM_CELLS: Final = 190
"""The width from which the pane of the ticket is shown beside it."""

MIN_QUEUE_CELLS: Final = 32
MAX_QUEUE_CELLS: Final = 100
BESIDE_QUEUE_CELLS: Final = 154
"""The width of the conversation, whose lines do not get longer, and the facts; the queue gets the rest."""

WIDE_FACTS_FROM_CELLS: Final = 260
"""The width from which the facts are wider."""

LOW_BELOW_LINES: Final = 20
"""Below this height the composer starts with three lines instead of six."""

WIDE_CELLS: Final = 110
"""The width from which the facts are beside the conversation; below, they replace it."""

CONVERSATION: Final = ""
WHY: Final = "why"
FACTS: Final = "facts"


class TicketBody(Vertical):
    """Shows a view, and knows which parts of it depend on the time."""

    def __init__(self, model: BoardModel, reply_area: ReplyArea, status: Status | None) -> None:
        """`status` is the pane from which the ticket was opened; None if it was not opened from one."""
        super().__init__(id="ticket-body")
        self._model = model
        self._view: TicketView | None = None
        self._unread_after: datetime | None = None
        self._drawn_day: date | None = None
        self._panel = CONVERSATION
        self.header = TicketHeader(id="ticket-header")
        self.conversation = ConversationView(id="conversation")
        self.reply_area = reply_area
        self.facts = SidePanel(id="ticket-panel")
        self._left = ReadingColumn(self.conversation, self.reply_area, id="ticket-left")
        self._queue = TicketQueue(model, status, id="ticket-queue") if status is not None else None
        """Mounted once there is room for it."""

        self._middle = Horizontal(self._left, self.facts, id="ticket-middle")

    def compose(self) -> ComposeResult:
        """Yield the header, the conversation, and the facts beside it."""
        self._choose_layout(self.app.size)  # before anything is mounted: each class restyles all descendants
        yield self.header
        yield self._middle

    def show_queue(self, status: Status | None) -> None:
        """Show another pane beside the ticket, or none."""
        if status is not (self._queue.pane.status if self._queue is not None else None):
            self.call_next(self._replace_queue, status)

    async def _replace_queue(self, status: Status | None) -> None:
        if self._queue is not None and self._queue.is_attached:
            await self._queue.remove()
        self._queue = TicketQueue(self._model, status, id="ticket-queue") if status is not None else None
        self._arrange()
        self._follow_queue()

    @property
    def panel(self) -> str:
        """The panel that replaces the conversation, or has the focus beside it."""
        return self._panel

    def on_resize(self, event: events.Resize) -> None:
        """Place the panels beside or instead of each other, by the room."""
        self._choose_layout(event.size)
        self._arrange()
        self._redraw_clock(self._model.now())
        self.call_after_refresh(self._follow_queue)

    def _choose_layout(self, size: Size) -> None:
        self.set_class(size.width >= WIDE_CELLS, "-wide")
        self.set_class(size.width >= WIDE_FACTS_FROM_CELLS, "-very-wide")
        self.set_class(size.height < LOW_BELOW_LINES, "-low")

    def _follow_queue(self) -> None:
        if self._queue is not None and self._view is not None:
            self._queue.follow(self._view.ticket_id, self._model.now())

    def show(self, view: TicketView, unread_after: datetime | None, *, from_end: bool = False) -> None:
        """Show a view; messages after `unread_after` are marked, and `from_end` starts at the latest one."""
        self._view, self._unread_after = view, unread_after
        now = self._model.now()
        self._drawn_day = now.astimezone(desk_zone(self._model)).date()
        setting = conversation_context(view, self._model, self._unread_after, shows_draft=not self.reply_area.is_open)
        self.conversation.show(view.conversation, view.unsent, setting, from_end=from_end)
        self._redraw_clock(now)
        self.reply_area.follow(view)
        self._follow_queue()

    def tick(self, now: datetime) -> None:
        """Update the countdown; a new day also changes what is called today."""
        self._redraw_clock(now)
        self.reply_area.tick(now)
        if self._queue is not None:
            self._queue.show(now)
        if self._view is not None and now.astimezone(desk_zone(self._model)).date() != self._drawn_day:
            self.show(self._view, self._unread_after)

    def toggle_panel(self, panel: str) -> None:
        """Show the clock's explanation or the facts; if already shown, or for an empty name, the conversation."""
        self._panel = CONVERSATION if panel == self._panel else panel
        self._arrange()
        self._redraw_clock(self._model.now())
        if self._panel:
            self.facts.focus()
            self.facts.go_to("" if self._panel == FACTS or self._view is None else clock_title(self._view))
        else:
            self.focus_reading()

    def focus_reading(self) -> None:
        """Focus the conversation, so that keys scroll it."""
        self.conversation.focus()

    def _arrange(self) -> None:
        is_wide = self.has_class("-wide")
        if self._queue is not None:
            self._queue.display = self.size.width >= QUEUE_FROM_CELLS
            self._queue.styles.width = queue_cells(self.size.width)
            if self._queue.display and not self._queue.is_attached:
                self._middle.mount(self._queue, before=0)
        self.facts.display = is_wide or bool(self._panel)
        self._left.display = is_wide or not self._panel

    def _redraw_clock(self, now: datetime) -> None:
        view = self._view
        if view is None or view.row is None:
            return
        row, policy = view.row, self._model.app_context.policy
        items = ticket_header_items(self._model, model_freshness(self._model))
        self.header.show(header_text(row.ticket, row.clock, policy, now, desk_zone(self._model), items))
        is_wide = self.has_class("-wide")
        has_clocks, has_properties = is_wide or self._panel != FACTS, is_wide or self._panel == FACTS
        sections = property_sections(view, self._model, now) if has_properties else []
        sections += clock_sections(view, self._model, now) if has_clocks else []
        sections += record_sections(view, self._model, now) if has_properties else []
        self.facts.show(sections)


def queue_cells(width: int) -> int:
    """Return the width of the queue in a screen of this width."""
    return max(MIN_QUEUE_CELLS, min(MAX_QUEUE_CELLS, width - BESIDE_QUEUE_CELLS))
