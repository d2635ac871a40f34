"""Every route of the desk by every role. A new route fails here until the table says who may use it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest

from support.desks.embedded_desk import DeskWithRoles, change_ticket, new_ticket, serve_desk_with_roles
from supporttui.server.api.app import build_routes
from supporttui.server.database import write
from supporttui.server.desk import Desk
from supporttui.server.people import issue_token, load_tokens, revoke_tokens

Row = tuple[str, str, Any, tuple[int, int, int, int]]

AGENTS_ALONE: Final = (
    "the customer is wrong",
    "secret_tag",
    "dump.txt",
    "SECRET-7",
    "ada@example.com",
    "bo@example.com",
    '"assignee_stations":0',
    "what agents know",
)
"""What no end user may read: a note, a tag, a note's attachment, an external id, agents' addresses, figures."""

REQUESTERS_ALONE: Final = ("what cy wrote", "cy@example.com", "cy.log")
"""What beside the agents only the ticket's requester may read."""

HIDDEN: Final = {"cy": AGENTS_ALONE, "dee": (*AGENTS_ALONE, *REQUESTERS_ALONE)}

WITHOUT_TOKEN: Final = ("GET", "/supporttui/v1/health")

# Method, path, body, then the status for an admin, an agent, the ticket's requester and another end user.
TABLE: Final[list[Row]] = [
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
    ("GET", "/api/v2/organizations", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/organizations/show_many?ids=1", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/organizations/1", None, (404, 404, 403, 403)),
    ("POST", "/api/v2/organizations", {"organization": {"name": " "}}, (422, 422, 403, 403)),
    ("GET", "/api/v2/groups/assignable", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/groups/1/memberships", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/ticket_fields", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/ticket_fields/{field}", None, (200, 200, 403, 403)),
    ("POST", "/api/v2/ticket_fields", {"ticket_field": {"title": "F", "type": "text"}}, (201, 403, 403, 403)),
    ("GET", "/api/v2/macros", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/macros/active", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/macros/{macro}", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets/{ticket}/macros/{macro}/apply", None, (200, 200, 403, 403)),
    (
        "POST",
        "/api/v2/macros",
        {"macro": {"title": "M", "actions": [{"field": "status", "value": "solved"}]}},
        (201, 201, 403, 403),
    ),
    ("GET", "/api/v2/tickets", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets?include=users,metric_sets&page[size]=100", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets/{ticket}?include=users,metric_sets", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets/{ticket}/comments?include=users", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets/count", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets/show_many?ids={ticket}", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets/{ticket}", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets/{ticket}/metrics", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets/{ticket}/incidents", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets/{ticket}/comments", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets/{ticket}/audits", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/tickets/{ticket}/audits/{audit}", None, (200, 200, 403, 403)),
    ("POST", "/api/v2/tickets", {"ticket": {"subject": "a", "comment": {"body": "b"}}}, (201, 201, 403, 403)),
    ("POST", "/api/v2/tickets", {"ticket": {"comment": {"body": "b"}, "requester_id": 3}}, (201, 201, 403, 403)),
    ("POST", "/api/v2/tickets", {"ticket": {"comment": {"body": "b"}, "assignee_id": 2}}, (201, 201, 403, 403)),
    ("POST", "/api/v2/requests", {"request": {"comment": {"body": "b"}, "tags": ["x"]}}, (403, 403, 403, 403)),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"comment": {"body": "b"}}}, (200, 200, 403, 403)),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"priority": "low"}}, (200, 200, 403, 403)),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"tags": ["x"]}}, (200, 200, 403, 403)),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"assignee_id": 2}}, (200, 200, 403, 403)),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"status": "pending"}}, (200, 200, 403, 403)),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"status": "solved"}}, (200, 200, 403, 403)),
    (
        "PUT",
        "/api/v2/tickets/{ticket}",
        {"ticket": {"comment": {"body": "b", "public": False}}},
        (200, 200, 403, 403),
    ),
    ("PUT", "/api/v2/tickets/{ticket}", {"ticket": {"comment": {"body": "b", "author_id": 3}}}, (200, 200, 403, 403)),
    ("POST", "/api/v2/tickets/{target}/merge", {"ids": [0]}, (400, 400, 403, 403)),
    ("DELETE", "/api/v2/tickets/{ticket}", None, (204, 204, 403, 403)),
    ("GET", "/api/v2/requests", None, (200, 200, 200, 200)),
    ("GET", "/api/v2/requests?status=new,open&sort_by=updated_at&page[size]=100", None, (200, 200, 200, 200)),
    ("GET", "/api/v2/requests/open", None, (200, 200, 200, 200)),
    ("GET", "/api/v2/requests/solved", None, (200, 200, 200, 200)),
    ("GET", "/api/v2/requests/search?query=cy", None, (200, 200, 200, 200)),
    ("GET", "/api/v2/requests/search?query=wrong", None, (200, 200, 200, 200)),
    ("GET", "/api/v2/requests/search?query=tags:secret_tag", None, (422, 422, 422, 422)),
    ("GET", "/api/v2/requests/{ticket}", None, (404, 404, 200, 404)),
    ("GET", "/api/v2/requests/{ticket}/comments", None, (404, 404, 200, 404)),
    ("GET", "/api/v2/requests/{ticket}/comments/{comment}", None, (404, 404, 200, 404)),
    ("POST", "/api/v2/requests", {"request": {"subject": "a", "comment": {"body": "b"}}}, (201, 201, 201, 201)),
    ("PUT", "/api/v2/requests/{ticket}", {"request": {"comment": {"body": "b"}}}, (404, 404, 200, 404)),
    ("PUT", "/api/v2/requests/{ticket}", {"request": {"solved": True}}, (404, 404, 200, 404)),
    (
        "PUT",
        "/api/v2/requests/{ticket}",
        {"request": {"comment": {"body": "b", "public": False}}},
        (404, 404, 403, 404),
    ),
    ("PUT", "/api/v2/requests/{ticket}", {"request": {"priority": "low"}}, (404, 404, 422, 404)),
    ("PUT", "/api/v2/requests/{ticket}", {"request": {"assignee_id": 2}}, (404, 404, 422, 404)),
    ("PUT", "/api/v2/requests/{ticket}", {"request": {"additional_tags": ["x"]}}, (422, 422, 422, 422)),
    ("POST", "/api/v2/uploads?filename=a.txt", None, (201, 201, 201, 201)),
    ("GET", "/api/v2/attachments/{attachment}", None, (200, 200, 200, 404)),
    ("GET", "/attachments/token/{key}", None, (200, 200, 200, 404)),
    ("GET", "/api/v2/incremental/tickets/cursor?start_time=0", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/search?query=fire", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/views", None, (200, 200, 403, 403)),
    ("GET", "/api/v2/views/1/tickets", None, (200, 200, 403, 403)),
    ("GET", "/supporttui/v1/events", None, (200, 200, 200, 200)),
    ("GET", "/supporttui/v1/openapi", None, (200, 200, 200, 200)),
    ("GET", "/supporttui/v1/desk", None, (200, 200, 200, 200)),
    ("GET", "/api/v2/nothing", None, (404, 404, 404, 404)),
]
ROLES: Final = ("ada", "bo", "cy", "dee")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskWithRoles]:
    with serve_desk_with_roles(tmp_path_factory.mktemp("matrix")) as found:
        yield found


