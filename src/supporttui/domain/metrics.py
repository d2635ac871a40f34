"""The metrics that clocks measure, and the one table of what starts, meets, ends, pauses and restarts each."""

from collections.abc import Mapping
from enum import Enum
from typing import Final


class Metric(Enum):
    """What a clock measures."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class Event(Enum):
    """What can happen to a ticket that a clock may care about."""

    CREATED = "it was created"
    FIRST_REPLIED = "an agent replied for the first time"
    CUSTOMER_WROTE = "a customer wrote, after the first reply"
    REPLIED = "an agent replied"
    PAUSED = "it got a status that pauses the metric"
    RESUMED = "it got a status that does not"
    CLOSED = "it was closed"
    REOPENED = "it was reopened"


class Effect(Enum):
    """What an event does to a clock."""

    START = "starts, unless one is running or ended unanswered"
    MEET = "meets"
    END = "ends unanswered"
    PAUSE = "pauses"
    RESUME = "goes on, with the used time kept"
    RESTART = "goes on though it was met, with the used time kept"


RULES: Final[Mapping[Metric, Mapping[Event, Effect]]] = {
    Metric.FIRST_RESPONSE: {
        Event.CREATED: Effect.START,
        Event.FIRST_REPLIED: Effect.MEET,
        Event.CLOSED: Effect.END,
        Event.REOPENED: Effect.RESUME,
        Event.PAUSED: Effect.PAUSE,
        Event.RESUMED: Effect.RESUME,
    },
    Metric.NEXT_RESPONSE: {
        Event.CUSTOMER_WROTE: Effect.START,
        Event.REPLIED: Effect.MEET,
        Event.CLOSED: Effect.END,
        Event.REOPENED: Effect.RESUME,
        Event.PAUSED: Effect.PAUSE,
        Event.RESUMED: Effect.RESUME,
    },
    Metric.RESOLUTION: {
        Event.CREATED: Effect.START,
        Event.CLOSED: Effect.MEET,
        Event.REOPENED: Effect.RESTART,
        Event.PAUSED: Effect.PAUSE,
        Event.RESUMED: Effect.RESUME,
    },
}
"""An event that a metric does not name leaves its clock alone. A merged or deleted ticket has no clocks."""

TITLES: Final[Mapping[Metric, str]] = {
    Metric.FIRST_RESPONSE: "First response",
    Metric.NEXT_RESPONSE: "Next response",
    Metric.RESOLUTION: "Resolution",
}
