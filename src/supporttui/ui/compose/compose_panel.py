"""The composer with its ticket: saves what is typed, shows what sending does, and submits what is sent."""

import os
from datetime import datetime

from textual import on
from textual.app import ComposeResult, SuspendNotSupported

from supporttui.config.fault_points import fault_point
from supporttui.domain.effects import effect_of_sending
from supporttui.domain.sla import ClockState
from supporttui.domain.ticket import Conversation, Ticket
from supporttui.domain.workflow import allowed_moves, move_warning, status_after_customer, status_after_reply
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.requester_side import own_message_effect
from supporttui.presentation.ticket.conversation_parts import person_name
from supporttui.presentation.ticket.drafts import (
    ComposedMessage,
    SeenMessages,
    comparable_text,
    message_draft,
    message_from_draft,
    message_operation,
    message_patch,
    new_draft_id,
    new_messages_sentence,
)
from supporttui.presentation.ticket.file_paths import FileProblem, check_file
from supporttui.presentation.ticket.ticket_view import TicketView, desk_zone, safe_sentence
from supporttui.ui.compose.composer import Composer, ComposerHeader
from supporttui.ui.compose.external_editor import EditorError, edit_text, editor_command
from supporttui.ui.messages import SubmitOperation
from supporttui.ui.reply_area import ReplyArea
from supporttui.ui.typing_area import PlainTextArea


