"""What the desk says of itself, beside the Zendesk API's own answers."""

from datetime import datetime

from msgspec import Struct


class Health(Struct):
    """Whether the desk works."""

    status: str
    version: str
    subscribers: int


class DeskCard(Struct):
    """What the desk says of itself."""

    name: str
    demo: bool
    now: datetime
