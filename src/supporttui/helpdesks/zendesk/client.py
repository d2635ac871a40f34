"""Zendesk's REST API over a transport: lenient decoding, conversion of HTTP errors, and listings page by page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Container, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final, TypeVar

import httpx
import msgspec

from supporttui.helpdesks.base import (
    ConversationBudget,
    DeskError,
    ListCutShort,
    ReadLimitReached,
    Rejected,
    ResponseTooLarge,
    Unreachable,
)
from supporttui.helpdesks.http_errors import capitalize_first, desk_error, quoted
from supporttui.helpdesks.http_transport import SAFE_METHODS, HttpResponse, HttpTransport
from supporttui.helpdesks.zendesk.answer_decoding import Lost, decode, decode_partly
from supporttui.helpdesks.zendesk.error_answers import error_text, error_words
from supporttui.zendesk_api import responses

_DATABASE_CONFLICT: Final = "DatabaseConflict"
"""The error with status 409 that is not an edit conflict: nothing was applied, and it should be retried."""

_EDIT_CONFLICT: Final = "UpdateConflict"
"""The only error with status 409 that is one: the ticket has changed since the version of the update."""

PageT = TypeVar("PageT")


class PageSize:
    """The page size of a listing: halved when a page was too large to read, then doubled again.

    It is kept after a failed page, so that a desk that requests a delay does not cause smaller steps again.
    """

    def __init__(self, most: int) -> None:
        self._most: Final = most
        self._next = most

    async def fitting(self, ask: Callable[[int], Awaitable[PageT]], what: str) -> tuple[PageT, int]:
        """Return the page after a cursor, as large as can be read, and the size that was requested.

        Raises ResponseTooLarge if a single item is too large; what follows it cannot be requested without it.
        """
        while True:
            size = self._next
            try:
                page = await ask(size)
            except ResponseTooLarge:
                if size == 1:
                    raise ResponseTooLarge(
                        f"One entry of {what} is larger than can be read, and nothing behind it either; "
                        "the rest goes on. Shorten it in the desk itself."
                    ) from None
                self._next = size // 2
            else:
                self._next = min(size * 2, self._most)
                return page, size


MAX_CURSOR_CHARACTERS: Final = 4096


def usable_cursor(sent: str | None) -> str | None:
    """Return a cursor that can be part of an address: visible ASCII of bounded length; None for any other."""
    if not sent or len(sent) > MAX_CURSOR_CHARACTERS:
        return None
    return sent if sent.isascii() and sent.isprintable() and " " not in sent else None


def next_cursor(page: responses.Page, lost: Lost, *, asked: Container[str] = ()) -> str | None:
    """Return the cursor of the next page, None after the last. `lost` has the unreadable fields of this page.

    Raises ListCutShort if it does not say whether there is a next page, or where, or repeats one of `asked`.
    """
    meta = page.meta if isinstance(page.meta, responses.PageMeta) else None
    if meta is None and "meta" not in lost and page.next_page is None:
        return None  # paged by number, and this is the last one
    if meta is not None and meta.has_more is False:
        return None
    after = usable_cursor(meta.after_cursor) if meta is not None else None
    if after is None or after in asked:
        raise ListCutShort(CUT_SHORT)
    return after


WantedT = TypeVar("WantedT")
ListedPage = TypeVar("ListedPage", bound=responses.Page)

CUT_SHORT: Final = "The help desk broke off a list: it does not say where it goes on. What it sent is shown."

PAGE_SIZE: Final = 100
MAX_PART_BYTES: Final = 4 * 1024 * 1024
"""The size limit of a response with part of a conversation; larger parts are requested in smaller pages."""

MAX_ITEMS: Final = 200 * PAGE_SIZE


def _most_bytes(budget: ConversationBudget | None, size: int) -> int | None:
    """Return the size limit of a response with `size` items; None for the usual one."""
    if budget is not None and budget.left is not None:
        return max(budget.left, 1)
    return MAX_PART_BYTES if budget is not None and size > 1 else None


async def _within_limit(ask: Callable[[int], Awaitable[PageT]], size: int, what: str) -> PageT:
    """Fetch a page ahead of need. Raises ReadLimitReached if it is too large for that."""
    try:
        return await ask(size)
    except ResponseTooLarge:
        raise ReadLimitReached(f"{capitalize_first(what)} is too large to be read before it is opened.") from None


class ZendeskClient:
    """One account on one desk that speaks the Zendesk Support API v2."""

    def __init__(self, transport: HttpTransport) -> None:
        self.transport = transport

    async def get(
        self, path: str, wanted: type[WantedT], what: str, params: Mapping[str, str] | None = None
    ) -> WantedT:
        """Fetch and decode one resource. Raises DeskError."""
        return decode((await self.fetch(path, what, params)).body, wanted, self.transport.desk_name)

    async def fetch(
        self, path: str, what: str, params: Mapping[str, str] | None = None, *, max_body_bytes: int | None = None
    ) -> HttpResponse:
        """Fetch one resource without decoding it. Raises DeskError."""
        answer = await self.transport.request("GET", path, params=params, max_body_bytes=max_body_bytes)
        if answer.status != 200:
            raise self._refused("GET", answer.status, answer.headers, answer.body, what)
        return answer

    async def send(self, method: str, path: str, body: msgspec.Struct, what: str, key: str) -> HttpResponse:
        """Send one write with an idempotency key; return the response. Raises DeskError."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        answer = await self.transport.request(method, path, content=msgspec.json.encode(body), headers=headers)
        return self.succeeded(method, answer, what)

    def succeeded(self, method: str, answer: HttpResponse, what: str) -> HttpResponse:
        """Return the response to a write if it is a success. Raises DeskError."""
        if not 200 <= answer.status < 300:
            raise self._refused(method, answer.status, answer.headers, answer.body, what)
        return answer

    async def pages(
        self,
        path: str,
        wanted: type[ListedPage],
        what: str,
        params: Mapping[str, str],
        *,
        max_size: int = PAGE_SIZE,
        budget: ConversationBudget | None = None,
        read: Callable[[bytes], tuple[ListedPage, Lost]] | None = None,
    ) -> AsyncIterator[ListedPage]:
        """Yield all pages of a cursor listing; `read` decodes a response. Raises DeskError.

        Raises ListCutShort after the last page that could be reached: the list is incomplete. With a budget, a response
        with several items has at most `MAX_PART_BYTES`, so that few items are in memory.
        """
        asked, page_size = dict(params), PageSize(max_size)

        async def page_of(size: int) -> tuple[ListedPage, Lost]:
            sized = {**asked, "page[size]": str(size)}
            answer = await self.fetch(path, what, sized, max_body_bytes=_most_bytes(budget, size))
            if budget is not None:
                budget.take(len(answer.body), what)
            return read(answer.body) if read else decode_partly(answer.body, wanted, self.transport.desk_name)

        seen: set[str] = set()
        left = MAX_ITEMS
        while left > 0:
            if budget is not None and budget.left is not None:
                (page, lost), size = await _within_limit(page_of, max_size, what), max_size
            else:
                (page, lost), size = await page_size.fitting(page_of, what)
            left -= size
            yield page
            after = next_cursor(page, lost, asked=seen)
            if after is None:
                return
            seen.add(after)
            asked["page[after]"] = after
        raise ListCutShort(f"{capitalize_first(what)} has more entries than are read ({MAX_ITEMS:,}).")

    @asynccontextmanager
    async def opened(self, path: str, what: str, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        """Yield a response while its body arrives. Raises DeskError."""
        async with self.transport.opened("GET", path, headers=headers) as response:
            yield self.accepted(response, what)

    def accepted(self, response: httpx.Response, what: str) -> httpx.Response:
        """Return the response if it is a success. Raises DeskError."""
        if response.status_code != 200:
            raise self._refused("GET", response.status_code, response.headers, b"", what)
        return response

    def _refused(self, method: str, status: int, headers: Mapping[str, str], body: bytes, what: str) -> DeskError:
        says = error_text(body)
        if status == 409 and method not in SAFE_METHODS and _EDIT_CONFLICT not in (words := error_words(body)):
            return self._other_conflict(words, says, what)
        is_write = method not in SAFE_METHODS
        now = datetime.now(UTC)
        return desk_error(
            status, headers, says, what=what, desk_name=self.transport.desk_name, is_write=is_write, now=now
        )

    def _other_conflict(self, words: Container[str], says: str, what: str) -> DeskError:
        """Return the error for a write that is refused with status 409 without an edit conflict."""
        desk = capitalize_first(self.transport.desk_name)
        if _DATABASE_CONFLICT in words:
            return Unreachable(f"{desk} was busy with {what}. It is tried again in a moment.")
        return Rejected(
            f"{desk} refuses this for {what} as a conflict (status 409) and names no change by anybody. "
            "Read it, then send again or drop it.",
            desk_message=quoted(says),
        )
