"""Proof 7: a terminal that nobody reads stops the screen, and nothing else."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from support.clock.waiting import wait_until
from support.command_line import run_command
from support.desks.embedded_desk import CUSTOMER, EmbeddedDesk, serve_embedded_desk
from support.terminals.board_terminal import StoredFiles, desk_environment, open_board
from support.terminals.terminal import Terminal, terminal_environment
from supporttui.domain.ticket_id import TicketId
from supporttui.store.operations import OperationState

ROWS, COLUMNS = 50, 200
LEAVES_WITHIN_S = 8.0
"""Five seconds to send, and what an overloaded machine needs beside."""


@contextmanager
def busy_desk(desk: EmbeddedDesk) -> Iterator[list[str]]:
    """Customers who write a ticket ten times a second; the subjects so far."""
    subjects: list[str] = []
    over = threading.Event()

    def write() -> None:
        with httpx.Client(
            transport=httpx.HTTPTransport(uds=str(desk.socket)),
            base_url="http://desk",
            auth=(f"{CUSTOMER}/token", desk.customer_token),
        ) as client:
            while not over.wait(0.1):
                subject = f"Outage number {len(subjects) + 1} begins"
                ticket = {"subject": subject, "comment": {"body": "It is dark."}, "priority": "urgent"}
                client.post("/api/v2/requests.json", json={"request": ticket}).raise_for_status()
                subjects.append(subject)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield subjects
    finally:
        over.set()
        thread.join()


def is_stuck(terminal: Terminal) -> bool:
    """Whether one of the program's threads waits for the terminal to take its output."""
    waits = [path.read_text() for path in Path(f"/proc/{terminal.pid}/task").glob("*/wchan")]
    return any("tty_write" in each or "wait_woken" in each for each in waits)


@pytest.mark.timeout(400)
def test_a_terminal_that_nobody_reads_stops_the_screen_and_nothing_else(
    full: bool, figures: Callable[[str], None], tmp_path: Path
) -> None:
    unread_s = 120.0 if full else 20.0
    one_home, other_home = tmp_path / "one", tmp_path / "other"
    with serve_embedded_desk(tmp_path / "d", requests_per_minute=10**6) as desk:
        ticket_id = desk.create("The one that is answered")
        one, other = (
            open_board(desk, one_home, rows=ROWS, columns=COLUMNS),
            open_board(desk, other_home, rows=ROWS, columns=COLUMNS),
        )
        kept = StoredFiles(desk, one_home)
        with one, other, open_board(desk, tmp_path / "third", rows=ROWS, columns=COLUMNS) as third:
            for each in (one, other, third):
                each.wait_text("The one that is", within_s=30)
                each.wait_text("● live", within_s=30)
            third.type("\r")
            third.wait_text("It stays empty.")
            third.type("r")
            third.wait_text("Public reply")
            third.type("typed before")
            third.wait_text("typed before")
            began_at = time.monotonic()
            for each in (one, other, third):
                each.stop_reading()
            for each in (one, other):  # the third stops as it does by itself: stuck, or holding back before it is
                each.fill_line()
            third.type(" and after")
            drafts = StoredFiles(desk, tmp_path / "third")
            wait_until(lambda: [each.body for each in drafts.drafts()] == ["typed before and after"], within_s=2)
            with busy_desk(desk) as subjects:
                wait_until(lambda: is_stuck(one) and is_stuck(other), within_s=unread_s)
                stuck_at = time.monotonic()
                saved_s = _answers_through(one_home, desk, kept, ticket_id)
                # The time that nobody reads is the experiment itself.
                threading.Event().wait(max(0.0, unread_s - (time.monotonic() - began_at)))
                assert is_stuck(one)
                assert is_stuck(other)
            newest = subjects[-1]
            wait_until(lambda: newest in kept.subjects(), within_s=5)
            ended_s = _hung_up(other)
            right_s = _right_again(one, newest, len(subjects))
            _hung_up(third)
            _hung_up(one)
    figures(
        f"unread for {unread_s:.0f} s, stuck after {stuck_at - began_at:.1f} s: {len(subjects)} tickets fetched, "
        f"a reply sent in {saved_s:.1f} s; the screen right {right_s:.2f} s after reading resumed; "
        f"SIGHUP ended it in {ended_s:.1f} s"
    )


def _answers_through(home: Path, desk: EmbeddedDesk, kept: StoredFiles, ticket_id: TicketId) -> float:
    """Another process commits a reply; the stuck window, which owns the sending, sends it. How long that took."""
    began_at = time.monotonic()
    ended = run_command(
        "reply",
        ticket_id.id,
        "--body",
        "sent by a stuck window",
        environment=terminal_environment(home, desk_environment(desk)),
    )
    assert ended.code == 0, ended.err
    assert desk.bodies(ticket_id)[1:] == ["sent by a stuck window"]
    assert [each.state for each in kept.operations()] == [OperationState.SENT]
    return time.monotonic() - began_at


def _hung_up(terminal: Terminal) -> float:
    """How long the window takes to leave after SIGHUP."""
    began_at = time.monotonic()
    terminal.kill(signal.SIGHUP)
    assert terminal.wait_exit(within_s=LEAVES_WITHIN_S) == 128 + signal.SIGHUP
    return time.monotonic() - began_at


def _right_again(terminal: Terminal, newest: str, count: int) -> float:
    """How long after reading resumes the screen shows what is so."""
    began_at = time.monotonic()
    terminal.read_again()
    terminal.wait_for(lambda: f"New {count}" in terminal.text(), within_s=10)
    right_s = time.monotonic() - began_at
    assert right_s <= 1.0, f"{right_s:.2f} s\n{terminal.text()}"
    return right_s
