"""The embedded help desk served from a thread of the test: for engines on a Unix socket, and for API tests with one
client per role.
"""

import asyncio
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

from support.clock.waiting import wait_until
from supporttui.domain.ticket import Role
from supporttui.helpdesks.base import NewTicket
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.server.database import open_database, read, write
from supporttui.server.people import add_user, find_by_email, issue_token
from supporttui.server.serving import ServeOptions, serve
from supporttui.server.ticket_fields import CommentFields, NewTicketFields, UpdateFields
from supporttui.server.tickets import create_ticket, update_ticket

AGENT = "kim@desk.example"
CUSTOMER = "ada@customer.example"


class EmbeddedDesk:
    """One desk: its database, and whether it is being served."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder = folder
        self.socket = folder / "s"
        self.url = f"unix:{self.socket}"
        self._options = options
        self._database_url = f"sqlite:///{folder}/desk.db"
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        folder.mkdir(parents=True, exist_ok=True)
        self.engine = open_database(self._database_url)
        now = datetime.now(UTC)
        with write(self.engine) as connection:
            self.agent_id = add_user(connection, email=AGENT, name="Kim Lee", role="admin", at=now)
            self.customer_id = add_user(connection, email=CUSTOMER, name="Ada", role="end-user", at=now)
            self.token = issue_token(connection, email=AGENT, at=now)
            self.customer_token = issue_token(connection, email=CUSTOMER, at=now)

    def start(self) -> None:
        """Serve, and return when it answers."""
        ready = threading.Event()
        self._stop = threading.Event()
        options = ServeOptions(
            database=self._database_url,
            uploads=self.folder / "uploads",
            uds=self.socket,
            stop=self._stop,
            ready=lambda _address: ready.set(),
            **self._options,
        )
        self._thread = threading.Thread(target=serve, args=(options,), daemon=True)
        self._thread.start()
        assert ready.wait(20), "the desk did not start"

    def stop(self) -> None:
        """Stop serving; what it knows stays."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(20)

    def connect(self, **options: Any) -> ZendeskDesk:
        """A client, as the agent unless told otherwise."""
        return ZendeskDesk(**{"url": self.url, "email": AGENT, "token": self.token, **options})

    async def open_desk(self) -> ZendeskDesk:
        """The same for the engine."""
        return self.connect()

    def create(self, subject: str = "Board does not load", *, actor_id: int | None = None, **fields: Any) -> int:
        """A ticket by somebody; the customer unless told otherwise."""
        with write(self.engine) as connection:
            comment = CommentFields(body="It stays empty.")
            ticket = NewTicketFields(subject=subject, comment=comment, **fields)
            return create_ticket(connection, actor_id or self.customer_id, ticket, datetime.now(UTC))

    def submit(self, subject: str = "It burns", severity: int = 1) -> int:
        """A ticket by somebody through the API: the stream tells of it."""

        async def send() -> int:
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

    def update(self, ticket_id: int, actor_id: int | None = None, **fields: Any) -> int:
        """A change of a ticket by somebody; the agent unless told otherwise. No stream tells of it."""
        with write(self.engine) as connection:
            return update_ticket(
                connection, actor_id or self.agent_id, ticket_id, UpdateFields(**fields), datetime.now(UTC)
            )

    def bodies(self, ticket_id: int) -> list[str]:
        """What was written on a ticket, as it stands in the database."""
        from sqlalchemy import select

        from supporttui.server.schema import comments

        with read(self.engine) as connection:
            query = select(comments.c.body).where(comments.c.ticket_id == ticket_id).order_by(comments.c.id)
            return list(connection.execute(query).scalars())

    def version(self, ticket_id: int) -> str:
        """The stamp by which the desk tells one state of a ticket from the next."""
        from sqlalchemy import select

        from supporttui.server.schema import tickets

        with read(self.engine) as connection:
            at: datetime = connection.execute(
                select(tickets.c.updated_at).where(tickets.c.id == ticket_id)
            ).scalar_one()
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def revoke(self) -> None:
        """The agent's token is accepted no more."""
        from sqlalchemy import update

        from supporttui.server.schema import tokens

        with write(self.engine) as connection:
            agent = find_by_email(connection, AGENT)
            assert agent is not None
            connection.execute(
                update(tokens).where(tokens.c.user_id == agent["id"]).values(revoked_at=datetime.now(UTC))
            )


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
    database = f"sqlite:///{folder / 'desk.db'}"
    engine = open_database(database)
    people = {name: _add_user(engine, name, role) for name, role in USER_ROLES.items()}
    stop = threading.Event()
    addresses: list[str] = []

    wanted: dict[str, Any] = {"database": database, "uploads": folder / "uploads", "port": 0} | options
    settings = ServeOptions(**wanted, stop=stop, ready=addresses.append)
    thread = threading.Thread(target=serve, args=(settings,), name="desk", daemon=True)
    thread.start()
    wait_until(lambda: addresses or not thread.is_alive())
    desk = DeskWithRoles(addresses[0], database, engine, people, stop)
    try:
        yield desk
    finally:
        for client in desk.clients.values():
            client.close()
        stop.set()
        thread.join(10)
        engine.dispose()
        assert not thread.is_alive()


def _add_user(engine: Engine, name: str, role: Role) -> DeskUser:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    with write(engine) as connection:
        email = f"{name}@example.com"
        person_id = add_user(connection, email=email, name=name.title(), role=role, at=at)
        return DeskUser(person_id, email, issue_token(connection, email=email, at=at))


def new_ticket(client: httpx.Client, subject: str = "Printer", **fields: Any) -> dict[str, Any]:
    """Create a ticket and return it."""
    content = {"subject": subject, "comment": {"body": f"{subject} is on fire"}} | fields
    answer = client.post("/api/v2/tickets.json", json={"ticket": content})
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["ticket"])


def change_ticket(client: httpx.Client, ticket_id: int, **fields: Any) -> httpx.Response:
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
