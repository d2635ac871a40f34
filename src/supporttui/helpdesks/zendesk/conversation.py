"""A ticket's conversation and history, from its comments and audits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import UNSET
from msgspec.structs import replace

from supporttui.domain.authorship import Authorship, authorship_of
from supporttui.domain.conversation_budget import bounded_text
from supporttui.domain.safe_text import MAX_LINE, OutsideText
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
from supporttui.helpdesks.zendesk.answer_decoding import NOTHING_LOST, Lost, ReadItem
from supporttui.helpdesks.zendesk.translation import MAX_NAME, is_id, utc
from supporttui.zendesk_api import responses
from supporttui.zendesk_api.words import AUTOMATIC_CHANNELS, FIELD_OF_NAME, SEVERITY_OF_PRIORITY, STATUS_OF_WORD

NOBODY = 0
"""The author of comments without a person."""


def parse_conversation(
    ticket: Ticket,
    messages: Iterable[Message],
    audits: Iterable[responses.Audit],
    people: Mapping[int, Person],
) -> tuple[Ticket, Conversation]:
    """Return the ticket with exact times, and its conversation."""
    ordered = sorted((audit for audit in audits if is_id(audit.id)), key=lambda audit: audit.id)
    conversation = Conversation(
        ticket_id=ticket.id,
        messages=_in_order(messages),
        history=parse_history(ordered, ticket),
        last_audit_id=ordered[-1].id if ordered else None,
        ticket_version=ticket.version,
        initial_values=_initial_values(ordered, ticket),
    )
    return _refined(ticket, conversation, people), conversation


def parse_messages(
    comments: Iterable[ReadItem[responses.Comment]], ticket: Ticket, before: Sequence[Message] = ()
) -> tuple[Message, ...]:
    """Return the messages of a page of comments in order of time; `before` are earlier ones.

    A comment whose id or time is unreadable gets that of the one before, which keeps its position.
    """
    messages: list[Message] = []
    last = before[-1] if before else None
    for each in comments:
        last = _message(each, ticket, last)
        messages.append(last)
    return tuple(messages)


def without_texts(audit: responses.Audit) -> responses.Audit:
    """Return an audit without the texts of comments, which are read elsewhere and may be large."""
    for event in audit.events:
        if event.type == "Comment":
            event.body = event.html_body = event.plain_body = ""
            event.attachments = []
    return audit


COMPLETE_EVENTS: Final = frozenset({"Create", "Change", "Comment"})
"""The events of an audit whose effect on a conversation is fully known from them."""

UNRELATED_EVENTS: Final = frozenset(
    {"AgentMacroReference", "Cc", "Error", "External", "FollowerNotification", "Notification", "NotificationWithCcs"}
)
"""The events without effect on a conversation. Any other may change an old comment, such as a redaction.

https://developer.zendesk.com/documentation/ticketing/reference-guides/ticket-audit-events-reference/
"""


def extend_conversation(
    ticket: Ticket, known: Conversation | None, audits: Iterable[responses.Audit], people: Mapping[int, Person]
) -> tuple[Ticket, Conversation] | None:
    """Return the same as `parse_conversation` from an earlier conversation and audits; None if these do not suffice.

    `audits` are the last known one and all that follow it, possibly with older ones; if no conversation is known, all
    of them. `ticket` is the ticket in the version that the audits were fetched for.
    """
    last_id = (known.last_audit_id or 0) if known is not None else 0
    by_id = {audit.id: audit for audit in audits if is_id(audit.id)}
    ordered = [by_id[audit_id] for audit_id in sorted(by_id) if audit_id > last_id]
    if (known is not None and last_id not in by_id) or not ordered:
        return None  # the last known audit is gone, or the audits do not explain the new version
    if not all(is_complete(audit, ticket) for audit in ordered):
        return None
    written = tuple(message for audit in ordered for message in parse_written(audit, ticket))
    history = parse_history(ordered, ticket)
    created = _initial_values(ordered, ticket)
    if known is not None and (created or known.initial_values is None):
        return None
    conversation = Conversation(
        ticket_id=ticket.id,
        messages=_in_order((*(known.messages if known is not None else ()), *written)),
        history=(*(known.history if known is not None else ()), *history),
        last_audit_id=ordered[-1].id,
        ticket_version=ticket.version,
        initial_values=known.initial_values if known is not None else created,
    )
    if not conversation.messages or not _agrees(ticket, conversation):
        return None
    return _refined(ticket, conversation, people), conversation


def _in_order(messages: Iterable[Message]) -> tuple[Message, ...]:
    return tuple(sorted(messages, key=lambda each: (each.created_at, each.id)))


def is_complete(audit: responses.Audit, ticket: Ticket) -> bool:
    """Whether the audit fully describes its effect on the conversation, and is not newer than the ticket."""
    at = utc(audit.created_at)
    if at is None or at > ticket.updated_at:
        return False
    kinds = {event.type for event in audit.events}
    written = [event for event in audit.events if event.type == "Comment"]
    are_messages = all(is_id(each.id) and each.public is not UNSET and each.body is not UNSET for each in written)
    return are_messages and kinds <= COMPLETE_EVENTS | UNRELATED_EVENTS


def _agrees(ticket: Ticket, conversation: Conversation) -> bool:
    """Whether the audits lead to the ticket's status and severity."""
    severities = _severity_history(ticket, conversation)
    statuses = _status_steps(ticket, conversation)
    has_status = not statuses or statuses[-1].status is ticket.status
    return has_status and (severities[-1].severity if severities else None) == ticket.severity


