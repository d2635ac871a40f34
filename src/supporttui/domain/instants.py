"""Instants as integer microseconds since 1970 in UTC, in which support time is counted."""

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
ONE_US: Final = timedelta(microseconds=1)
SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
DAY_US: Final = 24 * 60 * MINUTE_US


def to_us(instant: datetime) -> int:
    """Microseconds since 1970 of an aware datetime. Raises TypeError for a naive one."""
    return (instant - EPOCH) // ONE_US


def from_us(us: int) -> datetime:
    """The instant in UTC."""
    return EPOCH + us * ONE_US


def span_us(span: timedelta) -> int:
    """A duration in microseconds."""
    return span // ONE_US


def us_span(us: int) -> timedelta:
    """Microseconds as a duration."""
    return us * ONE_US
