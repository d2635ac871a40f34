"""The real embedded server in a thread of the test: for engines on a Unix socket, and for API tests on TCP with a
client for each role. `DeskDatabase` is what it shares with the desk on virtual time.
"""

import asyncio
import json
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, func, select, update

from support.clock.waiting import wait_until
from support.sample_values import DESK, ticket_key
from supporttui.domain.ticket import Role
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import NewTicket
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.server import schema
from supporttui.server.database import open_database, read, write
from supporttui.server.people import add_user, issue_token
from supporttui.server.schema import clock
from supporttui.server.serving import ServeOptions, serve
from supporttui.server.ticket_fields import CommentFields, NewTicketFields, UpdateFields
from supporttui.server.tickets import create_ticket, delete_ticket, update_ticket

AGENT = "kim@desk.example"
CUSTOMER = "ada@customer.example"


class DeskDatabase:
    """A desk's database with an agent and a customer, read and changed without the server."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.database = folder / "desk.db"
        self.now = now
        self.engine = _open_empty(self.database)
        at = now()
        with write(self.engine) as connection:
            self.agent_id = add_user(connection, email=AGENT, name="Kim Lee", role="admin", at=at)
            self.customer_id = add_user(connection, email=CUSTOMER, name="Ada", role="end-user", at=at)
            self.token = issue_token(connection, email=AGENT, at=at)
            self.customer_token = issue_token(connection, email=CUSTOMER, at=at)

    def create(
        self,
        subject: str = "Board does not load",
        body: str = "It stays empty.",
        *,
        actor_id: int | None = None,
        **fields: Any,
    ) -> TicketId:
        """A ticket by a person, by default the customer."""
        with write(self.engine) as connection:
            ticket = NewTicketFields(subject=subject, comment=CommentFields(body=body), **fields)
            return ticket_key(create_ticket(connection, actor_id or self.customer_id, ticket, self.now()))

    def update(self, ticket_id: TicketId, actor_id: int | None = None, **fields: Any) -> int:
        """A change of a ticket by a person, by default the agent. The stream does not announce it."""
        with write(self.engine) as connection:
            changes = UpdateFields(**fields)
            return update_ticket(connection, actor_id or self.agent_id, int(ticket_id.id), changes, self.now())

    def delete(self, ticket_id: TicketId) -> None:
        """Delete a ticket as the agent."""
        with write(self.engine) as connection:
            delete_ticket(connection, self.agent_id, int(ticket_id.id), self.now())

    def bodies(self, ticket_id: TicketId) -> list[str]:
        """The texts on a ticket, oldest first."""
        query = select(schema.comments.c.body).where(schema.comments.c.ticket_id == int(ticket_id.id))
        with read(self.engine) as connection:
            return list(connection.execute(query.order_by(schema.comments.c.id)).scalars())

    def version(self, ticket_id: TicketId) -> str:
        """The stamp by which a safe update is checked."""
        query = select(schema.tickets.c.updated_at).where(schema.tickets.c.id == int(ticket_id.id))
        with read(self.engine) as connection:
            at: datetime = connection.execute(query).scalar_one()
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def newest(self) -> TicketId:
        """The ticket that was created last."""
        with read(self.engine) as connection:
            return ticket_key(connection.execute(select(func.max(schema.tickets.c.id))).scalar_one())

    def revoke(self) -> None:
        """Revoke the agent's token."""
        mine = update(schema.tokens).where(schema.tokens.c.user_id == self.agent_id)
        with write(self.engine) as connection:
            connection.execute(mine.values(revoked_at=self.now()))


