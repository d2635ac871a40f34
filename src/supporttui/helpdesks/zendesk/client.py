"""Zendesk's REST API over a transport: JSON in and out, refusals as our errors, listings to their end."""

from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final, TypeVar

import httpx
import msgspec

from supporttui.helpdesks.base import DeskError, Interrupted
from supporttui.helpdesks.refusals import desk_error, opening
from supporttui.helpdesks.transport import SAFE_METHODS, Answer, Transport
from supporttui.helpdesks.zendesk import wire
from supporttui.helpdesks.zendesk.decode import decode, says
from supporttui.helpdesks.zendesk.page_size import PageSize
from supporttui.points import reach

T = TypeVar("T")
ListedPage = TypeVar("ListedPage", bound=wire.Page)

PAGE_SIZE: Final = 100
MAX_ITEMS: Final = 200 * PAGE_SIZE


class ZendeskClient:
    """One account on one desk that speaks the Zendesk Support API v2."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    async def get(self, path: str, wanted: type[T], what: str, params: Mapping[str, str] | None = None) -> T:
        """Read one thing. Raises DeskError."""
        return decode((await self.fetch(path, what, params)).body, wanted, self.transport.where)

    async def fetch(self, path: str, what: str, params: Mapping[str, str] | None = None) -> Answer:
        """Read one thing as it was sent. Raises DeskError."""
        answer = await self.transport.request("GET", path, params=params)
        if answer.status != 200:
            raise self._refused("GET", answer.status, answer.headers, answer.body, what)
        return answer

    async def send(self, method: str, path: str, body: msgspec.Struct, wanted: type[T], what: str, key: str) -> T:
        """Write one thing, with an idempotency key. Raises DeskError."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        answer = await self.transport.request(method, path, content=msgspec.json.encode(body), headers=headers)
        return self.written(method, answer, wanted, what)

    def written(self, method: str, answer: Answer, wanted: type[T], what: str) -> T:
        """What the desk made of a write. An unreadable answer to it leaves open what was done. Raises DeskError."""
        if not 200 <= answer.status < 300:
            raise self._refused(method, answer.status, answer.headers, answer.body, what)
        parsed = decode(answer.body, wanted, self.transport.where)
        reach("answer parsed")
        return parsed

    async def pages(
        self, path: str, wanted: type[ListedPage], what: str, params: Mapping[str, str]
    ) -> AsyncIterator[ListedPage]:
        """All pages of a cursor listing. A cursor that comes back ends it. Raises DeskError."""
        asked = dict(params)

        def page_of(size: int) -> Awaitable[ListedPage]:
            return self.get(path, wanted, what, {**asked, "page[size]": str(size)})

        page_size = PageSize(PAGE_SIZE)
        seen: set[str] = set()
        left = MAX_ITEMS
        while left > 0:
            page, size = await page_size.fitting(page_of, what)
            left -= size
            yield page
            after = page.meta.after_cursor if isinstance(page.meta, wire.PageMeta) and page.meta.has_more else None
            if after is None or after in seen:
                return
            seen.add(after)
            asked["page[after]"] = after

    @asynccontextmanager
    async def opened(self, path: str, what: str, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        """Read one thing while it arrives. Raises DeskError."""
        async with self.transport.opened("GET", path, headers=headers) as response:
            yield self.accepted(response, what)

    def accepted(self, response: httpx.Response, what: str) -> httpx.Response:
        """The answer itself, where it is a success. Raises DeskError."""
        if response.status_code != 200:
            raise self._refused("GET", response.status_code, response.headers, b"", what)
        return response

    def _refused(self, method: str, status: int, headers: Mapping[str, str], body: bytes, what: str) -> DeskError:
        if 200 <= status < 300:
            return Interrupted(f"{opening(self.transport.where)} answered {what} with an unexpected status ({status}).")
        is_write = method not in SAFE_METHODS
        now = datetime.now(UTC)
        return desk_error(
            status, headers, says(body), what=what, where=self.transport.where, is_write=is_write, now=now
        )
