"""The scrolling conversation of a ticket, drawn line by line."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from supporttui.domain.ticket import Conversation
from supporttui.presentation.ticket.conversation_layout import FIRST_SHARE, NEXT_SHARE, ConversationLayout
from supporttui.presentation.ticket.conversation_parts import (
    ReadingContext,
)
from supporttui.store.operations import Operation
from supporttui.ui.text_strips import TextStyles, conversation_segments

SHARE_PAUSE_S: Final = 0.004
"""Seconds between two steps of laying out a long conversation: keys have priority."""

GROWTH: Final = 1.5
"""The factor by which the shown part grows: each time, the whole screen is laid out."""


class ConversationView(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows one conversation; follows new messages when scrolled to its end, else keeps its position."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_down", "down", show=False, id="conversation-down"),
        Binding("up,k", "scroll_up", "up", show=False, id="conversation-up"),
        Binding("pagedown,space", "page_down", "page down", show=False, id="conversation-page-down"),
        Binding("pageup", "page_up", "page up", show=False, id="conversation-page-up"),
        Binding("home", "scroll_home", "start", show=False, id="conversation-start"),
        Binding("end,G", "scroll_end", "end", show=False, id="conversation-end"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._layout_of_text = ConversationLayout()
        self._next_layout: ConversationLayout | None = None
        """The layout that replaces the present one as soon as it covers what is being read."""
        self._source: tuple[Conversation | None, tuple[Operation, ...], ReadingContext] | None = None
        self._shown_lines = 0
        """The number of lines shown, from the end; it grows in steps, as the screen is laid out at each."""
        self._strips: dict[int, Strip] = {}
        """Drawn lines by their number from the end, which stays the same when earlier messages are laid out."""
        self._styles: TextStyles | None = None
        self._share_timer: Timer | None = None
        self._follows_end = False
        """Whether the last movement was to the end."""
        self._follows_start = False
        self._former_top: int | None = None
        """The first visible line, from the start; restored once everything is laid out again."""
        self._width_cells = 0
        self._height_cells = 0

    @property
    def plain_lines(self) -> list[str]:
        """The text of the conversation, one string per line, without the side bars."""
        layout = self._layout_of_text
        lines = (layout.line(index) for index in range(len(layout)))
        return ["".join(text for text, _ in (*line.runs, *((line.right,) if line.right else ()))) for line in lines]

    @property
    def is_laid_out(self) -> bool:
        """Whether the whole conversation is laid out, not only its latest part."""
        return self._next_layout is None and self._layout_of_text.is_complete

    def show(
        self,
        conversation: Conversation | None,
        unsent: Sequence[Operation],
        setting: ReadingContext,
        *,
        from_end: bool = False,
    ) -> None:
        """Show a conversation; `from_end` starts at its latest message instead of the reader's position."""
        source = (conversation, tuple(unsent), setting)
        if source != self._source or from_end:
            self._source = source
            self._follows_start = self._follows_start and not from_end
            self._lay_out(to_end=from_end or self._stays_at_end)

    @property
    def needed_lines(self) -> int:
        """The height of the whole conversation."""
        return self._shown_lines + self.gutter.height

    @property
    def is_at_end(self) -> bool:
        """Whether the last line is visible."""
        return self.scroll_offset.y >= self.max_scroll_y

    @property
    def _stays_at_end(self) -> bool:
        """Whether to stay at the latest message when others come."""
        if self._follows_end or self._follows_start:
            return self._follows_end
        return self.is_at_end and (self.is_laid_out or self.scroll_offset.y > 0)

    def action_page_down(self) -> None:
        """Scroll down by a page, without animation."""
        self._follow_nothing()
        self.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Scroll up by a page, without animation."""
        self._follow_nothing()
        self.scroll_page_up(animate=False)

    def action_scroll_down(self) -> None:
        """Scroll down by a line, without animation."""
        self._follow_nothing()
        self.scroll_relative(y=1, animate=False)

    def action_scroll_up(self) -> None:
        """Scroll up by a line, without animation."""
        self._follow_nothing()
        self.scroll_relative(y=-1, animate=False)

    def action_scroll_home(self) -> None:
        """Scroll to the description; if it is not laid out yet, to the first message that is, and later to it."""
        self._follow_nothing()
        self._follows_start = True
        self.scroll_to(y=0, animate=False)

    def action_scroll_end(self) -> None:
        """Scroll to the latest message."""
        self._follow_nothing()
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def on_resize(self) -> None:
        """Wrap the text if the width has changed; the end stays visible if it was."""
        end = min(self._shown_lines - self._height_cells, self.max_scroll_y)
        was_at_end = not self._follows_start and self.scroll_offset.y >= end
        self._height_cells = self.size.height
        if self.scrollable_content_region.width != self._width_cells:
            self._lay_out(to_end=was_at_end)
        elif was_at_end:
            self._to_end()

    def notify_style_update(self) -> None:
        """Discard lines drawn in other colours."""
        super().notify_style_update()
        self._strips.clear()
        self._styles = None

    def render_line(self, y: int) -> Strip:
        """Render one line of the screen."""
        index = y + self.scroll_offset.y
        width = self._width_cells
        layout = self._layout_of_text
        if index >= self._shown_lines:
            return Strip.blank(width, self.rich_style)
        from_end = self._shown_lines - index
        strip = self._strips.get(from_end)
        if strip is None:
            self._styles = self._styles or TextStyles(self)
            line = layout.line(len(layout) - from_end if index else 0)
            strip = Strip(conversation_segments(self._styles, line, self._width_cells - 1))
            if index or layout.is_complete:
                self._strips[from_end] = strip
        return strip.crop_extend(0, width, self.rich_style)

    def _lay_out(self, *, to_end: bool) -> None:
        self._width_cells = self.scrollable_content_region.width
        if self._source is None or not self._width_cells:
            return
        if self._layout_of_text.is_complete or to_end:
            self._former_top = None if to_end else self.scroll_offset.y
        self._follows_end = to_end
        self._next_layout = self._layout_of_text.successor()
        self._next_layout.begin(*self._source, self._width_cells - 1)
        self._next_layout.advance(FIRST_SHARE)
        self._show_next_layout()
        self._plan_next_share()

    def _show_next_layout(self) -> None:
        """Replace the present layout by the new one if that covers what is being read."""
        after, before, top = self._next_layout, self._shown_lines, self.scroll_offset.y
        is_between = top > 0 and not self._follows_end and not self._follows_start
        if after is None or (is_between and not after.is_complete and len(after) < before - top):
            return
        self._layout_of_text, self._next_layout, self._shown_lines = after, None, len(after)
        self._note_height(before)
        self._strips.clear()
        self.virtual_size = Size(self._width_cells, len(after))
        if self._follows_end:
            self._to_end()
        elif is_between and not after.is_complete:
            self._scroll_at_once(len(after) - (before - top))
        else:
            self._return_to_former_top()
        self.refresh()

    def _return_to_former_top(self) -> None:
        if self._former_top is not None and self._layout_of_text.is_complete:
            self._scroll_at_once(self._former_top)
            self._former_top = None

    def _scroll_at_once(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True, immediate=True)

    def _plan_next_share(self) -> None:
        if self._share_timer is not None:
            self._share_timer.stop()
            self._share_timer = None
        if not self.is_laid_out:
            self._share_timer = self.set_timer(SHARE_PAUSE_S, self._lay_out_more)

    def _lay_out_more(self) -> None:
        """Lay out one step of the earlier messages without moving what is visible."""
        if self._next_layout is not None:
            self._next_layout.advance(NEXT_SHARE)
            self._show_next_layout()
            self._plan_next_share()
            return
        layout, before = self._layout_of_text, self._shown_lines
        layout.advance(NEXT_SHARE)
        if layout.is_complete or len(layout) > before * GROWTH:
            self._shown_lines, top = len(layout), self.scroll_offset.y
            self.virtual_size = Size(self._width_cells, len(layout))
            self._note_height(before)
            if self._follows_end:
                self._to_end()
            elif not self._follows_start:
                self._scroll_at_once(top + len(layout) - before)
                self._return_to_former_top()
            self.refresh()
        self._plan_next_share()

    def _note_height(self, before: int) -> None:
        """Handle a changed height: a composer below may have to move, unless the conversation still fills the room."""
        now = self._shown_lines
        if now != before and min(now, before) <= self.size.height:
            self.refresh(layout=True)

    def _follow_nothing(self) -> None:
        self._follows_end = self._follows_start = False
        self._former_top = None

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._follow_nothing()
        super()._on_mouse_scroll_up(event)

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._follow_nothing()
        super()._on_mouse_scroll_down(event)

    def _to_end(self) -> None:
        self.scroll_to(y=max(0, self._shown_lines - self.size.height), animate=False, force=True)
