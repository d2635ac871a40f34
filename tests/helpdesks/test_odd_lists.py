"""Lists whose pages, counts and cursors are odd: no ticket is lost or shown twice, and none is read without an end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from support.canary import secret
from support.desks.answer_kinds import CONTEXT
from support.desks.sample_answers import ANSWERS, encoded, request, request_comment, ticket, view
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer, serve_script
from support.sample_values import DESK, ticket_key, ticket_keys
from supporttui.domain.query.parser import parse_query
from supporttui.helpdesks.base import ChangePage, Forbidden, FoundTickets, Rejected
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.helpdesks.zendesk.requests_desk import RequestsDesk

T = TypeVar("T")
Script = Callable[[ReceivedRequest], ScriptedResponse | None]
EXPORT, SEARCH, LIST = "/api/v2/incremental/tickets/cursor", "/api/v2/search/export", "/api/v2/tickets"
LAST_PAGE = {"has_more": False, "after_cursor": None}


def as_json(body: object, status: int = 200) -> ScriptedResponse:
    return ScriptedResponse(status, encoded(body))


def call(script: Script, action: Callable[[ZendeskDesk], Awaitable[T]]) -> tuple[T, ScriptedServer]:
    """Do something with a Zendesk desk that gives the good answers where this script gives none."""

    def answer(asked: ReceivedRequest) -> ScriptedResponse:
        scripted = script(asked)
        found = None if asked.path.startswith("/supporttui") else ANSWERS.get(asked.path.removesuffix(".json"))
        return scripted or (ScriptedResponse(404) if found is None else as_json(found))

    async def run(url: str) -> T:
        desk = ZendeskDesk(name=DESK, url=url, email="kim@desk.example", token=secret("lists"))
        try:
            return await action(desk)
        finally:
            await desk.close()

    with serve_script(answer) as server:
        return asyncio.run(run(server.url)), server


def at(path: str, made: Callable[[ReceivedRequest], ScriptedResponse]) -> Script:
    return lambda asked: made(asked) if asked.path == f"{path}.json" else None


def found(page_of: Callable[[int], dict[str, Any]], limit: int = 250) -> tuple[FoundTickets, int]:
    """What a search finds on a desk with these pages, and how many pages were asked for."""
    script = at("/api/v2/search", lambda asked: as_json(page_of(int(asked.query["page"]))))
    result, server = call(script, lambda desk: desk.search(parse_query("x"), CONTEXT, limit))
    return result, len(server.asked("/api/v2/search.json"))


@pytest.mark.parametrize("next_page", ["self", "https://other.example/x", "javascript:alert(1)", "/api/v2/search.json"])
def test_a_next_page_is_asked_for_by_its_number_and_never_followed(next_page: str) -> None:
    pages = {1: [ticket(1)], 2: [ticket(2)]}
    result, asked = found(lambda number: {"results": pages.get(number, []), "count": 2, "next_page": next_page})
    assert [each.id for each in result.tickets] == ticket_keys(1, 2)
    assert asked == 3


def test_a_desk_that_sends_the_same_page_for_ever_is_asked_twice() -> None:
    result, asked = found(lambda number: {"results": [ticket(1), ticket(2)], "count": 900, "next_page": "more"})
    assert ([each.id for each in result.tickets], asked) == (ticket_keys(1, 2), 2)


@pytest.mark.parametrize("said", [{}, {"next_page": 5}, {"next_page": ["x"]}, {"next_page": True, "count": None}])
def test_a_full_page_that_does_not_tell_its_next_one_is_followed(said: dict[str, Any]) -> None:
    pages = {1: [ticket(number) for number in range(1, 101)], 2: [ticket(200)]}
    result, asked = found(lambda number: {"results": pages.get(number, []), **said})
    assert (len(result.tickets), result.total, asked) == (101, 101, 2)


@pytest.mark.parametrize("count", [None, -1, "many", 10**30, [], 0])
def test_an_odd_count_is_no_fewer_than_were_found(count: object) -> None:
    result, _asked = found(lambda number: {"results": [ticket(1), ticket(2)], "count": count, "next_page": None})
    assert (len(result.tickets), result.total) == (2, 2)


def test_a_ticket_that_is_found_twice_is_shown_once_and_other_things_are_passed_over() -> None:
    other = [{"id": 9, "result_type": "user", "name": "n"}, None, {"result_type": "article"}, "x"]
    result, _asked = found(
        lambda number: {"results": [ticket(1), *other, ticket(1), {**ticket(2), "result_type": None}]}
    )
    assert [each.id for each in result.tickets] == ticket_keys(1, 2)


@pytest.mark.parametrize("people", [ScriptedResponse(403), ScriptedResponse(500), ScriptedResponse(200, b"<html>")])
def test_people_that_cannot_be_read_cost_no_found_ticket(people: ScriptedResponse) -> None:
    script = at("/api/v2/users/show_many", lambda asked: people)
    result, _server = call(script, lambda desk: desk.fetch_view_tickets("1", 10))
    assert (len(result.tickets), result.people) == (3, ())


def test_what_a_found_ticket_does_not_tell_is_told_apart_from_nothing() -> None:
    sent = {**ticket(1), "status": None, "priority": {}}
    result, _asked = found(lambda number: {"results": [sent], "next_page": None})
    assert result.untold[ticket_key(1)] >= {"status", "severity"}
    assert result.unreadable_ids == (ticket_key(1),)


@pytest.mark.parametrize(
    ("sent", "titles"),
    [
        ([view(1), {**view(2), "title": None}, view(3)], ["v1", "view 2", "v3"]),
        ([view(1), None, {"id": "x"}, {**view(2), "id": -2}, view(1), {**view(3), "id": "3"}], ["v1", "v3"]),
        ([{**view(1), "active": None}, {**view(2), "active": "false"}, {**view(3), "active": False}], ["v1"]),
    ],
)
@pytest.mark.parametrize("meta", [LAST_PAGE, None, [], {"has_more": True}, {"has_more": True, "after_cursor": "a b"}])
def test_an_odd_view_or_page_of_views_costs_no_other_view(sent: list[object], titles: list[str], meta: object) -> None:
    script = at("/api/v2/views", lambda asked: as_json({"views": sent, "meta": meta}))
    views, _server = call(script, lambda desk: desk.fetch_views())
    assert [each.title.raw for each in views] == titles


def changes(script: Script, cursor: str | None) -> tuple[ChangePage, ScriptedServer]:
    return call(script, lambda desk: desk.fetch_changes(cursor))


def only_list(refused: int) -> Script:
    """A desk that refuses the export with this status."""
    return at(EXPORT, lambda asked: ScriptedResponse(refused))


@pytest.mark.parametrize("refused", [400, 403, 404, 422])
def test_the_list_in_place_of_a_refused_export_begins_where_the_export_would(refused: int) -> None:
    page, server = changes(only_list(refused), "since:1763000000")
    assert page.cursor.startswith("list:17")
    assert not page.has_more
    assert server.asked(f"{LIST}.json")


def test_an_agent_who_may_export_no_more_has_the_unsolved_tickets_before_the_list() -> None:
    page, server = changes(only_list(403), "export:c")
    assert page.cursor.startswith("since:")
    assert (len(server.asked(f"{SEARCH}.json")), server.asked(f"{LIST}.json")) == (1, [])


@pytest.mark.parametrize(
    "cursor", ["search:1763000000:gone", "search:1763000000:a:b:c", "list:5:6:gone", "list:5:6:a:b"]
)
def test_a_cursor_that_has_expired_begins_the_same_list_anew(cursor: str) -> None:
    def script(asked: ReceivedRequest) -> ScriptedResponse | None:
        return as_json({"error": "InvalidCursor"}, 422) if "page[after]" in asked.query else None

    page, server = changes(script, cursor)
    paths = [each.path for each in server.requests if each.path.endswith(("export.json", "/tickets.json"))]
    assert (len(page.tickets), len(set(paths)), len(paths)) == (3, 1, 2)


def test_a_list_that_the_desk_refuses_is_refused_once() -> None:
    for status, error in ((422, Rejected), (403, Forbidden)):
        with pytest.raises(error):
            changes(at(LIST, lambda asked, status=status: ScriptedResponse(status)), "list:5:6:")  # type: ignore[misc] # loop variable


@pytest.mark.parametrize(
    "page",
    [
        {"meta": None}, {"meta": []}, {"meta": {}}, {"meta": {"has_more": None}}, {"meta": {"has_more": "yes"}},
        {"meta": {"has_more": True, "after_cursor": None}}, {"meta": {"has_more": True, "after_cursor": 5}},
        {"meta": {"has_more": True, "after_cursor": "a b"}}, {"meta": {"has_more": True, "after_cursor": "x" * 5000}},
    ],
)  # fmt: skip
def test_a_page_that_does_not_say_where_it_goes_on_is_shown_and_said(page: dict[str, Any]) -> None:
    script = at(LIST, lambda asked: as_json({**ANSWERS[LIST], **page}))
    read, _server = changes(script, "list:0:0:")
    assert (len(read.tickets), read.is_cut_short) == (3, True)


def test_a_time_far_ahead_does_not_hide_later_changes() -> None:
    far = "9999-12-31T23:59:59Z"
    page, _server = changes(
        at(LIST, lambda asked: as_json({**ANSWERS[LIST], "tickets": [{**ticket(1), "updated_at": far}]})), "list:0:0:"
    )
    sent = {"requests": [{**request(1), "updated_at": far}], "meta": LAST_PAGE}
    mine, _server = call(
        at("/api/v2/requests", lambda asked: as_json(sent)), lambda desk: RequestsDesk(desk).fetch_changes(None)
    )
    for cursor in (page.cursor, mine.cursor):
        assert int(cursor.split(":")[1]) < 10**10


@pytest.mark.parametrize("status", [500, 200])
def test_the_names_of_groups_are_asked_for_again_after_a_failure_and_not_at_once(status: int) -> None:
    groups = at("/api/v2/groups", lambda asked: ScriptedResponse(status, b"<html>"))

    async def read_twice(desk: ZendeskDesk) -> list[ChangePage]:
        return [await desk.fetch_changes("export:c") for _ in range(2)]

    pages, server = call(groups, read_twice)
    assert [len(page.tickets) for page in pages] == [3, 3]
    assert len(server.asked("/api/v2/groups.json")) == 1
    assert pages[1].tickets[0].group is None


def conversation_of(comments: list[Any], **page: Any) -> Any:
    """A customer's ticket with these messages."""
    sent = {"comments": comments, "users": [], "meta": LAST_PAGE, **page}
    script = at("/api/v2/requests/1/comments", lambda asked: as_json(sent))
    (_ticket, conversation, _people), _server = call(
        script, lambda desk: RequestsDesk(desk).fetch_conversation(ticket_key(1))
    )
    return conversation


