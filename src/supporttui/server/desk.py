"""The running desk behind every route, its log of change events, and the notification of subscribers."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from anyio import CapacityLimiter
from sqlalchemy import Connection, Engine, func, insert, select

from supporttui.config import default_policy
from supporttui.domain.policy import ServicePolicy
from supporttui.server import database
from supporttui.server.people import Actor
from supporttui.server.schema import Now, clock, events, tickets
from supporttui.server.upload_limits import ArrivingUploads

_WRITERS_MAX: Final = 8
"""SQLite runs one write transaction at a time; more threads would only wait for it."""


def add_event(connection: Connection, ticket_id: int, *, is_public: bool, at: datetime) -> int:
    """Record that a ticket has changed; return an id greater than all before."""
    row = {"ticket_id": ticket_id, "is_public": is_public, "created_at": at}
    key = connection.execute(insert(events).values(**row)).inserted_primary_key
    assert key is not None
    return int(key[0])


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """One change of a ticket."""

    id: int
    ticket_id: int
    at: datetime


def newest_event(connection: Connection) -> int:
    """Return the id of the last event; 0 if there is none."""
    return int(connection.execute(select(func.coalesce(func.max(events.c.id), 0))).scalar_one())


def load_events(connection: Connection, actor: Actor, after: int, limit: int) -> list[ChangeEvent]:
    """Return the next events on tickets that this person may see, oldest first."""
    query = select(events.c.id, events.c.ticket_id, events.c.created_at).where(events.c.id > after)
    if not actor.is_agent:
        query = query.join(tickets, tickets.c.id == events.c.ticket_id).where(
            events.c.is_public, tickets.c.is_public, tickets.c.requester_id == actor.id
        )
    rows = connection.execute(query.order_by(events.c.id).limit(limit))
    return [ChangeEvent(row.id, row.ticket_id, row.created_at) for row in rows]


class ChangeNotifier:
    """Wakes every subscriber after a change. A wake-up has no content, so a slow subscriber needs no queue."""

    def __init__(self) -> None:
        self._waiters: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._lock = threading.Lock()
        self._is_closed = False
        self._left_at: float | None = None

    @property
    def left_at(self) -> float | None:
        """When the latest subscriber left, by the monotonic clock; None before that."""
        return self._left_at

    @property
    def subscribers(self) -> int:
        """The number of subscribers."""
        return len(self._waiters)

    @property
    def is_closed(self) -> bool:
        """Whether all subscribers should end their streams."""
        return self._is_closed

    def wake(self) -> None:
        """Wake all subscribers to look for new events; from any thread, after the commit."""
        with self._lock:
            waiters = list(self._waiters.items())
        for waiter, loop in waiters:
            loop.call_soon_threadsafe(waiter.set)

    def close(self) -> None:
        """End all streams, and refuse new ones."""
        self._is_closed = True
        self.wake()

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """Yield an event that is set after each change, for as long as the context lasts; on the event loop."""
        waiter = asyncio.Event()
        with self._lock:
            self._waiters[waiter] = asyncio.get_running_loop()
        try:
            yield waiter
        finally:
            with self._lock:
                del self._waiters[waiter]
            self._left_at = time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One help desk over one database."""

    engine: Engine
    uploads: Path
    """The folder of uploaded files."""
    name: str = "supporttui"
    is_demo: bool = False
    now: Now = field(default_factory=clock)
    policy: ServicePolicy = field(default_factory=default_policy)
    notifier: ChangeNotifier = field(default_factory=ChangeNotifier)
    hostnames: frozenset[str] | None = None
    """The accepted hostnames; None for any, which is right on a Unix socket."""
    requests_per_minute: int = 6000
    """The rate limit for one person."""
    arriving: ArrivingUploads = field(default_factory=ArrivingUploads)
    writers: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_WRITERS_MAX))
    """The number of changes that may hold a worker thread; fewer than there are threads."""

    def read(self) -> AbstractContextManager[Connection]:
        """Return a read-only transaction."""
        return database.read(self.engine)

    def write(self) -> AbstractContextManager[Connection]:
        """Return a write transaction; call `notifier.wake` after it."""
        return database.write(self.engine)
