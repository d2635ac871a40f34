"""The dialog that lists a conversation's links with their complete addresses, to be opened or copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.style import Style
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from supporttui.domain.links import Link
from supporttui.ui.dialog_screen import DialogScreen, choice_hints
from supporttui.ui.keyed_widgets import ChoiceList
from supporttui.ui.terminal.framed_app import FramedApp


@dataclass(frozen=True, slots=True)
class LinkChosen:
    """A link and what to do with it."""

    link: Link
    is_copy: bool


class LinksScreen(DialogScreen[LinkChosen | None]):
    """Asks which link to open or to copy; returns the choice, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,L,q", "close", "close", id="links-close"),
        Binding("j", "step(1)", "next", show=False, id="links-next"),
        Binding("k", "step(-1)", "previous", show=False, id="links-previous"),
        Binding("y", "copy", "copy", id="links-copy"),
    ]

    def __init__(self, links: Sequence[Link], *, can_open: bool) -> None:
        super().__init__()
        self._links = tuple(links)
        self._can_open = can_open

    def compose(self) -> ComposeResult:
        """Yield a list of complete addresses."""
        with Vertical(id="links-box") as box:
            box.border_title = Content("Open a link" if self._can_open else "Copy a link")
            copies = [("links-copy", "copy")] if self._can_open else []
            choosing = ("list-choose", "open" if self._can_open else "copy")
            box.border_subtitle = Content(choice_hints(self, choosing, *copies, ("links-close", "close")))
            yield ChoiceList(*(Option(self._link_content(link)) for link in self._links), id="links-list", markup=False)

    def _link_content(self, link: Link) -> Content:
        """The complete address, as a hyperlink in terminals that support it."""
        sends_links = isinstance(self.app, FramedApp) and self.app.sends_links
        return Content.styled(link.shown, Style(link=link.address)) if sends_links else Content(link.shown)

    def action_close(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def action_step(self, step: int) -> None:
        """Move the cursor by `step`."""
        options = self.query_one(ChoiceList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    def action_copy(self) -> None:
        """Copy the link under the cursor."""
        self._answer(self.query_one(ChoiceList).highlighted, is_copy=True)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Open the link under the cursor; copy it if no program here opens links."""
        self._answer(event.option_index, is_copy=not self._can_open)

    def _answer(self, index: int | None, *, is_copy: bool) -> None:
        if index is not None:
            self.dismiss(LinkChosen(self._links[index], is_copy))
