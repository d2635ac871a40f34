"""Every key there is on the screen below, and what the marks mean."""

from collections.abc import Iterable
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from supporttui.presentation.cell_text import cell_len
from supporttui.ui.dialogs.key_list import KeyEntry

MARKS = (
    ("●", "the customer wrote and nobody has looked yet"),
    ("↑", "a change of yours that the help desk has not confirmed"),
    ("!", "a change that was not applied: open the ticket to decide"),
    ("‖", "the clock stands still: closed, a holiday, or a status that pauses it"),
    ("✓", "answered in time"),
    ("✗", "answered late, or closed without an answer"),
)
KEY_CELLS = 13
WORD_CELLS = 31
TWO_COLUMNS_FROM = 100


class HelpScreen(ModalScreen[None]):
    """Lists keys and marks; any of the leaving keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "close", "close", id="help-close"),
        Binding("j,down", "scroll(1)", "down", id="help-down"),
        Binding("k,up", "scroll(-1)", "up", id="help-up"),
        Binding("pagedown,space", "scroll(10)", "page down", show=False, id="help-page-down"),
        Binding("pageup", "scroll(-10)", "page up", show=False, id="help-page-up"),
        Binding("home", "scroll(-9999)", "start", show=False, id="help-start"),
        Binding("end,G", "scroll(9999)", "end", show=False, id="help-end"),
    ]

    def __init__(self, entries: Iterable[KeyEntry]) -> None:
        super().__init__()
        self._entries = list(entries)
        self._body = VerticalScroll(id="help-box", can_focus=False)

    def compose(self) -> ComposeResult:
        """The keys by where they act, then the marks."""
        with self._body as box:
            box.border_title = Content("Keys")
            for title, entries in groupby(self._entries, lambda entry: entry.section):
                yield Static(Content(title), markup=False, classes="help-title")
                yield Static(self._keys(entries), markup=False)
            yield Static(Content("Marks"), markup=False, classes="help-title")
            yield Static(_table(MARKS), markup=False)

    def _keys(self, entries: Iterable[KeyEntry]) -> Content:
        """The keys, in two columns where there is room."""
        pairs = [(entry.keys, entry.word) for entry in entries]
        if self.app.size.width < TWO_COLUMNS_FROM:
            return _table(pairs)
        half = (len(pairs) + 1) // 2
        left, right = pairs[:half], [*pairs[half:], ("", "")]
        lines = [Content.assemble(_entry(*one), _entry(*other)) for one, other in zip(left, right, strict=False)]
        return Content("\n").join(lines)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines, before the next key."""
        self._body.scroll_to(y=self._body.scroll_offset.y + lines, animate=False, immediate=True)

    def action_close(self) -> None:
        """Back to the screen below."""
        self.dismiss(None)


def _entry(keys: str, word: str) -> Content:
    """One entry in cells of a fixed width."""
    room = max(0, WORD_CELLS - cell_len(word))
    return Content.assemble((f"{keys:<{KEY_CELLS}} ", "bold"), f"{word}{' ' * room}")


def _table(pairs: Iterable[tuple[str, str]]) -> Content:
    """One entry a line."""
    lines = [Content.assemble((f"{left:<{KEY_CELLS}} ", "bold"), right) for left, right in pairs]
    return Content("\n").join(lines)
