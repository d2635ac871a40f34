"""Finds tickets on the board that a polled desk does not have any more, or not for us.

A list of what changed never names a ticket that was deleted for good or moved out of reach.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import MISSING_BATCH, DeskError, HelpDesk, RateLimited, Unauthorised, Unreachable
from supporttui.sync.conversation_fetcher import ConversationFetcher
from supporttui.sync.engine_context import EngineContext

_log = logging.getLogger(__name__)


class Reconciler:
    """Asks for a hundred tickets a minute, in turns for all that are not closed. Lives on the engine's loop."""

    def __init__(self, engine_context: EngineContext, conversations: ConversationFetcher) -> None:
        self._engine_context = engine_context
        self._conversations = conversations
        self._to_check: list[TicketId] = []
        self._missing: deque[TicketId] = deque()
        """Those that the desk did not name and that have not been asked for by themselves yet."""

    async def run(self, desk: HelpDesk, leads: Callable[[], bool]) -> None:
        """Check, for ever, where this window is the one that `leads`. Raises StoreProblem and Unauthorised."""
        while True:
            await asyncio.sleep(self._engine_context.timings.reconcile_s)
            await asyncio.sleep(self._engine_context.rate_limited_s())
            if leads():
                await self.check_some(desk)

    async def check_some(self, desk: HelpDesk) -> None:
        """Check the next hundred; after the last ones it begins anew. Raises StoreProblem and Unauthorised.

        What the desk did not name is asked for by itself: only a desk that answers 404 or 403 to that has it no more,
        or not for us. What could not be asked for is asked for at the next turn, before any others.
        """
        try:
            if not self._missing:
                self._missing.extend(await desk.find_missing(self._next_batch()))
                self._to_check = self._to_check[MISSING_BATCH:]
            while self._missing:
                await self._check_one(desk, self._missing[0])
                self._missing.popleft()
        except Unauthorised:
            raise
        except RateLimited as error:
            self._engine_context.note_rate_limit(error.retry_after_s)
        except DeskError as error:
            _log.info("whether tickets are still there could not be asked: %s", error)

    def _next_batch(self) -> list[TicketId]:
        if not self._to_check:
            self._to_check = list(self._engine_context.cache.board.ids_not_closed())
        return self._to_check[:MISSING_BATCH]

    async def _check_one(self, desk: HelpDesk, ticket_id: TicketId) -> None:
        """Check one; a ticket that the desk refuses, or fails on, does not keep the next ones from being checked."""
        try:
            await self._conversations.check_exists(desk, ticket_id)
        except (Unauthorised, RateLimited, Unreachable):
            raise
        except DeskError as error:
            _log.info("whether ticket %s is still there could not be asked: %s", ticket_id.label, error)
