"""The links of a conversation, each with its whole address, before one of them is opened or copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from supporttui.domain.links import Link
from supporttui.ui.terminal.framed_app import FramedApp


@dataclass(frozen=True, slots=True)
class LinkChosen:
    """What to do with which link."""

    link: Link
    is_copy: bool


class LinksScreen(ModalScreen[LinkChosen | None]):
    """Asks which link to open or to copy; the answer is None where neither is wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,L,q", "close", "Close", id="links-close"),
        Binding("j", "step(1)", "Next", show=False, id="links-next"),
        Binding("k", "step(-1)", "Previous", show=False, id="links-previous"),
        Binding("y", "copy", "Copy", id="links-copy"),
    ]

    def __init__(self, links: Sequence[Link], *, can_open: bool) -> None:
        super().__init__()
        self._links = tuple(links)
        self._can_open = can_open

    def compose(self) -> ComposeResult:
        """A list of whole addresses."""
        with Vertical(id="links-box") as box:
            box.border_title = Content("Open a link" if self._can_open else "Copy a link")
            box.border_subtitle = Content(
                "enter open · y copy · esc close" if self._can_open else "enter copy · esc close"
            )
            yield OptionList(*(Option(self._link_content(link)) for link in self._links), id="links-list", markup=False)

    def _link_content(self, link: Link) -> Content:
        """The whole address, which the terminal opens too where it knows hyperlinks."""
        sends_links = isinstance(self.app, FramedApp) and self.app.sends_links
        return Content.styled(link.shown, Style(link=link.address)) if sends_links else Content(link.shown)

    def action_close(self) -> None:
        """Nothing is opened."""
        self.dismiss(None)

    def action_step(self, step: int) -> None:
        """To another link."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    def action_copy(self) -> None:
        """Copy the link under the cursor."""
        self._answer(self.query_one(OptionList).highlighted, is_copy=True)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Open the link under the cursor, or copy it where nothing here opens links."""
        self._answer(event.option_index, is_copy=not self._can_open)

    def _answer(self, index: int | None, *, is_copy: bool) -> None:
        if index is not None:
            self.dismiss(LinkChosen(self._links[index], is_copy))
