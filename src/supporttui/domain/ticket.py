"""Tickets, the people around them and what they wrote."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import msgspec

from supporttui.domain.metrics import Metric
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket_id import TicketId


class Status(Enum):
    """The five statuses of the policy, in the order of the board's panes."""

    NEW = "new"
    OPEN = "open"
    AWAITING_REPLY = "awaiting_reply"
    ON_HOLD = "on_hold"
    CLOSED = "closed"


STATUS_OF_SHORT_WORD: Final[Mapping[str, Status]] = {
    "new": Status.NEW,
    "open": Status.OPEN,
    "awaiting": Status.AWAITING_REPLY,
    "hold": Status.ON_HOLD,
    "closed": Status.CLOSED,
}
"""The words that people type for the statuses, in filters and in arguments."""


class Role(Enum):
    """What a person may do on the help desk."""

    END_USER = "end-user"
    AGENT = "agent"
    ADMIN = "admin"


class Lifecycle(Enum):
    """Whether a ticket is still one of its own."""

    LIVE = "live"
    MERGED = "merged"
    DELETED = "deleted"


class Person(msgspec.Struct, frozen=True):
    """A requester or an agent."""

    id: int
    name: OutsideText
    email: OutsideText
    role: Role = Role.END_USER
    organization: OutsideText | None = None
    is_known_in_part: bool = False
    """The desk's answer lacked the name or the role: whoever is known by this id stays as they are."""


class TicketType(Enum):
    """What kind of thing a ticket is; incidents belong to a problem."""

    QUESTION = "question"
    INCIDENT = "incident"
    PROBLEM = "problem"
    TASK = "task"


class FieldKind(Enum):
    """The kinds of custom fields that can be written."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    CHECKBOX = "checkbox"
    TAGGER = "tagger"
    """One of a list of choices, each of which is a tag too."""


class FieldValue(msgspec.Struct, frozen=True):
    """The value of one of the desk's custom fields on a ticket."""

    field_id: int
    value: OutsideText
    """As text: `2026-11-23` is a date, `true` a box that is ticked. A field without a value is left out."""


class StatusChange(msgspec.Struct, frozen=True):
    """The instant from which a ticket had a status."""

    at: datetime
    status: Status


class SeverityChange(msgspec.Struct, frozen=True):
    """The instant from which a ticket had a severity; None where it had none."""

    at: datetime
    severity: int | None


class ConversationTurn(msgspec.Struct, frozen=True):
    """When the conversation changed sides: the first public message of a customer after ours, or of ours after theirs.

    Automatic messages and notes are none; neither is the description.
    """

    at: datetime
    is_ours: bool


class DeskStage(Enum):
    """The state of the help desk's own clock."""

    ACTIVE = "active"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"


class DeskClock(msgspec.Struct, frozen=True, kw_only=True):
    """What the help desk itself reports of one metric on a ticket."""

    metric: Metric
    stage: DeskStage | None
    """None where the ticket has changed since the desk was asked."""
    breach_at: datetime | None = None
    """When it breaches or did; None where the desk does not say, as while it is paused."""
    target: timedelta | None = None
    """None where the desk does not say it. Support time where `in_support_hours`, else time of day and night."""
    in_support_hours: bool = True
    policy: OutsideText | None = None
    """The name of the desk's own policy, where it says so."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ticket as the help desk last reported it. Every `*_at` is aware and in UTC."""

    id: TicketId
    subject: OutsideText
    status: Status
    desk_status: OutsideText
    """The help desk's own word for the status."""
    requester_id: int
    created_at: datetime
    updated_at: datetime
    version: str
    """The help desk's stamp for this state, sent back to refuse a change of a ticket that has moved on."""
    severity: int | None = None
    """1 to 4, or None where nobody set one."""
    is_locked: bool = False
    """Closed for good: a customer's reply starts a follow-up ticket."""
    assignee_id: int | None = None
    group_id: int | None = None
    group: OutsideText | None = None
    """The group's name, where it is known."""
    tags: tuple[OutsideText, ...] = ()
    ticket_type: TicketType | None = None
    problem_id: TicketId | None = None
    """Of an incident: the problem that it belongs to."""
    has_incidents: bool = False
    """Of a problem: whether other tickets are linked to it."""
    cc_ids: tuple[int, ...] = ()
    """The people who get every public reply too."""
    custom_fields: tuple[FieldValue, ...] = ()
    """In the order of the desk; empty ones are left out."""
    development_ticket: OutsideText | None = None
    """The key or the link of the development ticket on which it waits."""
    status_changed_at: datetime | None = None
    first_reply_at: datetime | None = None
    """The first public reply of an agent after creation; None where there is none."""
    replied_at: datetime | None = None
    """The latest public reply of an agent, where known."""
    customer_wrote_at: datetime | None = None
    """The requester's latest public message, the description included."""
    closed_at: datetime | None = None
    """Since when it is closed; None in every other status."""
    status_history: tuple[StatusChange, ...] = ()
    """Oldest first, from creation on; empty where the help desk has not told it."""
    turns: tuple[ConversationTurn, ...] = ()
    """Oldest first; empty where no conversation has been fetched, so that only the latest messages are known."""
    severity_history: tuple[SeverityChange, ...] = ()
    """Oldest first, from creation on; empty where the help desk has not told it."""
    desk_clocks: tuple[DeskClock, ...] = ()
    """The help desk's own figures; empty where it reports none."""
    lifecycle: Lifecycle = Lifecycle.LIVE
    is_logged_by_agent: bool = False
    """Its description is an agent's internal note: the customer had said nothing when it was created."""


