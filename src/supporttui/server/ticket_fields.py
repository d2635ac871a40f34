"""The fields of new tickets, changes and comments, and their parsing from request bodies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from supporttui.server.api_errors import NotPermitted, RecordInvalid
from supporttui.server.html_text import text_of_html
from supporttui.server.people import Actor, find_by_email, find_by_id, find_or_add_requester
from supporttui.zendesk_api.extensions import OPERATION_KEY
from supporttui.zendesk_api.request_bodies import CommentInput, CustomFieldInput, EmailCcInput, TicketInput


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentFields:
    """A comment to be added."""

    body: str
    is_public: bool = True
    author_id: int | None = None
    """None for the actor."""
    uploads: tuple[str, ...] = ()
    """Tokens of uploads that become its attachments."""
    via: str = "api"
    """`rule` for the desk itself, whose comments are not replies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicketFields:
    """A ticket to be created; its comment is the description."""

    subject: str
    comment: CommentFields
    requester_id: int | None = None
    """None for the actor."""
    submitter_id: int | None = None
    """None for the actor; also the author of the first comment, unless that names another."""
    status: str | None = None
    """None for new, or for open if there is an assignee."""
    priority: str | None = None
    type: str | None = None
    assignee_id: int | None = None
    group_id: int | None = None
    external_id: str | None = None
    tags: tuple[str, ...] = ()
    problem_id: int | None = None
    email_ccs: tuple[EmailCcInput, ...] = ()
    custom_fields: tuple[CustomFieldInput, ...] = ()
    followup_source_id: int | None = None
    via: str = "api"
    custom: Mapping[str, Any] = field(default_factory=dict)
    """Stored with the audit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateFields:
    """A change of a ticket. UNSET leaves a field unchanged; so does None for the comment and the status."""

    comment: CommentFields | None = None
    status: str | None = None
    subject: str | UnsetType = UNSET
    priority: str | UnsetType | None = UNSET
    type: str | UnsetType | None = UNSET
    assignee_id: int | UnsetType | None = UNSET
    group_id: int | UnsetType | None = UNSET
    requester_id: int | UnsetType = UNSET
    external_id: str | UnsetType | None = UNSET
    problem_id: int | UnsetType | None = UNSET
    email_ccs: tuple[EmailCcInput, ...] = ()
    email_cc_ids: tuple[int, ...] | UnsetType = UNSET
    """As a client read them: they are changed by `email_ccs` only."""
    custom_fields: tuple[CustomFieldInput, ...] = ()
    tags: tuple[str, ...] | UnsetType = UNSET
    additional_tags: tuple[str, ...] = ()
    removed_tags: tuple[str, ...] = ()
    based_on: datetime | None = None
    """The ticket's `updated_at` that the change is based on; the change is refused if that has changed."""
    via: str = "api"
    custom: Mapping[str, Any] = field(default_factory=dict)


_AGENT_ONLY_FIELDS: Final = (
    "status",
    "assignee_id",
    "assignee_email",
    "group_id",
    "external_id",
    "problem_id",
    "email_ccs",
    "custom_fields",
    "tags",
    "additional_tags",
    "remove_tags",
)
"""Fields of a new ticket that only agents may set."""

TAGS_MAX: Final = 1000
"""The number of tags that a ticket may have, and that one request may name."""


OPERATION_ID_MAX: Final = 255
HTML_MAX: Final = 65_535


def parse_new_ticket(
    connection: Connection, actor: Actor, sent: TicketInput, at: datetime, sender: Actor | None = None
) -> NewTicketFields:
    """Return a ticket to be created; an unknown requester is added. Raises ApiError.

    `sender` is the actor with their usual rights, if they act as a requester here.
    """
    if not actor.is_agent and any(getattr(sent, name) not in (UNSET, None) for name in _AGENT_ONLY_FIELDS):
        raise NotPermitted("End users say what they ask and how urgent it is; the rest is the agents'.")
    comment = _given_comment(sent)
    subject = sent.subject if sent.subject is not UNSET else sent.raw_subject
    changes = _common(connection, actor, sent)
    removed = _tags(sent.remove_tags)
    tags = (*_tags(sent.tags), *_tags(sent.additional_tags))
    return NewTicketFields(
        subject=_first_line(_body(comment)) if subject is UNSET else subject,
        comment=_comment(comment),
        requester_id=_requester(connection, actor, sent, at),
        submitter_id=_submitter(connection, actor, sent),
        status=None if sent.status is UNSET else sent.status,
        tags=tuple(tag for tag in tags if tag not in set(removed)),
        followup_source_id=None if sent.via_followup_source_id is UNSET else sent.via_followup_source_id,
        custom=_custom(sender or actor, sent),
        **{name: value for name, value in changes.items() if value is not UNSET},
    )


def parse_update(connection: Connection, actor: Actor, sent: TicketInput, at: datetime) -> UpdateFields:
    """Return a change of a ticket. Raises ApiError."""
    requester_id = _requester(connection, actor, sent, at)
    return UpdateFields(
        comment=None if sent.comment is UNSET else _comment(sent.comment),
        status=None if sent.status is UNSET else sent.status,
        subject=sent.subject if sent.subject is not UNSET else sent.raw_subject,
        requester_id=UNSET if requester_id is None else requester_id,
        email_cc_ids=UNSET if sent.email_cc_ids is UNSET else tuple(sent.email_cc_ids),
        tags=UNSET if sent.tags is UNSET else _tags(sent.tags),
        additional_tags=_tags(sent.additional_tags),
        removed_tags=_tags(sent.remove_tags),
        based_on=_stamp(sent),
        custom=_custom(actor, sent),
        **_common(connection, actor, sent),
    )


