"""Converts HTTP statuses and rate-limit headers to our errors, each with one sentence and the remedy."""

import email.utils
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from supporttui.config.redaction import redacted
from supporttui.domain.safe_text import OutsideText
from supporttui.helpdesks.base import (
    Conflict,
    DeskError,
    Forbidden,
    Interrupted,
    NotFound,
    RateLimited,
    Rejected,
    Unauthorised,
    Unreachable,
)

DEFAULT_RETRY_AFTER_S: Final = 10.0
MAX_RETRY_AFTER_S: Final = 3600.0

_MAX_QUOTED_CHARACTERS: Final = 500
_MAX_DATE_CHARACTERS: Final = 100


def capitalize_first(words: str) -> str:
    """Return the text with its first letter in upper case."""
    return words[:1].upper() + words[1:]


def retry_after_s(text: str | None, now: datetime) -> float:
    """Return the seconds to wait by a Retry-After header (seconds or a date); a default if it is missing or invalid."""
    asked_s = _asked_wait_s(text, now)
    return DEFAULT_RETRY_AFTER_S if asked_s is None else min(max(asked_s, 1.0), MAX_RETRY_AFTER_S)


def _asked_wait_s(text: str | None, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header; None if it is missing or invalid."""
    if not text:
        return None
    try:
        wait_s = float(text)
    except ValueError:
        at = parse_date(text)
        return (at - now).total_seconds() if at is not None else None
    return wait_s if wait_s == wait_s else None  # NaN does not equal itself


def response_date(headers: Mapping[str, str], now: datetime) -> datetime:
    """Return the response's Date, which dates in its other headers are relative to; `now` if it has none."""
    return parse_date(headers.get("date", "")) or now


def parse_date(text: str) -> datetime | None:
    """Return the time of a header in the format of RFC 5322, in UTC if it names no zone; None if it is invalid."""
    try:
        at = email.utils.parsedate_to_datetime(text[:_MAX_DATE_CHARACTERS])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def desk_error(
    status: int,
    headers: Mapping[str, str],
    says: str,
    *,
    what: str,
    desk_name: str,
    is_write: bool,
    now: datetime,
) -> DeskError:
    """Return the error for a response that is not a success.

    `what` names what was requested ("ticket #12"), and `says` is the desk's own text.
    """
    desk, desk_message = capitalize_first(desk_name), quoted(says)
    if status == 401:
        return Unauthorised(
            f"{desk} does not accept this email and token. Make a new token and put it "
            "into the configuration (desk.token) or SUPPORTTUI_TOKEN, or run `supporttui login`.",
            desk_message=desk_message,
        )
    if status == 429 or (status == 503 and "retry-after" in headers):
        return _rate_limited(headers, desk, desk_message, now)
    if status >= 500 or status in _TRANSIENT:
        sentence = f"{desk} failed (status {status}) on {what}. It is tried again; if it lasts, ask whoever runs it."
        return (Interrupted if is_write else Unreachable)(sentence, desk_message=desk_message)
    if status in _REDIRECTS or (status == _SEE_OTHER and not is_write):
        return Rejected(f"{desk} points to another address, which is not followed. Configure the right one.")
    if status < 400:
        return Interrupted(f"{desk} answered {what} with an unexpected status ({status}).")
    refused = _write_refused if is_write else _read_refused
    return _not_for_us(status, desk_message, what, desk_name) or refused(status, desk_message, what, desk_name)


def quoted(says: str) -> OutsideText:
    """Return the desk's own text, shortened and without credentials: a desk may echo what it was sent."""
    return OutsideText(redacted(says[:_MAX_QUOTED_CHARACTERS]))


_TRANSIENT: Final = frozenset({408, 425})
"""Statuses of a request that came too slowly or too early: it may be repeated unchanged."""

_REDIRECTS: Final = frozenset({301, 302, 307, 308})
_SEE_OTHER: Final = 303
"""After a write: it was applied, and its result is at another URL."""


def _rate_limited(headers: Mapping[str, str], desk: str, desk_message: OutsideText, now: datetime) -> RateLimited:
    text, relative_to = headers.get("retry-after"), response_date(headers, now)
    asked_s, wait_s = _asked_wait_s(text, relative_to), retry_after_s(text, relative_to)
    if asked_s is None:
        sentence = (
            f"{desk} asks to wait and does not say how long; it is tried again by itself in {wait_s:.0f} seconds."
        )
    elif asked_s > wait_s:
        sentence = f"{desk} asks to wait for very long; it is tried again by itself in {wait_s:.0f} seconds."
    else:
        sentence = f"{desk} asks to wait {wait_s:.0f} seconds; it is tried again by itself then."
    return RateLimited(sentence, retry_after_s=wait_s, desk_message=desk_message)


def _not_for_us(status: int, desk_message: OutsideText, what: str, desk_name: str) -> DeskError | None:
    """Return the error for a status that means the same for reads and writes; None for any other."""
    if status == 403:
        sentence = f"This account may not do that with {what}. Ask an admin of {desk_name}."
        return Forbidden(sentence, desk_message=desk_message)
    if status in (404, 410):
        remedy = "Check the number." if what.startswith("ticket ") else "Check the address (desk.url), or ask an admin."
        return NotFound(f"{capitalize_first(what)} is not on {desk_name}, or not for this account. {remedy}")
    return None


def _read_refused(status: int, desk_message: OutsideText, what: str, desk_name: str) -> DeskError:
    sentence = (
        f"{capitalize_first(desk_name)} refuses to send {what} (status {status}). If it lasts, ask whoever runs it."
    )
    return Rejected(sentence, desk_message=desk_message)


def _write_refused(status: int, desk_message: OutsideText, what: str, desk_name: str) -> DeskError:
    if status == 409:
        sentence = (
            f"{capitalize_first(what)} was changed meanwhile; the desk does not say by whom. "
            "Read it, then send again or drop it."
        )
        return Conflict(sentence)
    if status == 413:
        return Rejected("The desk finds it too large. Send less, or smaller files.", desk_message=desk_message)
    return Rejected(
        f"{capitalize_first(desk_name)} refuses this for {what} (status {status}). Change it and send again.",
        desk_message=desk_message,
    )


RESERVED_FOR_WRITES: Final = 5
"""The number of requests reserved for writes."""

MAX_PAUSE_S: Final = 120.0

# https://developer.zendesk.com/api-reference/introduction/rate-limits/#monitoring-your-request-activity
_REMAINING: Final = ("ratelimit-remaining", "x-rate-limit-remaining")
_RESET: Final = "ratelimit-reset"


class ReadRateLimit:
    """Tracks the rate-limit headers of responses, which cover all clients of the account."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._closed_until_s = 0.0

    def note(self, headers: Mapping[str, str]) -> None:
        """Record a response's rate-limit headers."""
        remaining = next((_number(headers[name]) for name in _REMAINING if name in headers), None)
        reset_s = _number(headers.get(_RESET, ""))
        if remaining is None or reset_s is None:
            return
        self._closed_until_s = (
            self._monotonic() + min(reset_s, MAX_PAUSE_S) if remaining <= RESERVED_FOR_WRITES else 0.0
        )

    def check(self, desk_name: str) -> None:
        """Raise RateLimited if the next read would use requests reserved for writes."""
        wait_s = self._closed_until_s - self._monotonic()
        if wait_s > 0:
            raise RateLimited(
                f"{capitalize_first(desk_name)} allows few more requests for {wait_s:.0f} seconds; "
                "reading goes on then.",
                retry_after_s=wait_s,
            )


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
