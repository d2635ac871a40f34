"""What the embedded server answers beyond the Zendesk API: its health and its own description."""

from datetime import datetime
from typing import Final

from msgspec import Struct

HEALTH_PATH: Final = "/supporttui/v1/health"
DESK_PATH: Final = "/supporttui/v1/desk"
EVENTS_PATH: Final = "/supporttui/v1/events"


class Health(Struct):
    """Whether the desk works."""

    status: str
    version: str
    subscribers: int


class DeskSummary(Struct):
    """What the desk says of itself."""

    name: str
    demo: bool
    now: datetime
