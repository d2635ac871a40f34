"""The composer of a reply or an internal note: emits what was typed and requested, but neither sends nor saves."""

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static, TextArea

from supporttui.domain.ticket import Status
from supporttui.presentation.ticket.drafts import ComposedMessage
from supporttui.presentation.ticket.file_paths import FileProblem, check_file, complete_path, displayed_path
from supporttui.ui.dialog_screen import binding_key
from supporttui.ui.keyed_widgets import TextInput
from supporttui.ui.typing_area import PlainTextArea


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposerHeader:
    """The facts shown around the text."""

    addressee: str
    """The requester's name, safe to draw."""
    choices: tuple[Status, ...]
    """The statuses that may be set with the message."""
    titles: dict[Status, str]
    current: Status
    after_reply: Status
    """The status after a public reply if none is chosen."""
    is_own: bool = False
    """Whether the writer is the requester, so that messages go to the support team."""

    def usual_status(self, *, is_public: bool) -> Status:
        """Return the status after sending if none is chosen."""
        return self.after_reply if is_public else self.current

    def outcome(self, written: ComposedMessage) -> str:
        """Return the status of the ticket after sending, in words."""
        after = written.status or self.usual_status(is_public=written.is_public)
        return f"stays {self.titles[after]}" if after is self.current else f"sends as {self.titles[after]}"


