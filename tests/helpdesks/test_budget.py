"""What is left of an account's limit is kept for writing."""

import pytest

from supporttui.helpdesks.base import RateLimited
from supporttui.helpdesks.http_errors import RESERVED_FOR_WRITES, ReadRateLimit


def test_reading_stops_while_only_the_reserve_is_left_and_goes_on_afterwards() -> None:
    now = [100.0]
    budget = ReadRateLimit(lambda: now[0])
    budget.note({"x-rate-limit-remaining": str(RESERVED_FOR_WRITES + 1), "ratelimit-reset": "30"})
    budget.check("the desk")
    budget.note({"x-rate-limit-remaining": str(RESERVED_FOR_WRITES), "ratelimit-reset": "30"})
    with pytest.raises(RateLimited, match="few more requests for 30 seconds") as caught:
        budget.check("the desk")
    assert caught.value.retry_after_s == 30.0
    now[0] += 30
    budget.check("the desk")


@pytest.mark.parametrize(
    "headers", [{}, {"ratelimit-remaining": "0"}, {"ratelimit-remaining": "x", "ratelimit-reset": "9"}]
)
def test_headers_that_say_nothing_stop_nothing(headers: dict[str, str]) -> None:
    budget = ReadRateLimit(lambda: 0.0)
    budget.note(headers)
    budget.check("the desk")


def test_no_desk_closes_itself_for_longer_than_two_minutes() -> None:
    budget = ReadRateLimit(lambda: 0.0)
    budget.note({"ratelimit-remaining": "0", "ratelimit-reset": "86400"})
    with pytest.raises(RateLimited) as caught:
        budget.check("the desk")
    assert caught.value.retry_after_s == 120.0
