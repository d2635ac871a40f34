"""When the desk is asked again about what may have been applied."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from supporttui.store.records import Operation
from supporttui.sync.pace import Pace

NEVER: Final = float("inf")


class Lookups:
    """The plan for every operation of unknown fate. Times are the loop's: no jump of the machine's clock matters."""

    def __init__(self, pace: Pace, wake: Callable[[], None]) -> None:
        self._pace = pace
        self._wake = wake
        self._plans: dict[str, tuple[int, float]] = {}
        self._seen_s: dict[str, float] = {}

    def begin_anew(self) -> None:
        """There is another connection: everything is asked about again."""
        self._plans.clear()

    def due(self, unknown: Iterable[Operation]) -> list[Operation]:
        """Those about which the desk is to be asked now."""
        found = list(unknown)
        clock = asyncio.get_running_loop().time
        for gone in self._seen_s.keys() - {each.id for each in found}:
            del self._seen_s[gone]
            self._plans.pop(gone, None)
        for each in found:
            self._seen_s.setdefault(each.id, clock())
            if each.id not in self._plans:
                self._plan(each.id, 0)
        now_s = clock()
        return [each for each in found if self._plans[each.id][1] <= now_s]

    def is_settled(self, operation_id: str) -> bool:
        """Whether it has been unknown for longer than the desk could still take to apply it."""
        seen_s = self._seen_s.get(operation_id, NEVER)
        return asyncio.get_running_loop().time() - seen_s >= self._pace.settled_after_s

    def again(self, operation_id: str) -> None:
        """It was not found: ask once more later; after the last time a person decides, or the next connection."""
        number, _due_s = self._plans.get(operation_id, (0, 0.0))
        self._plan(operation_id, number + 1)

    def _plan(self, operation_id: str, number: int) -> None:
        waits, loop = self._pace.lookup_s, asyncio.get_running_loop()
        if number >= len(waits):
            self._plans[operation_id] = (number, NEVER)
            return
        self._plans[operation_id] = (number, loop.time() + waits[number])
        if waits[number] > 0:
            loop.call_later(waits[number], self._wake)
