"""Fetches what has changed since a cursor, by the best method that the desk and the account allow.

Admins have the incremental export. It refuses an agent's token, which instead reads the ticket list, newest change
first, back to the previous position with an overlap, as the list counts whole seconds. On a desk with years of tickets,
the first run gets the unsolved ones from the search export, and the export of changes begins eight days back, which
covers everything that the board shows. The embedded desk is read from its beginning.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from supporttui.domain.ticket import Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import ChangePage, DeskError, Forbidden, ListCutShort, NotFound, Rejected
from supporttui.helpdesks.zendesk.answer_decoding import Lost, ReadItem, ReadPage, decode_items
from supporttui.helpdesks.zendesk.client import (
    MAX_CURSOR_CHARACTERS,
    PAGE_SIZE,
    PageSize,
    ZendeskClient,
    next_cursor,
    usable_cursor,
)
from supporttui.helpdesks.zendesk.people_reader import PeopleReader
from supporttui.helpdesks.zendesk.translation import (
    UnreadableTicket,
    parse_ticket,
    ticket_id_of,
    untold_fields,
)
from supporttui.zendesk_api import responses

OVERLAP: Final = timedelta(minutes=2)
FIRST_EXPORT_AGE: Final = timedelta(days=8)
EXPORT_SIZE: Final = 500

GROUPS_PAUSE_S: Final = 60.0
"""Seconds before the names of groups are fetched again after a failure."""

PARSE_BATCH: Final = 100
"""The number of tickets parsed without a pause."""
PARSE_PAUSE_S: Final = 0.001
"""Seconds between two batches, for keys that wait for the interpreter."""

MAX_SAVED_CHARACTERS: Final = MAX_CURSOR_CHARACTERS + 40
_SAVED_CURSOR: Final = re.compile(
    r"(since:\d{1,12}|export:[!-~]+|search:\d{1,12}:[!-~]*|list:\d{1,12}:\d{1,12}:[!-~]*)"
)
"""The cursors of this module; any other was saved by a version that did not check it, and is ignored."""

_EXPORT: Final = "/api/v2/incremental/tickets/cursor.json"
_SEARCH: Final = "/api/v2/search/export.json"
_SHOW_MANY: Final = "/api/v2/tickets/show_many.json"
_LIST: Final = "/api/v2/tickets.json"
_INCLUDED: Final = "users,metric_sets,organizations"


NO_FIGURES: Final[Mapping[int, responses.MetricSet]] = {}

Listed = TypeVar("Listed", bound=responses.Page | responses.IncrementalTickets)
Item = TypeVar("Item", bound=responses.ZendeskTicket)


@dataclass(frozen=True, slots=True)
class _PageQuery:
    """A request for one page, without its size."""

    path: str
    what: str
    params: Mapping[str, str]
    items: str
    """The name of the list in the response."""
    size_name: str = "page[size]"


@dataclass(frozen=True, slots=True)
class ParsedTickets:
    """The tickets of a page, and what could not be read of them."""

    tickets: tuple[Ticket, ...]
    unreadable_ids: tuple[TicketId, ...]
    untold: Mapping[TicketId, frozenset[str]]

    def untold_of(self, ticket_id: TicketId) -> frozenset[str]:
        """Return the fields of this ticket for which the response has no readable value."""
        return self.untold.get(ticket_id, frozenset())


class ChangeFeed:
    """Pages of changes. A cursor begins with its method: `export`, `since`, `search` or `list`."""

    def __init__(self, client: ZendeskClient, desk: str, development_field: int | None = None) -> None:
        self._client = client
        self._desk = desk
        self._development_field = development_field
        self.people = PeopleReader(client)
        self._groups: dict[int, str] = {}
        self._groups_wait_until_s = 0.0
        """When their names may be fetched again, by the loop's clock."""
        self._export_size = PageSize(EXPORT_SIZE)
        self._page_size = PageSize(PAGE_SIZE)

    async def page(self, cursor: str | None, *, is_small: bool) -> ChangePage:
        """Return the next page. `is_small` tells that the desk is read from its beginning. Raises DeskError."""
        way, _, place = _checked(cursor).partition(":")
        try:
            return await self._page_by(way, place, is_small=is_small)
        except (Rejected, Forbidden, NotFound) as refusal:
            again = _again(way, place) if isinstance(refusal, Rejected) else _as_at_first(way, is_small=is_small)
            if again is not None:
                return await self.page(again, is_small=is_small)
            if way == "list":
                raise
            return await self._list_page(_list_place(way, place))

    async def _page_by(self, way: str, place: str, *, is_small: bool) -> ChangePage:
        if way == "list":
            return await self._list_page(place)
        if way == "search" or (way == "" and not is_small):
            return await self._search_page(place or f"{_seconds(datetime.now(UTC) - FIRST_EXPORT_AGE)}:")
        return await self._export_page(way, place)

    async def _export_page(self, way: str, place: str) -> ChangePage:
        start = {"cursor": place} if way == "export" else {"start_time": place or "0"}
        params = {**start, "include": _INCLUDED}
        asked = _PageQuery(_EXPORT, "the list of changed tickets", params, "tickets", "per_page")
        read = await self._fitting(asked, responses.IncrementalTickets, responses.ZendeskTicket, self._export_size)
        page, after = read.page, usable_cursor(read.page.after_cursor)
        is_new = after is not None and not (way == "export" and after == place)
        is_last = page.end_of_stream is True
        return await self._page(
            await self.parsed(read.items),
            page,
            f"export:{after}" if after else f"{way or 'since'}:{place or '0'}",
            has_more=not is_last and is_new,
            is_cut_short=not is_last and not is_new,
        )

    async def _search_page(self, place: str) -> ChangePage:
        """Return a page of unsolved tickets; after the last one, the export continues from before the search began."""
        since, _, after = place.partition(":")
        params = {"query": "status<solved", "filter[type]": "ticket", **({"page[after]": after} if after else {})}
        asked = _PageQuery(_SEARCH, "the search for unsolved tickets", params, "results")
        read = await self._fitting(asked, responses.SearchPage, responses.FoundTicket, self._page_size)
        following, is_cut_short = next_place(read.page, read.lost, after)
        goes_on = following is not None or is_cut_short
        return await self._page(
            await self.parsed(read.items),
            read.page,
            f"search:{since}:{following or after}" if goes_on else f"since:{since}",
            has_more=not is_cut_short,
            is_cut_short=is_cut_short,
        )

    async def _list_page(self, place: str) -> ChangePage:
        """Return a page of the list, newest change first, until the mark of the previous round is passed.

        `place` has the mark, the newest change seen in this round, both in seconds since 1970, and the page.
        """
        mark_text, newest_text, after = place.split(":", 2)
        mark, newest = int(mark_text), int(newest_text)
        params = {"sort": "-updated_at", "include": _INCLUDED, **({"page[after]": after} if after else {})}
        asked = _PageQuery(_LIST, "the list of tickets", params, "tickets")
        read = await self._fitting(asked, responses.TicketsPage, responses.ZendeskTicket, self._page_size)
        page = read.page
        sets = page.metric_sets if isinstance(page.metric_sets, list) else []
        figures = {each.ticket_id: each for each in sets if each.ticket_id is not None}
        parsed = await self.parsed(read.items, figures)
        stamps = [_seconds(each.updated_at) for each in parsed.tickets if "updated_at" not in parsed.untold_of(each.id)]
        newest = min(max([newest, *stamps]), latest_change_s(self._client))
        is_needed = min(stamps, default=mark) >= mark - OVERLAP.total_seconds()
        following, is_cut_short = next_place(page, read.lost, after) if is_needed else (None, False)
        goes_on = following is not None or is_cut_short
        return await self._page(
            parsed,
            page,
            f"list:{mark}:{newest}:{following or after}" if goes_on else f"list:{newest}:{newest}:",
            has_more=following is not None,
            is_cut_short=is_cut_short,
        )

    async def _page(
        self,
        parsed: ParsedTickets,
        page: responses.Page | responses.IncrementalTickets,
        cursor: str,
        *,
        has_more: bool,
        is_cut_short: bool,
    ) -> ChangePage:
        return ChangePage(
            tickets=parsed.tickets,
            people=await self.people.read(page.users, page.organizations),
            cursor=cursor,
            has_more=has_more,
            unreadable_ids=parsed.unreadable_ids,
            untold=parsed.untold,
            is_cut_short=is_cut_short,
        )

    async def missing(self, ticket_ids: Sequence[TicketId]) -> tuple[TicketId, ...]:
        """Return which of these tickets are not in the response to a request for all of them. Raises DeskError."""
        if not ticket_ids:
            return ()
        what = "the tickets on the board"
        answer = await self._client.fetch(_SHOW_MANY, what, {"ids": ",".join(each.id for each in ticket_ids)})
        where = self._client.transport.desk_name
        read = decode_items(answer.body, responses.TicketsPage, "tickets", responses.ZendeskTicket, where)
        named = {each.number if each.item is None else each.item.id for each in read.items}
        return tuple(each for each in ticket_ids if int(each.id) not in named)

    async def _fitting(
        self, asked: _PageQuery, wanted: type[Listed], item: type[Item], page_size: PageSize
    ) -> ReadPage[Listed, Item]:
        """Return a page, as large as can be read."""
        client = self._client

        async def page_of(size: int) -> ReadPage[Listed, Item]:
            answer = await client.fetch(asked.path, asked.what, {**asked.params, asked.size_name: str(size)})
            return decode_items(answer.body, wanted, asked.items, item, client.transport.desk_name)

        page, _size = await page_size.fitting(page_of, asked.what)
        return page

    async def parsed(
        self, sent: Sequence[ReadItem[Item]], figures: Mapping[int, responses.MetricSet] = NO_FIGURES
    ) -> ParsedTickets:
        """Parse the tickets of a page; also return what could not be read."""
        await self.fetch_unknown_groups(each.item.group_id for each in sent if each.item is not None)
        tickets: list[Ticket] = []
        unreadable: list[int] = []
        untold: dict[TicketId, frozenset[str]] = {}
        for number, each in enumerate(sent, 1):
            if number % PARSE_BATCH == 0:
                await asyncio.sleep(PARSE_PAUSE_S)
            if each.item is None:
                unreadable.append(each.number)
                continue
            fields, is_unreadable = untold_fields(each.item, each.lost)
            try:
                tickets.append(self.parse(each.item, figures.get(each.item.id)))
            except UnreadableTicket:
                is_unreadable = True
            if fields:
                untold[ticket_id_of(each.item.id, self._desk)] = fields
            if is_unreadable:
                unreadable.append(each.item.id)
        ids = tuple(ticket_id_of(number, self._desk) for number in dict.fromkeys(unreadable))
        return ParsedTickets(tuple(tickets), ids, untold)

    def parse(self, sent: responses.ZendeskTicket, figures: responses.MetricSet | None = None) -> Ticket:
        """Parse one ticket, with its group's name if known. Raises UnreadableTicket."""
        return parse_ticket(sent, self._desk, figures, self._groups, self._development_field)

    async def fetch_unknown_groups(self, ids: Iterable[int | None]) -> None:
        """Fetch the groups' names if one is unknown. On failure, tickets are kept without the name."""
        unknown = {group_id for group_id in ids if group_id is not None} - self._groups.keys()
        now_s = asyncio.get_running_loop().time()
        if not unknown or now_s < self._groups_wait_until_s:
            return
        try:
            async for page in self._client.pages("/api/v2/groups.json", responses.GroupsPage, "the list of groups", {}):
                groups = page.groups if isinstance(page.groups, list) else []
                self._groups.update({group.id: group.name for group in groups})
        except (Forbidden, NotFound, Rejected):
            pass
        except DeskError:
            self._groups_wait_until_s = now_s + GROUPS_PAUSE_S
            return
        self._groups = {**dict.fromkeys(unknown, ""), **self._groups}


