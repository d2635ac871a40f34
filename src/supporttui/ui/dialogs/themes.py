"""The dialog for choosing a theme; each is shown while the cursor is on it."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from supporttui.ui.dialog_screen import DialogScreen, choice_hints
from supporttui.ui.keyed_widgets import ChoiceList


class ThemesScreen(DialogScreen[str | None]):
    """Returns the name of the chosen theme, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "close", id="themes-close"),
        Binding("j", "step(1)", "next", show=False, id="themes-next"),
        Binding("k", "step(-1)", "previous", show=False, id="themes-previous"),
    ]

    def __init__(self, names: Sequence[str], present: str, show: Callable[[str], str]) -> None:
        """show: applies a theme; returns what is wrong with it, or an empty text."""
        super().__init__()
        self._names = tuple(names)
        self._present = present
        self._show = show

    def compose(self) -> ComposeResult:
        """Yield the list of names."""
        with Vertical(id="themes-box") as box:
            box.border_title = Content("Colours")
            box.border_subtitle = Content(self._hints())
            yield ChoiceList(*(Option(Content(name)) for name in self._names), id="themes-list", markup=False)

    def _hints(self) -> str:
        return choice_hints(self, ("list-choose", "use"), ("themes-close", "as before"))

    def on_mount(self) -> None:
        """Start on the current theme."""
        if self._present in self._names:
            self.query_one(ChoiceList).highlighted = self._names.index(self._present)

    @on(OptionList.OptionHighlighted)
    def show_theme(self, event: OptionList.OptionHighlighted) -> None:
        """Show the board in the theme."""
        problem = self._show(self._names[event.option_index])
        self.query_one("#themes-box", Vertical).border_subtitle = Content(problem or self._hints())

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Return the theme."""
        self.dismiss(self._names[event.option_index])

    def action_close(self) -> None:
        """Restore the previous theme."""
        self.dismiss(None)

    def action_step(self, step: int) -> None:
        """Move the cursor by `step`."""
        options = self.query_one(ChoiceList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()
