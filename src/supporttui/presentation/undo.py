"""The operations that keys decide, their undo window, and what leaving would mean for them."""

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
    """A move to another status, decided on the version that the user sees."""
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
    """A change of the assignee; a New ticket that somebody takes becomes Open."""
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
    """A change of the severity; the clock keeps its start and gets the other target."""
    return Operation(
        id=new_operation_id(),
        kind=OperationKind.UPDATE,
        created_at=at,
        ticket_id=ticket.id,
        patch=TicketPatch(severity=severity),
        based_on=ticket.version,
    )


def requested_move(model: BoardModel, ticket_id: TicketId, to: Status) -> Operation | str:
    """A move to another status, or one sentence on why it is not allowed."""
    row = model.row(ticket_id)
    if row is None:
        return f"{ticket_id.label} is not on the board any more."
    problem = move_problem(model.app_context.policy, row.ticket, to, can_hold=model.can.can_hold)
    return problem if problem is not None else move_operation(row.ticket, to, model.now())


def requested_assignment(model: BoardModel, ticket_id: TicketId) -> Operation | str:
    """Taking a ticket, or one sentence on why it cannot be taken."""
    row, my_id = model.row(ticket_id), model.my_id
    if row is None or my_id is None:
        return "The help desk has not said yet who you are."
    if row.ticket.assignee_id == my_id:
        return f"{ticket_id.label} is yours already."
    return assign_operation(model.app_context.policy, row.ticket, my_id, model.now())


SEND_BEFORE_BREACH: Final = timedelta(seconds=3)
"""How long before a breach the wait ends at the latest, so that the reply is there in time."""


_UNFINISHED_STATES: Final = (ClockState.RUNNING, ClockState.PAUSED)


def with_undo_window(operation: Operation, model: BoardModel) -> Operation:
    """The operation with its undo window, shorter where waiting would breach the ticket's clock."""
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
    """How long what ends a clock can wait; what is breached already does not get worse."""
    row, now = model.row(ticket_id), model.now()
    if row is None:
        return longest
    readings = [clock.read(now) for clock in row.clocks or (row.clock,)]
    due = [each.due_at for each in readings if each.state in _UNFINISHED_STATES and each.due_at is not None]
    return min((at - now - SEND_BEFORE_BREACH for at in due if at > now), default=longest)


def undo_seconds_left(operations: Sequence[Operation], now: datetime) -> int | None:
    """In how many seconds the latest of what is held is sent, by this machine's clock; None where nothing is."""
    ends = [each.held_until for each in operations if each.state is OperationState.HELD and each.held_until]
    return max(0, -int((now - max(ends)).total_seconds() // 1)) if ends else None


def decision_sentence(operation: Operation, model: BoardModel) -> str:
    """What was decided on a ticket, as `#1071 is yours, now Open.`; empty where it is no change of a ticket."""
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
    """Which change it is, as `the move of #1071 to Open` or `the reply on #4`."""
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


def is_refused(operation: Operation, model: BoardModel) -> bool:
    """Whether a decided change was not applied, and somebody has to decide what becomes of it."""
    found = model.outbox_view.find(operation)
    return found is not None and found.state in PROBLEM_STATES


def is_withdrawable(operation: Operation, model: BoardModel) -> bool:
    """Whether a decided change still waits to be sent."""
    found = model.outbox_view.find(operation)
    return found is not None and found.state in (OperationState.HELD, OperationState.QUEUED)


def sending_sentence(model: BoardModel, kind: str, ticket: str, title: str) -> str:
    """What becomes of a reply or a note that was just decided, as `Your reply on #4 sends in a moment (u undoes)`."""
    key = model.app_context.key("app-undo")
    if model.status.link in (LinkState.OFFLINE, LinkState.UNAUTHORISED, LinkState.STOPPED):
        way = f"waits until the desk answers ({key} undoes)"
    elif not model.app_context.undo_s:
        way = "is on its way"
    else:
        way = f"sends in a moment ({key} undoes)"
    return f"Your {kind} on {ticket} {way}, as {title}."


def quit_warning(model: BoardModel) -> str:
    """What leaving does to what is not sent, and that the key has to be pressed again; empty where nothing is."""
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
    """For the shell after leaving: what has not gone out; empty where all has."""
    waiting = model.outbox_view.all()
    undecided = sum(each.state in PROBLEM_STATES for each in waiting)
    parts = []
    if len(waiting) > undecided:
        parts.append(f"{_counted(len(waiting) - undecided, 'change')} not sent yet: kept, and sent at the next start")
    if undecided:
        parts.append(f"{_counted(undecided, 'change')} waiting for your decision")
    return f"{'; '.join(parts)} (`supporttui outbox list`)" if parts else ""


def last_run_summary(model: BoardModel) -> str:
    """What an earlier run left unsent; empty where nothing."""
    waiting, drafts = model.outbox_view.all(), model.outbox_view.drafts()
    parts = [_counted(len(waiting), "change") + " not sent"] if waiting else []
    parts += [_counted(len(drafts), "draft")] if drafts else []
    return f"From last time: {' and '.join(parts)}; O lists them." if parts else ""


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
