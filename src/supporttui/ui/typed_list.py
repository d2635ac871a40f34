"""A list that is searched by typing: a line with what was typed, and below it the entries that are left."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from textual import events
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

MAX_TYPED: Final = 60
"""Characters that are looked for."""
_MIN_CELLS: Final = 20

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class ListTexts(Generic[Entry]):
    """What a list says."""

    label: Callable[[Entry, int], str]
    """An entry in so many cells, as safe text."""
    hint: Callable[[], str]
    """What stands behind what was typed: what the list is, and its keys."""
    nothing: Callable[[], str]
    """What stands there where no entry is left."""


class TypedList(Vertical, Generic[Entry]):
    """The line and the entries, one of them under the cursor. The keys are those of the dialog around it.

    Its parts have the ids `NAME-line`, `NAME-list` and `NAME-body`, and itself `NAME-box`.
    """

    class Clicked(Message):
        """The entry under the cursor was clicked."""

    def __init__(self, name: str, find: Callable[[str], Sequence[Entry]], texts: ListTexts[Entry]) -> None:
        """find: what is left of the entries for what was typed."""
        self._line = Static("", markup=False, id=f"{name}-line")
        self._list = Static("", markup=False, id=f"{name}-list")
        self._body = VerticalScroll(self._list, id=f"{name}-body", can_focus=False)
        super().__init__(self._line, self._body, id=f"{name}-box")
        self._find = find
        self._texts = texts
        self._cursor = 0
        self.typed = ""
        self.found: Sequence[Entry] = ()
        """The entries that are listed now."""

    def on_mount(self) -> None:
        """List what there is."""
        self.find()

    def on_resize(self) -> None:
        """Cut the lines to the new width."""
        self.call_after_refresh(self.draw)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on what was clicked, and say so."""
        if event.widget is self._list and event.y < len(self.found):
            self._cursor = event.y
            self.post_message(self.Clicked())

    @property
    def chosen(self) -> Entry | None:
        """The entry under the cursor."""
        return self.found[self._cursor] if self.found else None

    def search(self, typed: str) -> None:
        """Look for this instead, with the cursor on the first entry."""
        self.typed, self._cursor = typed[:MAX_TYPED], 0
        self.find()

    def rub_out(self) -> None:
        """Look for one character less."""
        self.search(self.typed[:-1])

    def find(self) -> None:
        """List what fits; also when more has become known."""
        self.found = self._find(self.typed)
        self.draw()

    def step(self, step: int) -> None:
        """Put the cursor on another entry; the ends hold."""
        self._cursor = max(0, min(self._cursor + step, len(self.found) - 1))
        self.draw()

    def page(self, pages: int) -> None:
        """Move the cursor by what is in view."""
        self.step(pages * max(1, self._body.size.height - 1))

    def draw(self) -> None:
        """Draw all of it."""
        self._line.update(Content(f"› {self.typed}▏   {self._texts.hint()}"))
        width = max(_MIN_CELLS, self._body.size.width - 1)
        lines = [self._drawn(entry, width, number) for number, entry in enumerate(self.found)]
        self._list.update(Content("\n").join(lines) if lines else Content(self._texts.nothing()))
        self._body.scroll_to(y=max(0, self._cursor - self._body.size.height + 2), animate=False)

    def _drawn(self, entry: Entry, width: int, number: int) -> Content:
        label = self._texts.label(entry, width - 1)
        return Content.styled(f"▌{label}", "bold") if number == self._cursor else Content(f" {label}")
