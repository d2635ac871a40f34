"""The packaged policy with its calendar, and tickets to apply it to."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from support.sample_values import ticket_key
from supporttui.config import default_policy
from supporttui.domain.policy import Metric, ServicePolicy, Target
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.sla import SlaRules
from supporttui.domain.support_calendar import Calendars, SupportCalendar, policy_calendar
from supporttui.domain.ticket import ConversationTurn, Status, StatusChange, Ticket

NEW_YORK = ZoneInfo("America/New_York")
ONE_MICROSECOND = timedelta(microseconds=1)


@cache
def packaged_policy() -> ServicePolicy:
    return default_policy()


@cache
def packaged_calendar() -> SupportCalendar:
    return policy_calendar(packaged_policy().hours, 2020, 2030)


def new_york(wall: str) -> datetime:
    """An instant by the wall clock in New York, such as `2026-11-25 16:00`."""
    return datetime.fromisoformat(wall).replace(tzinfo=NEW_YORK)


def ticket_at(created_at: datetime, **changes: Any) -> Ticket:
    """A New ticket of severity 1."""
    fields: dict[str, Any] = {
        "id": ticket_key(1042),
        "subject": OutsideText("Board will not load"),
        "status": Status.NEW,
        "desk_status": OutsideText("new"),
        "requester_id": 7,
        "created_at": created_at,
        "updated_at": created_at,
        "version": "1",
        "severity": 1,
    }
    return Ticket(**(fields | changes))


def status_history_fields(*changes: tuple[datetime, Status]) -> dict[str, Any]:
    """The fields of a ticket that went through these statuses, the last one its present."""
    at, status = changes[-1]
    return {
        "status": status,
        "status_history": tuple(StatusChange(*change) for change in changes),
        "status_changed_at": at,
        "closed_at": at if status is Status.CLOSED else None,
    }


@cache
def packaged_calendars() -> Calendars:
    return Calendars(packaged_calendar())


def packaged_rules() -> SlaRules:
    return SlaRules(packaged_policy(), packaged_calendars())


@cache
def full_policy() -> ServicePolicy:
    """The packaged policy with all three metrics: a next response in 2 hours, a resolution in 2 days of 9 hours."""
    more = {
        Metric.NEXT_RESPONSE: Target(timedelta(hours=2), "2 hours"),
        Metric.RESOLUTION: Target(timedelta(hours=18), "2 business days"),
    }
    rows = {severity: replace(row, more=more) for severity, row in packaged_policy().severities.items()}
    return replace(packaged_policy(), severities=rows)


def turns(*walls: tuple[str, str]) -> tuple[ConversationTurn, ...]:
    """Who wrote when in New York: `("2026-06-08 11:00", "us")` or `"them"`."""
    return tuple(ConversationTurn(new_york(wall).astimezone(UTC), who == "us") for wall, who in walls)
