"""Pull: fetches changed tickets page by page, conversations on demand and ahead of need, and attachments."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from supporttui.config.fault_points import fault_point
from supporttui.domain.conversation_budget import KEPT_BYTES, MAX_KEPT_BYTES, PREFETCHED_BYTES, within_budget
from supporttui.domain.patch import apply_patch
from supporttui.domain.safe_text import OutsideText, SafeText, safe_line
from supporttui.domain.ticket import Attachment, Conversation, Lifecycle, Person, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    ChangePage,
    ConversationBudget,
    DeskError,
    EndlessFeed,
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
from supporttui.sync.timings import Timings

THIN_PAGE: Final = 5
"""A page with fewer tickets, of which others follow, brings next to nothing."""

MAX_ATTACHMENT_BYTES: Final = 100 * 1024 * 1024
"""Larger files are not fetched; Zendesk takes up to 50 MB."""


def attachment_file_name(attachment: Attachment) -> str:
    """A safe file name: the desk's id, then the letters and digits of the sender's name."""
    stem, dot, ending = attachment.file_name.raw.rpartition(".")
    if not dot:
        stem, ending = ending, ""
    letters = (letter if letter.isalnum() or letter == "-" else "_" for letter in stem[:50])
    plain = "".join(letters).strip("_-") or "file"
    suffix = "".join(letter for letter in ending if letter.isascii() and letter.isalnum())[:10]
    return f"{attachment.id}-{plain}.{suffix}" if suffix else f"{attachment.id}-{plain}"


async def download_attachment(
    desk: HelpDesk | None, attachment: Attachment, folder: str, done: Callable[[str, bool], None]
) -> None:
    """Fetch one file; `done` gets its path and True, or a sentence and False."""
    if desk is None:
        done("The help desk cannot be reached now, so the file cannot be fetched. Try again when it is live.", False)
        return
    into = _unused_path(Path(folder), attachment_file_name(attachment))
    try:
        into.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        await desk.fetch_attachment(attachment, into, max_bytes=MAX_ATTACHMENT_BYTES)
    except DeskError as error:
        done(sentence_of(error), False)
    except OSError as problem:
        done(f"Cannot write {into}: {problem.strerror}. Free some space or check its permissions.", False)
    else:
        done(str(into), True)


def _unused_path(folder: Path, name: str) -> Path:
    """The path, or one with a number if it exists already."""
    path = folder / name
    return path.with_stem(f"{path.stem}-{secrets.token_hex(3)}") if path.exists() or path.is_symlink() else path


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
        if operation.kind is OperationKind.CREATE:
            return self._take_new_ticket(operation, result)
        cache, ticket_id = self._engine_context.cache, result.ticket.id
        known, conversation = cache.load_ticket(ticket_id), cache.load_conversation(ticket_id)
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
        except NotFound:
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
        fault_point("conversation in cache")
        self._engine_context.tickets_came_in.set()
        self._ahead.pop(ticket_id, None)
        self.problems.pop(ticket_id, None)
        if reported is not None:
            self.prefetch([reported])

    async def check_exists(self, desk: HelpDesk, ticket_id: TicketId) -> None:
        """Fetch a ticket that may be gone; one that is gone leaves the board. Raises DeskError for anything else."""
        with contextlib.suppress(NotFound):
            await self.fetch(desk, ticket_id)

    async def _take_off_board_if_gone(self, desk: HelpDesk, ticket_id: TicketId) -> None:
        """Keep a ticket as deleted where a list that could have it does not have it either.

        One answer with 404 is no evidence: a proxy in front of a desk that restarts gives it to everything.
        """
        cache = self._engine_context.cache
        ticket = cache.load_ticket(ticket_id)
        if ticket is None or ticket.lifecycle is not Lifecycle.LIVE:
            return
        missing: tuple[TicketId, ...] = ()
        with contextlib.suppress(DeskError):
            missing = await desk.find_missing([ticket_id])
        if ticket_id in missing:
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


class FeedPace:
    """Slows a desk down whose pages bring nothing new, and gives up where they have no end.

    A page of many tickets of which none is new is an ordinary one: a list that is read again from its beginning.
    """

    def __init__(self, timings: Timings) -> None:
        self._timings = timings
        self._thin_pages = 0
        """Pages in a row that brought next to nothing."""
        self._empty_pages = 0
        """Pages in a row without any ticket that the page before had not, none of them changed."""
        self._last_ids: frozenset[TicketId] = frozenset()

    def ended(self) -> None:
        """Note that the desk reported the end of the feed."""
        self._thin_pages = self._empty_pages = 0

    async def next_page(self, ids: frozenset[TicketId], changed: int) -> None:
        """Wait before the page that follows one with these tickets, as long as it takes. Raises EndlessFeed."""
        brings_nothing = not changed and ids <= self._last_ids
        self._last_ids = ids
        self._empty_pages = self._empty_pages + 1 if brings_nothing else 0
        self._thin_pages = self._thin_pages + 1 if not changed or len(ids) < THIN_PAGE else 0
        if self._empty_pages >= self._timings.most_empty_pages:
            raise EndlessFeed(
                "The help desk says again and again that there are more changes and sends none. It is asked again at "
                "the next occasion; what it sent before is shown. Tell whoever runs it."
            )
        if self._thin_pages > self._timings.quick_pages:
            await asyncio.sleep(self._timings.thin_page_s)


class Puller:
    """Fetches changes from the stored cursor on. Tickets that a page does not name are left unchanged."""

    def __init__(self, engine_context: EngineContext, conversations: ConversationFetcher) -> None:
        self._engine_context = engine_context
        self._conversations = conversations
        self._feed = FeedPace(engine_context.timings)

    async def pull(self, desk: HelpDesk, event_id: str | None = None) -> None:
        """Fetch and store everything that is new, page by page. Raises DeskError.

        `event_id` is the newest event of the desk's stream that called for it.
        A page is kept with the cursor behind it, as one: an interruption costs at most one page. Another window may
        move the cursor meanwhile; a page that comes twice changes nothing.
        """
        seen: set[str | None] = set()
        while True:
            asked, asked_at = self._engine_context.cache.load_cursor(), asyncio.get_running_loop().time()
            page = await desk.fetch_changes(asked)
            page_ids = frozenset(each.id for each in page.tickets)
            tickets = self._without_worse_versions(page)
            changed = self._engine_context.cache.apply(tickets, page.people, after=asked, cursor=page.cursor)
            self._engine_context.note_unreadable(page.unreadable_ids, (each.id for each in page.tickets))
            stands_at = self._engine_context.cache.load_cursor()
            is_done = stands_at == page.cursor and not page.has_more
            self._engine_context.note_answer(desk.desk_ahead_s, is_current=is_done)
            if changed:
                self._engine_context.tickets_came_in.set()
                self._conversations.prefetch(tickets)
                self._engine_context.announce()
            if is_done:
                self._engine_context.completed(asked_at, event_id)
            if is_done or stands_at in seen:
                self._feed.ended()
                return
            seen.add(stands_at)
            await self._feed.next_page(page_ids, changed)

    def _without_worse_versions(self, page: ChangePage) -> tuple[Ticket, ...]:
        """The tickets of a page without those that could be read only in part and are stored already."""
        partly = set(page.unreadable_ids)
        stored = {each.id for each in self._engine_context.cache.load_tickets_by_id(tuple(partly))} if partly else set()
        return tuple(each for each in page.tickets if each.id not in stored)
