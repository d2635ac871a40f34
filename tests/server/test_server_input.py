"""What cannot be read, or must not be kept, gets a clean no."""

import json

import httpx
import pytest

from support.desks.embedded_desk import new_ticket


def test_odd_paths_and_bodies_get_a_clean_no(agent: httpx.Client) -> None:
    for path in (
        "/api/v2/tickets/0",
        f"/api/v2/tickets/{2**70}",
        "/api/v2/tickets/-1",
        "/api/v2/users/0",
        "/api/v2/groups/-99999999999999999999",
        f"/api/v2/groups/{'9' * 5000}",
        "/x",
        "/",
    ):
        assert agent.get(path).status_code == 404, path
    for body in (b"", b"{", b"[]", b'{"ticket": 3}', b'{"ticket": {"subject": 3}}', b"\xff", b"[" * 100_000):
        sent = agent.post("/api/v2/tickets.json", content=body)
        assert sent.status_code == 400, body[:20]
        assert sent.json()["error"]
    assert agent.post("/api/v2/tickets.json", content=b" " * 1_100_000).status_code == 413
    assert agent.patch("/api/v2/tickets.json").status_code == 405


@pytest.mark.parametrize("escape", [r"\ud800", r"\udc00x", r"\ud800\ud800"])
def test_a_lone_surrogate_is_refused(agent: httpx.Client, escape: str) -> None:
    body = '{"ticket": {"subject": "SUBJECT", "comment": {"body": "BODY"}}}'
    for place in ("SUBJECT", "BODY"):
        assert agent.post("/api/v2/tickets", content=body.replace(place, escape).encode()).status_code == 400


def test_a_nul_is_refused_wherever_it_stands(agent: httpx.Client) -> None:
    good = {"subject": "s", "comment": {"body": "b"}, "tags": ["t"], "metadata": {"k": ["v"]}}
    for field, value in (
        ("subject", "a\0"),
        ("comment", {"body": "\0"}),
        ("tags", ["\0"]),
        ("metadata", {"k": ["\0"]}),
        ("metadata", {"\0": 1}),
    ):
        sent = agent.post("/api/v2/tickets", json={"ticket": good | {field: value}})
        assert sent.status_code == 422, field
    literal = agent.post("/api/v2/tickets", json={"ticket": good | {"subject": r"a literal \u0000"}})
    assert literal.json()["ticket"]["subject"] == r"a literal \u0000"


def test_hostile_text_comes_back_as_it_was_sent(agent: httpx.Client) -> None:
    subject, body = "\x1b]0;owned\x07 [/markup] \u202e", "<script>alert(1)</script>\x9b31m \U0001f525"
    ticket = new_ticket(agent, subject, comment={"body": body})
    assert ticket["subject"] == subject
    comment = agent.get(f"/api/v2/tickets/{ticket['id']}/comments").json()["comments"][0]
    assert comment["body"] == body
    assert "<script>" not in comment["html_body"]
    assert json.dumps(ticket)


@pytest.mark.parametrize("host", ["[", "a b", "a:b:c", "x/y", "x:99999999", "evil@x"])
def test_an_odd_host_header_is_a_400(agent: httpx.Client, host: str) -> None:
    assert agent.get("/api/v2/users/me", headers={"Host": host}).status_code == 400