@pytest.fixture(scope="module")
def refused(shared: DeskWithRoles) -> dict[str, dict[str, str]]:
    """Headers that prove nothing: none, nonsense, and agents' tokens that were good once."""
    at, email = datetime.now(UTC), "bo@example.com"
    with write(shared.engine) as connection:
        expired = issue_token(connection, email=email, at=at - timedelta(days=2), life=timedelta(days=1))
        revoked = issue_token(connection, email=email, at=at)
        number = load_tokens(connection, email=email)[-1]["id"]
        assert revoke_tokens(connection, email=email, at=at, number=number) == 1
    proofs = {
        "wrong": "Bearer wrong",
        "odd": "Basic !!",
        "other": "x",
        "expired": f"Bearer {expired}",
        "revoked": f"Bearer {revoked}",
    }
    return {"none": {}, **{name: {"Authorization": proof} for name, proof in proofs.items()}}


@pytest.fixture
def places(shared: DeskWithRoles) -> dict[str, object]:
    """A fresh ticket of cy's, with an attachment and what is the agents' alone, and how paths name them."""
    customer, agent = shared.client("cy"), shared.client("bo")
    ticket = new_ticket(
        customer, comment={"body": REQUESTERS_ALONE[0], "uploads": [_upload(customer, REQUESTERS_ALONE[2])]}
    )
    note = {"body": AGENTS_ALONE[0], "public": False, "uploads": [_upload(agent, AGENTS_ALONE[2])]}
    changed = change_ticket(agent, ticket["id"], comment=note, tags=[AGENTS_ALONE[1]], external_id=AGENTS_ALONE[3])
    assert changed.status_code == 200
    assert change_ticket(agent, ticket["id"], comment={"body": "We look."}, assignee_id=2).status_code == 200
    asked = {"ticket_field": {"title": "Cause", "type": "text"}}
    field = shared.client("ada").post("/api/v2/ticket_fields", json=asked).json()["ticket_field"]["id"]
    made = {"macro": {"title": "M", "actions": [{"field": "status", "value": "solved"}]}}
    macro = agent.post("/api/v2/macros", json=made).json()["macro"]["id"]
    kept = change_ticket(agent, ticket["id"], custom_fields=[{"id": field, "value": AGENTS_ALONE[-1]}])
    assert kept.status_code == 200
    comment = customer.get(f"/api/v2/requests/{ticket['id']}/comments").json()["comments"][0]
    attachment = comment["attachments"][0]
    return {
        "ticket": ticket["id"],
        "field": field,
        "target": new_ticket(customer)["id"],
        "macro": macro,
        "comment": comment["id"],
        "audit": comment["audit_id"],
        "attachment": attachment["id"],
        "key": attachment["content_url"].rpartition("/")[2],
        **{name: person.id for name, person in shared.people.items()},
    }


