"""What a desk leaves to an account until its limit is counted anew: reading stops before writing has to."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from supporttui.helpdesks.base import RateLimited
from supporttui.helpdesks.refusals import opening

RESERVE: Final = 5
"""Requests that are kept for writing."""

LONGEST_S: Final = 120.0

# https://developer.zendesk.com/api-reference/introduction/rate-limits/#monitoring-your-request-activity
_REMAINING: Final = ("ratelimit-remaining", "x-rate-limit-remaining")
_RESET: Final = "ratelimit-reset"


class ReadBudget:
    """Follows the headers of the answers; they count every window and program of the account."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._closed_until_s = 0.0

    def note(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer says."""
        remaining = next((_number(headers[name]) for name in _REMAINING if name in headers), None)
        reset_s = _number(headers.get(_RESET, ""))
        if remaining is None or reset_s is None:
            return
        self._closed_until_s = self._monotonic() + min(reset_s, LONGEST_S) if remaining <= RESERVE else 0.0

    def check(self, where: str) -> None:
        """Raise RateLimited where the next read would take what is kept for writing."""
        wait_s = self._closed_until_s - self._monotonic()
        if wait_s > 0:
            sentence = f"{opening(where)} allows few more requests for {wait_s:.0f} seconds; reading goes on then."
            raise RateLimited(sentence, retry_after_s=wait_s)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