@cache
def _empty_database() -> bytes:
    """A desk's database before its first person; creating the tables takes longer than a short test."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        open_database(f"sqlite:///{path}").dispose()
        return path.read_bytes()


def _open_empty(database: Path) -> Engine:
    if not database.exists():
        database.touch(0o600)
        database.write_bytes(_empty_database())
    return open_database(f"sqlite:///{database}")


class _ServerThread:
    """`serve` in a thread of the test."""

    def __init__(self, **options: Any) -> None:
        self.stop_event = threading.Event()
        addresses: list[str] = []
        settings = ServeOptions(**options, stop=self.stop_event, ready=addresses.append)
        self._thread = threading.Thread(target=serve, args=(settings,), name="desk", daemon=True)
        self._thread.start()
        wait_until(lambda: addresses or not self._thread.is_alive(), within_s=20)
        self.address = addresses[0]

    def stop(self) -> None:
        self.stop_event.set()
        self._thread.join(20)
        assert not self._thread.is_alive()


class EmbeddedDesk(DeskDatabase):
    """The real server in a thread, on a Unix socket."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, clock())
        self.socket = folder / "s"
        self.url = f"unix:{self.socket}"
        self._options = options
        self._server: _ServerThread | None = None

    def start(self) -> None:
        """Serve, and return when it answers."""
        self._server = _ServerThread(
            database=f"sqlite:///{self.database}",
            uploads=self.folder / "uploads",
            uds=self.socket,
            **self._options,
        )

    def stop(self) -> None:
        """Stop serving; the database stays."""
        if self._server is not None:
            self._server.stop()

    def set_clock_ahead(self, seconds: float) -> None:
        """Serve on with a clock that is ahead of the machine's."""
        self.stop()
        self.now = clock(seconds)
        self._options["clock_ahead_s"] = seconds
        self.start()

    def connect(self, **options: Any) -> ZendeskDesk:
        """A client, by default the agent's."""
        return ZendeskDesk(**{"name": DESK, "url": self.url, "email": AGENT, "token": self.token, **options})

    async def open_desk(self) -> ZendeskDesk:
        """The same for an engine."""
        return self.connect()

    def submit(self, subject: str = "It burns", severity: int = 1) -> TicketId:
        """A ticket that is created through the API: the stream announces it."""

        async def send() -> TicketId:
            client = self.connect()
            try:
                new = NewTicket(
                    operation_id=subject.replace(" ", "-"),
                    subject=subject,
                    description="all of it",
                    severity=severity,
                    requester_email=CUSTOMER,
                )
                return (await client.send_new_ticket(new)).ticket.id
            finally:
                await client.close()

        return asyncio.run(send())


@contextmanager
def serve_embedded_desk(folder: Path, **options: Any) -> Iterator[EmbeddedDesk]:
    """A desk that is served for as long as the context lasts."""
    desk = EmbeddedDesk(folder, **options)
    desk.start()
    try:
        yield desk
    finally:
        desk.stop()
        desk.engine.dispose()


TLS = ssl.create_default_context()
"""Made once: it takes longer than most tests."""

USER_ROLES = {"ada": Role.ADMIN, "bo": Role.AGENT, "cy": Role.END_USER, "dee": Role.END_USER}


@dataclass(frozen=True)
class DeskUser:
    """Somebody with a token."""

    id: int
    email: str
    token: str


@dataclass
class DeskWithRoles:
    """Where the desk answers, and who may ask."""

    address: str
    database: str
    engine: Engine
    people: Mapping[str, DeskUser]
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
        if USER_ROLES[name] is Role.END_USER:
            return {"auth": (f"{person.email}/token", person.token)}
        return {"headers": {"Authorization": f"Bearer {person.token}"}}


@contextmanager
def serve_desk_with_roles(folder: Path, **options: Any) -> Iterator[DeskWithRoles]:
    """Serve a fresh desk until the context ends."""
    database = folder / "desk.db"
    engine = _open_empty(database)
    people = {name: _add_user(engine, name, role) for name, role in USER_ROLES.items()}
    wanted: dict[str, Any] = {"database": f"sqlite:///{database}", "uploads": folder / "uploads", "port": 0}
    server = _ServerThread(**(wanted | options))
    desk = DeskWithRoles(server.address, f"sqlite:///{database}", engine, people, server.stop_event)
    try:
        yield desk
    finally:
        for client in desk.clients.values():
            client.close()
        server.stop()
        engine.dispose()


def _add_user(engine: Engine, name: str, role: Role) -> DeskUser:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    with write(engine) as connection:
        email = f"{name}@example.com"
        person_id = add_user(connection, email=email, name=name.title(), role=role, at=at)
        return DeskUser(person_id, email, issue_token(connection, email=email, at=at))


def _is_end_user(client: httpx.Client) -> bool:
    """Whether this is a client of an end user, who has `/api/v2/requests` alone; see `DeskWithRoles.client`."""
    return client.auth is not None


def new_ticket(client: httpx.Client, subject: str = "Printer", **fields: Any) -> dict[str, Any]:
    """Create a ticket and return it, as the client sees it."""
    content = {"subject": subject, "comment": {"body": f"{subject} is on fire"}} | fields
    word = "request" if _is_end_user(client) else "ticket"
    answer = client.post(f"/api/v2/{word}s.json", json={word: content})
    assert answer.status_code == 201, answer.text
    return dict(answer.json()[word])


def change_ticket(client: httpx.Client, number: int, **fields: Any) -> httpx.Response:
    """Change a ticket."""
    word = "request" if _is_end_user(client) else "ticket"
    return client.put(f"/api/v2/{word}s/{number}.json", json={word: fields})


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
