"""A sentence goes when it stops being true, and what went wrong does not hide the keys."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from support.app_driver import screen_lines, screen_text, settle
from support.board_samples import LocalCopy, sample_ticket
from support.open_board import change, on_board
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Status
from supporttui.store.operations import Operation, OperationState
from supporttui.store.outbox import Outbox
from supporttui.sync.status import LinkState
from supporttui.ui.app import SupportApp

HOUR = timedelta(hours=1)


def new_tickets(folder: Path) -> LocalCopy:
    return LocalCopy(folder, [sample_ticket(n, f"Subject {n}", severity=1, ago=n * HOUR / 4) for n in range(1, 7)])


def keep(desk: LocalCopy, operation: Operation, state: OperationState) -> None:
    """Write a change to the outbox as the engine would."""
    with closing(Outbox(desk.files.outbox, desk.files.desk)) as outbox:
        outbox.add(replace(operation, state=state, error=OutsideText("Not allowed.")))


@pytest.mark.parametrize("state", [OperationState.REJECTED, OperationState.SENT])
def test_a_reply_no_longer_sends_in_a_moment_once_it_was_refused_or_sent(tmp_path: Path, state: OperationState) -> None:
    desk = new_tickets(tmp_path)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("g", "4", "enter", "enter", "r", *"Hello", "ctrl+s")
        await settle(pilot)
        assert "Your reply on #4 sends in a moment (u undoes)" in screen_text(app)
        keep(desk, desk.engine.submitted[-1], state)
        await change(app, pilot)
        assert "in a moment" not in screen_text(app)

    on_board(desk, act, undo_s=30.0)


def test_nothing_sends_in_a_moment_while_offline(tmp_path: Path) -> None:
    desk = new_tickets(tmp_path)
    desk.engine.say(link=LinkState.OFFLINE)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("g", "4", "enter", "enter", "r", *"Hello", "ctrl+s")
        await settle(pilot)
        assert "in a moment" not in screen_text(app)
        assert "Your reply on #4 waits until the desk answers" in screen_text(app)

    on_board(desk, act, undo_s=30.0)


def test_what_the_last_run_left_is_said_until_it_was_sent(tmp_path: Path) -> None:
    desk = new_tickets(tmp_path)

    async def decide(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("a")
        await settle(pilot)

    on_board(desk, decide)
    operation = desk.engine.submitted[-1]
    keep(desk, operation, OperationState.QUEUED)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        assert "From last time: 1 change not sent" in screen_text(app)
        with closing(Outbox(desk.files.outbox, desk.files.desk)) as outbox:
            outbox.withdraw(operation.id, None)
        await change(app, pilot)
        assert "From last time" not in screen_text(app)

    on_board(desk, act, undo_s=30.0)


def test_a_refusal_is_in_the_header_with_its_ticket_and_takes_back_what_was_said(tmp_path: Path) -> None:
    desk = new_tickets(tmp_path)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("g", "4", "enter", "a")
        await settle(pilot)
        assert "#4 is yours, now Open." in screen_text(app)
        keep(desk, desk.engine.submitted[-1], OperationState.REJECTED)
        await change(app, pilot)
        assert "#4 is yours" not in screen_text(app)
        assert "! #4 refused" in screen_lines(app)[0]
        await pilot.resize_terminal(40, 12)
        await settle(pilot)
        assert "!" in screen_lines(app)[0]

    on_board(desk, act, undo_s=30.0)


@pytest.mark.parametrize("size", [(80, 24), (160, 44)])
def test_an_outage_does_not_hide_the_keys(tmp_path: Path, size: tuple[int, int]) -> None:
    desk = new_tickets(tmp_path)
    desk.engine.say(
        link=LinkState.OFFLINE, sentence=safe_line(OutsideText("Nobody answers at desk.example: no route."))
    )

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await change(app, pilot)
        assert "Nobody answers" in screen_text(app)
        assert "? keys" in screen_lines(app)[-1]
        assert "m move" in screen_lines(app)[-1]

    on_board(desk, act, size)


def test_a_pane_that_was_never_at_work_keeps_its_cursor_on_the_first_row(tmp_path: Path) -> None:
    desk = new_tickets(tmp_path)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        desk.cache.apply([sample_ticket(20, "First", Status.OPEN, severity=3, ago=HOUR / 4)], ())
        await change(app, pilot)
        desk.cache.apply([sample_ticket(21, "Worse", Status.OPEN, severity=1, ago=3 * HOUR)], ())
        await change(app, pilot)
        await pilot.press("2", "enter")
        await settle(pilot)
        assert "Worse" in screen_text(app)

    on_board(desk, act, undo_s=30.0)
