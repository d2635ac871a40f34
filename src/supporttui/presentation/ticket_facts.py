"""A ticket and its conversation in JSON's own types, as the commands for scripts print them.

The shapes are documented in the README and versioned: a key is never renamed or left out, and new ones may be added.
Texts are raw, instants ISO 8601 in UTC, durations seconds of support time.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from supporttui.domain.board_order import waiting_since
from supporttui.domain.clock_text import clock_phrase
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.sla import Clock, worst_clock
from supporttui.domain.support_calendar import BeyondHorizon
from supporttui.domain.ticket import Attachment, Conversation, Message, Person, Ticket

Facts = dict[str, object]
People = Mapping[int, Person]


def ticket_facts(ticket: Ticket, clocks: Sequence[Clock], people: People, now: datetime) -> Facts:
    """The facts of a ticket; of its clocks the worst."""
    return {
        "desk": ticket.id.desk,
        "ticket": ticket.id.id,
        "subject": _raw(ticket.subject),
        "status": ticket.status.value,
        "desk_status": _raw(ticket.desk_status),
        "severity": ticket.severity,
        "requester": person_facts(ticket.requester_id, people),
        "assignee": person_facts(ticket.assignee_id, people),
        "group": _raw(ticket.group),
        "tags": [_raw(tag) for tag in ticket.tags],
        "development_ticket": _raw(ticket.development_ticket),
        "is_locked": ticket.is_locked,
        "lifecycle": ticket.lifecycle.value,
        "created_at": instant(ticket.created_at),
        "updated_at": instant(ticket.updated_at),
        "waiting_since": instant(waiting_since(ticket)),
        "clock": clock_facts(clocks, now),
    }


def clock_facts(clocks: Sequence[Clock], now: datetime) -> Facts | None:
    """The worst clock as it stands at an instant of the desk's time; None where it cannot be counted."""
    try:
        clock = worst_clock(clocks, now)
        reading = clock.read(now)
    except (BeyondHorizon, ValueError):
        return None
    return {
        "metric": clock.terms.metric.value,
        "state": reading.state.value,
        "urgency": reading.urgency.value,
        "due_at": instant(reading.due_at),
        "remaining_s": int(reading.remaining.total_seconds()),
        "text": clock_phrase(reading),
    }


def person_facts(person_id: int | None, people: People) -> Facts | None:
    """A person; None for nobody. One who is not known has an id only."""
    if person_id is None:
        return None
    person = people.get(person_id)
    return {
        "id": str(person_id),
        "name": None if person is None else _raw(person.name),
        "email": None if person is None else _raw(person.email),
        "organization": None if person is None else _raw(person.organization),
    }


def message_facts(conversation: Conversation, people: People) -> list[Facts]:
    """The messages, oldest first; the first is the description."""
    return [_message(each, number, people) for number, each in enumerate(conversation.messages)]


def _message(message: Message, number: int, people: People) -> Facts:
    return {
        "id": str(message.id),
        "kind": "description" if number == 0 else "public" if message.is_public else "note",
        "is_public": message.is_public,
        "is_automatic": message.is_automatic,
        "author": person_facts(message.author_id, people),
        "created_at": instant(message.created_at),
        "body": None if message.is_omitted else _raw(message.body),
        "attachments": [_attachment(each) for each in message.attachments],
    }


def _attachment(attachment: Attachment) -> Facts:
    return {
        "id": str(attachment.id),
        "file_name": _raw(attachment.file_name),
        "content_type": _raw(attachment.content_type),
        "size_bytes": attachment.size_bytes,
    }


def instant(at: datetime | None) -> str | None:
    """An instant as it is written: `2026-11-28T19:00:00Z`."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _raw(text: OutsideText | None) -> str | None:
    return None if text is None else text.raw  # outside: written into JSON, which escapes it
