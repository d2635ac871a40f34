"""The dialog for saving attachments to the folder for downloads."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from supporttui.domain.safe_text import safe_line
from supporttui.domain.ticket import Attachment
from supporttui.presentation.ticket.conversation_parts import size_text
from supporttui.ui.dialog_screen import DialogScreen, choice_hints
from supporttui.ui.keyed_widgets import ChoiceList


class AttachmentsScreen(DialogScreen[Attachment | None]):
    """Asks which file to save; returns the file, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,o,q", "close", "close", id="attachments-close"),
        Binding("j", "step(1)", "next", show=False, id="attachments-next"),
        Binding("k", "step(-1)", "previous", show=False, id="attachments-previous"),
    ]

    def __init__(self, attachments: Sequence[Attachment]) -> None:
        super().__init__()
        self._attachments = tuple(attachments)

    def compose(self) -> ComposeResult:
        """Yield a list with names, sizes and kinds."""
        with Vertical(id="attachments-box") as box:
            box.border_title = Content("Save a file")
            box.border_subtitle = Content(choice_hints(self, ("list-choose", "save"), ("attachments-close", "close")))
            options = (Option(Content(_label(one))) for one in self._attachments)
            yield ChoiceList(*options, id="attachments-list", markup=False)

    def action_close(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def action_step(self, step: int) -> None:
        """Move the cursor by `step`."""
        options = self.query_one(ChoiceList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Return the file under the cursor."""
        self.dismiss(self._attachments[event.option_index])


def _label(attachment: Attachment) -> str:
    kind = safe_line(attachment.content_type)
    return f"{safe_line(attachment.file_name)}   {size_text(attachment.size_bytes)}   {kind}"
