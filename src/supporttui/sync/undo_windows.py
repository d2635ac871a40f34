"""The few seconds in which a decided change can still be taken back, counted on the engine's own loop."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from supporttui.points import reach
from supporttui.store.database import StoreProblem
from supporttui.store.outbox import Outbox
from supporttui.store.records import Operation, OperationState
from supporttui.store.transitions import TransitionRefused
from supporttui.sync.hub import Hub

LONGEST_S: Final = 60.0
"""No change is held longer, whatever its row or a clock that was set says."""

_DISK_RETRY_S: Final = 1.0


def left_s(operation: Operation, now_s: float) -> float:
    """Seconds for which it is still held, by the machine's clock."""
    until_s = operation.held_until.timestamp() if operation.held_until is not None else now_s
    return min(max(until_s - now_s, 0.0), LONGEST_S)


class UndoWindows:
    """Queues what is held when its time is up, whichever window decided it: that one may be gone."""

    def __init__(self, hub: Hub, outbox: Outbox, changed: Callable[[], None]) -> None:
        self._hub = hub
        self._outbox = outbox
        self._changed = changed
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._own: set[str] = set()

    def watch(self, operation: Operation) -> None:
        """This window has decided it: leaving ends its wait."""
        self._own.add(operation.id)
        self.look()

    def look(self) -> None:
        """Find what is held, and have it queued in time."""
        try:
            held = [each for each in self._outbox.load_open() if each.state is OperationState.HELD]
        except StoreProblem as problem:
            self._hub.say_store(problem)
            return
        for gone in self._timers.keys() - {each.id for each in held}:
            self._timers.pop(gone).cancel()
        for each in held:
            if each.id not in self._timers:
                self._wait(each.id, left_s(each, self._hub.now().timestamp()))

    def end_own(self) -> None:
        """Leaving ends the wait of what this window decided."""
        for each in self._outbox.load_open():
            if each.state is OperationState.HELD and each.id in self._own:
                self._queue(each.id)

    def close(self) -> None:
        """End all waiting: what is still held is the next window's. The loop may outlive the outbox by a moment."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _wait(self, operation_id: str, wait_s: float) -> None:
        self._timers[operation_id] = asyncio.get_running_loop().call_later(wait_s, self._end, operation_id)

    def _end(self, operation_id: str) -> None:
        reach("undo window over")
        del self._timers[operation_id]
        try:
            self._queue(operation_id)
        except StoreProblem as problem:
            self._hub.say_store(problem)
            self._wait(operation_id, _DISK_RETRY_S)
            return
        self._own.discard(operation_id)
        reach("undo window ended")
        self._changed()

    def _queue(self, operation_id: str) -> None:
        with contextlib.suppress(TransitionRefused):  # it was withdrawn, or another window has queued it
            self._outbox.change(operation_id, OperationState.QUEUED)
