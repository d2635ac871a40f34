"""Conversion between Zendesk's tickets and ours: responses to domain values, our changes to request bodies."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import UNSET

from supporttui.domain.conversation_budget import bounded_text
from supporttui.domain.patch import NOBODY
from supporttui.domain.ticket import Person, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import NewTicket, NotFound, TicketUpdate
from supporttui.helpdesks.zendesk.answer_decoding import Lost
from supporttui.helpdesks.zendesk.sla_clocks import parse_desk_clocks
from supporttui.zendesk_api import responses
from supporttui.zendesk_api.extensions import OPERATION_KEY
from supporttui.zendesk_api.request_bodies import CommentInput, RequesterInput, TicketInput, TicketRequest
from supporttui.zendesk_api.words import (
    PRIORITY_OF_SEVERITY,
    SEVERITY_OF_PRIORITY,
    STATUS_OF_WORD,
    WORD_OF_STATUS,
    lifecycle_of,
    role_of,
)

MAX_NAME: Final = 1_000
"""The number of characters of a subject or a name that are kept; Zendesk allows 255."""


MAX_TAGS: Final = 1_000
"""Tags of a ticket that are kept; the rest counts as not read."""


class UnreadableTicket(Exception):
    """The response lacks a field that every ticket must have."""


def is_id(number: int) -> bool:
    """Whether this is a valid id: JSON allows larger integers than databases."""
    return 0 < number < 2**63


def ticket_id_of(number: int, desk: str) -> TicketId:
    """Return the key of a ticket of the desk with this short name."""
    return TicketId(desk, str(number))


def ticket_number(ticket_id: TicketId, desk: str) -> int:
    """Return the desk's number of a ticket. Raises NotFound for the key of another desk, or without a number."""
    text = ticket_id.id
    if ticket_id.desk == desk and text.isascii() and text.isdigit() and len(text) < 20 and is_id(int(text)):
        return int(text)
    raise NotFound(f"{ticket_id.label} is no ticket of this help desk: its tickets have numbers. Check what you typed.")


def ticket_path(ticket_id: TicketId, desk: str) -> str:
    """Return the path of a ticket, without its extension. Raises NotFound if the desk can have no such ticket."""
    return f"/api/v2/tickets/{ticket_number(ticket_id, desk)}"


def parse_person(user: responses.User) -> Person:
    """Parse a person; one without a readable name or role is marked as known in part only."""
    name = user.name or user.email or f"user {user.id}"
    return Person(
        id=user.id,
        name=bounded_text(name, MAX_NAME),
        email=bounded_text(user.email or "", MAX_NAME),
        role=role_of(user.role),
        is_known_in_part=not user.name or not user.role,
    )


def version_of(updated_at: datetime) -> str:
    """Return `updated_at` as Zendesk writes it, as safe updates are checked by it."""
    return updated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_TOLD_BY_FIELD: Final[Mapping[str, frozenset[str]]] = {
    "assignee_id": frozenset({"assignee_id"}),
    "created_at": frozenset({"created_at"}),
    "external_id": frozenset({"external_id"}),
    "group_id": frozenset({"group"}),
    "priority": frozenset({"severity"}),
    "requester_id": frozenset({"requester_id"}),
    "status": frozenset({"status", "desk_status", "is_locked", "closed_at", "status_changed_at", "lifecycle"}),
    "subject": frozenset({"subject"}),
    "tags": frozenset({"tags"}),
    "updated_at": frozenset({"updated_at", "version"}),
}
"""The fields of our ticket that each field of Zendesk's provides; losing any other has no effect."""


def untold_fields(sent: responses.ZendeskTicket, lost: Lost) -> tuple[frozenset[str], bool]:
    """Return the fields of our ticket that this one does not provide, and whether anything in it was unreadable.

    `lost` are the unreadable fields. A required field that is null or missing provides nothing either.
    """
    unread = set(lost & _TOLD_BY_FIELD.keys())
    unread |= {name for name in ("requester_id", "assignee_id") if not _is_id_or_none(getattr(sent, name))}
    if not sent.status:
        unread.add("status")
    absent = {name for name in ("requester_id", "created_at", "updated_at") if getattr(sent, name) is None}
    if not isinstance(sent.tags, list):
        absent.add("tags")
    told_otherwise = {"subject"} if sent.raw_subject else set()
    untold = frozenset().union(*(_TOLD_BY_FIELD[name] for name in (unread | absent) - told_otherwise))
    if untold >= {"tags"} and sent.status == "closed":
        untold |= {"lifecycle"}  # a tag identifies a merged ticket
    has_too_many_tags = isinstance(sent.tags, list) and len(sent.tags) > MAX_TAGS
    return untold, bool(unread) or has_too_many_tags


def _is_id_or_none(number: int | None) -> bool:
    return number is None or is_id(number)


UNKNOWN_PERSON: Final = 0
"""The requester of a ticket for which the desk names none."""


def parse_ticket(
    sent: responses.ZendeskTicket,
    desk: str,
    metrics: responses.MetricSet | None = None,
    groups: Mapping[int, str] | None = None,
) -> Ticket:
    """Parse a ticket from a list: it has no history, and its times are as exact as the desk's metrics.

    Raises UnreadableTicket.
    """
    try:
        return _parsed(sent, desk, metrics, groups or {})
    except OverflowError as problem:
        raise UnreadableTicket(f"ticket {sent.id} has an impossible time") from problem


