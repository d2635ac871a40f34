"""Copies, problems, custom fields and macros on the embedded desk, as the Zendesk API has them."""

from typing import Any

import httpx
import pytest

from support.desks.embedded_desk import DeskWithRoles, change_ticket, new_ticket


def field_of(admin: httpx.Client, kind: str = "text", **more: Any) -> int:
    sent = admin.post("/api/v2/ticket_fields", json={"ticket_field": {"title": "Where", "type": kind, **more}})
    assert sent.status_code == 201, sent.text
    return int(sent.json()["ticket_field"]["id"])


def values_of(ticket: dict[str, Any]) -> dict[int, object]:
    return {each["id"]: each["value"] for each in ticket["custom_fields"]}


def refused(sent: httpx.Response, field: str) -> bool:
    return sent.status_code == 422 and list(sent.json()["details"]) == [field]


@pytest.mark.parametrize(
    ("kind", "right", "stored", "wrong"),
    [
        ("text", "two\nlines", "two\nlines", None),
        ("integer", 42, "42", "4.2"),
        ("decimal", "3.25", "3.25", "three"),
        ("date", "2026-11-23", "2026-11-23", "23.11.2026"),
        ("checkbox", "true", True, "maybe"),
        ("tagger", "berlin", "berlin", "Berlin"),
    ],
)
def test_a_field_takes_the_values_of_its_type(
    admin: httpx.Client, agent: httpx.Client, kind: str, right: object, stored: object, wrong: object
) -> None:
    options = {"custom_field_options": [{"name": "Berlin", "value": "berlin"}]} if kind == "tagger" else {}
    number = field_of(admin, kind, **options)
    ticket = new_ticket(agent, custom_fields=[{"id": number, "value": right}])
    assert values_of(ticket) == {number: stored}
    if wrong is not None:
        assert refused(
            change_ticket(agent, ticket["id"], custom_fields=[{"id": number, "value": wrong}]), "custom_fields"
        )
    emptied = change_ticket(agent, ticket["id"], custom_fields=[{"id": str(number), "value": None}]).json()
    assert values_of(emptied["ticket"]) == {number: False if kind == "checkbox" else None}
    (event,) = emptied["audit"]["events"]
    assert (event["field_name"], event["previous_value"], event["value"]) == (str(number), stored, None)


def test_a_field_that_is_not_there_and_a_tagger_without_options_are_refused(
    admin: httpx.Client, agent: httpx.Client
) -> None:
    ticket = new_ticket(agent)["id"]
    assert refused(change_ticket(agent, ticket, custom_fields=[{"id": 77, "value": "x"}]), "custom_fields")
    for fields in ({"type": "tagger"}, {"type": "text", "custom_field_options": [{"name": "a", "value": "a"}]}):
        sent = admin.post("/api/v2/ticket_fields", json={"ticket_field": {"title": "F", **fields}})
        assert refused(sent, "custom_field_options")
    assert refused(admin.post("/api/v2/ticket_fields", json={"ticket_field": {"title": "F", "type": "lookup"}}), "type")


def test_copies_are_added_and_removed_each_once(desk: DeskWithRoles, agent: httpx.Client) -> None:
    bo, dee = desk.people["bo"].id, desk.people["dee"]
    ticket = new_ticket(agent, email_ccs=[{"user_id": bo}, {"user_email": dee.email, "action": "put"}, {"user_id": bo}])
    assert ticket["email_cc_ids"] == [bo, dee.id]
    changed = change_ticket(agent, ticket["id"], email_ccs=[{"user_id": str(bo), "action": "delete"}]).json()
    assert changed["ticket"]["email_cc_ids"] == [dee.id]
    (event,) = changed["audit"]["events"]
    assert (event["field_name"], event["value"]) == ("email_cc_ids", [str(dee.id)])


@pytest.mark.parametrize(
    "cc", [{}, {"user_id": 999}, {"user_email": "no address"}, {"user_email": "x@e.com", "action": "delete"}]
)
def test_nobody_gets_no_copies(agent: httpx.Client, cc: dict[str, object]) -> None:
    assert refused(change_ticket(agent, new_ticket(agent)["id"], email_ccs=[cc]), "email_ccs")


def test_copies_are_not_changed_by_what_was_read(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent, email_ccs=[{"user_id": desk.people["bo"].id}])
    assert change_ticket(agent, ticket["id"], email_cc_ids=ticket["email_cc_ids"]).status_code == 200
    assert refused(change_ticket(agent, ticket["id"], email_cc_ids=[]), "email_cc_ids")


def test_only_an_incident_has_a_problem(agent: httpx.Client) -> None:
    problem, other = new_ticket(agent, type="problem")["id"], new_ticket(agent)["id"]
    incident = new_ticket(agent, type="incident", problem_id=problem)
    assert incident["problem_id"] == problem
    assert refused(change_ticket(agent, other, problem_id=problem), "problem_id")
    assert refused(change_ticket(agent, other, type="incident", problem_id=other), "problem_id")
    assert change_ticket(agent, other, type="incident", problem_id=problem).status_code == 200
    listed = agent.get(f"/api/v2/tickets/{problem}/incidents").json()["tickets"]
    assert [each["id"] for each in listed] == [other, incident["id"]]
    assert change_ticket(agent, other, type="task").json()["ticket"]["problem_id"] is None
    assert change_ticket(agent, incident["id"], problem_id=None).json()["ticket"]["type"] == "incident"
    assert not agent.get(f"/api/v2/tickets/{problem}").json()["ticket"]["has_incidents"]


