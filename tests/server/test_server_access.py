"""What tokens are worth, and what internal notes must never do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from support.desks.embedded_desk import DeskWithRoles, change_ticket, new_ticket, serve_desk_with_roles
from supporttui.server.database import write
from supporttui.server.people import authenticate, issue_token, load_tokens, revoke_tokens

SECRET = "the customer is wrong"


def test_health_needs_no_token(desk: DeskWithRoles) -> None:
    sent = desk.client("nobody").get("/supporttui/v1/health")
    assert (sent.status_code, sent.json()["status"]) == (200, "ok")
    assert desk.client("nobody").get("/supporttui/v1/health.json").status_code == 200


def test_a_token_works_for_its_own_address_only(desk: DeskWithRoles) -> None:
    mine, other = desk.people["bo"], desk.people["ada"]
    assert desk.client("nobody").get("/api/v2/users/me", auth=(f"{mine.email}/token", mine.token)).status_code == 200
    assert desk.client("nobody").get("/api/v2/users/me", auth=(f"{other.email}/token", mine.token)).status_code == 401
    assert desk.client("nobody").get("/api/v2/users/me", auth=(mine.email, mine.token)).status_code == 401


def test_tokens_are_kept_as_hashes_only(desk: DeskWithRoles, tmp_path: Path) -> None:
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("desk.db*"))
    for person in desk.people.values():
        assert person.token.encode() not in kept


def test_a_revoked_token_is_refused_at_once(desk: DeskWithRoles, agent: httpx.Client) -> None:
    assert agent.get("/api/v2/users/me").status_code == 200
    with desk.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE tokens SET revoked_at = 1")
    assert agent.get("/api/v2/users/me").status_code == 401


def test_a_stream_ends_where_its_token_is_revoked(desk: DeskWithRoles, admin: httpx.Client) -> None:
    with desk.client("bo").stream("GET", "/supporttui/v1/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": connected"
        with write(desk.engine) as connection:
            assert revoke_tokens(connection, email="bo@example.com", at=datetime.now(UTC)) == 1
        new_ticket(admin)
        assert not [line for line in lines if line.startswith("data:")]


def test_a_token_is_good_until_it_expires_and_can_be_revoked_alone(desk: DeskWithRoles) -> None:
    at, email = datetime(2026, 11, 1, tzinfo=UTC), "bo@example.com"
    with write(desk.engine) as connection:
        short = issue_token(connection, email=email, at=at, life=timedelta(days=1))
        second = issue_token(connection, email=email, at=at)
        assert authenticate(connection, short, email, at + timedelta(hours=23)) is not None
        assert authenticate(connection, short, email, at + timedelta(days=1)) is None
        numbers = [row["id"] for row in load_tokens(connection, email=email)]
        assert revoke_tokens(connection, email=email, at=at, number=numbers[-1]) == 1
        assert authenticate(connection, second, None, at) is None
        assert authenticate(connection, desk.people["bo"].token, None, at) is not None
        others = load_tokens(connection, email="ada@example.com")[0]["id"]
        assert revoke_tokens(connection, email=email, at=at, number=others) == 0
        assert revoke_tokens(connection, email=email, at=at) == 2
        assert revoke_tokens(connection, email=email, at=at) == 0


def test_end_users_see_public_comments_of_their_own_only(
    agent: httpx.Client, customer: httpx.Client, stranger: httpx.Client
) -> None:
    ticket = new_ticket(customer)
    change_ticket(agent, ticket["id"], comment={"body": SECRET, "public": False})
    path = f"/api/v2/requests/{ticket['id']}/comments"
    assert [each["public"] for each in customer.get(path).json()["comments"]] == [True]
    assert stranger.get(path).status_code == 404
    for listing in ("", "/open", "/solved", "/search?query=Printer"):
        assert stranger.get(f"/api/v2/requests{listing}").json()["requests"] == []
    assert len(agent.get(f"/api/v2/tickets/{ticket['id']}/comments").json()["comments"]) == 2


def test_a_ticket_of_notes_only_is_hidden_from_its_requester(
    desk: DeskWithRoles, agent: httpx.Client, customer: httpx.Client
) -> None:
    ticket = new_ticket(agent, requester_id=desk.people["cy"].id, comment={"body": SECRET, "public": False})
    assert customer.get(f"/api/v2/requests/{ticket['id']}").status_code == 404
    assert change_ticket(customer, ticket["id"], comment={"body": "hello"}).status_code == 404
    change_ticket(agent, ticket["id"], comment={"body": "We found something."})
    shown = customer.get(f"/api/v2/requests/{ticket['id']}")
    assert shown.status_code == 200
    assert SECRET not in shown.text


def test_a_request_has_what_a_requester_may_know_and_no_more(agent: httpx.Client, customer: httpx.Client) -> None:
    ticket = new_ticket(customer, priority="high")
    own = agent.get("/api/v2/users/me").json()["user"]["id"]
    change_ticket(agent, ticket["id"], assignee_id=own, tags=["vip"], external_id="DEV-1", type="problem", group_id=1)
    shown = customer.get(f"/api/v2/requests/{ticket['id']}.json").json()["request"]
    assert (shown["status"], shown["priority"], shown["assignee_id"], shown["group_id"]) == ("open", "high", None, None)
    assert {"tags", "external_id", "submitter_id", "followup_ids", "metric_set"}.isdisjoint(shown)


def test_requests_are_listed_by_status_and_found_by_public_words(agent: httpx.Client, customer: httpx.Client) -> None:
    first, second = (new_ticket(customer, name)["id"] for name in ("Printer", "Board"))
    change_ticket(agent, first, comment={"body": SECRET, "public": False})
    change_ticket(customer, second, solved=True)

    def ids(listing: str) -> list[int]:
        return [each["id"] for each in customer.get(f"/api/v2/requests{listing}").json()["requests"]]

    assert (ids("/open"), ids("/solved"), ids("?status=solved,new&sort=-id")) == ([first], [second], [second, first])
    assert (ids("/search?query=fire printer"), ids("/search?query=wrong"), ids("/search?query=customer")) == (
        [first],
        [],
        [],
    )
    assert (ids("/search?query=fire -status:solved"), ids("/search?query=status:solved")) == ([first], [second])
    for unknown in ("?status=burning", "?organization_id=1"):
        assert customer.get(f"/api/v2/requests{unknown}").status_code == 400


def test_the_authors_of_a_request_say_whether_they_are_agents(agent: httpx.Client, customer: httpx.Client) -> None:
    ticket = new_ticket(customer)
    change_ticket(agent, ticket["id"], comment={"body": "hello"})
    users = customer.get(f"/api/v2/requests/{ticket['id']}/comments").json()["users"]
    assert [(each["name"], each["agent"]) for each in users] == [("Bo", True), ("Cy", False)]


def test_an_attachment_of_a_note_stays_internal(agent: httpx.Client, customer: httpx.Client) -> None:
    ticket = new_ticket(customer)
    upload = agent.post("/api/v2/uploads?filename=heap.txt", content=b"secret").json()["upload"]
    change_ticket(agent, ticket["id"], comment={"body": "dump", "public": False, "uploads": [upload["token"]]})
    for address in (upload["attachment"]["url"], upload["attachment"]["content_url"]):
        assert agent.get(address).status_code == 200
        assert customer.get(address).status_code == 404


def test_other_peoples_addresses_are_hidden_from_end_users(agent: httpx.Client, customer: httpx.Client) -> None:
    ticket = new_ticket(customer)
    change_ticket(agent, ticket["id"], comment={"body": "hello"})
    sent = customer.get(f"/api/v2/requests/{ticket['id']}/comments").text
    assert "Bo" in sent
    assert "bo@example.com" not in sent


def test_one_person_beyond_the_limit_gets_429_and_others_do_not(tmp_path: Path) -> None:
    with serve_desk_with_roles(tmp_path, requests_per_minute=3) as desk:
        agent = desk.client("bo")
        left = [agent.get("/api/v2/users/me").headers["X-Rate-Limit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        sent = agent.get("/api/v2/users/me")
        assert sent.status_code == 429
        assert 1 <= int(sent.headers["Retry-After"]) <= 60
        assert desk.client("ada").get("/api/v2/users/me").status_code == 200
