"""The dialog for moving a ticket, which shows the effect of each move."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from supporttui.domain.effects import effect_of
from supporttui.domain.patch import TicketPatch
from supporttui.domain.policy import Metric
from supporttui.domain.safe_text import safe_line
from supporttui.domain.ticket import Status, Ticket
from supporttui.domain.workflow import move_problem, move_warning
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.cell_text import cut, strip_joiners
from supporttui.presentation.requester_side import CLOSING_EFFECT
from supporttui.ui.dialog_screen import DialogScreen, binding_key, choice_hints

KEYS = (
    ("o", Status.OPEN),
    ("w", Status.AWAITING_REPLY),
    ("h", Status.ON_HOLD),
    ("c", Status.CLOSED),
)

CLOSING_KEYS = KEYS[-1:]
"""The only keys if the account can do no more than close the ticket."""


def _binding_id(status: Status) -> str:
    return f"move-to-{status.value.replace('_', '-')}"


class MoveScreen(DialogScreen[Status | None]):
    """Offers the moves of the policy; returns an allowed status, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                key,
                f"move('{status.value}')",
                f"to {status.value.replace('_', ' ')}",
                id=_binding_id(status),
                priority=True,
            )
            for key, status in KEYS
        ),
        Binding("escape,m,q", "stay", "leave it where it is", id="move-stay", priority=True),
    ]

    def __init__(self, model: BoardModel, ticket: Ticket) -> None:
        super().__init__()
        self._model = model
        self._ticket = ticket
        self._policy = model.app_context.policy
        self._can_hold = model.can.can_hold
        self._keys = KEYS if model.can.can_choose_status else CLOSING_KEYS

    def compose(self) -> ComposeResult:
        """Yield the ticket, and a line for each status."""
        ticket = self._ticket
        subject = cut(strip_joiners(safe_line(ticket.subject)), 60)
        with Vertical(id="move-box"):
            yield Static(Content(f"Move {ticket.id.label}  {subject}"), markup=False, id="move-title")
            for _, status in self._keys:
                key = binding_key(self.app, _binding_id(status))
                problem = self._problem(status)
                said = problem or self._said(status)
                with Horizontal(
                    id=f"choose-{_binding_id(status)}", classes="move-choice -refused" if problem else "move-choice"
                ):
                    name = Content.assemble((f" {key} ", "bold"), f" {self._policy.statuses[status].title}")
                    yield Static(name, markup=False, classes="move-name")
                    yield Static(Content(said), markup=False, classes="move-said")
            yield Static(
                Content(choice_hints(self, ("move-stay", "leave it where it is"))), markup=False, id="move-keys"
            )

    def _said(self, to: Status) -> str:
        """The warning about a move, and its effect on every clock."""
        model, ticket = self._model, self._ticket
        if not model.can.can_choose_status:
            return CLOSING_EFFECT
        effects = effect_of(ticket, self._policy, model.calendars, TicketPatch(status=to), model.now())
        warning = move_warning(self._policy, ticket, to)
        if warning is not None:  # the warning covers the first response
            effects = [each for each in effects if each.metric is not Metric.FIRST_RESPONSE]
        return "\n".join(part for part in (warning, "; ".join(each.sentence for each in effects)) if part)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide the keys for statuses that this account cannot set."""
        return action != "move" or parameters in [(status.value,) for _, status in self._keys]

    def _problem(self, to: Status) -> str | None:
        return move_problem(self._policy, self._ticket, to, can_hold=self._can_hold)

    def action_move(self, value: str) -> None:
        """Return the status if the policy allows it; otherwise its line says why not."""
        to = Status(value)
        if self._problem(to) is None:
            self.dismiss(to)
        else:
            self.app.bell()

    def on_click(self, event: events.Click) -> None:
        """Answer with the status whose line was clicked."""
        lines = {f"choose-{_binding_id(status)}": status for _, status in self._keys}
        clicked = event.widget.ancestors_with_self if event.widget is not None else ()
        for status in filter(None, (lines.get(node.id or "") for node in clicked)):
            self.action_move(status.value)

    def action_stay(self) -> None:
        """Close without a result."""
        self.dismiss(None)
