"""What is decided reaches the desk once, or is kept with the reason."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.clock.virtual_time import VirtualClock, eventually, run_virtually
from support.clock.virtual_time_window import VirtualTimeWindow
from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.desks.virtual_time_desk import VirtualTimeDesk
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import START, make_held, make_reply, operation_with, ticket_key
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import Conflict, DeskError, HelpDesk, Rejected, SendResult, Unreachable
from supporttui.helpdesks.http_transport import WriteOnReadOnlyTransport
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.server.ticket_fields import CommentFields
from supporttui.store.operations import Draft, Operation, OperationKind, OperationState, new_operation_id
from supporttui.store.outbox import Outbox
from supporttui.sync.engine import EngineEnded, LinkState
from supporttui.sync.send_now import send_all_now, send_now

S = OperationState
_SETTLED = (S.SENT, S.CONFLICT)


def test_a_reply_is_sent_and_the_desks_answer_is_on_the_board(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    engine = windows.live(desk.open_desk)
    known = windows.ticket(ticket_id)
    assert known is not None
    engine.submit(make_reply(ticket_id, "Look here.", based_on=known.version, status=Status.AWAITING_REPLY))
    wait_until(lambda: windows.states() == [S.SENT])
    wait_until(lambda: engine.status.unsent == 0)
    ticket = windows.ticket(ticket_id)
    assert ticket is not None
    assert ticket.status is Status.AWAITING_REPLY
    assert ticket.first_reply_at is not None
    conversation = windows.conversation(ticket_id)
    assert conversation is not None
    assert conversation.messages[-1].body.raw == "Look here."


def test_two_decisions_on_one_version_are_no_conflict_with_each_other(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    engine = windows.live(desk.open_desk)
    known = windows.ticket(ticket_id)
    assert known is not None
    for body in ("one", "two", "three"):
        engine.submit(make_reply(ticket_id, body, based_on=known.version))
    wait_until(lambda: windows.states() == [S.SENT] * 3)
    assert desk.bodies(ticket_id)[1:] == ["one", "two", "three"]


def test_what_was_decided_before_our_own_change_was_heard_of_is_no_conflict(tmp_path: Path) -> None:
    async def play(clock: VirtualClock) -> list[OperationState]:
        desk = VirtualTimeDesk(tmp_path / "desk", clock)
        ticket_id = desk.create()
        seen = desk.version(ticket_id)
        window = VirtualTimeWindow(desk.open_desk, tmp_path / "window", clock)
        await window.live()
        for number, author in enumerate(("me", "me", "me", "customer"), 1):
            await asyncio.sleep(5)  # of the clock: longer than the second that a version stands for
            if author == "customer":
                desk.update(ticket_id, desk.customer_id, comment=CommentFields(body="Any news?"))
            window.engine.submit(make_reply(ticket_id, f"reply {number}", created_at=clock.now(), based_on=seen))
            wanted = number
            await eventually(lambda: sum(each.state in _SETTLED for each in window.operations()) == wanted, 60)  # noqa: B023 - awaited here
        states = [each.state for each in window.operations()]
        await window.quit()
        desk.close()
        return states

    assert run_virtually(play) == [S.SENT, S.SENT, S.SENT, S.CONFLICT]


def test_a_reply_to_a_changed_ticket_is_a_conflict_and_keeps_its_text(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    engine = windows.live(desk.open_desk)
    reply = make_reply(ticket_id, "mine", based_on="2020-01-01T00:00:00Z")
    engine.submit(reply)
    wait_until(lambda: windows.states() == [S.CONFLICT])
    (kept,) = windows.operations()
    assert kept.patch.body == "mine"
    assert kept.error is not None
    assert "was changed meanwhile; the desk does not say by whom" in kept.error.raw
    assert len(desk.bodies(ticket_id)) == 1
    engine.retry(reply.id)
    wait_until(lambda: windows.states() == [S.SENT])
    assert desk.bodies(ticket_id)[1:] == ["mine"]


def test_a_refused_move_says_why_in_the_desks_words(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    desk.update(ticket_id, comment=CommentFields(body="hi"))
    engine = windows.live(desk.open_desk)
    engine.submit(make_reply(ticket_id, None, status=Status.NEW))  # type: ignore[arg-type] # a move has no text
    wait_until(lambda: windows.states() == [S.REJECTED])
    (kept,) = windows.operations()
    assert kept.error is not None
    assert "The desk says: " in kept.error.raw


def test_what_a_refusal_holds_up_goes_on_when_it_is_dropped(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    first = make_reply(ticket_id, "first", based_on="2020-01-01T00:00:00Z")
    second = make_reply(ticket_id, "second")
    windows.add(first, second)
    engine = windows.live(desk.open_desk)
    wait_until(lambda: windows.states() == [S.CONFLICT, S.QUEUED])
    engine.drop(first.id)
    wait_until(lambda: windows.states() == [S.WITHDRAWN, S.SENT])
    assert desk.bodies(ticket_id)[1:] == ["second"]


def test_a_new_ticket_with_a_log_is_created(desk: EmbeddedDesk, windows: WindowGroup, tmp_path: Path) -> None:
    log = tmp_path / "board log.txt"
    log.write_bytes(b"line\n" * 1000)
    engine = windows.live(desk.open_desk)
    engine.submit(
        operation_with(
            id=new_operation_id(),
            kind=OperationKind.CREATE,
            created_at=START,
            subject="Down",
            body="since nine",
            severity=1,
            requester_email="new@customer.example",
            files=(str(log),),
        )
    )
    wait_until(lambda: windows.states() == [S.SENT])
    (sent,) = windows.operations()
    created = sent.result_ticket_id
    assert created is not None
    conversation = wait_until(lambda: windows.conversation(created))
    (attachment,) = conversation.messages[0].attachments
    assert attachment.file_name.raw == "board log.txt"
    told: list[tuple[str, bool]] = []
    engine.save_attachment(attachment, lambda text, is_there: told.append((text, is_there)))
    wait_until(lambda: told)
    path, is_there = told[0]
    assert is_there
    assert Path(path).parent == Path(windows.files.downloads)
    assert Path(path).read_bytes() == log.read_bytes()
    assert Path(path).stat().st_mode & 0o777 == 0o600


def test_a_missing_file_is_said_and_the_text_kept(desk: EmbeddedDesk, windows: WindowGroup, tmp_path: Path) -> None:
    ticket_id = desk.create()
    engine = windows.live(desk.open_desk)
    engine.submit(make_reply(ticket_id, "see the log", files=(str(tmp_path / "gone.log"),)))
    wait_until(lambda: windows.states() == [S.REJECTED])
    (kept,) = windows.operations()
    assert kept.error is not None
    assert "gone.log" in kept.error.raw
    assert len(desk.bodies(ticket_id)) == 1


def test_offline_work_waits_and_is_sent_when_the_desk_is_back(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    desk.stop()
    engine = windows.open(desk.open_desk)
    wait_until(lambda: engine.status.link is LinkState.OFFLINE)
    engine.submit(make_reply(ticket_id, "from the train"))
    wait_until(lambda: engine.status.unsent == 1)
    desk.start()
    wait_until(lambda: windows.states() == [S.SENT])
    assert desk.bodies(ticket_id)[1:] == ["from the train"]


def test_a_refused_token_stops_the_sender_and_keeps_the_queue(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    engine = windows.live(desk.open_desk)
    desk.revoke()
    engine.submit(make_reply(ticket_id, "kept"))
    wait_until(lambda: engine.status.link is LinkState.UNAUTHORISED)
    wait_until(lambda: windows.states() == [S.QUEUED])
    assert engine.status.unsent == 1


@pytest.mark.parametrize("state", [S.IN_FLIGHT, S.UNKNOWN])
@pytest.mark.parametrize("has_arrived", [True, False])
def test_what_was_in_flight_when_a_window_died_ends_up_sent_once(
    desk: EmbeddedDesk, windows: WindowGroup, state: S, has_arrived: bool
) -> None:
    ticket_id = desk.create()
    reply = make_reply(ticket_id, "exactly once")
    windows.add(reply)
    windows.force(state)
    if has_arrived:
        custom = {"supporttui_operation": reply.id}
        desk.update(ticket_id, comment=CommentFields(body="exactly once"), custom=custom)
    windows.live(desk.open_desk, now=lambda: START)
    wait_until(lambda: windows.states() == [S.SENT])
    assert desk.bodies(ticket_id)[1:] == ["exactly once"]


def test_where_the_desk_may_have_forgotten_the_key_a_person_decides(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    reply = make_reply(ticket_id, "perhaps")
    windows.add(replace(reply, created_at=START.replace(year=2020)))
    windows.force(S.IN_FLIGHT)
    engine = windows.live(desk.open_desk)
    wait_until(lambda: windows.states() == [S.UNKNOWN])
    engine.submit(make_reply(ticket_id, "later"))
    other = desk.create()
    engine.submit(make_reply(other, "elsewhere"))
    wait_until(lambda: windows.states() == [S.UNKNOWN, S.QUEUED, S.SENT])
    assert len(desk.bodies(ticket_id)) == 1
    engine.retry(reply.id)
    wait_until(lambda: windows.states() == [S.SENT] * 3)
    assert desk.bodies(ticket_id)[1:] == ["perhaps", "later"]


def test_of_two_windows_one_sends_and_the_other_takes_over(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ids = [desk.create(f"ticket {number}") for number in range(6)]
    one = windows.live(desk.open_desk)
    other = windows.live(desk.open_desk)
    for ticket_id in ids[:4]:
        one.submit(make_reply(ticket_id, "from one"))
        other.submit(make_reply(ticket_id, "from the other"))
    wait_until(lambda: windows.states() == [S.SENT] * 8)
    wait_until(lambda: other.status.unsent == 0)
    one.stop()
    other.submit(make_reply(ids[5], "taken over"))
    wait_until(lambda: windows.states() == [S.SENT] * 9)
    for ticket_id in ids[:4]:
        assert sorted(desk.bodies(ticket_id)[1:]) == ["from one", "from the other"]
    assert desk.bodies(ids[5])[1:] == ["taken over"]


def test_a_script_sends_beside_an_open_window(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    windows.live(desk.open_desk)
    result = send_now(desk.open_desk, windows.files, make_reply(ticket_id, "from a script"))
    assert result.ticket.id == ticket_id
    assert result.ticket.status is Status.OPEN
    assert desk.bodies(ticket_id)[1:] == ["from a script"]


def test_a_script_sends_by_itself_and_is_told_what_was_refused(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    send_now(desk.open_desk, windows.files, make_reply(ticket_id, "alone"))
    with pytest.raises(Conflict):
        send_now(desk.open_desk, windows.files, make_reply(ticket_id, "late", based_on="2020-01-01T00:00:00Z"))
    with pytest.raises(Rejected):
        send_now(desk.open_desk, windows.files, make_reply(ticket_id, "x", files=("/does/not/exist",)))
    assert desk.bodies(ticket_id)[1:] == ["alone"]


def test_a_script_sends_many_beside_an_open_window_and_is_told_of_each(
    desk: EmbeddedDesk, windows: WindowGroup
) -> None:
    tickets = [desk.create() for _ in range(6)]
    windows.live(desk.open_desk)
    replies = [make_reply(each, f"to {each.id}") for each in tickets]
    told: list[tuple[TicketId | None, TicketId]] = []

    def note(operation: Operation, outcome: SendResult | DeskError) -> None:
        assert not isinstance(outcome, DeskError)
        told.append((operation.ticket_id, outcome.ticket.id))

    send_all_now(desk.open_desk, windows.files, replies, note)
    assert told == [(each, each) for each in tickets]
    assert [desk.bodies(each)[1:] for each in tickets] == [[f"to {each.id}"] for each in tickets]


def test_what_a_script_could_not_send_is_kept_and_sent_by_the_next_window(
    desk: EmbeddedDesk, windows: WindowGroup
) -> None:
    ticket_id = desk.create()
    desk.stop()
    with pytest.raises(Unreachable):
        send_now(desk.open_desk, windows.files, make_reply(ticket_id, "kept"))
    assert windows.states() == [S.QUEUED]
    desk.start()
    windows.live(desk.open_desk)
    wait_until(lambda: windows.states() == [S.SENT])


def test_typing_is_on_disk_within_half_a_second_and_goes_with_its_operation(
    desk: EmbeddedDesk, windows: WindowGroup
) -> None:
    ticket_id = desk.create()
    engine = windows.live(desk.open_desk)
    for text in ("h", "he", "hel"):
        engine.save_draft(Draft(id="d", updated_at=START, ticket_id=ticket_id, body=text))
    wait_until(lambda: drafts(windows) == ["hel"], within_s=0.5)
    engine.save_draft(Draft(id="d", updated_at=START, ticket_id=ticket_id, body="hello"))
    engine.submit(make_reply(ticket_id, "hello"), "d")
    wait_until(lambda: windows.states() == [S.SENT])
    assert drafts(windows) == []


def test_what_was_typed_last_is_written_when_the_engine_ends(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    engine = windows.live(desk.open_desk, timings=replace(FAST_TIMINGS, draft_s=60.0))
    engine.save_draft(Draft(id="d", updated_at=START, ticket_id=ticket_key(1), body="half a sen"))
    engine.save_draft(Draft(id="e", updated_at=START, ticket_id=ticket_key(1), body="dropped"))
    engine.discard_draft("e")
    engine.stop()
    assert drafts(windows) == ["half a sen"]
    with pytest.raises(EngineEnded):
        engine.save_draft(Draft(id="f", updated_at=START, ticket_id=ticket_key(1)))


def test_leaving_ends_the_undo_window_and_sends(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    engine = windows.live(desk.open_desk)
    engine.submit(make_held(ticket_id))
    wait_until(lambda: windows.states() == [S.HELD])
    engine.stop()
    assert windows.states() == [S.SENT]
    assert desk.bodies(ticket_id)[1:] == ["held"]


def test_a_read_only_engine_follows_and_has_no_outbox(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()

    async def open_desk() -> HelpDesk:
        return desk.connect(read_only=True)

    engine = windows.live(open_desk, read_only=True)
    wait_until(lambda: windows.ticket(ticket_id))
    with pytest.raises(ValueError, match="read-only"):
        engine.submit(make_reply(ticket_id))
    assert not Path(windows.files.outbox).exists()


def test_the_transport_of_the_wall_refuses_to_write(desk: EmbeddedDesk) -> None:
    async def write() -> None:
        client: ZendeskDesk = desk.connect(read_only=True)
        try:
            from supporttui.domain.patch import TicketPatch
            from supporttui.helpdesks.base import TicketUpdate

            await client.send_update(
                TicketUpdate(operation_id="x", ticket_id=ticket_key(1), based_on=None, patch=TicketPatch(body="x"))
            )
        finally:
            await client.close()

    with pytest.raises(WriteOnReadOnlyTransport):
        asyncio.run(write())


def drafts(windows: WindowGroup) -> list[str]:
    """The texts of all drafts."""
    outbox = Outbox(windows.files.outbox, windows.files.desk)
    try:
        return [draft.body for draft in outbox.load_drafts()]
    finally:
        outbox.close()
