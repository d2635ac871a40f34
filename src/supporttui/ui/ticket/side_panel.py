"""The facts beside a conversation, drawn as lines of which only the changed ones are redrawn."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from supporttui.presentation.ticket.panel_facts import PanelRole, PanelSection, PanelText, panel_lines
from supporttui.ui.text_strips import TextStyles, panel_segments


class SidePanel(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows sections of facts; scrolls if they do not fit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_by(1)", "down", show=False, id="panel-down"),
        Binding("up,k", "scroll_by(-1)", "up", show=False, id="panel-up"),
        Binding("pagedown,space", "scroll_by(10)", "page down", show=False, id="panel-page-down"),
        Binding("pageup", "scroll_by(-10)", "page up", show=False, id="panel-page-up"),
        Binding("home", "scroll_by(-9999)", "start", show=False, id="panel-start"),
        Binding("end,G", "scroll_by(9999)", "end", show=False, id="panel-end"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sections: tuple[PanelSection, ...] = ()
        self._lines: list[tuple[PanelText, ...]] = []
        self._width_cells = 0
        self._styles: TextStyles | None = None

    @property
    def plain_lines(self) -> list[str]:
        """The text of the panel, one string per line."""
        return ["".join(text for text, _ in line).rstrip() for line in self._lines]

    def show(self, sections: Sequence[PanelSection]) -> None:
        """Show these sections; unchanged lines are not redrawn."""
        shown = tuple(sections)
        if shown != self._sections:
            self._sections = shown
            self._lay_out()

    def go_to(self, title: str) -> None:
        """Scroll to the section of this title, or to the top."""
        wanted = ((title, PanelRole.HEADING),)
        self.scroll_to(y=self._lines.index(wanted) if wanted in self._lines else 0, animate=False)

    def action_scroll_by(self, lines: int) -> None:
        """Scroll without animation, before the next key is processed."""
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, immediate=True)

    def on_resize(self) -> None:
        """Wrap the text if the width has changed."""
        if self.scrollable_content_region.width != self._width_cells:
            self._lay_out()

    def render_line(self, y: int) -> Strip:
        """Render one line of the screen."""
        index = y + self.scroll_offset.y
        runs = self._lines[index] if index < len(self._lines) else ()
        self._styles = self._styles or TextStyles(self)
        return Strip(panel_segments(self._styles, runs, self.size.width))

    def notify_style_update(self) -> None:
        """Discard the styles computed from the stylesheets."""
        super().notify_style_update()
        self._styles = None

    def _lay_out(self) -> None:
        self._width_cells = self.scrollable_content_region.width
        if not self._width_cells:
            return
        before, self._lines = self._lines, panel_lines(self._sections, self._width_cells)
        if len(before) != len(self._lines):
            self.virtual_size = Size(self._width_cells, len(self._lines))
            self.refresh()
            return
        for index, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            if old != new:
                self.refresh(Region(0, index - self.scroll_offset.y, self.size.width, 1))
