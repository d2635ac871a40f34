"""A dialog that asks for a ticket's number or key."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from supporttui.domain.ticket_id import LONGEST_ID, TicketId
from supporttui.ui.dialog_screen import DialogScreen, choice_hints


class GoToScreen(DialogScreen[str | None]):
    """Answers with the text that was typed, or None.

    `g` and `q` close it while only digits were typed; a ticket key that begins with one of them is typed after a `#`.
    """

    takes_characters = True

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(digit), f"digit({digit})", show=False, id=f"go-to-digit-{digit}", priority=True)
            for digit in range(10)
        ),
        Binding("backspace", "rub_out", "take back a character", id="go-to-rub-out", priority=True),
        Binding("enter", "go", "go there", id="go-to-go", priority=True),
        Binding("escape", "leave", "stay here", id="go-to-leave", priority=True),
    ]

    def __init__(self, suggested: TicketId | None = None) -> None:
        """suggested: the answer where nothing is typed, which is the user's latest new ticket."""
        super().__init__()
        self._typed = ""
        self._suggested = suggested
        self._line = Static("", markup=False, id="go-to-line")

    def compose(self) -> ComposeResult:
        """Yield the only line."""
        yield self._line

    def on_mount(self) -> None:
        """Show what was typed so far."""
        self._draw()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Characters are typed here, and no blanks."""
        return super().check_consume_key(key, character) and not str(character).isspace()

    def take_character(self, character: str) -> None:
        """One more that is no digit."""
        if character in "gq" and (not self._typed or self._typed.isdigit()):
            self.dismiss(None)
        else:
            self._add(character)

    def action_digit(self, digit: int) -> None:
        """Append a digit."""
        self._add(str(digit))

    def action_rub_out(self) -> None:
        """Delete the last character."""
        self._typed = self._typed[:-1]
        self._draw()

    def action_go(self) -> None:
        """Return the text."""
        suggested = None if self._suggested is None else self._suggested.label
        self.dismiss(self._typed or suggested)

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def _add(self, character: str) -> None:
        self._typed = (self._typed + character)[:LONGEST_ID]
        self._draw()

    def _draw(self) -> None:
        mark = "#" if not self._typed or self._typed.isdigit() else ""
        go = "go"
        if self._suggested is not None and not self._typed:
            go = f"to {self._suggested.label}, your new ticket"
        hints = choice_hints(self, ("go-to-go", go), ("go-to-leave", "stay"))
        self._line.update(Content(f"Go to ticket {mark}{self._typed}▏   {hints}"))