@pytest.mark.parametrize("odd", [None, [], "x"])
def test_what_is_no_message_of_a_customers_ticket_is_counted_as_one(odd: object) -> None:
    conversation = conversation_of([request_comment(1), odd, request_comment(3)])
    assert [each.unreadable for each in conversation.messages] == [(), ("message",), ()]


@pytest.mark.parametrize(
    ("public", "unreadable"), [(None, ()), ("true", ()), (0, ("visibility",)), ([], ("visibility",))]
)
def test_a_customers_message_is_public_also_where_the_desk_does_not_say_so(
    public: object, unreadable: tuple[str, ...]
) -> None:
    conversation = conversation_of([request_comment(1), {**request_comment(2), "public": public}])
    message = conversation.messages[1]
    assert (message.is_public, message.body.raw, message.unreadable) == (True, "b", unreadable)


def test_a_note_among_a_customers_messages_is_not_there_at_all() -> None:
    conversation = conversation_of([request_comment(1), {**request_comment(2), "public": False}])
    assert (len(conversation.messages), conversation.is_whole) == (1, True)


@pytest.mark.parametrize("meta", [None, {"has_more": True}, {"has_more": True, "after_cursor": "\x00"}])
def test_a_customers_messages_that_break_off_are_shown_and_said(meta: object) -> None:
    conversation = conversation_of([request_comment(1)], meta=meta)
    assert (len(conversation.messages), conversation.is_cut_short) == (1, True)


