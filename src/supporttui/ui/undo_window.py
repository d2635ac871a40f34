"""How long a decided change waits to be taken back, and how long it still does."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from supporttui.domain.clock import ClockState
from supporttui.domain.ticket import Status
from supporttui.store.operations import Operation, OperationState
from supporttui.ui.board_model import BoardModel

SENDING: Final = timedelta(seconds=3)
"""How long before a breach the wait ends at the latest, so that the reply is there in time."""


_GOES_ON: Final = (ClockState.RUNNING, ClockState.PAUSED)


def held(operation: Operation, model: BoardModel) -> Operation:
    """The operation with its undo window, shorter where waiting would breach the ticket's clock."""
    sources = model.sources
    now = sources.now()
    wait = timedelta(seconds=sources.undo_s)
    patch = operation.patch
    if operation.ticket_id is not None and (patch.is_reply or patch.status is Status.CLOSED):
        wait = min(wait, _time_to_breach(operation.ticket_id, model, wait))
    if wait <= timedelta():
        return operation
    return replace(operation, state=OperationState.HELD, held_until=now + wait)


def _time_to_breach(ticket_id: int, model: BoardModel, longest: timedelta) -> timedelta:
    """How long what ends a clock can wait; what is breached already does not get worse."""
    row, now = model.row(ticket_id), model.now()
    if row is None:
        return longest
    readings = [clock.read(now) for clock in row.clocks or (row.clock,)]
    due = [each.due_at for each in readings if each.state in _GOES_ON and each.due_at is not None]
    return min((at - now - SENDING for at in due if at > now), default=longest)


def seconds_left(operations: Sequence[Operation], now: datetime) -> int | None:
    """In how many seconds the latest of what is held is sent, by this machine's clock; None where nothing is."""
    ends = [each.held_until for each in operations if each.state is OperationState.HELD and each.held_until]
    return max(0, -int((now - max(ends)).total_seconds() // 1)) if ends else None
