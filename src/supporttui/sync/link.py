"""The connection to the help desk: opened, kept, lost, and opened again for as long as the engine lives."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from typing import Any, Final

from supporttui.domain.safe_text import OutsideText, SafeText, safe_line
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    Account,
    DeskError,
    EndlessFeed,
    HelpDesk,
    ListCutShort,
    OpenDesk,
    PushEvent,
    RateLimited,
    ResponseTooLarge,
    SendResult,
    Unauthorised,
    Unreachable,
)
from supporttui.helpdesks.guarded_desk import GuardedDesk, unexpected_error
from supporttui.store.database import StoreProblem
from supporttui.sync.conversation_fetcher import ConversationFetcher
from supporttui.sync.desk_search import DeskSearcher
from supporttui.sync.engine_context import EngineContext, wait_for_event
from supporttui.sync.outbox_sender import OutboxSender
from supporttui.sync.poller_election import PollerElection
from supporttui.sync.puller import Puller
from supporttui.sync.reconciler import Reconciler
from supporttui.sync.status import LinkEvent, next_link_state, offline_sentence, sentence_of
from supporttui.sync.timings import Backoff

_log = logging.getLogger(__name__)

MAX_ANSWERED_EVENTS: Final = 1_000
"""So many changes of ours are remembered until their events come."""


class DeskLink:
    """Keeps one desk connected and the local copy current by it. Lives on the engine's loop."""

    def __init__(
        self,
        engine_context: EngineContext,
        open_desk: OpenDesk,
        puller: Puller,
        conversations: ConversationFetcher,
        sender: OutboxSender | None,
        searcher: DeskSearcher,
    ) -> None:
        self._engine_context = engine_context
        self._searcher = searcher
        self._open_desk = open_desk
        self._puller = puller
        self._conversations = conversations
        self._sender = sender
        self._polls = PollerElection(engine_context, conversations.prefetch_recent)
        self._reconciler = Reconciler(engine_context, conversations)
        self._backoff = Backoff(engine_context.timings)
        self._pull_wanted = asyncio.Event()
        self._must_pull = True
        """Whether the next pull is this window's own, whatever other windows bring."""
        self._is_behind = True
        self._is_pulling = True
        """Whether a pull is under way, or has not ended well since the connection was made."""
        self._answered_events: dict[str, None] = {}
        """Events that announce changes of ours whose answers are in the cache."""
        self._held_events: dict[str, tuple[TicketId, asyncio.TimerHandle]] = {}
        """Events that may announce a change of ours which is not answered yet, with their tickets."""
        self._refresh_requested = asyncio.Event()
        self._broken: asyncio.Future[None] | None = None
        self._logged = ""
        """The reason that the log has last."""
        self._connected_at: float | None = None
        """The loop's time at which the present connection was made."""
        self.desk: HelpDesk | None = None
        """The desk, while it is connected."""

    def refresh(self) -> None:
        """Ask the desk now; where there is none, try to reach it now."""
        self._must_pull = True
        self._pull_wanted.set()
        self._refresh_requested.set()

    def reopen(self) -> None:
        """Reopen the connection after a sleep, a clock change or a network change: it may be dead without an error."""
        self.drop(Unreachable("This machine was asleep, or is on another network."))
        self._refresh_requested.set()

    def drop(self, error: DeskError) -> None:
        """Give the present connection up, for this reason, and open another."""
        if self._broken is not None and not self._broken.done():
            self._broken.set_exception(error)

    def note_answer(self, result: SendResult) -> None:
        """Note that the answer to our change is stored, so that its event needs no fetch."""
        if result.event_id is None:
            return
        self._answered_events[result.event_id] = None
        if len(self._answered_events) > MAX_ANSWERED_EVENTS:
            del self._answered_events[next(iter(self._answered_events))]
        for event_id, (ticket_id, timer) in list(self._held_events.items()):
            if event_id == result.event_id:
                timer.cancel()
                del self._held_events[event_id]
            elif ticket_id == result.ticket.id and not self._is_ours_to_come(ticket_id):
                self._pull_for_held(event_id)
        self._is_behind = self._is_behind and self._is_pull_due()

    async def run(self) -> None:
        """Stay connected, for ever."""
        while True:
            was_healthy = False
            try:
                desk = GuardedDesk(await self._open_desk())
                try:
                    await self._serve_connection(desk)
                finally:
                    was_healthy, self.desk = self.desk is not None, None
                    self._end_of_connection()
                    if self._sender is not None:
                        await self._sender.desk_disconnected()
                    await desk.close()
            except DeskError as error:
                await self._pause(error, was_healthy=was_healthy)
            except StoreProblem as problem:
                self._engine_context.report_store_problem(problem)
                self._refresh_requested.clear()
                await wait_for_event(self._refresh_requested, self._backoff.next_s())
            except Exception as problem:  # noqa: BLE001 - the edge towards a desk: what it sent must not end the engine
                await self._pause(unexpected_error(problem, "its tickets"), was_healthy=False)

    def _end_of_connection(self) -> None:
        """Let the next wait be a short one, but only after a connection that has lasted: one that ends at once, again
        and again, is to be opened ever more rarely."""
        connected_at, self._connected_at = self._connected_at, None
        lasted_from = asyncio.get_running_loop().time() - self._engine_context.timings.slowest_retry_s
        if connected_at is not None and connected_at <= lasted_from:
            self._backoff.reset()

    async def _serve_connection(self, desk: HelpDesk) -> None:
        """Serve one connection until it breaks, which raises DeskError."""
        account = await desk.fetch_account()
        _log.info("connected")
        self._logged = ""
        self._engine_context.note_account(account)
        self._engine_context.note_answer(desk.desk_ahead_s, is_current=False)
        self._broken = asyncio.get_running_loop().create_future()
        self.desk, self._connected_at = desk, asyncio.get_running_loop().time()
        if self._sender is not None:
            self._sender.linked(desk, account, self.drop)
        self._is_pulling = True
        pushes = account.capabilities.pushes
        self._pull_wanted.clear()
        self._must_pull = True
        self._polls.leads()
        try:
            await _until_one_ends(
                self._retry_on_store_problem(lambda: self._listen(desk) if pushes else self._poll_regularly()),
                self._retry_on_store_problem(lambda: self._pull_when_wanted(desk, pushes=pushes)),
                self._retry_on_store_problem(
                    lambda: self._conversations.run(desk, pushes=pushes, leads=self._polls.leads)
                ),
                self._retry_on_store_problem(lambda: self._reconcile(desk, account)),
                self._retry_on_store_problem(lambda: self._searcher.run(desk)),
                _outcome(self._broken),
            )
        finally:
            for _ticket_id, timer in self._held_events.values():
                timer.cancel()  # the next connection begins with a pull
            self._held_events.clear()
            self._is_behind = True
            self._polls.release()

    async def _retry_on_store_problem(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a part, retrying on the same connection while the disk refuses its writes."""
        while True:
            try:
                return await work()
            except StoreProblem as problem:
                self._engine_context.report_store_problem(problem)
                self._refresh_requested.clear()
                await wait_for_event(self._refresh_requested, self._backoff.next_s())
                self._want_pull()

    async def _listen(self, desk: HelpDesk) -> None:
        """Pull whenever the desk says that something changed, and first of all once its stream is open.

        The stream is opened before that first pull, so that no change falls between the two.
        """
        events = desk.listen(None)
        try:
            self._want_pull((await self._next(events)).event_id)
            while True:
                pushed = await self._next(events)
                if pushed.ticket_id is not None:
                    self._take_event(pushed.event_id, pushed.ticket_id)
                elif pushed.event_id is not None:
                    self._want_pull(pushed.event_id)  # of what, could not be read
                else:
                    self._polls.leads()
                    self._engine_context.note_answer(desk.desk_ahead_s, is_current=not self._is_behind)
        finally:
            if isinstance(events, AsyncGenerator):
                await events.aclose()

    def _take_event(self, event_id: str | None, ticket_id: TicketId) -> None:
        """Pull for an event, unless it announces a change of ours whose answer is here, or comes in a moment."""
        if event_id is not None and event_id in self._answered_events:
            return
        if event_id is None or not self._is_ours_to_come(ticket_id):
            self._want_pull(event_id)
            return
        self._is_behind = True
        wait_s = self._engine_context.timings.poller_wait_s
        timer = asyncio.get_running_loop().call_later(wait_s, self._pull_for_held, event_id)
        self._held_events[event_id] = (ticket_id, timer)

    def _is_ours_to_come(self, ticket_id: TicketId) -> bool:
        return self._sender is not None and self._sender.is_writing(ticket_id)

    def _pull_for_held(self, event_id: str) -> None:
        """Pull for an event that was held back: it was somebody else's, or the answer takes too long."""
        _ticket_id, timer = self._held_events.pop(event_id)
        timer.cancel()
        self._want_pull(event_id)

    def _is_pull_due(self) -> bool:
        return self._is_pulling or self._pull_wanted.is_set() or bool(self._held_events)

    async def _next(self, events: AsyncIterator[PushEvent]) -> PushEvent:
        """The stream's next event. Raises Unreachable where it ended, or has been silent for too long."""
        try:
            async with asyncio.timeout(self._engine_context.timings.silence_s):
                return await anext(events)
        except StopAsyncIteration:
            raise Unreachable("The help desk ended the stream of changes.") from None
        except TimeoutError:
            raise Unreachable("The help desk has fallen silent.") from None

    def _want_pull(self, event_id: str | None = None) -> None:
        self._is_behind = True
        self._polls.announced(event_id)
        self._pull_wanted.set()

    async def _poll_regularly(self) -> None:
        while True:
            if self._polls.should_poll(self._refresh_requested.is_set()):
                self._must_pull = True
                self._want_pull()
            self._refresh_requested.clear()
            await wait_for_event(self._refresh_requested, self._engine_context.timings.poll_s)

    async def _reconcile(self, desk: HelpDesk, account: Account) -> None:
        """Reconcile, unless the desk pushes and reports deletions itself."""
        if account.capabilities.pushes and account.capabilities.reports_removals:
            await asyncio.Event().wait()
        await self._reconciler.run(desk, self._polls.leads)

    async def _pull_when_wanted(self, desk: HelpDesk, *, pushes: bool) -> None:
        """Pull once at a time, however many changes are announced meanwhile, and periodically."""
        pulled = LinkEvent.PULLED_FROM_PUSHING_DESK if pushes else LinkEvent.PULLED_FROM_POLLED_DESK
        refused = LinkEvent.PUSHING_DESK_REFUSED_PULL if pushes else LinkEvent.POLLED_DESK_REFUSED_PULL
        while True:
            await wait_for_event(self._pull_wanted, self._engine_context.timings.resync_s if pushes else None)
            is_unasked = not self._pull_wanted.is_set()
            self._pull_wanted.clear()
            self._is_behind = self._is_pulling = True
            if not (self._must_pull or is_unasked) and await self._polls.is_fetched_elsewhere():
                if not self._must_pull:  # a person may have asked meanwhile
                    self._pull_wanted.clear()
                self._mark_current(pulled)
                continue
            await asyncio.sleep(self._engine_context.rate_limited_s())
            self._pull_wanted.clear()
            self._must_pull = False
            try:
                await self._puller.pull(desk, self._polls.event_id)
            except RateLimited as error:
                self._engine_context.note_rate_limit(error.retry_after_s)
                self._engine_context.take_link_event(refused, self._offline_sentence(error))
                await asyncio.sleep(error.retry_after_s)
                self._must_pull = True
                self._pull_wanted.set()
                continue
            except (ResponseTooLarge, ListCutShort, EndlessFeed) as error:
                self._note(error)  # the link is good: what is written goes on, and so do the conversations
                self._engine_context.take_link_event(refused, safe_line(OutsideText(sentence_of(error))))
                continue
            self._engine_context.report_store_problem(None)
            self._mark_current(pulled)

    def _mark_current(self, pulled: LinkEvent) -> None:
        self._is_pulling = False
        self._is_behind = self._is_pull_due()
        status = self._engine_context.status
        if next_link_state(status.link, pulled) is not status.link or self._engine_context.has_link_sentence:
            self._engine_context.take_link_event(pulled)

    async def _pause(self, error: DeskError, *, was_healthy: bool) -> None:
        """Report what is wrong and wait; a link that was just lost may be back in a moment."""
        wait_s = self._backoff.next_s()
        self._note(error)
        if isinstance(error, Unauthorised):
            wait_s = self._engine_context.timings.unauthorised_retry_s
            self._engine_context.take_link_event(LinkEvent.TOKEN_REFUSED, self._offline_sentence(error))
        elif was_healthy:
            self._engine_context.take_link_event(LinkEvent.CONNECTION_LOST)
        else:
            self._engine_context.take_link_event(LinkEvent.CONNECTION_FAILED, self._offline_sentence(error))
        if isinstance(error, RateLimited):
            wait_s = max(wait_s, error.retry_after_s)
        self._refresh_requested.clear()
        await wait_for_event(self._refresh_requested, wait_s)

    def _offline_sentence(self, error: DeskError) -> SafeText:
        context = self._engine_context
        return offline_sentence(error, context.status.last_sync_at, context.now(), context.zone)

    def _note(self, error: DeskError) -> None:
        """Log why the copy is not current, once for each reason."""
        if sentence_of(error) != self._logged:
            self._logged = sentence_of(error)
            _log.warning("not current: %s", self._logged)


async def _outcome(future: asyncio.Future[None]) -> None:
    await future


async def _until_one_ends(*work: Coroutine[Any, Any, None]) -> None:
    """Run all of it until one ends or fails, which ends the others; that one's exception."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
