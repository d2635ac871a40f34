"""Fetches conversations on demand and ahead of need, and takes in the answers to our changes."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from typing import Final

from msgspec.structs import replace

from supporttui.config.fault_points import fault_point
from supporttui.domain.conversation_budget import KEPT_BYTES, MAX_KEPT_BYTES, PREFETCHED_BYTES, within_budget
from supporttui.domain.patch import apply_patch
from supporttui.domain.safe_text import OutsideText, SafeText, safe_line
from supporttui.domain.ticket import Conversation, Lifecycle, Person, Status, Ticket, with_known_values
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    ConversationBudget,
    DeskError,
    Forbidden,
    HelpDesk,
    NotFound,
    RateLimited,
    ReadLimitReached,
    SendResult,
    Unauthorised,
)
from supporttui.helpdesks.guarded_desk import unexpected_is_interrupted
from supporttui.store.database import StoreProblem
from supporttui.store.merging import merge_ticket
from supporttui.store.operations import Operation, OperationKind
from supporttui.sync.engine_context import EngineContext, wait_for_event
from supporttui.sync.prefetch_allowance import PREFETCH_CANDIDATES, PrefetchAllowance
from supporttui.sync.status import sentence_of

_log = logging.getLogger(__name__)

PREFETCHED_STATUSES: Final = frozenset({Status.NEW, Status.OPEN, Status.AWAITING_REPLY})
"""Tickets in these statuses are likely to be opened, offline too, and their clocks to be looked at."""

_POLLED_DESK_FACTOR: Final = 40


class ConversationFetcher:
    """Fetches one conversation at a time, wanted ones first. Lives on the engine's loop."""

    def __init__(self, engine_context: EngineContext) -> None:
        self._engine_context = engine_context
        self._wanted: dict[TicketId, object] = {}
        """Each with a value of its own, so that it is seen when it is wanted once more while it is being fetched."""
        self._ahead: dict[TicketId, Ticket] = {}
        self._previewed: Ticket | None = None
        self._under_way: dict[TicketId, Ticket | None] = {}
        """The tickets that are being fetched, each with its newer state that was reported meanwhile."""
        self._work = asyncio.Event()
        self._someone_waits = asyncio.Event()
        self._kept_bytes: dict[TicketId, int] = {}
        """How many bytes are kept of the conversations that somebody has opened."""
        self._fetched_with: dict[TicketId, int] = {}
        """How many bytes could be kept when each conversation was fetched."""
        self._prefetch = PrefetchAllowance(engine_context)
        self.problems: dict[TicketId, SafeText] = {}
        """Why a wanted conversation could not be fetched, by ticket."""

    def want(self, ticket_id: TicketId) -> None:
        """Fetch this one next."""
        self.problems.pop(ticket_id, None)
        self._kept_bytes.setdefault(ticket_id, KEPT_BYTES)
        self._wanted[ticket_id] = object()
        self._someone_waits.set()
        self._work.set()

    def want_older(self, ticket_id: TicketId) -> None:
        """Fetch this one next, with more of its older messages than now."""
        kept = self._kept_bytes.get(ticket_id, KEPT_BYTES)
        self._kept_bytes[ticket_id] = min(4 * kept, MAX_KEPT_BYTES)
        self.want(ticket_id)

    def prefetch(self, tickets: Iterable[Ticket]) -> None:
        """Prefetch the conversations of these tickets."""
        for ticket in tickets:
            if ticket.status in PREFETCHED_STATUSES and ticket.lifecycle is Lifecycle.LIVE:
                self._ahead[ticket.id] = ticket
        newest = sorted(self._ahead.values(), key=lambda ticket: ticket.updated_at)
        self._ahead = {ticket.id: ticket for ticket in newest[-self._engine_context.timings.prefetched_conversations :]}
        self._work.set()

    def prefetch_previewed(self, ticket_id: TicketId) -> None:
        """Prefetch this one before the others: it is shown without being opened. Raises StoreProblem."""
        self._previewed = self._engine_context.cache.load_ticket(ticket_id)
        self._someone_waits.set()
        self._work.set()

    def prefetch_recent(self) -> None:
        """Prefetch what changed last, as this window has become the one that fetches. Raises StoreProblem."""
        self._ahead.clear()
        self.prefetch(self._engine_context.cache.load_recent(PREFETCH_CANDIDATES))

    async def run(self, desk: HelpDesk, *, pushes: bool, leads: Callable[[], bool]) -> None:
        """Fetch, for ever, beginning with what could not be fetched before. Raises Unauthorised.

        Ahead of need only where this window is the one that `leads`: one of a store is enough.
        No other failure ends it: a single ticket on which the desk fails must not cost the link, and a link that is
        really gone is noticed by those who listen on it.
        """
        self._wanted.update((ticket_id, object()) for ticket_id in self.problems)
        rest_s = self._engine_context.timings.prefetch_s * (1 if pushes else _POLLED_DESK_FACTOR)
        while True:
            await self._work.wait()
            if self._wanted:
                await self._fetch_wanted(desk)
            elif self._previewed is not None or (self._ahead and leads()):
                has_asked = await self._fetch_ahead(desk)
                await wait_for_event(self._someone_waits, rest_s if has_asked else 0)
            else:
                self._work.clear()

    async def _fetch_wanted(self, desk: HelpDesk) -> None:
        self._someone_waits.clear()
        ticket_id, request = next(iter(self._wanted.items()))
        try:
            await self.fetch(desk, ticket_id)
        except Unauthorised:
            raise
        except RateLimited as error:
            self._engine_context.note_rate_limit(error.retry_after_s)
            await asyncio.sleep(error.retry_after_s)
            return
        except DeskError as error:
            self.problems[ticket_id] = safe_line(OutsideText(sentence_of(error)))
        if self._wanted.get(ticket_id) is request:
            del self._wanted[ticket_id]
        self._engine_context.announce()

    async def _fetch_ahead(self, desk: HelpDesk) -> bool:
        """Prefetch the newest one unless its version is stored already; return whether the desk was asked."""
        self._someone_waits.clear()
        ticket, self._previewed = self._previewed or self._ahead.popitem()[1], None
        ticket_id = ticket.id
        if ticket_id in self._under_way:
            self._under_way[ticket_id] = ticket  # whether that is in it is known when it has come
            return False
        cache = self._engine_context.cache
        if cache.load_conversation_version(ticket_id) == ticket.version or self._prefetch.is_too_large(ticket):
            return False
        used_up_s = self._prefetch.used_up_s()
        if used_up_s > 0:
            self._ahead[ticket_id] = ticket
            await wait_for_event(self._someone_waits, used_up_s)
            return False
        budget = self._prefetch.budget(self._kept_bytes.get(ticket_id, PREFETCHED_BYTES))
        try:
            await self.fetch(desk, ticket_id, budget)
            self._prefetch.fetched(budget)
        except Unauthorised:
            raise
        except ReadLimitReached:
            self._prefetch.refused(ticket, budget)
        except RateLimited as error:
            self._ahead.setdefault(ticket_id, ticket)
            self._engine_context.note_rate_limit(error.retry_after_s)
            await wait_for_event(self._someone_waits, error.retry_after_s)
        except DeskError:
            return True  # nobody waits for it
        else:
            self._engine_context.announce()
        return True

    def take_answer(self, operation: Operation, result: SendResult) -> bool:
        """Store the answer to a change; return whether the stored conversation is complete with it.

        It is if it had been fetched in the version on which the desk applied the change: then nothing else
        happened in between.
        """
        cache, ticket_id = self._engine_context.cache, result.ticket.id
        known, conversation = cache.load_ticket(ticket_id), cache.load_conversation(ticket_id)
        if result.untold and known is not None:
            patched = apply_patch(known, operation.patch, result.ticket.updated_at)
            result = replace(result, ticket=with_known_values(result.ticket, patched, result.untold))
        self._engine_context.note_unreadable([ticket_id] if result.is_unreadable else [], [ticket_id])
        if operation.kind is OperationKind.CREATE:
            return self._take_new_ticket(operation, result)
        if known is None or conversation is None or result.messages is None or not self._is_exact(operation):
            cache.apply([result.ticket], result.people)
            return False
        is_next = operation.based_on == known.version == conversation.ticket_version
        if not is_next or (result.audit_id or 0) <= (conversation.last_audit_id or 0):
            cache.apply([result.ticket], result.people)
            return False
        at = max((message.created_at for message in result.messages), default=result.ticket.updated_at)
        ticket = merge_ticket(apply_patch(known, operation.patch, at), result.ticket)
        extended = replace(
            conversation,
            messages=(*conversation.messages, *result.messages),
            history=(*conversation.history, *result.history),
            last_audit_id=result.audit_id,
            ticket_version=result.ticket.version,
        )
        cache.save_conversation(
            within_budget(extended, self._kept_bytes.get(ticket_id, KEPT_BYTES)), ticket, result.people
        )
        self._ahead.pop(ticket_id, None)
        return True

    def _take_new_ticket(self, operation: Operation, result: SendResult) -> bool:
        """Store the answer to a creation, which is the whole ticket in that version."""
        cache, ticket = self._engine_context.cache, result.ticket
        cache.apply([ticket], result.people)
        is_first = cache.load_conversation_version(ticket.id) is None
        if result.conversation is None or not (is_first and self._is_exact(operation)):
            return False
        if cache.people.load(ticket.requester_id) is None:
            return False
        cache.save_conversation(result.conversation, ticket, result.people)
        self._ahead.pop(ticket.id, None)
        return True

    def _is_exact(self, operation: Operation) -> bool:
        """Whether the desk applied the request exactly once and its versions differ after every change."""
        account = self._engine_context.status.account
        can = account.capabilities if account is not None else None
        is_first_attempt = operation.attempts == 0
        return can is not None and can.checks_versions and not can.version_resolution_s and is_first_attempt

    async def fetch(self, desk: HelpDesk, ticket_id: TicketId, budget: ConversationBudget | None = None) -> None:
        """Fetch one now, into the local copy; of one that is there, what is new. Raises DeskError."""
        self._under_way.setdefault(ticket_id, None)
        budget = budget or ConversationBudget(self._kept_bytes.get(ticket_id, KEPT_BYTES))
        try:
            ticket, conversation, people = await self._fetched(desk, ticket_id, budget)
        except (NotFound, Forbidden):
            await self._take_off_board_if_gone(desk, ticket_id)
            raise
        finally:
            reported = self._under_way.pop(ticket_id, None)
        self._engine_context.note_answer(desk.desk_ahead_s, is_current=False)
        fault_point("conversation fetched")
        with unexpected_is_interrupted(f"ticket {ticket_id.label}", StoreProblem):
            kept = within_budget(conversation, budget.kept_bytes)
            self._engine_context.cache.save_conversation(kept, ticket, people)
        self._fetched_with[ticket_id] = budget.kept_bytes
        if conversation.is_ticket_unreadable:
            self._engine_context.note_unreadable([ticket_id], ())
        fault_point("conversation in cache")
        self._engine_context.tickets_came_in.set()
        self._ahead.pop(ticket_id, None)
        self.problems.pop(ticket_id, None)
        if reported is not None:
            self.prefetch([reported])

    async def check_exists(self, desk: HelpDesk, ticket_id: TicketId) -> None:
        """Fetch a ticket that may be gone; one that is gone, or not for us any more, leaves the board.

        Raises DeskError for anything else.
        """
        with contextlib.suppress(NotFound, Forbidden):
            await self.fetch(desk, ticket_id)

    async def _take_off_board_if_gone(self, desk: HelpDesk, ticket_id: TicketId) -> None:
        """Keep a ticket as deleted where a list that could have it does not have it either.

        One answer with 404 or 403 is no evidence: a proxy in front of a desk that restarts gives it to everything.
        """
        cache = self._engine_context.cache
        ticket = cache.load_ticket(ticket_id)
        if ticket is None or ticket.lifecycle is not Lifecycle.LIVE:
            return
        missing: tuple[TicketId, ...] = ()
        with contextlib.suppress(DeskError):
            missing = await desk.find_missing([ticket_id])
        if ticket_id in missing:
            _log.warning("ticket %s has left the board: the desk does not have it, or not for us", ticket_id.label)
            cache.apply([replace(ticket, lifecycle=Lifecycle.DELETED)], ())
            self._engine_context.announce()

    async def _fetched(
        self, desk: HelpDesk, ticket_id: TicketId, budget: ConversationBudget
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        cache = self._engine_context.cache
        ticket, known = cache.load_ticket(ticket_id), cache.load_conversation(ticket_id)
        kept_bytes = self._fetched_with.get(ticket_id, PREFETCHED_BYTES)
        if ticket is None or (known is not None and known.omitted and kept_bytes < budget.kept_bytes):
            return await desk.fetch_conversation(ticket_id, budget)  # its older messages may fit now
        named = {message.author_id for message in known.messages} if known is not None else set()
        named |= {ticket.requester_id, ticket.assignee_id or ticket.requester_id}
        return await desk.refresh_conversation(ticket, known, cache.people.load_by_id(named).values(), budget)