class ComposePanel(ReplyArea):
    """The composer of one ticket at a time, with the ticket's facts that it needs."""

    def __init__(self, model: BoardModel, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._model = model
        self._view: TicketView | None = None
        self._draft_id = ""
        self._is_kept = False
        self._seen_ids: frozenset[int] = frozenset()
        self._seen_unsent: frozenset[str] = frozenset()
        """The texts on their way when writing began; they are not reported as new messages later."""
        self._news = self._accepted_news = ""
        self._effect = ""
        self._is_refused = False
        """Whether the sentence on show says why nothing was sent; it stays until the text changes."""

    def compose(self) -> ComposeResult:
        """Yield the composer."""
        yield Composer(can_note=self._model.can.can_note, id="composer")

    def on_mount(self) -> None:
        """Start hidden."""
        self.display = False

    @property
    def field(self) -> PlainTextArea:
        """The text field."""
        return self.query_one(PlainTextArea)

    def begin(self, view: TicketView, *, is_public: bool) -> None:
        """Start writing on this ticket, or continue its draft as the kind that it is."""
        if view.row is None:
            return
        self._release()
        draft = self._model.outbox_view.free_draft(view.ticket_id)
        written = message_from_draft(draft) if draft is not None else ComposedMessage(is_public=is_public)
        if written.is_blank:
            written = ComposedMessage(is_public=is_public)
        self._view, self._is_kept = view, draft is not None
        self._draft_id = draft.id if draft is not None else new_draft_id()
        self._model.outbox_view.claim_draft(self._draft_id)
        self._seen_unsent = frozenset(comparable_text(one.patch.body) for one in view.unsent if one.patch.body)
        self._seen_ids = _message_ids(view.conversation)
        self._news = self._accepted_news = self._effect = ""
        self._is_refused = False
        self.display = True
        self.query_one(Composer).open(written, self._head(view.row.ticket, view))
        self.tick(self._model.now())
        if self._model.outbox_view.is_written_elsewhere(view.ticket_id):
            self._refuse("Another window is writing on this ticket as well: its text is kept apart from yours.")
        elif written.is_public is not is_public:
            kind = "a public reply" if written.is_public else "an internal note"
            self._refuse(f"This draft is {kind}; {self._key('composer-kind')} changes it.")

    def close(self) -> None:
        """Close the composer; another window may continue the draft."""
        super().close()
        self._release()

    def on_unmount(self) -> None:
        """Release the draft, however the screen was closed."""
        self._release()

    def _release(self) -> None:
        self._model.outbox_view.release_draft(self._draft_id)

    def follow(self, view: TicketView) -> None:
        """Update after the ticket or its conversation has changed."""
        if not self.is_open or view.row is None:
            return
        self._view = view
        composer = self.query_one(Composer)
        composer.change_header(self._head(view.row.ticket, view))
        names = {id_: person_name(view.people, id_) for id_ in view.people}
        requester_id, my_id = view.row.ticket.requester_id, self._model.my_id
        seen = SeenMessages(self._seen_ids, self._seen_unsent, requester_id, my_id, names)
        self._news = new_messages_sentence(seen, view.conversation, view.unsent, desk_zone(self._model))
        composer.show_new_messages(self._news)
        self.tick(self._model.now())

    def tick(self, now: datetime) -> None:
        """Update the effect of sending on the clock."""
        view = self._view
        if not self.is_open or self._is_refused or view is None or view.row is None:
            return
        effect, tone = self._effect_of(view.row.ticket, now)
        if effect != self._effect:
            self._effect = effect
            self.query_one(Composer).show_effect(effect, tone)

    @on(Composer.Edited)
    def keep(self, event: Composer.Edited) -> None:
        """Save every change at once; blank text discards the draft."""
        event.stop()
        view = self._view
        if view is None or not self.is_open:
            return  # a key typed after sending; the text is an operation already
        if event.written.is_blank and self._is_kept:
            self._model.outbox_view.discard_draft(self._draft_id)
            self._is_kept = False
        elif not event.written.is_blank:
            self._model.outbox_view.save_draft(
                message_draft(event.written, self._draft_id, view.ticket_id, self._model.now())
            )
            self._is_kept = True
        self._is_refused = False
        self._effect = ""
        self.tick(self._model.now())

    @on(Composer.SendMessage)
    def send(self, event: Composer.SendMessage) -> None:
        """Submit the message, or say why not."""
        event.stop()
        fault_point("ui key pressed")
        view = self._view
        if view is None or view.row is None:
            return
        problem = self._problem(event.written)
        if problem:
            self._refuse(problem)
            return
        ticket = view.row.ticket
        operation = message_operation(
            event.written, ticket, view.conversation, self._model.app_context.policy, self._model.now()
        )
        after = operation.patch.status or self._head(ticket, view).usual_status(is_public=event.written.is_public)
        fault_point("ui decided")
        self.post_message(SubmitOperation(operation, self._draft_id if self._is_kept else None))
        self._is_kept = False
        self.close()
        self.post_message(self.Sent(operation, ticket.id, after, event.written.is_public))

    @on(Composer.Left)
    def leave(self, event: Composer.Left) -> None:
        """Return to the conversation."""
        event.stop()
        self.close()
        self.post_message(self.Closed())

    @on(Composer.EditOutside)
    def edit_outside(self, event: Composer.EditOutside) -> None:
        """Edit the text in the user's own editor, which gets the terminal."""
        event.stop()
        composer = self.query_one(Composer)
        try:
            command = editor_command(os.environ)
            with self.app.suspend():
                text = edit_text(composer.written.body, command)
        except EditorError as problem:
            self._refuse(safe_sentence(str(problem)))
        except SuspendNotSupported:
            self._refuse("This terminal cannot be handed to another program; write here.")
        else:
            composer.put_body(text)

    def _key(self, id_: str) -> str:
        """Return the name of a binding's key for use in a sentence."""
        return self._model.app_context.key(id_)

    def _problem(self, written: ComposedMessage) -> str:
        """Why a message cannot be sent, in one sentence; empty if it can."""
        if not written.body.strip():
            kind = "reply" if written.is_public else "note"
            return f"The {kind} is empty, nothing was sent: type it first, or press {self._key('composer-leave')}."
        for path in written.files:
            try:
                check_file(path)
            except FileProblem as problem:
                return f"{problem} Nothing was sent; {self._key('composer-detach')} removes the last file."
        if self._news != self._accepted_news:
            self._accepted_news = self._news
            return f"Since you began, {self._news}: read it, then {self._key('composer-send')} sends this anyway."
        return ""

    def _refuse(self, sentence: str) -> None:
        self._is_refused = True
        self.query_one(Composer).show_effect(sentence, "problem")

    def _effect_of(self, ticket: Ticket, now: datetime) -> tuple[str, str]:
        """What sending does to the clock, with any warning, and the tone in which to show it."""
        written = self.query_one(Composer).written
        app_context = self._model.app_context
        if not self._model.can.can_choose_status:
            return own_message_effect(ticket, written.status, app_context.policy), ""
        patch = message_patch(written, app_context.policy, ticket)
        effect, reading = effect_of_sending(ticket, app_context.policy, self._model.calendars, patch, now)
        warning = ""
        if patch.status is not None:
            warning = move_warning(app_context.policy, ticket, patch.status, with_reply=patch.is_reply) or ""
        tone = {ClockState.MET: "met", ClockState.MET_LATE: "late"}.get(reading.state, "")
        return f"If you send now: {effect}." + (f" {warning}" if warning else ""), tone

    def _head(self, ticket: Ticket, view: TicketView) -> ComposerHeader:
        policy = self._model.app_context.policy
        can, is_own = self._model.can, self._model.is_own(ticket)
        usual = status_after_customer(ticket.status) if is_own else status_after_reply(policy, ticket.status, None)
        return ComposerHeader(
            addressee=person_name(view.people, ticket.requester_id),
            choices=allowed_moves(policy, ticket.status, is_locked=ticket.is_locked, can_hold=can.can_hold),
            titles={status: known.title for status, known in policy.statuses.items()},
            current=ticket.status,
            after_reply=usual,
            is_own=is_own,
        )


def _message_ids(conversation: Conversation | None) -> frozenset[int]:
    return frozenset(message.id for message in conversation.messages) if conversation else frozenset()
