"""The preview of a ticket in an area of a given size: facts above, and the messages that fit below."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.pane_layout import CellSize
from supporttui.presentation.ticket.conversation_layout import ConversationLayout
from supporttui.presentation.ticket.conversation_parts import ConversationLine
from supporttui.presentation.ticket.panel_facts import FactRow, PanelRole, PanelSection, PanelText, panel_lines
from supporttui.presentation.ticket.preview_text import missing_messages_text, preview_section
from supporttui.presentation.ticket.ticket_sections import MAX_SUBJECT_CELLS
from supporttui.presentation.ticket.ticket_view import TicketView, conversation_context

TALL_FROM_LINES: Final = 12
"""The height from which an empty line separates facts and messages."""

MIN_MESSAGE_LINES: Final = 2
"""The lines of messages that stay visible below the longest subject."""

LINES_OF_A_KEY: Final = 3
NOTHING: Final = PanelSection("", (FactRow("", "There is no ticket under the cursor.", PanelRole.FAINT),))


class PreviewLayout:
    """The lines of one ticket at a time. Messages are laid out from the newest one, only as far as they are visible."""

    def __init__(self, model: BoardModel) -> None:
        self._model = model
        self.view: TicketView | None = None
        """The ticket on show; None if none is under the cursor."""
        self.facts: list[tuple[PanelText, ...]] = []
        self._size = CellSize(0, 0)
        self._messages = ConversationLayout()
        self._above_end = 0
        """The number of message lines below the visible ones."""

    def show(self, view: TicketView | None, size: CellSize, *, is_asked: bool) -> None:
        """Show a ticket in this size: a new one from its newest message, the same one at the reader's position.

        is_asked: whether missing messages were requested from the help desk.
        """
        known, self.view, self._size = self.view, view, size
        if known is None or view is None or known.ticket_id != view.ticket_id:
            self._above_end = 0
        self.count_down(self._model.now())
        if view is not None:
            unread_after = self._model.rows.read_at(view.ticket_id)
            setting = conversation_context(view, self._model, unread_after, shows_draft=True)
            standing = missing_messages_text(view, self._model, is_asked=is_asked)
            setting = replace(setting, names_keys=False, standing=standing)
            self._messages.begin(view.conversation, view.unsent, setting, size.width)

    def count_down(self, now: datetime) -> bool:
        """Update the facts; return whether they have changed. A subject that is too long is cut."""
        before, width = self.facts, self._size.width
        room = max(2, self._size.height - MIN_MESSAGE_LINES)
        if self.view is None:
            self.facts = panel_lines([NOTHING], width)
            return self.facts != before
        for subject_cells in (MAX_SUBJECT_CELLS, 3 * width, 2 * width, width):
            self.facts = panel_lines([preview_section(self.view, self._model, now, subject_cells)], width)
            if len(self.facts) <= room:
                break
        self.facts = self.facts[:room]
        return self.facts != before

    def advance(self, work: int) -> bool:
        """Lay out more of the visible lines, for about `work` units; return whether there is more to do."""
        wanted = self.room + self._above_end + 1
        if len(self._messages) < wanted:
            self._messages.advance(work)
        if self._messages.is_complete:
            self._above_end = max(0, min(self._above_end, self._line_count - self.room))
        return not self._messages.is_complete and len(self._messages) < wanted

    def scroll(self, step: int, *, is_page: bool) -> None:
        """Scroll towards the newest message (1) or the first one (-1)."""
        lines = max(1, self.room - 1) if is_page else LINES_OF_A_KEY
        self._above_end = max(0, self._above_end - step * lines)

    @property
    def gap(self) -> int:
        """The number of empty lines above the messages."""
        return 1 if self._size.height >= TALL_FROM_LINES else 0

    @property
    def room(self) -> int:
        """The number of lines for messages."""
        return max(0, self._size.height - len(self.facts) - self.gap)

    @property
    def messages(self) -> list[ConversationLine]:
        """The visible lines of messages."""
        return [self._messages.line(index) for index in self._visible()]

    @property
    def title(self) -> str:
        """The ticket's number."""
        return self.view.ticket_id.label if self.view is not None else ""

    @property
    def beyond(self) -> str:
        """Which messages are out of view: `↑ earlier · ↓ 12`."""
        visible = self._visible()
        above = "↑ earlier" if len(visible) and (visible.start or not self._messages.is_complete) else ""
        left = self._line_count - visible.stop
        below = f"↓ {left}" if len(visible) and left > 0 else ""
        return " · ".join(filter(None, (above, below)))

    @property
    def _line_count(self) -> int:
        """The number of message lines laid out, without the empty one at the end."""
        count = len(self._messages)
        return count - 1 if count and not self._messages.line(count - 1).runs else count

    def _visible(self) -> range:
        if self.view is None:
            return range(0)
        count = self._line_count
        end = max(count - self._above_end, min(self.room, count))
        return range(max(0, end - self.room), end)
