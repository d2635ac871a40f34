"""The form for a new ticket with the fields of the team's guide, saved as it is typed."""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from supporttui.domain.safe_text import safe_line
from supporttui.presentation.board.board_model import PROBLEM_STATES, BoardChanges, BoardModel
from supporttui.presentation.ticket.ticket_form import (
    NewTicketForm,
    completed_requester,
    creation_operation,
    form_draft,
    form_from_draft,
    form_from_operation,
    form_problems,
    matching_people,
    missing_recommended,
    person_hint,
    requester_of,
    severity_rows,
)
from supporttui.store.operations import Operation, OperationState
from supporttui.ui.compose.ticket_form_body import NewTicketFormView
from supporttui.ui.form_fields import FileListField, SeverityChoice
from supporttui.ui.key_line import KeyLine, active_hints
from supporttui.ui.live import LiveScreen
from supporttui.ui.messages import SubmitOperation

HINTS: Final = (
    ("new-ticket-send", "create the ticket"),
    ("new-ticket-leave", "keep and leave"),
    ("new-ticket-clear", "empty the form"),
)
"""The bindings named in the footer."""

_SHOWN_MATCHES: Final = 3


class NewTicketScreen(LiveScreen[None]):
    """Writes a new ticket; leaving keeps what was typed, and the form restores it."""

    AUTO_FOCUS = ""
    """The screen sets the focus itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send", "create the ticket", id="new-ticket-send"),
        Binding("escape,q", "leave", "keep it and leave", id="new-ticket-leave"),
        Binding("ctrl+n", "clear", "empty the form, or bring it back", id="new-ticket-clear"),
        Binding("tab", "move_focus(1)", "next field or part", show=False, id="focus-next"),
        Binding("shift+tab", "move_focus(-1)", "field or part before", show=False, id="focus-previous"),
    ]

    def __init__(self, model: BoardModel) -> None:
        super().__init__(model)
        self._key_line = KeyLine()
        self._people = model.people.all()
        self._names_requester = model.can.can_name_requester
        self._body = NewTicketFormView(
            self._people.values(), severity_rows(model.app_context.policy), asks_requester=self._names_requester
        )
        self._refused = _refused_creation(model)
        draft = model.outbox_view.free_draft(None)
        self._draft_id = draft.id if draft else uuid.uuid4().hex
        model.outbox_view.claim_draft(self._draft_id)
        self._is_kept = draft is not None
        self.form = form_from_draft(draft) if draft else NewTicketForm()
        self._emptied: NewTicketForm | None = None
        if draft is None and self._refused is not None:
            self.form = form_from_operation(self._refused)
        if not self._names_requester:
            self.form = replace(self.form, requester="")

    def compose(self) -> ComposeResult:
        """Yield the fields, and the recommendations below them."""
        yield Static(Content("New ticket"), markup=False, id="form-title")
        yield self._body
        yield Static("", markup=False, id="form-state")
        yield self._key_line

    def on_mount(self) -> None:
        """Show the saved draft."""
        self._body.put(self.form)
        if self._refused is not None:
            self._body.say_refused(_why_refused(self._refused))
        self._show_urged()
        self._key_line.show(active_hints(self, HINTS), "")
        if self.model.outbox_view.is_written_elsewhere(None):
            self.say("Another window is writing a new ticket as well: its text is kept apart from yours.")
        # Immediately, as keys typed ahead belong to the field.
        is_known = bool(self.form.requester) or not self._names_requester
        self.set_focus(self.query_one("#subject" if is_known else "#requester"))

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:
        """Focus a field, and scroll its label and hint into view."""
        super().set_focus(widget, scroll_visible=False, from_app_focus=from_app_focus)
        if widget is not None and scroll_visible:
            self._body.keep_centred(widget)

    def on_unmount(self) -> None:
        """Release the draft so that another window may continue it."""
        self.model.outbox_view.release_draft(self._draft_id)

    def tick(self, now: datetime) -> None:
        """Do nothing: the form does not depend on the time."""

    def show_changes(self, changes: BoardChanges) -> None:
        """Do nothing: only the people come from the desk, and they are known when the form opens."""

    def say(self, sentence: str) -> None:
        """Show a sentence until the next key."""
        self._key_line.say(sentence)

    def on_key(self) -> None:
        """Clear the sentence on show."""
        self._key_line.say("")

    def action_move_focus(self, step: int) -> None:
        """Focus the next or the previous field."""
        self.focus_next() if step > 0 else self.focus_previous()

    def action_leave(self) -> None:
        """Return to the board; the draft is kept."""
        self._keep_form(self._body.values())
        self.dismiss(None)

    def action_clear(self) -> None:
        """Clear the form; pressed again, restore it."""
        if not self.form.is_blank:
            self._emptied = self.form
            self._show_form(NewTicketForm())
            self.say("The form is empty; the same key brings back what stood there.")
        elif self._emptied is not None:
            self._show_form(self._emptied)

    def _show_form(self, form: NewTicketForm) -> None:
        self._keep_form(form)
        self._body.put(self.form)
        self._body.show_problems({})
        self.query_one("#requester" if self._names_requester else "#subject").focus()

    def action_send(self) -> None:
        """Create the ticket, or show at each field what is missing."""
        if not self._body.add_typed_paths():
            return
        form = self._body.values()
        self._keep_form(replace(form, requester=completed_requester(self._people.values(), form.requester)))
        sent = self.form if self._names_requester else replace(self.form, requester=_own_email(self.model))
        found = form_problems(sent)
        self._body.show_problems(found)
        if found:
            return
        operation = creation_operation(sent, self._people, self.model.now())
        self.app.post_message(SubmitOperation(operation, self._draft_id if self._is_kept else None))
        if self._refused is not None:
            self.model.engine.drop(self._refused.id)
        self.dismiss(None)

    @on(Input.Changed, "#requester")
    def keep_requester(self, event: Input.Changed) -> None:
        """Save the requester, and show who is meant."""
        self._keep(requester=event.value)
        typed = requester_of(event.value)[1] if "<" in event.value else event.value
        matches = matching_people(self._people.values(), typed, _SHOWN_MATCHES)
        self._body.hint("requester", "   ".join(person_hint(person) for person in matches))

    @on(Input.Changed, "#subject")
    def keep_subject(self, event: Input.Changed) -> None:
        """Save the subject."""
        self._keep(subject=event.value)

    @on(TextArea.Changed)
    def keep_text(self, event: TextArea.Changed) -> None:
        """Save the description or the steps."""
        self._keep(**{str(event.text_area.id): event.text_area.text})

    @on(SeverityChoice.Chosen)
    def keep_severity(self, event: SeverityChoice.Chosen) -> None:
        """Save the severity."""
        self._keep(severity=event.severity)

    @on(FileListField.FilesChanged)
    def keep_files(self, event: FileListField.FilesChanged) -> None:
        """Save the logs or the screenshots."""
        name = str(event.field.id)
        self._keep(**{name: event.files})
        self._body.hint(name, "")

    @on(FileListField.PathRefused)
    def show_refusal(self, event: FileListField.PathRefused) -> None:
        """Show at the field why the file cannot be attached."""
        self._body.hint(str(event.field.id), event.sentence, is_problem=True)

    @on(Input.Submitted)
    @on(FileListField.Finished)
    @on(SeverityChoice.Finished)
    def go_on(self) -> None:
        """Move to the next field; a known person's name is replaced by their address."""
        requester = self.query_one("#requester", Input)
        if requester.has_focus:
            requester.value = completed_requester(self._people.values(), requester.value)
        self.focus_next()

    def _keep(self, **changed: Any) -> None:  # noqa: ANN401 - the form's own fields, by name
        """Apply a change."""
        self._keep_form(replace(self.form, **changed))

    def _keep_form(self, form: NewTicketForm) -> None:
        """Hand the form to the engine at once if it has changed."""
        if form != self.form:
            self.form = form
            if not form.is_blank:
                self.model.outbox_view.save_draft(form_draft(form, self._draft_id, self.model.now()))
                self._is_kept = True
            elif self._is_kept:
                self.model.outbox_view.discard_draft(self._draft_id)
                self._is_kept = False
        self._show_urged()

    def _show_urged(self) -> None:
        missing = missing_recommended(self.form)
        text = f"Would help: {', '.join(missing)}. It can be sent without." if missing else "Nothing is missing."
        self.query_one("#form-state", Static).update(Content(text))


def _own_email(model: BoardModel) -> str:
    """The account's address, in one line."""
    return safe_line(model.account.me.email) if model.account is not None else model.app_context.own_email


def _refused_creation(model: BoardModel) -> Operation | None:
    return next((one for one in model.outbox_view.creating() if one.state in PROBLEM_STATES), None)


def _why_refused(operation: Operation) -> str:
    """Why a creation was refused, safe to draw."""
    why = safe_line(operation.error) if operation.error else "The help desk did not take it."
    if operation.state is OperationState.UNKNOWN:
        return f"Your last new ticket may have been created: look for it on the board before you send it again. {why}"
    return f"Your last new ticket was not created; its text is here. {why}"
