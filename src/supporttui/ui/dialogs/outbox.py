"""The list of unsent changes and drafts, which opens each where it was written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.cell_text import cut, strip_joiners
from supporttui.presentation.patch_words import property_words
from supporttui.store.operations import Draft, Operation, OperationState
from supporttui.ui.dialog_screen import DialogScreen, choice_hints
from supporttui.ui.keyed_widgets import ChoiceList

_TEXT_CELLS: Final = 48

_STATE_WORDS: Final = {
    OperationState.HELD: "held",
    OperationState.QUEUED: "waits",
    OperationState.IN_FLIGHT: "is being sent",
    OperationState.UNKNOWN: "may have arrived",
    OperationState.CONFLICT: "conflict",
    OperationState.REJECTED: "refused",
}


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One line of the list."""

    ticket_id: TicketId | None
    """The ticket that it opens; None for the form of a new one."""
    label: str


def outbox_entries(model: BoardModel) -> list[OutboxEntry]:
    """Return all unsent changes, oldest first, then the drafts, latest first."""
    unsent = sorted(model.outbox_view.all(), key=lambda each: each.created_at)
    drafts = sorted(model.outbox_view.drafts(), key=lambda each: each.updated_at, reverse=True)
    return [*map(_unsent_entry, unsent), *map(_draft_entry, drafts)]


def _unsent_entry(operation: Operation) -> OutboxEntry:
    what = operation.subject or operation.patch.body or ", ".join(property_words(operation.patch))
    return OutboxEntry(operation.ticket_id, _label(_STATE_WORDS[operation.state], operation.ticket_id, what))


def _draft_entry(draft: Draft) -> OutboxEntry:
    what = dict(draft.fields).get("subject") or draft.body
    return OutboxEntry(draft.ticket_id, _label("draft", draft.ticket_id, what))


def _label(state: str, ticket_id: TicketId | None, text: str) -> str:
    where = "new ticket" if ticket_id is None else ticket_id.label
    return f"{state:<16} {where:<10} {cut(strip_joiners(safe_line(OutsideText(text))), _TEXT_CELLS)}"


class OutboxScreen(DialogScreen[OutboxEntry | None]):
    """Asks which entry to open; returns the chosen one, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,O,q", "close", "close", id="outbox-close"),
        Binding("j", "step(1)", "next line", show=False, id="outbox-next"),
        Binding("k", "step(-1)", "line before", show=False, id="outbox-previous"),
    ]

    def __init__(self, entries: Sequence[OutboxEntry]) -> None:
        super().__init__()
        self._entries = tuple(entries)

    def compose(self) -> ComposeResult:
        """Yield a list with states, tickets and the beginnings of the texts."""
        with Vertical(id="outbox-box") as box:
            box.border_title = Content("Unsent, and drafts")
            box.border_subtitle = Content(choice_hints(self, ("list-choose", "open"), ("outbox-close", "close")))
            yield ChoiceList(*(Option(Content(each.label)) for each in self._entries), id="outbox-list", markup=False)

    def action_close(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def action_step(self, step: int) -> None:
        """Move the cursor by `step`."""
        options = self.query_one(ChoiceList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Return the entry under the cursor."""
        self.dismiss(self._entries[event.option_index])
