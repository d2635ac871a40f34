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

    def allows(self, ticket: Ticket) -> bool:
        """Whether this one may be fetched."""
        now = asyncio.get_running_loop().time()
        if now >= self._hour_ends_at:
            self._read_bytes, self._hour_ends_at = 0, now + 3600
        is_too_large = self._too_large.get(ticket.id) == ticket.version
        return not is_too_large and self._read_bytes < self._engine_context.timings.prefetch_hour_bytes

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
