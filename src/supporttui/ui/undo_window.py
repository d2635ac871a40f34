"""How long a decided change waits to be taken back, and how long it still does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from supporttui.domain.clock import ClockState
from supporttui.store.records import Operation, OperationState
from supporttui.ui.board_model import BoardModel

SENDING: Final = timedelta(seconds=3)
"""How long before a breach the wait ends at the latest, so that the reply is there in time."""


def held(operation: Operation, model: BoardModel) -> Operation:
    """The operation with its undo window, shorter where waiting would breach the ticket's clock."""
    sources = model.sources
    now = sources.now()
    wait = timedelta(seconds=sources.undo_s)
    if operation.body is not None and operation.is_public and operation.ticket_id is not None:
        wait = min(wait, _time_to_breach(operation.ticket_id, model, wait))
    if wait <= timedelta():
        return operation
    return replace(operation, state=OperationState.HELD, held_until=now + wait)


def _time_to_breach(ticket_id: int, model: BoardModel, longest: timedelta) -> timedelta:
    """How long a reply can wait; what is breached already does not get worse."""
    row, now = model.row(ticket_id), model.now()
    if row is None:
        return longest
    reading = row.clock.read(now)
    is_due = reading.state in (ClockState.RUNNING, ClockState.PAUSED) and reading.due_at is not None
    if not is_due or reading.due_at is None or reading.due_at <= now:
        return longest
    return reading.due_at - now - SENDING


def seconds_left(operations: Sequence[Operation], now: datetime) -> int | None:
    """In how many seconds the latest of what is held is sent, by this machine's clock; None where nothing is."""
    ends = [each.held_until for each in operations if each.state is OperationState.HELD and each.held_until]
    return max(0, -int((now - max(ends)).total_seconds() // 1)) if ends else None
