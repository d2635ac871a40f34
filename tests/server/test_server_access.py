"""Who may do what: every route by every role, and what internal notes must never do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from running_desk import RunningDesk, change, new_ticket, running_desk
from supporttui.server.app import ROUTES

SECRET = "the customer is wrong"

# method, path, body, then the status for admin, agent, the requester and another end user
MATRIX = [
    ("GET", "/api/v2/users/me", None, (200, 200, 200, 200)),
    ("GET", "/api/v2/users", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/users?role[]=agent&role[]=admin", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/users/search?query=bo", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/users/show_many?ids={cy}", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/users/{cy}", None, (200, 200, 200, 403)),
    ("PUT", "/api/v2/users/{cy}", {"user": {"name": "Cy"}}, (200, 200, 403, 403)),
    ("PUT", "/api/v2/users/{cy}", {"user": {"role": "end-user"}}, (200, 200, 403, 403)),
    ("PUT", "/api/v2/users/{bo}", {"user": {"name": "Bo"}}, (200, 403, 403, 403)),
    ("POST", "/api/v2/users", {"user": {"name": "X", "email": "x@e.com", "role": "agent"}}, (201, 403, 403, 403)),
    (
        "POST",
        "/api/v2/users/create_or_update",
        {"user": {"name": "C", "email": "cy@example.com"}},
        (200, 200, 403, 403),
    ),
    ("GET", "/api/v2/groups", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/groups/1", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets", None, (200, 200, 200, 200)),
    ("GET", "/api/v2/tickets/count", None, (200, 200, 200, 200)),
    ("GET", "/api/v2/tickets/show_many?ids={ticket}", None, (200, 200, 200, 200)),
    ("GET", "/api/v2/tickets/{ticket}", None, (200, 200, 200, 404)),
    ("GET", "/api/v2/tickets/{ticket}/metrics", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets/{ticket}/comments", None, (200, 200, 200, 404)),
    ("GET", "/api/v2/tickets/{ticket}/audits", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets/{ticket}/audits/{audit}", None, (200, 200, 403, 403)),
    ("POST", "/api/v2/tickets", {"ticket": {"subject": "a", "comment": {"body": "b"}}}, (201, 201, 201, 201)),
    ("POST", "/api/v2/tickets", {"ticket": {"comment": {"body": "b"}, "requester_id": 3}}, (201, 201, 201, 403)),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"comment": {"body": "b"}}}, (200, 200, 200, 404)),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"priority": "low"}}, (200, 200, 403, 404)),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"tags": ["x"]}}, (200, 200, 403, 404)),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"assignee_id": 2}}, (200, 200, 403, 404)),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"status": "pending"}}, (200, 200, 403, 404)),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"status": "solved"}}, (200, 200, 200, 404)),
    (
        "PUT",
        "/api/v2/tickets/{ticket}",
        {"ticket": {"comment": {"body": "b", "public": False}}},
        (200, 200, 403, 404),
    ),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"comment": {"body": "b", "author_id": 3}}}, (200, 200, 200, 404)),
    ("DELETE", "/api/v2/tickets/{ticket}", None, (204, 204, 403, 403)),
    ("GET", "/api/v2/requests", None, (200, 200, 200, 200)),
    ("GET", "/api/v2/requests/{ticket}", None, (404, 404, 200, 404)),
    ("GET", "/api/v2/requests/{ticket}/comments", None, (404, 404, 200, 404)),
    ("GET", "/api/v2/requests/{ticket}/comments/{comment}", None, (404, 404, 200, 404)),
    ("POST", "/api/v2/requests", {"request": {"subject": "a", "comment": {"body": "b"}}}, (201, 201, 201, 201)),
    ("PUT", "/api/v2/requests/{ticket}", {"request": {"comment": {"body": "b"}}}, (404, 404, 200, 404)),
    ("POST", "/api/v2/uploads?filename=a.txt", None, (201, 201, 201, 201)),
    ("GET", "/api/v2/attachments/{attachment}", None, (200, 200, 200, 404)),
    ("GET", "/attachments/token/{key}", None, (200, 200, 200, 404)),
    ("GET", "/api/v2/incremental/tickets/cursor?start_time=0", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/search?query=fire", None, (200, 200, 403, 403)),
    ("GET", "/supporttui/v1/desk", None, (200, 200, 200, 200)),
    ("GET", "/api/v2/nothing", None, (404, 404, 404, 404)),
]
ROLES = ("ada", "bo", "cy", "dee")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running_desk(tmp_path_factory.mktemp("matrix")) as found:
        yield found


@pytest.fixture
def places(shared: RunningDesk) -> dict[str, object]:
    """A fresh ticket of cy's with an attachment and an internal note, and how paths name them."""
    customer, agent = shared.client("cy"), shared.client("bo")
    token = customer.post("/api/v2/uploads.json?filename=log.txt", content=b"log").json()["upload"]["token"]
    ticket = new_ticket(customer, comment={"body": "on fire", "uploads": [token]})
    change(agent, ticket["id"], comment={"body": SECRET, "public": False}, tags=["secret_tag"])
    comment = customer.get(f"/api/v2/tickets/{ticket['id']}/comments").json()["comments"][0]
    attachment = comment["attachments"][0]
    return {
        "ticket": ticket["id"],
        "comment": comment["id"],
        "audit": comment["audit_id"],
        "attachment": attachment["id"],
        "key": attachment["content_url"].rpartition("/")[2],
        **{name: person.id for name, person in shared.people.items()},
    }


