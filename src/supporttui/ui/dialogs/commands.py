"""The command palette: the actions of the screen below with their keys, tickets, people and more."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from supporttui.presentation.cell_text import cell_len, cut, fit_left, fit_right
from supporttui.presentation.palette import SHOWN_RECENT, PaletteEntry, PaletteSource, ordered
from supporttui.ui.dialog_screen import DialogScreen, binding_key, choice_hints
from supporttui.ui.typed_list import ListTexts, TypedList

KIND_CELLS: Final = 21
_MIN_SEARCHED: Final = 2
"""The minimum number of characters for a search in files."""


class CommandsScreen(DialogScreen[PaletteEntry | None]):
    """Answers with what to run, or None.

    Entries from memory are listed at once. Those from files are appended below, so that no line moves.
    """

    lists_actions = takes_characters = True

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
        self._asked = ""
        self._is_asking = False
        self._answered: list[PaletteEntry] = []
        self._list = TypedList("commands", self._find, ListTexts(_label, self._hint, self._nothing))

    def compose(self) -> ComposeResult:
        """Yield the typed text and the matching entries."""
        yield self._list

    @on(TypedList.Clicked)
    def do_clicked(self) -> None:
        """Do what was clicked."""
        self.action_run()

    @property
    def found(self) -> Sequence[PaletteEntry]:
        """The entries that are listed now."""
        return self._list.found

    def take_character(self, character: str) -> None:
        """Look for what has this too."""
        self._search(self._list.typed + character)

    def action_step(self, step: int) -> None:
        """Move the cursor by `step`, stopping at the ends."""
        self._list.step(step)

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self._list.page(pages)

    def action_rub_out(self) -> None:
        """Delete the last character; if there is none, leave the submenu."""
        if not self._list.typed:
            self._within = None
        self._search(self._list.typed[:-1])

    def action_run(self) -> None:
        """Return the entry under the cursor, or open its submenu."""
        chosen = self._list.chosen
        if chosen is None:
            return
        if chosen.more is None:
            self.dismiss(chosen)
        else:
            self._within = chosen.more()
            self._search("")

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def _search(self, typed: str) -> None:
        self._list.search(typed)
        if self._slow and not self._is_asking and self._within is None:
            self._is_asking = True
            self.run_worker(self._ask())

    async def _ask(self) -> None:
        """Search files for the latest text, one search at a time."""
        while self._asked != self._list.typed:
            asked = self._asked = self._list.typed
            if len(asked.strip()) >= _MIN_SEARCHED:
                answered = await asyncio.to_thread(self._read, asked)
                if asked == self._list.typed:
                    self._answered = answered
                    self._list.find()
        self._is_asking = False

    def _read(self, asked: str) -> list[PaletteEntry]:
        return [entry for source in self._slow for entry in source.find(asked)]

    def _find(self, typed: str) -> list[PaletteEntry]:
        """What fits; answers that came for something else stay as far as they fit, and below the others."""
        words = typed.casefold().split()
        if self._within is not None:
            return [each for each in self._within if each.matches(words)]
        exact = [each for source in self._quick for each in source.find(typed)]
        recalled = self._recalled if words else self._recalled[:SHOWN_RECENT]
        listed = [*recalled, *(each for each in self._actions if each.matches(words))]
        near = ordered([each for each in listed if each.matches(words)], self._recent)
        known = {each.key for each in (*exact, *near)}
        is_answered = self._asked == typed
        late = [each for each in self._answered if is_answered or each.matches(words)] if words else []
        found = [*exact, *(each for each in near if each not in exact)]
        return [*found, *(each for each in late if each.key not in known)]

    def _hint(self) -> str:
        return f"type to find · {choice_hints(self, ('commands-run', 'does it'), ('commands-leave', 'closes'))}"

    def _nothing(self) -> str:
        if self._within is not None and not self._list.typed:
            return f"No open tickets; {binding_key(self.app, 'commands-rub-out')} goes back."
        return "Searching…" if self._is_asking else "Nothing here has these words."


def _label(entry: PaletteEntry, width: int) -> str:
    """What it does or is, and at the right its key or kind."""
    kind = cut(entry.kind, min(KIND_CELLS, width // 3))
    room = width - cell_len(kind) - 1
    return f"{fit_left(entry.label, room)} {fit_right(kind, cell_len(kind))}"
