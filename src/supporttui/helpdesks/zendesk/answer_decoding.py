"""Decodes Zendesk's responses as far as they are readable, and reports what is not."""

import json
import logging
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast

import msgspec

from supporttui.helpdesks.base import Interrupted, ResponseTooLarge
from supporttui.helpdesks.http_errors import capitalize_first
from supporttui.zendesk_api import responses
from supporttui.zendesk_api.partial_decoding import Unreadable, convert_partly
from supporttui.zendesk_api.words import STATUS_OF_WORD

T = TypeVar("T")
ItemT = TypeVar("ItemT")

_log = logging.getLogger(__name__)

MAX_PARTS: Final = 100_000
"""Objects and lists in one response: a page of a thousand tickets has fewer, and each takes many bytes in memory."""

MAX_VALUES: Final = 600_000
MAX_ERROR_BODY_BYTES: Final = 256 * 1024
"""The size limit of an error response; a longer one is not an error message."""

_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|([\[{,])', re.DOTALL)
_DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)


Lost = frozenset[str]
"""The names of an object's fields whose value was sent and is unreadable."""

NOTHING_LOST: Final[Lost] = frozenset()


class ReadItem(NamedTuple, Generic[ItemT]):
    """One item of a list: its readable part, or None if it is not of the expected kind."""

    item: ItemT | None
    lost: Lost
    number: int = 0
    """Its id, if only that is readable."""


class ReadPage(NamedTuple, Generic[T, ItemT]):
    """A page of a list and its readable items."""

    page: T
    lost: Lost
    items: tuple[ReadItem[ItemT], ...]


def decode(body: bytes, wanted: type[T], where: str) -> T:
    """Decode a response. Raises Interrupted for an unexpected type, ResponseTooLarge for too many parts."""
    return decode_partly(body, wanted, where)[0]


def decode_partly(body: bytes, wanted: type[T], where: str) -> tuple[T, Lost]:
    """Decode a response; also return the names of its unreadable fields. Raises as `decode` does."""
    _check_size(body, where)
    try:
        return msgspec.json.decode(body, type=wanted), NOTHING_LOST
    except _DECODE_ERRORS:
        return _converted(_loaded(body, where), wanted, where)


def decode_items(
    body: bytes,
    wanted: type[T],
    items: str,
    item: type[ItemT],
    where: str,
    prepare: Callable[[object], object] = lambda sent: sent,
) -> ReadPage[T, ItemT]:
    """Decode a page whose list has the name `items`; `prepare` removes from an item what is not needed.

    msgspec refuses a page with a single lone surrogate or invalid field; each item is then decoded separately. Raises
    Interrupted if it is not a page at all, ResponseTooLarge for too many parts.
    """
    _check_size(body, where)
    try:
        page = msgspec.json.decode(body, type=wanted)
    except _DECODE_ERRORS:
        loaded = _loaded(body, where)
    else:
        return ReadPage(page, NOTHING_LOST, tuple(ReadItem(each, NOTHING_LOST) for each in getattr(page, items)))
    sent = loaded.get(items)
    if not isinstance(sent, list):
        raise _not_zendesk_json(where)
    read = tuple(_read_item(prepare(each), item) for each in sent)
    page, lost = _converted({**loaded, items: []}, wanted, where)
    setattr(page, items, [each.item for each in read if each.item is not None])
    for each in read:
        if each.lost:
            _log.info("%s: of an entry of %s cannot be read: %s", where, items, ", ".join(sorted(each.lost)))
    return ReadPage(page, lost, read)


def _read_item(sent: object, item: type[ItemT]) -> ReadItem[ItemT]:
    lost: set[str] = set()
    try:
        return ReadItem(cast("ItemT", convert_partly(sent, item, lost)), frozenset(lost))
    except Unreadable:
        return ReadItem(None, frozenset({"id"}), _number_of(sent))


def decode_ticket(body: bytes, where: str) -> tuple[responses.OneTicket, Lost, Lost]:
    """Decode a response with one ticket; also return the unreadable fields of the response and of the ticket.

    Raises Interrupted.
    """
    one, lost = decode_partly(body, responses.OneTicket, where)
    lost_of_ticket: set[str] = set()
    if "ticket" in lost:
        convert_partly(_loaded(body, where)["ticket"], responses.ZendeskTicket, lost_of_ticket)
    return one, lost, frozenset(lost_of_ticket)


_CHANGING_EVENTS: Final = frozenset({"Create", "Change", "Comment"})
_TELLING_FIELDS: Final = frozenset({"id", "created_at", "author_id", "events"})
"""The fields without which an audit does not tell what was changed."""


def decode_audits(body: bytes, where: str) -> ReadPage[responses.AuditsPage, responses.Audit]:
    """Decode a page of audits. Of events that change no ticket or are of an unknown kind, only the kind is read."""
    return decode_items(body, responses.AuditsPage, "audits", responses.Audit, where, _with_changing_events)


def _with_changing_events(audit: object) -> object:
    if not isinstance(audit, dict) or not isinstance(audit.get("events"), list):
        return audit
    return {**audit, "events": [_without_foreign_fields(each) for each in audit["events"]]}


def _without_foreign_fields(event: object) -> object:
    if not isinstance(event, dict) or not isinstance(event.get("type"), str) or event["type"] in _CHANGING_EVENTS:
        return event
    return {"type": event["type"]}


def tells_all(audit: ReadItem[responses.Audit]) -> bool:
    """Whether an audit's changes are completely readable, except for comments, which are read elsewhere."""
    if audit.item is None or audit.item.created_at is None or audit.lost & _TELLING_FIELDS:
        return False
    return all(_tells_its_change(event) for event in audit.item.events)


def _tells_its_change(event: responses.AuditEvent) -> bool:
    if event.type not in ("Create", "Change"):
        return event.type != ""
    if event.field_name == "status":
        return isinstance(event.value, str) and event.value in STATUS_OF_WORD
    if event.field_name == "priority":
        return event.value is None or isinstance(event.value, str)
    return isinstance(event.field_name, str)


def error_text(body: bytes) -> str:
    """Return the desk's error text from any of Zendesk's formats; plain text is returned unchanged."""
    try:
        sent = json.loads(body, parse_int=_bounded) if len(body) <= MAX_ERROR_BODY_BYTES else None
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
    """Join the sentences of `{"status": [{"description": "…"}]}`."""
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
    for token in _TOKEN.finditer(body):  # strings are skipped, as people's texts contain many brackets
        kind = token[1].replace(b"{", b"[") if token[1] else b""
        left[kind] -= 1
        if left[kind] < 0:
            raise ResponseTooLarge(
                f"{capitalize_first(where)} answered with more parts than any page has. Check the address (desk.url)."
            )


def _loaded(body: bytes, where: str) -> dict[str, Any]:
    try:
        loaded = json.loads(body.decode("utf-8-sig", "replace"), parse_int=_bounded)
    except (ValueError, RecursionError) as problem:
        raise _not_zendesk_json(where) from problem
    if not isinstance(loaded, dict):
        raise _not_zendesk_json(where)
    return loaded


def _bounded(digits: str) -> int | Decimal:
    """Return an integer of at most 64 bits; a larger one becomes a decimal, which no integer or text field accepts."""
    number = int(digits) if len(digits) < 20 else 2**63
    return number if -(2**63) <= number < 2**63 else Decimal(digits)


def _converted(loaded: dict[str, Any], wanted: type[T], where: str) -> tuple[T, Lost]:
    lost: set[str] = set()
    try:
        return cast("T", convert_partly(loaded, wanted, lost)), frozenset(lost)
    except Unreadable as problem:
        raise _not_zendesk_json(where) from problem


def _number_of(sent: object) -> int:
    number = sent.get("id") if isinstance(sent, dict) else None
    return number if type(number) is int else 0


def _not_zendesk_json(where: str) -> Interrupted:
    return Interrupted(
        f"{capitalize_first(where)} answered with something that is no Zendesk API. Check the address (desk.url)."
    )
