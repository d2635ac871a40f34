"""Zendesk's own search and views: tickets that are not on the board.

https://developer.zendesk.com/api-reference/ticketing/ticket-management/search/ and
https://support.zendesk.com/hc/en-us/articles/4408886879258 for the language.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from msgspec import UNSET

from supporttui.domain.conversation_budget import bounded_text
from supporttui.domain.instants import DAY_US, from_us, to_us
from supporttui.domain.query.query import (
    COMPARISONS,
    Day,
    Field,
    Operator,
    Query,
    QueryContext,
    Span,
    Special,
    Term,
    Value,
    day_range,
    statuses_of,
)
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Person, Status
from supporttui.helpdesks.base import (
    DeskError,
    DeskView,
    FoundTickets,
    ListCutShort,
    NotFound,
    RateLimited,
    Rejected,
    Unauthorised,
)
from supporttui.helpdesks.zendesk.answer_decoding import Lost, ReadItem, decode_items
from supporttui.helpdesks.zendesk.change_feed import ChangeFeed
from supporttui.helpdesks.zendesk.client import ZendeskClient
from supporttui.helpdesks.zendesk.translation import MAX_NAME, is_id
from supporttui.zendesk_api import responses
from supporttui.zendesk_api.views import View, ViewsPage
from supporttui.zendesk_api.words import PRIORITY_OF_SEVERITY, STATUS_OF_WORD, TICKET_STATUSES

_log = logging.getLogger(__name__)

MOST_FOUND: Final = 1_000
"""Zendesk's limit: https://developer.zendesk.com/api-reference/ticketing/ticket-management/search/#results-limit"""

MOST_TERMS: Final = 30
_PAGE: Final = 100
_PEOPLE_PAGE: Final = 100
_DAY: Final = timedelta(days=1)


def search_text(query: Query, context: QueryContext) -> str:
    """Return the query in the desk's language, without terms that it cannot express; empty if none are left.

    Several values of one property are alternatives there as here, but a second term for it would be one too: only the
    first term for each property is included.
    """
    said: dict[Field, list[str]] = {}
    parts: list[str] = []
    for term in query.terms:
        told = _WORDS[term.field](term, context) if term.field in _WORDS else []
        if not told or (term.field in said and term.field not in _REPEATABLE and not term.is_negated):
            continue
        if term.is_negated:
            told = [f"-{each}" for each in told] if term.field not in _RANGES else []
        else:
            said[term.field] = told
        parts += told
    return " ".join(parts[:MOST_TERMS])


def _text_words(term: Term, _context: QueryContext) -> list[str]:
    return [_quoted(str(value)) for value in term.values] if len(term.values) == 1 else []


def _subject_words(term: Term, _context: QueryContext) -> list[str]:
    return [f"subject:{_quoted(str(value))}" for value in term.values]


def _status_words(term: Term, _context: QueryContext) -> list[str]:
    statuses = {
        each for value in term.values if isinstance(value, Status) for each in statuses_of(term.operator, value)
    }
    return [f"status:{word}" for word in TICKET_STATUSES if STATUS_OF_WORD[word] in statuses]


def _severity_words(term: Term, _context: QueryContext) -> list[str]:
    fits = COMPARISONS[term.operator]
    words = [
        PRIORITY_OF_SEVERITY[number]
        for number in PRIORITY_OF_SEVERITY
        if any(isinstance(value, int) and fits(number, value) for value in term.values)
    ]
    words += ["none"] * (Special.NONE in term.values)
    return [f"priority:{word}" for word in words]


def _valued(name: str) -> Callable[[Term, QueryContext], list[str]]:
    def words(term: Term, _context: QueryContext) -> list[str]:
        return [f"{name}:{value.value if isinstance(value, Special) else _quoted(str(value))}" for value in term.values]

    return words


def _time_words(name: str) -> Callable[[Term, QueryContext], list[str]]:
    def words(term: Term, context: QueryContext) -> list[str]:
        if len(term.values) != 1:
            return []
        first, after = _time_range(term, term.values[0], context)
        limits = [] if first is None else [f"{name}>={_instant(first)}"]
        return limits + ([] if after is None else [f"{name}<{_instant(after)}"])

    return words


def _time_range(term: Term, value: Value, context: QueryContext) -> tuple[int | None, int | None]:
    """Return the instants that a time is compared with, slightly widened as the desk counts whole seconds."""
    if isinstance(value, Day):
        return day_range(term.operator, value, context)
    if not isinstance(value, Span):
        return None, None
    limit = to_us(context.now) - value.us(_DAY)
    is_recent = term.operator in (Operator.LESS, Operator.AT_MOST)
    return (limit - 1_000_000, None) if is_recent else (None, limit + 1_000_000)


def _instant(at_us: int) -> str:
    return from_us(max(0, min(at_us, 2_932_896 * DAY_US))).strftime("%Y-%m-%dT%H:%M:%SZ")


def _quoted(text: str) -> str:
    plain = " ".join(text.replace('"', " ").split())
    return plain if plain.isalnum() else f'"{plain}"'


_WORDS: Final[Mapping[Field, Callable[[Term, QueryContext], list[str]]]] = {
    Field.TEXT: _text_words,
    Field.SUBJECT: _subject_words,
    Field.STATUS: _status_words,
    Field.SEVERITY: _severity_words,
    Field.ASSIGNEE: _valued("assignee"),
    Field.REQUESTER: _valued("requester"),
    Field.ORGANIZATION: _valued("organization"),
    Field.GROUP: _valued("group"),
    Field.TAG: _valued("tags"),
    Field.CREATED: _time_words("created"),
    Field.UPDATED: _time_words("updated"),
}
_REPEATABLE: Final = frozenset({Field.TEXT})
"""Plain words must all match; values of a named property are alternatives."""

