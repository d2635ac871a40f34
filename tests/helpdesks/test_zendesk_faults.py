"""Answers that no desk should give, and one gives at last."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from support.canary import secret
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer, serve_script
from support.sample_values import DESK, ticket_key, ticket_keys
from supporttui.domain.patch import TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Attachment, Status
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    ChangePage,
    Conflict,
    Interrupted,
    RateLimited,
    Rejected,
    TicketUpdate,
    Unauthorised,
    Unreachable,
)
from supporttui.helpdesks.zendesk.desk import ZendeskDesk

T = TypeVar("T")


def ticket(number: int, **changes: Any) -> dict[str, Any]:
    """A ticket on the wire."""
    stamps = {"created_at": "2026-11-23T14:00:00Z", "updated_at": "2026-11-23T14:00:00Z"}
    return {"id": number, "subject": "s", "status": "open", "requester_id": 7, **stamps, **changes}


def export(*tickets: object, cursor: str = "c1", is_last: bool = True) -> ScriptedResponse:
    """A page of the incremental export."""
    page = {"tickets": list(tickets), "after_cursor": cursor, "end_of_stream": is_last, "users": []}
    return ScriptedResponse(200, json.dumps(page).encode())


def call(server: ScriptedServer, action: Callable[[ZendeskDesk], Awaitable[T]]) -> T:
    """Do something with a client of its own."""

    async def run() -> T:
        client = ZendeskDesk(name=DESK, url=server.url, email="kim@desk.example", token=secret("faults"))
        try:
            return await action(client)
        finally:
            await client.close()

    return asyncio.run(run())


def embedded(script: Callable[[ReceivedRequest], ScriptedResponse]) -> Callable[[ReceivedRequest], ScriptedResponse]:
    """A script for a desk that says that it is embedded, so that it is read from its beginning."""
    return lambda request: (
        ScriptedResponse(200, b'{"name": "x"}') if request.path == "/supporttui/v1/desk" else script(request)
    )


def fetch(script: Callable[[ReceivedRequest], ScriptedResponse], cursor: str | None = None) -> ChangePage:
    """One page of changes from a desk with this script."""
    with serve_script(embedded(script)) as server:
        return call(server, lambda client: client.fetch_changes(cursor))


@pytest.mark.parametrize(
    "broken",
    [
        ticket(2, subject=5),
        ticket(2, created_at="soon"),
        ticket(2, assignee_id=10**30),
        ticket(2, requester_id=-1),
        ticket(2, status={"deep": 1}),
        ticket(2, status=None),
        ticket(2, tags=["a", {"deep": 1}]),
    ],
)
def test_a_malformed_field_costs_only_itself_and_is_counted(broken: dict[str, Any]) -> None:
    page = fetch(lambda request: export(ticket(1), broken, ticket(3)))
    assert [each.id for each in page.tickets] == ticket_keys(1, 2, 3)
    assert page.unreadable_ids == (ticket_key(2),)
    assert page.cursor == "export:c1"


@pytest.mark.parametrize(
    "odd",
    [
        ticket(2, created_at=None),
        ticket(2, requester_id=None),
        ticket(2, tags=None),
        ticket(2, created_at="0001-01-01T00:00:00+14:00"),
        ticket(2, metric_set={"id": 1, "replies": 1, "reply_time_in_seconds": {"calendar": 2**62}}),
        ticket(2, organization_id="x"),
    ],
)
def test_a_null_or_impossible_field_has_its_default(odd: dict[str, Any]) -> None:
    page = fetch(lambda request: export(ticket(1), odd, ticket(3)))
    assert [each.id for each in page.tickets] == ticket_keys(1, 2, 3)
    assert page.unreadable_ids == ()


def test_of_a_hundred_thousand_tags_a_thousand_are_kept_and_it_is_counted() -> None:
    tags = [*(f"tag_{number}" for number in range(100_000)), "x" * 1_000_000, "closed_by_merge"]
    tags[7] = "y" * 1_000_000
    page = fetch(lambda request: export(ticket(1), ticket(2, tags=tags), ticket(3)))
    assert [len(each.tags) for each in page.tickets] == [0, 1_000, 0]
    assert max(len(tag.raw) for tag in page.tickets[1].tags) <= 1_001
    assert page.unreadable_ids == (ticket_key(2),)


@pytest.mark.parametrize("lost", [{"created_at": None, "updated_at": "soon"}, {"id": -2}])
def test_a_ticket_without_number_or_time_costs_only_itself(lost: dict[str, Any]) -> None:
    page = fetch(lambda request: export(ticket(1), {**ticket(2), **lost}, ticket(3)))
    assert [each.id for each in page.tickets] == ticket_keys(1, 3)
    assert len(page.unreadable_ids) == 1


def test_an_address_that_is_no_zendesk_says_so() -> None:
    with (
        serve_script(lambda request: ScriptedResponse(404)) as server,
        pytest.raises(Rejected, match="is no Zendesk API"),
    ):
        call(server, lambda client: client.fetch_account())


def test_half_a_pair_of_surrogates_costs_nothing() -> None:
    page = fetch(lambda request: export(ticket(1, subject="half \ud83d"), ticket(2, subject="nul \0")))
    assert [each.subject.raw for each in page.tickets] == ["half \ud83d", "nul \0"]
    assert page.unreadable_ids == ()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "sent an answer with nothing in it"),
        (b"[]", "answered with something that is no Zendesk API"),
        (b"<html>login</html>", "answered with a web page in place of data"),
        (b'{"tickets": 3}', "sent an answer that cannot be read: it lacks a list of tickets"),
        (b"[" * 100_000, "answered with something that is no Zendesk API"),
        (b'{"tickets', "sent an answer that is damaged or broken off"),
    ],
)
def test_a_page_that_is_none_is_interrupted_and_says_where(body: bytes, says: str) -> None:
    with pytest.raises(Interrupted, match=rf"The desk at http://127\.0\.0\.1:\d+ {says}"):
        fetch(lambda request: ScriptedResponse(200, body))


def test_an_empty_page_with_more_behind_it_goes_on() -> None:
    page = fetch(lambda request: export(cursor="c2", is_last=False), "export:c1")
    assert page.has_more
    assert page.cursor == "export:c2"


@pytest.mark.parametrize("headers", [{"Retry-After": "7"}, {"retry-after": "7"}])
def test_a_rate_limit_in_plain_text_says_how_long_to_wait(headers: dict[str, str]) -> None:
    with pytest.raises(RateLimited) as caught:
        fetch(lambda request: ScriptedResponse(429, b"Number of allowed API requests per minute exceeded", headers))
    assert caught.value.retry_after_s == 7
    assert caught.value.desk_message == OutsideText("Number of allowed API requests per minute exceeded")


def test_an_anonymous_user_means_that_the_token_is_not_accepted() -> None:
    me = json.dumps({"user": {"id": None, "name": "Anonymous user"}}).encode()
    with serve_script(lambda request: ScriptedResponse(200, me)) as server, pytest.raises(Unauthorised):
        call(server, lambda client: client.fetch_account())


def test_an_agent_without_the_export_reads_the_list_back_to_where_it_was() -> None:
    def script(request: ReceivedRequest) -> ScriptedResponse:
        if request.path.startswith(("/supporttui", "/api/v2/incremental", "/api/v2/search")):
            return ScriptedResponse(403, b'{"error": "Forbidden"}')
        assert request.query["sort"] == "-updated_at"
        is_first = "page[after]" not in request.query
        stamp = "2026-11-23T15:00:00Z" if is_first else "2026-11-23T14:00:00Z"
        metric = {"id": 1, "ticket_id": 1, "replies": 1, "reply_time_in_minutes": {"calendar": 3}}
        page = {
            "tickets": [ticket(1 if is_first else 2, updated_at=stamp)],
            "meta": {"has_more": is_first, "after_cursor": "p2"},
            "metric_sets": [metric],
        }
        return ScriptedResponse(200, json.dumps(page).encode())

    async def read(client: ZendeskDesk) -> list[ChangePage]:
        pages = [await client.fetch_changes(None)]
        while pages[-1].has_more:
            pages.append(await client.fetch_changes(pages[-1].cursor))
        return [*pages, await client.fetch_changes(pages[-1].cursor)]

    with serve_script(script) as server:
        first, second, again = call(server, read)
    assert [each.id for page in (first, second) for each in page.tickets] == ticket_keys(1, 2)
    assert first.tickets[0].first_reply_at is not None
    assert [each.id for each in again.tickets] == ticket_keys(1)
    assert not again.has_more or again.cursor.startswith("list:")


def test_a_large_desk_is_read_by_its_unsolved_tickets_and_the_last_days() -> None:
    def script(request: ReceivedRequest) -> ScriptedResponse:
        if request.path.startswith("/supporttui"):
            return ScriptedResponse(404)
        if request.path == "/api/v2/search/export.json":
            is_first = "page[after]" not in request.query
            meta = {"has_more": is_first, "after_cursor": "s2" if is_first else None}
            found = [{**ticket(1 if is_first else 2), "result_type": "ticket"}]
            return ScriptedResponse(200, json.dumps({"results": found, "meta": meta}).encode())
        assert int(request.query["start_time"]) > 1_600_000_000
        return export(ticket(3, status="solved"))

    async def read(client: ZendeskDesk) -> list[TicketId]:
        seen, cursor, has_more = list[TicketId](), None, True
        while has_more:
            page = await client.fetch_changes(cursor)
            seen += [each.id for each in page.tickets]
            cursor, has_more = page.cursor, page.has_more
        assert cursor == "export:c1"
        return seen

    with serve_script(script) as server:
        assert call(server, read) == ticket_keys(1, 2, 3)


def test_a_write_whose_answer_cannot_be_read_may_have_been_applied() -> None:
    update = TicketUpdate(
        operation_id="o", ticket_id=ticket_key(1), based_on=None, patch=TicketPatch(status=Status.OPEN)
    )
    for answer in (
        ScriptedResponse(200, b"<html>"),
        ScriptedResponse(502, b"bad gateway"),
        ScriptedResponse(504),
        ScriptedResponse(200, b'{"ticket": {"id": 1}}'),
    ):
        with serve_script(lambda request, answer=answer: answer) as server, pytest.raises(Interrupted):  # type: ignore[misc] # loop variable
            call(server, lambda client: client.send_update(update))


def test_credentials_never_go_to_another_server(tmp_path: Path) -> None:
    with (
        serve_script(lambda request: ScriptedResponse(200, b"evil")) as other,
        serve_script(lambda request: ScriptedResponse()) as server,
    ):
        attachment = Attachment(
            id=1,
            file_name=OutsideText("a.log"),
            content_type=OutsideText("text/plain"),
            size_bytes=1,
            url=OutsideText(f"{other.url}/a.log"),
        )
        with pytest.raises(Rejected, match="another server"):
            call(server, lambda client: client.fetch_attachment(attachment, tmp_path / "a", max_bytes=9))
        assert other.requests == []


def test_a_cursor_that_comes_back_ends_a_listing() -> None:
    def script(request: ReceivedRequest) -> ScriptedResponse:
        if request.path == "/api/v2/tickets/1.json":
            return ScriptedResponse(200, json.dumps({"ticket": ticket(1)}).encode())
        kind = "comments" if "comments" in request.path else "audits"
        page = {kind: [], "meta": {"has_more": True, "after_cursor": "same"}}
        return ScriptedResponse(200, json.dumps(page).encode())

    with serve_script(script) as server:
        call(server, lambda client: client.fetch_conversation(ticket_key(1)))
        assert len(server.asked("/api/v2/tickets/1/comments.json")) == 2


@pytest.mark.parametrize(("word", "error"), [("DatabaseConflict", Unreachable), ("UpdateConflict", Conflict)])
def test_only_an_update_conflict_is_a_conflict(word: str, error: type[Exception]) -> None:
    update = TicketUpdate(operation_id="o", ticket_id=ticket_key(1), based_on=None, patch=TicketPatch())
    answer = ScriptedResponse(409, json.dumps({"error": word, "description": "x"}).encode())
    with serve_script(lambda request: answer) as server, pytest.raises(error):
        call(server, lambda client: client.send_update(update))


def test_an_agent_without_the_export_reads_the_list_no_further_back_than_the_export() -> None:
    def script(request: ReceivedRequest) -> ScriptedResponse:
        if request.path.startswith(("/supporttui", "/api/v2/incremental")):
            return ScriptedResponse(403)
        if request.path == "/api/v2/search/export.json":
            return ScriptedResponse(200, json.dumps({"results": [ticket(1)], "meta": {"has_more": False}}).encode())
        old = ticket(2, updated_at="2020-01-01T00:00:00Z")
        page = {"tickets": [old], "meta": {"has_more": True, "after_cursor": "p"}}
        return ScriptedResponse(200, json.dumps(page).encode())

    async def read(client: ZendeskDesk) -> ChangePage:
        return await client.fetch_changes((await client.fetch_changes(None)).cursor)

    with serve_script(script) as server:
        listed = call(server, read)
    assert not listed.has_more


def test_comments_are_asked_for_with_their_inline_images() -> None:
    def script(request: ReceivedRequest) -> ScriptedResponse:
        if request.path == "/api/v2/tickets/1.json":
            return ScriptedResponse(200, json.dumps({"ticket": ticket(1)}).encode())
        return ScriptedResponse(200, b'{"comments": [], "audits": []}')

    with serve_script(script) as server:
        call(server, lambda client: client.fetch_conversation(ticket_key(1)))
        (asked,) = server.asked("/api/v2/tickets/1/comments.json")
    assert asked.query["include_inline_images"] == "true"
