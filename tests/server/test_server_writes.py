"""Writes that must not be lost, doubled, or applied to a ticket that has moved on."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from support.desks.embedded_desk import DeskWithRoles, change_ticket, new_ticket, serve_desk_with_roles
from supporttui.server.api_errors import RecordInvalid, UpdateConflict
from supporttui.server.database import read, write
from supporttui.server.people import load_actor
from supporttui.server.ticket_fields import UpdateFields
from supporttui.server.tickets import find_ticket, update_ticket


def _comments(agent: httpx.Client, ticket_id: int) -> int:
    return int(agent.get(f"/api/v2/tickets/{ticket_id}/comments").json()["count"])


def _safe(client: httpx.Client, ticket_id: int, stamp: str, body: str) -> httpx.Response:
    return change_ticket(client, ticket_id, comment={"body": body}, safe_update=True, updated_stamp=stamp)


def test_a_stale_stamp_is_refused_and_nothing_applied(agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    fresh = _safe(agent, ticket["id"], ticket["updated_at"], "first")
    assert fresh.status_code == 200
    stale = _safe(agent, ticket["id"], ticket["updated_at"], "second")
    assert stale.status_code == 409
    assert stale.json()["error"] == "UpdateConflict"
    assert "outdated ticket data" in stale.json()["description"]
    assert _comments(agent, ticket["id"]) == 2


def test_two_changes_within_one_second_have_different_stamps(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    at = datetime(2027, 1, 4, 15, 0, 0, 250_000, tzinfo=UTC)
    stamps = []
    for number in range(3):
        with write(desk.engine) as connection:
            fields = UpdateFields(subject=f"Printer {number}")
            update_ticket(connection, desk.people["bo"].id, ticket["id"], fields, at + timedelta(microseconds=number))
        stamps.append(agent.get(f"/api/v2/tickets/{ticket['id']}").json()["ticket"]["updated_at"])
    assert stamps == ["2027-01-04T15:00:00Z", "2027-01-04T15:00:01Z", "2027-01-04T15:00:02Z"]
    assert _safe(agent, ticket["id"], stamps[1], "stale").status_code == 409
    assert _safe(agent, ticket["id"], stamps[2], "fresh").status_code == 200


def test_stamps_are_compared_as_instants(agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    elsewhere = datetime.fromisoformat(ticket["updated_at"]).astimezone().isoformat()
    assert _safe(agent, ticket["id"], elsewhere, "from another zone").status_code == 200


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-13-45T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_a_stamp_that_is_no_instant_is_refused(agent: httpx.Client, stamp: str) -> None:
    ticket = new_ticket(agent)
    assert _safe(agent, ticket["id"], stamp, "hm").status_code == 422


def test_of_twenty_safe_updates_at_once_one_wins(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    found: list[int] = []

    def reply(number: int) -> None:
        found.append(_safe(agent, ticket["id"], ticket["updated_at"], f"reply {number}").status_code)

    _at_once(reply, 20)
    assert sorted(found) == [200] + [409] * 19
    assert _comments(agent, ticket["id"]) == 2


@pytest.mark.parametrize("path", ["/api/v2/tickets.json", "/api/v2/tickets"])
def test_a_key_creates_once(agent: httpx.Client, path: str) -> None:
    content = {"ticket": {"subject": "once", "comment": {"body": "only"}}}
    first, second = (agent.post(path, json=content, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, first.headers["X-Idempotency-Lookup"]) == (201, "miss")
    assert (second.status_code, second.headers["X-Idempotency-Lookup"]) == (201, "hit")
    assert second.content == first.content
    assert agent.get("/api/v2/tickets/count").json()["count"]["value"] == 1


def test_a_key_with_another_body_is_refused(agent: httpx.Client) -> None:
    headers = {"Idempotency-Key": "k1"}
    ticket = new_ticket(agent)
    path = f"/api/v2/tickets/{ticket['id']}"
    assert agent.put(path, json={"ticket": {"comment": {"body": "a"}}}, headers=headers).status_code == 200
    other = agent.put(path, json={"ticket": {"comment": {"body": "b"}}}, headers=headers)
    assert (other.status_code, other.json()["error"]) == (400, "IdempotentRequestError")
    assert _comments(agent, ticket["id"]) == 2


def test_a_key_belongs_to_one_person(agent: httpx.Client, admin: httpx.Client) -> None:
    content = {"ticket": {"subject": "once", "comment": {"body": "only"}}}
    for client in (agent, admin):
        sent = client.post("/api/v2/tickets", json=content, headers={"Idempotency-Key": "k1"})
        assert sent.headers["X-Idempotency-Lookup"] == "miss"


def test_a_refused_write_does_not_use_up_its_key(agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    path, headers = f"/api/v2/tickets/{ticket['id']}", {"Idempotency-Key": "k1"}
    content = {"ticket": {"comment": {"body": "late"}, "status": "open", "assignee_email": "new@example.com"}}
    assert agent.put(path, json=content, headers=headers).status_code == 422
    user = {"user": {"name": "New", "email": "new@example.com", "role": "agent"}}
    assert agent.post("/api/v2/users", json=user).status_code == 403
    assert agent.put(path, json=content, headers=headers).status_code == 422


def test_the_same_reply_sent_ten_times_at_once_stands_once(agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    found: list[str] = []

    def reply(_: int) -> None:
        content = {"ticket": {"comment": {"body": "hello"}}}
        sent = agent.put(f"/api/v2/tickets/{ticket['id']}", json=content, headers={"Idempotency-Key": "one"})
        found.append(sent.headers["X-Idempotency-Lookup"])

    _at_once(reply, 10)
    assert sorted(found) == ["hit"] * 9 + ["miss"]
    assert _comments(agent, ticket["id"]) == 2


def test_a_key_is_forgotten_after_a_day(tmp_path: Path) -> None:
    content = {"ticket": {"subject": "daily", "comment": {"body": "report"}}}
    headers = {"Idempotency-Key": "daily"}
    with serve_desk_with_roles(tmp_path) as desk:
        agent = desk.client("bo")
        agent.post("/api/v2/tickets", json=content, headers=headers)
        assert agent.post("/api/v2/tickets", json=content, headers=headers).headers["X-Idempotency-Lookup"] == "hit"
        with write(desk.engine) as connection:
            connection.exec_driver_sql("UPDATE idempotency SET created_at = created_at - 86401")
        assert agent.post("/api/v2/tickets", json=content, headers=headers).headers["X-Idempotency-Lookup"] == "miss"


def test_a_repeated_upload_is_stored_once(desk: DeskWithRoles, agent: httpx.Client, tmp_path: Path) -> None:
    first, second = (
        agent.post("/api/v2/uploads?filename=a.log", content=b"x" * 5000, headers={"Idempotency-Key": "u"})
        for _ in range(2)
    )
    assert first.json() == second.json()
    assert len(list((tmp_path / "uploads").iterdir())) == 1


def test_a_change_leaves_one_audit_with_its_events(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent, requester_id=desk.people["cy"].id)
    answer = change_ticket(
        agent,
        ticket["id"],
        comment={"body": "which version?"},
        status="pending",
        priority="urgent",
        tags=["outage"],
        assignee_id=desk.people["bo"].id,
        metadata={"operation": "abc"},
    )
    audits = agent.get(f"/api/v2/tickets/{ticket['id']}/audits").json()["audits"]
    assert len(audits) == 2
    assert answer.json()["audit"] == audits[1]
    assert audits[1]["metadata"]["custom"] == {"operation": "abc"}
    changes = {each["field_name"]: each for each in audits[1]["events"] if each["type"] == "Change"}
    assert (changes["status"]["previous_value"], changes["status"]["value"]) == ("new", "pending")
    assert (changes["priority"]["previous_value"], changes["priority"]["value"]) == (None, "urgent")
    assert changes["assignee_id"]["value"] == str(desk.people["bo"].id)
    assert changes["tags"]["value"] == ["outage"]
    comments = agent.get(f"/api/v2/tickets/{ticket['id']}/comments").json()["comments"]
    assert [each["id"] for each in audits[1]["events"] if each["type"] == "Comment"] == [comments[1]["id"]]


def test_a_failed_change_leaves_nothing_behind(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    for fields in (
        {"comment": {"body": "x", "uploads": ["nothing"]}},
        {"comment": {"body": "x"}, "priority": "dire"},
        {"comment": {"body": "x"}, "group_id": 99},
        {"comment": {"body": "x"}, "requester_id": 99},
        {"comment": {"body": "x", "author_id": 99}},
        {"comment": {"body": "x"}, "metadata": {"a": "b" * 20_000}},
        {"comment": {"body": "x" * 65_536}},
        {"comment": {"body": "x"}, "subject": " "},
        {"comment": {"body": "x"}, "subject": "s" * 501},
    ):
        assert change_ticket(agent, ticket["id"], **fields).status_code == 422, fields
    with read(desk.engine) as connection:
        for table in ("audits", "comments", "events"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 1


def test_the_functions_refuse_like_the_routes(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    now, bo = datetime.now(UTC), desk.people["bo"].id
    with pytest.raises(UpdateConflict), write(desk.engine) as connection:
        update_ticket(connection, bo, ticket["id"], UpdateFields(subject="x", based_on=now - timedelta(days=1)), now)
    with pytest.raises(RecordInvalid), write(desk.engine) as connection:
        update_ticket(connection, bo, ticket["id"], UpdateFields(status="closed"), now)
    with read(desk.engine) as connection:
        assert find_ticket(connection, load_actor(connection, bo), ticket["id"])["subject"] == "Printer"


def test_many_writers_lose_nothing(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent)
    found: list[int] = []

    def reply(number: int) -> None:
        found.append(change_ticket(agent, ticket["id"], comment={"body": f"reply {number}"}).status_code)

    _at_once(reply, 40)
    assert found == [200] * 40
    assert _comments(agent, ticket["id"]) == 41
    with read(desk.engine) as connection:
        stamps = connection.exec_driver_sql("SELECT count(*), count(DISTINCT id) FROM events").one()
    assert tuple(stamps) == (41, 41)


def _at_once(act: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=act, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
