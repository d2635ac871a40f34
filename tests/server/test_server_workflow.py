"""The desk enforces the service policy's workflow."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from support.desks.embedded_desk import DeskWithRoles, change_ticket, new_ticket, serve_desk_with_roles
from supporttui.config import default_policy
from supporttui.domain.ticket import Status
from supporttui.server.database import write
from supporttui.server.ticket_fields import CommentFields, UpdateFields
from supporttui.server.tickets import update_ticket


def _in_status(agent: httpx.Client, requester_id: int, status: str) -> dict[str, Any]:
    ticket = new_ticket(agent, requester_id=requester_id)
    if status != "new":
        assert change_ticket(agent, ticket["id"], status=status).status_code == 200
    return ticket


def _status(agent: httpx.Client, ticket_id: int) -> str:
    return str(agent.get(f"/api/v2/tickets/{ticket_id}").json()["ticket"]["status"])


def _refusal(answer: httpx.Response, field: str) -> str:
    assert answer.status_code == 422, answer.text
    body = answer.json()
    assert body["error"] == "RecordInvalid"
    return str(body["details"][field][0]["description"])


@pytest.mark.parametrize("status", ["open", "pending", "hold", "solved"])
def test_nothing_returns_to_new(desk: DeskWithRoles, agent: httpx.Client, status: str) -> None:
    ticket = _in_status(agent, desk.people["cy"].id, status)
    said = _refusal(change_ticket(agent, ticket["id"], status="new"), "status")
    assert f"{status} cannot become new" in said
    assert "open" in said
    assert _status(agent, ticket["id"]) == status


def test_a_move_that_is_not_allowed_says_what_is(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = _in_status(agent, desk.people["cy"].id, "solved")
    said = _refusal(change_ticket(agent, ticket["id"], status="hold"), "status")
    assert said == "Status: solved cannot become hold; allowed from here: open"


def test_a_refused_move_takes_its_comment_along(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = _in_status(agent, desk.people["cy"].id, "solved")
    assert change_ticket(agent, ticket["id"], status="hold", comment={"body": "parked"}).status_code == 422
    assert agent.get(f"/api/v2/tickets/{ticket['id']}/comments").json()["count"] == 1


def test_requester_who_is_an_agent_never_answers_themselves(agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    change_ticket(agent, ticket["id"], comment={"body": "any news?"})

    metrics = agent.get(f"/api/v2/tickets/{ticket['id']}/metrics").json()["ticket_metric"]

    assert (metrics["replies"], metrics["reply_time_in_minutes"]["calendar"]) == (0, None)
    assert _status(agent, ticket["id"]) == "new"


def test_note_that_logs_a_ticket_is_not_the_requesters_word(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent, requester_id=desk.people["cy"].id, comment={"body": "he called", "public": False})

    metrics = agent.get(f"/api/v2/tickets/{ticket['id']}/metrics").json()["ticket_metric"]

    assert (ticket["is_public"], metrics["requester_updated_at"]) == (False, None)


@pytest.mark.parametrize(("is_public", "status"), [(True, "open"), (False, "pending")])
def test_public_answer_of_a_requester_who_is_an_agent_reopens(
    agent: httpx.Client, is_public: bool, status: str
) -> None:
    ticket = new_ticket(agent)
    change_ticket(agent, ticket["id"], status="pending")

    change_ticket(agent, ticket["id"], comment={"body": "here it is", "public": is_public})

    assert _status(agent, ticket["id"]) == status


@pytest.mark.parametrize("status", ["pending", "hold", "solved"])
def test_the_requesters_reply_reopens(
    desk: DeskWithRoles, agent: httpx.Client, customer: httpx.Client, status: str
) -> None:
    ticket = _in_status(agent, desk.people["cy"].id, status)
    answer = change_ticket(customer, ticket["id"], comment={"body": "still broken"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["request"]["status"] == "open"
    assert _status(agent, ticket["id"]) == "open"


def test_the_requesters_reply_leaves_a_new_ticket_new(customer: httpx.Client, agent: httpx.Client) -> None:
    ticket = new_ticket(customer)
    assert change_ticket(customer, ticket["id"], comment={"body": "and it smells"}).status_code == 200
    assert _status(agent, ticket["id"]) == "new"


def test_the_requester_solves_and_reopens(customer: httpx.Client, agent: httpx.Client) -> None:
    ticket = new_ticket(customer)
    assert ticket["can_be_solved_by_me"]
    solved = change_ticket(customer, ticket["id"], solved=True)
    assert (solved.status_code, solved.json()["request"]["can_be_solved_by_me"]) == (200, False)
    assert _status(agent, ticket["id"]) == "solved"
    assert change_ticket(customer, ticket["id"], comment={"body": "It is back."}).status_code == 200
    assert _status(agent, ticket["id"]) == "open"


def test_a_public_reply_opens_a_new_ticket_and_a_note_does_not(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent, requester_id=desk.people["cy"].id)
    change_ticket(agent, ticket["id"], comment={"body": "hm", "public": False})
    assert _status(agent, ticket["id"]) == "new"
    change_ticket(agent, ticket["id"], comment={"body": "hello"})
    assert _status(agent, ticket["id"]) == "open"


def test_a_status_given_with_the_reply_wins(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent, requester_id=desk.people["cy"].id)
    change_ticket(agent, ticket["id"], comment={"body": "which version?"}, status="pending")
    assert _status(agent, ticket["id"]) == "pending"


def test_assigning_opens_a_new_ticket(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent, requester_id=desk.people["cy"].id)
    change_ticket(agent, ticket["id"], assignee_email="bo@example.com")
    shown = agent.get(f"/api/v2/tickets/{ticket['id']}").json()["ticket"]
    assert (shown["status"], shown["assignee_id"]) == ("open", desk.people["bo"].id)


def test_nobody_but_an_agent_can_be_assigned(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    said = _refusal(change_ticket(agent, ticket["id"], assignee_id=desk.people["cy"].id), "assignee_id")
    assert "not an agent" in said


def test_only_the_desk_closes_for_good(agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    assert "only the desk itself" in _refusal(change_ticket(agent, ticket["id"], status="closed"), "status")


def test_a_closed_ticket_takes_a_follow_up_only(
    desk: DeskWithRoles, agent: httpx.Client, customer: httpx.Client
) -> None:
    ticket = new_ticket(customer)
    with desk.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE tickets SET status = 'closed' WHERE id = ?", (ticket["id"],))
    for client in (agent, customer):
        assert "follow-up" in _refusal(change_ticket(client, ticket["id"], comment={"body": "again"}), "status")
    followup = new_ticket(customer, "Again", via_followup_source_id=ticket["id"])
    assert agent.get(f"/api/v2/tickets/{ticket['id']}").json()["ticket"]["followup_ids"] == [followup["id"]]


@pytest.mark.parametrize("body", ["", "  \n "])
def test_an_empty_reply_is_refused(agent: httpx.Client, body: str) -> None:
    ticket = new_ticket(agent)
    assert "cannot be blank" in _refusal(change_ticket(agent, ticket["id"], comment={"body": body}), "comment")


def test_the_metrics_tell_the_course(desk: DeskWithRoles, agent: httpx.Client, customer: httpx.Client) -> None:
    ticket = new_ticket(customer)
    change_ticket(agent, ticket["id"], comment={"body": "a note", "public": False})
    before = agent.get(f"/api/v2/tickets/{ticket['id']}/metrics.json").json()["ticket_metric"]
    assert before["replies"] == 0
    assert before["reply_time_in_seconds"]["calendar"] is None
    change_ticket(agent, ticket["id"], comment={"body": "hello"}, status="solved", assignee_id=desk.people["bo"].id)
    change_ticket(customer, ticket["id"], comment={"body": "no"})
    shown = agent.get(f"/api/v2/tickets/{ticket['id']}?include=metric_sets").json()["ticket"]["metric_set"]
    assert (shown["replies"], shown["reopens"], shown["assignee_stations"]) == (1, 1, 1)
    assert shown["reply_time_in_seconds"]["calendar"] in range(20)
    assert shown["solved_at"] is None
    assert shown["initially_assigned_at"] is not None


def test_an_automatic_reply_is_no_answer(desk: DeskWithRoles, customer: httpx.Client, agent: httpx.Client) -> None:
    ticket = new_ticket(customer)
    with write(desk.engine) as connection:
        fields = UpdateFields(comment=CommentFields(body="We got your message", via="rule"))
        update_ticket(connection, desk.people["ada"].id, ticket["id"], fields, datetime.now(UTC))
    shown = agent.get(f"/api/v2/tickets/{ticket['id']}?include=metric_sets").json()["ticket"]
    assert shown["status"] == "new"
    assert shown["metric_set"]["replies"] == 0


def test_a_teams_own_policy_is_the_one_that_is_enforced(tmp_path: Path) -> None:
    policy = default_policy()
    strict = replace(policy.statuses[Status.NEW], moves=(Status.OPEN,))
    policy = replace(policy, statuses={**policy.statuses, Status.NEW: strict})
    with serve_desk_with_roles(tmp_path, policy=policy) as desk:
        agent = desk.client("bo")
        ticket = new_ticket(agent)
        said = _refusal(change_ticket(agent, ticket["id"], status="pending"), "status")
        assert said == "Status: new cannot become pending; allowed from here: open"
        assert change_ticket(agent, ticket["id"], status="open").status_code == 200
