"""A conversation that is wanted once more while it is being fetched is fetched once more."""

import asyncio
import contextlib
from collections.abc import Iterable
from pathlib import Path

from support.board_samples import NOW, sample_ticket
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from supporttui.domain.conversation_budget import PREFETCHED_BYTES
from supporttui.domain.ticket import Conversation, Person, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import ConversationBudget
from supporttui.store.cache import Cache
from supporttui.sync.conversation_fetcher import ConversationFetcher
from supporttui.sync.engine_context import EngineContext
from supporttui.sync.timings import Timings


class HeldDesk(InMemoryHelpDesk):
    """Holds the first conversation that it is asked for until it is let go."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.budgets: list[int] = []
        self.is_asked, self.may_answer, self.is_asked_again = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def fetch_conversation(
        self, ticket_id: TicketId, budget: ConversationBudget | None = None
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        assert budget is not None
        self.budgets.append(budget.kept_bytes)
        (self.is_asked_again if self.is_asked.is_set() else self.is_asked).set()
        await self.may_answer.wait()
        return await super().fetch_conversation(ticket_id, budget)

    async def refresh_conversation(
        self,
        ticket: Ticket,
        known: Conversation | None,
        people: Iterable[Person],
        budget: ConversationBudget | None = None,
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        return await self.fetch_conversation(ticket.id, budget)


def test_older_messages_that_are_asked_for_while_it_is_fetched_are_not_forgotten(tmp_path: Path) -> None:
    async def scene() -> list[int]:
        desk, ticket = HeldDesk(), sample_ticket(1, "The board does not load")
        desk.put(ticket)
        with Cache(tmp_path / "cache.db", ticket.id.desk) as cache:
            fetcher = ConversationFetcher(EngineContext(cache, None, Timings(), lambda: NOW, lambda: None))
            running = asyncio.create_task(fetcher.run(desk, pushes=True, leads=lambda: False))
            fetcher.want(ticket.id)
            await desk.is_asked.wait()
            fetcher.want_older(ticket.id)
            desk.may_answer.set()
            await asyncio.wait_for(desk.is_asked_again.wait(), 10)
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
        return desk.budgets

    first, second = asyncio.run(scene())
    assert second > first


def test_a_previewed_ticket_is_fetched_by_whichever_window_as_far_as_may_be_prefetched(tmp_path: Path) -> None:
    async def scene() -> list[int]:
        desk, ticket = HeldDesk(), sample_ticket(1, "The board does not load", Status.CLOSED)
        desk.put(ticket)
        desk.may_answer.set()
        with Cache(tmp_path / "cache.db", ticket.id.desk) as cache:
            cache.apply([ticket], ())
            announced = asyncio.Event()
            fetcher = ConversationFetcher(EngineContext(cache, None, Timings(), lambda: NOW, announced.set))
            running = asyncio.create_task(fetcher.run(desk, pushes=False, leads=lambda: False))
            fetcher.prefetch_previewed(ticket.id)
            await asyncio.wait_for(announced.wait(), 10)
            assert cache.load_conversation(ticket.id) is not None
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
        return desk.budgets

    assert asyncio.run(scene()) == [PREFETCHED_BYTES]
