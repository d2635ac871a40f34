"""A field or parameter is done or refused with a sentence; what the Zendesk API takes leniently is taken so here."""

from typing import Any

import httpx
import pytest
from sqlalchemy import update

from support.desks.embedded_desk import DeskWithRoles, change_ticket, new_ticket
from supporttui.server.database import write
from supporttui.server.schema import tickets


def _create(client: httpx.Client, **fields: Any) -> httpx.Response:
    content = {"subject": "s", "comment": {"body": "b"}} | fields
    return client.post("/api/v2/tickets", json={"ticket": content})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fields", [{"id": 1, "value": "x"}]),
        ("due_at", "2026-12-01T00:00:00Z"),
        ("collaborators", ["ann@example.com"]),
        ("email_cc_ids", [1]),
        ("followers", [{"user_id": 1}]),
        ("created_at", "2020-01-01T00:00:00Z"),
        ("solved", True),
        ("safe_update", True),
        ("colour", "red"),
        ("colour", None),
    ],
)
def test_a_field_that_would_be_lost_is_refused_by_name(agent: httpx.Client, field: str, value: object) -> None:
    sent = _create(agent, **{field: value})
    assert (sent.status_code, list(sent.json()["details"])) == (422, [field])
    assert f"ticket.{field}:" in sent.json()["details"][field][0]["description"]
    assert agent.get("/api/v2/tickets").json()["count"] == 0


@pytest.mark.parametrize("field", ["fields", "due_at", "colour", "via_followup_source_id", "solved"])
def test_a_change_that_would_be_lost_is_refused_by_name(agent: httpx.Client, field: str) -> None:
    ticket = new_ticket(agent)["id"]
    sent = change_ticket(agent, ticket, **{field: 1}, priority="high")
    assert (sent.status_code, list(sent.json()["details"])) == (422, [field])
    assert agent.get(f"/api/v2/tickets/{ticket}").json()["ticket"]["priority"] is None


def test_a_ticket_that_was_read_can_be_sent_back(agent: httpx.Client) -> None:
    ticket = new_ticket(agent, tags=["t"], external_id="DEV-1")
    read = agent.get(f"/api/v2/tickets/{ticket['id']}").json()["ticket"]
    sent = change_ticket(agent, ticket["id"], **(read | {"subject": "another", "comment": {"body": "and a word"}}))
    assert sent.status_code == 200, sent.text
    assert sent.json()["ticket"]["subject"] == "another"


def test_a_comment_is_taken_in_each_of_its_forms(agent: httpx.Client) -> None:
    ticket = new_ticket(agent)["id"]
    html = "<p>See <a href='https://x.example/1'>this</a>&amp;<br>that</p><script>no</script>"
    for comment in (
        {"html_body": html, "public": False},
        {"value": "an older name"},
        {"body": "text", "public": "false", "uploads": None, "author_id": None},
    ):
        assert change_ticket(agent, ticket, comment=comment).status_code == 200
    read = agent.get(f"/api/v2/tickets/{ticket}/comments").json()["comments"][1:]
    assert [(each["body"], each["public"]) for each in read] == [
        ("See this (https://x.example/1)&\nthat", False),
        ("an older name", True),
        ("text", False),
    ]


def test_ids_and_flags_may_be_text_and_nulls_leave_out(desk: DeskWithRoles, agent: httpx.Client) -> None:
    bo, cy = (str(desk.people[name].id) for name in ("bo", "cy"))
    sent = _create(
        agent, requester_id=cy, assignee_id=bo, group_id="1", status=None, tags=None, submitter_id=None, metadata=None
    )
    ticket = sent.json()["ticket"]
    assert (ticket["requester_id"], ticket["assignee_id"], ticket["group_id"]) == (int(cy), int(bo), 1)
    safe = {"safe_update": "true", "updated_stamp": ticket["updated_at"]}
    assert change_ticket(agent, ticket["id"], subject="x", **safe).status_code == 200
    assert change_ticket(agent, ticket["id"], subject="y", **safe).status_code == 409
    assert change_ticket(agent, ticket["id"], subject="y", safe_update="false").status_code == 200
    assert change_ticket(agent, ticket["id"], assignee_id=None).json()["ticket"]["assignee_id"] is None
    assert change_ticket(agent, ticket["id"], assignee_id="bo").status_code == 400
    assert change_ticket(agent, ticket["id"], updated_stamp=ticket["updated_at"]).status_code == 422


def test_the_submitter_is_the_author_of_the_first_comment(desk: DeskWithRoles, agent: httpx.Client) -> None:
    cy = desk.people["cy"].id
    ticket = new_ticket(agent, requester_id=cy, submitter_id=cy)
    comment = agent.get(f"/api/v2/tickets/{ticket['id']}/comments").json()["comments"][0]
    assert (ticket["submitter_id"], comment["author_id"]) == (cy, cy)
    assert _create(desk.client("dee"), submitter_id=cy).status_code == 403


def test_tickets_are_found_by_their_external_id_and_no_other(agent: httpx.Client, customer: httpx.Client) -> None:
    new_ticket(agent)
    known = new_ticket(agent, external_id="DEV-7")["id"]
    for external_id, found in (("DEV-7", [known]), ("nope", []), ("", [])):
        sent = agent.get("/api/v2/tickets", params={"external_id": external_id})
        assert [each["id"] for each in sent.json()["tickets"]] == found
    assert customer.get("/api/v2/tickets?external_id=DEV-7").status_code == 403


