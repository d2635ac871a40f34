"""How much is read and kept of conversations that nobody has opened."""

import asyncio
from typing import Final

from supporttui.domain.ticket import Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import ConversationBudget
from supporttui.sync.engine_context import EngineContext

PREFETCH_CANDIDATES: Final = 500
"""Of so many tickets, those that changed last, the conversations are looked after at the beginning."""


class PrefetchAllowance:
    """What may still be read and kept of conversations that nobody has opened."""

    def __init__(self, engine_context: EngineContext) -> None:
        self._engine_context = engine_context
        self._too_large: dict[TicketId, str] = {}
        """The tickets that were too large, in this version."""
        self._read_bytes = 0
        self._hour_ends_at = 0.0

    def is_too_large(self, ticket: Ticket) -> bool:
        """Whether this one, in this version, was found to be too large."""
        return self._too_large.get(ticket.id) == ticket.version

    def used_up_s(self) -> float:
        """Seconds until something may be read again; 0 where it may now."""
        now, timings = asyncio.get_running_loop().time(), self._engine_context.timings
        if now >= self._hour_ends_at:
            self._read_bytes, self._hour_ends_at = 0, now + timings.prefetch_hour_s
        return self._hour_ends_at - now if self._read_bytes >= timings.prefetch_hour_bytes else 0.0

    def budget(self, kept_bytes: int) -> ConversationBudget:
        """For one of them, of which so much is kept."""
        return ConversationBudget(kept_bytes, self._engine_context.timings.prefetched_read_bytes)

    def fetched(self, budget: ConversationBudget) -> None:
        """One is in the local copy: the oldest of those that nobody opened make room. Raises StoreProblem."""
        self._read_bytes += budget.read
        self._engine_context.cache.drop_unopened(self._engine_context.timings.unopened_bytes)

    def refused(self, ticket: Ticket, budget: ConversationBudget) -> None:
        """It was too large."""
        self._read_bytes += budget.read
        self._too_large[ticket.id] = ticket.version
        while len(self._too_large) > PREFETCH_CANDIDATES:
            del self._too_large[next(iter(self._too_large))]