def with_known_values(fresh: Ticket, known: Ticket | None, untold: Iterable[str]) -> Ticket:
    """The fresh report of a ticket with the known values of the fields that the report does not tell."""
    if known is None:
        return fresh
    return msgspec.structs.replace(fresh, **{name: getattr(known, name) for name in untold})


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file beside a message; its content is fetched only when somebody asks."""

    id: int
    file_name: OutsideText
    content_type: OutsideText
    size_bytes: int
    url: OutsideText


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a conversation: the description, a reply, or an internal note."""

    id: int
    author_id: int
    body: OutsideText
    is_public: bool
    created_at: datetime
    is_automatic: bool = False
    """Sent by a rule of the help desk, not by a person: it meets no clock."""
    channel: OutsideText | None = None
    attachments: tuple[Attachment, ...] = ()
    is_omitted: bool = False
    """Its text and files were left out: it is older than what is kept of so long a conversation."""
    unreadable: tuple[str, ...] = ()
    """What of it could not be read, in words: `visibility`, `time`, `author`, `text`, `files`; `message` is all of it.

    One of unknown visibility is a note, and one with anything unreadable is never our reply."""


class HistoryEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One changed property of a ticket."""

    at: datetime
    author_id: int
    field: str
    """One of our words: status, severity, assignee, group, subject, tags, or `other`."""
    before: OutsideText | None
    """Our own word or number where we have one; an assignee is the person's id."""
    after: OutsideText | None

    def person_ids(self) -> Iterator[int]:
        """The ids of the people whom it names: its author, and the assignees."""
        yield self.author_id
        if self.field == "assignee":
            found = (parse_person_id(value.raw) for value in (self.before, self.after) if value is not None)
            yield from (person_id for person_id in found if person_id is not None)


def parse_person_id(text: str) -> int | None:
    """The id of a person in a history; None for other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was written on one ticket, and how it changed; oldest first."""

    ticket_id: TicketId
    messages: tuple[Message, ...]
    history: tuple[HistoryEvent, ...]
    last_audit_id: int | None
    """The mark above which a lost change would be looked for."""
    ticket_version: str
    """The ticket's version when this was fetched."""
    initial_values: tuple[HistoryEvent, ...] | None = None
    """The status and severity that the ticket was created with, as far as the desk tells them. None where the history
    cannot be continued, since this was not kept with it."""
    is_history_unreadable: bool = False
    """The messages came, but not all of the history could be read, or nothing of it."""
    unreadable_changes: int = 0
    """Entries of the history that could not be read."""
    is_cut_short: bool = False
    """The desk broke off its list of messages: later ones are missing."""
    is_ticket_unreadable: bool = False
    """The desk's answer about the ticket itself had something that could not be read."""

    @property
    def omitted(self) -> int:
        """How many messages, the oldest ones, are kept without their text."""
        return sum(message.is_omitted for message in self.messages)

    @property
    def is_whole(self) -> bool:
        """Whether everything that the desk has of it could be read."""
        is_history_whole = not self.is_history_unreadable and not self.unreadable_changes
        are_messages_whole = not self.is_cut_short and not any(each.unreadable for each in self.messages)
        return is_history_whole and are_messages_whole and not self.is_ticket_unreadable