_RANGES: Final = frozenset({Field.CREATED, Field.UPDATED})
"""Fields that become two conditions, which cannot be negated individually."""


class DeskSearch:
    """Searches for tickets on the desk."""

    def __init__(self, client: ZendeskClient, feed: ChangeFeed) -> None:
        self._client = client
        self._feed = feed

    async def find(self, query: Query, context: QueryContext, limit: int) -> FoundTickets:
        """Return the tickets found for a query. Raises DeskError; Rejected if the desk supports none of its terms."""
        text = search_text(query, context)
        if not text:
            raise Rejected(
                "The help desk's search knows no such condition. Add a word, a status, a tag, a person or a date."
            )
        params = {"query": f"type:ticket {text}", "sort_by": "updated_at", "sort_order": "desc"}
        return await self._listed("/api/v2/search.json", "the search", "results", params, min(limit, MOST_FOUND))

    async def views(self) -> tuple[DeskView, ...]:
        """Return the active views, in their order, as far as they can be read."""
        found: dict[int, View] = {}
        unreadable, name = 0, self._client.transport.desk_name

        def read(body: bytes) -> tuple[ViewsPage, Lost]:
            nonlocal unreadable
            page, lost, items = decode_items(body, ViewsPage, "views", View, name)
            unreadable += sum(each.item is None or not is_id(each.item.id) for each in items)
            return page, lost

        path, params = "/api/v2/views.json", {"active": "true"}
        try:
            async for page in self._client.pages(path, ViewsPage, "the list of views", params, read=read):
                found.update({each.id: each for each in page.views if is_id(each.id) and each.active})
        except ListCutShort as problem:
            _log.warning("%s", problem)
        if unreadable:
            _log.warning("the list of views: %d of them cannot be read", unreadable)
        return tuple(DeskView(id=str(each.id), title=_title(each)) for each in found.values())

    async def view_tickets(self, view_id: str, limit: int) -> FoundTickets:
        """Return the tickets of a view. Raises NotFound."""
        if not (view_id.isascii() and view_id.isdigit()):
            raise NotFound("There is no such view on this help desk.")
        path = f"/api/v2/views/{view_id}/tickets.json"
        return await self._listed(path, "the view", "tickets", {}, limit)

    async def incidents(self, path: str, limit: int) -> FoundTickets:
        """Return at most `limit` incidents of the problem with this path. Raises NotFound."""
        return await self._listed(f"{path}/incidents.json", "the incidents of the problem", "tickets", {}, limit)

    async def _listed(self, path: str, what: str, items: str, params: Mapping[str, str], limit: int) -> FoundTickets:
        """Return the tickets of a listing, page by page up to `limit`."""
        sent: list[ReadItem[responses.ZendeskTicket]] = []
        wanted: type[responses.SearchPage] | type[responses.TicketsPage]
        wanted = responses.SearchPage if items == "results" else responses.TicketsPage
        item = responses.FoundTicket if items == "results" else responses.ZendeskTicket
        size, number, total, seen = min(_PAGE, limit), 1, 0, set[int]()
        while True:
            asked = {**params, "page": str(number), "per_page": str(size)}
            answer = await self._client.fetch(path, what, asked)
            page, lost, listed = decode_items(answer.body, wanted, items, item, self._client.transport.desk_name)
            fresh = list(_unseen(listed, seen))
            sent += fresh
            total = max(page.count if isinstance(page.count, int) and is_id(page.count) else 0, len(sent))
            if not fresh or len(sent) >= limit or not _goes_on(page, lost, is_full=len(listed) >= size):
                break
            number += 1
        parsed = await self._feed.parsed(sent[:limit])
        people = await self._people(who for each in parsed.tickets for who in (each.requester_id, each.assignee_id))
        return FoundTickets(
            tickets=parsed.tickets,
            people=people,
            total=total,
            unreadable_ids=parsed.unreadable_ids,
            untold=parsed.untold,
        )

    async def _people(self, person_ids: Iterable[int | None]) -> tuple[Person, ...]:
        """Return these people, as far as the desk names them. Raises RateLimited and Unauthorised."""
        wanted = list(dict.fromkeys(str(each) for each in person_ids if each))
        people: list[Person] = []
        try:
            for at in range(0, len(wanted), _PEOPLE_PAGE):
                params = {"ids": ",".join(wanted[at : at + _PEOPLE_PAGE]), "include": "organizations"}
                page = await self._client.get("/api/v2/users/show_many.json", responses.UsersPage, "its people", params)
                people += await self._feed.people.read(page.users, page.organizations)
        except (RateLimited, Unauthorised):
            raise
        except DeskError as problem:
            _log.info("the people of found tickets cannot be read: %s", problem)
        return tuple(people)


def _title(view: View) -> OutsideText:
    return bounded_text(view.title or f"view {view.id}", MAX_NAME)


def _unseen(
    listed: Iterable[ReadItem[responses.ZendeskTicket]], seen: set[int]
) -> Iterator[ReadItem[responses.ZendeskTicket]]:
    """Yield what is new among found tickets, and what cannot be read. Adds the ids to `seen`."""
    for each in listed:
        if getattr(each.item, "result_type", "ticket") == "ticket" and (each.item is None or each.item.id not in seen):
            seen.update([each.item.id] if each.item is not None else [])
            yield each


def _goes_on(page: responses.Page, lost: Lost, *, is_full: bool) -> bool:
    """Whether there is a next page; one that does not say so is followed where it is full."""
    is_told = "next_page" not in lost and page.next_page is not UNSET
    return bool(page.next_page) if is_told else is_full
