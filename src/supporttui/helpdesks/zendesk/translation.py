"""Conversion between Zendesk's tickets and ours: responses to domain values, our changes to request bodies."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from msgspec import UNSET

from supporttui.domain.conversation_budget import bounded_text
from supporttui.domain.patch import UNASSIGNED, CcChange, FieldChange, TicketPatch
from supporttui.domain.ticket import FieldKind, FieldValue, Person, Status, Ticket, TicketType
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import NewTicket, NotFound, TicketUpdate
from supporttui.helpdesks.zendesk.answer_decoding import Lost
from supporttui.helpdesks.zendesk.sla_clocks import parse_desk_clocks
from supporttui.zendesk_api import responses
from supporttui.zendesk_api.extensions import OPERATION_KEY
from supporttui.zendesk_api.request_bodies import (
    CommentInput,
    CustomFieldInput,
    EmailCcInput,
    RequesterInput,
    TicketInput,
    TicketRequest,
)
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
    "custom_fields": frozenset({"custom_fields", "development_ticket"}),
    "email_cc_ids": frozenset({"cc_ids"}),
    "external_id": frozenset({"development_ticket"}),
    "group_id": frozenset({"group", "group_id"}),
    "has_incidents": frozenset({"has_incidents"}),
    "priority": frozenset({"severity"}),
    "problem_id": frozenset({"problem_id"}),
    "requester_id": frozenset({"requester_id"}),
    "status": frozenset({"status", "desk_status", "is_locked", "closed_at", "status_changed_at", "lifecycle"}),
    "subject": frozenset({"subject"}),
    "tags": frozenset({"tags"}),
    "type": frozenset({"ticket_type"}),
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
    development_field: int | None = None,
) -> Ticket:
    """Parse a ticket from a list: it has no history, and its times are as exact as the desk's metrics.

    `development_field` is the custom field with the development ticket; None where that is the external id.
    Raises UnreadableTicket.
    """
    try:
        return _parsed(sent, desk, metrics, groups or {}, development_field)
    except OverflowError as problem:
        raise UnreadableTicket(f"ticket {sent.id} has an impossible time") from problem


def _parsed(
    sent: responses.ZendeskTicket,
    desk: str,
    metrics: responses.MetricSet | None,
    groups: Mapping[int, str],
    development_field: int | None,
) -> Ticket:
    created_at, updated_at = utc(sent.created_at), utc(sent.updated_at)
    created_at, updated_at = created_at or updated_at, updated_at or created_at
    if not is_id(sent.id) or created_at is None or updated_at is None:
        raise UnreadableTicket(f"ticket {sent.id} has no valid number, or neither a creation nor an update")
    figures = sent.metric_set if isinstance(sent.metric_set, responses.MetricSet) else metrics or responses.MetricSet()
    status = STATUS_OF_WORD.get(sent.status, Status.OPEN if sent.status else Status.NEW)
    tags = sent.tags if isinstance(sent.tags, list) else []
    group = groups.get(sent.group_id) if sent.group_id is not None else None
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
        group_id=_person_id(sent.group_id),
        group=bounded_text(group, MAX_NAME) if group is not None else None,
        tags=tuple(bounded_text(tag, MAX_NAME) for tag in tags[:MAX_TAGS]),
        **_links(sent, desk, development_field),
        status_changed_at=utc(figures.status_updated_at),
        first_reply_at=_first_reply_at(created_at, figures),
        customer_wrote_at=_customer_wrote_at(created_at, figures, is_logged=is_logged),
        is_logged_by_agent=is_logged,
        closed_at=(utc(figures.solved_at) or updated_at) if status is Status.CLOSED else None,
        desk_clocks=parse_desk_clocks(sent.slas, sent.metric_events),
        lifecycle=lifecycle_of(sent.status, tags),
    )


_TYPES: Final = {each.value: each for each in TicketType}


def _links(sent: responses.ZendeskTicket, desk: str, development_field: int | None) -> dict[str, Any]:
    """Return the type, custom fields, copied people and linked tickets, by the names of our fields."""
    fields = parse_custom_fields(sent.custom_fields)
    texts = {each.field_id: each.value for each in fields}
    external = bounded_text(sent.external_id, MAX_NAME) if sent.external_id else None
    problem = sent.problem_id
    return {
        "ticket_type": _TYPES.get(sent.type or ""),
        "problem_id": ticket_id_of(problem, desk) if problem is not None and is_id(problem) else None,
        "has_incidents": sent.has_incidents,
        "cc_ids": tuple(each for each in sent.email_cc_ids[:MAX_TAGS] if is_id(each)),
        "custom_fields": fields,
        "development_ticket": external if development_field is None else texts.get(development_field),
    }


def parse_custom_fields(sent: Iterable[responses.CustomFieldValue]) -> tuple[FieldValue, ...]:
    """Return the custom fields that have a value; null, empty and an unticked checkbox are none."""
    texts = ((each.id, _field_text(each.value)) for each in sent if is_id(each.id))
    return tuple(FieldValue(field_id, bounded_text(text, MAX_NAME)) for field_id, text in texts if text)


def _field_text(value: object) -> str:
    """Return a value of a custom field as text; empty for none."""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, list):
        return ", ".join(each for each in value if isinstance(each, str))
    return str(value) if isinstance(value, (str, int, float)) else ""


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


def update_request(update: TicketUpdate, development_field: int | None = None) -> TicketRequest:
    """Return the request body of a change, with the version that it is based on.

    Raises NotFound if it links to a problem of another desk.
    """
    ticket, patch = TicketInput(metadata={OPERATION_KEY: update.operation_id}), update.patch
    if patch.body is not None:
        ticket.comment = CommentInput(body=sendable(patch.body), public=patch.is_public)
        if update.uploads:
            ticket.comment.uploads = list(update.uploads)
        if update.author_id is not None:
            ticket.comment.author_id = update.author_id
    if patch.status is not None:
        ticket.status = WORD_OF_STATUS[patch.status]
    if patch.severity is not None:
        ticket.priority = PRIORITY_OF_SEVERITY[patch.severity]
    if patch.tags is not None:
        # All tags: a single update cannot add one (developer.zendesk.com, "Adding tags to tickets").
        ticket.tags = [sendable(tag) for tag in patch.tags]
    _set_people(ticket, patch)
    _set_links(ticket, patch, update.ticket_id.desk, development_field)
    if update.based_on is not None:
        ticket.safe_update = True
        ticket.updated_stamp = update.based_on
    return TicketRequest(ticket)


def _set_people(ticket: TicketInput, patch: TicketPatch) -> None:
    if patch.assignee_id is not None:
        ticket.assignee_id = None if patch.assignee_id == UNASSIGNED else patch.assignee_id
    if patch.group_id is not None:
        ticket.group_id = None if patch.group_id == UNASSIGNED else patch.group_id
    if patch.requester_id is not None:
        ticket.requester_id = patch.requester_id
    if patch.cc_changes:
        ticket.email_ccs = [_cc_input(each) for each in patch.cc_changes]


def _cc_input(change: CcChange) -> EmailCcInput:
    """See https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#setting-email-ccs."""
    action: Literal["put", "delete"] = "delete" if change.is_removed else "put"
    if change.person_id is not None:
        return EmailCcInput(user_id=change.person_id, action=action)
    return EmailCcInput(user_email=sendable(change.email), action=action)


def _set_links(ticket: TicketInput, patch: TicketPatch, desk: str, development_field: int | None) -> None:
    if patch.resulting_type is not None:
        ticket.type = patch.resulting_type.value
    if patch.problem_id is not None and patch.resulting_type is TicketType.INCIDENT:
        ticket.problem_id = ticket_number(patch.problem_id, desk)
    fields = [CustomFieldInput(each.field_id, _field_value(each)) for each in patch.field_changes]
    if patch.development_ticket is not None:
        text = sendable(patch.development_ticket) or None
        if development_field is None:
            ticket.external_id = text
        else:
            fields.append(CustomFieldInput(development_field, text))
    if fields:
        ticket.custom_fields = fields


def _field_value(change: FieldChange) -> str | bool | None:
    if change.kind is FieldKind.CHECKBOX:
        return change.value == "true"
    return sendable(change.value) or None


def new_ticket_request(new: NewTicket, desk: str) -> TicketRequest:
    """Return the request body of a new ticket. Raises NotFound if it follows up a ticket of another desk."""
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
            via_followup_source_id=UNSET if new.follows is None else ticket_number(new.follows, desk),
            metadata={OPERATION_KEY: new.operation_id},
        )
    )
