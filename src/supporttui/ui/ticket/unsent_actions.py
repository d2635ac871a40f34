"""The user's decisions about failed changes and drafts of a ticket."""

from supporttui.presentation.board.board_model import PROBLEM_STATES, BoardModel
from supporttui.presentation.ticket.drafts import message_draft, message_to_edit_again, new_draft_id
from supporttui.presentation.ticket.ticket_view import TicketView
from supporttui.store.operations import OperationState


class UnsentActions:
    """The decisions for one ticket; each returns a sentence on what was done."""

    def __init__(self, model: BoardModel) -> None:
        self._model = model
        self._asked_to_discard = ""
        """The id of what is discarded if the key is pressed again."""

    def retry(self, view: TicketView) -> str:
        """Send the oldest failed change again, based on the present ticket."""
        failed = next((one for one in view.unsent if one.state in PROBLEM_STATES), None)
        if failed is None:
            return "Everything decided here is sent or on its way."
        self._model.engine.retry(failed.id)
        return "Sending it again, on the ticket as it is now."

    def edit(self, view: TicketView) -> str | None:
        """Turn the text of the failed change into a draft; return None if that was done."""
        failed = next((one for one in view.unsent if one.state in PROBLEM_STATES and one.patch.body), None)
        if failed is None:
            return f"There is no unsent text to edit; {self._key('ticket-reply')} writes a reply."
        if failed.state is OperationState.UNKNOWN:
            again, discard = self._key("ticket-retry"), self._key("ticket-discard-unsent")
            found = "It may have arrived: look for it in the conversation"
            return f"{found}; {again} sends it again, {discard} gives it up."
        draft = self._model.outbox_view.free_draft(view.ticket_id)
        written = message_to_edit_again(failed, draft)
        draft_id = draft.id if draft is not None else new_draft_id()
        # The engine processes these in order: the draft is saved before the operation is deleted.
        self._model.outbox_view.save_draft(message_draft(written, draft_id, view.ticket_id, self._model.now()))
        self._model.engine.drop(failed.id)
        return None

    def discard(self, view: TicketView) -> str:
        """Discard the oldest failed change, or the draft; must be called twice."""
        failed = next((one for one in view.unsent if one.state in PROBLEM_STATES), None)
        target = failed.id if failed is not None else view.draft.id if view.draft is not None else ""
        if not target:
            return "There is nothing unsent to discard."
        if failed is None and not self._model.outbox_view.claim_draft(target):
            return "Another window is writing on this draft; discard it there."
        self._model.outbox_view.release_draft(target)
        what = "the unsent change" if failed is not None else "the draft"
        if self._asked_to_discard != target:
            self._asked_to_discard = target
            return f"{self._key('ticket-discard-unsent')} once more discards {what}, with its text."
        self._asked_to_discard = ""
        if failed is not None:
            self._model.engine.drop(failed.id)
        else:
            self._model.outbox_view.discard_draft(target)
        return f"Discarded {what}."

    def _key(self, id_: str) -> str:
        """Return the name of a binding's key for use in a sentence."""
        return self._model.app_context.key(id_)

    def forget(self) -> None:
        """Reset the confirmation after another key."""
        self._asked_to_discard = ""
