"""The local copy as the commands for scripts use it: brought up to date first, and asked by a filter."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from supporttui.cli.calendar_cache import load_calendars
from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.selected_desk import SelectedDesk
from supporttui.domain.board_order import BoardOrder, waiting_since
from supporttui.domain.instants import to_us
from supporttui.domain.query.query import Query, QueryContext, QueryProblem
from supporttui.domain.query.selection import BoardSelection, SortBy
from supporttui.domain.sla import Clock, SlaRules, ticket_clocks
from supporttui.domain.ticket import Conversation, Person, Ticket
from supporttui.domain.ticket_id import BadTicketId, TicketId, parse_ticket_id
from supporttui.helpdesks.base import Account, DeskError, HelpDesk, RateLimited, Rejected, Unauthorised
from supporttui.helpdesks.guarded_desk import GuardedDesk
from supporttui.store.cache import Cache
from supporttui.store.outbox import Outbox
from supporttui.store.selected_tickets import Question, order_of
from supporttui.store.sla_record_file import SlaRecordFile
from supporttui.store.ticket_order import TicketOrder
from supporttui.store.ticket_rows import batches
from supporttui.sync.status import EngineStatus, load_status

if TYPE_CHECKING:
    from supporttui.sync.engine_context import EngineContext

OLD_AFTER: Final = timedelta(minutes=1)
"""A copy that is older is brought up to date before it is listed."""
REORDERED_AT_ONCE: Final = 1_000
MOST_FOUND: Final = 200
"""Tickets that the desk's own search adds."""


def parse_filter(words: Sequence[str]) -> Query:
    """The filter that these arguments are. Raises CommandError, which points at the mistake."""
    from supporttui.domain.query.parser import parse_query

    text = " ".join(words)
    try:
        return parse_query(text)
    except QueryProblem as problem:
        wrong = text[max(problem.start, 0) : problem.end] or text
        raise CommandError(
            f"filter, character {max(problem.start, 0) + 1}, at {wrong[:40]!r}: {problem.sentence}", Exit.USAGE
        ) from None


