"""Asks the desk's own search, and for its views: one request at a time, a while after the last key."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import Enum
from typing import Final

import msgspec
from msgspec.structs import replace

from supporttui.domain.query.query import Query, QueryContext
from supporttui.domain.query.selection import BoardSelection
from supporttui.domain.safe_text import OutsideText, SafeText, safe_line
from supporttui.helpdesks.base import DeskError, DeskView, FoundTickets, HelpDesk, RateLimited, Unauthorised
from supporttui.sync.engine_context import EngineContext, wait_for_event
from supporttui.sync.status import NO_SENTENCE, sentence_of

_log = logging.getLogger(__name__)

MOST_FOUND: Final = 200
"""Tickets of one search, and of one view, that are fetched."""
KEPT_FOR: Final = timedelta(days=1)
KEPT_QUERIES: Final = 20
"""For so long, and of so many queries, what was found is kept."""


class SearchState(Enum):
    """How far a search on the desk is."""

    WAITING = "waiting"
    """For the end of typing, for the link, or because the desk asks to wait."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class DeskSearchStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The search that was asked for last, or the view."""

    key: str
    """The `desk_key` of its selection."""
    state: SearchState = SearchState.WAITING
    found: int = 0
    """Tickets that were fetched."""
    total: int = 0
    """Tickets that the desk says it has found."""
    sentence: SafeText = NO_SENTENCE
    """Why it failed; empty where it did not."""

    @property
    def is_over(self) -> bool:
        """Whether it has finished, successfully or not."""
        return self.state in (SearchState.DONE, SearchState.FAILED)


class _Request(msgspec.Struct, frozen=True):
    key: str
    fetch: Callable[[HelpDesk], Awaitable[FoundTickets]]


class DeskSearcher:
    """Asks for what is wanted last; a request for anything before it is cancelled. Lives on the engine's loop."""

    def __init__(self, engine_context: EngineContext) -> None:
        self._engine_context = engine_context
        self._request: _Request | None = None
        """What is wanted and has not come."""
        self._wants_views = False
        self._change = asyncio.Event()
        self.status: DeskSearchStatus | None = None
        """None where nothing was asked for. Read from other threads."""
        self.views: tuple[DeskView, ...] | None = None
        """The desk's views as last fetched; None before that. Read from other threads."""
        self.views_problem: SafeText = NO_SENTENCE
        """Why the last fetch of the list failed; empty if it succeeded or is running."""

    def want(self, query: Query, context: QueryContext) -> None:
        """Search for this next."""
        self._want(_Request(query.text, lambda desk: desk.search(query, context, MOST_FOUND)))

    def want_view(self, view_id: str) -> None:
        """Fetch the tickets of this view next."""
        key = BoardSelection(desk_view=view_id).desk_key
        self._want(_Request(key, lambda desk: desk.fetch_view_tickets(view_id, MOST_FOUND)))

    def want_views(self) -> None:
        """Fetch the list of views next."""
        self._wants_views, self.views_problem = True, NO_SENTENCE
        self._change.set()

    def want_nothing(self) -> None:
        """Give up what was asked for and has not come."""
        self._request, self.status = None, None
        self._change.set()

    def _want(self, request: _Request) -> None:
        self._request, self.status = request, DeskSearchStatus(key=request.key)
        self._change.set()

    async def run(self, desk: HelpDesk) -> None:
        """Fetch, for ever, beginning with what has not come before. Raises Unauthorised and StoreProblem."""
        self._change.set()
        while True:
            await self._change.wait()
            await self._wait_for_end_of_typing()
            await asyncio.sleep(self._engine_context.rate_limited_s())
            if self._wants_views:
                await self._fetch_views(desk)
            request = self._request
            if request is not None and not self._change.is_set():
                await self._fetch_or_be_interrupted(desk, request)

    async def _wait_for_end_of_typing(self) -> None:
        """Wait until nothing else was wanted for a moment."""
        while self._change.is_set():
            self._change.clear()
            if self._request is not None or self.views_problem:
                await wait_for_event(self._change, self._engine_context.timings.search_pause_s)

    async def _fetch_or_be_interrupted(self, desk: HelpDesk, request: _Request) -> None:
        """Fetch; where something else is wanted meanwhile, cancel it."""
        fetching = asyncio.create_task(self._fetch(desk, request))
        changing = asyncio.create_task(self._change.wait())
        try:
            await asyncio.wait((fetching, changing), return_when=asyncio.FIRST_COMPLETED)
            if fetching.done():
                fetching.result()
        finally:
            for task in (fetching, changing):
                task.cancel()
            await asyncio.gather(fetching, changing, return_exceptions=True)

    async def _fetch(self, desk: HelpDesk, request: _Request) -> None:
        self._say(request, DeskSearchStatus(key=request.key, state=SearchState.RUNNING))
        try:
            found = await request.fetch(desk)
        except Unauthorised:
            raise
        except RateLimited as error:
            self._engine_context.note_rate_limit(error.retry_after_s)
            self._say(request, DeskSearchStatus(key=request.key, sentence=safe_line(OutsideText(sentence_of(error)))))
            self._change.set()  # it is asked again once the desk may be asked
            return
        except DeskError as error:
            _log.info("the search failed: %s", error)
            self._end(request, SearchState.FAILED, safe_line(OutsideText(sentence_of(error))))
            return
        self._take(request, found)

    def _take(self, request: _Request, found: FoundTickets) -> None:
        context = self._engine_context
        context.note_unreadable(found.unreadable_ids, (each.id for each in found.tickets))
        tickets = context.with_known_values(found.tickets, found.untold)
        context.cache.take_found(request.key, tickets, found.people, context.now())
        context.cache.forget_found(context.now() - KEPT_FOR, KEPT_QUERIES)
        context.tickets_came_in.set()
        status = DeskSearchStatus(key=request.key, found=len(found.tickets), total=found.total)
        self._end(request, SearchState.DONE, NO_SENTENCE, status)

    def _end(
        self, request: _Request, state: SearchState, sentence: SafeText, status: DeskSearchStatus | None = None
    ) -> None:
        if self._request is request:
            self._request = None
        self._say(request, replace(status or DeskSearchStatus(key=request.key), state=state, sentence=sentence))

    def _say(self, request: _Request, status: DeskSearchStatus) -> None:
        if self.status is not None and self.status.key == request.key:
            self.status = status
            self._engine_context.announce()

    async def _fetch_views(self, desk: HelpDesk) -> None:
        try:
            self.views = await desk.fetch_views()
            self._wants_views, self.views_problem = False, NO_SENTENCE
        except Unauthorised:
            raise
        except RateLimited as error:
            self._engine_context.note_rate_limit(error.retry_after_s)
            self.views_problem = safe_line(OutsideText(sentence_of(error)))
            self._change.set()  # they are asked for again once the desk may be asked
        except DeskError as error:
            _log.info("the desk's views could not be fetched: %s", error)
            self._wants_views, self.views_problem = False, safe_line(OutsideText(sentence_of(error)))
        self._engine_context.announce()
