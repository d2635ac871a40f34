"""Tickets and feeds of any size: how much is asked for, kept and said."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from support.canary import secret
from support.clock.waiting import wait_until
from support.desks.scripted_server import ScriptedResponse, ScriptedServer, serve_script
from support.desks.sized_desk import SizedDesk, sent_ticket
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import DESK, make_conversation, make_ticket, ticket_key
from supporttui.domain.ticket import Conversation
from supporttui.helpdesks.base import HelpDesk
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.store.cache import Cache
from supporttui.sync.engine import OpenDesk

BODY = "\U0001f600" * 20_000
PACE = replace(FAST_TIMINGS, prefetched_read_bytes=600_000, quick_pages=5, thin_page_s=0.01, most_empty_pages=20)


@contextmanager
def served(desk: SizedDesk) -> Iterator[tuple[ScriptedServer, OpenDesk]]:
    with serve_script(desk) as server:

        async def connect() -> HelpDesk:
            return ZendeskDesk(name=DESK, url=server.url, email="k@x.example", token=secret("sizes"))

        yield server, connect


def kept(windows: WindowGroup, number: int = 1) -> Conversation:
    return wait_until(lambda: windows.conversation(ticket_key(number)), within_s=30)


def test_a_large_ticket_that_nobody_opened_is_neither_read_as_a_whole_nor_kept(windows: WindowGroup) -> None:
    with served(SizedDesk(comments=200, body=BODY)) as (server, connect):
        engine = windows.live(connect, timings=PACE)
        wait_until(lambda: server.asked("/api/v2/tickets/1/comments.json"))
        engine.refresh()
        wait_until(lambda: windows.ticket(ticket_key(1)))
        asked = [each.query.get("page[after]") for each in server.asked("/api/v2/tickets/1/comments.json")]
        assert len(asked) == 1
        assert windows.conversation(ticket_key(1)) is None
        windows.close()


def test_what_exceeds_the_hour_is_read_in_the_next_one(windows: WindowGroup) -> None:
    hourly = replace(PACE, prefetch_hour_bytes=1, prefetch_hour_s=0.5)
    with served(SizedDesk(comments=3, tickets=3)) as (_, connect):
        windows.live(connect, timings=hourly)
        for number in (1, 2, 3):
            assert len(kept(windows, number).messages) == 3
        windows.close()


def test_an_opened_one_keeps_its_newest_messages_and_older_ones_come_on_request(windows: WindowGroup) -> None:
    with served(SizedDesk(comments=60, body=BODY)) as (_, connect):
        engine = windows.live(connect, timings=PACE)
        engine.want_conversation(ticket_key(1))
        first = kept(windows)
        assert len(first.messages) == 60
        assert 40 < first.omitted < 60
        assert first.messages[-1].body.raw.startswith("60 ")
        engine.want_older_messages(ticket_key(1))
        wait_until(lambda: kept(windows).omitted < first.omitted, within_s=30)
        windows.close()


def test_the_oldest_conversations_that_nobody_opened_make_room(tmp_path: Path) -> None:
    with closing(Cache(tmp_path / "c.db", DESK)) as cache:
        for number in range(1, 31):
            one = make_ticket(number, updated=number)
            cache.save_conversation(make_conversation(one, "needle " + "x" * 10_000), one)
        cache.mark_read(ticket_key(2), make_ticket().created_at)
        assert cache.drop_unopened(100_000) > 0
        left = [number for number in range(1, 31) if cache.load_conversation(ticket_key(number)) is not None]
        assert left[0] == 2
        assert left[1:] == list(range(left[1], 31))
        assert len(left) <= 11
        assert {each.id for each in cache.board.search(["needle"], 50)} == {str(number) for number in left}
        assert cache.drop_unopened(100_000) == 0


UNREADABLE: dict[str, ScriptedResponse] = {
    "500": ScriptedResponse(500, b"{}"),
    "404": ScriptedResponse(404, b"{}"),
    "403": ScriptedResponse(403, b"{}"),
    "no JSON": ScriptedResponse(200, b"<html>"),
    "nested": ScriptedResponse(200, b'{"audits": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"),
    "cut off": ScriptedResponse(200, b'{"audits": [{"id": 1, "eve'),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_where_only_the_history_cannot_be_read_what_was_written_is_shown(windows: WindowGroup, name: str) -> None:
    desk = SizedDesk(comments=3, body="hello")
    desk.audits = lambda: UNREADABLE[name]
    with served(desk) as (_, connect):
        engine = windows.live(connect)
        engine.want_conversation(ticket_key(1))
        shown = kept(windows)
        assert [each.body.raw for each in shown.messages] == ["1 hello", "2 hello", "3 hello"]
        assert shown.is_history_unreadable
        assert engine.conversation_problem(ticket_key(1)) is None
        windows.close()


def endless(number: int) -> dict[str, Any]:
    return {"tickets": [sent_ticket(1)], "users": [], "after_cursor": f"c{number}", "end_of_stream": False}


def empty(number: int) -> dict[str, Any]:
    return {"tickets": [], "users": [], "after_cursor": f"c{number}", "end_of_stream": False}


@pytest.mark.parametrize("page", [endless, empty])
def test_an_endless_feed_is_given_up_said_and_the_rest_goes_on(
    windows: WindowGroup, page: Callable[[int], dict[str, Any]]
) -> None:
    desk = SizedDesk(comments=3, body="hello")
    desk.page = page
    with served(desk) as (_, connect):
        engine = windows.open(connect, timings=PACE)
        wait_until(lambda: "sends none" in engine.status.sentence, within_s=30)
        assert desk.pages <= PACE.most_empty_pages + 2
        engine.want_conversation(ticket_key(1))
        assert kept(windows).messages
        given_up_at = desk.pages
        engine.refresh()
        wait_until(lambda: desk.pages > given_up_at)
        desk.page = None
        engine.refresh()
        wait_until(lambda: not engine.status.sentence)
        windows.close()