def _parsed(
    sent: responses.ZendeskTicket, desk: str, metrics: responses.MetricSet | None, groups: Mapping[int, str]
) -> Ticket:
    created_at, updated_at = utc(sent.created_at), utc(sent.updated_at)
    created_at, updated_at = created_at or updated_at, updated_at or created_at
    if not is_id(sent.id) or created_at is None or updated_at is None:
        raise UnreadableTicket(f"ticket {sent.id} has no valid number, or neither a creation nor an update")
    figures = sent.metric_set if isinstance(sent.metric_set, responses.MetricSet) else metrics or responses.MetricSet()
    status = STATUS_OF_WORD.get(sent.status, Status.OPEN if sent.status else Status.NEW)
    tags = sent.tags if isinstance(sent.tags, list) else []
    group = groups.get(sent.group_id) if sent.group_id is not None else None
    is_closed = status is Status.CLOSED
    is_logged = not sent.is_public and (sent.submitter_id is None or sent.submitter_id != sent.requester_id)
    return Ticket(
        id=ticket_id_of(sent.id, desk),
        subject=bounded_text(sent.subject or sent.raw_subject or "", MAX_NAME),
        status=status,
        desk_status=bounded_text(sent.status or "new", MAX_NAME),
        requester_id=_person_id(sent.requester_id) or UNKNOWN_PERSON,
        created_at=created_at,
        updated_at=updated_at,
        version=version_of(updated_at),
        severity=SEVERITY_OF_PRIORITY.get(sent.priority or ""),
        is_locked=sent.status in ("closed", "deleted"),
        assignee_id=_person_id(sent.assignee_id),
        group=bounded_text(group, MAX_NAME) if group is not None else None,
        tags=tuple(bounded_text(tag, MAX_NAME) for tag in tags[:MAX_TAGS]),
        external_id=bounded_text(sent.external_id, MAX_NAME) if sent.external_id else None,
        status_changed_at=utc(figures.status_updated_at),
        first_reply_at=_first_reply_at(created_at, figures),
        customer_wrote_at=_customer_wrote_at(created_at, figures, is_logged=is_logged),
        is_logged_by_agent=is_logged,
        closed_at=(utc(figures.solved_at) or updated_at) if is_closed else None,
        desk_clocks=parse_desk_clocks(sent.slas, sent.metric_events),
        lifecycle=lifecycle_of(sent.status, tags),
    )


def _customer_wrote_at(created_at: datetime, figures: responses.MetricSet, *, is_logged: bool) -> datetime | None:
    """Return when the customer last wrote; never the creation of a ticket that begins with our own note."""
    wrote_at = utc(figures.requester_updated_at)
    if not is_logged:
        return wrote_at or created_at
    return wrote_at if wrote_at is not None and wrote_at > created_at else None


def _first_reply_at(created_at: datetime, figures: responses.MetricSet) -> datetime | None:
    """Return the time of the first reply, exact to the second if the desk counts seconds, else to the minute."""
    if figures.replies == 0:
        return None
    seconds = figures.reply_time_in_seconds.calendar
    if seconds is None and figures.reply_time_in_minutes.calendar is not None:
        seconds = figures.reply_time_in_minutes.calendar * 60
    try:
        return created_at + timedelta(seconds=seconds) if seconds is not None and seconds >= 0 else None
    except OverflowError:
        return None


def _person_id(number: int | None) -> int | None:
    return number if number is not None and is_id(number) else None


def utc(at: datetime | None) -> datetime | None:
    """Return the time in UTC; None if there is none, or it is out of range.

    A time without an offset is in UTC, as all of Zendesk's are, not in this machine's time zone.
    """
    if at is None or at.tzinfo is None:
        return at.replace(tzinfo=UTC) if at is not None else None
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return None


def sendable(text: str) -> str:
    """Return text that any desk accepts: surrogate pairs are joined, lone halves replaced, NUL is shown as ␀."""
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return joined.replace("\0", "␀")


def update_request(update: TicketUpdate) -> TicketRequest:
    """Return the request body of a change, with the version that it is based on."""
    ticket, patch = TicketInput(metadata={OPERATION_KEY: update.operation_id}), update.patch
    if patch.body is not None:
        ticket.comment = CommentInput(body=sendable(patch.body), public=patch.is_public)
        if update.uploads:
            ticket.comment.uploads = list(update.uploads)
    if patch.status is not None:
        ticket.status = WORD_OF_STATUS[patch.status]
    if patch.severity is not None:
        ticket.priority = PRIORITY_OF_SEVERITY[patch.severity]
    if patch.assignee_id is not None:
        ticket.assignee_id = None if patch.assignee_id == NOBODY else patch.assignee_id
    if patch.tags is not None:
        # All tags: a single update cannot add one (developer.zendesk.com, "Adding tags to tickets").
        ticket.tags = [sendable(tag) for tag in patch.tags]
    if update.based_on is not None:
        ticket.safe_update = True
        ticket.updated_stamp = update.based_on
    return TicketRequest(ticket)


def new_ticket_request(new: NewTicket) -> TicketRequest:
    """Return the request body of a new ticket."""
    email = sendable(new.requester_email)
    name = sendable(new.requester_name) if new.requester_name else email.partition("@")[0]
    uploads = list(new.uploads) if new.uploads else UNSET
    return TicketRequest(
        TicketInput(
            subject=sendable(new.subject),
            comment=CommentInput(body=sendable(new.description), uploads=uploads),
            priority=PRIORITY_OF_SEVERITY[new.severity] if new.severity is not None else UNSET,
            requester=RequesterInput(email=email, name=name),
            tags=list(new.tags) if new.tags else UNSET,
            metadata={OPERATION_KEY: new.operation_id},
        )
    )
