"""Runs an engine for hours of virtual time and samples memory, files, tasks and threads."""

import asyncio
import ctypes
import gc
import os
import random
import threading
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Final

from support.clock.virtual_time import VirtualClock, eventually, run_virtually
from support.clock.virtual_time_window import VirtualTimeWindow
from support.desks.virtual_time_desk import VirtualTimeDesk
from support.faults.delivery_check import DeliveryVerdict, check_delivery
from support.sample_values import make_reply
from supporttui.server.ticket_fields import CommentFields
from supporttui.store.operations import OperationState

POLL_S: Final = 10.0
FAULT_RATE: Final = 0.02
TICKETS: Final = 30
WARM_UP_H: Final = 1
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_FAULT_RESPONSES: Final[tuple[tuple[int, dict[str, str]], ...]] = (
    (500, {}),
    (503, {"Retry-After": "2"}),
    (429, {"Retry-After": "3"}),
    (502, {}),
)


class _MallocInfo(ctypes.Structure):
    """glibc's `struct mallinfo2`."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def used_bytes() -> int:
    """The bytes that are given out by malloc, those in maps of their own included."""
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = _MallocInfo
    found = ask()
    return int(found.uordblks) + int(found.hblkhd)


@dataclass(frozen=True)
class ResourceSample:
    """One look at the process."""

    hour: float
    used_bytes: int
    """What the C library has given out and not got back: SQLite's memory as well, where Python's comes from there."""
    resident_bytes: int
    files: int
    tasks: int
    threads: int


@dataclass
class SoakResult:
    """What was measured, and whether every reply was delivered."""

    samples: list[ResourceSample] = field(default_factory=list)
    polls: int = 0
    faults: int = 0
    verdict: DeliveryVerdict | None = None

    def slope_mb_per_day(self, what: str) -> float:
        """The median of the slopes between any two samples after the warm-up.

        After Theil and Sen: a leak raises them all, while a table that doubles once raises those that span it.
        """
        later = [each for each in self.samples if each.hour >= WARM_UP_H]
        slopes = (
            float(getattr(last, what) - getattr(first, what)) / 1e6 / (last.hour - first.hour)
            for first, last in combinations(later, 2)
        )
        return 24.0 * median(slopes)

    def growth(self, what: str) -> int:
        """By how much the last samples exceed the first after the warm-up, at the most."""
        later = [int(getattr(each, what)) for each in self.samples if each.hour >= WARM_UP_H]
        third = max(1, len(later) // 3)
        return max(later[-third:]) - max(later[:third])


def soak(hours: int, folder: Path) -> SoakResult:
    """Run for so many hours; to be called in a process of its own, started with PYTHONMALLOC=malloc."""
    return run_virtually(lambda clock: _SoakRun(hours, folder, clock).run())


class _SoakRun:
    def __init__(self, hours: int, folder: Path, clock: VirtualClock) -> None:
        self._hours = hours
        self._clock = clock
        self._chance = random.Random(8)
        self._desk = VirtualTimeDesk(folder / "desk", clock, is_zendesk_like=True)
        self._tickets = [self._desk.create(f"Ticket {number}") for number in range(TICKETS)]
        self._window = VirtualTimeWindow(self._desk.open_desk, folder / "window", clock, poll_s=POLL_S)
        self._soaked = SoakResult()
        self._bodies: list[str] = []

    async def run(self) -> SoakResult:
        await self._window.live()
        self._desk.shape.refuses = self._refuses
        self._desk.network.loses = lambda: self._fails(FAULT_RATE / 2)
        for quarter in range(self._hours * 4 + 1):
            self._sample(quarter / 4)
            for _minutes in range(3):
                self._customer_writes()
                self._reply(f"reply {len(self._bodies)}")
                await asyncio.sleep(300)
        self._desk.shape.refuses = lambda method, path: None
        self._desk.network.loses = lambda: False
        await eventually(lambda: self._none_waits(), 3600, every_s=5)
        await self._window.quit()
        self._soaked.verdict = check_delivery(self._bodies, self._desk.database, self._window.files.outbox)
        self._desk.close()
        return self._soaked

    def _fails(self, share: float) -> bool:
        fails = self._chance.random() < share
        self._soaked.faults += fails
        return fails

    def _refuses(self, method: str, path: str) -> tuple[int, dict[str, str]] | None:
        self._soaked.polls += (method, path) == ("GET", "/api/v2/tickets.json")
        return self._chance.choice(_FAULT_RESPONSES) if self._fails(FAULT_RATE / 2) else None

    def _customer_writes(self) -> None:
        ticket_id = self._chance.choice(self._tickets)
        self._desk.update(ticket_id, self._desk.customer_id, comment=CommentFields(body="Any news?"))

    def _reply(self, body: str) -> None:
        self._bodies.append(body)
        ticket_id = self._chance.choice(self._tickets)
        version = self._desk.version(ticket_id)
        self._window.engine.submit(make_reply(ticket_id, body, created_at=self._clock.now(), based_on=version))

    def _none_waits(self) -> bool:
        """Whether nothing is left to send; what was answered by a conflict is left to a person."""
        return all(
            operation.state in (OperationState.SENT, OperationState.CONFLICT, OperationState.UNKNOWN)
            for operation in self._window.operations()
        )

    def _sample(self, hour: float) -> None:
        self._desk.engine.dispose()  # the desk's page caches, filling with its database, are not the engine's
        gc.collect()
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES
        sample = ResourceSample(
            hour=hour,
            used_bytes=used_bytes(),
            resident_bytes=resident,
            files=len(list(Path("/proc/self/fd").iterdir())),
            tasks=len(asyncio.all_tasks()),
            threads=threading.active_count(),
        )
        self._soaked.samples.append(sample)
