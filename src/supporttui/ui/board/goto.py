"""Asks for a ticket's number."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

MAX_DIGITS = 15


class GoToScreen(ModalScreen[int | None]):
    """Takes digits as keys, so that those typed ahead of it are not lost; answers with the number, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(digit), f"digit({digit})", show=False, id=f"go-to-digit-{digit}", priority=True)
            for digit in range(10)
        ),
        Binding("backspace", "rub_out", "take back a digit", id="go-to-rub-out", priority=True),
        Binding("enter", "go", "go there", id="go-to-go", priority=True),
        Binding("escape,g,q", "leave", "stay here", id="go-to-leave", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._digits = ""
        self._line = Static("", markup=False, id="go-to-line")

    def compose(self) -> ComposeResult:
        """One line."""
        yield self._line

    def on_mount(self) -> None:
        """Show what was typed so far."""
        self._draw()

    def action_digit(self, digit: int) -> None:
        """One more digit."""
        self._digits = (self._digits + str(digit))[:MAX_DIGITS]
        self._draw()

    def action_rub_out(self) -> None:
        """One digit less."""
        self._digits = self._digits[:-1]
        self._draw()

    def action_go(self) -> None:
        """Answer."""
        self.dismiss(int(self._digits) if self._digits else None)

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)

    def _draw(self) -> None:
        self._line.update(Content(f"Go to ticket #{self._digits}▏   enter go · esc stay"))
