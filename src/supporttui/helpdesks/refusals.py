"""What a desk's status codes mean, as our errors, each with one sentence and the remedy."""

import email.utils
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from supporttui.config.redaction import redacted
from supporttui.domain.safetext import OutsideText
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

DEFAULT_WAIT_S: Final = 10.0
LONGEST_WAIT_S: Final = 3600.0

_SAYS_CHARACTERS: Final = 500


def opening(words: str) -> str:
    """The words as a sentence begins with them."""
    return words[:1].upper() + words[1:]


def retry_after_s(text: str | None, now: datetime) -> float:
    """Seconds to wait by a Retry-After header, which has seconds or a date; a sensible time where it has neither."""
    if not text:
        return DEFAULT_WAIT_S
    try:
        wait_s = float(text)
    except ValueError:
        try:
            at = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return DEFAULT_WAIT_S
        wait_s = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(wait_s, 1.0), LONGEST_WAIT_S) if wait_s == wait_s else DEFAULT_WAIT_S  # a NaN is not itself


def answered_at(headers: Mapping[str, str], now: datetime) -> datetime:
    """When the desk answered, by its own clock, which a date in its headers goes by; `now` where it does not say."""
    try:
        at = email.utils.parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return now
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def desk_error(
    status: int,
    headers: Mapping[str, str],
    says: str,
    *,
    what: str,
    where: str,
    is_write: bool,
    now: datetime,
) -> DeskError:
    """The error for an answer that is not a success.

    `what` names the thing that was asked for ("ticket #12"), `where` the desk, `says` is what the desk wrote about it.
    """
    quoted = OutsideText(redacted(says[:_SAYS_CHARACTERS]))  # a desk may send back what it was sent
    if status == 401:
        return Unauthorised(
            f"{opening(where)} does not accept this email and token. Make a new token and put it "
            "into the configuration (desk.token) or SUPPORTTUI_TOKEN, or run `supporttui login`.",
            desk_says=quoted,
        )
    if status == 429 or (status == 503 and "retry-after" in headers):
        wait_s = retry_after_s(headers.get("retry-after"), answered_at(headers, now))
        sentence = f"{opening(where)} asks to wait {wait_s:.0f} seconds; it is tried again by itself then."
        return RateLimited(sentence, retry_after_s=wait_s, desk_says=quoted)
    if status >= 500:
        sentence = (
            f"{opening(where)} failed (status {status}) on {what}. It is tried again; if it lasts, ask whoever runs it."
        )
        return (Interrupted if is_write else Unreachable)(sentence, desk_says=quoted)
    if 300 <= status < 400:
        return Rejected(f"{opening(where)} points to another address, which is not followed. Configure the right one.")
    return _refusal(status, quoted, what, where)


def _refusal(status: int, quoted: OutsideText, what: str, where: str) -> DeskError:
    if status == 403:
        return Forbidden(f"This account may not do that with {what}. Ask an admin of {where}.", desk_says=quoted)
    if status in (404, 410):
        return NotFound(f"{opening(what)} is not on {where}, or not for this account. Check the number.")
    if status == 409:
        sentence = f"{opening(what)} was changed by somebody else meanwhile. Read it, then send again or drop it."
        return Conflict(sentence)
    if status == 413:
        return Rejected("The desk finds it too large. Send less, or smaller files.", desk_says=quoted)
    return Rejected(
        f"{opening(where)} refuses this for {what} (status {status}). Change it and send again.", desk_says=quoted
    )