class Composer(Vertical):
    """A text with a header; public replies and internal notes look different."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send", "send", id="composer-send"),
        Binding("ctrl+t", "next_status", "another status with it", id="composer-status"),
        Binding("ctrl+o", "toggle_kind", "public reply or internal note", id="composer-kind"),
        Binding("ctrl+g", "attach", "attach a file", id="composer-attach"),
        Binding("ctrl+r", "detach", "remove the last file", id="composer-detach"),
        Binding("ctrl+e", "edit_outside", "external editor", priority=True, id="composer-editor"),
        Binding("escape", "leave", "keep it and leave", id="composer-leave"),
        Binding("tab", "indent", "indent, or complete a path", show=False, id="composer-indent"),
        Binding("shift+tab", "stay", "stay in the text", show=False, id="composer-stay"),
    ]

    @dataclass
    class Edited(Message):
        """The text or its options have changed and should be saved."""

        written: ComposedMessage

    @dataclass
    class SendMessage(Message):
        """The message should be sent."""

        written: ComposedMessage

    class Left(Message):
        """The user left the composer; the draft is kept."""

    class EditOutside(Message):
        """The user wants to use their own editor."""

    def __init__(self, *, can_note: bool = True, id: str | None = None) -> None:
        super().__init__(id=id)
        self._can_note = can_note
        self.written = ComposedMessage()
        self._head: ComposerHeader | None = None
        self._news = ""

    def compose(self) -> ComposeResult:
        """Yield the text, the path field for attachments, and the notices shown before sending."""
        yield PlainTextArea(id="composer-text")
        path = f"path of a file to attach, then {binding_key(self.app, 'text-submit')}"
        yield TextInput(placeholder=path, id="composer-path")
        yield Static("", markup=False, id="composer-files")
        yield Static("", markup=False, id="composer-effect")

    def offers(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether an action is offered: notes only if the desk supports them."""
        return action != "toggle_kind" or self._can_note

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide the key for what this account cannot do."""
        return self.offers(action, parameters)

    def open(self, written: ComposedMessage, head: ComposerHeader) -> None:
        """Show a text with the cursor at its end."""
        self.written, self._head, self._news = written, head, ""
        area = self.query_one(PlainTextArea)
        with self.prevent(TextArea.Changed):
            area.put(written.body)
        self.query_one("#composer-path").display = False
        self._redraw()
        area.focus()

    def put_body(self, body: str) -> None:
        """Replace the text as if it had been typed."""
        self.query_one(PlainTextArea).put(body)

    def change_header(self, head: ComposerHeader) -> None:
        """Update the facts around the text."""
        if head != self._head:
            self._head = head
            self._redraw()

    def show_new_messages(self, news: str) -> None:
        """Show in the border that the ticket has changed; safe to draw. Empty text removes the notice."""
        if news != self._news:
            self._news = news
            self._redraw()

    def show_effect(self, effect: str, tone: str = "") -> None:
        """Show below the text what sending does, or why nothing was sent; safe to draw.

        The tone is `met`, `late`, `problem` or empty.
        """
        line = self.query_one("#composer-effect", Static)
        for known in ("met", "late", "problem"):
            line.set_class(known == tone, f"-{known}")
        line.update(Content(effect))

    def action_send(self) -> None:
        """Request sending."""
        self._take_text()
        self.post_message(self.SendMessage(self.written))

    def action_leave(self) -> None:
        """Close the path field, or leave the composer, keeping the text."""
        path = self.query_one("#composer-path", Input)
        if path.display:
            self._close_path(path)
        else:
            self._take_text()
            self.post_message(self.Left())

    def action_indent(self) -> None:
        """Indent the text, or complete the path being typed, without moving the focus."""
        path, area = self.query_one("#composer-path", Input), self.query_one(PlainTextArea)
        if path.has_focus:
            path.value = complete_path(path.value)
        else:
            area.indent_line()

    def action_stay(self) -> None:
        """Keep the focus where it is."""

    def action_edit_outside(self) -> None:
        """Request the user's own editor."""
        self.post_message(self.EditOutside())

    def action_toggle_kind(self) -> None:
        """Switch between reply and note."""
        self._change(replace(self.written, is_public=not self.written.is_public))

    def action_next_status(self) -> None:
        """Choose the next status to set; after the last one, the policy's default."""
        if self._head is None:
            return
        usual = self._head.usual_status(is_public=self.written.is_public)
        order: tuple[Status | None, ...] = (None, *(one for one in self._head.choices if one is not usual))
        at = order.index(self.written.status) if self.written.status in order else -1
        self._change(replace(self.written, status=order[(at + 1) % len(order)]))

    def action_attach(self) -> None:
        """Open the field for the path of a file."""
        path = self.query_one("#composer-path", Input)
        path.display = True
        path.focus()

    def action_detach(self) -> None:
        """Remove the last attachment."""
        self._change(replace(self.written, files=self.written.files[:-1]))

    @on(TextArea.Changed, "#composer-text")
    def keep_text(self, event: TextArea.Changed) -> None:
        """Emit every change at once."""
        event.stop()
        self._take_text()

    def _take_text(self) -> None:
        """Read the text field even if the message about its last key is still pending."""
        body = self.query_one(PlainTextArea).text
        if body != self.written.body:
            self._change(replace(self.written, body=body), redraw=False)

    @on(Input.Submitted, "#composer-path")
    def attach_file(self, event: Input.Submitted) -> None:
        """Attach the file whose path was typed, or say why not."""
        event.stop()
        try:
            file = check_file(event.value)
        except FileProblem as problem:
            self.show_effect(str(problem), "problem")
            return
        self._close_path(event.input)
        if str(file.path) not in self.written.files:
            self._change(replace(self.written, files=(*self.written.files, str(file.path))))

    def _close_path(self, path: Input) -> None:
        path.value = ""
        path.display = False
        self.query_one(PlainTextArea).focus()

    def _change(self, written: ComposedMessage, *, redraw: bool = True) -> None:
        self.written = written
        if redraw:
            self._redraw()
        self.post_message(self.Edited(written))

    def _redraw(self) -> None:
        head = self._head
        if head is None:
            return
        written = self.written
        self.set_class(not written.is_public, "-note")
        self.set_class(bool(self._news), "-overtaken")
        kind = "Internal note — not visible to the customer"
        if written.is_public:
            kind = "Your message to support" if head.is_own else f"Public reply to {head.addressee}"
        self.border_title = Content(f"{kind} · {self._news}" if self._news else kind)
        self.border_subtitle = Content(head.outcome(written))
        files = self.query_one("#composer-files", Static)
        files.display = bool(written.files)
        files.update(Content("\n".join(_file_label(path) for path in written.files)))


def _file_label(path: str) -> str:
    try:
        return f"▤ {check_file(path).label}"
    except FileProblem as problem:
        return f"✗ {problem} · {displayed_path(path)}"
