"""The desk's clock and how its instants are kept: whole seconds, as on the wire."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

Now = Callable[[], datetime]
"""Asks the desk's clock; aware and in UTC."""


def clock(ahead_s: float = 0.0) -> Now:
    """The machine's clock, moved by a number of seconds."""
    ahead = timedelta(seconds=ahead_s)
    return lambda: datetime.now(UTC) + ahead


def whole_second(instant: datetime) -> datetime:
    """The instant in UTC without its fraction of a second."""
    return instant.astimezone(UTC).replace(microsecond=0)


def seconds_between(start: datetime, end: datetime) -> int:
    """Whole seconds from one kept instant to another, never negative."""
    return max(0, int((end - start).total_seconds()))


class Instant(TypeDecorator[datetime]):
    """A column of aware datetimes, kept as seconds since 1970 so that every database orders them alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - SQLAlchemy's signature
        """Seconds since 1970, the fraction cut off."""
        return None if value is None else int(value.timestamp() // 1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401 - see above
        """An aware datetime in UTC."""
        return None if value is None else datetime.fromtimestamp(value, UTC)
