"""Processes that are killed, or told to leave, at the worst moments."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import supporttui
from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.engines import WindowGroup
from supporttui.domain.ticket_id import TicketId
from supporttui.store.operations import OperationState
from supporttui.store.outbox import Outbox

S = OperationState
TESTS = Path(__file__).parent.parent


@contextlib.contextmanager
def window(desk: EmbeddedDesk, folder: Path, ticket_id: TicketId, point: str) -> Iterator[subprocess.Popen[str]]:
    """A window of the same store in a process of its own, at its point."""
    arguments = [desk.url, str(folder), ticket_id.id, point]
    app_context = Path(supporttui.__file__).parent.parent
    path = os.pathsep.join([str(app_context), str(TESTS), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "DRIVEN_TOKEN": desk.token}
    process = subprocess.Popen(
        [sys.executable, str(TESTS / "support" / "faults" / "stopping_window.py"), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "there\n"
        yield process
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


@pytest.mark.parametrize("point", ["committed", "in flight, nothing sent", "sent, answer not recorded"])
def test_a_window_killed_at_any_point_has_its_reply_sent_exactly_once(
    desk: EmbeddedDesk, windows: WindowGroup, tmp_path: Path, point: str
) -> None:
    ticket_id = desk.create()
    with window(desk, tmp_path / "w", ticket_id, point) as process:
        process.kill()
        process.wait(10)
    assert windows.states() == [S.QUEUED if point == "committed" else S.IN_FLIGHT]
    windows.live(desk.open_desk)
    wait_until(lambda: windows.states() == [S.SENT])
    assert desk.bodies(ticket_id)[1:] == ["exactly once"]


def test_an_open_window_takes_over_what_a_killed_one_had_in_flight(
    desk: EmbeddedDesk, windows: WindowGroup, tmp_path: Path
) -> None:
    ticket_id = desk.create()
    with window(desk, tmp_path / "w", ticket_id, "in flight, nothing sent") as process:
        engine = windows.live(desk.open_desk)
        assert windows.states() == [S.IN_FLIGHT]
        process.kill()
        wait_until(lambda: windows.states() == [S.SENT])
    wait_until(lambda: engine.status.unsent == 0)
    assert desk.bodies(ticket_id)[1:] == ["exactly once"]


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_ends_a_stuck_window_after_saving_and_sending(
    desk: EmbeddedDesk, windows: WindowGroup, tmp_path: Path, number: signal.Signals
) -> None:
    ticket_id = desk.create()
    with window(desk, tmp_path / "w", ticket_id, "stuck in a write") as process:
        process.send_signal(number)
        assert process.wait(8) == 128 + number
    assert windows.states() == [S.SENT]
    assert desk.bodies(ticket_id)[1:] == ["exactly once"]
    with contextlib.closing(Outbox(windows.files.outbox, windows.files.desk)) as outbox:
        assert [draft.body for draft in outbox.load_drafts()] == ["typed"]


def test_a_signal_without_a_desk_ends_in_time_and_keeps_everything(
    desk: EmbeddedDesk, windows: WindowGroup, tmp_path: Path
) -> None:
    ticket_id = desk.create()
    with window(desk, tmp_path / "w", ticket_id, "stuck in a write") as process:
        desk.stop()
        process.send_signal(signal.SIGHUP)
        assert process.wait(8) == 128 + signal.SIGHUP
    assert windows.states() == [S.QUEUED]
