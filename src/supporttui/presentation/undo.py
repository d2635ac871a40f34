"""Operations for keys, their undo window, and the warnings on leaving with unsent changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from supporttui.domain.clock import ClockState
from supporttui.domain.patch import TicketPatch, with_policy_status
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.ticket import Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.domain.workflow import move_problem
from supporttui.presentation.board.board_model import PROBLEM_STATES, BoardModel
from supporttui.store.operations import Operation, OperationKind, OperationState, new_operation_id
from supporttui.sync.status import LinkState


def move_operation(ticket: Ticket, to: Status, at: datetime) -> Operation:
    """Return a move to another status, based on the version that the user sees."""
    return Operation(
        id=new_operation_id(),
        kind=OperationKind.UPDATE,
        created_at=at,
        ticket_id=ticket.id,
        patch=TicketPatch(status=to),
        came_from=ticket.status,
        based_on=ticket.version,
    )


def assign_operation(policy: ServicePolicy, ticket: Ticket, assignee_id: int, at: datetime) -> Operation:
    """Return a change of the assignee; a New ticket that is taken becomes Open."""
    patch = with_policy_status(policy, ticket, TicketPatch(assignee_id=assignee_id))
    return Operation(
        id=new_operation_id(),
        kind=OperationKind.UPDATE,
        created_at=at,
        ticket_id=ticket.id,
        patch=patch,
        based_on=ticket.version,
    )


def severity_operation(ticket: Ticket, severity: int, at: datetime) -> Operation:
    """Return a change of the severity; the clock keeps its start and gets the new target."""
    return Operation(
        id=new_operation_id(),
        kind=OperationKind.UPDATE,
        created_at=at,
        ticket_id=ticket.id,
        patch=TicketPatch(severity=severity),
        based_on=ticket.version,
    )


def requested_move(model: BoardModel, ticket_id: TicketId, to: Status) -> Operation | str:
    """Return a move to another status, or a sentence saying why it is not allowed."""
    row = model.row(ticket_id)
    if row is None:
        return f"{ticket_id.label} is not on the board any more."
    problem = move_problem(model.app_context.policy, row.ticket, to, can_hold=model.can.can_hold)
    return problem if problem is not None else move_operation(row.ticket, to, model.now())


def requested_assignment(model: BoardModel, ticket_id: TicketId) -> Operation | str:
    """Return the assignment of a ticket to the user, or a sentence saying why it is not possible."""
    row, my_id = model.row(ticket_id), model.my_id
    if row is None or my_id is None:
        return "The help desk has not said yet who you are."
    if row.ticket.assignee_id == my_id:
        return f"{ticket_id.label} is yours already."
    return assign_operation(model.app_context.policy, row.ticket, my_id, model.now())


SEND_BEFORE_BREACH: Final = timedelta(seconds=3)
"""The undo window ends at the latest this long before a breach, so that the reply arrives in time."""


_UNFINISHED_STATES: Final = (ClockState.RUNNING, ClockState.PAUSED)


def with_undo_window(operation: Operation, model: BoardModel) -> Operation:
    """Return the operation with its undo window, shortened if waiting would breach the ticket's clock."""
    app_context = model.app_context
    now = app_context.now()
    wait = timedelta(seconds=app_context.undo_s)
    patch = operation.patch
    if operation.ticket_id is not None and (patch.is_reply or patch.status is Status.CLOSED):
        wait = min(wait, _time_to_breach(operation.ticket_id, model, wait))
    if wait <= timedelta():
        return operation
    return replace(operation, state=OperationState.HELD, held_until=now + wait)


def _time_to_breach(ticket_id: TicketId, model: BoardModel, longest: timedelta) -> timedelta:
    """How long a change that ends a clock can wait, at most `longest`; a breached clock sets no limit."""
    row, now = model.row(ticket_id), model.now()
    if row is None:
        return longest
    readings = [clock.read(now) for clock in row.clocks or (row.clock,)]
    due = [each.due_at for each in readings if each.state in _UNFINISHED_STATES and each.due_at is not None]
    return min((at - now - SEND_BEFORE_BREACH for at in due if at > now), default=longest)