def latest_change_s(client: ZendeskClient) -> int:
    """Return the latest plausible time of a change: a later one, kept as the mark, would hide all that follow."""
    ahead_s = client.transport.desk_ahead_s or 0.0
    return _seconds(datetime.now(UTC) + timedelta(seconds=ahead_s) + OVERLAP)


def next_place(page: responses.Page, lost: Lost, after: str) -> tuple[str | None, bool]:
    """Return the cursor of the next page, None after the last one, and whether the list is cut short here."""
    try:
        return next_cursor(page, lost, asked={after}), False
    except ListCutShort:
        return None, True


def _again(way: str, place: str) -> str | None:
    """Return the cursor to restart with if the desk no longer accepts one; None if there was none.

    Those of the search export expire after an hour. Repeated changes have no effect.
    """
    if way == "export":
        return ""
    if way not in ("search", "list"):
        return None
    *begin, after = place.split(":", 2 if way == "list" else 1)
    return f"{way}:{':'.join(begin)}:" if after else None


def _as_at_first(way: str, *, is_small: bool) -> str | None:
    """Return an empty cursor if the export was allowed until now: unsolved tickets first, then the last days."""
    return "" if way == "export" and not is_small else None


def _list_place(way: str, place: str) -> str:
    """Return where the list starts that is read in place of a refused export or search.

    After the search for unsolved tickets it need not be read further back than the export would be.
    """
    return f"{place}:{place}:" if way == "since" and place.isdigit() else "0:0:"


def _checked(cursor: str | None) -> str:
    """Return a saved cursor; an unusable one becomes an empty text, so that everything is read again."""
    is_usable = cursor is not None and len(cursor) <= MAX_SAVED_CHARACTERS and _SAVED_CURSOR.fullmatch(cursor)
    return cursor if cursor is not None and is_usable else ""


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
