"""Factories for tickets, people, conversations and operations with defaults for what does not matter."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from supporttui.domain.patch import TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Conversation, Message, Person, Role, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.store.operations import Operation, OperationKind, OperationState, StoreFiles, new_operation_id

START = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


DESK = "desk.example"
"""The short name of the desk that tests work on."""


def ticket_key(ticket_id: TicketId | int | str) -> TicketId:
    """The key of a ticket of that desk, from its number or its text."""
    return ticket_id if isinstance(ticket_id, TicketId) else TicketId(DESK, str(ticket_id))


def ticket_keys(*numbers: int) -> list[TicketId]:
    """The keys of several tickets, in this order."""
    return [ticket_key(number) for number in numbers]


def files_in(folder: Path) -> StoreFiles:
    """The files of that desk, all in one folder."""
    names = ("cache.db", "outbox.db", "downloads", "sla.db")
    return StoreFiles(DESK, *(str(folder / name) for name in names))


def at(minutes: float) -> datetime:
    """An instant so many minutes after the start."""
    return START + timedelta(minutes=minutes)


def make_ticket(ticket_id: TicketId | int = 1, *, updated: float = 0, **changes: Any) -> Ticket:
    """A ticket that was last changed so many minutes after the start."""
    values: dict[str, Any] = {
        "subject": OutsideText(f"subject {ticket_key(ticket_id).id}"),
        "status": Status.NEW,
        "desk_status": OutsideText("new"),
        "requester_id": 7,
        "created_at": START,
        "updated_at": at(updated),
        "version": at(updated).isoformat(),
    }
    return Ticket(id=ticket_key(ticket_id), **{**values, **changes})


def make_person(person_id: int = 7, name: str = "Ada", role: Role = Role.END_USER) -> Person:
    """A person."""
    return Person(id=person_id, name=OutsideText(name), email=OutsideText(f"{name.lower()}@example.com"), role=role)


def make_conversation(ticket: Ticket, *bodies: str) -> Conversation:
    """A conversation of public messages by the requester."""
    messages = tuple(
        Message(id=number, author_id=7, body=OutsideText(body), is_public=True, created_at=at(number))
        for number, body in enumerate(bodies, 1)
    )
    return Conversation(
        ticket_id=ticket.id, messages=messages, history=(), last_audit_id=9, ticket_version=ticket.version
    )


def make_reply(ticket_id: TicketId | int | str | None = 1, body: str = "hello", **changes: Any) -> Operation:
    """A public reply."""
    values: dict[str, Any] = {
        "kind": OperationKind.UPDATE,
        "created_at": START,
        "ticket_id": None if ticket_id is None else ticket_key(ticket_id),
        "body": body,
    }
    return operation_with(**{"id": new_operation_id(), **values, **changes})


def operation_with(**values: Any) -> Operation:
    """An operation from its own values and those of its patch."""
    patch = {name: values.pop(name) for name in TicketPatch.__struct_fields__ if name in values}
    return Operation(**values, patch=TicketPatch(**patch))


def make_held(ticket_id: TicketId | int = 1, body: str = "held", *, for_s: float = 30.0, **changes: Any) -> Operation:
    """A public reply that still waits out its undo window."""
    until = datetime.now(UTC) + timedelta(seconds=for_s)
    return make_reply(ticket_id, body, state=OperationState.HELD, held_until=until, **changes)
