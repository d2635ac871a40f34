"""The vocabulary of a conversation on the screen: lines, their runs of text, speakers, and the reader's context."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import Enum
from typing import Final

from supporttui.domain.policy import ServicePolicy
from supporttui.domain.safe_text import safe_line
from supporttui.domain.ticket import Person
from supporttui.presentation.cell_text import strip_joiners
from supporttui.presentation.key_names import first_key, key_name
from supporttui.presentation.ticket.shown_links import ShownLink
from supporttui.store.operations import Draft

MAX_TEXT_CELLS: Final = 100
"""Text is wrapped at this width at the latest, since longer lines are hard to read."""

BAR_CELLS: Final = 2
"""The width of the side bar and the space after it."""


class Speaker(Enum):
    """The author's side of a line; decides the side bar and the background."""

    CUSTOMER = "customer"
    REPLY = "reply"
    NOTE = "note"
    AUTOMATIC = "automatic"
    UNSENT_REPLY = "unsent-reply"
    UNSENT_NOTE = "unsent-note"
    NOBODY = "nobody"


class TextRole(Enum):
    """The role of a run of text in a line; decides its colour."""

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
    """One drawn line: runs from the left, and one at the right edge."""

    message_kind: Speaker
    runs: tuple[TextRun, ...] = ()
    right: TextRun | None = None
    links: tuple[ShownLink, ...] = ()
    """The addresses in the first run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingContext:
    """The facts about the reader and the desk that the lines depend on."""

    people: Mapping[int, Person]
    requester_id: int
    me_id: int | None
    policy: ServicePolicy
    zone: tzinfo
    today: date
    """The present day on the desk's calendar, marked as `today`."""
    unread_after: datetime | None = None
    """Later messages of the other side are marked as new; None marks none."""
    draft: Draft | None = None
    """An unsent draft of this ticket that is not open in a composer."""
    names_keys: bool = True
    """Whether the keys for unsent changes are available, so that they are mentioned."""
    standing: str = ""
    """The remark at the end of the conversation about what is still being loaded."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys by binding id, only where they differ from the defaults."""

    def key(self, id_: str) -> str:
        """Return the name of a binding's key for use in a sentence."""
        return key_name(first_key(id_, self.keymap))

    @property
    def other_side(self) -> Speaker:
        """The side whose messages are new to the reader."""
        return Speaker.REPLY if self.me_id == self.requester_id else Speaker.CUSTOMER


def size_text(size_bytes: int) -> str:
    """Return a file's size with two or three digits: `14 kB`."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    size = float(size_bytes)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.5:
            return f"{size:.0f} {unit}" if size >= 9.95 else f"{size:.1f} {unit}"
    return f"{size:.0f} GB"


def person_name(people: Mapping[int, Person], person_id: int) -> str:
    """Return a person's name in one line, else their address, else their number."""
    person = people.get(person_id)
    if person is None:
        return f"person {person_id}"
    return strip_joiners(safe_line(person.name).strip() or safe_line(person.email))
