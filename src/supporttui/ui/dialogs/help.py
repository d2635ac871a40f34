"""The help screen: every key, those of the screen below first, and the meaning of the marks."""

from collections.abc import Iterable
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from supporttui.presentation.cell_text import cell_len, cut
from supporttui.ui.dialog_screen import DialogScreen, choice_hints
from supporttui.ui.dialogs.key_list import KeyEntry

UNREAD_MARK = "the customer wrote and nobody has looked yet"
MARKS = (
    ("↑", "a change of yours that the help desk has not confirmed"),
    ("✎", "a draft of yours: something is written and not sent"),
    ("!", "a change that was not applied: open the ticket to decide"),
    ("◇", "found by the desk's own search, not on the board"),
    ("‖", "the clock stands still: closed, a holiday, or a status that pauses it"),
    ("✓", "answered in time"),
    ("✗", "answered late, or closed without an answer"),
)
KEY_CELLS = 13
WORD_CELLS = 31
TWO_COLUMNS_FROM = 100
_MAX_TYPED = 40


class HelpScreen(DialogScreen[None]):
    """Lists keys and marks, those of the screen below first; typed words filter the lines."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"help--title"}

    lists_actions = takes_characters = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark", "close", "close", id="help-close", priority=True),
        Binding("down,ctrl+n", "scroll(1)", "down", id="help-down", priority=True),
        Binding("up", "scroll(-1)", "up", id="help-up", priority=True),
        Binding("pagedown", "page(1)", "page down", id="help-page-down", priority=True),
        Binding("pageup", "page(-1)", "page up", id="help-page-up", priority=True),
        Binding("home", "scroll(-9999)", "start", id="help-start", priority=True),
        Binding("end", "scroll(9999)", "end", id="help-end", priority=True),
        Binding("backspace", "rub_out", "take back a character", id="help-rub-out", priority=True),
    ]

    def __init__(self, entries: Iterable[KeyEntry], unread_mark: str = UNREAD_MARK) -> None:
        """unread_mark: what `●` means on this board."""
        super().__init__()
        self._entries = list(entries)
        self._marks = [("●", unread_mark), *MARKS]
        self._typed = ""
        self._line = Static("", markup=False, id="help-line")
        self._list = Static("", markup=False, id="help-list")
        self._body = VerticalScroll(self._list, id="help-body", can_focus=False)

    def compose(self) -> ComposeResult:
        """Yield the typed text, the keys by context, and the marks."""
        with Vertical(id="help-box") as box:
            box.border_title = Content("Keys")
            yield self._line
            yield self._body

    def on_mount(self) -> None:
        """List all keys."""
        self._draw()

    def take_character(self, character: str) -> None:
        """Look for what has this too."""
        self._search(self._typed + character)

    @property
    def found(self) -> list[KeyEntry]:
        """The entries that contain every typed word."""
        words = self._typed.casefold().split()
        return [entry for entry in self._entries if entry.matches(words)]

    def _search(self, typed: str) -> None:
        self._typed = typed[:_MAX_TYPED]
        self._draw()

    def _draw(self) -> None:
        self._line.update(Content(f"› {self._typed}▏   type to find · {choice_hints(self, ('help-close', 'closes'))}"))
        title = self.get_visual_style("help--title", partial=True)
        parts: list[Content] = []
        for section, entries in groupby(self.found, lambda entry: entry.section):
            parts += [Content.assemble((section, title)), self._keys(entries), Content("")]
        words = self._typed.casefold().split()
        marks = [(mark, word) for mark, word in self._marks if all(each in word for each in words)]
        if marks:
            parts += [Content.assemble(("Marks", title)), _table(marks)]
        self._list.update(Content("\n").join(parts) if parts else Content("No key has these words."))
        self._body.scroll_to(y=0, animate=False)

    def _keys(self, entries: Iterable[KeyEntry]) -> Content:
        """The keys, in two columns if there is room."""
        pairs = [(entry.keys, entry.word) for entry in entries]
        if self.app.size.width < TWO_COLUMNS_FROM:
            return _table(pairs)
        half = (len(pairs) + 1) // 2
        left, right = pairs[:half], [*pairs[half:], ("", "")]
        lines = [Content.assemble(_entry(*one), _entry(*other)) for one, other in zip(left, right, strict=False)]
        return Content("\n").join(lines)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines, before the next key is processed."""
        self._body.scroll_to(y=self._body.scroll_offset.y + lines, animate=False, immediate=True)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        self.action_scroll(pages * max(1, self._body.size.height - 1))

    def action_rub_out(self) -> None:
        """Delete the last character."""
        self._search(self._typed[:-1])

    def action_close(self) -> None:
        """Return to the screen below."""
        self.dismiss(None)


def _entry(keys: str, word: str) -> Content:
    """An entry in columns of fixed width; longer keys take room from the description."""
    shown = cut(keys, KEY_CELLS + WORD_CELLS - 2)
    padding = " " * max(0, KEY_CELLS - cell_len(shown))
    room = KEY_CELLS + WORD_CELLS - cell_len(shown) - len(padding)
    text = cut(word, room)
    return Content.assemble((f"{shown}{padding} ", "bold"), f"{text}{' ' * (room - cell_len(text))} ")


def _table(pairs: Iterable[tuple[str, str]]) -> Content:
    """A table with one entry per line."""
    lines = [Content.assemble((f"{left}{' ' * (KEY_CELLS - cell_len(left))} ", "bold"), right) for left, right in pairs]
    return Content("\n").join(lines)
