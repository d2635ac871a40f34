"""Starts, watches and stops engines that share one store, as the windows of one user do."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.clock.waiting import wait_until
from support.policy_samples import packaged_rules
from support.sample_values import DESK
from supporttui.domain.ticket import Conversation, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import HelpDesk
from supporttui.store.cache import Cache
from supporttui.store.database import prepare_store_files
from supporttui.store.operations import Operation, OperationState
from supporttui.store.outbox import Outbox
from supporttui.sync.engine import Engine, LinkState, OpenDesk
from supporttui.sync.timings import Timings

FAST_TIMINGS = Timings(
    poll_s=0.1,
    watch_s=0.05,
    draft_s=0.05,
    first_retry_s=0.05,
    slowest_retry_s=0.3,
    lookup_s=(0.0, 0.2, 0.2),
    settled_after_s=0.3,
    prefetch_s=0.0,
)


class WindowGroup:
    """The windows of one user on one desk: they share a store."""

    def __init__(self, folder: Path) -> None:
        self.files = prepare_store_files(folder / "data", folder / "cache", "desk", DESK)
        self._engines: list[Engine] = []

    def open(self, open_desk: OpenDesk, on_change: Callable[[], None] = lambda: None, **options: Any) -> Engine:
        """A started engine."""
        engine = Engine(
            open_desk,
            self.files,
            on_change=on_change,
            **{"timings": FAST_TIMINGS, "rules": packaged_rules(), **options},
        )
        self._engines.append(engine)
        engine.start()
        return engine

    def live(self, open_desk: OpenDesk, **options: Any) -> Engine:
        """A started engine that has reached the desk and fetched everything."""
        engine = self.open(open_desk, **options)
        wait_until(lambda: engine.status.link in (LinkState.LIVE, LinkState.POLLING))
        return engine

    def failed(self, open_desk: OpenDesk) -> Engine:
        """An engine that has ended by a fault of its own: a future of its loop is answered twice."""

        def answer_twice() -> None:
            answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            answered.set_result(None)
            answered.set_result(None)

        async def fail() -> HelpDesk:
            asyncio.get_running_loop().call_soon(answer_twice)
            return await open_desk()

        engine = Engine(fail, self.files, rules=packaged_rules(), on_change=lambda: None, timings=FAST_TIMINGS)
        engine.start()
        wait_until(lambda: engine.status.link is LinkState.STOPPED)
        return engine

    def close(self) -> None:
        """Stop every engine."""
        for engine in self._engines:
            engine.stop(grace_s=0.5)
            if engine.failure is not None:
                raise engine.failure

    def ticket(self, ticket_id: TicketId) -> Ticket | None:
        """What the local copy knows of a ticket."""
        with Cache(self.files.cache, self.files.desk) as cache:
            return cache.load_ticket(ticket_id)

    def conversation(self, ticket_id: TicketId) -> Conversation | None:
        """What the local copy knows of a conversation."""
        with Cache(self.files.cache, self.files.desk) as cache:
            return cache.load_conversation(ticket_id)

    def add(self, *operations: Operation) -> None:
        """Commit operations as a window that has ended did."""
        with contextlib.closing(Outbox(self.files.outbox, self.files.desk)) as outbox:
            for operation in operations:
                outbox.add(operation)

    def operations(self) -> list[Operation]:
        """Everything in the outbox."""
        with contextlib.closing(Outbox(self.files.outbox, self.files.desk)) as outbox:
            return outbox.load_all()

    def states(self) -> list[OperationState]:
        """The states of everything in the outbox."""
        return [each.state for each in self.operations()]

    def force(self, state: OperationState) -> None:
        """Leave every row in a state, as a process that was killed did."""
        with contextlib.closing(sqlite3.connect(self.files.outbox)) as database:
            database.execute("UPDATE operation SET state = ?, attempts = 1", (state.value,))
            database.execute("UPDATE operation SET first_attempt_at = created_at")
            database.commit()
