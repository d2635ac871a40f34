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
        raise _lacks(where, f"a list of {items}")
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
    return decode_with_item(body, responses.OneTicket, "ticket", responses.ZendeskTicket, where)


def decode_with_item(body: bytes, wanted: type[T], name: str, item: type[object], where: str) -> tuple[T, Lost, Lost]:
    """Return an answer with one item in the field `name`, and the fields of both in which something is lost.

    Raises Interrupted.
    """
    one, lost = decode_partly(body, wanted, where)
    lost_of_item: set[str] = set()
    if name in lost:
        convert_partly(_loaded(body, where)[name], item, lost_of_item)
    return one, lost, frozenset(lost_of_item)


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
        loaded = json.loads(body.decode("utf-8-sig", "replace"), parse_int=bounded_number)
    except (ValueError, RecursionError) as problem:
        raise _no_json(body, where) from problem
    if not isinstance(loaded, dict):
        raise _no_json(body, where)
    return loaded


def bounded_number(digits: str) -> int | Decimal:
    """Return an integer of at most 64 bits; a larger one becomes a decimal, which no integer or text field accepts."""
    number = int(digits) if len(digits) < 20 else 2**63
    return number if -(2**63) <= number < 2**63 else Decimal(digits)


def _converted(loaded: dict[str, Any], wanted: type[T], where: str) -> tuple[T, Lost]:
    lost: set[str] = set()
    try:
        return cast("T", convert_partly(loaded, wanted, lost)), frozenset(lost)
    except Unreadable as problem:
        needed = [each.encode_name for each in msgspec.structs.fields(cast("Any", wanted)) if each.required]
        raise _lacks(where, " and ".join(needed)) from problem


def _number_of(sent: object) -> int:
    try:
        return cast("int", convert_partly(sent.get("id") if isinstance(sent, dict) else None, int))
    except Unreadable:
        return 0


def _lacks(where: str, needed: str) -> Interrupted:
    return Interrupted(f"{capitalize_first(where)} sent an answer that cannot be read: it lacks {needed}.")


def _no_json(body: bytes, where: str) -> Interrupted:
    """Return the error for a body that is no JSON object."""
    desk, start = capitalize_first(where), body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if not start:
        return Interrupted(f"{desk} sent an answer with nothing in it.")
    if start == b"<":
        return Interrupted(
            f"{desk} answered with a web page in place of data, as a login page or a proxy does. "
            "Check the address (desk.url) and the network."
        )
    if start == b"{":
        return Interrupted(f"{desk} sent an answer that is damaged or broken off.")
    return Interrupted(f"{desk} answered with something that is no Zendesk API. Check the address (desk.url).")
