"""The problem line of the board."""

from collections.abc import Sequence

from supporttui.domain.board import PendingMark, Row
from supporttui.domain.safe_text import safe_line
from supporttui.presentation.board.board_model import PROBLEM_STATES, BoardModel
from supporttui.store.operations import Operation


def board_problem(model: BoardModel, row: Row | None) -> str:
    """Return the problem with the link, with the ticket under the cursor, or with a new ticket that was refused."""
    if model.status.unsaved:
        key = model.app_context.key("ticket-copy")
        return f"What you wrote is kept in this window; {key} on the ticket copies it. {model.status.sentence}"
    if model.status.sentence or model.readings.problem:
        return model.status.sentence or model.readings.problem
    if row is not None and row.mark is PendingMark.PROBLEM:
        said = _failure(model.outbox_view.operations(row.ticket.id))
        return f"{row.ticket.id.label}: {said} Open the ticket to decide."
    refused = [each for each in model.outbox_view.creating() if each.state in PROBLEM_STATES]
    return f"New ticket: {_failure(refused)} Open the form (new ticket) to correct it." if refused else ""


def _failure(operations: Sequence[Operation]) -> str:
    failed = [each for each in operations if each.state in PROBLEM_STATES]
    return safe_line(failed[-1].error) if failed and failed[-1].error is not None else "A change was not applied."
