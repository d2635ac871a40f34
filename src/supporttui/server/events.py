"""The stream of changes: a row for each, and the bell that tells subscribers to look for new rows."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from supporttui.server.people import Actor
from supporttui.server.schema import events, tickets


def add_event(connection: Connection, ticket_id: int, *, is_public: bool, at: datetime) -> int:
    """Record that a ticket changed; the id is greater than every one before."""
    row = {"ticket_id": ticket_id, "is_public": is_public, "created_at": at}
    key = connection.execute(insert(events).values(**row)).inserted_primary_key
    assert key is not None
    return int(key[0])


@dataclass(frozen=True, slots=True)
class Event:
    """That a ticket changed."""

    id: int
    ticket_id: int
    at: datetime


def newest_event(connection: Connection) -> int:
    """The id of the last event, 0 where there is none."""
    return int(connection.execute(select(func.coalesce(func.max(events.c.id), 0))).scalar_one())


def load_events(connection: Connection, actor: Actor, after: int, limit: int) -> list[Event]:
    """The next events that this person may know of, oldest first."""
    query = select(events.c.id, events.c.ticket_id, events.c.created_at).where(events.c.id > after)
    if not actor.is_agent:
        query = query.join(tickets, tickets.c.id == events.c.ticket_id).where(
            events.c.is_public, tickets.c.is_public, tickets.c.requester_id == actor.id
        )
    rows = connection.execute(query.order_by(events.c.id).limit(limit))
    return [Event(row.id, row.ticket_id, row.created_at) for row in rows]


class Notifier:
    """Wakes every subscriber after a change. A wake-up carries nothing, so none has to be queued for a slow one."""

    def __init__(self) -> None:
        self._bells: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._owners: dict[asyncio.Event, int | None] = {}
        self._lock = threading.Lock()
        self._is_closed = False
        self._left_at: float | None = None

    @property
    def left_at(self) -> float | None:
        """When the last subscriber to leave did so, by the monotonic clock; None before that."""
        return self._left_at

    @property
    def subscribers(self) -> int:
        """How many are listening."""
        return len(self._bells)

    def streams_of(self, person_id: int) -> int:
        """How many of them are one person's."""
        with self._lock:
            return sum(1 for owner_id in self._owners.values() if owner_id == person_id)

    @property
    def is_closed(self) -> bool:
        """Whether every subscriber should end its stream."""
        return self._is_closed

    def wake(self) -> None:
        """Tell all subscribers to look for new events; from any thread, after the commit."""
        with self._lock:
            bells = list(self._bells.items())
        for bell, loop in bells:
            loop.call_soon_threadsafe(bell.set)

    def close(self) -> None:
        """End all streams, and those that would begin."""
        self._is_closed = True
        self.wake()

    @contextmanager
    def listening(self, person_id: int | None = None) -> Iterator[asyncio.Event]:
        """A bell that rings after each change, for as long as the context lasts; in the event loop."""
        bell = asyncio.Event()
        with self._lock:
            self._bells[bell] = asyncio.get_running_loop()
            self._owners[bell] = person_id
        try:
            yield bell
        finally:
            with self._lock:
                del self._bells[bell], self._owners[bell]
            self._left_at = time.monotonic()
