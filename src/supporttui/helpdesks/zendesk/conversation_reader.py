"""Fetches one ticket's conversation: completely, or by continuing an earlier one from later audits."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from supporttui.domain.conversation_budget import newest_within, within_budget
from supporttui.domain.ticket import Conversation, Lifecycle, Message, Person, Ticket, with_known_values
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    ConversationBudget,
    DeskError,
    Forbidden,
    Interrupted,
    ListCutShort,
    NotFound,
    RateLimited,
    ReadLimitReached,
    Rejected,
    Unauthorised,
)
from supporttui.helpdesks.http_errors import capitalize_first
from supporttui.helpdesks.zendesk.answer_decoding import (
    Lost,
    ReadItem,
    decode_audits,
    decode_items,
    decode_ticket,
    tells_all,
)
from supporttui.helpdesks.zendesk.change_feed import ChangeFeed
from supporttui.helpdesks.zendesk.client import PAGE_SIZE, ZendeskClient
from supporttui.helpdesks.zendesk.conversation import (
    NOBODY,
    extend_conversation,
    parse_conversation,
    parse_messages,
    without_texts,
)
from supporttui.helpdesks.zendesk.translation import UnreadableTicket, ticket_path, untold_fields
from supporttui.zendesk_api import responses

_log = logging.getLogger(__name__)

CONVERSATION_INCLUDES: Final = "users,metric_sets,slas,metric_events,organizations"

COMMENT_PARAMS: Final = {"include": "users", "include_inline_images": "true"}
"""https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#list-comments"""

NEWEST_AUDITS: Final = 20
"""Audits per page when a known conversation is continued, newest first: usually one or two are new."""

FetchedConversation = tuple[Ticket, Conversation, tuple[Person, ...]]


@dataclass(slots=True)
class _History:
    """Audits, the people in them, and the number of audits whose changes are not completely readable."""

    audits: list[responses.Audit]
    people: dict[int, Person]
    unreadable: int = 0
    is_readable: bool = True

    def decoded(self, body: bytes, desk: str) -> tuple[responses.AuditsPage, Lost]:
        """Decode a page of audits, counting those that are not completely readable."""
        found = decode_audits(body, desk)
        self.unreadable += sum(not tells_all(each) for each in found.items)
        return found.page, found.lost


async def fetch_messages(
    client: ZendeskClient,
    path: str,
    params: Mapping[str, str],
    ticket: Ticket,
    budget: ConversationBudget,
    take_users: Callable[[object], Awaitable[None]],
    visible: Callable[[ReadItem[responses.Comment]], ReadItem[responses.Comment] | None] = lambda comment: comment,
) -> tuple[tuple[Message, ...], bool]:
    """Return the messages of a ticket within the budget, and whether the list of them broke off.

    `take_users` gets the users of each page. `visible` returns what may be kept of a comment, None for nothing.
    Raises DeskError, and OverflowError for a time that no calendar has.
    """
    items: tuple[ReadItem[responses.Comment], ...] = ()

    def read(body: bytes) -> tuple[responses.CommentsPage, Lost]:
        nonlocal items
        where = client.transport.desk_name
        page, lost, items = decode_items(body, responses.CommentsPage, "comments", responses.Comment, where)
        return page, lost

    messages: tuple[Message, ...] = ()
    what = f"ticket {ticket.id.label}"
    try:
        async for page in client.pages(path, responses.CommentsPage, what, params, budget=budget, read=read):
            await take_users(page.users)
            kept = [each for each in map(visible, items) if each is not None]
            messages = newest_within((*messages, *parse_messages(kept, ticket, messages)), budget.kept_bytes)
    except ListCutShort:
        return messages, True
    return messages, False


