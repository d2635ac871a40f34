"""What changed since a cursor, by the best way that the desk and the account offer.

Admins have the incremental export. An agent's token is refused there and reads the ticket list, newest change first,
back to where it had been, with an overlap: the list counts whole seconds. The first time on a desk that holds years of
tickets, the unsolved ones come from the search export, and the export of changes begins eight days back: with that,
everything that the board shows is there. The embedded desk is read from its beginning.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from supporttui.domain.ticket import Ticket
from supporttui.helpdesks.base import ChangePage, DeskError, Forbidden, NotFound, Rejected
from supporttui.helpdesks.zendesk import wire
from supporttui.helpdesks.zendesk.client import PAGE_SIZE, ZendeskClient
from supporttui.helpdesks.zendesk.decode import decode_items
from supporttui.helpdesks.zendesk.parse import Unreadable, parse_people, parse_ticket

OVERLAP: Final = timedelta(minutes=2)
BACK: Final = timedelta(days=8)

SHARE: Final = 100
"""Tickets that are parsed in one go."""
REST_S: Final = 0.001
"""Between two shares, for a key that waits for the interpreter meanwhile."""

_EXPORT: Final = "/api/v2/incremental/tickets/cursor.json"
_SEARCH: Final = "/api/v2/search/export.json"
_LIST: Final = "/api/v2/tickets.json"
_INCLUDED: Final = "users,metric_sets"


class ChangeFeed:
    """Pages of changes. Its cursors begin with the way that they belong to: `export`, `since`, `search` or `list`."""

    def __init__(self, client: ZendeskClient) -> None:
        self._client = client
        self._groups: dict[int, str] = {}

    async def page(self, cursor: str | None, *, is_small: bool) -> ChangePage:
        """The next page. `is_small` says that the desk is read from its beginning. Raises DeskError."""
        way, _, place = (cursor or "").partition(":")
        if way == "list":
            return await self._list_page(place)
        try:
            if way == "search" or (way == "" and not is_small):
                return await self._search_page(place or f"{_seconds(datetime.now(UTC) - BACK)}:")
            return await self._export_page(way, place)
        except Rejected:
            # A cursor that is not accepted any more: from the beginning, what comes twice changes nothing.
            return await (self.page(None, is_small=is_small) if way == "export" else self._list_page("0:0:"))
        except (Forbidden, NotFound):
            return await self._list_page("0:0:")

    async def _export_page(self, way: str, place: str) -> ChangePage:
        start = {"cursor": place} if way == "export" else {"start_time": place or "0"}
        params = {**start, "include": _INCLUDED, "per_page": "500"}
        answer = await self._client.fetch(_EXPORT, "the list of changed tickets", params)
        where = self._client.transport.where
        page, lost = decode_items(answer.body, wire.IncrementalTickets, "tickets", wire.Ticket, where)
        tickets, unreadable = await self._parsed(page.tickets, {})
        return ChangePage(
            tickets=tickets,
            people=parse_people(page.users),
            cursor=f"export:{page.after_cursor}" if page.after_cursor else f"{way or 'since'}:{place or '0'}",
            has_more=not page.end_of_stream and page.after_cursor is not None,
            unreadable_ids=lost + unreadable,
        )

    async def _search_page(self, place: str) -> ChangePage:
        """A page of the unsolved tickets; after the last one, the export takes over from before the search began."""
        since, _, after = place.partition(":")
        params = {"query": "status<solved", "filter[type]": "ticket", "page[size]": str(PAGE_SIZE)}
        answer = await self._client.fetch(
            _SEARCH, "the search for unsolved tickets", {**params, **({"page[after]": after} if after else {})}
        )
        where = self._client.transport.where
        page, lost = decode_items(answer.body, wire.SearchPage, "results", wire.FoundTicket, where)
        tickets, unreadable = await self._parsed(page.results, {})
        next_place = _next_place(page, after)
        return ChangePage(
            tickets=tickets,
            people=parse_people(page.users),
            cursor=f"search:{since}:{next_place}" if next_place else f"since:{since}",
            has_more=True,
            unreadable_ids=lost + unreadable,
        )

    async def _list_page(self, place: str) -> ChangePage:
        """A page of the list, newest change first, until the mark of the last time is passed.

        The place is the mark, the newest change seen in this round, and the page; seconds since 1970.
        """
        mark_text, newest_text, after = place.split(":", 2)
        mark, newest = int(mark_text), int(newest_text)
        params = {"sort": "-updated_at", "include": _INCLUDED, "page[size]": str(PAGE_SIZE)}
        if after:
            params["page[after]"] = after
        answer = await self._client.fetch(_LIST, "the list of tickets", params)
        page, lost = decode_items(answer.body, wire.TicketsPage, "tickets", wire.Ticket, self._client.transport.where)
        sets = page.metric_sets if isinstance(page.metric_sets, list) else []
        figures = {each.ticket_id: each for each in sets if each.ticket_id is not None}
        tickets, unreadable = await self._parsed(page.tickets, figures)
        stamps = [_seconds(ticket.updated_at) for ticket in tickets]
        newest = max([newest, *stamps])
        next_place = _next_place(page, after)
        goes_on = next_place is not None and min(stamps, default=mark) >= mark - OVERLAP.total_seconds()
        return ChangePage(
            tickets=tickets,
            people=parse_people(page.users),
            cursor=f"list:{mark}:{newest}:{next_place}" if goes_on else f"list:{newest}:{newest}:",
            has_more=goes_on,
            unreadable_ids=lost + unreadable,
        )

    async def _parsed(
        self, sent: Sequence[wire.Ticket], figures: Mapping[int, wire.MetricSet]
    ) -> tuple[tuple[Ticket, ...], tuple[int, ...]]:
        """The tickets of a page, and the ids of those that lack what a ticket must have."""
        await self.learn_groups(each.group_id for each in sent)
        tickets: list[Ticket] = []
        unreadable: list[int] = []
        for number, each in enumerate(sent, 1):
            if number % SHARE == 0:
                await asyncio.sleep(REST_S)
            try:
                tickets.append(self.parse(each, figures.get(each.id)))
            except Unreadable:
                unreadable.append(each.id)
        return tuple(tickets), tuple(unreadable)

    def parse(self, sent: wire.Ticket, figures: wire.MetricSet | None = None) -> Ticket:
        """One ticket, with its group's name where that is known. Raises Unreadable."""
        return parse_ticket(sent, figures, self._groups)

    async def learn_groups(self, ids: Iterable[int | None]) -> None:
        """Fetch the groups' names where one is unknown. No ticket is lost for want of its group's name."""
        unknown = {group_id for group_id in ids if group_id is not None} - self._groups.keys()
        if not unknown:
            return
        self._groups.update(dict.fromkeys(unknown, ""))
        try:
            async for page in self._client.pages("/api/v2/groups.json", wire.GroupsPage, "the list of groups", {}):
                self._groups.update({group.id: group.name for group in page.groups or ()})
        except DeskError:
            return


def _next_place(page: wire.Page, after: str) -> str | None:
    """The cursor of the next page; None after the last one, or where the desk gives the same again."""
    if not isinstance(page.meta, wire.PageMeta) or not page.meta.has_more or page.meta.after_cursor == after:
        return None
    return page.meta.after_cursor


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
