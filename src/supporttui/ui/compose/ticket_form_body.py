"""The fields of the form for a new ticket, with their hints and problems."""

from collections.abc import Iterable, Mapping
from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from supporttui.domain.safe_text import safe_line
from supporttui.domain.ticket import Person, Role
from supporttui.presentation.ticket.ticket_form import NewTicketForm
from supporttui.ui.form_fields import FileListField, FormField, SeverityChoice
from supporttui.ui.keyed_widgets import TextInput
from supporttui.ui.typing_area import PlainTextArea


class PeopleSuggester(Suggester):
    """Suggests the first known address that begins with the typed text; customers before agents."""

    def __init__(self, people: Iterable[Person]) -> None:
        super().__init__(use_cache=False, case_sensitive=False)
        known = sorted(
            people, key=lambda person: (person.role is not Role.END_USER, safe_line(person.email).casefold())
        )
        self._addresses = [safe_line(person.email) for person in known if person.email]

    async def get_suggestion(self, value: str) -> str | None:
        """Return the complete address, or None."""
        if not value.strip():
            return None
        return next((address for address in self._addresses if address.casefold().startswith(value)), None)


FORM_FIELDS: Final = ("requester", "subject", "severity", "description", "steps", "logs", "screenshots")


class NewTicketFormView(VerticalScroll, inherit_bindings=False):
    """Shows a form with hints and problems at its fields, and keeps the field being edited in view."""

    def __init__(
        self, people: Iterable[Person], severities: Mapping[int, tuple[str, str]], *, asks_requester: bool = True
    ) -> None:
        """`asks_requester` is False if tickets can be created in one's own name only."""
        super().__init__(id="form-body", can_focus=False)
        self._asks_requester = asks_requester
        self._suggester = PeopleSuggester(people)
        self._severities = severities
        self._centred: FormField | None = None
        """The field kept in the middle; None after the user has scrolled with the wheel."""

    def compose(self) -> ComposeResult:
        """Yield one field for each entry of the team's guide."""
        yield Static("", markup=False, id="form-refused")
        requester = TextInput(placeholder="who asks: dana@example.com", suggester=self._suggester, id="requester")
        yield FormField("Requester", requester, id="field-requester")
        yield FormField("Subject", TextInput(placeholder="one line", id="subject"), id="field-subject")
        yield FormField("Severity", SeverityChoice(self._severities, id="severity"), id="field-severity")
        description = PlainTextArea(id="description", placeholder="what happens, and what was expected instead")
        yield FormField("Description", description, id="field-description")
        steps = PlainTextArea(id="steps", placeholder="1. sign in  2. open any board  3. …")
        yield FormField("Steps to reproduce", steps, id="field-steps")
        logs = FileListField(placeholder="path of a log", id="logs")
        yield FormField("Logs", logs, id="field-logs")
        pictures = FileListField(placeholder="path of a screenshot or video", id="screenshots")
        yield FormField("Screenshot or video", pictures, id="field-screenshots")

    def on_mount(self) -> None:
        """Hide the refusal."""
        self.query_one("#form-refused").display = False
        self.query_one("#field-requester").display = self._asks_requester

    def put(self, form: NewTicketForm) -> None:
        """Show these values without emitting changes."""
        with self.prevent(Input.Changed, TextArea.Changed):
            self.query_one("#requester", Input).value = form.requester
            self.query_one("#subject", Input).value = form.subject
            self.query_one("#description", PlainTextArea).put(form.description)
            self.query_one("#steps", PlainTextArea).put(form.steps)
        self.query_one(SeverityChoice).choose(form.severity)
        self.query_one("#logs", FileListField).put(form.logs)
        self.query_one("#screenshots", FileListField).put(form.screenshots)

    def values(self) -> NewTicketForm:
        """The present values of the fields."""
        return NewTicketForm(
            requester=self.query_one("#requester", Input).value,
            subject=self.query_one("#subject", Input).value,
            severity=self.query_one(SeverityChoice).severity,
            description=self.query_one("#description", PlainTextArea).text,
            steps=self.query_one("#steps", PlainTextArea).text,
            logs=self.query_one("#logs", FileListField).files,
            screenshots=self.query_one("#screenshots", FileListField).files,
        )

    def say_refused(self, sentence: str) -> None:
        """Show above the fields why the last ticket was refused, safe to draw."""
        line = self.query_one("#form-refused", Static)
        line.display = bool(sentence)
        line.update(Content(sentence))

    def add_typed_paths(self) -> bool:
        """Add the paths that are in their fields, as enter does; return False if one cannot be attached."""
        return all(field.add_typed_path() for field in self.query(FileListField))

    def show_problems(self, found: Mapping[str, str]) -> None:
        """Show at each field what is wrong with it; focus the first one."""
        for name in FORM_FIELDS:
            self.hint(name, found.get(name, ""), is_problem=name in found)
        for name in found:
            field = self.query_one(f"#{name}")
            (field.query_one(Input) if isinstance(field, FileListField) else field).focus()
            return

    def keep_centred(self, widget: Widget) -> None:
        """Centre the field of a widget if the form is longer than the screen.

        Its position depends on the form alone, so that keys typed ahead have the same result.
        """
        self._centred = next((each for each in widget.ancestors_with_self if isinstance(each, FormField)), None)
        self.call_after_refresh(self._centre)

    def on_resize(self) -> None:
        """Centre the field again after a change of size."""
        self.call_after_refresh(self._centre)

    def on_mouse_scroll_down(self) -> None:
        """Stop centring; the wheel decides the position."""
        self._centred = None

    def on_mouse_scroll_up(self) -> None:
        """Stop centring; the wheel decides the position."""
        self._centred = None

    def _centre(self) -> None:
        if self._centred is not None:
            field = self._centred.virtual_region
            self.scroll_to(y=field.y + (field.height - self.size.height) // 2, animate=False, immediate=True)

    def hint(self, name: str, sentence: str, *, is_problem: bool = False) -> None:
        """Show a permanent hint at a field, safe to draw."""
        self.query_one(f"#field-{name}", FormField).hint(sentence, is_problem=is_problem)
        self.call_after_refresh(self._centre)
