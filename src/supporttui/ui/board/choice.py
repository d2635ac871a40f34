"""A dialog that asks for one of several choices, by first letters, number or cursor."""

from collections.abc import Sequence
from typing import ClassVar, Final

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from supporttui.presentation.cell_text import cut, fit_left
from supporttui.ui.dialog_screen import DialogScreen, choice_hints

MAX_TYPED: Final = 40
WORD_CELLS: Final = 26


class Choice(msgspec.Struct, frozen=True):
    """One choice; its texts are safe to draw."""

    value: str
    """The dialog's result."""
    word: str
    meaning: str = ""
    is_current: bool = False


class ChoiceScreen(DialogScreen[str | None]):
    """Answers with the value that was chosen, or None.

    A quick dialog closes as soon as only one choice begins with the typed text.
    """

    takes_characters = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "step(1)", "down", id="choice-down", priority=True),
        Binding("up", "step(-1)", "up", id="choice-up", priority=True),
        Binding("enter", "take", "take it", id="choice-take", priority=True),
        Binding("backspace", "rub_out", "take back a character", id="choice-rub-out", priority=True),
        Binding("escape", "leave", "leave it as it is", id="choice-leave", priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], *, is_quick: bool, note: str = "") -> None:
        """is_quick: for few choices with different first letters."""
        super().__init__()
        self._title = title
        self._choices = choices
        self._is_quick = is_quick
        self._note = note
        self._typed = ""
        self._cursor = next((number for number, each in enumerate(choices) if each.is_current), 0)
        self._lines = Static("", markup=False, id="choice-lines")

    def compose(self) -> ComposeResult:
        """Yield the title and the choices."""
        with Vertical(id="choice-box"):
            yield self._lines

    def on_mount(self) -> None:
        """List all choices."""
        self._draw()

    def offer(self, choices: Sequence[Choice], note: str) -> None:
        """Replace the choices and the note; the cursor stays on its choice."""
        if (choices, note) == (self._choices, self._note):
            return
        found = self.found
        chosen = found[self._cursor].value if found else None
        self._choices, self._note = choices, note
        self._cursor = next((number for number, each in enumerate(self.found) if each.value == chosen), 0)
        if self.is_mounted:
            self._draw()

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self.call_after_refresh(self._draw)

    def take_character(self, character: str) -> None:
        """A number that is the first character, or one more letter where something begins with all of them."""
        if character.isdigit() and not self._typed:
            self._take_number(int(character))
            return
        typed = (self._typed + character)[:MAX_TYPED]
        found = self._matching(typed)
        if not found:
            return
        self._typed, self._cursor = typed, 0
        if self._is_quick and len(found) == 1:
            self.dismiss(found[0].value)
        else:
            self._draw()

    def action_step(self, step: int) -> None:
        """Move the cursor by `step`, stopping at the ends."""
        self._cursor = max(0, min(self._cursor + step, len(self.found) - 1))
        self._draw()

    def action_rub_out(self) -> None:
        """Delete the last character."""
        self._typed, self._cursor = self._typed[:-1], 0
        self._draw()

    def action_take(self) -> None:
        """Return the choice under the cursor."""
        if self.found:
            self.dismiss(self.found[self._cursor].value)

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    @property
    def found(self) -> list[Choice]:
        """The choices that match the typed text."""
        return self._matching(self._typed)

    def _matching(self, typed: str) -> list[Choice]:
        wanted = typed.lower()
        if self._is_quick:
            return [each for each in self._choices if each.word.lower().startswith(wanted)]
        return [
            each
            for each in self._choices
            if all(word in f"{each.word} {each.meaning}".lower() for word in wanted.split())
        ]

    def _take_number(self, number: int) -> None:
        """Return the choice with this number; there are at most nine."""
        if 1 <= number <= len(self._choices):
            self.dismiss(self._choices[number - 1].value)

    def _draw(self) -> None:
        found = self.found
        width = max(20, self.size.width - 2)
        room = max(3, self.size.height - 6)
        first = max(0, min(self._cursor - room // 2, len(found) - room))
        lines = [self._line(each, width, is_cursor=found.index(each) == self._cursor) for each in found[first:][:room]]
        typed = f" {self._typed}▏" if self._typed else ""
        keys = choice_hints(self, ("choice-take", "takes it"), ("choice-leave", "leaves it"))
        way = "first letter or number" if self._is_quick else "type to find, or its number"
        lines += [Content(cut(f"  {self._note}", width))] if self._note else []
        head = cut(f"{self._title}{typed}   {way} · {keys}", width)
        self._lines.update(Content("\n").join([Content.styled(head, "bold"), *lines]))

    def _line(self, choice: Choice, width: int, *, is_cursor: bool) -> Content:
        number = self._choices.index(choice) + 1
        shown = str(number) if number <= 9 else " "
        mark = "●" if choice.is_current else " "
        word_cells = min(WORD_CELLS, width // 2)
        text = f"{'▌' if is_cursor else ' '}{shown} {mark} {fit_left(choice.word, word_cells)} {choice.meaning}"
        return Content.styled(cut(text, width), "bold") if is_cursor else Content(cut(text, width))
