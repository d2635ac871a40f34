"""The files of a conversation, to be saved into a folder of the user's choice, and opened where that is asked for."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from supporttui.config.child_environment import child_environment
from supporttui.config.settings import FILE_ARGUMENT, FileSettings
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Attachment
from supporttui.presentation.ticket.conversation_parts import size_text
from supporttui.presentation.ticket.file_paths import complete_path, displayed_path, short_path
from supporttui.presentation.ticket.wrapping import wrap_paths
from supporttui.ui.dialog_screen import DialogScreen, choice_hints
from supporttui.ui.keyed_widgets import ChoiceList, TextInput
from supporttui.ui.live import LiveScreen
from supporttui.ui.messages import ShowNotice
from supporttui.ui.programs import run_on_terminal, start_beside
from supporttui.ui.ticket.link_opening import link_program

NO_OPENER: Final = 'Nothing here opens files: name a program below [files], as open = ["less", "{file}"].'


@dataclass(frozen=True, slots=True)
class FileChosen:
    """Which file to save, into which folder, and whether to open it then."""

    file: Attachment
    folder: str
    is_opened: bool = False


class AttachmentsScreen(DialogScreen[FileChosen | None]):
    """Asks which file to save or to open; the answer is None where neither is wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,o,q", "close", "close", id="attachments-close"),
        Binding("j", "step(1)", "next", show=False, id="attachments-next"),
        Binding("k", "step(-1)", "previous", show=False, id="attachments-previous"),
        Binding("v", "open_file", "save it and open it", id="attachments-open"),
        Binding("f", "type_folder", "save into another folder", id="attachments-folder"),
        Binding("tab", "complete", "complete the folder's path", show=False, id="attachments-complete"),
    ]

    def __init__(self, attachments: Sequence[Attachment], folder: str = "") -> None:
        super().__init__()
        self._attachments = tuple(attachments)
        self._folder = folder
        self._line = Static("", markup=False, id="attachments-folder")
        self._field = TextInput(id="attachments-folder-field", select_on_focus=False)

    def compose(self) -> ComposeResult:
        """A list with names, sizes and kinds, and below it the folder."""
        with Vertical(id="attachments-box") as box:
            box.border_title = Content("Save a file")
            box.border_subtitle = Content(
                choice_hints(
                    self,
                    ("list-choose", "save"),
                    ("attachments-open", "open"),
                    ("attachments-folder", "folder"),
                    ("attachments-close", "close"),
                )
            )
            options = (Option(Content(_label(one))) for one in self._attachments)
            yield ChoiceList(*options, id="attachments-list", markup=False)
            yield self._line
            yield self._field

    def on_mount(self) -> None:
        """The folder is shown, and typed on request only."""
        self._show_folder()

    def action_close(self) -> None:
        """Nothing is saved; where a folder is being typed, it stays as it was."""
        if self._field.display:
            self._show_folder()
        else:
            self.dismiss(None)

    def action_step(self, step: int) -> None:
        """Move the cursor by `step`."""
        options = self.query_one(ChoiceList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    def action_type_folder(self) -> None:
        """Type another folder."""
        self._field.value = f"{self._folder.rstrip('/')}/"
        self._line.display, self._field.display = False, True
        self._field.focus()

    def action_complete(self) -> None:
        """Complete the path that is being typed."""
        if self._field.display:
            self._field.value = complete_path(self._field.value)

    def action_open_file(self) -> None:
        """Answer with the file under the cursor, to be opened once it is there."""
        self._answer(self.query_one(ChoiceList).highlighted, is_opened=True)

    @on(Input.Submitted)
    def take_folder(self, event: Input.Submitted) -> None:
        """Save there from now on, in this window."""
        event.stop()
        try:
            folder = Path(event.value.strip()).expanduser().absolute() if event.value.strip() else None
        except (RuntimeError, ValueError):  # there is no such user's home
            folder = None
        if folder is not None:
            self._folder = str(folder)
        self._show_folder()

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Return the file under the cursor."""
        self._answer(event.option_index)

    def _answer(self, index: int | None, *, is_opened: bool = False) -> None:
        if index is not None:
            self.dismiss(FileChosen(self._attachments[index], self._folder, is_opened))

    def _show_folder(self) -> None:
        self._line.display, self._field.display = True, False
        self._draw_folder()
        self.query_one(ChoiceList).focus()

    def on_resize(self) -> None:
        """The path may break elsewhere."""
        self.call_after_refresh(self._draw_folder)

    def _draw_folder(self) -> None:
        """`into ~/Downloads`; a long path breaks behind a slash."""
        path, room = displayed_path(short_path(self._folder)), self.query_one(ChoiceList).size.width - 5
        self._line.update(Content("into " + "\n     ".join(wrap_paths(path, room) if room > 0 else [path])))


def _label(attachment: Attachment) -> str:
    kind = safe_line(attachment.content_type)
    return f"{safe_line(attachment.file_name)}   {size_text(attachment.size_bytes)}   {kind}"


def save_chosen(screen: LiveScreen[None], chosen: FileChosen) -> None:
    """Have a file fetched; where it was saved is said when it is there, and then it is opened if that was asked for."""
    screen.say(f"Saving {safe_line(chosen.file.file_name)}…")

    def tell(text: str, is_saved: bool) -> None:  # on the engine's thread
        shown = safe_line(OutsideText(text))
        screen.app.post_message(ShowNotice(f"Saved as {shown}" if is_saved else shown))
        if is_saved and chosen.is_opened:
            screen.app.call_later(_open_saved, screen, text)

    folder = os.path.realpath(chosen.folder)  # its last part may be a link; what is saved may not
    screen.model.engine.save_attachment(chosen.file, tell, folder)


def _open_saved(screen: LiveScreen[None], path: str) -> None:
    screen.app.post_message(ShowNotice(_opened(screen, path)))


def _opened(screen: LiveScreen[None], path: str) -> str:
    """Open a saved file with the user's program, or the desktop's; what became of that, and where the file is."""
    settings = screen.model.app_context.file_settings
    arguments = opener_arguments(settings, path, link_program(os.environ))
    shown = displayed_path(path)
    if not arguments:
        return f"Saved as {shown}. {NO_OPENER}"
    program = displayed_path(arguments[0])
    not_started = f"Saved as {shown}. {program} could not be started; check open below [files]."
    if not settings.in_terminal:
        return f"Opened {shown}" if start_beside(arguments) else not_started
    try:
        said = run_on_terminal(screen.app, program, arguments, child_environment(os.environ))
    except OSError:
        return not_started
    except SuspendNotSupported:
        return f"Saved as {shown}. This terminal cannot be handed to another program."
    return f"{said} Saved as {shown}"


def opener_arguments(settings: FileSettings, path: str, desktop: str | None) -> list[str]:
    """The program that opens a file, with its arguments; empty where there is none."""
    if settings.open_with:
        return [path if each == FILE_ARGUMENT else each for each in settings.open_with]
    return [] if desktop is None else [desktop, path]
