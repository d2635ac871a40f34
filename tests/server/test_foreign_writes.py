"""Writes come as JSON, from this desk's own clients, and in one reading of their length."""

import socket

import httpx
import pytest

from support.desks.embedded_desk import DeskWithRoles, new_ticket

TICKET = b'{"ticket": {"subject": "s", "comment": {"body": "b"}}}'


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", None]
)
def test_a_write_that_is_not_json_is_refused(agent: httpx.Client, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    for method, path in (("POST", "/api/v2/tickets"), ("PUT", "/api/v2/tickets/1"), ("POST", "/api/v2/users")):
        sent = agent.request(method, path, content=TICKET, headers=headers)
        assert (sent.status_code, sent.json()["error"]) == (415, "UnsupportedMediaType"), path
    assert agent.get("/api/v2/tickets").json()["count"] == 0


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_a_write_that_is_json_is_taken(agent: httpx.Client, content_type: str) -> None:
    sent = agent.post("/api/v2/tickets", content=TICKET, headers={"Content-Type": content_type})
    assert sent.status_code == 201


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_write_from_another_sites_page_is_refused(desk: DeskWithRoles, header: dict[str, str]) -> None:
    agent = desk.client("bo")
    ticket = new_ticket(agent)["id"]
    user = {"user": {"name": "x"}}
    for sent in (
        agent.post("/api/v2/tickets", content=TICKET, headers={"Content-Type": "application/json", **header}),
        agent.post("/api/v2/uploads?filename=a", content=b"x", headers=header),
        agent.request("DELETE", f"/api/v2/tickets/{ticket}", headers=header),
        agent.put("/api/v2/users/1", json=user, headers=header),
    ):
        assert sent.status_code == 403
        assert "another site" in sent.text
    assert agent.get(f"/api/v2/tickets/{ticket}", headers=header).status_code == 200


def test_a_write_from_the_desks_own_page_is_taken(desk: DeskWithRoles) -> None:
    own = {"Origin": desk.address.replace("http:", "https:"), "Sec-Fetch-Site": "same-origin"}
    sent = desk.client("bo").post(
        "/api/v2/tickets", content=TICKET, headers={"Content-Type": "application/json", **own}
    )
    assert sent.status_code == 201


@pytest.mark.parametrize(
    ("version", "lengths"),
    [
        ("1.1", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"),
        ("1.1", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
        ("1.0", "Transfer-Encoding: chunked\r\n"),
        ("1.1", "Transfer-Encoding: chunked, identity\r\n"),
        ("1.1", "Content-Length: 4, 5\r\n"),
    ],
)
def test_a_length_with_two_readings_ends_the_connection(desk: DeskWithRoles, version: str, lengths: str) -> None:
    token = desk.people["bo"].token
    head = f"POST /api/v2/uploads?filename=a HTTP/{version}\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    hidden = f"GET /api/v2/users/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(desk.address.rpartition(":")[2])), timeout=20) as connection:
        connection.sendall((head + lengths + "\r\n0\r\n\r\n" + hidden).encode())
        connection.shutdown(socket.SHUT_WR)
        found = b""
        while part := connection.recv(65536):
            found += part
    assert found.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501"))
    assert found.count(b"X-Content-Type-Options: nosniff") + found.count(b"x-content-type-options: nosniff") == 1