class LocalCopy:
    """The files of one desk, open for one command."""

    def __init__(self, target: SelectedDesk, now: datetime) -> None:
        self.target = target
        self.rules = SlaRules(target.policy, load_calendars(target.policy, now, target.files))
        self._order = BoardOrder(*self.rules)
        self.cache = Cache(target.files.cache, target.files.desk, TicketOrder(self._order))
        self.cache.order.begin()

    @property
    def status(self) -> EngineStatus:
        """How current the copy is, and whose."""
        return load_status(self.cache)

    @property
    def account(self) -> Account | None:
        """Who we are, as the desk last said it."""
        return self.status.account

    def age(self) -> timedelta | None:
        """How old the copy is; None where everything was never fetched."""
        synced_at = self.status.last_sync_at
        return None if synced_at is None else max(datetime.now(UTC) - synced_at, timedelta())

    def desk_now(self) -> datetime:
        """The desk's time."""
        return datetime.now(UTC) + timedelta(seconds=self.status.desk_ahead_s)

    def synchronise(self, query: Query | None = None) -> None:
        """Fetch what is new, and what the desk's own search finds for a query. Raises DeskError."""
        asyncio.run(self._pull(query))

    async def _pull(self, query: Query | None) -> None:
        from supporttui.sync.conversation_fetcher import ConversationFetcher
        from supporttui.sync.engine_context import EngineContext
        from supporttui.sync.puller import Puller
        from supporttui.sync.timings import Timings, utc_now

        context = EngineContext(self.cache, None, Timings(), utc_now, lambda: None)
        wait_s = context.rate_limited_s()
        if wait_s > 0:
            raise RateLimited(f"The desk has asked us to wait for {wait_s:.0f} seconds.", retry_after_s=wait_s)
        async with self._connected() as desk:
            try:
                context.note_account(await desk.fetch_account())
                await Puller(context, ConversationFetcher(context)).pull(desk)
                await self._search(desk, context, query)
            except RateLimited as error:
                context.note_rate_limit(error.retry_after_s)
                raise

    async def _search(self, desk: HelpDesk, context: "EngineContext", query: Query | None) -> None:
        account = context.status.account
        if query is None or not query.asks_desk or account is None or not account.capabilities.searches:
            return
        with contextlib.suppress(Rejected):  # it can answer nothing of it
            found = await desk.search(query, self.query_context(), MOST_FOUND)
            tickets = context.with_known_values(found.tickets, found.untold)
            self.cache.take_found(query.text, tickets, found.people, context.now())

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[HelpDesk]:
        """A connection for reading. Raises DeskError."""
        desk = GuardedDesk(await self.target.open_read_only())
        try:
            yield desk
        finally:
            await desk.close()

    def refresh_if_old(self, *, is_live: bool, query: Query | None = None) -> DeskError | None:
        """Bring the copy up to date where it is old, or where that `is_live`.

        Returns why that was not possible, where the copy as it is will do. Raises DeskError where it will not.
        """
        age = self.age()
        if age is not None and age < OLD_AFTER and not is_live:
            return None
        try:
            self.synchronise(query if is_live else None)
        except Unauthorised:
            raise
        except DeskError as error:
            if is_live or age is None:
                raise
            return error
        return None

    def query_context(self) -> QueryContext:
        """What a filter is evaluated against."""
        now, account = self.desk_now(), self.account
        with contextlib.closing(Outbox(self.target.files.outbox, self.target.files.desk)) as outbox:
            drafts, unsent = outbox.load_drafts(), outbox.load_open()
        return QueryContext(
            now=now,
            zone=self.rules.calendars.desk.zone,
            my_id=None if account is None else account.me.id,
            open_us=self._order.open_us(now),
            business_day=self.rules.policy.hours.counted_business_day,
            draft_ids=frozenset(each.ticket_id for each in drafts if each.ticket_id is not None),
            unsent_ids=frozenset(each.ticket_id for each in unsent if each.ticket_id is not None),
        )

    def find(self, query: Query, sort_by: SortBy, *, is_live: bool) -> list[Ticket]:
        """The tickets of the board that match, in order; with what the desk's search has found where that `is_live`."""
        while self.cache.order.reorder(REORDERED_AT_ONCE):
            pass
        context = self.query_context()
        question = Question(
            selection=BoardSelection(query=query, finds_on_desk=is_live and query.asks_desk),
            context=context,
            closed_since=context.now - timedelta(days=self.rules.policy.closed_days),
        )
        panes = self.cache.selection.select(question).panes
        numbers = [number for pane in panes.values() for number in pane.numbers]
        found = [
            each.ticket_id
            for share in batches(numbers)
            for each in self.cache.selection.entries(question, share).values()
        ]
        return self._sorted(self.cache.load_tickets_by_id(found), sort_by, context.now)

    def _sorted(self, tickets: Iterable[Ticket], sort_by: SortBy, now: datetime) -> list[Ticket]:
        """In one order over all panes: closed tickets stand last where it is the clock that counts."""

        def key(ticket: Ticket) -> tuple[Any, ...]:
            waits = waiting_since(ticket)
            times = to_us(ticket.updated_at), to_us(ticket.created_at)
            position = self._order.position(ticket, now)
            order = order_of(sort_by, position, ticket.severity, None if waits is None else to_us(waits), *times)
            return *order, ticket.id

        return sorted(tickets, key=key)

    def ticket(self, ticket_id: TicketId) -> Ticket | None:
        """One ticket as the copy has it."""
        return self.cache.load_ticket(ticket_id)

    def fetch_conversation(self, ticket_id: TicketId) -> Ticket:
        """Fetch a ticket with its conversation into the copy; the ticket. Raises DeskError."""

        async def fetch() -> Ticket:
            async with self._connected() as desk:
                ticket, conversation, people = await desk.fetch_conversation(ticket_id)
            self.cache.save_conversation(conversation, ticket, people)
            return self.cache.load_ticket(ticket_id) or ticket

        return asyncio.run(fetch())

    def fetch_agents(self) -> tuple[Person, ...]:
        """Everybody to whom a ticket can be assigned. Raises DeskError."""

        async def fetch() -> tuple[Person, ...]:
            async with self._connected() as desk:
                return await desk.fetch_agents()

        return asyncio.run(fetch())

    def conversation(self, ticket: Ticket) -> Conversation | None:
        """The kept conversation, if it is that of this version of the ticket."""
        kept = self.cache.load_conversation(ticket.id)
        return kept if kept is not None and kept.ticket_version == ticket.version else None

    def clocks(self, tickets: Sequence[Ticket]) -> dict[TicketId, tuple[Clock, ...]]:
        """The clocks of each ticket."""
        with contextlib.closing(SlaRecordFile(self.target.files.sla_records, self.target.files.desk)) as file:
            records = file.load(each.id for each in tickets)
        return {each.id: ticket_clocks(each, *self.rules, records.get(each.id, ())) for each in tickets}

    def people(self, tickets: Iterable[Ticket], conversation: Conversation | None = None) -> dict[int, Person]:
        """The people whom tickets and a conversation name, as far as they are known."""
        ids = {who for each in tickets for who in (each.requester_id, each.assignee_id) if who is not None}
        ids |= {each.author_id for each in conversation.messages} if conversation is not None else set()
        return {key: each for share in batches(list(ids)) for key, each in self.cache.people.load_by_id(share).items()}

    def close(self) -> None:
        """Close the files."""
        self.cache.close()


@contextlib.contextmanager
def open_local_copy(target: SelectedDesk) -> Iterator[LocalCopy]:
    """The local copy for as long as the context lasts. Raises CommandError, StoreProblem."""
    with contextlib.closing(LocalCopy(target, datetime.now(UTC))) as copy:
        yield copy


def parse_typed_id(typed: str, target: SelectedDesk) -> TicketId:
    """The ticket that is meant by `1042`, `#1042` or `DESK:1042`. Raises CommandError."""
    desk = target.files.desk
    named, colon, own = typed.strip().removeprefix("#").rpartition(":")
    if colon and named != desk:
        raise CommandError(f"{typed!r} is no ticket of this desk, which is {desk}; write {desk}:{own}", Exit.USAGE)
    try:
        return parse_ticket_id(own if colon else typed, desk)
    except BadTicketId as problem:
        raise CommandError(str(problem), Exit.USAGE) from None
