"""Undoes the latest decision: a held change becomes a draft again, a sent move is moved back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from supporttui.domain.ticket_id import TicketId
from supporttui.domain.workflow import move_problem
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.undo import change_words, created_sentence, move_operation
from supporttui.store.operations import Draft, Operation, OperationKind, OperationState

MOVE_BACK_WITHIN: Final = timedelta(minutes=10)
"""A move sent longer ago is not undone by `u`: moving it back is then a decision of its own."""

_WITHDRAWABLE_STATES: Final = (OperationState.HELD, OperationState.QUEUED)


@dataclass(frozen=True, slots=True)
class UndoResult:
    """The result of `u`: a sentence, and the move back if that is needed."""

    sentence: str
    move_back: Operation | None = None
    ticket_id: TicketId | None = None
    """The ticket whose change was undone, if any."""


class UndoHistory:
    """The decisions of this window, the latest last, and how to undo them."""

    def __init__(self, model: BoardModel) -> None:
        self._model = model
        self._decided: list[Operation] = []
        self._withdrawn: Operation | None = None

    def note(self, operation: Operation) -> None:
        """Record a decision."""
        self._decided.append(operation)

    def undo(self) -> UndoResult:
        """Undo the latest decision in the way that is still possible."""
        while self._decided:
            latest = self._decided.pop()
            now_is = self._model.outbox_view.find(latest)
            if now_is is not None and now_is.state in _WITHDRAWABLE_STATES:
                return self._withdraw(now_is)
            if now_is is not None:
                self._decided.append(latest)
                return UndoResult("It is being sent or waits for your decision: open the ticket to see.")
            if latest.came_from is not None and self._model.app_context.now() - latest.created_at < MOVE_BACK_WITHIN:
                return self._moved_back(latest)
        return UndoResult("There is nothing to take back: what was sent is with the customer.")

    def outcome(self) -> str:
        """What is known now and was not before: the number of a new ticket, or that something was not taken back."""
        return created_sentence(self._model) or self._failed_withdrawal()

    def _failed_withdrawal(self) -> str:
        """Return why the last withdrawal failed, once known; empty if it succeeded."""
        asked = self._withdrawn
        if asked is None or (now_is := self._model.outbox_view.find(asked)) is None:
            return ""
        if now_is.state in _WITHDRAWABLE_STATES:
            return ""
        self._withdrawn = None
        return "Too late: it had left already, and nothing was taken back."

    def _withdraw(self, operation: Operation) -> UndoResult:
        self._model.outbox_view.withdraw(operation, draft_from_operation(operation, self._model))
        self._withdrawn = operation
        draft = "" if operation.patch.body is None else "; its text is a draft again"
        sentence = f"Taken back: {change_words(operation, self._model)} was not sent{draft}."
        return UndoResult(sentence, ticket_id=operation.ticket_id)

    def _moved_back(self, sent: Operation) -> UndoResult:
        """Undo a sent move by moving the ticket back, if it is where it was moved to and the policy allows it."""
        model, to = self._model, sent.came_from
        ticket = None if sent.ticket_id is None else model.ticket(sent.ticket_id)
        if ticket is None or to is None:
            return UndoResult("That ticket is not on the board any more.")
        if ticket.status is not sent.patch.status:
            return UndoResult(f"{ticket.id.label} has been moved on since; it stays where it is.")
        problem = move_problem(model.app_context.policy, ticket, to, can_hold=model.can.can_hold)
        if problem is not None:
            return UndoResult(f"It was sent. {problem}")
        title = model.app_context.policy.statuses[to].title
        return UndoResult(
            f"Moving {ticket.id.label} back to {title}.", move_operation(ticket, to, model.now()), ticket.id
        )


def draft_from_operation(operation: Operation, model: BoardModel) -> Draft | None:
    """Return a draft of an operation's text, appended to an existing draft of the ticket; None if it has no text."""
    from supporttui.presentation.ticket import drafts, ticket_form  # 10 ms, not needed at start

    if operation.kind is OperationKind.CREATE:
        return ticket_form.form_draft(ticket_form.form_from_operation(operation), drafts.new_draft_id(), model.now())
    if operation.patch.body is None or operation.ticket_id is None:
        return None
    kept = model.outbox_view.free_draft(operation.ticket_id)
    draft_id = kept.id if kept is not None else drafts.new_draft_id()
    model.outbox_view.release_draft(draft_id)
    text = drafts.message_to_edit_again(operation, kept)
    return drafts.message_draft(text, draft_id, operation.ticket_id, model.now())
