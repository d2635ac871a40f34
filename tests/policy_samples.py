"""The packaged policy with its calendar, and tickets to judge by it."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from supporttui.config import default_policy
from supporttui.domain.calendars import policy_calendar
from supporttui.domain.hours import SupportCalendar
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.safetext import OutsideText
from supporttui.domain.ticket import Status, StatusChange, Ticket

NEW_YORK = ZoneInfo("America/New_York")
ONE_US = timedelta(microseconds=1)


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
        "id": 1042,
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


def history(*changes: tuple[datetime, Status]) -> dict[str, Any]:
    """The fields of a ticket that went through these statuses, the last one its present."""
    at, status = changes[-1]
    return {
        "status": status,
        "status_history": tuple(StatusChange(*change) for change in changes),
        "status_changed_at": at,
        "closed_at": at if status is Status.CLOSED else None,
    }