@pytest.mark.parametrize(
    "path", ["tickets?status=open", "users?permission_set=1", "tickets/1/comments?since=1", "groups?user_id=1"]
)
def test_a_parameter_that_would_be_passed_over_is_refused_by_name(agent: httpx.Client, path: str) -> None:
    sent = agent.get(f"/api/v2/{path}")
    assert sent.status_code == 400
    assert path.partition("?")[2].partition("=")[0] in sent.json()["error"]["message"]


@pytest.mark.parametrize(
    "params",
    [
        {"sort_by": "id", "sort_order": "desc", "page[size]": "2"},
        {"sort": "-id", "page[size]": "2"},
        {"sort": "-id", "per_page": "2"},
        {"sort_by": "id", "sort_order": "desc", "per_page": "2", "page": "1"},
    ],
)
def test_a_listing_is_sorted_as_it_was_asked_whatever_its_paging(agent: httpx.Client, params: dict[str, str]) -> None:
    ids = [new_ticket(agent, f"T{number}")["id"] for number in range(3)]
    sent = agent.get("/api/v2/tickets", params=params)
    assert [each["id"] for each in sent.json()["tickets"]] == [ids[2], ids[1]]


def test_search_knows_groups_by_id_and_refuses_what_it_does_not_search(agent: httpx.Client) -> None:
    grouped = new_ticket(agent, group_id=1)["id"]
    new_ticket(agent)
    for query, found in (("group:1", {grouped}), ("group_id:1", {grouped}), ("group:77", set())):
        sent = agent.get("/api/v2/search", params={"query": query})
        assert {each["id"] for each in sent.json()["results"]} == found, query
    for query in ("type:user", "-type:user", "type:organization"):
        sent = agent.get("/api/v2/search", params={"query": query})
        assert (sent.status_code, "users/search" in sent.text) == (422, True), query


def test_a_follow_up_names_its_source(desk: DeskWithRoles, agent: httpx.Client) -> None:
    source = new_ticket(agent)["id"]
    with write(desk.engine) as connection:
        connection.execute(update(tickets).where(tickets.c.id == source).values(status="closed"))
    via = new_ticket(agent, via_followup_source_id=source)["via"]
    assert via["source"] == {"from": {"ticket_id": source}, "to": {}, "rel": "follow_up"}


def test_a_persons_field_that_would_be_lost_is_refused_by_name(desk: DeskWithRoles, admin: httpx.Client) -> None:
    cy = desk.people["cy"].id
    for fields in ({"suspended": True}, {"phone": "1"}, {"verified": False}, {"time_zone": "Berlin"}, {"x": 1}):
        sent = admin.put(f"/api/v2/users/{cy}", json={"user": fields})
        assert (sent.status_code, list(sent.json()["details"])) == (422, list(fields))
    read = admin.get(f"/api/v2/users/{cy}").json()["user"]
    assert admin.put(f"/api/v2/users/{cy}", json={"user": read | {"name": "Cyd"}}).json()["user"]["name"] == "Cyd"


def test_a_requester_changes_no_more_than_a_requester_may(customer: httpx.Client) -> None:
    request = customer.post("/api/v2/requests", json={"request": {"subject": "s", "comment": {"body": "b"}}}).json()
    path = f"/api/v2/requests/{request['request']['id']}"
    for fields in ({"priority": "high"}, {"subject": "x"}, {"tags": ["a"]}, {"status": "open"}):
        assert customer.put(path, json={"request": fields}).status_code == 422, fields
    assert customer.put(path, json={"request": {"solved": "true"}}).json()["request"]["status"] == "solved"


def test_a_request_that_was_read_can_be_sent_back(agent: httpx.Client, customer: httpx.Client) -> None:
    asked = {"subject": "s", "priority": "high", "comment": {"body": "b"}}
    number = customer.post("/api/v2/requests", json={"request": asked}).json()["request"]["id"]
    change_ticket(agent, number, tags=["t"], external_id="DEV-1", status="pending", type="question")
    path = f"/api/v2/requests/{number}"
    read = customer.get(path).json()["request"]
    sent = customer.put(path, json={"request": read | {"comment": {"body": "and a word"}}})
    assert sent.status_code == 200, sent.text
    assert customer.get(f"{path}/comments").json()["comments"][-1]["body"] == "and a word"
    read = customer.get(path).json()["request"]
    for name, value in (("status", "solved"), ("tags", ["x"]), ("assignee_id", 1), ("raw_subject", "x")):
        refused = customer.put(path, json={"request": read | {name: value}})
        assert (refused.status_code, list(refused.json()["details"])) == (422, [name])


def test_a_whole_answer_can_be_sent_back(agent: httpx.Client) -> None:
    path = f"/api/v2/tickets/{new_ticket(agent)['id']}"
    changed = agent.put(path, json={"ticket": {"priority": "high"}}).json()
    read = agent.get(f"{path}?include=users,groups,metric_sets").json()
    for answer in (changed, read):
        sent = agent.put(path, json=answer)
        assert sent.status_code == 200, sent.text
