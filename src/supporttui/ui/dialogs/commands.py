"""The command palette: the actions of the screen below with their keys, tickets, people and more."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from supporttui.presentation.cell_text import cell_len, cut, fit_right
from supporttui.presentation.palette import SHOWN_RECENT, PaletteEntry, PaletteSource, ordered
from supporttui.ui.dialog_screen import DialogScreen, choice_hints

KIND_CELLS: Final = 21
_MAX_TYPED: Final = 60
_MIN_SEARCHED: Final = 2
"""The minimum number of characters for a search in files."""


class CommandsScreen(DialogScreen[PaletteEntry | None]):
    """Reads characters as keys, so that keys typed ahead are not lost; returns the entry to run, or None.

    Entries from memory are listed at once. Those from files are appended below, so that no line moves.
    """

    lists_actions = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "step(1)", "down", id="commands-down", priority=True),
        Binding("up", "step(-1)", "up", id="commands-up", priority=True),
        Binding("pagedown", "page(1)", "page down", id="commands-page-down", priority=True),
        Binding("pageup", "page(-1)", "page up", id="commands-page-up", priority=True),
        Binding("enter", "run", "do it", id="commands-run", priority=True),
        Binding("backspace", "rub_out", "take back a character", id="commands-rub-out", priority=True),
        Binding("escape,ctrl+p", "leave", "close", id="commands-leave", priority=True),
    ]

    def __init__(
        self, actions: Sequence[PaletteEntry], sources: Sequence[PaletteSource] = (), recent: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self._actions = actions
        self._quick = [source for source in sources if not source.is_slow]
        self._slow = [source for source in sources if source.is_slow]
        self._recent = recent
        recalled = (source.recall(key) for key in recent for source in sources)
        self._recalled = [entry for entry in recalled if entry is not None]
        self._within: Sequence[PaletteEntry] | None = None
        """The entries of a submenu; None for all entries."""
        self._typed = self._asked = ""
        self._is_asking = False
        self._answered: list[PaletteEntry] = []
        self._cursor = 0
        self._line = Static("", markup=False, id="commands-line")
        self._list = Static("", markup=False, id="commands-list")
        self._body = VerticalScroll(self._list, id="commands-body", can_focus=False)
        self.found: list[PaletteEntry] = []
        """The entries listed now."""

    def compose(self) -> ComposeResult:
        """Yield the typed text and the matching entries."""
        with Vertical(id="commands-box"):
            yield self._line
            yield self._body

    def on_mount(self) -> None:
        """List all entries."""
        self._find()

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self.call_after_refresh(self._draw)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether the key is typed as text."""
        return character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Append a character."""
        if event.character is not None and event.is_printable:
            event.stop()
            event.prevent_default()
            self._search(self._typed + event.character)

    def on_click(self, event: events.Click) -> None:
        """Run the entry that was clicked."""
        if event.widget is self._list and event.y < len(self.found):
            self._cursor = event.y
            self.action_run()

    def action_step(self, step: int) -> None:
        """Move the cursor by `step`, stopping at the ends."""
        self._cursor = max(0, min(self._cursor + step, len(self.found) - 1))
        self._draw()

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self.action_step(pages * max(1, self._body.size.height - 1))

    def action_rub_out(self) -> None:
        """Delete the last character; if there is none, leave the submenu."""
        if not self._typed:
            self._within = None
        self._search(self._typed[:-1])

    def action_run(self) -> None:
        """Return the entry under the cursor, or open its submenu."""
        if not self.found:
            return
        chosen = self.found[self._cursor]
        if chosen.more is None:
            self.dismiss(chosen)
        else:
            self._within = chosen.more()
            self._search("")

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def _search(self, typed: str) -> None:
        self._typed, self._cursor = typed[:_MAX_TYPED], 0
        self._find()
        if self._slow and not self._is_asking and self._within is None:
            self._is_asking = True
            self.run_worker(self._ask())

    async def _ask(self) -> None:
        """Search files for the latest text, one search at a time."""
        while self._asked != self._typed:
            asked = self._asked = self._typed
            if len(asked.strip()) >= _MIN_SEARCHED:
                answered = await asyncio.to_thread(self._read, asked)
                if asked == self._typed:
                    self._answered = answered
                    self._find()
        self._is_asking = False

    def _read(self, asked: str) -> list[PaletteEntry]:
        return [entry for source in self._slow for entry in source.find(asked)]

    def _find(self) -> None:
        """List the matching entries; earlier results of file searches stay below them as far as they match."""
        words = self._typed.casefold().split()
        if self._within is not None:
            self.found = [each for each in self._within if each.matches(words)]
        else:
            exact = [each for source in self._quick for each in source.find(self._typed)]
            recalled = self._recalled if words else self._recalled[:SHOWN_RECENT]
            listed = [*recalled, *(each for each in self._actions if each.matches(words))]
            near = ordered([each for each in listed if each.matches(words)], self._recent)
            known = {each.key for each in (*exact, *near)}
            is_answered = self._asked == self._typed
            late = [each for each in self._answered if is_answered or each.matches(words)] if words else []
            self.found = [*exact, *(each for each in near if each not in exact)]
            self.found += [each for each in late if each.key not in known]
        self._draw()

    def _draw(self) -> None:
        hints = choice_hints(self, ("commands-run", "does it"), ("commands-leave", "closes"))
        self._line.update(Content(f"› {self._typed}▏   type to find · {hints}"))
        width = max(20, self._body.size.width - 1)
        lines = [self._label(each, width, is_cursor=number == self._cursor) for number, each in enumerate(self.found)]
        self._list.update(Content("\n").join(lines) if lines else Content(self._nothing()))
        self._body.scroll_to(y=max(0, self._cursor - self._body.size.height + 2), animate=False)

    def _nothing(self) -> str:
        if self._within is not None and not self._typed:
            return "No open tickets; backspace goes back."
        return "Searching…" if self._is_asking else "Nothing here has these words."

    @staticmethod
    def _label(entry: PaletteEntry, width: int, *, is_cursor: bool) -> Content:
        kind = cut(entry.kind, min(KIND_CELLS, width // 3))
        room = width - cell_len(kind) - 2
        text = cut(entry.label, room)
        line = f"{'▌' if is_cursor else ' '}{text}{' ' * (room - cell_len(text))} {fit_right(kind, cell_len(kind))}"
        return Content.styled(line, "bold") if is_cursor else Content(line)
