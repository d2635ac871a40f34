"""The draft that a change becomes again when it is taken back."""

from supporttui.store.operations import Draft, Operation, OperationKind
from supporttui.ui.board_model import BoardModel
from supporttui.ui.ticket_writing import draft_of, draft_on, new_draft_id, written_again
from supporttui.ui.widgets.ticket_form import draft_of as draft_of_form
from supporttui.ui.widgets.ticket_form import form_of_operation


def draft_again(operation: Operation, model: BoardModel) -> Draft | None:
    """The draft that the text becomes, below what a draft of the same ticket holds; None where there is no text."""
    if operation.kind is OperationKind.CREATE:
        return draft_of_form(form_of_operation(operation), new_draft_id(), model.now())
    if operation.patch.body is None or operation.ticket_id is None:
        return None
    kept = draft_on(model.decisions.drafts(), operation.ticket_id)
    draft_id = kept.id if kept is not None else new_draft_id()
    return draft_of(written_again(operation, kept), draft_id, operation.ticket_id, model.now())
