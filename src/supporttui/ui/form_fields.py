"""Parts of a form: a labelled field with a hint, the choice of a severity, a list of files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from supporttui.presentation.ticket.file_paths import FileProblem, check_file, complete_path
from supporttui.presentation.ticket.wrapping import wrap
from supporttui.ui.dialog_screen import binding_key
from supporttui.ui.keyed_widgets import TextInput

_BADGE_CELLS: Final = 9
"""The mark and the badge with the spaces around them."""


class FormField(Vertical):
    """A label, a field, and one line below for a problem or a hint."""

    def __init__(self, label: str, field: Widget, *, id: str) -> None:
        super().__init__(id=id)
        self._label = label
        self._field = field

    def compose(self) -> ComposeResult:
        """Yield label, field and hint."""
        yield Static(Content(self._label), markup=False, classes="form-label")
        yield self._field
        yield Static("", markup=False, classes="form-hint")

    def on_mount(self) -> None:
        """Hide the hint."""
        self.hint("")

    def on_descendant_focus(self) -> None:
        """Mark the field as being edited."""
        self.add_class("-current")

    def on_descendant_blur(self) -> None:
        """Remove the mark."""
        self.remove_class("-current")

    def hint(self, sentence: str, *, is_problem: bool = False) -> None:
        """Show a permanent hint below the field, safe to draw."""
        line = self.query_one(".form-hint", Static)
        line.display = bool(sentence)
        line.update(Content(sentence))
        self.set_class(is_problem, "-problem")


class SeverityChoice(Widget, can_focus=True):
    """The severities with their meanings; one is chosen by its digit or the arrow keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"choose({n})", f"severity {n}", show=False, id=f"severity-{n}") for n in range(1, 5)),
        Binding("down,right,j,l", "step(1)", "next", show=False, id="severity-next"),
        Binding("enter", "finish", "next field", show=False, id="severity-finish"),
        Binding("up,left,k,h", "step(-1)", "previous", show=False, id="severity-previous"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "severity-choice--chosen",
        "severity-choice--other",
        *(f"severity-choice--badge-{n}" for n in range(1, 5)),
    }

    @dataclass
    class Chosen(Message):
        """A severity was chosen."""

        severity: int

    class Finished(Message):
        """Enter was pressed."""

    def __init__(self, rows: Mapping[int, tuple[str, str]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows = dict(rows)
        self._target_cells = max((len(target) for target, _ in self._rows.values()), default=0)
        self.severity: int | None = None

    def choose(self, severity: int | None) -> None:
        """Show a severity as chosen without emitting a message."""
        self.severity = severity
        self.refresh(layout=True)

    def action_choose(self, severity: int) -> None:
        """Choose by digit."""
        if severity in self._rows:
            self.choose(severity)
            self.post_message(self.Chosen(severity))

    def action_step(self, step: int) -> None:
        """Choose the next or the previous one, stopping at the ends."""
        order = list(self._rows)
        at = order.index(self.severity) + step if self.severity in order else 0
        self.action_choose(order[max(0, min(at, len(order) - 1))])

    def action_finish(self) -> None:
        """Emit Finished."""
        self.post_message(self.Finished())

    def render(self) -> Content:
        """Render one severity per line: badge, target and meaning; long meanings are wrapped with a hanging indent."""
        parts: list[Content] = []
        for number, (target, meaning) in self._rows.items():
            is_chosen = number == self.severity
            badge_style = self.get_visual_style(f"severity-choice--badge-{number}")
            text_style = self.get_visual_style(f"severity-choice--{'chosen' if is_chosen else 'other'}")
            indent = "\n" + " " * (_BADGE_CELLS + self._target_cells)
            text = f"  {target:<{self._target_cells}}  {indent.join(self._wrapped(meaning, self.size.width))}"
            parts.append(
                Content.assemble(
                    Content("● " if is_chosen else "○ ").stylize(text_style),
                    Content(f" {number} ").stylize(badge_style),
                    Content(text).stylize(text_style),
                )
            )
        return Content("\n").join(parts)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines that the meanings need at this width."""
        return sum(len(self._wrapped(meaning, width)) for _, meaning in self._rows.values())

    def _wrapped(self, meaning: str, width: int) -> list[str]:
        return wrap(meaning, max(width - _BADGE_CELLS - self._target_cells, 16))


class FileListField(Vertical):
    """Paths of files: each is checked when enter is pressed, and listed below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "remove_last", "remove the last file", show=False, id="files-remove"),
        Binding("tab", "complete", "complete the path, or next field", show=False, id="files-complete"),
    ]

    @dataclass
    class FilesChanged(Message):
        """A file was added or removed."""

        field: "FileListField"
        files: tuple[str, ...]

        @property
        def control(self) -> "FileListField":
            """The field, for the selector of the `on` decorator."""
            return self.field

    @dataclass
    class PathRefused(Message):
        """The path cannot be attached; the sentence is safe to draw."""

        field: "FileListField"
        sentence: str

        @property
        def control(self) -> "FileListField":
            """The field, for the selector of the `on` decorator."""
            return self.field

    class Finished(Message):
        """Enter was pressed in the empty field."""

    def __init__(self, *, placeholder: str, id: str) -> None:
        super().__init__(id=id)
        self._placeholder = placeholder
        self.files: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """Yield the path being typed, and the files so far."""
        way = f"{self._placeholder}, then {binding_key(self.app, 'text-submit')}"
        yield TextInput(placeholder=way, classes="form-input")
        yield Static("", markup=False, classes="form-files")

    def on_mount(self) -> None:
        """Hide the empty list."""
        self._redraw()

    def put(self, files: tuple[str, ...]) -> None:
        """Show these files without emitting a message."""
        self.files = files
        self._redraw()

    def add_typed_path(self) -> bool:
        """Add the typed path, as enter does; return False if it cannot be attached."""
        field = self.query_one(Input)
        if not field.value.strip():
            return True
        try:
            path = str(check_file(field.value).path)
        except FileProblem as problem:
            self.post_message(self.PathRefused(self, str(problem)))
            return False
        field.value = ""
        self._change(self.files if path in self.files else (*self.files, path))
        return True

    def action_complete(self) -> None:
        """Complete the typed path; if nothing can be added, move to the next field."""
        field = self.query_one(Input)
        completed = complete_path(field.value) if field.value.strip() else field.value
        if completed == field.value:
            self.screen.focus_next()
        else:
            field.value = completed

    def action_remove_last(self) -> None:
        """Remove the last file."""
        self._change(self.files[:-1])

    @on(Input.Submitted)
    def add_file(self, event: Input.Submitted) -> None:
        """Add the typed file; if the field is empty, emit Finished."""
        event.stop()
        if event.value.strip():
            self.add_typed_path()
        else:
            self.post_message(self.Finished())

    def _change(self, files: tuple[str, ...]) -> None:
        self.files = files
        self._redraw()
        self.post_message(self.FilesChanged(self, files))

    def _redraw(self) -> None:
        lines = self.query_one(".form-files", Static)
        lines.display = bool(self.files)
        key = binding_key(self.app, "files-remove")
        lines.update(Content("\n".join(_file_line(path, key) for path in self.files)))


def _file_line(path: str, key: str) -> str:
    try:
        return f"▤ {check_file(path).label}   {key} removes"
    except FileProblem as problem:
        return f"✗ {problem}"
