"""One person's requests cost nobody else the desk: slots, streams, threads and the disk are shared out."""

import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest

from support.clock.waiting import wait_until
from support.desks.embedded_desk import TLS, DeskWithRoles, change_ticket, new_ticket
from supporttui.domain.ticket import Role
from supporttui.server import upload_limits
from supporttui.server.api.request_slots import (
    AGENTS_MAX,
    REQUEST_LIMITS,
    STREAM_LIMITS,
    STREAMS_MAX,
    WINDOWS_PER_AGENT,
    SlotCounter,
    SlotLimits,
)
from supporttui.server.api_errors import ApiError, TooManyStreams
from supporttui.server.connection_limits import ConnectionLimits
from supporttui.server.people import Actor

HEALTH = "/supporttui/v1/health"


@contextmanager
def _connections(desk: DeskWithRoles, count: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        port = int(desk.address.rpartition(":")[2])
        yield [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20)) for _number in range(count)
        ]


def _head(desk: DeskWithRoles, who: str, first: str, *more: str) -> bytes:
    lines = (f"{first} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {desk.people[who].token}", *more)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class _Answers:
    """The statuses of the connections that were answered by now."""

    def __init__(self, connections: list[socket.socket]) -> None:
        self._waiting = list(connections)
        self.statuses: list[int] = []

    def are(self, count: int) -> bool:
        """Whether there are as many."""
        for each in list(self._waiting):
            each.setblocking(False)
            with suppress(BlockingIOError):
                if part := each.recv(65536):
                    self.statuses.append(int(part.split(b" ", 2)[1]))
                self._waiting.remove(each)
        return len(self.statuses) >= count


def test_uploads_that_announce_much_and_send_one_byte_leave_the_desk_to_others(desk: DeskWithRoles) -> None:
    announced = _head(desk, "cy", "POST /api/v2/uploads?filename=a", "Content-Length: 50000000") + b"x"
    with _connections(desk, 500) as uploads:
        for each in uploads:
            each.sendall(announced)
        answers = _Answers(uploads)
        wait_until(lambda: answers.are(500 - REQUEST_LIMITS.per_end_user), within_s=20)
        assert set(answers.statuses) == {429}
        with httpx.Client(base_url=desk.address, verify=TLS, timeout=5) as admin:
            admin.headers["Authorization"] = f"Bearer {desk.people['ada'].token}"
            assert admin.get("/api/v2/users/me").status_code == 200
            assert admin.post("/api/v2/uploads?filename=b", content=b"log").status_code == 201
        assert desk.client("dee").get("/api/v2/requests").status_code == 200
    wait_until(lambda: desk.client("cy").get("/api/v2/requests").status_code == 200)


def test_streams_that_are_opened_at_once_are_counted_before_they_are_opened(desk: DeskWithRoles) -> None:
    with _connections(desk, 300) as streams:
        for each in streams:
            each.sendall(_head(desk, "cy", "GET /supporttui/v1/events"))
        answers = _Answers(streams)
        wait_until(lambda: answers.are(300), within_s=20)
        assert (answers.statuses.count(200), answers.statuses.count(429)) == (STREAMS_MAX, 300 - STREAMS_MAX)
        with desk.client("dee").stream("GET", "/supporttui/v1/events") as other:
            assert other.status_code == 200
    wait_until(lambda: desk.client("ada").get(HEALTH).json()["subscribers"] == 0)
    with desk.client("cy").stream("GET", "/supporttui/v1/events") as again:
        assert again.status_code == 200


def test_slots_are_limited_for_all_of_a_kind_and_are_given_back() -> None:
    slots = SlotCounter(SlotLimits(per_end_user=2, all_end_users=3, per_agent=2, all_agents=9), TooManyStreams)
    ann, ben, agent = Actor(1, Role.END_USER), Actor(2, Role.END_USER), Actor(3, Role.AGENT)

    def refusal(actor: Actor) -> int:
        try:
            with slots.held(actor):
                return 0
        except ApiError as error:
            return error.status

    with slots.held(ann), slots.held(ann):
        assert refusal(ann) == 429
        with slots.held(ben):
            assert (refusal(ben), refusal(agent)) == (503, 0)
        assert refusal(ben) == 0
    assert refusal(ann) == 0