def _upload(client: httpx.Client, name: str) -> str:
    return str(client.post("/api/v2/uploads.json", params={"filename": name}, content=b"log").json()["upload"]["token"])


def _answer(client: httpx.Client, method: str, address: str, body: object) -> tuple[httpx.Response, str]:
    """The answer; of one without an end the first line."""
    content: dict[str, Any] = {"json": body} if body is not None else {}
    with client.stream(method, address, **content) as sent:
        if sent.headers.get("Content-Type", "").startswith("text/event-stream"):
            return sent, next(sent.iter_lines())
        sent.read()
        return sent, sent.text


@pytest.mark.parametrize(("method", "path", "body", "expected"), TABLE)
def test_each_role_gets_what_it_may_have(
    shared: DeskWithRoles, places: dict[str, object], method: str, path: str, body: object, expected: tuple[int, ...]
) -> None:
    address = path.format(**places)
    found: list[int] = []
    for name in reversed(ROLES):
        sent, text = _answer(shared.client(name), method, address, body)
        found.insert(0, sent.status_code)
        assert [hidden for hidden in HIDDEN.get(name, ()) if hidden in text] == []
        assert sent.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in sent.headers["Content-Security-Policy"]
        kind = sent.headers.get("Content-Type", "")
        assert kind.startswith(("application/json", "application/octet-stream", "text/event-stream")) or not text
        if method == "DELETE" and sent.status_code == 204:
            places = {**places, "ticket": new_ticket(shared.client("cy"))["id"]}
            address = path.format(**places)
        if body == {"user": {"name": "X", "email": "x@e.com", "role": "agent"}}:
            body = {"user": {"name": "X", "email": f"x{len(found)}@e.com", "role": "agent"}}
        if body == {"ticket": {"status": "solved"}}:
            change_ticket(shared.client("bo"), int(str(places["ticket"])), status="open")
    assert tuple(found) == expected


@pytest.mark.parametrize(("method", "path", "body", "expected"), TABLE)
def test_no_route_answers_without_a_valid_token(
    shared: DeskWithRoles,
    refused: dict[str, dict[str, str]],
    places: dict[str, object],
    method: str,
    path: str,
    body: object,
    expected: tuple[int, ...],
) -> None:
    for role, headers in refused.items():
        for each in (method, "OPTIONS"):
            sent = shared.client("nobody").request(each, path.format(**places), headers=headers)
            assert (role, sent.status_code) == (role, 401)
            assert sent.json() == {"error": "Couldn't authenticate you"}


def test_the_table_has_a_row_for_every_route_of_the_app(shared: DeskWithRoles, tmp_path: Any) -> None:
    app = build_routes(Desk(engine=shared.engine, uploads=tmp_path))
    routes = {(method, _shape(path)) for path, methods in _routes(app) for method in methods}
    listed = {(method, _shape(path)) for method, path, _, expected in TABLE if set(expected) != {404}}
    assert routes - {WITHOUT_TOKEN} == listed
    assert len(routes) > 30


def _routes(app: Any) -> list[tuple[str, set[str]]]:
    """The paths of the application as it is served, and the methods that they take."""
    return [(route.path, set(route.app.routes)) for route in app.routes]


def _shape(path: str) -> str:
    parts = path.partition("?")[0].split("/")
    return "/".join("*" if part.startswith("{") or part.isdigit() else part for part in parts)
