"""A page that is larger than may be read is asked for in smaller ones, and no ticket of it is lost."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import pytest

from support.canary import secret
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer, serve_script
from support.sample_values import DESK, ticket_key, ticket_keys
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import ResponseTooLarge
from supporttui.helpdesks.http_transport import MAX_BODY_BYTES
from supporttui.helpdesks.zendesk.desk import ZendeskDesk

T = TypeVar("T")
Items = Sequence[dict[str, Any]]

MANY = 300
HEAVY = "x" * (MAX_BODY_BYTES // 60)
"""A subject of which sixty break the cap."""


def ticket(number: int, subject: str = HEAVY) -> dict[str, Any]:
    stamps = {"created_at": "2026-11-23T14:00:00Z", "updated_at": "2026-11-23T14:00:00Z"}
    return {"id": number, "subject": subject, "status": "open", "requester_id": 7, **stamps}


class Listing:
    """A desk with one list, in whichever way it is asked for, in pages of the size that is asked for."""

    def __init__(self, way: str, items: Items) -> None:
        self.way = way
        self.items = items
        self.sizes: list[int] = []
        """Those that were asked for."""

    def __call__(self, request: ReceivedRequest) -> ScriptedResponse:
        way, query = self.way, request.query
        if request.path == "/supporttui/v1/desk":
            return ScriptedResponse(200, b"{}") if way == "tickets by export" else ScriptedResponse(404)
        if way == "tickets by export" and "incremental" in request.path:
            page, place, is_last = self._page(query["per_page"], query.get("cursor", "0"))
            return _json({"tickets": page, "users": [], "after_cursor": place, "end_of_stream": is_last})
        if way == "results by search" and "incremental" in request.path:
            return _json({"tickets": [], "users": [], "after_cursor": "c", "end_of_stream": True})
        wanted = {"results": "/search/", "tickets": "/tickets.json", "comments": "/comments"}[name := way.split()[0]]
        if wanted in request.path:
            page, place, is_last = self._page(query["page[size]"], query.get("page[after]", "0"))
            return _json({name: page, "users": [], "meta": {"has_more": not is_last, "after_cursor": place}})
        if request.path == "/api/v2/tickets/1.json":
            return _json({"ticket": ticket(1, "light")})
        return _json({"audits": []}) if "audits" in request.path else ScriptedResponse(403)

    def _page(self, size: str, place: str) -> tuple[Items, str, bool]:
        self.sizes.append(int(size))
        end = int(place) + int(size)
        return self.items[int(place) : end], str(min(end, len(self.items))), end >= len(self.items)


def _json(content: object) -> ScriptedResponse:
    return ScriptedResponse(200, json.dumps(content).encode())


def call(server: ScriptedServer, action: Callable[[ZendeskDesk], Awaitable[T]]) -> T:
    async def run() -> T:
        client = ZendeskDesk(name=DESK, url=server.url, email="kim@desk.example", token=secret("page"))
        try:
            return await action(client)
        finally:
            await client.close()

    return asyncio.run(run())


async def all_tickets(client: ZendeskDesk) -> list[TicketId]:
    """What the pages of changes bring, from the first to the last."""
    seen, cursor, has_more = list[TicketId](), None, True
    while has_more:
        page = await client.fetch_changes(cursor)
        seen += [each.id for each in page.tickets]
        cursor, has_more = page.cursor, page.has_more
    return seen


@pytest.mark.parametrize("way", ["tickets by export", "results by search", "tickets by list"])
def test_every_ticket_of_a_page_that_is_too_large_comes_once_and_in_order(way: str) -> None:
    desk = Listing(way, [ticket(number) for number in range(1, MANY + 1)])
    with serve_script(desk) as server:
        assert call(server, all_tickets) == ticket_keys(*range(1, MANY + 1))
    assert 0 < min(desk.sizes) < 60
    assert len(desk.sizes) < 30


def test_every_message_of_a_page_that_is_too_large_comes_once_and_in_order() -> None:
    sent = {"author_id": 7, "public": True, "body": HEAVY, "created_at": "2026-11-23T14:00:00Z"}
    desk = Listing("comments", [{**sent, "id": number} for number in range(1, MANY + 1)])
    with serve_script(desk) as server:
        _ticket, conversation, _people = call(server, lambda client: client.fetch_conversation(ticket_key(1)))
    assert [each.id for each in conversation.messages] == [*range(1, MANY + 1)]


def test_a_page_of_too_many_parts_is_asked_for_in_smaller_ones() -> None:
    fields = [{"id": number, "value": None} for number in range(400)]
    desk = Listing("tickets by export", [{**ticket(n, "light"), "custom_fields": fields} for n in range(1, 501)])
    with serve_script(desk) as server:
        assert call(server, all_tickets) == ticket_keys(*range(1, 501))
    assert desk.sizes[:2] == [500, 250]


def test_a_single_ticket_that_is_too_large_is_named_and_what_stands_before_it_comes() -> None:
    too_large = ticket(6, "x" * (MAX_BODY_BYTES + 1))
    desk = Listing("tickets by export", [*(ticket(number, "light") for number in range(1, 6)), too_large])
    pages: list[list[TicketId]] = []

    async def read(client: ZendeskDesk) -> None:
        cursor = None
        while True:
            page = await client.fetch_changes(cursor)
            pages.append([each.id for each in page.tickets])
            cursor = page.cursor

    with (
        serve_script(desk) as server,
        pytest.raises(ResponseTooLarge, match="One entry of the list of changed tickets is larger"),
    ):
        call(server, read)
    assert [number for page in pages for number in page] == ticket_keys(1, 2, 3, 4, 5)
    assert desk.sizes[-1] == 1
