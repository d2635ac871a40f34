"""Every action of the screen below with its key, found by typing, and run with enter."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from supporttui.presentation.cell_text import cut, fit_right
from supporttui.ui.dialogs.key_list import KeyEntry

KEY_CELLS: Final = 13
_MAX_TYPED: Final = 40


class CommandsScreen(ModalScreen[KeyEntry | None]):
    """Takes characters as keys, so that those typed ahead of it are not lost; answers with what to run, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "step(1)", "down", id="commands-down", priority=True),
        Binding("up", "step(-1)", "up", id="commands-up", priority=True),
        Binding("enter", "run", "do it", id="commands-run", priority=True),
        Binding("backspace", "rub_out", "take back a character", id="commands-rub-out", priority=True),
        Binding("escape,ctrl+p", "leave", "close", id="commands-leave", priority=True),
    ]

    def __init__(self, entries: Sequence[KeyEntry]) -> None:
        super().__init__()
        self._entries = entries
        self._typed = ""
        self._cursor = 0
        self._line = Static("", markup=False, id="commands-line")
        self._list = Static("", markup=False, id="commands-list")
        self._body = VerticalScroll(self._list, id="commands-body", can_focus=False)

    def compose(self) -> ComposeResult:
        """What was typed, and what fits it."""
        with Vertical(id="commands-box"):
            yield self._line
            yield self._body

    def on_mount(self) -> None:
        """Show all of them."""
        self._draw()

    def on_resize(self) -> None:
        """Cut the lines to the new width."""
        self.call_after_refresh(self._draw)

    def on_key(self, event: events.Key) -> None:
        """Take a character."""
        if event.character is not None and event.is_printable:
            event.stop()
            event.prevent_default()
            self._search(self._typed + event.character)

    def action_step(self, step: int) -> None:
        """To another one; the ends hold."""
        self._cursor = max(0, min(self._cursor + step, len(self.found) - 1))
        self._draw()

    def action_rub_out(self) -> None:
        """One character less."""
        self._search(self._typed[:-1])

    def action_run(self) -> None:
        """Answer with the one under the cursor."""
        found = self.found
        if found:
            self.dismiss(found[self._cursor])

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)

    def _search(self, typed: str) -> None:
        self._typed, self._cursor = typed[:_MAX_TYPED], 0
        self._draw()

    @property
    def found(self) -> list[KeyEntry]:
        """The entries in which every word that was typed occurs."""
        words = self._typed.lower().split()
        return [each for each in self._entries if all(word in f"{each.word} {each.keys}".lower() for word in words)]

    def _draw(self) -> None:
        found = self.found
        self._line.update(Content(f"› {self._typed}▏   type to find · enter does it · esc closes"))
        width = max(20, self._body.size.width - 1)
        lines = [self._label(each, width, is_cursor=number == self._cursor) for number, each in enumerate(found)]
        self._list.update(Content("\n").join(lines) if lines else Content("No command has these words."))
        self._body.scroll_to(y=max(0, self._cursor - self._body.size.height + 2), animate=False)

    @staticmethod
    def _label(entry: KeyEntry, width: int, *, is_cursor: bool) -> Content:
        text = cut(entry.label, width - KEY_CELLS - 2)
        line = f"{'▌' if is_cursor else ' '}{text.ljust(width - KEY_CELLS - 2)} {fit_right(entry.keys, KEY_CELLS)}"
        return Content.styled(line, "bold") if is_cursor else Content(line)
