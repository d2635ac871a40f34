"""The scrolling conversation of a ticket, drawn line by line."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from supporttui.domain.ticket import Conversation
from supporttui.presentation.ticket.conversation_lines import ConversationLayout
from supporttui.presentation.ticket.conversation_parts import (
    BAR_CELLS,
    MAX_TEXT_CELLS,
    ConversationLine,
    ReadingContext,
    Speaker,
    TextRole,
)
from supporttui.store.operations import Operation

_BARS: Final = {Speaker.NOBODY: " ", Speaker.AUTOMATIC: "╎", Speaker.UNSENT_REPLY: "┇", Speaker.UNSENT_NOTE: "┇"}
_SOLID_BAR: Final = "▌"
_NOTE_VOICES: Final = frozenset({Speaker.NOTE, Speaker.UNSENT_NOTE})


class ConversationView(ScrollView, can_focus=True):
    """Shows one conversation; stays at its end while new messages arrive there, and where it is otherwise."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_down", "Down", show=False, id="conversation-down"),
        Binding("up,k", "scroll_up", "Up", show=False, id="conversation-up"),
        Binding("pagedown,space", "page_down", "Page down", show=False, id="conversation-page-down"),
        Binding("pageup", "page_up", "Page up", show=False, id="conversation-page-up"),
        Binding("home", "scroll_home", "Start", show=False, id="conversation-start"),
        Binding("end,G", "scroll_end", "End", show=False, id="conversation-end"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "conversation--note-ground",
        *(f"conversation--{text_role.value}" for text_role in TextRole),
        *(f"conversation--bar-{message_kind.value}" for message_kind in Speaker),
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._layout_of_text = ConversationLayout()
        self._source: tuple[Conversation | None, tuple[Operation, ...], ReadingContext] | None = None
        self._lines: list[ConversationLine] = []
        self._strips: dict[int, Strip] = {}
        self._width_cells = 0
        self._height_cells = 0

    @property
    def plain_lines(self) -> list[str]:
        """What the conversation says, one string a line, without the side bars."""
        return [
            "".join(text for text, _ in (*line.runs, *((line.right,) if line.right else ()))) for line in self._lines
        ]

    def show(
        self,
        conversation: Conversation | None,
        unsent: Sequence[Operation],
        setting: ReadingContext,
        *,
        from_end: bool = False,
    ) -> None:
        """Show this conversation; `from_end` starts at its newest message instead of where the reader is."""
        source = (conversation, tuple(unsent), setting)
        if source != self._source or from_end:
            self._source = source
            self._lay_out(to_end=from_end or self.is_at_end)

    @property
    def is_at_end(self) -> bool:
        """Whether the last line is on the screen."""
        return self.scroll_offset.y >= self.max_scroll_y

    def action_page_down(self) -> None:
        """One page on, without motion."""
        self.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """One page back, without motion."""
        self.scroll_page_up(animate=False)

    def action_scroll_down(self) -> None:
        """One line on, without motion."""
        self.scroll_relative(y=1, animate=False)

    def action_scroll_up(self) -> None:
        """One line back, without motion."""
        self.scroll_relative(y=-1, animate=False)

    def action_scroll_home(self) -> None:
        """To the description."""
        self.scroll_to(y=0, animate=False)

    def action_scroll_end(self) -> None:
        """To the newest message."""
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def on_resize(self) -> None:
        """Wrap again, where the width is another; the end stays on the screen, if it was."""
        was_at_end = self.scroll_offset.y >= min(len(self._lines) - self._height_cells, self.max_scroll_y)
        self._height_cells = self.size.height
        if self.scrollable_content_region.width != self._width_cells:
            self._lay_out(to_end=was_at_end)
        elif was_at_end:
            self._to_end()

    def notify_style_update(self) -> None:
        """Forget what was drawn in other colours."""
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        index = y + self.scroll_offset.y
        width = self._width_cells
        if index >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        strip = self._strips.get(index)
        if strip is None:
            strip = self._strips[index] = self._drawn(self._lines[index])
        return strip.crop_extend(0, width, self.rich_style)

    def _lay_out(self, *, to_end: bool) -> None:
        self._width_cells = self.scrollable_content_region.width
        if self._source is None or not self._width_cells:
            return
        self._lines = self._layout_of_text.lines(*self._source, self._width_cells - 1)
        self._strips.clear()
        self.virtual_size = Size(self._width_cells, len(self._lines))
        if to_end:
            self._to_end()
        self.refresh()

    def _to_end(self) -> None:
        self.scroll_to(y=max(0, len(self._lines) - self.size.height), animate=False, force=True)

    def _drawn(self, line: ConversationLine) -> Strip:
        width = min(self._width_cells - 1, MAX_TEXT_CELLS + BAR_CELLS)
        ground = self._ground(line.message_kind)
        bar_style = ground + self.get_component_rich_style(f"conversation--bar-{line.message_kind.value}", partial=True)
        segments = [Segment(_BARS.get(line.message_kind, _SOLID_BAR), bar_style), Segment(" ", ground)]
        segments += [Segment(text, ground + self._text_style(text_role)) for text, text_role in line.runs]
        left = Strip(segments)
        if line.right is None:
            return left.adjust_cell_length(width, ground)
        text, text_role = line.right
        edge = Strip([Segment(text, ground + self._text_style(text_role))])
        return Strip.join([left.adjust_cell_length(max(width - edge.cell_length, 0), ground), edge])

    def _ground(self, message_kind: Speaker) -> Style:
        base: Style = self.rich_style
        if message_kind in _NOTE_VOICES:
            return base + self.get_component_rich_style("conversation--note-ground", partial=True)
        return base

    def _text_style(self, text_role: TextRole) -> Style:
        return self.get_component_rich_style(f"conversation--{text_role.value}", partial=True)
