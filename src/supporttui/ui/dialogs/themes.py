"""Choosing a theme: each is shown while the cursor is on it."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class ThemesScreen(ModalScreen[str | None]):
    """Answers with the name of the theme that is chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "close", id="themes-close"),
        Binding("j", "step(1)", "next", show=False, id="themes-next"),
        Binding("k", "step(-1)", "previous", show=False, id="themes-previous"),
    ]

    def __init__(self, names: Sequence[str], present: str, show: Callable[[str], str]) -> None:
        """show: uses a theme; what is wrong with it, where it cannot be used."""
        super().__init__()
        self._names = tuple(names)
        self._present = present
        self._show = show

    def compose(self) -> ComposeResult:
        """A list of names."""
        with Vertical(id="themes-box") as box:
            box.border_title = Content("Colours")
            box.border_subtitle = Content("enter use · esc as before")
            yield OptionList(*(Option(Content(name)) for name in self._names), id="themes-list", markup=False)

    def on_mount(self) -> None:
        """Begin with the one in use."""
        if self._present in self._names:
            self.query_one(OptionList).highlighted = self._names.index(self._present)

    @on(OptionList.OptionHighlighted)
    def show_theme(self, event: OptionList.OptionHighlighted) -> None:
        """Show what the board looks like in it."""
        problem = self._show(self._names[event.option_index])
        self.query_one("#themes-box", Vertical).border_subtitle = Content(problem or "enter use · esc as before")

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Keep it."""
        self.dismiss(self._names[event.option_index])

    def action_close(self) -> None:
        """Go back to the one before."""
        self.dismiss(None)

    def action_step(self, step: int) -> None:
        """To another one."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()
