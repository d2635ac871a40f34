"""The local copy follows the desk."""

import asyncio
import re
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from support.canary import secret
from support.clock.waiting import wait_until
from support.desks.embedded_desk import AGENT, EmbeddedDesk
from support.engines import WindowGroup
from support.sample_values import DESK, ticket_key
from supporttui.domain.ticket import Status
from supporttui.helpdesks.base import DeskError, HelpDesk, Unreachable
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.server.ticket_fields import CommentFields
from supporttui.store.cache import Cache
from supporttui.store.stored_ids import stored_id
from supporttui.sync.engine import LinkState
from supporttui.sync.engine_context import stable_clock_skew


def test_everything_is_there_when_the_engine_is_live(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ids = [desk.create(f"ticket {number}") for number in range(3)]
    engine = windows.live(desk.open_desk)
    assert engine.status.loaded
    assert engine.status.last_sync_at is not None
    assert engine.status.account is not None
    assert engine.status.account.me.email.raw == AGENT
    with Cache(windows.files.cache, windows.files.desk) as cache:
        assert [ticket.id for ticket in cache.load_tickets()] == ids
        assert cache.people.load_all()[desk.customer_id].name.raw == "Ada"


def test_a_change_on_the_desk_arrives_by_itself(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    told = threading.Event()
    windows.live(desk.open_desk, on_change=told.set)
    told.clear()
    ticket_id = desk.submit()
    ticket = wait_until(lambda: windows.ticket(ticket_id), within_s=1.0)
    assert ticket.severity == 1
    assert told.wait(1.0)


def test_conversations_are_fetched_before_anybody_asks(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    desk.update(ticket_id, comment=CommentFields(body="We look into it."))
    windows.live(desk.open_desk)
    conversation = wait_until(lambda: windows.conversation(ticket_id))
    assert [message.body.raw for message in conversation.messages] == ["It stays empty.", "We look into it."]
    ticket = windows.ticket(ticket_id)
    assert ticket is not None
    assert [change.status for change in ticket.status_history] == [Status.NEW, Status.OPEN]
    assert ticket.first_reply_at == ticket.replied_at == conversation.messages[1].created_at


def test_a_wanted_conversation_of_a_vanished_ticket_says_so(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    engine = windows.live(desk.open_desk)
    engine.want_conversation(ticket_key(4711))
    sentence = wait_until(lambda: engine.conversation_problem(ticket_key(4711)))
    assert sentence.startswith("Ticket #4711 is not on the desk")
    assert engine.status.link is LinkState.LIVE


def test_a_closed_tickets_conversation_comes_when_it_is_wanted(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    desk.update(ticket_id, status="solved")
    engine = windows.live(desk.open_desk)
    assert windows.conversation(ticket_id) is None
    engine.want_conversation(ticket_id)
    wait_until(lambda: windows.conversation(ticket_id))


def test_a_restarted_desk_is_live_again_within_two_seconds(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    engine = windows.live(desk.open_desk)
    desk.stop()
    wait_until(lambda: engine.status.link is not LinkState.LIVE)
    ticket_id = desk.create("while nobody listened")
    desk.start()
    wait_until(lambda: engine.status.link is LinkState.LIVE, within_s=2.0)
    wait_until(lambda: windows.ticket(ticket_id), within_s=1.0)
    assert engine.status.sentence == ""


def test_an_unreachable_desk_is_said_in_one_sentence_and_what_is_known_is_kept(
    desk: EmbeddedDesk, windows: WindowGroup
) -> None:
    ticket_id = desk.create()
    windows.live(desk.open_desk).stop()
    desk.stop()
    engine = windows.open(desk.open_desk)
    wait_until(lambda: engine.status.link is LinkState.OFFLINE)
    assert "Cannot reach unix:" in engine.status.sentence
    assert re.search(r"Showing what was known at \d\d:\d\d E[SD]T", engine.status.sentence)
    assert engine.status.account is not None
    assert windows.ticket(ticket_id) is not None


def test_a_wrong_token_is_said_and_a_new_one_is_taken_on_refresh(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    token = secret("wrong")

    async def open_desk() -> HelpDesk:
        return desk.connect(token=token)

    engine = windows.open(open_desk)
    wait_until(lambda: engine.status.link is LinkState.UNAUTHORISED)
    assert "does not accept this email and token" in engine.status.sentence
    token = desk.token
    engine.refresh()
    wait_until(lambda: engine.status.link is LinkState.LIVE)


def test_a_token_that_is_revoked_is_noticed_at_the_next_change(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    engine = windows.live(desk.open_desk)
    desk.revoke()
    engine.refresh()
    wait_until(lambda: engine.status.link is LinkState.UNAUTHORISED)


def test_a_desk_that_cannot_be_started_does_not_end_the_engine(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    failures = iter([Unreachable("The embedded desk could not be started.")] * 3)

    async def open_desk() -> HelpDesk:
        problem: DeskError | None = next(failures, None)
        if problem is not None:
            raise problem
        return desk.connect()

    windows.live(open_desk)


def test_a_socket_that_is_readable_while_its_wait_is_given_up_does_not_end_the_engine(
    desk: EmbeddedDesk, windows: WindowGroup
) -> None:
    async def open_desk() -> HelpDesk:
        loop = asyncio.get_running_loop()
        given_up: asyncio.Future[None] = loop.create_future()
        given_up.cancel()
        loop.call_soon(given_up.set_result, None)
        await asyncio.sleep(0)
        return desk.connect()

    engine = windows.live(open_desk)
    desk_ticket = desk.submit()
    wait_until(lambda: windows.ticket(desk_ticket))
    assert engine.status.link is LinkState.LIVE


def test_a_future_of_ours_that_is_answered_twice_is_a_fault_and_is_said(
    desk: EmbeddedDesk, windows: WindowGroup
) -> None:
    engine = windows.failed(desk.open_desk)
    assert isinstance(engine.failure, asyncio.InvalidStateError)
    assert "Quit and start again." in engine.status.sentence
    engine.stop()


def test_the_desks_clock_is_known_at_once_at_the_next_start(windows: WindowGroup, desk: EmbeddedDesk) -> None:
    desk.stop()
    ahead = EmbeddedDesk(desk.folder.parent / "d2", clock_ahead_s=7200.0)
    ahead.start()
    engine = windows.live(ahead.open_desk)
    assert abs(engine.status.desk_ahead_s - 7200) < 2
    engine.stop()
    ahead.stop()
    later = windows.open(ahead.open_desk)
    wait_until(lambda: later.status.link is LinkState.OFFLINE)
    assert abs(later.status.desk_ahead_s - 7200) < 2


def test_a_clock_difference_follows_jumps_and_not_jitter() -> None:
    assert stable_clock_skew(0.0, 1.4) == 0.0
    assert stable_clock_skew(0.0, -30.0) == -30.0
    assert stable_clock_skew(-30.0, -31.2) == -30.0
    assert stable_clock_skew(-30.0, 0.4) == 0.0


def test_another_windows_news_are_announced(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    told = threading.Event()
    windows.live(desk.open_desk, on_change=told.set)
    told.clear()
    with Cache(windows.files.cache, windows.files.desk) as cache:
        cache.mark_read(ticket_key(1), datetime.now(UTC) + timedelta(days=1))
    assert told.wait(2.0)


def test_a_local_copy_that_proves_damaged_is_fetched_again_as_a_whole(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ids = [desk.create() for _ in range(3)]
    engine = windows.live(desk.open_desk)
    with closing(sqlite3.connect(windows.files.cache)) as other:
        other.execute("UPDATE ticket SET record = x'c1' WHERE id = ?", (stored_id(ids[0]),))
        other.commit()
    desk.update(ids[0], priority="high")
    engine.refresh()
    wait_until(lambda: all(windows.ticket(ticket_id) for ticket_id in ids))
    assert Path(windows.files.cache + ".damaged").exists()


def test_a_copy_that_another_window_began_anew_is_fetched_again(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ids = [desk.create() for _ in range(3)]
    windows.live(desk.open_desk)
    for suffix in ("-wal", "-shm", ""):  # the file itself last: once it is gone, a window lays out new ones
        Path(windows.files.cache + suffix).unlink(missing_ok=True)
    wait_until(lambda: all(windows.ticket(ticket_id) for ticket_id in ids))


def test_a_client_that_is_no_zendesk_is_named(desk: EmbeddedDesk) -> None:
    client = ZendeskDesk(name=DESK, url=desk.url, email=AGENT, token=desk.token)
    assert desk.token not in repr(client.__dict__)
    asyncio.run(client.close())
