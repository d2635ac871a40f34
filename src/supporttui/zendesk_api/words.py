"""Tables between Zendesk's words and ours: status, severity, changed field, role."""

from collections.abc import Mapping
from typing import Final

from supporttui.domain.ticket import Lifecycle, Role, Status

STATUS_OF_WORD: Final[Mapping[str, Status]] = {
    "new": Status.NEW,
    "open": Status.OPEN,
    "pending": Status.AWAITING_REPLY,
    "hold": Status.ON_HOLD,
    "solved": Status.CLOSED,
    "closed": Status.CLOSED,
    "deleted": Status.CLOSED,
}

TICKET_STATUSES: Final = tuple(word for word in STATUS_OF_WORD if word != "deleted")
"""The statuses that a ticket in a listing can have, in the order in which Zendesk sorts them."""

WORD_OF_STATUS: Final[Mapping[Status, str]] = {
    Status.NEW: "new",
    Status.OPEN: "open",
    Status.AWAITING_REPLY: "pending",
    Status.ON_HOLD: "hold",
    # Never `closed`: that locks a ticket for good.
    Status.CLOSED: "solved",
}

SEVERITY_OF_PRIORITY: Final[Mapping[str, int]] = {"urgent": 1, "high": 2, "normal": 3, "low": 4}
PRIORITY_OF_SEVERITY: Final[Mapping[int, str]] = {number: word for word, number in SEVERITY_OF_PRIORITY.items()}
PRIORITIES: Final = tuple(SEVERITY_OF_PRIORITY)
"""The most urgent first."""

FIELD_OF_NAME: Final[Mapping[str, str]] = {
    "status": "status",
    "priority": "severity",
    "assignee_id": "assignee",
    "group_id": "group",
    "subject": "subject",
    "tags": "tags",
}

AUTOMATIC_CHANNELS: Final = frozenset({"rule", "system"})

MERGED_TAG: Final = "closed_by_merge"


def role_of(word: str) -> Role:
    """A person's role; an unknown word counts as end user."""
    return {"agent": Role.AGENT, "admin": Role.ADMIN}.get(word, Role.END_USER)


def lifecycle_of(status: str, tags: list[str]) -> Lifecycle:
    """Whether a ticket is live, deleted or merged into another one. https://support.zendesk.com/hc/en-us/articles/4408882445594"""
    if status == "deleted":
        return Lifecycle.DELETED
    return Lifecycle.MERGED if status == "closed" and MERGED_TAG in tags else Lifecycle.LIVE
