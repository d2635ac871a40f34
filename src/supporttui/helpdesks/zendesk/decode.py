"""JSON into wire types, leniently where one item of a list would cost the whole page."""

import json
import re
from typing import Any, Final, TypeVar

import msgspec

from supporttui.helpdesks.base import Interrupted, TooLarge
from supporttui.helpdesks.refusals import opening

T = TypeVar("T")

MAX_PARTS: Final = 100_000
"""Objects and lists in one answer: a page of a thousand tickets has fewer, and each is many bytes in memory."""

MAX_VALUES: Final = 600_000
MAX_SAID_BYTES: Final = 256 * 1024
"""Of a refusal; a longer one is no sentence."""

_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|([\[{,])', re.DOTALL)
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)


def decode(body: bytes, wanted: type[T], where: str) -> T:
    """A whole answer. Raises Interrupted where it is not what was asked for, TooLarge where it has too many parts."""
    _check_size(body, where)
    try:
        return msgspec.json.decode(body, type=wanted)
    except _BROKEN:
        return _converted(_loaded(body, where), wanted, where)


def decode_items(body: bytes, wanted: type[T], items: str, item: type, where: str) -> tuple[T, tuple[int, ...]]:
    """A page, and the ids of those of its items that cannot be read and are left out.

    msgspec refuses a page with one escaped lone surrogate in it; then, and where an item lacks what it must have, each
    item is decoded for itself. Raises Interrupted where there is no page at all, TooLarge where it has too many parts.
    """
    _check_size(body, where)
    try:
        return msgspec.json.decode(body, type=wanted), ()
    except _BROKEN:
        page = _loaded(body, where)
    sent = page.get(items)
    if not isinstance(sent, list):
        raise _not_an_answer(where)
    verdicts = [(each, _is_readable(each, item)) for each in sent]
    page[items] = [each for each, is_readable in verdicts if is_readable]
    lost = tuple(each["id"] for each, is_readable in verdicts if not is_readable and _has_id(each))
    page["users"] = [each for each in page.get("users") or [] if isinstance(each, dict) and _has_id(each)]
    return _converted(page, wanted, where), lost


def says(body: bytes) -> str:
    """What the desk wrote about a refusal, in whichever of its forms; plain text as it is."""
    try:
        sent = json.loads(body) if len(body) <= MAX_SAID_BYTES else None
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
    """Refuse what would take many times its size in memory. Raises TooLarge."""
    if body.count(b"{") + body.count(b"[") <= MAX_PARTS and body.count(b",") <= MAX_VALUES:
        return
    left = {b"": MAX_VALUES, b"[": MAX_PARTS, b",": MAX_VALUES}
    for token in _TOKEN.finditer(body):  # what people write is full of brackets, which count for nothing
        kind = token[1].replace(b"{", b"[") if token[1] else b""
        left[kind] -= 1
        if left[kind] < 0:
            raise TooLarge(
                f"{opening(where)} answered with more parts than any page has. Check the address (desk.url)."
            )


def _loaded(body: bytes, where: str) -> dict[str, Any]:
    try:
        loaded = json.loads(body.decode("utf-8", "replace"), parse_int=_bounded)
    except (ValueError, RecursionError) as problem:
        raise _not_an_answer(where) from problem
    if not isinstance(loaded, dict):
        raise _not_an_answer(where)
    return loaded


def _bounded(digits: str) -> int | str:
    """A whole number that databases hold; a larger one stays text, so that what needs a number is not taken."""
    number = int(digits) if len(digits) < 20 else 2**63
    return number if -(2**63) <= number < 2**63 else digits


def _converted(loaded: dict[str, Any], wanted: type[T], where: str) -> T:
    try:
        return msgspec.convert(loaded, wanted)
    except (msgspec.ValidationError, RecursionError) as problem:
        raise _not_an_answer(where) from problem


def _is_readable(sent: object, item: type) -> bool:
    try:
        msgspec.convert(sent, item)
    except (msgspec.ValidationError, RecursionError):
        return False
    return True


def _has_id(sent: object) -> bool:
    return isinstance(sent, dict) and type(sent.get("id")) is int


def _not_an_answer(where: str) -> Interrupted:
    return Interrupted(
        f"{opening(where)} answered with something that is no Zendesk API. Check the address (desk.url)."
    )
