"""The embedded help desk as an ASGI application on a virtual clock, as it is or in Zendesk's shape (no stream, no
idempotency keys for changes, late writes).
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from support.clock.virtual_time import VirtualClock
from support.faults.delivery_check import count_desk_comments
from support.faults.fault_network import FaultNetwork
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.server.api.app import build_app
from supporttui.server.database import open_database, read, write
from supporttui.server.desk import Desk
from supporttui.server.file_storage import remove_unclaimed_uploads
from supporttui.server.people import add_user, issue_token
from supporttui.server.schema import tickets
from supporttui.server.ticket_fields import CommentFields, NewTicketFields, UpdateFields
from supporttui.server.tickets import create_ticket, update_ticket

AGENT = "kim@desk.example"
WRITE_METHODS = frozenset({"POST", "PUT"})


class VirtualTimeDesk:
    """One desk, its people, and the network that leads to it. To be made on the virtual loop."""

    def __init__(self, folder: Path, clock: VirtualClock, *, is_plain: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.database = folder / "desk.db"
        self.clock = clock
        if not self.database.exists():
            self.database.touch(0o600)
            self.database.write_bytes(_empty_database())
        self.engine = open_database(f"sqlite:///{self.database}")
        now = clock.now()
        with write(self.engine) as connection:
            self.agent_id = add_user(connection, email=AGENT, name="Kim Lee", role="admin", at=now)
            self.customer_id = add_user(connection, email="ada@c.example", name="Ada", role="end-user", at=now)
            self.token = issue_token(connection, email=AGENT, at=now)
        # The budget is counted by the machine's own clock, which hardly moves here.
        self._desk = Desk(engine=self.engine, uploads=folder / "uploads", now=clock.now, requests_per_minute=10**9)
        self.shape = ZendeskShape(build_app(self._desk), is_plain=is_plain)
        self.network = FaultNetwork(self.shape)

    async def open_desk(self) -> ZendeskDesk:
        """A connection, as the agent."""
        return self.network.connect(email=AGENT, token=self.token)

    def create(self, subject: str = "Board does not load", body: str = "It stays empty.", **fields: Any) -> int:
        """A ticket by the customer."""
        with write(self.engine) as connection:
            ticket = NewTicketFields(subject=subject, comment=CommentFields(body=body), **fields)
            return create_ticket(connection, self.customer_id, ticket, self.clock.now())

    def update(self, ticket_id: int, actor_id: int | None = None, **fields: Any) -> int:
        """A change by somebody; the customer unless told otherwise."""
        with write(self.engine) as connection:
            changes = UpdateFields(**fields)
            return update_ticket(connection, actor_id or self.customer_id, ticket_id, changes, self.clock.now())

    def version(self, ticket_id: int) -> str:
        """The stamp by which the desk tells one state of a ticket from the next."""
        with read(self.engine) as connection:
            query = select(tickets.c.updated_at).where(tickets.c.id == ticket_id)
            at: datetime = connection.execute(query).scalar_one()
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def newest(self) -> int:
        """The ticket that was created last."""
        with read(self.engine) as connection:
            return int(connection.execute(select(func.max(tickets.c.id))).scalar_one())

    def applied(self) -> Counter[str]:
        """How often each text stands in the desk, over all tickets."""
        return count_desk_comments(self.database)

    def forget_uploads(self) -> None:
        """What it does after a day to the uploads that no comment took, of which one person may have only so many."""
        remove_unclaimed_uploads(replace(self._desk, now=lambda: self.clock.now() + timedelta(days=2)))

    def close(self) -> None:
        """Break all connections and let go of the database."""
        self.network.drop()
        self.engine.dispose()


class ZendeskShape:
    """The application as another desk would be: without a stream and keys for changes, late, or scripted."""

    def __init__(self, app: ASGIApp, *, is_plain: bool) -> None:
        self._app = app
        self.is_plain = is_plain
        self.late_s = 0.0
        """So long after a write has arrived it is applied, whether or not its sender still waits."""
        self.refuses: Callable[[str, str], tuple[int, dict[str, str]] | None] = lambda method, path: None
        """The status and headers with which a request is refused, if it is."""
        self.late: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = str(scope["path"]), str(scope.get("method"))
        refusal = self.refuses(method, path)
        if refusal is not None or (self.is_plain and path.startswith("/supporttui/")):
            await _send_refusal(send, *(refusal or (404, {})))
            return
        # Dates are left out: the client compares them with the machine's clock, which hardly moves here.
        shaped: Any = {**scope, "headers": [each for each in scope["headers"] if self._keeps(each[0], method)]}
        if self.late_s and method in WRITE_METHODS:
            await self._apply_late(shaped, receive, send)
        else:
            await self._app(shaped, receive, _without_date(send))

    def _keeps(self, header: bytes, method: str) -> bool:
        """Zendesk honours the key for creation, and knows none for changes."""
        return not (self.is_plain and method == "PUT" and header.lower() == b"idempotency-key")

    async def _apply_late(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the whole request, and apply it later, come what may of the connection."""
        body = b""
        while True:
            message: Any = await receive()
            if message["type"] != "http.request":
                return  # it never came whole: nobody can apply it
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        task = asyncio.create_task(self._later(scope, body, send))
        self.late.add(task)
        task.add_done_callback(self.late.discard)
        await asyncio.shield(task)

    async def _later(self, scope: Scope, body: bytes, send: Send) -> None:
        await asyncio.sleep(self.late_s)
        pending: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

        async def whole() -> Any:
            return pending.pop() if pending else await asyncio.Event().wait()

        await self._app(scope, whole, _without_date(send))


@cache
def _empty_database() -> bytes:
    """A desk's database before its first person: laying it out takes longer than a short history."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        open_database(f"sqlite:///{path}").dispose()
        return path.read_bytes()


def _without_date(send: Send) -> Send:
    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [each for each in message["headers"] if each[0].lower() != b"date"]
        await send(message)

    return send_on


async def _send_refusal(send: Send, status: int, headers: dict[str, str]) -> None:
    body = b'{"error": "Refused"}'
    sent = [(name.encode(), text.encode()) for name, text in headers.items()]
    sent += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body, "more_body": False})
