"""A real desk on a loopback port, served from a thread, with people to act on it."""

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine

from supporttui.domain.ticket import Role
from supporttui.server.database import open_database, write
from supporttui.server.people import add_user, issue_token
from supporttui.server.run import ServeOptions, serve
from waiting import until

TLS = ssl.create_default_context()
"""Made once: it takes longer than most tests."""

PEOPLE = {"ada": Role.ADMIN, "bo": Role.AGENT, "cy": Role.END_USER, "dee": Role.END_USER}


@dataclass(frozen=True)
class Person:
    """Somebody with a token."""

    id: int
    email: str
    token: str


@dataclass
class RunningDesk:
    """Where the desk answers, and who may ask."""

    address: str
    database: str
    engine: Engine
    people: Mapping[str, Person]
    stop: threading.Event
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def client(self, name: str) -> httpx.Client:
        """A client that asks as one of the people, or as nobody; with Bearer for agents and Basic for the others."""
        if name not in self.clients:
            self.clients[name] = httpx.Client(base_url=self.address, verify=TLS, timeout=20, **self._proof(name))
        return self.clients[name]

    def _proof(self, name: str) -> dict[str, Any]:
        if name not in self.people:
            return {}
        person = self.people[name]
        if PEOPLE[name] is Role.END_USER:
            return {"auth": (f"{person.email}/token", person.token)}
        return {"headers": {"Authorization": f"Bearer {person.token}"}}


@contextmanager
def running_desk(folder: Path, **options: Any) -> Iterator[RunningDesk]:
    """Serve a fresh desk until the context ends."""
    database = f"sqlite:///{folder / 'desk.db'}"
    engine = open_database(database)
    people = {name: _add(engine, name, role) for name, role in PEOPLE.items()}
    stop = threading.Event()
    addresses: list[str] = []

    wanted: dict[str, Any] = {"database": database, "uploads": folder / "uploads", "port": 0} | options
    settings = ServeOptions(**wanted, stop=stop, ready=addresses.append)
    thread = threading.Thread(target=serve, args=(settings,), name="desk", daemon=True)
    thread.start()
    until(lambda: addresses or not thread.is_alive())
    desk = RunningDesk(addresses[0], database, engine, people, stop)
    try:
        yield desk
    finally:
        for client in desk.clients.values():
            client.close()
        stop.set()
        thread.join(10)
        engine.dispose()
        assert not thread.is_alive()


def _add(engine: Engine, name: str, role: Role) -> Person:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    with write(engine) as connection:
        email = f"{name}@example.com"
        person_id = add_user(connection, email=email, name=name.title(), role=role, at=at)
        return Person(person_id, email, issue_token(connection, email=email, at=at))


def new_ticket(client: httpx.Client, subject: str = "Printer", **fields: Any) -> dict[str, Any]:
    """Create a ticket and return it."""
    content = {"subject": subject, "comment": {"body": f"{subject} is on fire"}} | fields
    answer = client.post("/api/v2/tickets.json", json={"ticket": content})
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["ticket"])


def change(client: httpx.Client, ticket_id: int, **fields: Any) -> httpx.Response:
    """Change a ticket."""
    return client.put(f"/api/v2/tickets/{ticket_id}.json", json={"ticket": fields})


def read_events(lines: Iterator[str], count: int) -> list[tuple[int, dict[str, Any]]]:
    """The next events of a stream, each with its id."""
    found: list[tuple[int, dict[str, Any]]] = []
    event_id = 0
    for line in lines:
        if line.startswith("id: "):
            event_id = int(line.removeprefix("id: "))
        if line.startswith("data: "):
            found.append((event_id, json.loads(line.removeprefix("data: "))))
            if len(found) == count:
                break
    return found
