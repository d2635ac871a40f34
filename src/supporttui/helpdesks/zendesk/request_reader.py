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

from supporttui.domain.conversation_budget import KEPT_BYTES, within_budget
from supporttui.domain.ticket import Conversation, Person, Role, Status, Ticket, with_known_values
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
from supporttui.helpdesks.http_transport import HttpResponse
from supporttui.helpdesks.zendesk.answer_decoding import ReadItem, ReadPage, decode_items, decode_with_item
from supporttui.helpdesks.zendesk.change_feed import OVERLAP, latest_change_s, next_place
from supporttui.helpdesks.zendesk.client import (
    MAX_CURSOR_CHARACTERS,
    PageSize,
    ZendeskClient,
)
from supporttui.helpdesks.zendesk.conversation import parse_conversation
from supporttui.helpdesks.zendesk.conversation_reader import fetch_messages
from supporttui.helpdesks.zendesk.translation import (
    UnreadableTicket,
    is_id,
    parse_person,
    parse_ticket,
    ticket_id_of,
    ticket_number,
    untold_fields,
)
from supporttui.zendesk_api import responses

_log = logging.getLogger(__name__)

PAGE_SIZE: Final = 30
"""Tickets per page: the comments of each are requested one after the other."""

ON_BOARD: Final = timedelta(days=8)
"""For tickets closed longer ago, the comments are read only when the ticket is opened."""

REQUEST_FIELDS: Final = frozenset({"created_at", "priority", "requester_id", "status", "subject", "updated_at"})
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
        tickets, people, unreadable, untold = await self._tickets_of(items)
        stamps = [int(each.updated_at.timestamp()) for each in tickets if "updated_at" not in untold.get(each.id, ())]
        newest = min(max([newest, *stamps]), latest_change_s(self._client))
        following, is_cut_short = next_place(page, lost, after)
        is_sorted = stamps == sorted(stamps, reverse=True)
        has_more = following is not None and not (
            is_sorted and min(stamps, default=mark) < mark - OVERLAP.total_seconds()
        )
        goes_on = has_more or is_cut_short
        return ChangePage(
            tickets=tuple(tickets),
            people=people,
            cursor=f"requests:{mark}:{newest}:{following or after}" if goes_on else f"requests:{newest}:{newest}:",
            is_cut_short=is_cut_short,
            has_more=has_more,
            unreadable_ids=tuple(ticket_id_of(number, self._desk) for number in dict.fromkeys(unreadable)),
            untold=untold,
        )

    async def _tickets_of(
        self, items: Sequence[ReadItem[responses.ZendeskTicket]]
    ) -> tuple[list[Ticket], tuple[Person, ...], list[int], dict[TicketId, frozenset[str]]]:
        """Return the tickets of a page, their people, the ids of unreadable ones, and the fields that it lacks."""
        tickets: list[Ticket] = []
        people: dict[int, Person] = {}
        unreadable = [each.number for each in items if each.item is None]
        untold: dict[TicketId, frozenset[str]] = {}
        for sent, lost_of_ticket in ((each.item, each.lost) for each in items if each.item is not None):
            try:
                ticket = self._parsed(sent)
            except UnreadableTicket:
                unreadable.append(sent.id)
                continue
            fields, is_unreadable = untold_fields(sent, lost_of_ticket & REQUEST_FIELDS)
            if fields:
                untold[ticket.id] = fields
            if is_unreadable:
                unreadable.append(sent.id)
            exact, is_whole = await self._with_public_times(ticket, people)
            tickets.append(exact)
            if not is_whole:
                unreadable.append(sent.id)
        return tickets, tuple(people.values()), unreadable, untold

    async def fetch(
        self, ticket_id: TicketId, budget: ConversationBudget, known: Ticket | None = None
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """Return a ticket with its public messages and their authors; unreadable fields are as `known`.

        Raises DeskError.
        """
        path, what = f"{request_path(ticket_id, self._desk)}.json", f"ticket {ticket_id.label}"
        sent, untold, is_unreadable = self.read(await self._client.fetch(path, what))
        ticket = with_known_values(sent, known, untold)
        ticket, conversation, people = await self._with_conversation(ticket, budget)
        conversation = replace(conversation, is_ticket_unreadable=is_unreadable)
        return ticket, within_budget(conversation, budget.kept_bytes), tuple(people.values())

    def read(self, answer: HttpResponse) -> tuple[Ticket, frozenset[str], bool]:
        """Return the ticket of an answer, its fields that the answer lacks, and whether one is unreadable.

        Raises Interrupted.
        """
        where = self._client.transport.desk_name
        one, _lost, lost = decode_with_item(answer.body, SentRequest, "request", responses.ZendeskTicket, where)
        ticket = self.parse(one.request)
        return ticket, *untold_fields(one.request, lost & REQUEST_FIELDS)

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
        sent.custom_fields, sent.email_cc_ids, sent.problem_id = [], [], None
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

    async def _with_public_times(self, ticket: Ticket, people: dict[int, Person]) -> tuple[Ticket, bool]:
        """Return the ticket with the times from its public messages, if it is on the board, and whether all were read.

        If these are unreadable, the ticket is shown without them until it is opened. Raises DeskError if the desk
        cannot be reached at all.
        """
        if ticket.status is Status.CLOSED and ticket.updated_at < datetime.now(UTC) - ON_BOARD:
            return ticket, True
        try:
            exact, conversation, authors = await self._with_conversation(ticket, ConversationBudget(KEPT_BYTES))
        except (Unauthorised, RateLimited, Unreachable):
            raise
        except NotFound:
            return ticket, True
        except DeskError as problem:
            _log.warning("the messages of ticket %s cannot be read: %s", ticket.id.label, problem)
            return ticket, False
        people.update(authors)
        return exact, conversation.is_whole

    async def _with_conversation(
        self, ticket: Ticket, budget: ConversationBudget
    ) -> tuple[Ticket, Conversation, dict[int, Person]]:
        path = f"{request_path(ticket.id, self._desk)}/comments.json"
        people = {} if self.me is None else {self.me.id: self.me}

        async def take_users(users: object) -> None:
            people.update(_authors(users))

        try:
            messages, is_cut_short = await fetch_messages(
                self._client, path, {}, ticket, budget, take_users, _public_part
            )
            ticket, conversation = parse_conversation(ticket, messages, (), people)
        except OverflowError as problem:
            desk = capitalize_first(self._client.transport.desk_name)
            raise Interrupted(f"{desk} sent an impossible time on ticket {ticket.id.label}.") from problem
        conversation = replace(conversation, is_cut_short=is_cut_short)
        last_at = max((each.created_at for each in conversation.messages), default=None)
        is_unmoved = ticket.status is Status.NEW or ticket.closed_at is not None
        return (ticket if is_unmoved else replace(ticket, status_changed_at=last_at)), conversation, people


def _public_part(comment: ReadItem[responses.Comment]) -> ReadItem[responses.Comment] | None:
    """Return what a requester may know of a comment: nothing of a note.

    All that a desk sends on this path is public, also where it does not say so.
    """
    if comment.item is None or comment.item.public is True:
        return comment
    return None if comment.item.public is False else comment._replace(item=replace(comment.item, public=True))


def _authors(users: Sequence[responses.User] | object) -> Mapping[int, Person]:
    """Return the people beside the comments of a request, for whom Zendesk sends `agent` in place of a role."""
    found: dict[int, Person] = {}
    for user in users if isinstance(users, list) else ():
        if not is_id(user.id):
            continue
        person = parse_person(user)
        found[user.id] = replace(person, role=Role.AGENT) if user.agent is True else person
    return found
