"""The dialog for choosing a ticket's severity."""

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from supporttui.domain.policy import ServicePolicy
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.ticket.ticket_form import severity_rows
from supporttui.ui.dialog_screen import DialogScreen, binding_key, choice_hints
from supporttui.ui.form_fields import SeverityChoice


class SeverityScreen(DialogScreen[int | None]):
    """Asks for a severity by its digit; returns it, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "close", id="severity-close")]

    def __init__(
        self, ticket_id: TicketId, severity: int | None, policy: ServicePolicy, effects: Mapping[int, str] | None = None
    ) -> None:
        super().__init__()
        self._ticket_id = ticket_id
        self._severity = severity
        self._policy = policy
        self._effects = effects or {}

    def compose(self) -> ComposeResult:
        """Yield the four rows of the policy."""
        with Vertical(id="severity-box") as box:
            box.border_title = Content(f"Severity of {self._ticket_id.label}")
            box.border_subtitle = Content(
                f"{self._digits()} choose · {choice_hints(self, ('severity-close', 'close'))}"
            )
            yield SeverityChoice(severity_rows(self._policy))
            lines = [f"{number}  {effect}" for number, effect in sorted(self._effects.items()) if effect]
            if lines:
                yield Static(Content("\n".join(lines)), markup=False, id="severity-effects")

    def _digits(self) -> str:
        """The keys of the severities, in short."""
        keys = [binding_key(self.app, f"severity-{number}") for number in range(1, 5)]
        return "1-4" if keys == ["1", "2", "3", "4"] else " ".join(keys)

    def on_mount(self) -> None:
        """Show the present severity."""
        choice = self.query_one(SeverityChoice)
        choice.choose(self._severity)
        choice.focus()

    def action_close(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    @on(SeverityChoice.Chosen)
    def choose(self, event: SeverityChoice.Chosen) -> None:
        """Return the severity."""
        self.dismiss(event.severity)
