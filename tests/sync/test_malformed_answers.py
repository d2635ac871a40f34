"""Answers that no desk should give end neither the engine nor what a person types."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer, fail_first_writes
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import START, make_reply, ticket_key
from supporttui.helpdesks.base import Account, HelpDesk, PushEvent
from supporttui.helpdesks.zendesk.client import MAX_CURSOR_CHARACTERS
from supporttui.presentation.board.freshness import freshness
from supporttui.store.operations import Draft, OperationState
from supporttui.store.outbox import Outbox
from supporttui.sync.engine import LinkState, OpenDesk
from supporttui.sync.timings import utc_now

S = OperationState
Script = Callable[[ReceivedRequest], ScriptedResponse]

FAR_YEAR = "Mon, 23 Nov 20262026202620262026 14:00:00 GMT"
PAGE = {"tickets": [{"id": 1}], "users": True, "meta": {"has_more": False}}
LISTS = ("/api/v2/tickets.json", "/api/v2/search/export.json", "/api/v2/incremental/tickets/cursor.json")
MALFORMED = {
    "retry-after": ScriptedResponse(429, b"", {"Retry-After": FAR_YEAR}),
    "date": ScriptedResponse(429, b"", {"Retry-After": FAR_YEAR, "Date": FAR_YEAR}),
    "reset": ScriptedResponse(200, b"{}", {"ratelimit-remaining": "1e999", "ratelimit-reset": "1e999"}),
    "users": ScriptedResponse(200, json.dumps(PAGE).encode()),
    "surrogates": ScriptedResponse(200, b'{"tickets": "\\ud800", "meta": "\\ud800", "after_cursor": "\\ud800"}'),
}


def with_cursor(cursor: str) -> ScriptedResponse:
    page = {"tickets": [], "results": [], "meta": {"has_more": True, "after_cursor": cursor}}
    return ScriptedResponse(200, json.dumps({**page, "after_cursor": cursor, "end_of_stream": False}).encode())


MALFORMED |= {
    "cursor of half a character": with_cursor("\ud800"),
    "cursor of 70 kB": with_cursor("x" * 70_000),
    "cursor of control characters": with_cursor("a\r\nb"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_answer_is_a_broken_link_that_comes_back(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk, name: str
) -> None:
    first, passed_on, answered = desk.create(), server.script, list[str]()
    is_healthy = False

    def script(request: ReceivedRequest) -> ScriptedResponse:
        if is_healthy or request.path not in LISTS:
            return passed_on(request)
        answered.append(request.path)
        return MALFORMED[name]

    server.script = script
    engine = windows.open(open_desk)
    wait_until(lambda: answered)
    is_healthy = True
    engine.refresh()
    wait_until(lambda: windows.ticket(first), within_s=20)
    assert engine.failure is None


@pytest.mark.parametrize("saved", ["export:" + "x" * (MAX_CURSOR_CHARACTERS * 17), "export:a b\x00", "list:x:y", "zzz"])
def test_a_bad_cursor_of_an_earlier_version_ends_no_start(
    desk: EmbeddedDesk, windows: WindowGroup, open_desk: OpenDesk, saved: str
) -> None:
    first = desk.create()
    windows.live(open_desk).stop()
    with closing(sqlite3.connect(windows.files.cache)) as database:
        changed = database.execute("UPDATE state SET value = ? WHERE key = 'cursor'", (saved.encode(),))
        assert changed.rowcount == 1
        database.commit()
    second = desk.create()
    engine = windows.live(open_desk)
    wait_until(lambda: windows.ticket(second))
    assert windows.ticket(first)
    assert engine.failure is None


def test_a_write_whose_answer_raises_anything_is_settled_by_a_look_at_the_ticket(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id = desk.create()
    fail_first_writes(server, [lambda request: ScriptedResponse(429, b"", {"Retry-After": FAR_YEAR, "Date": FAR_YEAR})])
    engine = windows.live(open_desk)
    engine.submit(make_reply(ticket_id, "once"))
    wait_until(lambda: [each for each in windows.operations() if each.error is not None])
    assert engine.failure is None


class FailingDesk(InMemoryHelpDesk):
    """Raises what no protocol foresees, a few times, from each of its calls."""

    def __init__(self) -> None:
        super().__init__(START)
        self.left = 3

    async def fetch_account(self) -> Account:
        if self.left:
            self.left -= 1
            raise (OverflowError, TypeError, RecursionError)[self.left]("unexpected")
        return await super().fetch_account()


def test_any_exception_of_a_desk_is_tried_again_and_logged(
    windows: WindowGroup, caplog: pytest.LogCaptureFixture
) -> None:
    desk = FailingDesk()

    async def open_desk() -> HelpDesk:
        return desk

    engine = windows.live(open_desk)
    assert engine.status.link is LinkState.LIVE
    assert desk.left == 0
    assert len([each for each in caplog.records if each.exc_info]) == 3


def test_what_is_written_after_the_engine_failed_is_kept_and_the_sentence_says_so(
    desk: EmbeddedDesk, windows: WindowGroup
) -> None:
    engine = windows.failed(desk.open_desk)
    engine.want_conversation(ticket_key(1))
    engine.mark_read(ticket_key(1), START)
    engine.save_draft(Draft(id="d", updated_at=START, ticket_id=ticket_key(1), body="half a sen"))
    engine.submit(make_reply(ticket_key(1), "whole"))
    with closing(Outbox(windows.files.outbox, windows.files.desk)) as outbox:
        assert [each.body for each in outbox.load_drafts()] == ["half a sen"]
    assert windows.states() == [S.QUEUED]
    assert "What you write is kept" in engine.status.sentence
    engine.stop()


def test_a_ticket_that_is_read_in_part_is_shown_counted_and_logged(
    desk: EmbeddedDesk,
    server: ScriptedServer,
    windows: WindowGroup,
    open_desk: OpenDesk,
    caplog: pytest.LogCaptureFixture,
) -> None:
    odd, other, passed_on = desk.create("odd"), desk.create("other"), server.script

    def spoil(request: ReceivedRequest) -> ScriptedResponse:
        reply = passed_on(request)
        return replace(reply, body=reply.body.replace(b'"subject":"odd"', b'"subject":[1]'))

    server.script = spoil
    engine = windows.live(open_desk)
    wait_until(lambda: windows.ticket(other) and engine.status.unreadable)
    assert windows.ticket(odd)
    assert engine.status.unreadable == 1
    said = freshness(engine.status, utc_now(), poll_s=10.0, zone=ZoneInfo("UTC"), loaded=2)
    assert said.forms[0].endswith(", 1 unreadable (see the log)")
    assert f"ticket {odd.label} could not be read whole" in caplog.text
    server.script = passed_on
    desk.update(odd, subject="even")
    wait_until(lambda: not engine.status.unreadable)


class ShortStreams(InMemoryHelpDesk):
    """Accepts every connection, answers everything, and ends its stream at once."""

    def __init__(self) -> None:
        super().__init__(START)
        self.opened = list[float]()

    async def listen(self, after: str | None) -> AsyncIterator[PushEvent]:
        self.opened.append(asyncio.get_running_loop().time())
        yield PushEvent(None, None)
        await asyncio.sleep(0.02)


def test_a_stream_that_ends_again_and_again_is_opened_ever_more_rarely(windows: WindowGroup) -> None:
    desk = ShortStreams()

    async def open_desk() -> HelpDesk:
        return desk

    windows.open(open_desk, timings=structs.replace(FAST_TIMINGS, first_retry_s=0.02, slowest_retry_s=5.0))
    wait_until(lambda: len(desk.opened) >= 9, within_s=20)
    gaps = [later - earlier for earlier, later in pairwise(desk.opened)]
    assert gaps[7] > 0.4