def test_what_a_request_does_not_tell_is_kept_as_known_and_counted() -> None:
    sent = {"request": {**request(1), "status": {}, "priority": 5}}
    script = at("/api/v2/requests/1", lambda asked: as_json(sent))

    async def refreshed(desk: ZendeskDesk) -> Any:
        side = RequestsDesk(desk)
        known = (await side.fetch_changes(None)).tickets[0]
        return known, await side.refresh_conversation(known, None, ())

    (known, (fresh, conversation, _people)), _server = call(script, refreshed)
    assert (fresh.status, fresh.severity) == (known.status, known.severity)
    assert conversation.is_ticket_unreadable


ODD_REQUESTS: list[object] = [None, "x", [], {"id": None}, {"id": {}}, {"subject": "without a number"}]


@pytest.mark.parametrize("odd", ODD_REQUESTS)
def test_an_odd_request_costs_no_other_and_is_counted(odd: object) -> None:
    sent = {"requests": [request(1), odd, request(3)], "meta": LAST_PAGE}
    script = at("/api/v2/requests", lambda asked: as_json(sent))
    page, _server = call(script, lambda desk: RequestsDesk(desk).fetch_changes(None))
    assert [each.id for each in page.tickets] == ticket_keys(1, 3)
    assert len(page.unreadable_ids) == 1


@pytest.mark.parametrize("odd", ODD_REQUESTS)
def test_an_odd_open_request_lets_no_other_seem_gone(odd: object) -> None:
    sent = {"requests": [{"id": 1}, odd, {"id": "3"}], "meta": LAST_PAGE}
    script = at("/api/v2/requests/open", lambda asked: as_json(sent))
    gone, _server = call(script, lambda desk: RequestsDesk(desk).find_missing(ticket_keys(1, 2, 3)))
    assert gone == (ticket_key(2),)
