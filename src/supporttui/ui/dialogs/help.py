"""Every key there is on the screen below, and what the marks mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

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


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """The keys that do one thing, and what that is."""

    keys: str
    word: str


def key_entries(screen: Screen[Any]) -> list[KeyEntry]:
    """The active bindings of a screen in the order in which they are declared; keys that do the same in one line."""
    keys: dict[str, list[str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        is_ours = binding.id is not None and "-" in binding.id
        if is_ours and binding.description and not binding.system:
            keys.setdefault(binding.description, []).append(screen.app.get_key_display(binding))
    keys["all commands"] = [screen.app.COMMAND_PALETTE_BINDING.replace("ctrl+", "^")]
    return [KeyEntry(" ".join(each), word) for word, each in keys.items()]


class HelpScreen(ModalScreen[None]):
    """Lists keys and marks; any of the leaving keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "close", "close", id="help-close"),
        Binding("j,down", "scroll(1)", "down", id="help-down"),
        Binding("k,up", "scroll(-1)", "up", id="help-up"),
    ]

    def __init__(self, entries: Iterable[KeyEntry]) -> None:
        super().__init__()
        self._entries = list(entries)
        self._body = VerticalScroll(id="help-box")

    def compose(self) -> ComposeResult:
        """Keys first, then marks."""
        with self._body:
            yield Static(Content("Keys"), markup=False, classes="help-title")
            yield Static(self._keys(), markup=False)
            yield Static(Content("Marks"), markup=False, classes="help-title")
            yield Static(_table(MARKS), markup=False)

    def _keys(self) -> Content:
        """The keys, in two columns where there is room."""
        pairs = [(entry.keys, entry.word) for entry in self._entries]
        if self.app.size.width < TWO_COLUMNS_FROM:
            return _table(pairs)
        half = (len(pairs) + 1) // 2
        left, right = pairs[:half], [*pairs[half:], ("", "")]
        lines = [Content.assemble(_entry(*one), _entry(*other)) for one, other in zip(left, right, strict=False)]
        return Content("\n").join(lines)

    def action_scroll(self, lines: int) -> None:
        """Scroll by a line."""
        self._body.scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        """Back to the screen below."""
        self.dismiss(None)


def _entry(keys: str, word: str) -> Content:
    """One entry in cells of a fixed width."""
    return Content.assemble((f"{keys:<{KEY_CELLS}} ", "bold"), f"{word:<{WORD_CELLS}}")


def _table(pairs: Iterable[tuple[str, str]]) -> Content:
    """One entry a line."""
    lines = [Content.assemble((f"{left:<{KEY_CELLS}} ", "bold"), right) for left, right in pairs]
    return Content("\n").join(lines)
