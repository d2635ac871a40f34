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
    if not text:
        return DEFAULT_RETRY_AFTER_S
    try:
        wait_s = float(text)
    except ValueError:
        at = _parse_date(text)
        if at is None:
            return DEFAULT_RETRY_AFTER_S
        wait_s = (at - now).total_seconds()
    return (
        min(max(wait_s, 1.0), MAX_RETRY_AFTER_S) if wait_s == wait_s else DEFAULT_RETRY_AFTER_S
    )  # NaN does not equal itself


def response_date(headers: Mapping[str, str], now: datetime) -> datetime:
    """Return the response's Date, which dates in its other headers are relative to; `now` if it has none."""
    return _parse_date(headers.get("date", "")) or now


def _parse_date(text: str) -> datetime | None:
    """Return the time of a header in the format of RFC 5322; None if it is invalid."""
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
    quoted = OutsideText(redacted(says[:_MAX_QUOTED_CHARACTERS]))  # a desk may echo what it was sent
    if status == 401:
        return Unauthorised(
            f"{capitalize_first(desk_name)} does not accept this email and token. Make a new token and put it "
            "into the configuration (desk.token) or SUPPORTTUI_TOKEN, or run `supporttui login`.",
            desk_message=quoted,
        )
    if status == 429 or (status == 503 and "retry-after" in headers):
        wait_s = retry_after_s(headers.get("retry-after"), response_date(headers, now))
        sentence = f"{capitalize_first(desk_name)} asks to wait {wait_s:.0f} seconds; it is tried again by itself then."
        return RateLimited(sentence, retry_after_s=wait_s, desk_message=quoted)
    if status >= 500:
        failed = f"{capitalize_first(desk_name)} failed (status {status}) on {what}."
        sentence = f"{failed} It is tried again; if it lasts, ask whoever runs it."
        return (Interrupted if is_write else Unreachable)(sentence, desk_message=quoted)
    if 300 <= status < 400:
        return Rejected(
            f"{capitalize_first(desk_name)} points to another address, which is not followed. Configure the right one."
        )
    return _client_error(status, quoted, what, desk_name)


def _client_error(status: int, quoted: OutsideText, what: str, desk_name: str) -> DeskError:
    if status == 403:
        return Forbidden(f"This account may not do that with {what}. Ask an admin of {desk_name}.", desk_message=quoted)
    if status in (404, 410):
        return NotFound(f"{capitalize_first(what)} is not on {desk_name}, or not for this account. Check the number.")
    if status == 409:
        sentence = (
            f"{capitalize_first(what)} was changed meanwhile; the desk does not say by whom. "
            "Read it, then send again or drop it."
        )
        return Conflict(sentence)
    if status == 413:
        return Rejected("The desk finds it too large. Send less, or smaller files.", desk_message=quoted)
    return Rejected(
        f"{capitalize_first(desk_name)} refuses this for {what} (status {status}). Change it and send again.",
        desk_message=quoted,
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
