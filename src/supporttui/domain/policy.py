"""The service policy as values; `config` reads it from the packaged file and the user's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from supporttui.domain.ticket import Status

MINUTE = timedelta(minutes=1)


class Metric(Enum):
    """What a clock measures."""

    FIRST_RESPONSE = "first_response"


@dataclass(frozen=True, slots=True)
class Interval:
    """Support hours within one day: minutes after local midnight, `0 <= start < end <= 1440`."""

    start_minute: int
    end_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportHours:
    """When support is open, in local time of a named zone."""

    zone: str
    week: tuple[tuple[Interval, ...], ...]
    """Seven entries, Monday first; an empty entry is a closed day."""
    overrides: Mapping[date, tuple[Interval, ...]]
    """Hours of single dates; they win over the week and over holidays."""
    holiday_calendar: str
    """`default` for the policy's eight days, `none` for no holidays."""
    observed: bool
    """Whether a fixed holiday on a weekend moves to the nearest weekday."""
    business_day: timedelta
    """Support time that one business day of a target stands for."""


@dataclass(frozen=True, slots=True)
class SeverityPolicy:
    """One row of the policy's table."""

    severity: int
    meaning: str
    first_response: timedelta
    """Support time, business days already multiplied out."""
    target_text: str
    """The target as the policy states it: `4 hours`, `1 business day`."""


@dataclass(frozen=True, slots=True)
class StatusPolicy:
    """One status of the policy: its title, its meaning, where it may go."""

    status: Status
    title: str
    meaning: str
    moves: tuple[Status, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePolicy:
    """The whole policy."""

    hours: SupportHours
    severities: Mapping[int, SeverityPolicy]
    default_severity: int
    """Counted for a ticket on which nobody set one."""
    statuses: Mapping[Status, StatusPolicy]
    pause_on: Mapping[Metric, frozenset[Status]]
    """Statuses that pause a clock; for first response none, unless configured."""
    closed_days: int
    """For how many days the board shows closed tickets."""

    def first_response(self, severity: int | None) -> timedelta:
        """The target that a ticket of this severity is judged by, in support time."""
        return self.counted_severity(severity).first_response

    def counted_severity(self, severity: int | None) -> SeverityPolicy:
        """The row of the table that a ticket of this severity is judged by; None is judged by the default's."""
        known = None if severity is None else self.severities.get(severity)
        return known or self.severities[self.default_severity]
