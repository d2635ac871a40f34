"""Proof 4: every open, write, sync, truncate and delete below SQLite fails in turn."""

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from support.clock.virtual_time import VirtualClock, eventually, run_virtually
from support.clock.virtual_time_window import VirtualTimeWindow
from support.desks.virtual_time_desk import VirtualTimeDesk
from support.faults.delivery_check import check_delivery
from support.faults.faulty_disk import DiskFailure, FaultyDisk, use_faulty_disk
from support.faults.outbox_steps import ExpectedOutbox, find_missing, run_steps
from support.sample_values import DESK, make_reply
from supporttui.store.cache import Cache
from supporttui.store.database import StoreProblem
from supporttui.store.operations import OperationState
from supporttui.store.outbox import Outbox
from supporttui.sync.timings import Timings

TRIES = 3
"""The engine tries again once a second; a disk that failed once works then."""

PACE = Timings(prefetch_s=3600.0)
"""The product's own, but that a window does not begin by fetching what all the others have written."""


def lived(path: Path, disk: FaultyDisk) -> ExpectedOutbox:
    """A whole life of an outbox on this disk."""
    known = ExpectedOutbox()
    with use_faulty_disk(disk):
        for _number in range(TRIES):
            try:
                box = Outbox(path, DESK)
            except StoreProblem:
                continue
            try:
                run_steps(box, known, tries=TRIES)
            finally:
                with contextlib.suppress(sqlite3.Error):
                    box.close()
            break
    return known


def soundness(path: Path) -> str:
    """SQLite's own verdict on the file."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        return str(database.execute("PRAGMA integrity_check").fetchone()[0])


@pytest.mark.timeout(600)
@pytest.mark.parametrize("failure", list(DiskFailure), ids=lambda failure: failure.name.lower())
def test_no_call_of_the_disk_that_fails_costs_the_outbox_anything(
    failure: DiskFailure, figures: Callable[[str], None], quick_disk: Path
) -> None:
    healthy = FaultyDisk()
    lived(quick_disk / "healthy.db", healthy)
    lost: list[str] = []
    corrupt: list[str] = []
    tried: Counter[str] = Counter()
    for number in range(1, len(healthy.calls) + 1):
        path = quick_disk / f"{failure.name}-{number}" / "outbox.db"
        disk = FaultyDisk(fails_at=number, failure=failure)
        known = lived(path, disk)
        assert disk.has_failed
        tried[healthy.calls[number - 1]] += 1
        with contextlib.closing(Outbox(path, DESK)) as box:
            lost += [f"call {number} ({disk.calls[number - 1]}): {each}" for each in find_missing(box, known)]
        if soundness(path) != "ok" or list(path.parent.glob("*.damaged-*")):
            corrupt.append(f"call {number} ({disk.calls[number - 1]})")
    shown = ", ".join(f"{count} {what}s" for what, count in sorted(tried.items()))
    figures(f"disk {failure.value}: {shown}; {len(lost)} lost, {len(corrupt)} corrupt")
    assert not lost
    assert not corrupt


@pytest.mark.timeout(600)
@pytest.mark.parametrize("failure", [DiskFailure.ONCE, DiskFailure.FULL], ids=lambda failure: failure.name.lower())
def test_no_call_of_the_disk_that_fails_loses_or_doubles_a_reply(
    failure: DiskFailure, figures: Callable[[str], None], quick_disk: Path
) -> None:
    tried, bodies, lost, duplicated = run_virtually(lambda clock: _replies(quick_disk, clock, failure))
    figures(
        f"disk {failure.value} below the engine: {tried} calls, {bodies} replies; {lost} lost, {duplicated} doubled"
    )
    assert (lost, duplicated) == (0, 0)
    assert tried > 20


async def _replies(folder: Path, clock: VirtualClock, failure: DiskFailure) -> tuple[int, int, int, int]:
    """One reply for each call of the disk, in a window whose disk fails there and works again half a minute later."""
    desk = VirtualTimeDesk(folder / "desk", clock)
    tried = lost = duplicated = 0
    for number in range(1, 1000):
        disk = FaultyDisk(fails_at=number, failure=failure)
        body = f"reply {number}"
        outbox = await _reply(desk, folder / f"window {number}", clock, disk, body)
        verdict = check_delivery([body], desk.database, outbox)
        lost, duplicated = lost + len(verdict.lost), duplicated + len(verdict.duplicated)
        assert verdict.applied == 1, f"call {number}: {verdict}"
        if not disk.has_failed:
            break
        tried += 1
    desk.close()
    return tried, number, lost, duplicated


async def _reply(desk: VirtualTimeDesk, folder: Path, clock: VirtualClock, disk: FaultyDisk, body: str) -> str:
    disk.is_counted = lambda name: "outbox" in name
    with use_faulty_disk(disk):
        window = VirtualTimeWindow(desk.open_desk, folder, clock, timings=PACE)
        operation = make_reply(desk.create(), body, created_at=clock.now())
        window.engine.submit(operation)
        for _half_minute in range(2):
            with contextlib.suppress(AssertionError):
                await eventually(lambda: _is_sent(window, operation.id, disk), 30, every_s=1.0)
            disk.heal()
        await window.quit()
    return window.files.outbox


def _is_sent(window: VirtualTimeWindow, operation_id: str, disk: FaultyDisk) -> bool:
    """Looked at without touching the disk that is on trial."""
    counted, disk.is_counted = disk.is_counted, lambda name: False
    try:
        found = window.operation(operation_id)
    except StoreProblem:
        return False
    finally:
        disk.is_counted = counted
    return found is not None and found.state is OperationState.SENT


# Where a checkpoint fails that SQLite makes on its own, nobody is there to be told.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_cache_on_a_failing_disk_says_so_and_is_whole_afterwards(
    figures: Callable[[str], None], quick_disk: Path
) -> None:
    healthy = FaultyDisk()
    _cached(quick_disk / "healthy.db", healthy)
    unusable = 0
    for number in range(1, len(healthy.calls) + 1):
        path = quick_disk / str(number) / "cache.db"
        _cached(path, FaultyDisk(fails_at=number))
        with Cache(path, DESK) as cache:
            cache.save_state("cursor", b"1")
            unusable += cache.load_state("cursor") != b"1" or soundness(path) != "ok"
    shown = ", ".join(f"{count} {what}s" for what, count in sorted(Counter(healthy.calls).items()))
    figures(f"disk fails once below the cache: {shown}; {unusable} unusable")
    assert unusable == 0


def _cached(path: Path, disk: FaultyDisk) -> None:
    with use_faulty_disk(disk), contextlib.suppress(StoreProblem), Cache(path, DESK) as cache:
        for number in range(20):
            with contextlib.suppress(StoreProblem):
                cache.save_state(f"key {number}", b"x" * 5000)
