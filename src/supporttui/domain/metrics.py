"""The metrics that clocks measure, and the one table of what starts, meets, ends, pauses and restarts each."""

from collections.abc import Mapping
from enum import Enum
from typing import Final


class Metric(Enum):
    """What a clock measures."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class ClockEvent(Enum):
    """An event of a ticket that may change a clock."""

    CREATED = "it was created"
    FIRST_REPLIED = "an agent replied for the first time"
    CUSTOMER_WROTE = "a customer wrote, after the first reply"
    REPLIED = "an agent replied"
    PAUSED = "it got a status that pauses the metric"
    RESUMED = "it got a status that does not"
    CLOSED = "it was closed"
    REOPENED = "it was reopened"


class ClockAction(Enum):
    """What an event does to a clock."""

    START = "starts, unless one is running or ended unanswered"
    MEET = "meets"
    END = "ends unanswered"
    PAUSE = "pauses"
    RESUME = "goes on, with the used time kept"
    RESTART = "goes on though it was met, with the used time kept"


CLOCK_RULES: Final[Mapping[Metric, Mapping[ClockEvent, ClockAction]]] = {
    Metric.FIRST_RESPONSE: {
        ClockEvent.CREATED: ClockAction.START,
        ClockEvent.FIRST_REPLIED: ClockAction.MEET,
        ClockEvent.CLOSED: ClockAction.END,
        ClockEvent.REOPENED: ClockAction.RESUME,
        ClockEvent.PAUSED: ClockAction.PAUSE,
        ClockEvent.RESUMED: ClockAction.RESUME,
    },
    Metric.NEXT_RESPONSE: {
        ClockEvent.CUSTOMER_WROTE: ClockAction.START,
        ClockEvent.REPLIED: ClockAction.MEET,
        ClockEvent.CLOSED: ClockAction.END,
        ClockEvent.REOPENED: ClockAction.RESUME,
        ClockEvent.PAUSED: ClockAction.PAUSE,
        ClockEvent.RESUMED: ClockAction.RESUME,
    },
    Metric.RESOLUTION: {
        ClockEvent.CREATED: ClockAction.START,
        ClockEvent.CLOSED: ClockAction.MEET,
        ClockEvent.REOPENED: ClockAction.RESTART,
        ClockEvent.PAUSED: ClockAction.PAUSE,
        ClockEvent.RESUMED: ClockAction.RESUME,
    },
}
"""An event that a metric does not name leaves its clock alone. A merged or deleted ticket has no clocks."""

METRIC_TITLES: Final[Mapping[Metric, str]] = {
    Metric.FIRST_RESPONSE: "First response",
    Metric.NEXT_RESPONSE: "Next response",
    Metric.RESOLUTION: "Resolution",
}
