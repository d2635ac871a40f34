"""A ticket's conversation and history, from its comments and audits."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import (
    Attachment,
    Conversation,
    ConversationTurn,
    HistoryEvent,
    Message,
    Person,
    Role,
    SeverityChange,
    Status,
    StatusChange,
    Ticket,
)
from supporttui.helpdesks.zendesk.translation import is_id
from supporttui.zendesk_api import responses
from supporttui.zendesk_api.words import AUTOMATIC_CHANNELS, FIELD_OF_NAME, SEVERITY_OF_PRIORITY, STATUS_OF_WORD

NOBODY = 0
"""The author of comments without a person."""


def parse_conversation(
    ticket: Ticket,
    comments: Iterable[responses.Comment],
    audits: Sequence[responses.Audit],
    people: Mapping[int, Person],
) -> tuple[Ticket, Conversation]:
    """The ticket with its times made exact, and everything written on it."""
    messages = sorted(
        (_message(comment, ticket) for comment in comments if is_id(comment.id)),
        key=lambda each: (each.created_at, each.id),
    )
    ordered = sorted((audit for audit in audits if is_id(audit.id)), key=lambda audit: audit.id)
    history = tuple(event for audit in ordered for event in _history(audit, ticket, people))
    conversation = Conversation(
        ticket_id=ticket.id,
        messages=tuple(messages),
        history=history,
        last_audit_id=ordered[-1].id if ordered else None,
        ticket_version=ticket.version,
    )
    ticket = replace(ticket, severity_history=_severity_history(ticket, ordered))
    return _refined(ticket, messages, _status_history(ticket, ordered), people), conversation


def parse_written(audit: responses.Audit, ticket: Ticket) -> tuple[Message, ...] | None:
    """The messages of one audit; None where it names what only other answers tell, as the name of an assignee."""
    if audit.created_at is None or any(event.field_name == "assignee_id" for event in audit.events):
        return None
    return tuple(_message(_comment(event, audit), ticket) for event in audit.events if event.type == "Comment")


def parse_history(audit: responses.Audit, ticket: Ticket) -> tuple[HistoryEvent, ...]:
    """What one audit did to the ticket's properties, people left out."""
    return tuple(_history(audit, ticket, {}))


def _comment(event: responses.AuditEvent, audit: responses.Audit) -> responses.Comment:
    """The comment that an audit's event stands for."""
    return responses.Comment(
        id=event.id,
        author_id=event.author_id if isinstance(event.author_id, int) else audit.author_id,
        body=event.body if isinstance(event.body, str) else "",
        plain_body=event.plain_body if isinstance(event.plain_body, str) else "",
        public=event.public is True,
        created_at=audit.created_at,
        via=audit.via,
        attachments=event.attachments if isinstance(event.attachments, list) else [],
    )


def _message(comment: responses.Comment, ticket: Ticket) -> Message:
    return Message(
        id=comment.id,
        author_id=_author(comment.author_id),
        body=OutsideText(comment.body or comment.plain_body),
        is_public=comment.public,
        created_at=comment.created_at.astimezone(UTC) if comment.created_at else ticket.created_at,
        is_automatic=comment.via.channel in AUTOMATIC_CHANNELS,
        channel=OutsideText(comment.via.channel),
        attachments=tuple(_attachment(each) for each in comment.attachments if is_id(each.id) and not each.deleted),
    )


def _author(number: int | None) -> int:
    """The author; Zendesk's triggers have the id -1."""
    return number if number is not None and is_id(number) else NOBODY


def _attachment(sent: responses.ZendeskAttachment) -> Attachment:
    return Attachment(
        id=sent.id,
        file_name=OutsideText(sent.file_name),
        content_type=OutsideText(sent.content_type),
        size_bytes=min(max(sent.size, 0), 2**63 - 1),
        url=OutsideText(sent.content_url),
    )


def _refined(
    ticket: Ticket, messages: Sequence[Message], statuses: tuple[StatusChange, ...], people: Mapping[int, Person]
) -> Ticket:
    """The ticket with what only its messages show: who wrote last, and the time of the first reply."""
    description, later = messages[:1], messages[1:]
    replies = [each.created_at for each in later if _is_reply(each, ticket, people)]
    by_customer = [each.created_at for each in later if _is_by_customer(each, ticket, people)]
    written = [*(each.created_at for each in description), *by_customer]
    return replace(
        ticket,
        first_reply_at=min(replies, default=None if messages else ticket.first_reply_at),
        replied_at=max(replies, default=None),
        customer_wrote_at=max(written, default=ticket.customer_wrote_at),
        turns=_turns(ticket, later, people),
        status_history=statuses,
        status_changed_at=statuses[-1].at if statuses else ticket.status_changed_at,
    )