def parse_written(audit: responses.Audit, ticket: Ticket) -> tuple[Message, ...]:
    """Return the messages of one audit."""
    comments = (_comment(event, audit) for event in audit.events if event.type == "Comment")
    return tuple(_message(ReadItem(each, NOTHING_LOST), ticket) for each in comments)


def parse_history(audits: Iterable[responses.Audit], ticket: Ticket) -> tuple[HistoryEvent, ...]:
    """Return the changes of the ticket's properties in audits."""
    return tuple(event for audit in audits for event in _history(audit, ticket))


def _comment(event: responses.AuditEvent, audit: responses.Audit) -> responses.Comment:
    """Return the comment in an audit's event."""
    return responses.Comment(
        id=event.id,
        author_id=event.author_id if isinstance(event.author_id, int) else audit.author_id,
        body=event.body if isinstance(event.body, str) else "",
        plain_body=event.plain_body if isinstance(event.plain_body, str) else "",
        public=event.public,
        created_at=audit.created_at,
        via=event.via if isinstance(event.via, responses.Via) else audit.via,
        attachments=event.attachments if isinstance(event.attachments, list) else [],
    )


def _message(read: ReadItem[responses.Comment], ticket: Ticket, last: Message | None = None) -> Message:
    comment = read.item or responses.Comment()
    at = utc(comment.created_at)
    files = tuple(_attachment(each) for each in comment.attachments if is_id(each.id) and not each.deleted)
    return Message(
        id=comment.id if is_id(comment.id) else last.id if last is not None else 0,
        author_id=_author(comment.author_id),
        body=bounded_text(comment.body or comment.plain_body),
        is_public=comment.public is True,
        created_at=at or (last.created_at if last is not None else ticket.created_at),
        is_automatic=comment.via.channel in AUTOMATIC_CHANNELS,
        channel=bounded_text(comment.via.channel, MAX_NAME),
        attachments=files,
        unreadable=("message",) if read.item is None else tuple(_unreadable_parts(comment, read.lost)),
    )


def _unreadable_parts(comment: responses.Comment, lost: Lost) -> Iterator[str]:
    """Yield the unreadable parts of a comment, in the words of `Message.unreadable`."""
    if not isinstance(comment.public, bool) or "public" in lost:
        yield "visibility"
    if utc(comment.created_at) is None:
        yield "time"
    if "author_id" in lost:
        yield "author"
    if not comment.body and not comment.plain_body and ("body" in lost or comment.html_body):
        yield "text"
    if "attachments" in lost:
        yield "files"
    if "via" in lost:
        yield "channel"


def _author(number: int | None) -> int:
    """Return the author; Zendesk's triggers have the id -1."""
    return number if number is not None and is_id(number) else NOBODY


def _attachment(sent: responses.ZendeskAttachment) -> Attachment:
    return Attachment(
        id=sent.id,
        file_name=bounded_text(sent.file_name, MAX_NAME),
        content_type=bounded_text(sent.content_type, MAX_NAME),
        size_bytes=min(max(sent.size, 0), 2**63 - 1),
        url=OutsideText(sent.content_url),
    )


def _refined(ticket: Ticket, conversation: Conversation, people: Mapping[int, Person]) -> Ticket:
    """Return the ticket with what only its conversation tells: its histories, the last author, the first reply."""
    messages, statuses = conversation.messages, _status_history(ticket, conversation)
    description, later = messages[:1], messages[1:]
    replies = [each.created_at for each in later if _authorship(each, ticket, people).is_our_reply]
    by_customer = [each.created_at for each in later if _authorship(each, ticket, people).is_customers_word]
    is_logged = any(_is_log_entry(each, ticket, people) for each in description)
    written = [*(each.created_at for each in description if not is_logged), *by_customer]
    return replace(
        ticket,
        first_reply_at=min(replies, default=None if messages else ticket.first_reply_at),
        replied_at=max(replies, default=None),
        customer_wrote_at=max(written, default=None if messages else ticket.customer_wrote_at),
        is_logged_by_agent=is_logged if messages else ticket.is_logged_by_agent,
        turns=_turns(ticket, later, people, begins_with_us=is_logged),
        severity_history=_severity_history(ticket, conversation),
        status_history=statuses,
        status_changed_at=statuses[-1].at if statuses else ticket.status_changed_at,
    )


