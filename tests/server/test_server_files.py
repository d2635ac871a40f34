"""Uploads and attachments: whole, private, and never shown by a browser."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.clock.waiting import wait_until
from support.desks.embedded_desk import DeskWithRoles, change_ticket, new_ticket

LOG = os.urandom(300_000)


def _upload(client: httpx.Client, file_name: str = "crash.log", content: bytes = LOG, **more: Any) -> dict[str, Any]:
    sent = client.post("/api/v2/uploads.json", params={"filename": file_name, **more}, content=content)
    assert sent.status_code == 201, sent.text
    return dict(sent.json()["upload"])


def test_an_attachment_comes_back_as_it_was_sent(customer: httpx.Client, agent: httpx.Client, tmp_path: Path) -> None:
    token = _upload(customer)["token"]
    token = _upload(customer, "picture.png", b"png", token=str(token))["token"]
    ticket = new_ticket(customer, comment={"body": "see the log", "uploads": [token]})
    comment = agent.get(f"/api/v2/tickets/{ticket['id']}/comments").json()["comments"][0]
    assert [each["file_name"] for each in comment["attachments"]] == ["crash.log", "picture.png"]
    assert comment["attachments"][0]["size"] == len(LOG)
    sent = agent.get(comment["attachments"][0]["content_url"])
    assert sent.content == LOG
    kept = list((tmp_path / "uploads").iterdir())
    assert len(kept) == 2
    assert {stat.S_IMODE(each.stat().st_mode) for each in kept} == {0o600}
    assert stat.S_IMODE((tmp_path / "uploads").stat().st_mode) == 0o700


def test_html_is_a_download_like_everything_else(agent: httpx.Client) -> None:
    sent = agent.post(
        "/api/v2/uploads?filename=x.html", content=b"<script>1</script>", headers={"Content-Type": "text/html"}
    )
    got = agent.get(sent.json()["upload"]["attachment"]["content_url"])
    assert got.headers["Content-Type"].startswith("application/octet-stream")
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "file_name",
    [
        "../../etc/passwd",
        "/etc/shadow",
        "..",
        ".",
        "a\r\nSet-Cookie: x=1",
        'a"; x="b',
        "\u202egpj.exe",
        "日本語.txt",
        "x" * 5000,
    ],
)
def test_a_file_name_never_becomes_a_path_or_a_header(agent: httpx.Client, tmp_path: Path, file_name: str) -> None:
    before = {path for path in tmp_path.rglob("*") if "uploads" not in path.parts}
    upload = _upload(agent, file_name, b"content")
    got = agent.get(str(upload["attachment"]["content_url"]))
    assert got.content == b"content"
    assert "set-cookie" not in got.headers
    shown = got.headers["Content-Disposition"]
    assert "/" not in shown.partition("''")[2]
    assert {path for path in tmp_path.rglob("*") if "uploads" not in path.parts} == before
    assert [len(path.name) for path in (tmp_path / "uploads").iterdir()] == [32]


def test_a_token_is_its_owners_and_works_once(agent: httpx.Client, customer: httpx.Client) -> None:
    token = _upload(agent)["token"]
    ticket = new_ticket(customer)
    assert change_ticket(customer, ticket["id"], comment={"body": "mine?", "uploads": [token]}).status_code == 422
    assert customer.post("/api/v2/uploads", params={"filename": "a", "token": token}).status_code == 422
    assert change_ticket(agent, ticket["id"], comment={"body": "here", "uploads": [token]}).status_code == 200
    assert change_ticket(agent, ticket["id"], comment={"body": "again", "uploads": [token]}).status_code == 422


def test_what_is_too_large_or_has_no_name_leaves_no_file(agent: httpx.Client, tmp_path: Path) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(60):
            yield b"x" * (1 << 20)

    assert agent.post("/api/v2/uploads", content=b"x").status_code == 422
    try:
        status = agent.post("/api/v2/uploads?filename=big", content=endless()).status_code
    except httpx.WriteError:  # the desk answered and hung up before everything was sent
        status = 413
    assert status == 413
    assert not (tmp_path / "uploads").exists() or not list((tmp_path / "uploads").iterdir())


def test_a_file_that_has_vanished_is_a_404(desk: DeskWithRoles, agent: httpx.Client, tmp_path: Path) -> None:
    upload = _upload(agent)
    for path in (tmp_path / "uploads").iterdir():
        path.unlink()
    assert agent.get(str(upload["attachment"]["content_url"])).status_code == 404
    assert agent.get("/attachments/token/..%2f..%2fdesk.db").status_code == 404


def test_an_empty_file_is_a_file(agent: httpx.Client) -> None:
    upload = _upload(agent, "empty.txt", b"")
    assert upload["attachment"]["size"] == 0


def test_an_upload_that_is_cut_off_leaves_no_file(desk: DeskWithRoles, tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    port = int(desk.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as cut:
        proof = f"Host: localhost\r\nAuthorization: Bearer {desk.people['bo'].token}"
        cut.sendall(
            f"POST /api/v2/uploads?filename=a HTTP/1.1\r\n{proof}\r\nContent-Length: 100000\r\n\r\npart of it".encode()
        )
        wait_until(lambda: uploads.exists() and list(uploads.iterdir()))
    wait_until(lambda: not list(uploads.iterdir()))