def parse_request_update(actor: Actor, sent: TicketInput) -> UpdateFields:
    """Return a requester's change: a public comment, and the status solved. Raises ApiError."""
    comment = None if sent.comment is UNSET else _comment(sent.comment)
    status = "solved" if sent.solved is True else None
    return UpdateFields(comment=comment, status=status, based_on=_stamp(sent), custom=_custom(actor, sent))


def _given_comment(sent: TicketInput) -> CommentInput:
    """The first comment: `comment`, or the text in `description`. Raises RecordInvalid if one would be lost."""
    if sent.comment is UNSET:
        return CommentInput(body=sent.description)
    if sent.description not in (UNSET, "", _body(sent.comment)):
        raise RecordInvalid("description", "Description: is the first comment; send one of description and comment")
    return sent.comment


def _custom(actor: Actor, sent: TicketInput) -> Mapping[str, Any]:
    """The client's metadata, which agents read in the audits; for an end user at most the id of an operation.

    Raises NotPermitted.
    """
    if sent.metadata is UNSET or not sent.metadata:
        return {}
    operation = sent.metadata.get(OPERATION_KEY)
    is_operation = len(sent.metadata) == 1 and isinstance(operation, str) and len(operation) <= OPERATION_ID_MAX
    if not actor.is_agent and not is_operation:
        raise NotPermitted("End users send no metadata; leave it out.")
    return sent.metadata


def _tags(sent: list[str] | UnsetType) -> tuple[str, ...]:
    """Return tags. Raises RecordInvalid for more than a ticket may have."""
    if sent is UNSET:
        return ()
    if len(sent) > TAGS_MAX:
        raise RecordInvalid("tags", f"Tags: a request names up to {TAGS_MAX}")
    return tuple(sent)


def _common(connection: Connection, actor: Actor, sent: TicketInput) -> dict[str, Any]:
    """The properties that new and existing tickets share."""
    assignee_id: int | UnsetType | None = sent.assignee_id
    if sent.assignee_email is not UNSET:
        person = find_by_email(connection, sent.assignee_email) if actor.is_agent else None
        if person is None or assignee_id not in (UNSET, None, person["id"]):
            raise RecordInvalid("assignee", f"Assignee: {sent.assignee_email} is not an agent of this desk")
        assignee_id = person["id"]
    return {
        "priority": sent.priority,
        "type": sent.type,
        "assignee_id": assignee_id,
        "group_id": sent.group_id,
        "external_id": sent.external_id,
        "problem_id": sent.problem_id,
        "email_ccs": () if sent.email_ccs is UNSET else tuple(sent.email_ccs),
        "custom_fields": () if sent.custom_fields is UNSET else tuple(sent.custom_fields),
    }


def _requester(connection: Connection, actor: Actor, sent: TicketInput, at: datetime) -> int | None:
    """The requester's id if one was named."""
    if sent.requester is UNSET:
        return None if sent.requester_id is UNSET else sent.requester_id
    if not actor.is_agent:
        own = find_by_email(connection, sent.requester.email)
        if own is None or own["id"] != actor.id:
            raise NotPermitted("End users submit tickets in their own name only.")
        return actor.id
    name = None if sent.requester.name is UNSET else sent.requester.name
    found = find_or_add_requester(connection, sent.requester.email, name, at)
    if sent.requester_id not in (UNSET, found):
        raise RecordInvalid("requester", "Requester: requester and requester_id are two people; send one of them")
    return found


def _submitter(connection: Connection, actor: Actor, sent: TicketInput) -> int | None:
    """The submitter of a new ticket, who writes its first comment; None for the actor. Raises ApiError."""
    if sent.submitter_id is UNSET or sent.submitter_id == actor.id:
        return None
    if not actor.is_agent:
        raise NotPermitted("End users submit tickets in their own name only.")
    if find_by_id(connection, sent.submitter_id) is None:
        raise RecordInvalid("submitter", f"Submitter: {sent.submitter_id} is not a person of this desk")
    return sent.submitter_id


def _comment(sent: CommentInput) -> CommentFields:
    return CommentFields(
        body=_body(sent),
        is_public=sent.public,
        author_id=None if sent.author_id is UNSET else sent.author_id,
        uploads=tuple(() if sent.uploads is UNSET else sent.uploads),
    )


def _body(sent: CommentInput) -> str:
    """The comment's text, converted from HTML if necessary. Raises RecordInvalid."""
    for text in (sent.body, sent.value):
        if text is not UNSET and text:
            return text
    if sent.html_body is UNSET:
        return ""
    if len(sent.html_body) > HTML_MAX:
        raise RecordInvalid("comment", f"Comment: html_body is longer than {HTML_MAX} characters; send body instead")
    return text_of_html(sent.html_body)


def _first_line(body: str) -> str:
    return body.strip().partition("\n")[0][:100]


def _stamp(sent: TicketInput) -> datetime | None:
    """The stamp of a safe update. Raises RecordInvalid if it is missing, invalid, or would have no effect."""
    if sent.safe_update is not True:
        if sent.updated_stamp is not UNSET:
            raise RecordInvalid("updated_stamp", "Updated stamp: has an effect with safe_update: true only")
        return None
    try:
        stamp = datetime.fromisoformat("" if sent.updated_stamp is UNSET else sent.updated_stamp)
        return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise RecordInvalid(
            "updated_stamp", "Updated stamp: has to be the ticket's updated_at, such as 2026-11-23T14:31:00Z"
        ) from problem
