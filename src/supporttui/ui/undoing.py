"""Taking back: what is still held is withdrawn, and a move that was sent is moved back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from supporttui.domain.workflow import move_problem
from supporttui.store.operations import Operation, OperationKind, OperationState
from supporttui.ui.board_model import BoardModel
from supporttui.ui.operations import move_operation

TAKEN_BACK_WITHIN: Final = timedelta(minutes=10)
"""A move that was sent longer ago is not moved back by `u`: it is a decision of its own then."""

_WAITING: Final = (OperationState.HELD, OperationState.QUEUED)


@dataclass(frozen=True, slots=True)
class Undone:
    """What `u` did, in a sentence, and the move back where that is what it takes."""

    sentence: str
    move_back: Operation | None = None


class Undoing:
    """What was decided in this window, the latest last, and how to take it back."""

    def __init__(self, model: BoardModel) -> None:
        self._model = model
        self._decided: list[Operation] = []
        self._withdrawn: Operation | None = None

    def note(self, operation: Operation) -> None:
        """This was decided here."""
        self._decided.append(operation)

    def undo(self) -> Undone:
        """Take the latest back, whichever way is left."""
        while self._decided:
            latest = self._decided.pop()
            now_is = self._model.decisions.find(latest)
            if now_is is not None and now_is.state in _WAITING:
                return self._withdraw(now_is)
            if now_is is not None:
                self._decided.append(latest)
                return Undone("It is being sent or waits for your decision: open the ticket to see.")
            if latest.came_from is not None and self._model.sources.now() - latest.created_at < TAKEN_BACK_WITHIN:
                return self._moved_back(latest)
        return Undone("There is nothing to take back: what was sent is with the customer.")

    def outcome(self) -> str:
        """What became of the last withdrawal, once that is known; empty where it went as asked."""
        asked = self._withdrawn
        if asked is None or (now_is := self._model.decisions.find(asked)) is None:
            return ""
        if now_is.state in _WAITING:
            return ""
        self._withdrawn = None
        return "Too late: it had left already, and nothing was taken back."

    def _withdraw(self, operation: Operation) -> Undone:
        from supporttui.ui.drafts_again import draft_again  # the composer's parts: not needed for the first picture

        self._model.decisions.withdraw(operation, draft_again(operation, self._model))
        self._withdrawn = operation
        what = "new ticket" if operation.kind is OperationKind.CREATE else f"change of #{operation.ticket_id}"
        if operation.patch.body is None:
            return Undone(f"Taken back: the {what} was not sent.")
        return Undone(f"Taken back: the {what} was not sent; its text is a draft again.")

    def _moved_back(self, sent: Operation) -> Undone:
        """A sent move, undone by a move back where the ticket still is where it went and may go there."""
        model, to = self._model, sent.came_from
        ticket = model.ticket(sent.ticket_id or 0)
        if ticket is None or to is None:
            return Undone("That ticket is not on the board any more.")
        if ticket.status is not sent.patch.status:
            return Undone(f"#{ticket.id} has been moved on since; it stays where it is.")
        problem = move_problem(model.sources.policy, ticket, to, can_hold=model.can_hold)
        if problem is not None:
            return Undone(f"It was sent. {problem}")
        title = model.sources.policy.statuses[to].title
        return Undone(f"Moving #{ticket.id} back to {title}.", move_operation(ticket, to, model.now()))