def undo_seconds_left(operations: Sequence[Operation], now: datetime) -> int | None:
    """Return the seconds until the latest held operation is sent, by this machine's clock; None if none is held."""
    ends = [each.held_until for each in operations if each.state is OperationState.HELD and each.held_until]
    return max(0, -int((now - max(ends)).total_seconds() // 1)) if ends else None


def decision_sentence(operation: Operation, model: BoardModel) -> str:
    """Return what was decided, such as `#1071 is yours, now Open.`; empty if it does not change a ticket."""
    if operation.ticket_id is None:
        return ""
    patch, ticket = operation.patch, operation.ticket_id.label
    status = "" if patch.status is None else model.app_context.policy.statuses[patch.status].title
    if patch.assignee_id is not None:
        whose = "yours" if patch.assignee_id == model.my_id else f"{model.people.name(patch.assignee_id)}'s"
        return f"{ticket} is {whose}, now {status}." if status else f"{ticket} is {whose}."
    if status:
        return f"{ticket} is {status} now."
    return "" if patch.severity is None else f"{ticket} has severity {patch.severity} now."


def change_words(operation: Operation, model: BoardModel) -> str:
    """Return the name of a change, such as `the move of #1071 to Open` or `the reply on #4`."""
    if operation.ticket_id is None:
        return "the new ticket"
    patch, ticket = operation.patch, operation.ticket_id.label
    if patch.body is not None:
        return f"the {'reply' if patch.is_public else 'note'} on {ticket}"
    if patch.assignee_id is not None:
        return f"the assignment of {ticket}"
    if patch.status is not None:
        return f"the move of {ticket} to {model.app_context.policy.statuses[patch.status].title}"
    return f"the severity of {ticket}" if patch.severity is not None else f"the change of {ticket}"


def created_sentence(model: BoardModel) -> str:
    """The numbers of the new tickets that the desk has just confirmed, and how to go there; empty where there is none.

    Each is told once.
    """
    created = model.outbox_view.take_created()
    if not created:
        return ""
    go_to, go = (model.app_context.key(each) for each in ("board-go-to", "go-to-go"))
    numbers = " and ".join(each.label for each in created)
    first = "Your new ticket is" if len(created) == 1 else "Your new tickets are"
    return (
        f"{first} {numbers}: on the board {go_to}, then {go}, goes {'there' if len(created) == 1 else 'to the last'}."
    )


def is_refused(operation: Operation, model: BoardModel) -> bool:
    """Whether a change was refused and needs the user's decision."""
    found = model.outbox_view.find(operation)
    return found is not None and found.state in PROBLEM_STATES


def is_withdrawable(operation: Operation, model: BoardModel) -> bool:
    """Whether a change still waits to be sent."""
    found = model.outbox_view.find(operation)
    return found is not None and found.state in (OperationState.HELD, OperationState.QUEUED)


def sending_sentence(model: BoardModel, kind: str, ticket: str, title: str) -> str:
    """Return the state of a new reply or note, such as `Your reply on #4 sends in a moment (u undoes)`."""
    key = model.app_context.key("app-undo")
    if model.status.link in (LinkState.OFFLINE, LinkState.UNAUTHORISED, LinkState.STOPPED):
        way = f"waits until the desk answers ({key} undoes)"
    elif not model.app_context.undo_s:
        way = "is on its way"
    else:
        way = f"sends in a moment ({key} undoes)"
    return f"Your {kind} on {ticket} {way}, as {title}."


def quit_warning(model: BoardModel) -> str:
    """Return what quitting does to unsent changes, and that the key must be pressed again; empty if there are none."""
    waiting = model.outbox_view.all()
    if not waiting:
        return ""
    undecided = sum(each.state in PROBLEM_STATES for each in waiting)
    going = len(waiting) - undecided
    parts = []
    unsaved = model.outbox_view.unsaved() if model.status.unsaved else []
    if unsaved:
        parts.append(f"{_counted(len(unsaved), 'text')} could not be written to disk and would be lost")
    if going:
        with_undo_window = any(each.state is OperationState.HELD for each in waiting)
        takes_back = f", {model.app_context.key('app-undo')} takes it back" if with_undo_window else ""
        parts.append(f"{_counted(going, 'change')} not sent yet; leaving sends at once what it can{takes_back}")
    if undecided:
        parts.append(f"{_counted(undecided, 'change')} waiting for your decision; kept")
    return f"{'; '.join(parts)}. {model.app_context.key('app-quit')} once more leaves."


def left_unsent(model: BoardModel) -> str:
    """Return a message for the shell after quitting: what is unsent; empty if nothing is."""
    waiting = model.outbox_view.all()
    undecided = sum(each.state in PROBLEM_STATES for each in waiting)
    parts = []
    if len(waiting) > undecided:
        parts.append(f"{_counted(len(waiting) - undecided, 'change')} not sent yet: kept, and sent at the next start")
    if undecided:
        parts.append(f"{_counted(undecided, 'change')} waiting for your decision")
    return f"{'; '.join(parts)} (`supporttui outbox list`)" if parts else ""


def last_run_summary(model: BoardModel) -> str:
    """Return what an earlier run left unsent; empty if nothing."""
    waiting, drafts = model.outbox_view.all(), model.outbox_view.drafts()
    parts = [_counted(len(waiting), "change") + " not sent"] if waiting else []
    parts += [_counted(len(drafts), "draft")] if drafts else []
    return f"From last time: {' and '.join(parts)}; {model.app_context.key('app-outbox')} lists them." if parts else ""


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
