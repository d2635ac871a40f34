"""Proof 5: eight instances on one store write and send at the same time, and some of them are killed meanwhile."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk, serve_embedded_desk
from support.engines import WindowGroup
from support.faults.delivery_check import check_delivery
from support.faults.window_process import WindowProcess
from supporttui.domain.ticket_id import TicketId
from supporttui.store.operations import OperationState

INSTANCES = 8
EVERY_S = 0.75


def start(desk: EmbeddedDesk, folder: Path, tickets: list[TicketId], name: str, seconds: float) -> WindowProcess:
    """An instance with enough to write for so long."""
    replies = [
        (tickets[(number + len(name)) % len(tickets)].id, f"{name} writes {number}")
        for number in range(int(seconds / EVERY_S))
    ]
    return WindowProcess(url=desk.url, token=desk.token, folder=str(folder), replies=replies, every_s=EVERY_S)


@pytest.mark.timeout(300)
def test_eight_instances_on_one_store_send_everything_once(
    full: bool, figures: Callable[[str], None], tmp_path: Path
) -> None:
    seconds = 60.0 if full else 15.0
    windows = WindowGroup(tmp_path / "w")
    with serve_embedded_desk(tmp_path / "d") as desk:
        tickets = [desk.create(f"ticket {number}") for number in range(12)]
        instances = [start(desk, tmp_path / "w", tickets, f"instance {n}", seconds) for n in range(INSTANCES)]
        killed = _kill_one_in_five_seconds(instances, desk, tmp_path / "w", tickets, seconds)
        alive = [each for each in instances if not each.has_ended]
        wait_until(lambda: _none_waits(windows), within_s=90, every_s=0.25)
        codes = [each.end(15) for each in alive]
        bodies = [body for each in instances for body in each.committed]
        verdict = check_delivery(bodies, desk.folder / "desk.db", windows.files.outbox)
        said = {sentence for each in instances for sentence in each.said}
    figures(
        f"{INSTANCES} instances for {seconds:.0f} s, {killed} killed and replaced: {verdict}; said: {said or 'nothing'}"
    )
    assert (verdict.lost, verdict.duplicated) == ((), ())
    assert verdict.applied == len(bodies) > INSTANCES * seconds / 2
    assert not said
    assert set(codes) == {128 + 15}


def _none_waits(windows: WindowGroup) -> bool:
    return {each.state for each in windows.operations()} <= {OperationState.SENT}


def _kill_one_in_five_seconds(
    instances: list[WindowProcess], desk: EmbeddedDesk, folder: Path, tickets: list[TicketId], seconds: float
) -> int:
    """Let them work for so long, which is the experiment; now and then one is killed, and another comes."""
    ends_at, killed = time.monotonic() + seconds, 0
    while (left_s := ends_at - time.monotonic()) > 0:
        threading.Event().wait(min(5.0, left_s))
        if left_s > 5.0:
            instances[killed].end()
            killed += 1
            instances.append(start(desk, folder, tickets, f"replacement {killed}", left_s - 5.0))
    return killed
