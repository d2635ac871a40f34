"""Listings come to their end without leaving out or repeating anything."""

from typing import Any

import httpx
import pytest

from support.desks.embedded_desk import DeskWithRoles, change_ticket, new_ticket
from supporttui.server.api.change_routes import ExportCursor


def _by_cursor(client: httpx.Client, path: str, name: str, size: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    address: str | None = f"{path}?page[size]={size}"
    while address:
        page = client.get(address).json()
        assert len(page[name]) <= size
        assert bool(page["links"]["next"]) == page["meta"]["has_more"]
        found += page[name]
        address = page["links"]["next"]
    return found


def _by_offset(client: httpx.Client, path: str, name: str, size: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    address: str | None = f"{path}?per_page={size}"
    while address:
        page = client.get(address).json()
        found += page[name]
        address = page["next_page"]
    assert page["count"] == len(found)
    return found


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_both_ways_of_paging_reach_every_ticket_once(agent: httpx.Client, size: int) -> None:
    ids = [new_ticket(agent, f"T{number}")["id"] for number in range(7)]
    assert [each["id"] for each in _by_cursor(agent, "/api/v2/tickets.json", "tickets", size)] == ids
    assert [each["id"] for each in _by_offset(agent, "/api/v2/tickets.json", "tickets", size)] == ids


def test_changes_in_between_do_not_disturb_a_cursor_listing(admin: httpx.Client) -> None:
    ids = [new_ticket(admin, f"T{number}")["id"] for number in range(9)]
    seen: list[int] = []
    address: str | None = "/api/v2/tickets?page[size]=2"
    while address:
        page = admin.get(address).json()
        seen += [each["id"] for each in page["tickets"]]
        address = page["links"]["next"]
        change_ticket(admin, ids[0], subject=f"seen {len(seen)}")
        change_ticket(admin, ids[-1], subject=f"ahead {len(seen)}")
        if len(seen) == 4:
            admin.delete(f"/api/v2/tickets/{ids[1]}")
            ids.append(new_ticket(admin, "late")["id"])
    assert seen == ids


@pytest.mark.parametrize("sort", ["id", "-id", "updated_at", "-updated_at", "-created_at", "status"])
def test_sorted_cursor_listings_are_whole(agent: httpx.Client, sort: str) -> None:
    tickets = [new_ticket(agent, f"T{number}") for number in range(5)]
    change_ticket(agent, tickets[2]["id"], status="open")
    seen: list[dict[str, Any]] = []
    address: str | None = f"/api/v2/tickets?page[size]=2&sort={sort}"
    while address:
        page = agent.get(address).json()
        seen += page["tickets"]
        address = page["links"]["next"]
    name = sort.removeprefix("-")
    expected = sorted(seen, key=lambda each: (each[name], each["id"]), reverse=sort.startswith("-"))
    assert [each["id"] for each in seen] == [each["id"] for each in expected]
    assert len(seen) == 5


def test_a_cursor_listing_can_be_walked_back(agent: httpx.Client) -> None:
    ids = [new_ticket(agent, f"T{number}")["id"] for number in range(5)]
    last = agent.get("/api/v2/tickets?page[size]=2").json()
    for _ in range(2):
        last = agent.get(last["links"]["next"]).json()
    assert [each["id"] for each in last["tickets"]] == ids[4:]
    before = agent.get(last["links"]["prev"]).json()
    assert [each["id"] for each in before["tickets"]] == ids[2:4]


def test_comments_and_audits_are_listed_both_ways(agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    for number in range(4):
        change_ticket(agent, ticket["id"], comment={"body": f"reply {number}"})
    for name in ("comments", "audits"):
        path = f"/api/v2/tickets/{ticket['id']}/{name}.json"
        assert _by_cursor(agent, path, name, 2) == _by_offset(agent, path, name, 2)
        assert len(_by_cursor(agent, path, name, 2)) == 5


@pytest.mark.parametrize(
    "query",
    [
        "page[size]=0",
        "page[size]=x",
        "page[after]=!!!",
        "page[after]=WyJ4Il0",
        "page[after]=WzFlMzA5XQ",
        "page[after]=WzEsMl0",
        "page=0",
        "page=999999",
        "sort_by=subject",
        "page[size]=2&sort=subject",
        "page=%00",
    ],
)
def test_a_page_that_makes_no_sense_is_a_400(agent: httpx.Client, query: str) -> None:
    sent = agent.get(f"/api/v2/tickets?{query}")
    assert sent.status_code == 400
    assert sent.json()["error"]["message"]


def test_show_many_leaves_out_what_is_not_there(agent: httpx.Client) -> None:
    first, second = new_ticket(agent), new_ticket(agent)
    agent.delete(f"/api/v2/tickets/{first['id']}")
    sent = agent.get(f"/api/v2/tickets/show_many.json?ids={second['id']},{first['id']},999&include=users,metric_sets")
    assert [each["id"] for each in sent.json()["tickets"]] == [second["id"]]
    assert [each["ticket_id"] for each in sent.json()["metric_sets"]] == [second["id"]]
    assert [each["name"] for each in sent.json()["users"]] == ["Bo"]
    assert agent.get("/api/v2/tickets/show_many?ids=1,x").status_code == 400


def test_every_route_answers_with_and_without_json(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    for path in (
        "users/me",
        "users",
        "users/1",
        "groups",
        "tickets",
        f"tickets/{ticket['id']}",
        f"tickets/{ticket['id']}/comments",
        f"tickets/{ticket['id']}/audits",
        "requests",
        "search",
    ):
        plain, dotted = agent.get(f"/api/v2/{path}"), agent.get(f"/api/v2/{path}.json")
        assert plain.status_code == dotted.status_code == 200, path
        assert plain.json() == dotted.json()
        assert plain.headers["Content-Type"].startswith("application/json")


def test_head_is_answered_without_a_body(agent: httpx.Client) -> None:
    sent = agent.head("/api/v2/tickets.json")
    assert (sent.status_code, sent.content) == (200, b"")


def _export(client: httpx.Client, query: str) -> tuple[list[dict[str, Any]], str]:
    found: list[dict[str, Any]] = []
    while True:
        page = client.get(f"/api/v2/incremental/tickets/cursor.json?{query}").json()
        found += page["tickets"]
        query = f"cursor={page['after_cursor']}&per_page=3"
        if page["end_of_stream"]:
            return found, page["after_cursor"]


def test_an_export_tells_of_every_ticket_and_then_of_every_change(agent: httpx.Client) -> None:
    ids = [new_ticket(agent, f"T{number}")["id"] for number in range(7)]
    found, cursor = _export(agent, "start_time=0&per_page=3")
    assert [each["id"] for each in found] == ids
    assert _export(agent, f"cursor={cursor}") == ([], cursor)
    change_ticket(agent, ids[3], status="open")
    agent.delete(f"/api/v2/tickets/{ids[5]}")
    found, _ = _export(agent, f"cursor={cursor}")
    assert [(each["id"], each["status"]) for each in found] == [(ids[3], "open"), (ids[5], "deleted")]


def test_an_export_skips_nothing_that_changes_under_it(agent: httpx.Client) -> None:
    ids = [new_ticket(agent, f"T{number}")["id"] for number in range(8)]
    latest: dict[int, str] = {}
    query = "start_time=0&per_page=2"
    for number in range(20):
        page = agent.get(f"/api/v2/incremental/tickets/cursor?{query}").json()
        latest |= {each["id"]: each["subject"] for each in page["tickets"]}
        query = f"cursor={page['after_cursor']}&per_page=2"
        if number < 6:
            change_ticket(agent, ids[number], subject=f"changed in round {number}")
        elif page["end_of_stream"]:
            break
    expected = {ticket_id: f"changed in round {n}" if n < 6 else f"T{n}" for n, ticket_id in enumerate(ids)}
    assert latest == expected


def test_an_export_starts_at_a_time(desk: DeskWithRoles, agent: httpx.Client) -> None:
    old, new = new_ticket(agent, "old")["id"], new_ticket(agent, "new")["id"]
    with desk.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE tickets SET updated_at = 1000 WHERE id = ?", (old,))
    found, cursor = _export(agent, "start_time=2000")
    assert [each["id"] for each in found] == [new]
    with desk.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE tickets SET change_id = change_id + 10, updated_at = 1500 WHERE id = ?", (old,)
        )
    found, _ = _export(agent, f"cursor={cursor}")
    assert [each["id"] for each in found] == [old], "a change is told of whatever its time"


def test_an_export_brings_users_and_metrics(agent: httpx.Client) -> None:
    new_ticket(agent)
    page = agent.get("/api/v2/incremental/tickets/cursor?start_time=0&include=users,metric_sets").json()
    assert page["tickets"][0]["metric_set"]["replies"] == 0
    assert [each["email"] for each in page["users"]] == ["bo@example.com"]
    assert page["after_url"].startswith("http://127.0.0.1:")


def test_a_cursor_of_another_database_is_refused_and_does_not_hide_changes(agent: httpx.Client) -> None:
    cursor = ExportCursor(seen=10_000, since_s=0, until=10_000).text()
    refusal = agent.get(f"/api/v2/incremental/tickets/cursor?cursor={cursor}")
    assert refusal.status_code == 400
    assert "begin again" in refusal.text


@pytest.mark.parametrize(
    "query", ["", "start_time=x", "start_time=-1", "cursor=", "cursor=AAAA", "cursor=MXwyfDk5OTk5OTk5OTk5OTk5OTk5OTk5"]
)
def test_an_export_from_nowhere_is_a_400(agent: httpx.Client, query: str) -> None:
    assert agent.get(f"/api/v2/incremental/tickets/cursor?{query}").status_code == 400


def test_search_finds_by_words_and_properties(desk: DeskWithRoles, agent: httpx.Client) -> None:
    cy = desk.people["cy"].id
    fire = new_ticket(agent, "Printer on fire", priority="urgent", requester_id=cy, tags=["outage"])["id"]
    slow = new_ticket(agent, "Slow board", priority="low", comment={"body": "50% slower"})["id"]
    change_ticket(agent, slow, status="hold", assignee_id=desk.people["bo"].id, external_id="DEV-7")
    for query, expected in (
        ("type:ticket status:new", {fire}),
        ("status<solved", {fire, slow}),
        ("status:new status:hold", {fire, slow}),
        ("-status:new", {slow}),
        ("priority>normal", {fire}),
        ("assignee:me", {slow}),
        ("assignee:none", {fire}),
        ("assignee:bo@example.com", {slow}),
        ("requester:cy", {fire}),
        ("tags:outage", {fire}),
        ("external_id:DEV-7", {slow}),
        ('"on fire"', {fire}),
        ("50%", {slow}),
        ("5_%", set()),
        (f"#{slow}", {slow}),
        ("created>2020-01-01 fire", {fire}),
        ("created<2020-01-01", set()),
        ("group:1", set()),
    ):
        sent = agent.get("/api/v2/search.json", params={"query": query})
        assert {each["id"] for each in sent.json()["results"]} == expected, query
        assert sent.json()["count"] == len(expected)


@pytest.mark.parametrize("query", ["status:dire", "colour:red", "created>soon", "x " * 40])
def test_a_search_that_cannot_be_understood_says_why(agent: httpx.Client, query: str) -> None:
    sent = agent.get("/api/v2/search", params={"query": query})
    assert (sent.status_code, sent.json()["error"]) == (422, "invalid")
    assert sent.json()["description"].startswith("Invalid search: ")


def test_agents_are_found_by_role(agent: httpx.Client) -> None:
    sent = agent.get("/api/v2/users.json?role[]=agent&role[]=admin").json()
    assert [each["name"] for each in sent["users"]] == ["Ada", "Bo"]
    found = agent.get("/api/v2/users/search.json?query=email:cy@example.com").json()
    assert [each["name"] for each in found["users"]] == ["Cy"]