@pytest.mark.parametrize(("method", "path", "body", "expected"), MATRIX)
def test_each_role_gets_what_it_may_have(
    shared: RunningDesk, places: dict[str, object], method: str, path: str, body: object, expected: tuple[int, ...]
) -> None:
    address = path.format(**places)
    found: list[int] = []
    for name in reversed(ROLES):
        content: dict[str, Any] = {"json": body} if body is not None else {}
        sent = shared.client(name).request(method, address, **content)
        found.insert(0, sent.status_code)
        if name in ("cy", "dee"):
            assert SECRET not in sent.text
            assert "secret_tag" not in sent.text
        if method == "DELETE" and sent.status_code == 204:
            places = {**places, "ticket": new_ticket(shared.client("cy"))["id"]}
            address = path.format(**places)
        if body == {"user": {"name": "X", "email": "x@e.com", "role": "agent"}}:
            body = {"user": {"name": "X", "email": f"x{len(found)}@e.com", "role": "agent"}}
        if body == {"ticket": {"status": "solved"}}:
            change(shared.client("bo"), int(str(places["ticket"])), status="open")
    assert tuple(found) == expected


@pytest.mark.parametrize(("method", "path", "body", "expected"), MATRIX)
def test_nobody_gets_anything_without_a_token(
    shared: RunningDesk, method: str, path: str, body: object, expected: tuple[int, ...]
) -> None:
    address = path.replace("{", "").replace("}", "")
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic !!"}, {"Authorization": "x"}):
        sent = shared.client("nobody").request(method, address, headers=headers)
        assert sent.status_code == 401
        assert sent.json() == {"error": "Couldn't authenticate you"}


def test_the_matrix_names_every_route() -> None:
    """All but health, which needs no token, and the stream, which has tests of its own."""
    known = {(method, _shape(path)) for method, path, _, _ in MATRIX}
    known |= {("GET", "/supporttui/v1/health"), ("GET", "/supporttui/v1/events")}
    routes = {(str(method), _shape(path)) for route in ROUTES for method in route.http_methods for path in route.paths}
    assert routes <= known


def _shape(path: str) -> str:
    parts = path.partition("?")[0].split("/")
    return "/".join("*" if part.startswith("{") or part.isdigit() else part for part in parts)


def test_health_needs_no_token(desk: RunningDesk) -> None:
    sent = desk.client("nobody").get("/supporttui/v1/health")
    assert (sent.status_code, sent.json()["status"]) == (200, "ok")
    assert desk.client("nobody").get("/supporttui/v1/health.json").status_code == 200


