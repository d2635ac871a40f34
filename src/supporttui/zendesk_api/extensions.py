"""What the embedded server serves beside the Zendesk API, and its client reads: health, summary and change events.

The defaults are for decoding: the server sends every field.
"""

from datetime import datetime
from typing import Final

from msgspec import Struct

HEALTH_PATH: Final = "/supporttui/v1/health"
DESK_PATH: Final = "/supporttui/v1/desk"
EVENTS_PATH: Final = "/supporttui/v1/events"

EVENT_HEADER: Final = "X-Supporttui-Event"
"""In an agent's response to the change of a ticket: the id of the stream's event that announces this change.

The response to a repeated request does not have it.
"""


class Health(Struct):
    """The response at `HEALTH_PATH`, which needs no token."""

    status: str
    version: str
    subscribers: int
    """How many event streams are open."""


class DeskSummary(Struct):
    """The response at `DESK_PATH`; that a desk has one tells the client that it is an embedded server."""

    name: str = "supporttui"
    demo: bool = False
    now: datetime | None = None
    """The desk's clock."""


class StreamedChange(Struct):
    """The JSON data of one event at `EVENTS_PATH`."""

    ticket_id: int | None = None
    at: datetime | None = None


OPERATION_KEY: Final = "supporttui_operation"
"""The key of a write's `metadata` that holds the id of the client's operation, by which it finds its own change."""
