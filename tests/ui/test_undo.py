"""Taking back what was decided, leaving with something unsent, and what the last run left."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from support.app_driver import MONDAY, AppDriver, add_sample_tickets, running_app
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.sample_values import DESK, make_reply, ticket_key
from supporttui.domain.ticket import Status
from supporttui.presentation.undo import with_undo_window
from supporttui.store.operations import Draft, OperationState
from supporttui.store.outbox import Outbox

S = OperationState
LONG = 30.0
SHORT = 2.0


def play(
    folder: Path, scene: Callable[[AppDriver], Awaitable[None]], undo_s: float, desk: InMemoryHelpDesk | None = None
) -> None:
    async def run() -> None:
        async with running_app(folder, undo_s=undo_s, desk=desk) as stage:
            await scene(stage)

    asyncio.run(run())


def states(folder: Path) -> list[OperationState]:
    with closing(Outbox(folder / "outbox.db", DESK)) as outbox:
        return [each.state for each in outbox.load_all()]


def test_a_reply_waits_visibly_and_u_makes_it_a_draft_again(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        await stage.pilot.press("r")
        await stage.types("Too early")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: states(tmp_path) == [S.HELD])
        await stage.pilot.press("escape")
        await stage.sees("sends in 30 s · u undoes")
        await stage.pilot.resize_terminal(80, 24)
        await stage.sees(" s · u undoes")
        await stage.pilot.press("u")
        await stage.sees("Taken back: the reply on #1042 was not sent; its text is a draft again.")
        await stage.until(lambda: states(tmp_path) == [S.WITHDRAWN])
        assert stage.desk.updates == []
        await stage.opens(1042)
        await stage.sees("your draft of a public reply", "Too early")

    play(tmp_path, scene, LONG)


def test_a_reply_taken_back_beside_a_draft_is_gone_on_with_as_both(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        await stage.pilot.press("r")
        await stage.types("Too early")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: states(tmp_path) == [S.HELD])
        await stage.opens(1042)
        await stage.pilot.press("r")
        await stage.types("More")
        await stage.pilot.press("escape")
        await stage.sees("your draft of a public reply")
        await stage.pilot.press("u")
        await stage.until(lambda: states(tmp_path) == [S.WITHDRAWN])
        await stage.opens(1042)
        await stage.pilot.press("r")
        await stage.sees("More", "Too early", "Public reply")
        await stage.types("!")
        await stage.until(lambda: drafts(tmp_path) == ["More\n\nToo early!"])

    play(tmp_path, scene, LONG)


def drafts(folder: Path) -> list[str]:
    with closing(Outbox(folder / "outbox.db", DESK)) as outbox:
        return [each.body for each in outbox.load_drafts()]


def test_a_move_that_was_sent_is_moved_back(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        ticket = stage.app.model.ticket(ticket_key(1042))
        assert ticket is not None
        stage.desk.tickets[ticket_key(1042)] = replace(ticket, status=Status.OPEN)
        stage.desk.write(1042, 2, "hello")
        await stage.until(lambda: (known := stage.app.model.ticket(ticket_key(1042))) and known.status is Status.OPEN)
        stage.app.screen.go_to_ticket("1042")  # type: ignore[attr-defined]  # the board
        await stage.pilot.press("m", "h")
        await stage.until(lambda: [each.patch.status for each in stage.desk.updates] == [Status.ON_HOLD])
        await stage.until(
            lambda: (known := stage.app.model.ticket(ticket_key(1042))) and known.status is Status.ON_HOLD
        )
        await stage.pilot.press("u")
        await stage.sees("Moving #1042 back to Open.")
        await stage.until(lambda: [each.patch.status for each in stage.desk.updates] == [Status.ON_HOLD, Status.OPEN])

    play(tmp_path, scene, 0.0)


def test_a_move_out_of_new_cannot_be_moved_back_and_that_is_said(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        stage.app.screen.go_to_ticket("1042")  # type: ignore[attr-defined]  # the board
        await stage.pilot.press("m", "o")
        await stage.until(lambda: len(stage.desk.updates) == 1)
        await stage.until(lambda: (known := stage.app.model.ticket(ticket_key(1042))) and known.status is Status.OPEN)
        await stage.pilot.press("u")
        await stage.sees("It was sent. #1042 cannot go from Open to New")

    play(tmp_path, scene, 0.0)


def test_u_with_nothing_decided_says_so(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("u")
        await stage.sees("There is nothing to take back")

    play(tmp_path, scene, LONG)


def test_a_reply_does_not_wait_past_the_breach_of_its_clock(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        model = stage.app.model
        row = model.row(ticket_key(1042))
        assert row is not None
        due_at = row.clock.read(model.now()).due_at
        assert due_at is not None
        reply = make_reply(1042)
        stage.desk.now = due_at - timedelta(seconds=20)
        assert with_undo_window(reply, model).held_until == due_at - timedelta(seconds=3)
        note = make_reply(1042, is_public=False)
        assert with_undo_window(note, model).held_until == stage.desk.now + timedelta(seconds=LONG)
        stage.desk.now = due_at - timedelta(seconds=2)
        assert with_undo_window(reply, model).state is S.QUEUED
        stage.desk.now = due_at + timedelta(seconds=1)
        assert with_undo_window(reply, model).state is S.HELD

    play(tmp_path, scene, LONG)


def test_q_with_something_unsent_says_so_first_and_then_sends_and_leaves(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        stage.app.screen.go_to_ticket("1042")  # type: ignore[attr-defined]  # the board
        await stage.pilot.press("m", "o")
        await stage.until(lambda: states(tmp_path) == [S.HELD])
        await stage.pilot.press("q")
        await stage.sees(
            "1 change not sent yet; leaving sends at once what it can, u takes it back. q once more leaves."
        )
        await stage.pilot.press("f", "f", "q")
        await stage.sees("q once more leaves.")
        await stage.pilot.press("q")
        assert stage.app._exit

    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    play(tmp_path, scene, LONG, desk)
    assert states(tmp_path) == [S.SENT]
    assert [each.patch.status for each in desk.updates] == [Status.OPEN]


def test_what_leaving_would_do_is_not_said_any_more_once_it_is_sent(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        stage.app.screen.go_to_ticket("1042")  # type: ignore[attr-defined]  # the board
        await stage.pilot.press("m", "o")
        await stage.pilot.press("q")
        await stage.sees("q once more leaves.")
        await stage.until(lambda: states(tmp_path) == [S.SENT])
        await stage.until(lambda: "q once more" not in stage.text)
        assert not stage.app._exit

    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    play(tmp_path, scene, SHORT, desk)


def test_what_the_last_run_left_is_said_at_the_start_and_listed(tmp_path: Path) -> None:
    async def first(stage: AppDriver) -> None:
        stage.app.model.outbox_view.save_draft(
            Draft(id="d", updated_at=MONDAY, ticket_id=ticket_key(1042), body="half a thought")
        )
        await stage.pilot.pause(0.2)

    async def second(stage: AppDriver) -> None:
        await stage.sees("From last time: 1 change not sent and 1 draft; O lists them.")
        await stage.pilot.press("O")
        await stage.sees("Unsent, and drafts", "conflict", "#1051", "kept", "draft", "#1042", "half a thought")
        await stage.pilot.press("j", "enter")
        await stage.sees("your draft of a public reply", "half a thought")

    play(tmp_path, first, LONG)
    with closing(Outbox(tmp_path / "outbox.db", DESK)) as outbox:
        kept = make_reply(1051, "kept")
        outbox.add(kept)
        outbox.change(kept.id, S.IN_FLIGHT, at=MONDAY)
        outbox.change(kept.id, S.CONFLICT, error="changed")
    play(tmp_path, second, LONG)
