"""The fields of the form for a new ticket, and what is said at them."""

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
from supporttui.ui.typing_area import PlainTextArea


class PeopleSuggester(Suggester):
    """Suggests the first known address that begins with what was typed; customers before agents."""

    def __init__(self, people: Iterable[Person]) -> None:
        super().__init__(use_cache=False, case_sensitive=False)
        known = sorted(
            people, key=lambda person: (person.role is not Role.END_USER, safe_line(person.email).casefold())
        )
        self._addresses = [safe_line(person.email) for person in known if person.email]

    async def get_suggestion(self, value: str) -> str | None:
        """The whole address, or None."""
        if not value.strip():
            return None
        return next((address for address in self._addresses if address.casefold().startswith(value)), None)


FORM_FIELDS: Final = ("requester", "subject", "severity", "description", "steps", "logs", "screenshots")


class NewTicketFormView(VerticalScroll, inherit_bindings=False):
    """Shows a form and what is to be said at its fields; follows the field that is written in."""

    def __init__(
        self, people: Iterable[Person], severities: Mapping[int, tuple[str, str]], *, asks_requester: bool = True
    ) -> None:
        """`asks_requester` is False where tickets are created in one's own name only."""
        super().__init__(id="form-body", can_focus=False)
        self._asks_requester = asks_requester
        self._suggester = PeopleSuggester(people)
        self._severities = severities
        self._centred: FormField | None = None
        """The field that is kept in the middle, until the wheel is turned."""

    def compose(self) -> ComposeResult:
        """One field for each thing that the team's guide asks for."""
        yield Static("", markup=False, id="form-refused")
        requester = Input(placeholder="who asks: dana@example.com", suggester=self._suggester, id="requester")
        yield FormField("Requester", requester, id="field-requester")
        yield FormField("Subject", Input(placeholder="one line", id="subject"), id="field-subject")
        yield FormField("Severity", SeverityChoice(self._severities, id="severity"), id="field-severity")
        description = PlainTextArea(id="description", placeholder="what happens, and what was expected instead")
        yield FormField("Description", description, id="field-description")
        steps = PlainTextArea(id="steps", placeholder="1. sign in  2. open any board  3. …")
        yield FormField("Steps to reproduce", steps, id="field-steps")
        logs = FileListField(placeholder="path of a log, then enter", id="logs")
        yield FormField("Logs", logs, id="field-logs")
        pictures = FileListField(placeholder="path of a screenshot or video, then enter", id="screenshots")
        yield FormField("Screenshot or video", pictures, id="field-screenshots")

    def on_mount(self) -> None:
        """Nothing was refused yet."""
        self.query_one("#form-refused").display = False
        self.query_one("#field-requester").display = self._asks_requester

    def put(self, form: NewTicketForm) -> None:
        """Show these values, without saying that they changed."""
        with self.prevent(Input.Changed, TextArea.Changed):
            self.query_one("#requester", Input).value = form.requester
            self.query_one("#subject", Input).value = form.subject
            self.query_one("#description", PlainTextArea).put(form.description)
            self.query_one("#steps", PlainTextArea).put(form.steps)
        self.query_one(SeverityChoice).choose(form.severity)
        self.query_one("#logs", FileListField).put(form.logs)
        self.query_one("#screenshots", FileListField).put(form.screenshots)

    def values(self) -> NewTicketForm:
        """What stands in the fields at this moment."""
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
        """Say above all fields why the last ticket was not created, fit to draw."""
        line = self.query_one("#form-refused", Static)
        line.display = bool(sentence)
        line.update(Content(sentence))

    def add_typed_paths(self) -> bool:
        """Add the paths that stand in their fields, as enter does; False where one cannot be attached."""
        return all(field.add_typed_path() for field in self.query(FileListField))

    def show_problems(self, found: Mapping[str, str]) -> None:
        """Say at each field what is wrong with it; the first one gets the focus."""
        for name in FORM_FIELDS:
            self.hint(name, found.get(name, ""), is_problem=name in found)
        for name in found:
            field = self.query_one(f"#{name}")
            (field.query_one(Input) if isinstance(field, FileListField) else field).focus()
            return

    def keep_centred(self, widget: Widget) -> None:
        """Keep the whole field of a widget in the middle, where the form is longer than the screen.

        Where it stands depends on nothing but the form, so that keys typed ahead leave the same picture.
        """
        self._centred = next((each for each in widget.ancestors_with_self if isinstance(each, FormField)), None)
        self.call_after_refresh(self._centre)

    def on_resize(self) -> None:
        """The form has another height, or the screen has."""
        self.call_after_refresh(self._centre)

    def on_mouse_scroll_down(self) -> None:
        """From now on it stands where the wheel puts it."""
        self._centred = None

    def on_mouse_scroll_up(self) -> None:
        """From now on it stands where the wheel puts it."""
        self._centred = None

    def _centre(self) -> None:
        if self._centred is not None:
            field = self._centred.virtual_region
            self.scroll_to(y=field.y + (field.height - self.size.height) // 2, animate=False, immediate=True)

    def hint(self, name: str, sentence: str, *, is_problem: bool = False) -> None:
        """Say something at a field, fit to draw; nothing takes it away."""
        self.query_one(f"#field-{name}", FormField).hint(sentence, is_problem=is_problem)
        self.call_after_refresh(self._centre)
