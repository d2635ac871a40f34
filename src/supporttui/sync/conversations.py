"""Fetches conversations: at once where somebody waits for one, and ahead of need where a ticket is being worked on."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from supporttui.domain.safetext import OutsideText, SafeText, safe_line
from supporttui.domain.ticket import Fate, Status, Ticket
from supporttui.helpdesks.base import DeskError, HelpDesk, RateLimited, Unauthorised
from supporttui.points import reach
from supporttui.sync.hub import Hub
from supporttui.sync.status import sentence_of

AHEAD: Final = frozenset({Status.NEW, Status.OPEN, Status.AWAITING_REPLY})
"""Tickets in these statuses are likely to be opened, offline too, and their clocks to be looked at."""

LOOKED_AT: Final = 500
"""Of so many tickets, those that changed last, the conversations are looked after at the beginning."""

_POLLED_DESK_FACTOR: Final = 40


class Conversations:
    """One conversation at a time, the wanted ones first. Lives on the engine's loop."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._wanted: dict[int, None] = {}
        self._ahead: dict[int, Ticket] = {}
        self._work = asyncio.Event()
        self._someone_waits = asyncio.Event()
        self.problems: dict[int, SafeText] = {}
        """Why a wanted conversation could not be fetched, by ticket."""

    def want(self, ticket_id: int) -> None:
        """Fetch this one next."""
        self.problems.pop(ticket_id, None)
        self._wanted[ticket_id] = None
        self._someone_waits.set()
        self._work.set()

    def consider(self, tickets: Iterable[Ticket]) -> None:
        """Fetch ahead of need what these tickets' conversations have become."""
        for ticket in tickets:
            if ticket.status in AHEAD and ticket.fate is Fate.LIVE:
                self._ahead[ticket.id] = ticket
        newest = sorted(self._ahead.values(), key=lambda ticket: ticket.updated_at)
        self._ahead = {ticket.id: ticket for ticket in newest[-self._hub.pace.prefetched_conversations :]}
        self._work.set()

    def look_ahead(self) -> None:
        """Consider what changed last: from now on it is for this window to fetch it. Raises StoreProblem."""
        self._ahead.clear()
        self.consider(self._hub.cache.load_recent(LOOKED_AT))

    async def run(self, desk: HelpDesk, *, pushes: bool, leads: Callable[[], bool]) -> None:
        """Fetch, for ever, beginning with what could not be fetched before. Raises Unauthorised.

        Ahead of need only where this window is the one that `leads`: one of a store is enough.
        No other failure ends it: a single ticket on which the desk fails must not cost the link, and a link that is
        really gone is noticed by those who listen on it.
        """
        self._wanted.update(dict.fromkeys(self.problems))
        rest_s = self._hub.pace.prefetch_s * (1 if pushes else _POLLED_DESK_FACTOR)
        while True:
            await self._work.wait()
            if self._wanted:
                await self._fetch_wanted(desk)
            elif self._ahead and leads():
                has_asked = await self._fetch_ahead(desk)
                await _either(self._someone_waits, rest_s if has_asked else 0)
            else:
                self._work.clear()

    async def _fetch_wanted(self, desk: HelpDesk) -> None:
        self._someone_waits.clear()
        ticket_id = next(iter(self._wanted))
        try:
            await self.fetch(desk, ticket_id)
        except Unauthorised:
            raise
        except RateLimited as error:
            self._hub.asked_to_wait(error.retry_after_s)
            await asyncio.sleep(error.retry_after_s)
            return
        except DeskError as error:
            self.problems[ticket_id] = safe_line(OutsideText(sentence_of(error)))
        self._wanted.pop(ticket_id, None)
        self._hub.announce()

    async def _fetch_ahead(self, desk: HelpDesk) -> bool:
        """The newest one, unless it is there in this version; whether the desk was asked."""
        ticket_id, ticket = self._ahead.popitem()
        if self._hub.cache.load_conversation_version(ticket_id) == ticket.version:
            return False
        try:
            await self.fetch(desk, ticket_id)
        except Unauthorised:
            raise
        except RateLimited as error:
            self._hub.asked_to_wait(error.retry_after_s)
            await _either(self._someone_waits, error.retry_after_s)
        except DeskError:
            return True  # nobody waits for it
        else:
            self._hub.announce()
        return True

    async def fetch(self, desk: HelpDesk, ticket_id: int) -> None:
        """Fetch one now, into the local copy. Raises DeskError."""
        ticket, conversation, people = await desk.fetch_conversation(ticket_id)
        self._hub.heard(desk.desk_ahead_s, is_current=False)
        reach("conversation fetched")
        self._hub.cache.save_conversation(conversation, ticket, people)
        reach("conversation in cache")
        self._ahead.pop(ticket_id, None)
        self.problems.pop(ticket_id, None)


async def _either(event: asyncio.Event, wait_s: float) -> None:
    """Wait for the event, but not longer than so many seconds."""
    try:
        async with asyncio.timeout(wait_s):
            await event.wait()
    except TimeoutError:
        return
