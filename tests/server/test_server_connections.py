"""What a connection may take: names, headers, bodies, time, and places at the table."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from support.clock.waiting import wait_until
from support.desks.embedded_desk import DeskWithRoles, new_ticket, serve_desk_with_roles
from supporttui.server.api.http_middleware import HEAD_MAX_BYTES, allowed_hostnames, is_allowed_host, parse_host_header
from supporttui.server.api.request_slots import STREAMS_MAX
from supporttui.server.connection_limits import ConnectionLimits

HEALTH = "/supporttui/v1/health"
SHORT = ConnectionLimits(head_s=0.3, body_s=0.3, body_bytes_per_s=1000, stalled_s=0.4)


@contextmanager
def _connected(desk: DeskWithRoles) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", int(desk.address.rpartition(":")[2])), timeout=20) as connection:
        yield connection


def _ends(connection: socket.socket) -> bool:
    """Whether the desk hangs up, whatever it says before."""
    try:
        while connection.recv(65536):
            pass
    except (ConnectionResetError, BrokenPipeError):
        pass
    return True


def _reads(connection: socket.socket, wanted: bytes) -> bool:
    found = b""
    while wanted not in found and (part := connection.recv(65536)):
        found += part
    return wanted in found


def _is_past(moment: float) -> bool:
    return time.monotonic() > moment


def _head(desk: DeskWithRoles, first: str, *more: str) -> bytes:
    lines = (first, "Host: localhost", f"Authorization: Bearer {desk.people['bo'].token}", *more)
    return "".join(f"{line}\r\n" for line in lines).encode()


@pytest.mark.parametrize("host", ["desk.evil.example", "localhost.evil.example:80", "192.0.2.7", "[2001:db8::1]:80"])
def test_a_name_that_is_not_the_desks_is_misdirected(desk: DeskWithRoles, host: str) -> None:
    for path in (HEALTH, "/api/v2/users/me", "/api/v2/nothing"):
        sent = desk.client("bo").get(path, headers={"Host": host})
        assert (sent.status_code, sent.json()["error"]) == (421, "MisdirectedRequest")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.:99", "127.0.0.1:1", "127.9.9.9", "[::1]:8600"])
def test_the_desks_own_names_are_its_own(desk: DeskWithRoles, host: str) -> None:
    assert desk.client("bo").get("/api/v2/users/me", headers={"Host": host}).status_code == 200


def test_a_name_can_be_allowed_and_a_socket_takes_any(tmp_path: Path) -> None:
    with serve_desk_with_roles(tmp_path, hostnames=("Desk.Acme.Example",)) as desk:
        sent = desk.client("bo").get("/api/v2/users/me", headers={"Host": "desk.acme.example:443"})
        assert sent.json()["user"]["url"].startswith("http://desk.acme.example:443/")
        assert desk.client("bo").get("/api/v2/users/me", headers={"Host": "acme.example"}).status_code == 421
    (tmp_path / "second").mkdir()
    with serve_desk_with_roles(tmp_path / "second", uds=tmp_path / "s") as desk:
        transport = httpx.HTTPTransport(uds=str(tmp_path / "s"))
        with httpx.Client(transport=transport, base_url="http://whatever.example") as client:
            assert client.get(HEALTH).status_code == 200


@pytest.mark.parametrize(
    ("name", "arrived_at", "is_meant"),
    [
        ("10.0.0.5", "10.0.0.5", True),
        ("10.0.0.6", "10.0.0.5", False),
        ("10.0.0.5", "::ffff:10.0.0.5", True),
        ("127.0.0.1", "10.0.0.5", False),
        ("fe80::1", "fe80::1%eth0", True),
        ("desk", "10.0.0.5", True),
        ("", "", False),
    ],
)
def test_a_numeric_name_is_that_of_its_connection(name: str, arrived_at: str, is_meant: bool) -> None:
    assert is_allowed_host(name, allowed_hostnames("0.0.0.0", ["desk"]), arrived_at) is is_meant


@pytest.mark.parametrize("header", ["", "[", "a b", "a:b:c", "x/y", "evil@x", "a,b"])
def test_what_is_no_name_has_none(header: str) -> None:
    assert parse_host_header(header) is None


def test_long_headers_and_parameters_are_refused(desk: DeskWithRoles) -> None:
    agent = desk.client("bo")
    assert agent.get("/api/v2/search", params={"query": "x" * (HEAD_MAX_BYTES - 2000)}).status_code == 200
    assert agent.get("/api/v2/search", params={"query": "x" * HEAD_MAX_BYTES}).status_code in (400, 431)
    assert agent.get("/api/v2/users/me", headers={"X-Long": "x" * HEAD_MAX_BYTES}).status_code in (400, 431)
    with _connected(desk) as endless:
        endless.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-More: yes\r\n" * 3000)
        assert endless.recv(65536).startswith(b"HTTP/1.1 400")
        assert _ends(endless)


@pytest.mark.parametrize(
    "after_head",
    [
        ("POST /api/v2/uploads?filename=a HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n"),
        ("POST /api/v2/nothing HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n"),
        ("GET /supporttui/v1/events HTTP/1.1", "\r\n\0\0\r\n\r\n"),
        ("GET /api/v2/users/me HTTP/1.1", "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx"),
        ("nonsense", "\r\n"),
    ],
)
def test_what_is_not_http_ends_its_connection_and_is_no_news(
    desk: DeskWithRoles, after_head: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    first, rest = after_head
    with _connected(desk) as odd:
        odd.sendall(_head(desk, first) + rest.encode())
        odd.shutdown(socket.SHUT_WR)
        assert _ends(odd)
    assert desk.client("ada").get(HEALTH).status_code == 200
    assert [record.getMessage() for record in caplog.records if record.name != "httpx"] == []


def test_headers_that_drip_are_cut_off(tmp_path: Path) -> None:
    with (
        serve_desk_with_roles(tmp_path, limits=SHORT) as desk,
        _connected(desk) as silent,
        _connected(desk) as dripping,
    ):
        dripping.sendall(b"GET /supporttui/v1/health HTTP/1.1\r\nHost: localhost\r\n")
        dripping.settimeout(0.05)

        def drips() -> bool:
            try:
                dripping.sendall(b"X: y\r\n")
                return _ends(dripping)
            except TimeoutError:
                return False
            except OSError:
                return True

        wait_until(drips, within_s=10)
        assert _ends(silent)


def test_a_body_that_drips_is_cut_off_and_a_steady_one_is_not(tmp_path: Path) -> None:
    with serve_desk_with_roles(tmp_path, limits=SHORT) as desk:
        with _connected(desk) as slow:
            slow.sendall(
                _head(desk, "POST /api/v2/tickets HTTP/1.1", "Content-Type: application/json", "Content-Length: 5000")
                + b"\r\n{"
            )
            assert _ends(slow)
        with _connected(desk) as unknown:  # no token: refused at once, and its body is not waited for either
            unknown.sendall(b"POST /api/v2/tickets HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n{")
            assert unknown.recv(65536).startswith(b"HTTP/1.1 401")
            assert _ends(unknown)
        with _connected(desk) as steady:
            steady.sendall(_head(desk, "POST /api/v2/uploads?filename=a HTTP/1.1", "Content-Length: 4000") + b"\r\n")
            began = time.monotonic()
            for number in range(40):  # 100 bytes every 20 ms: five times as fast as has to be
                wait_until(partial(_is_past, began + number * 0.02))
                steady.sendall(b"x" * 100)
            assert steady.recv(65536).startswith(b"HTTP/1.1 201")


def test_who_does_not_read_the_answer_is_let_go(tmp_path: Path) -> None:
    with serve_desk_with_roles(tmp_path, limits=SHORT) as desk:
        agent = desk.client("bo")
        sent = agent.post("/api/v2/uploads?filename=big", content=b"x" * 20_000_000).json()["upload"]
        with _connected(desk) as deaf:
            path = sent["attachment"]["content_url"].removeprefix(desk.address)
            deaf.sendall(_head(desk, f"GET {path} HTTP/1.1") + b"\r\n")
            paused = time.monotonic()
            wait_until(lambda: time.monotonic() - paused > 1.5)  # what is on trial is that nothing is read meanwhile
            taken = 0
            while True:
                try:
                    part = deaf.recv(1 << 20)
                except ConnectionResetError:
                    break
                taken += len(part)
                if not part:
                    break
            assert taken < 20_000_000
        assert agent.get("/api/v2/users/me").status_code == 200


def test_idle_connections_make_room_and_busy_ones_do_not(tmp_path: Path) -> None:
    with serve_desk_with_roles(tmp_path, limits=ConnectionLimits(connections=3, head_s=60)) as desk:
        with _connected(desk) as first, _connected(desk) as second, _connected(desk) as third:
            for each in (first, second, third):
                each.sendall(b"GET /supporttui/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert each.recv(65536).startswith(b"HTTP/1.1 200")
            with _connected(desk) as fourth:
                fourth.sendall(b"GET /supporttui/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert fourth.recv(65536).startswith(b"HTTP/1.1 200")
                assert _ends(first)
        with _connected(desk) as one, _connected(desk) as two, _connected(desk) as three:
            for each in (one, two, three):
                each.sendall(_head(desk, "GET /supporttui/v1/events HTTP/1.1") + b"\r\n")
                assert _reads(each, b"connected")
            with _connected(desk) as late:
                assert late.recv(65536).startswith(b"HTTP/1.1 503")


def test_one_person_has_so_many_streams_and_another_has_theirs(desk: DeskWithRoles) -> None:
    streams = [
        socket.create_connection(("127.0.0.1", int(desk.address.rpartition(":")[2]))) for _ in range(STREAMS_MAX)
    ]
    try:
        for each in streams:
            each.sendall(_head(desk, "GET /supporttui/v1/events HTTP/1.1") + b"\r\n")
        wait_until(lambda: desk.client("ada").get(HEALTH).json()["subscribers"] == STREAMS_MAX)
        assert desk.client("bo").get("/supporttui/v1/events").status_code == 429
        with desk.client("ada").stream("GET", "/supporttui/v1/events") as other:
            assert other.status_code == 200
        assert new_ticket(desk.client("bo"))["id"]
    finally:
        for each in streams:
            each.close()