def _turns(ticket: Ticket, later: Sequence[Message], people: Mapping[int, Person]) -> tuple[ConversationTurn, ...]:
    """The times at which the last author changed between customer and agents, after the description."""
    turns: list[ConversationTurn] = []
    for message in later:
        is_ours = _is_reply(message, ticket, people)
        was_ours = turns[-1].is_ours if turns else False
        if is_ours is not was_ours and (is_ours or _is_by_customer(message, ticket, people)):
            turns.append(ConversationTurn(message.created_at, is_ours))
    return tuple(turns)


def _severity_history(ticket: Ticket, audits: Sequence[responses.Audit]) -> tuple[SeverityChange, ...]:
    """Each severity and its beginning, from creation on; empty where there are no audits to read it from."""
    steps: list[SeverityChange] = []
    for audit in audits:
        at = audit.created_at.astimezone(UTC) if audit.created_at else ticket.created_at
        for event in audit.events:
            if event.field_name == "priority" and event.type in ("Create", "Change"):
                if not steps and event.type == "Change":
                    steps.append(SeverityChange(ticket.created_at, _severity(event.previous_value)))
                steps.append(
                    SeverityChange(ticket.created_at if event.type == "Create" else at, _severity(event.value))
                )
    return tuple(steps)


def _severity(word: object) -> int | None:
    return SEVERITY_OF_PRIORITY.get(word) if isinstance(word, str) else None


def _is_reply(message: Message, ticket: Ticket, people: Mapping[int, Person]) -> bool:
    """Whether this is a reply: public, by an agent in person who is not the requester."""
    author = people.get(message.author_id)
    is_staff = author is not None and author.role is not Role.END_USER
    return is_staff and message.is_public and not message.is_automatic and message.author_id != ticket.requester_id


def _is_by_customer(message: Message, ticket: Ticket, people: Mapping[int, Person]) -> bool:
    """Whether the requester wrote it, or another customer who takes part."""
    author = people.get(message.author_id)
    is_customer = message.author_id == ticket.requester_id or (author is not None and author.role is Role.END_USER)
    return is_customer and message.is_public and not message.is_automatic


def _status_history(ticket: Ticket, audits: Sequence[responses.Audit]) -> tuple[StatusChange, ...]:
    """Each status and its beginning, from creation on; empty where there are no audits to read it from."""
    if not audits:
        return ()
    steps: list[StatusChange] = []
    for audit in audits:
        at = audit.created_at.astimezone(UTC) if audit.created_at else ticket.created_at
        for event in audit.events:
            if event.field_name == "status" and event.type in ("Create", "Change"):
                if not steps and event.type == "Change":
                    _add(steps, ticket.created_at, _status(event.previous_value) or Status.NEW)
                _add(steps, ticket.created_at if event.type == "Create" else at, _status(event.value))
    if not steps:
        _add(steps, ticket.created_at, ticket.status)
    elif steps[-1].status is not ticket.status:
        _add(steps, max(ticket.status_changed_at or ticket.updated_at, steps[-1].at), ticket.status)
    return tuple(steps)


def _add(steps: list[StatusChange], at: datetime, status: Status | None) -> None:
    """Add a step where the status differs: `solved` and `closed` are one status to us."""
    if status is not None and (not steps or steps[-1].status is not status):
        steps.append(StatusChange(at, status))


def _status(word: object) -> Status | None:
    return STATUS_OF_WORD.get(word) if isinstance(word, str) else None


def _history(audit: responses.Audit, ticket: Ticket, people: Mapping[int, Person]) -> Iterable[HistoryEvent]:
    at = audit.created_at.astimezone(UTC) if audit.created_at else ticket.created_at
    for event in audit.events:
        if event.type == "Change" and isinstance(event.field_name, str):
            yield HistoryEvent(
                at=at,
                author_id=_author(audit.author_id),
                field=FIELD_OF_NAME.get(event.field_name, "other"),
                before=_shown(event.field_name, event.previous_value, people),
                after=_shown(event.field_name, event.value, people),
            )


def _number(value: object) -> int:
    """The number of a person, written as a number or as digits; 0 for anything else, however long."""
    text = str(value) if isinstance(value, int | str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _shown(field_name: str, value: object, people: Mapping[int, Person]) -> OutsideText | None:
    """A value in our words: our statuses, severity numbers, names of people."""
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, str) and field_name == "status" and value in STATUS_OF_WORD:
        return OutsideText(STATUS_OF_WORD[value].value)
    if isinstance(value, str) and field_name == "priority" and value in SEVERITY_OF_PRIORITY:
        return OutsideText(str(SEVERITY_OF_PRIORITY[value]))
    if field_name == "assignee_id" and (person := people.get(_number(value))) is not None:
        return person.name
    if isinstance(value, list):
        return OutsideText(", ".join(str(each) for each in value))
    return OutsideText(str(value))