def _is_log_entry(message: Message, ticket: Ticket, people: Mapping[int, Person]) -> bool:
    """Whether a description is an agent's note. A customer's own, which a desk may keep internal, is none."""
    author = people.get(message.author_id)
    is_customers = message.author_id == ticket.requester_id or (author is not None and author.role is Role.END_USER)
    return not message.is_public and not message.unreadable and not is_customers


def _turns(
    ticket: Ticket, later: Sequence[Message], people: Mapping[int, Person], *, begins_with_us: bool
) -> tuple[ConversationTurn, ...]:
    """Return the times at which the last author changed between customer and agents, after the description."""
    turns: list[ConversationTurn] = []
    for message in later:
        authorship = _authorship(message, ticket, people)
        is_ours = authorship.is_our_reply
        was_ours = turns[-1].is_ours if turns else begins_with_us
        if is_ours is not was_ours and (is_ours or authorship.is_customers_word):
            turns.append(ConversationTurn(message.created_at, is_ours))
    return tuple(turns)


def _severity_history(ticket: Ticket, conversation: Conversation) -> tuple[SeverityChange, ...]:
    """Return each severity and its start, from creation on; empty if there are no audits."""
    changes = [event for event in conversation.history if event.field == "severity"]
    steps = [event for event in conversation.initial_values or () if event.field == "severity"][:1]
    if not steps and changes:
        steps = [_initial_value("severity", changes[0].before, ticket)]
    return tuple(SeverityChange(each.at, _severity(each.after)) for each in (*steps, *changes))


def _severity(text: OutsideText | None) -> int | None:
    return _SEVERITIES.get(text.raw) if text is not None else None


def _authorship(message: Message, ticket: Ticket, people: Mapping[int, Person]) -> Authorship:
    return authorship_of(message, ticket.requester_id, people)


def _status_history(ticket: Ticket, conversation: Conversation) -> tuple[StatusChange, ...]:
    """Return each status and its start, from creation on; empty if there are no audits."""
    if conversation.last_audit_id is None:
        return ()
    steps = _status_steps(ticket, conversation)
    if not steps:
        _add(steps, ticket.created_at, ticket.status)
    elif steps[-1].status is not ticket.status:
        _add(steps, max(ticket.status_changed_at or ticket.updated_at, steps[-1].at), ticket.status)
    return tuple(steps)


def _status_steps(ticket: Ticket, conversation: Conversation) -> list[StatusChange]:
    """Return the statuses in the audits."""
    steps: list[StatusChange] = []
    for event in conversation.initial_values or ():
        if event.field == "status":
            _add(steps, event.at, _status(event.after))
    for event in conversation.history:
        if event.field == "status":
            if not steps:
                _add(steps, ticket.created_at, _status(event.before) or Status.NEW)
            _add(steps, event.at, _status(event.after))
    return steps


def _add(steps: list[StatusChange], at: datetime, status: Status | None) -> None:
    """Append a step if the status differs: `solved` and `closed` are the same status here."""
    if status is not None and (not steps or steps[-1].status is not status):
        steps.append(StatusChange(at, status))


def _status(text: OutsideText | None) -> Status | None:
    return _STATUSES.get(text.raw) if text is not None else None


_STATUSES: Final = {status.value: status for status in Status}
_SEVERITIES: Final = {str(number): number for number in SEVERITY_OF_PRIORITY.values()}


def _initial_values(audits: Iterable[responses.Audit], ticket: Ticket) -> tuple[HistoryEvent, ...]:
    """Return the status and severity at creation."""
    return tuple(
        _initial_value(FIELD_OF_NAME[event.field_name], _shown(event.field_name, event.value), ticket)
        for audit in audits
        for event in audit.events
        if event.type == "Create" and event.field_name in ("status", "priority")
    )


def _initial_value(field: str, value: OutsideText | None, ticket: Ticket) -> HistoryEvent:
    return HistoryEvent(at=ticket.created_at, author_id=NOBODY, field=field, before=None, after=value)


def _history(audit: responses.Audit, ticket: Ticket) -> Iterable[HistoryEvent]:
    at = utc(audit.created_at) or ticket.created_at
    for event in audit.events:
        if event.type == "Change" and isinstance(event.field_name, str):
            yield HistoryEvent(
                at=at,
                author_id=_author(audit.author_id),
                field=FIELD_OF_NAME.get(event.field_name, "other"),
                before=_shown(event.field_name, event.previous_value),
                after=_shown(event.field_name, event.value),
            )


def _shown(field_name: str, value: object) -> OutsideText | None:
    """Return a value in our words: our statuses, severity numbers, ids of people."""
    if value is None or value is UNSET or value == "" or value == []:
        return None
    if isinstance(value, str) and field_name == "status" and value in STATUS_OF_WORD:
        return OutsideText(STATUS_OF_WORD[value].value)
    if isinstance(value, str) and field_name == "priority" and value in SEVERITY_OF_PRIORITY:
        return OutsideText(str(SEVERITY_OF_PRIORITY[value]))
    if isinstance(value, list):
        return bounded_text(", ".join(str(each) for each in value[:MAX_NAME]), MAX_LINE)
    return bounded_text(str(value), MAX_LINE)
