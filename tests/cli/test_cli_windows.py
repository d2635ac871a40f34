"""Two windows on one desk: they see each other's changes, and neither's end is the other's, nor leaves anything."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.clock.waiting import wait_until
from support.command_line import PROGRAM, processes_naming, run_command
from support.terminals.terminal import Terminal

IDLE = {"SUPPORTTUI_IDLE_EXIT_S": "1"}


@pytest.fixture(autouse=True)
def _leave_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in IDLE.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def _no_process_stays(tmp_path: Path) -> Iterator[None]:
    """Whatever a test does, no desk of its home is there soon after."""
    yield
    wait_until(lambda: not desks_of(tmp_path), within_s=15)


def desks_of(home: Path) -> list[int]:
    """The processes of embedded desks that lie below a folder."""
    return [pid for pid in processes_naming(str(home)) if pid in processes_naming("supporttui.server.child")]


def window(*arguments: str) -> Terminal:
    return Terminal([*PROGRAM, *arguments], rows=24, columns=80)


def submit(subject: str) -> str:
    """Submit a ticket and return its number."""
    ended = run_command(
        "submit",
        "--subject",
        subject,
        "--severity",
        "1",
        "--description",
        "Since this morning.",
        "--requester",
        "dana@acme.example",
    )
    assert ended.code == 0, ended.err
    return ended.last_line.split()[0]


def test_a_ticket_from_another_terminal_is_on_both_boards_without_a_key(tmp_path: Path) -> None:
    with window() as one, window() as other:
        one.wait_text("●")
        other.wait_text("●")
        assert len(desks_of(tmp_path)) == 1
        submit("Printer room is dark")
        one.wait_text("Printer room is dark")
        other.wait_text("Printer room is dark")


def test_a_reply_in_one_window_is_seen_in_the_other(tmp_path: Path) -> None:
    with window() as one, window() as other:
        number = submit("Board is blank")
        one.wait_text("Board is blank")
        other.wait_text("Board is blank")
        assert run_command("reply", number.lstrip("#"), "--body", "We are looking.").code == 0
        other.wait_for(lambda: "New 0" in other.text() and "Open 1" in other.text(), within_s=5)
        one.wait_for(lambda: "Open 1" in one.text(), within_s=5)


def test_killing_a_window_leaves_the_other_at_work(tmp_path: Path) -> None:
    with window() as one, window() as other:
        one.wait_text("●")
        other.wait_text("●")
        one.kill(signal.SIGKILL)
        submit("After the kill")
        other.wait_text("After the kill", within_s=5)
        assert len(desks_of(tmp_path)) == 1


def test_quitting_a_window_leaves_the_other_at_work(tmp_path: Path) -> None:
    with window() as one, window() as other:
        one.wait_text("●")
        other.wait_text("●")
        one.type("q")
        assert one.wait_exit() == 0
        submit("After the quit")
        other.wait_text("After the quit", within_s=5)
        other.type("q")
        assert other.wait_exit() == 0


def test_a_dropped_terminal_ends_its_window_and_no_other(tmp_path: Path) -> None:
    with window() as one, window() as other:
        one.wait_text("●")
        other.wait_text("●")
        one.hang_up()
        one.wait_exit(within_s=10)
        submit("After the link dropped")
        other.wait_text("After the link dropped", within_s=5)


def test_a_desk_that_is_killed_is_started_again_by_a_window(tmp_path: Path) -> None:
    with window() as one:
        one.wait_text("●")
        (before,) = desks_of(tmp_path)
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: [pid for pid in desks_of(tmp_path) if pid != before], within_s=15)
        submit("After the desk came back")
        one.wait_text("After the desk came back", within_s=10)


def test_many_windows_at_once_start_one_desk(tmp_path: Path) -> None:
    with window() as one, window() as two, window() as three:
        for each in (one, two, three):
            each.wait_text("●", within_s=30)
        assert len(desks_of(tmp_path)) == 1


def test_a_command_starts_the_desk_and_leaves_no_process(tmp_path: Path) -> None:
    submit("Nobody is watching")
    assert len(desks_of(tmp_path)) == 1
    with window() as one:
        one.wait_text("Nobody is watching")