def test_a_ticket_with_all_of_it_can_be_sent_back(
    desk: DeskWithRoles, admin: httpx.Client, agent: httpx.Client
) -> None:
    number = field_of(admin, "checkbox")
    problem = new_ticket(agent, type="problem")["id"]
    ticket = new_ticket(
        agent,
        type="incident",
        problem_id=problem,
        email_ccs=[{"user_id": desk.people["bo"].id}],
        custom_fields=[{"id": number, "value": True}],
    )
    sent = change_ticket(agent, ticket["id"], **agent.get(f"/api/v2/tickets/{ticket['id']}").json()["ticket"])
    assert sent.status_code == 200, sent.text
    assert sent.json()["audit"]["events"] == []


def macro_of(agent: httpx.Client, *actions: tuple[str, object]) -> httpx.Response:
    listed = [{"field": field, "value": value} for field, value in actions]
    return agent.post("/api/v2/macros", json={"macro": {"title": "M", "actions": listed}})


def test_a_macro_says_what_it_would_do_and_does_nothing(
    desk: DeskWithRoles, admin: httpx.Client, agent: httpx.Client
) -> None:
    number, bo = field_of(admin), desk.people["bo"].id
    macro = macro_of(
        agent,
        ("comment_value", ["channel:all", "Dear {{ticket.requester.first_name}}, {{ odd }} {{current_user.email}}"]),
        ("comment_mode_is_public", False),
        *(("status", "pending"), ("priority", "high"), ("assignee_id", "current_user"), ("group_id", "1")),
        *(("current_tags", "B c"), ("remove_tags", "a"), (f"custom_fields_{number}", "here")),
    ).json()["macro"]
    ticket = new_ticket(desk.client("cy"))["id"]
    change_ticket(agent, ticket, tags=["a", "b"])
    before = agent.get(f"/api/v2/tickets/{ticket}").json()
    shown = agent.get(f"/api/v2/tickets/{ticket}/macros/{macro['id']}/apply").json()["result"]["ticket"]
    assert shown.pop("url").endswith(f"/tickets/{ticket}.json")
    assert shown == {
        "id": ticket,
        "status": "pending",
        "priority": "high",
        "assignee_id": bo,
        "group_id": 1,
        "tags": ["b", "c"],
        "custom_fields": [{"id": number, "value": "here"}],
        "comment": {"body": "Dear Cy, {{ odd }} bo@example.com", "public": False},
    }
    assert agent.get(f"/api/v2/tickets/{ticket}").json() == before
    assert [each["id"] for each in agent.get("/api/v2/macros/active").json()["macros"]] == [macro["id"]]


@pytest.mark.parametrize(
    "action",
    [
        ("status", "closed"),
        ("status", "new"),
        ("priority", "soon"),
        ("assignee_id", "x"),
        ("assignee_id", "999"),
        ("group_id", "999"),
        ("comment_value", " "),
        ("comment_mode_is_public", "yes"),
        ("custom_fields_9", "x"),
        ("notification_user", "x"),
    ],
)
def test_an_action_that_cannot_be_done_makes_no_macro(agent: httpx.Client, action: tuple[str, object]) -> None:
    assert macro_of(agent, action).status_code == 422
    assert agent.get("/api/v2/macros").json()["macros"] == []


def merge(agent: httpx.Client, target: int, *ids: int, **more: object) -> httpx.Response:
    return agent.post(f"/api/v2/tickets/{target}/merge", json={"ids": list(ids), **more})


def test_a_merge_closes_the_sources_for_good_and_tells_it_on_both(desk: DeskWithRoles, agent: httpx.Client) -> None:
    customer = desk.client("cy")
    target, one, two = (new_ticket(customer, name)["id"] for name in ("T", "A", "B"))
    job = merge(agent, target, one, two, target_comment="both", target_comment_is_public=True, source_comment="gone")
    assert (job.status_code, job.json()["job_status"]["status"]) == (200, "completed")
    shown = agent.get(f"/api/v2/tickets/{target}").json()["ticket"]
    assert (shown["status"], shown["tags"]) == ("new", [])
    for number, body, is_public in ((target, "both", True), (one, "gone", False), (two, "gone", False)):
        last = agent.get(f"/api/v2/tickets/{number}/comments").json()["comments"][-1]
        assert (last["body"], last["public"], last["via"]["channel"]) == (body, is_public, "system")
    closed = agent.get(f"/api/v2/tickets/{one}?include=metric_sets").json()["ticket"]
    assert (closed["status"], closed["tags"]) == ("closed", ["closed_by_merge"])
    assert closed["metric_set"]["replies"] == 0
    assert change_ticket(agent, one, subject="x").status_code == 422
    assert new_ticket(agent, via_followup_source_id=one)["via"]["source"]["from"] == {"ticket_id": one}


def test_a_merge_is_all_or_nothing(agent: httpx.Client) -> None:
    target, one = new_ticket(agent)["id"], new_ticket(agent)["id"]
    for ids in ([one, 999], [target], [one, target], [], [one] * 3 + list(range(900, 905))):
        assert refused(merge(agent, target, *ids), "ids"), ids
    assert merge(agent, 999, one).status_code == 404
    assert agent.get(f"/api/v2/tickets/{one}").json()["ticket"]["status"] == "new"
    assert merge(agent, target, one).status_code == 200
    assert refused(merge(agent, target, one), "ids")
    assert refused(merge(agent, one, target), "target")
