"""The stream of changes: resumable without a gap, private, and nobody's burden."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.clock.waiting import wait_until
from support.desks.embedded_desk import DeskWithRoles, change_ticket, new_ticket, read_events, serve_desk_with_roles
from supporttui.server.connection_limits import ConnectionLimits
from supporttui.server.database import write

EVENTS = "/supporttui/v1/events"


def _subscribers(desk: DeskWithRoles) -> int:
    return int(desk.client("nobody").get("/supporttui/v1/health").json()["subscribers"])


def test_a_change_arrives_at_once(desk: DeskWithRoles, agent: httpx.Client, admin: httpx.Client) -> None:
    with agent.stream("GET", EVENTS) as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": connected"
        ticket = new_ticket(admin)
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        ((event_id, content),) = read_events(lines, 1)
    assert event_id > 0
    assert content["ticket_id"] == ticket["id"]
    assert datetime.fromisoformat(content["at"]).utcoffset() is not None


def test_the_response_to_a_change_names_the_event_that_announces_it(
    desk: DeskWithRoles, agent: httpx.Client, admin: httpx.Client
) -> None:
    with agent.stream("GET", EVENTS) as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": connected"
        ticket_id = new_ticket(desk.client("cy"))["id"]
        changed = change_ticket(admin, ticket_id, comment={"body": "We look."})
        by_customer = change_ticket(desk.client("cy"), ticket_id, comment={"body": "Thanks."})
        events = read_events(lines, 3)
    assert changed.headers["X-Supporttui-Event"] == str(events[1][0])
    assert "X-Supporttui-Event" not in by_customer.headers
    assert "event_id" not in changed.json()


def test_the_response_to_a_repeated_request_names_no_event(agent: httpx.Client) -> None:
    content = {"ticket": {"subject": "once", "comment": {"body": "only"}}}
    first, second = (agent.post("/api/v2/tickets", json=content, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert int(first.headers["X-Supporttui-Event"]) > 0
    assert "X-Supporttui-Event" not in second.headers


@pytest.mark.parametrize("way", ["header", "parameter"])
def test_a_stream_resumes_without_a_gap(agent: httpx.Client, admin: httpx.Client, way: str) -> None:
    ids = [new_ticket(admin, f"T{number}")["id"] for number in range(250)]
    with agent.stream("GET", EVENTS, params={"after": "0"}) as stream:
        first = read_events(stream.iter_lines(), 120)
    last = str(first[-1][0])
    ids.append(new_ticket(admin, "meanwhile")["id"])
    asked: dict[str, Any] = {"headers": {"Last-Event-ID": last}} if way == "header" else {"params": {"after": last}}
    with agent.stream("GET", EVENTS, **asked) as stream:
        second = read_events(stream.iter_lines(), len(ids) - 120)
    found = first + second
    assert [content["ticket_id"] for _, content in found] == ids
    assert [event_id for event_id, _ in found] == sorted({event_id for event_id, _ in found})


def test_end_users_hear_of_their_own_public_changes_only(
    desk: DeskWithRoles, agent: httpx.Client, customer: httpx.Client, stranger: httpx.Client
) -> None:
    mine = new_ticket(customer)["id"]
    new_ticket(stranger)
    change_ticket(agent, mine, comment={"body": "between us", "public": False})
    change_ticket(agent, mine, tags=["internal"])
    change_ticket(agent, mine, comment={"body": "hello"})
    with customer.stream("GET", EVENTS, params={"after": "0"}) as stream:
        found = read_events(stream.iter_lines(), 2)
    assert [content["ticket_id"] for _, content in found] == [mine, mine]
    assert [event_id for event_id, _ in found] == [1, 5]


def test_an_id_of_another_database_is_answered_with_something_to_look_at(agent: httpx.Client) -> None:
    new_ticket(agent)
    last = new_ticket(agent)["id"]
    with agent.stream("GET", EVENTS, params={"after": "123456"}) as stream:
        assert read_events(stream.iter_lines(), 1)[0][1]["ticket_id"] == last


def test_an_id_that_is_none_is_a_400(agent: httpx.Client) -> None:
    for text in ("x", "-1", "1e3", "9" * 30):
        assert agent.get(EVENTS, params={"after": text}).status_code == 400


def test_subscribers_are_counted_and_forgotten(desk: DeskWithRoles, agent: httpx.Client) -> None:
    assert _subscribers(desk) == 0
    with agent.stream("GET", EVENTS) as stream:
        lines = stream.iter_lines()  # kept: the stream is closed with it
        next(lines)
        assert _subscribers(desk) == 1
    wait_until(lambda: _subscribers(desk) == 0)


def test_a_subscriber_that_does_not_read_costs_the_others_nothing(
    desk: DeskWithRoles, agent: httpx.Client, admin: httpx.Client
) -> None:
    with _subscribed(desk, after=0):
        wait_until(lambda: _subscribers(desk) == 1)
        with agent.stream("GET", EVENTS) as stream:
            lines = stream.iter_lines()
            next(lines)
            ids = [new_ticket(admin, f"T{number}")["id"] for number in range(60)]
            assert [content["ticket_id"] for _, content in read_events(lines, 60)] == ids


def test_a_subscriber_that_is_cut_off_is_forgotten(desk: DeskWithRoles, admin: httpx.Client) -> None:
    with _subscribed(desk, after=0) as dead:
        wait_until(lambda: _subscribers(desk) == 1)
        dead.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed with a reset
    assert new_ticket(admin)["id"]
    wait_until(lambda: _subscribers(desk) == 0)


def test_a_subscriber_that_never_reads_is_let_go_and_the_others_notice_nothing(tmp_path: Path) -> None:
    with serve_desk_with_roles(tmp_path, limits=ConnectionLimits(stalled_s=0.5)) as desk:
        with write(desk.engine) as connection:
            connection.exec_driver_sql(
                "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
                "INSERT INTO events SELECT i, 1, 1, 1 FROM n"
            )
        with (
            _subscribed(desk, after=0),
            desk.client("bo").stream("GET", EVENTS, params={"after": "100000"}) as stream,
        ):
            wait_until(lambda: _subscribers(desk) == 2)
            lines, ids = stream.iter_lines(), []
            while _subscribers(desk) == 2:
                ids.append(new_ticket(desk.client("ada"))["id"])
                assert read_events(lines, 1)[0][1]["ticket_id"] == ids[-1]
            assert ids


@contextmanager
def _subscribed(desk: DeskWithRoles, after: int) -> Iterator[socket.socket]:
    """Somebody who asks for the stream and reads nothing of it."""
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.connect(("127.0.0.1", int(desk.address.rpartition(":")[2])))
        proof = f"Host: localhost\r\nAuthorization: Bearer {desk.people['ada'].token}"
        deaf.sendall(f"GET {EVENTS}?after={after} HTTP/1.1\r\n{proof}\r\n\r\n".encode())
        yield deaf


def test_writers_at_once_reach_a_reader_in_order(desk: DeskWithRoles, agent: httpx.Client, admin: httpx.Client) -> None:
    with agent.stream("GET", EVENTS) as stream:
        lines = stream.iter_lines()
        next(lines)
        threads = [threading.Thread(target=new_ticket, args=(admin, f"T{number}")) for number in range(20)]
        for thread in threads:
            thread.start()
        found = read_events(lines, 20)
        for thread in threads:
            thread.join()
    assert len({content["ticket_id"] for _, content in found}) == 20
    assert [event_id for event_id, _ in found] == sorted(event_id for event_id, _ in found)