def test_a_token_works_for_its_own_address_only(desk: RunningDesk) -> None:
    mine, other = desk.people["bo"], desk.people["ada"]
    assert desk.client("nobody").get("/api/v2/users/me", auth=(f"{mine.email}/token", mine.token)).status_code == 200
    assert desk.client("nobody").get("/api/v2/users/me", auth=(f"{other.email}/token", mine.token)).status_code == 401
    assert desk.client("nobody").get("/api/v2/users/me", auth=(mine.email, mine.token)).status_code == 401


def test_tokens_are_kept_as_hashes_only(desk: RunningDesk, tmp_path: Path) -> None:
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("desk.db*"))
    for person in desk.people.values():
        assert person.token.encode() not in kept


def test_a_revoked_token_is_refused_at_once(desk: RunningDesk, agent: httpx.Client) -> None:
    assert agent.get("/api/v2/users/me").status_code == 200
    with desk.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE tokens SET revoked_at = 1")
    assert agent.get("/api/v2/users/me").status_code == 401


def test_end_users_see_public_comments_of_their_own_only(
    agent: httpx.Client, customer: httpx.Client, stranger: httpx.Client
) -> None:
    ticket = new_ticket(customer)
    change(agent, ticket["id"], comment={"body": SECRET, "public": False})
    for path in (f"/api/v2/tickets/{ticket['id']}/comments", f"/api/v2/requests/{ticket['id']}/comments"):
        assert [each["public"] for each in customer.get(path).json()["comments"]] == [True]
        assert stranger.get(path).status_code == 404
    assert stranger.get("/api/v2/tickets").json()["tickets"] == []
    assert len(agent.get(f"/api/v2/tickets/{ticket['id']}/comments").json()["comments"]) == 2


def test_a_ticket_of_notes_only_is_hidden_from_its_requester(
    desk: RunningDesk, agent: httpx.Client, customer: httpx.Client
) -> None:
    ticket = new_ticket(agent, requester_id=desk.people["cy"].id, comment={"body": SECRET, "public": False})
    assert customer.get(f"/api/v2/tickets/{ticket['id']}").status_code == 404
    assert change(customer, ticket["id"], comment={"body": "hello"}).status_code == 404
    change(agent, ticket["id"], comment={"body": "We found something."})
    shown = customer.get(f"/api/v2/tickets/{ticket['id']}")
    assert shown.status_code == 200
    assert SECRET not in shown.text


def test_an_attachment_of_a_note_stays_internal(agent: httpx.Client, customer: httpx.Client) -> None:
    ticket = new_ticket(customer)
    upload = agent.post("/api/v2/uploads?filename=heap.txt", content=b"secret").json()["upload"]
    change(agent, ticket["id"], comment={"body": "dump", "public": False, "uploads": [upload["token"]]})
    for address in (upload["attachment"]["url"], upload["attachment"]["content_url"]):
        assert agent.get(address).status_code == 200
        assert customer.get(address).status_code == 404


def test_other_peoples_addresses_are_hidden_from_end_users(agent: httpx.Client, customer: httpx.Client) -> None:
    ticket = new_ticket(customer)
    change(agent, ticket["id"], comment={"body": "hello"})
    sent = customer.get(f"/api/v2/requests/{ticket['id']}/comments").text
    assert "Bo" in sent
    assert "bo@example.com" not in sent


def test_one_person_beyond_the_limit_gets_429_and_others_do_not(tmp_path: Path) -> None:
    with running_desk(tmp_path, requests_per_minute=3) as desk:
        agent = desk.client("bo")
        left = [agent.get("/api/v2/users/me").headers["X-Rate-Limit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        sent = agent.get("/api/v2/users/me")
        assert sent.status_code == 429
        assert 1 <= int(sent.headers["Retry-After"]) <= 60
        assert desk.client("ada").get("/api/v2/users/me").status_code == 200
