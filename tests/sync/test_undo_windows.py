"""The seconds in which a decided change can still be taken back."""

import asyncio
import contextlib
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from support.clock.virtual_time import VirtualClock, run_virtually
from support.clock.virtual_time_window import VirtualTimeWindow
from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.desks.virtual_time_desk import VirtualTimeDesk
from support.engines import WindowGroup
from support.sample_values import START, make_held, make_reply
from supporttui.store.operations import Draft, OperationState
from supporttui.store.outbox import Outbox
from supporttui.sync.send_now import send_now
from supporttui.sync.timings import Timings

S = OperationState


def drafts(windows: WindowGroup) -> list[str]:
    outbox = Outbox(windows.files.outbox, windows.files.desk)
    try:
        return [draft.body for draft in outbox.load_drafts()]
    finally:
        outbox.close()


def test_what_is_held_is_sent_when_its_time_is_up_and_not_before(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    engine = windows.live(desk.open_desk)
    began = time.monotonic()
    engine.submit(make_held(ticket_id, for_s=0.7))
    wait_until(lambda: windows.states() == [S.SENT])
    assert time.monotonic() - began >= 0.7
    assert desk.bodies(ticket_id)[1:] == ["held"]


def test_what_is_withdrawn_never_leaves_and_its_text_is_a_draft(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    engine = windows.live(desk.open_desk)
    held = make_held(ticket_id, "not yet")
    engine.submit(held)
    wait_until(lambda: windows.states() == [S.HELD])
    engine.withdraw(held.id, Draft(id="d", updated_at=START, ticket_id=ticket_id, body="not yet"))
    wait_until(lambda: windows.states() == [S.WITHDRAWN])
    assert drafts(windows) == ["not yet"]
    wait_until(lambda: engine.status.unsent == 0)
    engine.stop()
    assert desk.bodies(ticket_id)[1:] == []


def test_what_has_left_cannot_be_withdrawn_and_leaves_no_second_text(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    engine = windows.live(desk.open_desk)
    reply = make_reply(ticket_id, "gone")
    engine.submit(reply)
    wait_until(lambda: windows.states() == [S.SENT])
    engine.withdraw(reply.id, Draft(id="d", updated_at=START, ticket_id=ticket_id, body="gone"))
    engine.submit(make_reply(ticket_id, "next"))
    wait_until(lambda: windows.states() == [S.SENT] * 2)
    assert drafts(windows) == []


def test_a_text_that_was_to_take_up_what_has_left_is_kept_as_it_was(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    engine = windows.live(desk.open_desk)
    reply = make_reply(ticket_id, "gone")
    engine.submit(reply)
    wait_until(lambda: windows.states() == [S.SENT])
    engine.save_draft(Draft(id="d", updated_at=START, ticket_id=ticket_id, body="typed since"))
    engine.withdraw(reply.id, Draft(id="d", updated_at=START, ticket_id=ticket_id, body="typed since, gone"))
    wait_until(lambda: drafts(windows) == ["typed since"])


def test_what_follows_on_the_same_ticket_waits_behind_what_is_held(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    engine = windows.live(desk.open_desk)
    engine.submit(make_held(ticket_id, "first", for_s=0.7))
    engine.submit(make_reply(ticket_id, "second"))
    wait_until(lambda: windows.states() == [S.SENT] * 2)
    assert desk.bodies(ticket_id)[1:] == ["first", "second"]


def test_what_a_window_that_died_left_held_is_sent_by_the_next(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    windows.add(make_held(ticket_id, for_s=-5))
    windows.live(desk.open_desk)
    wait_until(lambda: windows.states() == [S.SENT])
    assert desk.bodies(ticket_id)[1:] == ["held"]


def test_leaving_one_window_does_not_end_the_wait_of_another(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    first, second = windows.live(desk.open_desk), windows.live(desk.open_desk)
    second.submit(make_held(ticket_id))
    wait_until(lambda: windows.states() == [S.HELD])
    first.stop()
    assert windows.states() == [S.HELD]
    second.stop()
    assert windows.states() == [S.SENT]


def test_what_another_window_holds_is_not_touched_once_this_one_has_ended(tmp_path: Path) -> None:
    faults: list[dict[str, Any]] = []

    async def lived(clock: VirtualClock) -> None:
        desk = VirtualTimeDesk(tmp_path / "desk", clock)
        window = VirtualTimeWindow(desk.open_desk, tmp_path / "user", clock)
        await window.live()
        with contextlib.closing(Outbox(window.files.outbox, window.files.desk)) as another:
            another.add(make_reply(desk.create(), state=S.HELD, held_until=clock.now() + timedelta(seconds=30)))
            await asyncio.sleep(1)
            await window.quit()
            asyncio.get_running_loop().set_exception_handler(lambda _loop, context: faults.append(context))
            await asyncio.sleep(60)  # a loop that ends waits for its threads, and timers still run meanwhile
        desk.close()

    run_virtually(lived)
    assert not faults


def test_the_undo_timer_of_another_window_leaves_alone_what_is_in_flight(tmp_path: Path) -> None:
    """Every window watches what is held; one whose clock is a second slow finds it under way."""

    async def lived(clock: VirtualClock) -> None:
        desk = VirtualTimeDesk(tmp_path / "desk", clock)
        desk.shape.late_s = 3.0
        sender = VirtualTimeWindow(desk.open_desk, tmp_path / "user", clock)
        await sender.live()
        slow = VirtualTimeWindow(
            desk.open_desk,
            tmp_path / "user",
            clock,
            now=lambda: clock.now() - timedelta(seconds=1),
            timings=Timings(watch_s=3.5),
        )
        await slow.live()
        reply = make_reply(desk.create(), state=S.HELD, held_until=clock.now() + timedelta(seconds=8))
        sender.tell(sender.engine.submit, reply)
        await asyncio.sleep(30)
        found = sender.operation(reply.id)
        await slow.quit()
        await sender.quit()
        desk.close()
        assert found is not None
        assert (found.state, found.attempts) == (S.SENT, 1)

    run_virtually(lived)


def test_a_script_waits_behind_what_is_held(desk: EmbeddedDesk, windows: WindowGroup, tmp_path: Path) -> None:
    ticket_id = desk.create()
    windows.add(make_held(ticket_id, "first", for_s=0.5))
    send_now(desk.open_desk, windows.files, make_reply(ticket_id, "script"))
    assert desk.bodies(ticket_id)[1:] == ["first", "script"]


def test_a_salvaged_outbox_is_said_for_as_long_as_the_window_is_open(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    Path(windows.files.outbox).write_bytes(b"garbage" * 2000)
    engine = windows.live(desk.open_desk)
    wait_until(lambda: "The outbox was damaged" in engine.status.sentence)
    ticket_id = desk.create()
    engine.submit(make_reply(ticket_id, "still sent"))
    wait_until(lambda: windows.states() == [S.SENT])
    assert "The outbox was damaged" in engine.status.sentence
