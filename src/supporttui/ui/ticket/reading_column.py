"""The ticket screen's main column: the conversation with the composer below the last message."""

from textual.containers import Vertical
from textual.geometry import Region, Size
from textual.layout import ArrangeResult, Layout
from textual.layouts.vertical import VerticalLayout
from textual.widget import Widget

from supporttui.ui.reply_area import ReplyArea
from supporttui.ui.ticket.conversation import ConversationView


class ComposerBelowText(VerticalLayout):
    """Gives the composer the height it needs; a short conversation is not stretched above it."""

    name = "composer-below-text"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Place the conversation, and the composer where it ends, or at the bottom if it is longer."""
        placements = super().arrange(parent, children, size, greedy)
        widgets = [placement.widget for placement in placements]
        if len(placements) != 2 or not isinstance(widgets[0], ConversationView):
            return placements
        text, composer = placements
        needed = max(1, widgets[0].needed_lines)
        if needed >= text.region.height:
            return placements
        moved = composer.region.translate((0, needed - text.region.height))
        return [
            text._replace(region=Region(*text.region.offset, text.region.width, needed)),
            composer._replace(region=moved),
        ]


class ReadingColumn(Vertical):
    """The conversation, and below it the composer."""

    def __init__(self, conversation: ConversationView, reply_area: ReplyArea, *, id: str) -> None:
        super().__init__(conversation, reply_area, id=id)
        self._layout_of_column = ComposerBelowText()

    @property
    def layout(self) -> Layout:
        """The layout; a stylesheet cannot name it."""
        return self._layout_of_column