def test_a_hundred_agents_have_four_windows_each_and_none_of_them_more_than_their_own() -> None:
    slots = SlotCounter(STREAM_LIMITS, TooManyStreams)
    agents = [Actor(number, Role.AGENT) for number in range(1, AGENTS_MAX + 1)]
    with ExitStack() as held:
        for each in agents * WINDOWS_PER_AGENT:
            held.enter_context(slots.held(each))
        with pytest.raises(ApiError) as refused, slots.held(agents[0]):
            pass
        assert refused.value.status == 503
        with slots.held(Actor(1_000, Role.END_USER)):
            pass
    with ExitStack() as held:
        for _ in range(STREAMS_MAX):
            held.enter_context(slots.held(agents[0]))
        with pytest.raises(TooManyStreams), slots.held(agents[0]):
            pass
        with slots.held(agents[1]):
            pass
    assert AGENTS_MAX * WINDOWS_PER_AGENT > 50 * 3 + STREAMS_MAX
    assert REQUEST_LIMITS.total + STREAM_LIMITS.total <= ConnectionLimits().connections


def test_a_low_limit_of_open_files_is_raised_for_as_many_connections() -> None:
    lower = "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (256, 2000));"
    program = "from supporttui.server.serving import allow_open_files as a; a({}); print(r.getrlimit(r.RLIMIT_NOFILE))"
    for wanted, soft in ((1000, 1000), (9000, 2000), (100, 256)):
        command = [sys.executable, "-c", lower + program.format(wanted)]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == f"({soft}, 2000)"


def test_reads_do_not_wait_for_changes_that_wait_for_the_database(desk: DeskWithRoles) -> None:
    ticket = new_ticket(desk.client("bo"))["id"]
    body = json.dumps({"ticket": {"priority": "high"}}).encode()
    change = _head(
        desk, "bo", f"PUT /api/v2/tickets/{ticket}", "Content-Type: application/json", f"Content-Length: {len(body)}"
    )
    other = sqlite3.connect(desk.database.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with _connections(desk, 60) as changes:
            for each in changes:
                each.sendall(change + body)
            with httpx.Client(base_url=desk.address, verify=TLS, timeout=4) as reader:
                reader.headers["Authorization"] = f"Bearer {desk.people['ada'].token}"
                for _number in range(20):
                    assert reader.get(f"/api/v2/tickets/{ticket}").status_code == 200
            answers = _Answers(changes)
            assert not answers.are(1)
            other.execute("ROLLBACK")
            wait_until(lambda: answers.are(60), within_s=20)
            assert set(answers.statuses) == {200}
    finally:
        other.close()


def test_what_is_arriving_counts_towards_ones_limit(desk: DeskWithRoles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_limits, "WAITING_MAX_BYTES", 3_000_000)
    head = _head(desk, "cy", "POST /api/v2/uploads?filename=a", "Content-Length: 2900000")
    with _connections(desk, 2) as uploads:
        for each in uploads:
            each.sendall(head + b"x" * 2_000_000)
        answers = _Answers(uploads)
        wait_until(lambda: answers.are(1))
        assert answers.statuses == [422]
        assert desk.client("dee").post("/api/v2/uploads?filename=b", content=b"x" * 2_000_000).status_code == 201


def test_twenty_thousand_tags_are_refused_and_hold_no_lock(desk: DeskWithRoles, agent: httpx.Client) -> None:
    ticket = new_ticket(agent, tags=["kept", "gone"])["id"]
    many = [f"tag{number}" for number in range(20_000)]
    with ThreadPoolExecutor(4) as pool:
        sent = list(
            pool.map(
                lambda fields: change_ticket(desk.client("bo"), ticket, **fields).status_code,
                [{"additional_tags": many}, {"remove_tags": many}, {"additional_tags": many, "remove_tags": many}],
            )
        )
    assert sent == [422, 422, 422]
    full = change_ticket(agent, ticket, tags=many[:1000])
    assert len(full.json()["ticket"]["tags"]) == 1000
    assert change_ticket(agent, ticket, additional_tags=["one more"]).status_code == 422
    fewer = change_ticket(agent, ticket, remove_tags=[" TAG1 ", *many[2:1000]])
    assert fewer.json()["ticket"]["tags"] == ["tag0"]
