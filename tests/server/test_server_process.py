"""A desk as a process: its lock, its address, its leaving."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.clock.waiting import wait_until
from support.desks.embedded_desk import USER_ROLES, change_ticket, new_ticket, serve_desk_with_roles
from supporttui.domain.ticket import Role
from supporttui.server.database import DatabaseUnusable, open_database, read, write
from supporttui.server.people import PeopleProblem, add_user, issue_token
from supporttui.server.serving import AlreadyServing, CannotListen, PlainHttpRefused, ServeOptions, serve

PROGRAM = Path(__file__).with_name("desk_process.py")


@contextmanager
def _process(folder: Path, **options: Any) -> Iterator[tuple[subprocess.Popen[str], str]]:
    given = {"database": f"sqlite:///{folder}/desk.db", "uploads": f"{folder}/uploads", "port": 0} | options
    process = subprocess.Popen(
        [sys.executable, "-W", "error", str(PROGRAM), json.dumps(given)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def _token(folder: Path) -> str:
    engine = open_database(f"sqlite:///{folder}/desk.db")
    now = datetime.now(UTC)
    with write(engine) as connection:
        add_user(connection, email="ann@example.com", name="Ann", role=Role.ADMIN, at=now)
        token = issue_token(connection, email="ann@example.com", at=now)
    engine.dispose()
    return token


def _client(address: str, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    if address.startswith("unix:"):
        transport = httpx.HTTPTransport(uds=address.removeprefix("unix:"))
        return httpx.Client(transport=transport, base_url="http://desk", headers=headers)
    return httpx.Client(base_url=address, headers=headers)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_within_five_seconds_though_a_stream_is_open(tmp_path: Path, sent: signal.Signals) -> None:
    token = _token(tmp_path)
    with _process(tmp_path) as (process, address), _client(address, token) as client:
        with client.stream("GET", "/supporttui/v1/events") as stream:
            lines = stream.iter_lines()
            next(lines)
            began = time.monotonic()
            process.send_signal(sent)
            assert process.wait(5) == 0
            assert time.monotonic() - began < 5
            assert [line for line in lines if line] == []
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_neither_a_deaf_subscriber_nor_a_stuck_upload_holds_it_back(tmp_path: Path) -> None:
    token = _token(tmp_path)
    numbers = "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
    engine = open_database(f"sqlite:///{tmp_path}/desk.db")
    with write(engine) as connection:
        connection.exec_driver_sql(f"{numbers} INSERT INTO events SELECT i, 1, 1, 1 FROM n")
    engine.dispose()
    with _process(tmp_path) as (process, address), _client(address, token) as client:
        port = int(address.rpartition(":")[2])
        proof = f"HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        with (
            socket.create_connection(("127.0.0.1", port)) as deaf,
            socket.create_connection(("127.0.0.1", port)) as stuck,
        ):
            deaf.sendall(f"GET /supporttui/v1/events?after=0 {proof}\r\n".encode())
            stuck.sendall(f"POST /api/v2/uploads?filename=a {proof}Content-Length: 99\r\n\r\nx".encode())
            wait_until(lambda: client.get("/supporttui/v1/health").json()["subscribers"] == 1)
            wait_until(lambda: (tmp_path / "uploads").exists() and list((tmp_path / "uploads").iterdir()))
            began = time.monotonic()
            process.terminate()
            assert process.wait(8) == 0
            assert time.monotonic() - began < 5
    assert list((tmp_path / "uploads").iterdir()) == []


def test_streams_end_first_and_what_is_under_way_is_finished(tmp_path: Path) -> None:
    token = _token(tmp_path)
    with (
        _process(tmp_path) as (process, address),
        _client(address, token) as client,
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=10) as upload,
    ):
        proof = f"HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        upload.sendall(f"POST /api/v2/uploads?filename=a {proof}Content-Length: 4\r\n\r\nha".encode())
        wait_until(lambda: (tmp_path / "uploads").exists() and list((tmp_path / "uploads").iterdir()))
        with client.stream("GET", "/supporttui/v1/events") as stream:
            lines = stream.iter_lines()
            next(lines)
            began = time.monotonic()
            process.terminate()
            assert [line for line in lines if line] == []
        assert process.poll() is None
        upload.sendall(b"lf")
        assert upload.recv(65536).startswith(b"HTTP/1.1 201")
        assert process.wait(8) == 0
        assert time.monotonic() - began < 5
    assert [path.read_bytes() for path in (tmp_path / "uploads").iterdir()] == [b"half"]


def test_kill_minus_nine_between_writes_leaves_a_whole_database(tmp_path: Path) -> None:
    token = _token(tmp_path)
    with _process(tmp_path) as (process, address), _client(address, token) as client:
        kept = [new_ticket(client, f"T{number}")["id"] for number in range(5)]
        process.kill()
        process.wait()
    with _process(tmp_path) as (_, address), _client(address, token) as client:
        assert [each["id"] for each in client.get("/api/v2/tickets").json()["tickets"]] == kept
        assert new_ticket(client)["id"] == kept[-1] + 1
    engine = open_database(f"sqlite:///{tmp_path}/desk.db")
    with read(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    engine.dispose()


def test_a_unix_socket_is_its_owners_only_and_goes_away(tmp_path: Path) -> None:
    path = tmp_path / "desk.sock"
    token = _token(tmp_path)
    with _process(tmp_path, uds=str(path)) as (process, address):
        assert address == f"unix:{path}"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with _client(address, token) as client:
            me = client.get("/api/v2/users/me.json").json()["user"]
            assert me["url"] == "http://desk/api/v2/users/1.json"
        process.terminate()
        assert process.wait(5) == 0
    assert not path.exists()


def test_the_socket_of_a_killed_desk_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "desk.sock"
    with _process(tmp_path, uds=str(path)) as (process, _):
        process.kill()
        process.wait()
    assert path.exists()
    with _process(tmp_path, uds=str(path)) as (_, address):
        assert address == f"unix:{path}"


def test_the_second_to_serve_a_desk_is_told_so(tmp_path: Path) -> None:
    lock = tmp_path / "desk.lock"
    options: dict[str, Any] = {"database": f"sqlite:///{tmp_path}/desk.db", "uploads": tmp_path / "uploads"}
    with _process(tmp_path, uds=str(tmp_path / "a.sock"), lock_path=str(lock)):
        with pytest.raises(AlreadyServing, match=r"desk\.lock"):
            serve(ServeOptions(**options, uds=tmp_path / "b.sock", lock_path=lock))
        with pytest.raises(AlreadyServing, match=r"a\.sock"):
            serve(ServeOptions(**options, uds=tmp_path / "a.sock"))


def test_it_leaves_after_the_last_subscriber(tmp_path: Path) -> None:
    token = _token(tmp_path)
    with _process(tmp_path, idle_exit_s=0.6, start_grace_s=60) as (process, address):
        with _client(address, token) as client:
            streams = [client.stream("GET", "/supporttui/v1/events") for _ in range(2)]
            lines = [stream.__enter__().iter_lines() for stream in streams]
            assert [next(each) for each in lines] == [": connected"] * 2
            streams[0].__exit__(None, None, None)
            wait_until(lambda: client.get("/supporttui/v1/health").json()["subscribers"] == 1)
            began = time.monotonic()
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(1.2)
            streams[1].__exit__(None, None, None)
        assert process.wait(5) == 0
        assert time.monotonic() - began > 1.2


def test_it_leaves_when_nobody_ever_comes(tmp_path: Path) -> None:
    with _process(tmp_path, idle_exit_s=0.2, start_grace_s=0.5) as (process, _):
        assert process.wait(5) == 0


def test_a_port_in_use_is_named_with_the_remedy(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"127.0.0.1 port {port}: it is in use already; .*--port"):
            serve(ServeOptions(database=f"sqlite:///{tmp_path}/d.db", uploads=tmp_path / "u", port=port))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"host": "no.such.host.invalid"}, "not an address of this machine"),
        ({"port": 70_000}, "is not a port"),
        ({"tls_cert": Path("/nonexistent")}, "both a certificate and its key"),
        ({"tls_cert": Path("/nonexistent"), "tls_key": Path("/nonexistent")}, "cannot be read"),
        ({"uds": Path("/proc/desk.sock")}, "cannot listen on /proc/desk.sock"),
        ({"uds": Path("/tmp/" + "x" * 200)}, "path too long"),
    ],
)
def test_an_address_that_cannot_be_had_is_named(tmp_path: Path, options: dict[str, Any], said: str) -> None:
    wanted: dict[str, Any] = {"database": f"sqlite:///{tmp_path}/d.db", "uploads": tmp_path / "u", "port": 0}
    with pytest.raises(CannotListen, match=said):
        serve(ServeOptions(**wanted | options))


def test_a_file_in_the_place_of_the_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    with pytest.raises(CannotListen, match="not a socket"):
        serve(ServeOptions(database=f"sqlite:///{tmp_path}/d.db", uploads=tmp_path / "u", uds=path))
    assert path.read_text() == "mine"


def test_other_machines_are_served_with_tls_or_in_so_many_words(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "database": f"sqlite:///{tmp_path}/d.db",
        "uploads": tmp_path / "u",
        "host": "0.0.0.0",
        "port": 0,
    }
    with pytest.raises(PlainHttpRefused, match="--allow-plain-http"):
        serve(ServeOptions(**options))
    with _process(tmp_path, host="0.0.0.0", allow_plain_http=True) as (_, address):
        assert address.startswith("http://0.0.0.0:")


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "mysql://x/y", "sqlite:////proc/nothing/desk.db"])
def test_a_database_that_cannot_be_used_is_named(tmp_path: Path, url: str) -> None:
    with pytest.raises(DatabaseUnusable):
        serve(ServeOptions(database=url, uploads=tmp_path / "u", port=0))


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear customer, " * 100)
    with pytest.raises(DatabaseUnusable, match=r"letter\.txt"):
        open_database(f"sqlite:///{path}")
    assert path.read_text() == "Dear customer, " * 100


def test_a_newer_database_is_not_touched(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    engine = open_database(url)
    with write(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(DatabaseUnusable, match="newer version"):
        open_database(url)


def test_the_migrations_lead_to_the_tables_in_the_code(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from supporttui.server.database import NEWEST
    from supporttui.server.schema import metadata

    engine = open_database(f"sqlite:///{tmp_path}/desk.db")
    with read(engine) as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == NEWEST
    engine.dispose()


def test_files_are_their_owners_only_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        engine = open_database(f"sqlite:///{tmp_path}/new/desk.db")
        with write(engine) as connection:
            add_user(connection, email="a@example.com", name="A", role="agent", at=datetime.now(UTC))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
        engine.dispose()
    finally:
        os.umask(before)
    assert modes == {"desk.db": 0o600, "desk.db-wal": 0o600, "desk.db-shm": 0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_the_desks_clock_is_in_the_date_and_in_the_tickets(tmp_path: Path) -> None:
    with serve_desk_with_roles(tmp_path, clock_ahead_s=86_400.0, name="acme", is_demo=True) as desk:
        agent = desk.client("bo")
        sent = agent.get("/supporttui/v1/desk")
        ahead = datetime.now(UTC) + timedelta(days=1)
        assert sent.headers.get_list("Date") == [sent.headers["Date"]]
        assert abs(parsedate_to_datetime(sent.headers["Date"]) - ahead) < timedelta(seconds=10)
        assert (sent.json()["name"], sent.json()["demo"]) == ("acme", True)
        ticket = new_ticket(agent)
        change_ticket(agent, ticket["id"], comment={"body": "hello"})
        audit = agent.get(f"/api/v2/tickets/{ticket['id']}/audits").json()["audits"][1]
        for text in (ticket["created_at"], audit["created_at"]):
            assert abs(datetime.fromisoformat(text) - ahead) < timedelta(seconds=10)
        assert "server" not in sent.headers


def test_what_runs_beside_the_desk_may_fail_without_ending_it(tmp_path: Path) -> None:
    async def fail(_: object) -> None:
        raise RuntimeError("the demonstration has a mistake")

    with serve_desk_with_roles(tmp_path, background=fail) as desk:
        assert desk.client("bo").get("/api/v2/users/me").status_code == 200


def test_people_are_refused_with_a_reason(tmp_path: Path) -> None:
    with serve_desk_with_roles(tmp_path) as desk, write(desk.engine) as connection:
        now = datetime.now(UTC)
        with pytest.raises(PeopleProblem, match="on the desk already"):
            add_user(connection, email="ADA@example.com ", name="Ada", role="agent", at=now)
        with pytest.raises(PeopleProblem, match="not an e-mail address"):
            add_user(connection, email="ada", name="Ada", role="agent", at=now)
        with pytest.raises(PeopleProblem, match="nobody on the desk"):
            issue_token(connection, email="zoe@example.com", at=now)
        assert len(USER_ROLES) == 4
