"""An upload keeps the last part of its name, and nothing of itself where the disk is full."""

import json
import resource
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event, update

from support.desks.embedded_desk import DeskWithRoles, new_ticket
from supporttui.domain.ticket import Role
from supporttui.server.api.app import build_app
from supporttui.server.database import open_database, write
from supporttui.server.desk import Desk
from supporttui.server.people import add_user, issue_token
from supporttui.server.schema import attachments

PROGRAM = Path(__file__).with_name("desk_process.py")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\ann\crash.log", "crash.log"),
        (r"a/b\c.txt", "c.txt"),
        ("folder/", "folder"),
        ("a\x1b[31m\x07b\n.log", "a[31mb.log"),
        ("..", "attachment"),
        ("/", "attachment"),
        ("\x01", "attachment"),
        ("x" * 400 + ".tar", "x" * 251 + ".tar"),
        ("\u20ac" * 200, "\u20ac" * 85),
        (".bashrc", ".bashrc"),
        ("n." + "e" * 300, "n." + "e" * 253),
        (r"..\..\x", "x"),
        (r"\\server\share\b.txt", "b.txt"),
        ("C:", "attachment"),
        ("C:x", "x"),
        (".", "attachment"),
        ("...", "attachment"),
        ("a/..", "attachment"),
        (" / ", "attachment"),
        ("a\r\nContent-Type: text/html\r\n", "html"),
        ("\u200b\ufeff", "attachment"),
        ("%2e%2e%2fx", "%2e%2e%2fx"),
        ("file:///etc/passwd", "passwd"),
        ("x" * 300, "x" * 255),
        ("x/" * 300, "x"),
    ],
)
def test_a_name_keeps_its_last_part(desk: DeskWithRoles, sent: str, kept: str) -> None:
    agent = desk.client("bo")
    upload = agent.post("/api/v2/uploads", params={"filename": sent}, content=b"x").json()["upload"]
    assert upload["attachment"]["file_name"] == kept
    with write(desk.engine) as connection:  # as an earlier version has stored it
        connection.execute(update(attachments).values(file_name=sent))
    ticket = new_ticket(agent, comment={"body": "b", "uploads": [upload["token"]]})
    comment = agent.get(f"/api/v2/tickets/{ticket['id']}/comments").json()["comments"][0]
    assert comment["attachments"][0]["file_name"] == kept
    assert agent.get(comment["attachments"][0]["content_url"]).status_code == 200


@pytest.mark.parametrize("sent", ["\x00", "a\x00/\x00b", "a.txt\x00.exe"])
def test_a_name_with_nul_is_refused_and_the_next_file_is_taken(desk: DeskWithRoles, sent: str) -> None:
    agent = desk.client("bo")
    refused = agent.post("/api/v2/uploads", params={"filename": sent}, content=b"x")
    assert (refused.status_code, "NUL" in refused.text) == (400, True)
    assert agent.post("/api/v2/uploads", params={"filename": "a"}, content=b"x").status_code == 201


def _agent_token(folder: Path) -> str:
    engine = open_database(f"sqlite:///{folder}/desk.db")
    at = datetime.now(UTC)
    with write(engine) as connection:
        add_user(connection, email="ann@example.com", name="Ann", role=Role.ADMIN, at=at)
        token = issue_token(connection, email="ann@example.com", at=at)
    engine.dispose()
    return token


@pytest.mark.parametrize("size_bytes", [1_500_000, 30_000_000])
def test_an_upload_that_the_disk_does_not_take_leaves_nothing(tmp_path: Path, size_bytes: int) -> None:
    headers = {"Authorization": f"Bearer {_agent_token(tmp_path)}"}
    options = {"database": f"sqlite:///{tmp_path}/desk.db", "uploads": f"{tmp_path}/uploads", "port": 0}
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), json.dumps(options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            with httpx.Client(base_url=process.stdout.readline().strip(), headers=headers) as agent:
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
                sent = agent.post("/api/v2/uploads?filename=a", content=b"x" * size_bytes)
                assert (sent.status_code, sent.json()["error"]) == (507, "InsufficientStorage")
                assert "nothing of this was kept" in sent.json()["description"]
                assert list((tmp_path / "uploads").iterdir()) == []
                assert agent.post("/api/v2/uploads?filename=b", content=b"x").status_code == 201
        finally:
            process.terminate()


@pytest.mark.anyio
async def test_a_full_database_is_said_so(tmp_path: Path) -> None:
    token = _agent_token(tmp_path)
    engine = open_database(f"sqlite:///{tmp_path}/desk.db")

    @event.listens_for(engine, "begin")
    def allow_no_more_pages(connection: object) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # type: ignore[attr-defined] # SQLAlchemy's own

    transport = httpx.ASGITransport(build_app(Desk(engine=engine, uploads=tmp_path / "uploads")))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://desk", headers=headers) as agent:
        ticket = {"subject": "s", "comment": {"body": "b" * 60_000}}
        sent = await agent.post("/api/v2/tickets", json={"ticket": ticket})
        assert (sent.status_code, sent.json()["error"]) == (507, "InsufficientStorage")
        assert (await agent.get("/api/v2/tickets")).json()["count"] == 0
    engine.dispose()