class ConversationReader:
    """Reads conversations over one connection, and remembers which features the desk has shown to support."""

    def __init__(self, client: ZendeskClient, feed: ChangeFeed, desk: str) -> None:
        self._client = client
        self._feed = feed
        self._desk = desk
        self._sorts_audits = True
        self._reports_clocks: bool | None = None
        """Whether the desk reports its own clocks with single tickets; None before the first one."""

    async def fetch(
        self, ticket_id: TicketId, budget: ConversationBudget, known: Ticket | None = None
    ) -> FetchedConversation:
        """Return the ticket, its comments and its audits, or no audits if these are unreadable. Raises DeskError.

        If the ticket is not completely readable, `known` is used.
        """
        ticket, people, is_ticket_whole = await self._fetch_ticket(ticket_id, known)
        what = f"ticket {ticket_id.label}"
        messages, is_cut_short = await self._fetch_messages(ticket, people, budget)
        history = await self._fetch_readable_history(ticket_id, budget)
        _add_people(people, history.people.values())
        try:
            ticket, conversation = parse_conversation(ticket, messages, history.audits, people)
        except OverflowError as problem:
            raise self._impossible_time(what) from problem
        conversation = replace(
            within_budget(conversation, budget.kept_bytes),
            is_history_unreadable=not history.is_readable,
            unreadable_changes=history.unreadable,
            is_cut_short=is_cut_short,
            is_ticket_unreadable=not is_ticket_whole,
        )
        if not conversation.is_whole:
            _log.warning("%s: some of its conversation cannot be read", what)
        return ticket, conversation, tuple(people.values())

    async def _fetch_messages(
        self, ticket: Ticket, people: dict[int, Person], budget: ConversationBudget
    ) -> tuple[tuple[Message, ...], bool]:
        """Return the messages within the budget, and whether their list was cut short. Adds the people in it."""
        path = f"{ticket_path(ticket.id, self._desk)}/comments.json"

        async def take_users(users: object) -> None:
            _add_people(people, await self._feed.people.read(users))

        try:
            return await fetch_messages(self._client, path, COMMENT_PARAMS, ticket, budget, take_users)
        except OverflowError as problem:
            raise self._impossible_time(f"ticket {ticket.id.label}") from problem

    async def _fetch_readable_history(self, ticket_id: TicketId, budget: ConversationBudget) -> _History:
        """Return all audits; none if the desk's response is not usable, so that at least the messages are shown.

        The desk may fail for good on the history of a single ticket. If the desk cannot be reached at all, its next
        response shows that. A ticket that nobody has opened yet is left for the next attempt.
        """
        try:
            return await self._fetch_audits(ticket_id, budget=budget, with_texts=False)
        except (Unauthorised, RateLimited, ReadLimitReached):
            raise
        except DeskError as problem:
            if budget.left is not None:
                raise
            _log.warning("the history of ticket %s cannot be read: %s", ticket_id.label, problem)
            return _History([], {}, is_readable=False)

    async def refresh(
        self,
        ticket: Ticket,
        known: Conversation | None,
        people: Mapping[int, Person],
        budget: ConversationBudget,
        *,
        has_clocks: bool,
    ) -> FetchedConversation:
        """Continue the known conversation from later audits, or fetch everything if they do not suffice.

        The ticket itself is fetched if its people are unknown, or if the desk may have clocks of its own on it, as
        `has_clocks` tells. Raises DeskError.
        """
        found = await self._continue(ticket, known, people, budget, has_clocks=has_clocks)
        if found is None:
            return await self.fetch(ticket.id, budget, ticket)
        return found[0], within_budget(found[1], budget.kept_bytes), found[2]

    async def _continue(
        self,
        ticket: Ticket,
        known: Conversation | None,
        people: Mapping[int, Person],
        budget: ConversationBudget,
        *,
        has_clocks: bool,
    ) -> FetchedConversation | None:
        if not _can_continue(ticket, known):
            return None
        fresh: dict[int, Person] = {}
        has_clocks = has_clocks and self._reports_clocks is not False
        if has_clocks or ticket.desk_clocks or not {ticket.requester_id, ticket.assignee_id} <= {None, *people}:
            ticket, fresh, _is_whole = await self._fetch_ticket(ticket.id, ticket)
        try:
            after = known.last_audit_id if known is not None else None
            history = await self._fetch_audits(ticket.id, after, budget)
            if history.unreadable or not history.is_readable:
                return None
            _add_people(fresh, history.people.values())
            everybody = dict(people)
            _add_people(everybody, fresh.values())
            extended = extend_conversation(ticket, known, history.audits, everybody)
        except (Forbidden, NotFound, Interrupted):
            return None
        except OverflowError as problem:
            raise self._impossible_time(f"ticket {ticket.id.label}") from problem
        if extended is None or not all(each.author_id in {NOBODY, *everybody} for each in extended[1].messages):
            return None
        return *extended, tuple(fresh.values())

    async def _fetch_ticket(self, ticket_id: TicketId, known: Ticket | None) -> tuple[Ticket, dict[int, Person], bool]:
        """Return the ticket, the people in the response, and whether it was readable; else known values are used."""
        what, path = f"ticket {ticket_id.label}", ticket_path(ticket_id, self._desk)
        answer = await self._client.fetch(f"{path}.json", what, {"include": CONVERSATION_INCLUDES})
        one, _lost, lost_of_ticket = decode_ticket(answer.body, self._client.transport.desk_name)
        await self._feed.fetch_unknown_groups([one.ticket.group_id])
        self._reports_clocks = self._reports_clocks or isinstance(one.ticket.slas, dict)
        untold, is_unreadable = untold_fields(one.ticket, lost_of_ticket)
        if is_unreadable:
            _log.warning("%s could not be read whole", what)
        people: dict[int, Person] = {}
        _add_people(people, await self._feed.people.read(one.users, one.organizations))
        return with_known_values(self.parse(one.ticket), known, untold), people, not is_unreadable

    async def _fetch_audits(
        self,
        ticket_id: TicketId,
        after: int | None = None,
        budget: ConversationBudget | None = None,
        *,
        with_texts: bool = True,
    ) -> _History:
        """Return all audits, or those from audit `after` on, perhaps with older ones. Raises DeskError.

        If the desk cannot sort them newest first, all are read.
        """
        sorts = after is not None and self._sorts_audits
        what, path = f"ticket {ticket_id.label}", ticket_path(ticket_id, self._desk)
        params = {"include": "users", **({"sort": "-created_at"} if sorts else {})}
        history, name = _History([], {}), self._client.transport.desk_name
        try:
            async for page in self._client.pages(
                f"{path}/audits.json",
                responses.AuditsPage,
                what,
                params,
                max_size=NEWEST_AUDITS if sorts else PAGE_SIZE,
                budget=budget,
                read=lambda body: history.decoded(body, name),
            ):
                history.audits.extend(page.audits if with_texts else map(without_texts, page.audits))
                _add_people(history.people, await self._feed.people.read(page.users))
                if after is not None and _reaches(page.audits, after):
                    break
        except ListCutShort:
            history.is_readable = False
        except Rejected:
            if not sorts:
                raise
            self._sorts_audits = False
            return await self._fetch_audits(ticket_id, after, budget, with_texts=with_texts)
        return history

    def parse(self, sent: responses.ZendeskTicket) -> Ticket:
        """Parse one ticket. Raises Interrupted if it lacks a field that every ticket must have."""
        try:
            return self._feed.parse(sent)
        except UnreadableTicket as problem:
            raise Interrupted(
                f"{capitalize_first(self._client.transport.desk_name)} sent what cannot be read: {problem}."
            ) from problem

    def _impossible_time(self, what: str) -> Interrupted:
        return Interrupted(f"{capitalize_first(self._client.transport.desk_name)} sent an impossible time on {what}.")


def _can_continue(ticket: Ticket, known: Conversation | None) -> bool:
    """Whether the audits can tell all that is new; if nothing is known, only for a ticket unchanged since creation.

    An audit has the original text of a comment that was edited later.
    """
    if known is None:
        return ticket.lifecycle is Lifecycle.LIVE and ticket.updated_at == ticket.created_at
    has_audits = known.last_audit_id is not None and known.initial_values is not None and known.is_whole
    return ticket.lifecycle is Lifecycle.LIVE and has_audits and known.ticket_version != ticket.version


def _add_people(people: dict[int, Person], found: Iterable[Person]) -> None:
    """Add people; one who is known only in part replaces nobody."""
    for person in found:
        if not person.is_known_in_part or person.id not in people:
            people[person.id] = person


def _reaches(audits: Sequence[responses.Audit], audit_id: int) -> bool:
    """Whether a page that runs from the newest audit to older ones extends to this one."""
    ids = [audit.id for audit in audits]
    return len(ids) > 1 and ids == sorted(ids, reverse=True) and ids[-1] <= audit_id
