"""What a conversation is made of on the screen: lines of runs, spoken by a voice, read in a setting."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import Enum
from typing import Final

from supporttui.domain.policy import ServicePolicy
from supporttui.domain.safe_text import safe_line
from supporttui.domain.ticket import Person
from supporttui.presentation.cell_text import strip_joiners
from supporttui.presentation.ticket.shown_links import ShownLink
from supporttui.store.operations import Draft

MAX_TEXT_CELLS: Final = 100
"""Text is set no wider than this, however wide the terminal: longer lines are hard to read."""

BAR_CELLS: Final = 2
"""The side bar and the space after it."""


class Speaker(Enum):
    """Who speaks in a line; it decides the side bar and the ground."""

    CUSTOMER = "customer"
    REPLY = "reply"
    NOTE = "note"
    AUTOMATIC = "automatic"
    UNSENT_REPLY = "unsent-reply"
    UNSENT_NOTE = "unsent-note"
    NOBODY = "nobody"


class TextRole(Enum):
    """What a run of text in a line is; it decides its colour."""

    BODY = "body"
    AUTHOR = "author"
    FAINT = "faint"
    NOTE_LABEL = "note-label"
    FILE = "file"
    PENDING = "pending"
    PROBLEM = "problem"
    KEYS = "keys"
    DAY = "day"
    UNREAD = "unread"


TextRun = tuple[str, TextRole]


@dataclass(frozen=True, slots=True)
class ConversationLine:
    """One drawn line: runs from the left, and one run at the right edge."""

    message_kind: Speaker
    runs: tuple[TextRun, ...] = ()
    right: TextRun | None = None
    links: tuple[ShownLink, ...] = ()
    """Addresses in the first run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingContext:
    """What a conversation is read against."""

    people: Mapping[int, Person]
    requester_id: int
    me_id: int | None
    policy: ServicePolicy
    zone: tzinfo
    today: date
    """Today on the desk's calendar, for `today` beside a day."""
    unread_after: datetime | None = None
    """What the other side wrote later is marked as new; None marks nothing."""
    draft: Draft | None = None
    """What is written on this ticket and not sent, while nobody writes on."""
    names_keys: bool = True
    """Whether the keys that decide about what is unsent are at hand, and named beside it."""
    standing: str = ""
    """What is still to come, for the end of the conversation."""

    @property
    def other_side(self) -> Speaker:
        """Whose messages are news to the reader."""
        return Speaker.REPLY if self.me_id == self.requester_id else Speaker.CUSTOMER


def size_text(size_bytes: int) -> str:
    """A file's size in two or three digits: `14 kB`."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    size = float(size_bytes)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.5:
            return f"{size:.0f} {unit}" if size >= 9.95 else f"{size:.1f} {unit}"
    return f"{size:.0f} GB"


def person_name(people: Mapping[int, Person], person_id: int) -> str:
    """A person's name in one line, their address where they have none, or their number where unknown."""
    person = people.get(person_id)
    if person is None:
        return f"person {person_id}"
    return strip_joiners(safe_line(person.name).strip() or safe_line(person.email))
