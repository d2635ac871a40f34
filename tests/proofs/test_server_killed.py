"""Proof: kill -9 of a real desk at any write leaves a consistent database, and its stream goes on without a gap."""

import contextlib
import random
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from support.clock.waiting import wait_until
from support.desks.desk_fork_server import DeskForkServer, desk_client
from support.desks.embedded_desk import read_events
from supporttui.server.database import open_database, write
from supporttui.server.people import add_user, issue_token

# httpx does not close the socket of a connection that a desk which is gone refuses.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")

CLIENTS: Final = 4
WITHOUT_AUDIT: Final = ("file", "person")
"""Kinds of writes that change no ticket."""

Send = Callable[[httpx.Client, str], httpx.Response]


class Killed:
    """A desk's folder, and what was done to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nursery = DeskForkServer(folder)
        engine = open_database(f"sqlite:///{folder}/desk.db")
        at = datetime.now(UTC)
        with write(engine) as connection:
            add_user(connection, email="ada@example.com", name="Ada", role="admin", at=at)
            self.token = issue_token(connection, email="ada@example.com", at=at)
        engine.dispose()
        self.asks = desk_client(folder, self.token)
        self.acknowledged: set[str] = set()
        self.answered_twice = 0

    def send(self, send: Send, key: str) -> bool:
        """Whether the desk has confirmed the write."""
        try:
            sent = send(self.asks, key)
        except httpx.TransportError:
            return False
        assert sent.status_code in (200, 201, 204), sent.text
        self.answered_twice += sent.headers.get("X-Idempotency-Lookup") == "hit"
        self.acknowledged.add(key)
        return True

    def check(self) -> None:
        """What has to hold of the database at any time, read from a copy: the next desk has to recover the file."""
        with self._copied() as database:

            def ask(query: str) -> list[tuple[Any, ...]]:
                return database.execute(query).fetchall()

            assert ask("PRAGMA integrity_check") == [("ok",)]
            assert ask("PRAGMA foreign_key_check") == []
            changes = "SELECT json_extract(custom, '$.key') FROM audits ORDER BY 1"
            audited = [key for (key,) in ask(changes)]
            keys = [key for (key,) in ask("SELECT key FROM idempotency ORDER BY key")]
            assert audited == [key for key in keys if not key.startswith(WITHOUT_AUDIT)]
            assert self.acknowledged <= set(keys)
            told = "SELECT ticket_id, count(*) FROM {} GROUP BY ticket_id ORDER BY ticket_id"
            assert ask(told.format("audits")) == ask(told.format("events"))
            assert ask("SELECT id, change_id FROM tickets ORDER BY id") == ask(
                "SELECT ticket_id, max(id) FROM events GROUP BY ticket_id ORDER BY ticket_id"
            )
            for name, size_bytes in ask("SELECT file_key, size_bytes FROM attachments"):
                assert (self.folder / "uploads" / name).stat().st_size == size_bytes

    def events(self) -> list[int]:
        """The ids of all events, oldest first."""
        with self._copied() as database:
            return [number for (number,) in database.execute("SELECT id FROM events ORDER BY id")]

    def newest(self) -> int:
        """The id of the newest event while the desk runs, and nobody writes any more."""
        return self.events()[-1]

    @contextlib.contextmanager
    def _copied(self) -> Iterator[sqlite3.Connection]:
        copies = self.folder / "copies"
        copies.mkdir(exist_ok=True)
        for name in ("desk.db", "desk.db-wal"):
            (copies / name).unlink(missing_ok=True)
            if (self.folder / name).exists():
                shutil.copyfile(self.folder / name, copies / name)
        with contextlib.closing(sqlite3.connect(copies / "desk.db")) as database:
            yield database


@pytest.fixture
def killed(quick_disk: Path) -> Iterator[Killed]:
    found = Killed(quick_disk)
    try:
        yield found
    finally:
        found.asks.close()
        found.nursery.close()


def _ticket(method: str, path: str, **fields: Any) -> Send:
    """A write of a ticket; its audit tells its key."""

    def send(asks: httpx.Client, key: str) -> httpx.Response:
        content = {"ticket": fields | {"subject": key, "metadata": {"key": key}}}
        return asks.request(method, path, json=content, headers={"Idempotency-Key": key})

    return send


def _request(asks: httpx.Client, key: str) -> httpx.Response:
    content = {"request": {"subject": "Mine", "comment": {"body": key}, "metadata": {"key": key}}}
    return asks.post("/api/v2/requests", json=content, headers={"Idempotency-Key": key})


def _upload(asks: httpx.Client, key: str) -> httpx.Response:
    return asks.post(f"/api/v2/uploads?filename={key}", content=b"x" * 5000, headers={"Idempotency-Key": key})


def _person(asks: httpx.Client, key: str) -> httpx.Response:
    content = {"user": {"name": key, "email": f"{key}@example.com", "external_id": key}}
    return asks.post("/api/v2/users", json=content, headers={"Idempotency-Key": key})


NEW: Final = {"comment": {"body": "b"}, "priority": "high", "tags": ["a"]}


def _for_somebody_new(asks: httpx.Client, key: str) -> httpx.Response:
    return _ticket("POST", "/api/v2/tickets", **NEW, requester={"email": f"{key}@example.com"})(asks, key)


WRITES: Final[dict[str, Send]] = {
    "create": _for_somebody_new,
    "reply": _ticket("PUT", "/api/v2/tickets/1", comment={"body": "hello"}, status="pending"),
    "note": _ticket("PUT", "/api/v2/tickets/1", comment={"body": "hm", "public": False}, status="open", tags=["b"]),
    "request": _request,
    "file": _upload,
    "person": _person,
}


@pytest.mark.timeout(900)
def test_a_desk_killed_at_each_statement_of_a_write_has_all_of_it_or_nothing(
    killed: Killed, full: bool, figures: Callable[[str], None]
) -> None:
    desk = killed.nursery.start()
    assert killed.send(_ticket("POST", "/api/v2/tickets", **NEW), "first")
    killed.nursery.kill(desk)
    points: list[str] = []
    for kind, send in WRITES.items():
        before = f"{kind}-whole"
        names = _points_of(killed, send, before)
        for number in sorted({*range(1, len(names) + 1, 1 if full else 3), len(names) - 1, len(names)}):
            key = f"{kind}-{number}"
            desk = killed.nursery.start(key=key, dies_at=number)
            assert killed.send(send, before)  # what the last desk was killed at, once more
            assert not killed.send(send, key)
            assert killed.nursery.reap(desk) == signal.SIGKILL
            assert killed.nursery.points() == names[:number]
            killed.check()
            points.append(f"{kind} {number}: {names[number - 1]}")
            before = key
        desk = killed.nursery.start()
        assert killed.send(send, before)
        killed.nursery.kill(desk)
        killed.check()
    whole = sum(point.endswith("after COMMIT") for point in points)
    figures(
        f"{len(points)} kills, one at each of {len(set(points))} points of {len(WRITES)} kinds of write: after {whole} "
        f"all of it was there, after {len(points) - whole} nothing; {len(killed.acknowledged)} writes confirmed, "
        "each there once"
    )
    assert whole == len(WRITES)
    assert killed.answered_twice == whole + len(WRITES)  # and the one of each kind that nobody killed


def _points_of(killed: Killed, send: Send, key: str) -> list[str]:
    """The points of a write that nobody kills."""
    desk = killed.nursery.start(key=key)
    assert killed.send(send, key)
    names = killed.nursery.points()
    killed.nursery.kill(desk)
    assert names[-2:] == ["before COMMIT", "after COMMIT"]
    return names


class Writer:
    """Somebody who writes one change after the other, and repeats under the same key what was not confirmed."""

    def __init__(self, killed: Killed, name: int) -> None:
        self.confirmed: set[str] = set()
        self.unsure: set[str] = set()
        self._killed = killed
        self._source = random.Random(name)
        self._name = name
        self._number = 0
        self._key = ""
        self._send: Send = _upload

    def write(self, ends: threading.Event) -> None:
        """Write until the desk is gone or the test has seen enough."""
        with desk_client(self._killed.folder, self._killed.token) as asks:
            while not ends.is_set():
                if not self._key:
                    self._number += 1
                    kind = self._source.choice(list(WRITES))
                    self._key, self._send = f"{kind}-of-{self._name}-{self._number}", WRITES[kind]
                try:
                    sent = self._send(asks, self._key)
                except httpx.TransportError:
                    self.unsure.add(self._key)
                    return
                assert sent.status_code in (200, 201), sent.text
                self.confirmed.add(self._key)
                self._key = ""


class Subscriber:
    """Somebody who follows the stream, and goes on after the last event that they have seen."""

    def __init__(self, killed: Killed) -> None:
        self.seen: list[int] = [0]
        self._killed = killed

    def listen(self) -> None:
        """Read until the desk is gone."""
        headers = {"Last-Event-ID": str(self.seen[-1])}
        with (
            desk_client(self._killed.folder, self._killed.token) as asks,
            contextlib.suppress(httpx.TransportError),
            asks.stream("GET", "/supporttui/v1/events", headers=headers) as stream,
        ):
            lines = stream.iter_lines()
            while found := read_events(lines, 1):
                self.seen.append(found[0][0])


@pytest.mark.timeout(1800)
def test_a_desk_killed_at_any_moment_keeps_what_it_confirmed_and_its_stream_has_no_gap(
    killed: Killed, full: bool, figures: Callable[[str], None]
) -> None:
    moments = random.Random(7)
    desk = killed.nursery.start()
    assert killed.send(_ticket("POST", "/api/v2/tickets", **NEW), "first")
    writers, subscriber = [Writer(killed, name) for name in range(CLIENTS)], Subscriber(killed)
    kills = 300 if full else 15
    for number in range(kills + 1):
        ends = threading.Event()
        writing = [threading.Thread(target=each.write, args=(ends,)) for each in writers]
        listening = threading.Thread(target=subscriber.listen)
        for thread in (*writing, listening):
            thread.start()
        wanted = sum(len(each.confirmed) for each in writers) + moments.randint(1, 12)
        wait_until(partial(_have_confirmed, writers, wanted), within_s=60, every_s=0.002)
        ends.wait(moments.uniform(0.0, 0.03))  # a random moment: the experiment
        if number == kills:
            ends.set()
            _ended(writing)
            wait_until(lambda: subscriber.seen[-1] == killed.newest(), within_s=20)
        killed.nursery.kill(desk)
        _ended([*writing, listening])
        killed.acknowledged |= {key for each in writers for key in each.confirmed}
        killed.check()
        desk = killed.nursery.start() if number < kills else 0
    events = killed.events()
    figures(
        f"{kills} kills at random moments, {CLIENTS} writers: {len(killed.acknowledged)} writes confirmed, "
        f"{sum(len(each.unsure) for each in writers)} repeated after a kill; stream of {len(events)} events: "
        f"{len(set(events) - set(subscriber.seen))} missed, {len(subscriber.seen) - len(set(subscriber.seen))} twice"
    )
    assert subscriber.seen[1:] == events == list(range(1, len(events) + 1))
    assert sum(len(each.unsure) for each in writers) > kills
    assert len(killed.acknowledged) > kills


def _ended(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def _have_confirmed(writers: list[Writer], wanted: int) -> bool:
    return sum(len(each.confirmed) for each in writers) >= wanted
