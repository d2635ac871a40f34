"""Zendesk's REST API over a transport: lenient decoding, HTTP errors as ours, listings page by page."""

import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

import httpx
import msgspec

from supporttui.config.fault_points import fault_point
from supporttui.helpdesks.base import (
    ConversationBudget,
    DeskError,
    Interrupted,
    ReadLimitReached,
    ResponseTooLarge,
    Unreachable,
)
from supporttui.helpdesks.http_errors import capitalize_first, desk_error
from supporttui.helpdesks.http_transport import SAFE_METHODS, HttpResponse, HttpTransport
from supporttui.zendesk_api import responses
from supporttui.zendesk_api.partial_decoding import Unreadable, convert_partly

T = TypeVar("T")

_log = logging.getLogger(__name__)

MAX_PARTS: Final = 100_000
"""Objects and lists in one response: a page of a thousand tickets has fewer, and each takes many bytes in memory."""

MAX_VALUES: Final = 600_000
MAX_ERROR_BODY_BYTES: Final = 256 * 1024
"""The limit of an error text; a longer one is no sentence."""

_DATABASE_CONFLICT: Final = b"DatabaseConflict"
"""The error with status 409 that is no edit conflict: nothing was applied, and it is to be sent again."""

_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|([\[{,])', re.DOTALL)
_DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)


def decode(body: bytes, wanted: type[T], where: str) -> T:
    """A whole answer. Raises Interrupted where it is not what was asked for, TooLarge where it has too many parts."""
    _check_size(body, where)
    try:
        return msgspec.json.decode(body, type=wanted)
    except _DECODE_ERRORS:
        return _converted(_loaded(body, where), wanted, where)


def decode_items(
    body: bytes, wanted: type[T], items: str, item: type, shown: Container[str], where: str
) -> tuple[T, tuple[int, ...]]:
    """A page, and the ids of those of its items that cannot be read whole.

    msgspec refuses a page with one escaped lone surrogate or one odd field in it; then each item is decoded for itself.
    One of which a `shown` field cannot be read is both in the page and among the ids; one of which nothing can is only
    there. Raises Interrupted where there is no page at all, TooLarge where it has too many parts.
    """
    _check_size(body, where)
    try:
        return msgspec.json.decode(body, type=wanted), ()
    except _DECODE_ERRORS:
        page = _loaded(body, where)
    sent = page.get(items)
    if not isinstance(sent, list):
        raise _not_zendesk_json(where)
    found, unreadable = [], []
    for each in sent:
        lost: set[str] = set()
        try:
            found.append(convert_partly(each, item, lost))
            is_whole = not any(name in shown for name in lost)
        except Unreadable:
            is_whole = False
        if not is_whole:
            _log.warning("%s: an entry of %s cannot be read (%s)", where, items, ", ".join(sorted(lost)) or "its id")
            unreadable.append(each["id"] if _has_id(each) else 0)
    decoded = _converted({**page, items: []}, wanted, where)
    setattr(decoded, items, found)
    return decoded, tuple(number for number in unreadable if number)


def decode_ticket(body: bytes, shown: Container[str], where: str) -> tuple[responses.OneTicket, bool]:
    """An answer with one ticket, and whether each of its `shown` fields could be read. Raises Interrupted."""
    _check_size(body, where)
    try:
        return msgspec.json.decode(body, type=responses.OneTicket), True
    except _DECODE_ERRORS:
        loaded = _loaded(body, where)
    one, lost = _converted(loaded, responses.OneTicket, where), set[str]()
    convert_partly(loaded["ticket"], responses.ZendeskTicket, lost)
    return one, not any(name in shown for name in lost)


def error_text(body: bytes) -> str:
    """The desk's error text, from any of Zendesk's forms; plain text as it is."""
    try:
        sent = json.loads(body) if len(body) <= MAX_ERROR_BODY_BYTES else None
    except (ValueError, RecursionError):
        text = body[:2000].decode("utf-8", "replace").strip()
        return "" if text.startswith("<") else text
    if not isinstance(sent, dict):
        return ""
    details = _details(sent.get("details"))
    error = sent.get("error")
    if isinstance(error, dict):
        error = error.get("message") or error.get("title")
    texts = [details] if details else [sent.get("description"), sent.get("message"), error]
    return next((text for text in texts if isinstance(text, str) and text), "")


def _details(details: object) -> str:
    """`{"status": [{"description": "…"}]}` as one sentence after the other."""
    if not isinstance(details, dict):
        return ""
    entries = [each for listed in details.values() if isinstance(listed, list) for each in listed]
    found = [each.get("description") for each in entries if isinstance(each, dict)]
    return " ".join(text for text in found if isinstance(text, str))


def _check_size(body: bytes, where: str) -> None:
    """Raise ResponseTooLarge for JSON that would take many times its size in memory."""
    if body.count(b"{") + body.count(b"[") <= MAX_PARTS and body.count(b",") <= MAX_VALUES:
        return
    left = {b"": MAX_VALUES, b"[": MAX_PARTS, b",": MAX_VALUES}
    for token in _TOKEN.finditer(body):  # what people write is full of brackets, which count for nothing
        kind = token[1].replace(b"{", b"[") if token[1] else b""
        left[kind] -= 1
        if left[kind] < 0:
            raise ResponseTooLarge(
                f"{capitalize_first(where)} answered with more parts than any page has. Check the address (desk.url)."
            )


def _loaded(body: bytes, where: str) -> dict[str, Any]:
    try:
        loaded = json.loads(body.decode("utf-8", "replace"), parse_int=_bounded)
    except (ValueError, RecursionError) as problem:
        raise _not_zendesk_json(where) from problem
    if not isinstance(loaded, dict):
        raise _not_zendesk_json(where)
    return loaded


def _bounded(digits: str) -> int | str:
    """An integer within 64 bits; a larger one stays text, so that a field of integers rejects it."""
    number = int(digits) if len(digits) < 20 else 2**63
    return number if -(2**63) <= number < 2**63 else digits


def _converted(loaded: dict[str, Any], wanted: type[T], where: str) -> T:
    try:
        return cast("T", convert_partly(loaded, wanted))
    except Unreadable as problem:
        raise _not_zendesk_json(where) from problem


def _has_id(sent: object) -> bool:
    return isinstance(sent, dict) and type(sent.get("id")) is int


def _not_zendesk_json(where: str) -> Interrupted:
    return Interrupted(
        f"{capitalize_first(where)} answered with something that is no Zendesk API. Check the address (desk.url)."
    )


PageT = TypeVar("PageT")


class PageSize:
    """The page size of a listing: halved where a page was too large to read, then doubled again.

    It outlives a page that failed, so that a desk which asks to wait in between costs no step.
    """

    def __init__(self, most: int) -> None:
        self._most: Final = most
        self._next = most

    async def fitting(self, ask: Callable[[int], Awaitable[PageT]], what: str) -> tuple[PageT, int]:
        """The page behind one cursor, as large as can be read, and the size that it was asked in.

        Raises ResponseTooLarge where a single item is too large; what comes behind it cannot be asked for without it.
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
    """A cursor that can be part of an address: visible ASCII of bounded length; None for any other."""
    if not sent or len(sent) > MAX_CURSOR_CHARACTERS:
        return None
    return sent if sent.isascii() and sent.isprintable() and " " not in sent else None


WantedT = TypeVar("WantedT")
ListedPage = TypeVar("ListedPage", bound=responses.Page)

PAGE_SIZE: Final = 100
MAX_PART_BYTES: Final = 4 * 1024 * 1024
"""The limit of one answer with a part of a conversation; a smaller part is asked for where it is larger."""

MAX_ITEMS: Final = 200 * PAGE_SIZE


async def _within_limit(ask: Callable[[int], Awaitable[PageT]], size: int, what: str) -> PageT:
    """A page that is read ahead of need. Raises ReadLimitReached where it is too large for that."""
    try:
        return await ask(size)
    except ResponseTooLarge:
        raise ReadLimitReached(f"{capitalize_first(what)} is too large to be read before it is opened.") from None


class ZendeskClient:
    """One account on one desk that speaks the Zendesk Support API v2."""

    def __init__(self, transport: HttpTransport) -> None:
        self.transport = transport

    async def get(
        self,
        path: str,
        wanted: type[WantedT],
        what: str,
        params: Mapping[str, str] | None = None,
        *,
        budget: ConversationBudget | None = None,
        max_body_bytes: int | None = None,
    ) -> WantedT:
        """Read one thing. Raises DeskError, ReadLimitReached where the budget does not allow it."""
        answer = await self.fetch(path, what, params, max_body_bytes=max_body_bytes)
        if budget is not None:
            budget.take(len(answer.body), what)
        return decode(answer.body, wanted, self.transport.desk_name)

    async def fetch(
        self, path: str, what: str, params: Mapping[str, str] | None = None, *, max_body_bytes: int | None = None
    ) -> HttpResponse:
        """Read one thing as it was sent. Raises DeskError."""
        answer = await self.transport.request("GET", path, params=params, max_body_bytes=max_body_bytes)
        if answer.status != 200:
            raise self._refused("GET", answer.status, answer.headers, answer.body, what)
        return answer

    async def send(
        self, method: str, path: str, body: msgspec.Struct, wanted: type[WantedT], what: str, key: str
    ) -> tuple[WantedT, Mapping[str, str]]:
        """Write one thing, with an idempotency key; the response and its headers. Raises DeskError."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        answer = await self.transport.request(method, path, content=msgspec.json.encode(body), headers=headers)
        return self.written(method, answer, wanted, what), answer.headers

    def written(self, method: str, answer: HttpResponse, wanted: type[WantedT], what: str) -> WantedT:
        """What the desk made of a write. An unreadable answer to it leaves open what was done. Raises DeskError."""
        if not 200 <= answer.status < 300:
            raise self._refused(method, answer.status, answer.headers, answer.body, what)
        parsed = decode(answer.body, wanted, self.transport.desk_name)
        fault_point("answer parsed")
        return parsed

    async def pages(
        self,
        path: str,
        wanted: type[ListedPage],
        what: str,
        params: Mapping[str, str],
        *,
        max_size: int = PAGE_SIZE,
        budget: ConversationBudget | None = None,
    ) -> AsyncIterator[ListedPage]:
        """All pages of a cursor listing. A cursor that comes back ends it. Raises DeskError.

        With a budget an answer with several items is at most `MAX_PART_BYTES` long, so that few of them are in memory.
        """
        asked = dict(params)

        def page_of(size: int) -> Awaitable[ListedPage]:
            most = MAX_PART_BYTES if budget is not None and size > 1 else None
            if budget is not None and budget.left is not None:
                most = max(budget.left, 1)
            params = {**asked, "page[size]": str(size)}
            return self.get(path, wanted, what, params, budget=budget, max_body_bytes=most)

        page_size = PageSize(max_size)
        seen: set[str] = set()
        left = MAX_ITEMS
        while left > 0:
            if budget is not None and budget.left is not None:
                page, size = await _within_limit(page_of, max_size, what), max_size
            else:
                page, size = await page_size.fitting(page_of, what)
            left -= size
            yield page
            meta = page.meta if isinstance(page.meta, responses.PageMeta) else responses.PageMeta()
            after = usable_cursor(meta.after_cursor) if meta.has_more else None
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
            return Interrupted(
                f"{capitalize_first(self.transport.desk_name)} answered {what} with an unexpected status ({status})."
            )
        if status == 409 and _DATABASE_CONFLICT in body:
            return Unreachable(
                f"{capitalize_first(self.transport.desk_name)} was busy with {what}. It is tried again in a moment."
            )
        is_write = method not in SAFE_METHODS
        now = datetime.now(UTC)
        return desk_error(
            status, headers, error_text(body), what=what, desk_name=self.transport.desk_name, is_write=is_write, now=now
        )
