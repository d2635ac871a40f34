"""Reads a requester's tickets: pages of changes, and conversations with what public messages tell of their clocks.

A list of requests has no metrics: only the comments tell when a ticket was first answered, so they are read with it for
the tickets that the board shows.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from supporttui.domain.conversation_budget import KEPT_BYTES, newest_within, within_budget
from supporttui.domain.ticket import Conversation, Message, Person, Role, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    ChangePage,
    ConversationBudget,
    DeskError,
    Interrupted,
    NotFound,
    RateLimited,
    Unauthorised,
    Unreachable,
)
from supporttui.helpdesks.http_errors import capitalize_first
from supporttui.helpdesks.zendesk.answer_decoding import NOTHING_LOST, ReadItem, ReadPage, decode_items
from supporttui.helpdesks.zendesk.change_feed import OVERLAP, next_place
from supporttui.helpdesks.zendesk.client import (
    MAX_CURSOR_CHARACTERS,
    PageSize,
    ZendeskClient,
)
from supporttui.helpdesks.zendesk.conversation import parse_conversation, parse_messages
from supporttui.helpdesks.zendesk.translation import (
    UnreadableTicket,
    parse_person,
    parse_ticket,
    ticket_id_of,
    ticket_number,
)
from supporttui.zendesk_api import responses

_log = logging.getLogger(__name__)

PAGE_SIZE: Final = 30
"""Tickets per page: the comments of each are requested one after the other."""

ON_BOARD: Final = timedelta(days=8)
"""For tickets closed longer ago, the comments are read only when the ticket is opened."""

REQUEST_FIELDS: Final = frozenset({"created_at", "priority", "status", "subject", "updated_at"})
"""Fields without which a request is incomplete."""

_CURSOR: Final = re.compile(r"requests:(\d{1,12}):(\d{1,12}):([!-~]*)")


class SentRequest(msgspec.Struct):
    """A response with one request, in the fields that it shares with a ticket."""

    request: responses.ZendeskTicket


class _Requests(responses.Page, kw_only=True):
    """A page of requests, in the fields that they share with tickets."""

    requests: list[responses.ZendeskTicket]


def request_path(ticket_id: TicketId, desk: str) -> str:
    """Return the path of a request, without its extension. Raises NotFound if the desk can have no such ticket."""
    return f"/api/v2/requests/{ticket_number(ticket_id, desk)}"


class PublicTicketReader:
    """Reads a requester's tickets over one connection."""

    def __init__(self, client: ZendeskClient, desk: str) -> None:
        self._client = client
        self._desk = desk
        self._page_size = PageSize(PAGE_SIZE)
        self.me: Person | None = None
        """The customer once known, who is the requester of every ticket here."""

    async def fetch_page(self, cursor: str | None) -> ChangePage:
        """Return a page of the list, newest change first, until the mark of the previous round is passed.

        The cursor has the mark, the newest change seen in this round, both in seconds since 1970, and the page.
        """
        saved = _CURSOR.fullmatch(cursor or "") if len(cursor or "") <= MAX_CURSOR_CHARACTERS else None
        mark, newest, after = (int(saved[1]), int(saved[2]), saved[3]) if saved is not None else (0, 0, "")
        page, lost, items = await self._list_page(after)
        tickets: list[Ticket] = []
        people: dict[int, Person] = {}
        unreadable = [each.number for each in items if each.item is None and each.number]
        unreadable += [each.item.id for each in items if each.item is not None and each.lost & REQUEST_FIELDS]
        for sent in page.requests:
            try:
                tickets.append(await self._with_public_times(self._parsed(sent), people))
            except UnreadableTicket:
                unreadable.append(sent.id)
        stamps = [int(ticket.updated_at.timestamp()) for ticket in tickets]
        newest = max([newest, *stamps])
        following, is_cut_short = next_place(page, lost, after)
        is_sorted = stamps == sorted(stamps, reverse=True)
        has_more = following is not None and not (
            is_sorted and min(stamps, default=mark) < mark - OVERLAP.total_seconds()
        )
        goes_on = has_more or is_cut_short
        return ChangePage(
            tickets=tuple(tickets),
            people=tuple(people.values()),
            cursor=f"requests:{mark}:{newest}:{following or after}" if goes_on else f"requests:{newest}:{newest}:",
            is_cut_short=is_cut_short,
            has_more=has_more,
            unreadable_ids=tuple(ticket_id_of(number, self._desk) for number in dict.fromkeys(unreadable)),
        )

    async def fetch(
        self, ticket_id: TicketId, budget: ConversationBudget
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """Return a ticket with its public messages and their authors. Raises DeskError."""
        path, what = f"{request_path(ticket_id, self._desk)}.json", f"ticket {ticket_id.label}"
        one = await self._client.get(path, SentRequest, what)
        ticket, conversation, people = await self._with_conversation(self.parse(one.request), budget)
        return ticket, within_budget(conversation, budget.kept_bytes), tuple(people.values())

    def parse(self, sent: responses.ZendeskTicket) -> Ticket:
        """Parse one ticket. Raises Interrupted if it lacks a field that every ticket must have."""
        try:
            return self._parsed(sent)
        except UnreadableTicket as problem:
            desk = capitalize_first(self._client.transport.desk_name)
            raise Interrupted(f"{desk} sent what cannot be read: {problem}.") from problem

    def _parsed(self, sent: responses.ZendeskTicket) -> Ticket:
        """Parse a ticket by its public fields alone, whatever else a desk may send. Raises UnreadableTicket."""
        sent.tags, sent.external_id, sent.assignee_id, sent.group_id = [], None, None, None
        return parse_ticket(sent, self._desk)

    async def _list_page(self, after: str) -> ReadPage[_Requests, responses.ZendeskTicket]:
        """Return a page, as large as can be read, and the ids of its tickets that cannot be decoded."""
        what, client = "the list of your tickets", self._client
        params = {"sort_by": "updated_at", "sort_order": "desc", **({"page[after]": after} if after else {})}

        async def page_of(size: int) -> ReadPage[_Requests, responses.ZendeskTicket]:
            answer = await client.fetch("/api/v2/requests.json", what, {**params, "page[size]": str(size)})
            where = client.transport.desk_name
            return decode_items(answer.body, _Requests, "requests", responses.ZendeskTicket, where)

        page, _size = await self._page_size.fitting(page_of, what)
        return page

    async def _with_public_times(self, ticket: Ticket, people: dict[int, Person]) -> Ticket:
        """Return the ticket with the times that its public messages tell, if the board shows it.

        If these are unreadable, the ticket is shown without them until it is opened. Raises DeskError if the desk
        cannot be reached at all.
        """
        if ticket.status is Status.CLOSED and ticket.updated_at < datetime.now(UTC) - ON_BOARD:
            return ticket
        try:
            exact, _conversation, authors = await self._with_conversation(ticket, ConversationBudget(KEPT_BYTES))
        except (Unauthorised, RateLimited, Unreachable):
            raise
        except NotFound:
            return ticket
        except DeskError as problem:
            _log.warning("the messages of ticket %s cannot be read: %s", ticket.id.label, problem)
            return ticket
        people.update(authors)
        return exact

    async def _with_conversation(
        self, ticket: Ticket, budget: ConversationBudget
    ) -> tuple[Ticket, Conversation, dict[int, Person]]:
        what, path = f"ticket {ticket.id.label}", request_path(ticket.id, self._desk)
        messages: tuple[Message, ...] = ()
        people = {} if self.me is None else {self.me.id: self.me}
        try:
            async for page in self._client.pages(
                f"{path}/comments.json", responses.CommentsPage, what, {}, budget=budget
            ):
                people.update(_authors(page.users))
                public = [ReadItem(comment, NOTHING_LOST) for comment in page.comments if comment.public is True]
                messages = newest_within((*messages, *parse_messages(public, ticket)), budget.kept_bytes)
            ticket, conversation = parse_conversation(ticket, messages, (), people)
        except OverflowError as problem:
            desk = capitalize_first(self._client.transport.desk_name)
            raise Interrupted(f"{desk} sent an impossible time on {what}.") from problem
        last_at = max((each.created_at for each in conversation.messages), default=None)
        is_unmoved = ticket.status is Status.NEW or ticket.closed_at is not None
        return (ticket if is_unmoved else replace(ticket, status_changed_at=last_at)), conversation, people


def _authors(users: Sequence[responses.User] | object) -> Mapping[int, Person]:
    """Return the people beside the comments of a request, for whom Zendesk sends `agent` in place of a role."""
    found: dict[int, Person] = {}
    for user in users if isinstance(users, list) else ():
        person = parse_person(user)
        found[user.id] = replace(person, role=Role.AGENT) if user.agent is True else person
    return found
