"""What cannot be read, or must not be kept, gets a clean no."""

import base64
import json

import httpx
import pytest
from sqlalchemy import func, select, update

from support.desks.embedded_desk import DeskWithRoles, change_ticket, new_ticket
from supporttui.server.database import write
from supporttui.server.schema import audits

JSON = {"Content-Type": "application/json"}


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
        sent = agent.post("/api/v2/tickets.json", content=body, headers=JSON)
        assert sent.status_code == 400, body[:20]
        assert sent.json()["error"]
    assert agent.post("/api/v2/tickets.json", content=b" " * 1_100_000, headers=JSON).status_code == 413
    assert agent.patch("/api/v2/tickets.json").status_code == 405


@pytest.mark.parametrize("escape", [r"\ud800", r"\udc00x", r"\ud800\ud800"])
def test_a_lone_surrogate_is_refused(agent: httpx.Client, escape: str) -> None:
    body = '{"ticket": {"subject": "SUBJECT", "comment": {"body": "BODY"}}}'
    for place in ("SUBJECT", "BODY"):
        sent = agent.post("/api/v2/tickets", content=body.replace(place, escape).encode(), headers=JSON)
        assert sent.status_code == 400


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


def _nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize(
    "body",
    [
        '{"ticket": {"subject": "s", "metadata": DEEP}}'.replace("DEEP", _nested(989)),
        '{"ticket": {"subject": "s", "metadata": DEEP}}'.replace("DEEP", _nested(20)),
        '{"ticket": {"subject": "s"}, "more": DEEP}'.replace("DEEP", "[" * 500 + "]" * 500),
        '{"ticket": {"subject": "s", "tags": DEEP}}'.replace("DEEP", "[[]," * 30 + "1" + "]" * 30),
        '{"user": {"name": "n", "x": DEEP}}'.replace("DEEP", _nested(30)),
    ],
)
def test_a_body_that_is_nested_deep_is_refused(agent: httpx.Client, body: str) -> None:
    for method, path in (("POST", "tickets"), ("POST", "users"), ("PUT", "tickets/1"), ("POST", "requests")):
        sent = agent.request(method, f"/api/v2/{path}", content=body.encode(), headers=JSON)
        assert (sent.status_code, "deep" in sent.text) == (400, True), path


def test_brackets_within_text_and_beside_each_other_are_no_depth(agent: httpx.Client) -> None:
    text = r"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"{{{{{{{{{{{{{{{{{{{{{\\"
    metadata = json.dumps({str(number): [{}, []] for number in range(30)})
    body = '{"ticket": {"comment": {"body": "TEXT"}, "metadata": MORE}}'.replace("TEXT", text).replace("MORE", metadata)
    assert agent.post("/api/v2/tickets", content=body.encode(), headers=JSON).status_code == 201


def test_end_users_send_no_metadata_but_the_id_of_an_operation(customer: httpx.Client) -> None:
    fields = {"subject": "s", "comment": {"body": "b"}}
    own = "supporttui_operation"
    for metadata, status in (
        *(({"a": 1}, 403), ({own: {"a": 1}}, 403), ({own: "x" * 256}, 403), ({own: "x", "a": "b"}, 403)),
        *(({own: "x"}, 201), ({}, 201), (None, 201)),
    ):
        sent = customer.post("/api/v2/requests", json={"request": {**fields, "metadata": metadata}})
        assert sent.status_code == status, metadata
    number = sent.json()["request"]["id"]
    change = {"request": {"comment": {"body": "more"}, "metadata": {"a": 1}}}
    assert customer.put(f"/api/v2/requests/{number}", json=change).status_code == 403


def test_deep_metadata_that_is_stored_already_makes_no_ticket_unreadable(
    desk: DeskWithRoles, agent: httpx.Client
) -> None:
    ticket = new_ticket(agent)["id"]
    change_ticket(agent, ticket, comment={"body": "more"}, metadata={"kept": 1})
    with write(desk.engine) as connection:
        first = select(func.min(audits.c.id)).scalar_subquery()
        connection.execute(update(audits).where(audits.c.id == first).values(custom=_nested(989)))
    sent = agent.get(f"/api/v2/tickets/{ticket}/audits")
    assert [each["metadata"]["custom"] for each in sent.json()["audits"]] == [{}, {"kept": 1}]
    assert agent.get(f"/api/v2/tickets/{ticket}/audits/1").status_code == 200


@pytest.mark.parametrize(
    "plain",
    [
        "[" * 9000,
        r'["\ud800",1]',
        '["a"]',
        "[true]",
        "[1e400]",
        "[99999999999999999999]",
        "[null]",
        "{}",
        "\x00",
        "[-1.5]",
    ],
)
def test_a_malformed_cursor_is_refused(desk: DeskWithRoles, plain: str) -> None:
    admin = desk.client("ada")
    cursor = base64.urlsafe_b64encode(plain.encode()).decode()
    for path in ("tickets", "users", "requests", "users/search", "groups"):
        for sort in ("id", "-created_at", *(("name",) if path.startswith("users") else ())):
            for name in ("page[after]", "page[before]"):
                sent = admin.get(f"/api/v2/{path}", params={name: cursor, "sort": sort})
                assert sent.status_code == 400, (path, sort)
    assert admin.get("/api/v2/incremental/tickets/cursor", params={"cursor": cursor}).status_code == 400
    for text in ("ä", "=", "a", "%%%", "x" * 9000):
        assert admin.get("/api/v2/tickets", params={"page[after]": text}).status_code == 400, text
