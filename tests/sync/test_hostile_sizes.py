"""Tickets and feeds of any size: how much is asked for, kept and said."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from support.canary import secret
from support.clock.waiting import wait_until
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer, serve_script
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import DESK, make_conversation, make_ticket, ticket_key
from supporttui.domain.ticket import Conversation
from supporttui.helpdesks.base import HelpDesk
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.store.cache import Cache
from supporttui.sync.engine import OpenDesk

STAMP = "2026-11-23T14:00:00Z"
BODY = "\U0001f600" * 20_000
PACE = replace(FAST_TIMINGS, prefetched_read_bytes=600_000, quick_pages=5, thin_page_s=0.01, most_empty_pages=20)


def ticket(number: int) -> dict[str, Any]:
    return {
        "id": number, "subject": f"s{number}", "status": "open", "requester_id": 7, "created_at": STAMP,
        "updated_at": f"2026-11-23T14:00:{number % 60:02}Z",
    }  # fmt: skip


class SizedDesk:
    """A desk whose tickets have so many comments of one text, and whose history may fail."""

    def __init__(self, comments: int, body: str = BODY, tickets: int = 1) -> None:
        self.comments = comments
        self.body = body
        self.tickets = tickets
        self.audits: Callable[[], ScriptedResponse] = lambda: answer({"audits": [], "meta": {"has_more": False}})
        self.page: Callable[[int], dict[str, Any]] | None = None
        self.pages = 0

    def __call__(self, request: ReceivedRequest) -> ScriptedResponse:
        if request.path == "/supporttui/v1/events":
            kind = {"Content-Type": "text/event-stream"}
            return ScriptedResponse(200, b": hello\n\n", kind, is_endless=True, heartbeat=b": alive\n\n")
        path = request.path.removesuffix(".json").removeprefix("/api/v2/")
        match path.split("/"):
            case ["users", "me"]:
                return answer({"user": {"id": 9, "name": "Kim", "email": "k@x.example", "role": "agent"}})
            case ["incremental", "tickets", "cursor"]:
                return answer(self._changes())
            case ["tickets", number, "comments"]:
                return answer(self._comments(int(number), request))
            case ["tickets", _, "audits"]:
                return self.audits()
            case ["tickets", number]:
                return answer({"ticket": ticket(int(number)), "users": [{"id": 7, "name": "Ada"}]})
        return answer({"name": "x"}) if request.path == "/supporttui/v1/desk" else ScriptedResponse(404)

    def _changes(self) -> dict[str, Any]:
        self.pages += 1
        if self.page is not None:
            return self.page(self.pages)
        found = [ticket(number) for number in range(1, self.tickets + 1)]
        return {"tickets": found, "users": [], "after_cursor": "c", "end_of_stream": True}

    def _comments(self, number: int, request: ReceivedRequest) -> dict[str, Any]:
        start, size = int(request.query.get("page[after]", "0")), int(request.query["page[size]"])
        end = min(start + size, self.comments)
        items = [
            {"id": number * 10_000 + n, "author_id": 7, "body": f"{n} {self.body}", "created_at": STAMP}
            for n in range(start + 1, end + 1)
        ]
        return {"comments": items, "users": [], "meta": {"has_more": end < self.comments, "after_cursor": str(end)}}


def answer(content: object) -> ScriptedResponse:
    return ScriptedResponse(200, json.dumps(content, ensure_ascii=False).encode())


@contextmanager
def served(desk: SizedDesk) -> Iterator[tuple[ScriptedServer, OpenDesk]]:
    with serve_script(desk) as server:

        async def connect() -> HelpDesk:
            return ZendeskDesk(name=DESK, url=server.url, email="k@x.example", token=secret("sizes"))

        yield server, connect


def kept(windows: WindowGroup, number: int = 1) -> Conversation:
    return wait_until(lambda: windows.conversation(ticket_key(number)), within_s=30)


def test_a_large_ticket_that_nobody_opened_is_neither_read_as_a_whole_nor_kept(windows: WindowGroup) -> None:
    with served(SizedDesk(comments=200)) as (server, connect):
        engine = windows.live(connect, pace=PACE)
        wait_until(lambda: server.asked("/api/v2/tickets/1/comments.json"))
        engine.refresh()
        wait_until(lambda: windows.ticket(ticket_key(1)))
        asked = [each.query.get("page[after]") for each in server.asked("/api/v2/tickets/1/comments.json")]
        assert len(asked) == 1
        assert windows.conversation(ticket_key(1)) is None
        windows.close()


def test_an_opened_one_keeps_its_newest_messages_and_older_ones_come_on_request(windows: WindowGroup) -> None:
    with served(SizedDesk(comments=60)) as (_, connect):
        engine = windows.live(connect, pace=PACE)
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
    return {"tickets": [ticket(1)], "users": [], "after_cursor": f"c{number}", "end_of_stream": False}


def empty(number: int) -> dict[str, Any]:
    return {"tickets": [], "users": [], "after_cursor": f"c{number}", "end_of_stream": False}


@pytest.mark.parametrize("page", [endless, empty])
def test_an_endless_feed_is_given_up_said_and_the_rest_goes_on(
    windows: WindowGroup, page: Callable[[int], dict[str, Any]]
) -> None:
    desk = SizedDesk(comments=3, body="hello")
    desk.page = page
    with served(desk) as (_, connect):
        engine = windows.open(connect, pace=PACE)
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
