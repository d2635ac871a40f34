"""Conversions between a composed message, the draft that saves it and the operation that sends it."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from supporttui.domain.patch import TicketPatch, with_policy_status
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.safe_text import OutsideText, safe
from supporttui.domain.ticket import Conversation, Message, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.store.operations import Draft, Operation, OperationKind, new_operation_id


@dataclass(frozen=True, slots=True)
class ComposedMessage:
    """The contents of the composer."""

    body: str = ""
    is_public: bool = True
    status: Status | None = None
    """The status to set with it; None leaves that to the policy."""
    files: tuple[str, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether discarding it would lose nothing."""
        return not self.body.strip() and not self.files


def new_draft_id() -> str:
    """Return a new id for a draft."""
    return uuid.uuid4().hex


def latest_draft_of(drafts: Iterable[Draft], ticket_id: TicketId) -> Draft | None:
    """Return the latest draft of a ticket; None if there is none."""
    return max((one for one in drafts if one.ticket_id == ticket_id), key=lambda one: one.updated_at, default=None)


def message_draft(written: ComposedMessage, draft_id: str, ticket_id: TicketId, now: datetime) -> Draft:
    """Return the draft that saves a message."""
    return Draft(
        id=draft_id,
        updated_at=now,
        ticket_id=ticket_id,
        is_public=written.is_public,
        body=written.body,
        status=written.status,
        fields=(("files", "\n".join(written.files)),) if written.files else (),
    )


def message_from_draft(draft: Draft) -> ComposedMessage:
    """Return the message that a draft saves."""
    files = dict(draft.fields).get("files", "")
    return ComposedMessage(draft.body, draft.is_public, draft.status, tuple(line for line in files.split("\n") if line))


def message_to_edit_again(operation: Operation, draft: Draft | None) -> ComposedMessage:
    """Return the text of a failed operation for editing, appended to an existing draft."""
    patch = operation.patch
    body = patch.body or ""
    kept = message_from_draft(draft) if draft is not None else ComposedMessage()
    if kept.is_blank:
        return ComposedMessage(body, patch.is_public, patch.status, patch.files)
    # Appending never makes a note's text part of a public reply.
    is_public = kept.is_public and patch.is_public
    return ComposedMessage(f"{kept.body.rstrip()}\n\n{body}", is_public, kept.status, (*kept.files, *patch.files))


def message_patch(written: ComposedMessage, policy: ServicePolicy, ticket: Ticket) -> TicketPatch:
    """Return the changes that sending a message makes, including the status that the policy sets."""
    patch = TicketPatch(
        body=written.body.strip("\n"), is_public=written.is_public, status=written.status, files=written.files
    )
    return with_policy_status(policy, ticket, patch)


def message_operation(
    written: ComposedMessage, ticket: Ticket, conversation: Conversation | None, policy: ServicePolicy, now: datetime
) -> Operation:
    """Return the operation that sends a message, based on the version of the ticket that the writer has seen."""
    return Operation(
        id=new_operation_id(),
        kind=OperationKind.UPDATE,
        created_at=now,
        ticket_id=ticket.id,
        patch=message_patch(written, policy, ticket),
        based_on=seen_version(ticket, conversation),
        audit_mark=conversation.last_audit_id if conversation else None,
    )


def seen_version(ticket: Ticket, conversation: Conversation | None) -> str:
    """Return the ticket's version, or an older one if the customer has written something that is not shown yet."""
    if conversation is None or ticket.customer_wrote_at is None:
        return ticket.version
    seen_until = max((message.created_at for message in conversation.messages), default=ticket.created_at)
    return ticket.version if ticket.customer_wrote_at <= seen_until else conversation.ticket_version


@dataclass(frozen=True, slots=True)
class SeenMessages:
    """The messages of a ticket when writing began, and the names of the people on it."""

    ids: frozenset[int]
    unsent: frozenset[str]
    """Texts already on their way when writing began."""
    requester_id: int
    my_id: int | None
    names: Mapping[int, str] = field(default_factory=dict)
    """The names of known people, safe to draw."""


def comparable_text(body: str) -> str:
    """Normalise an unsent text to the form that it has as a message, for comparison."""
    return safe(OutsideText(body)).strip()


def new_messages_sentence(
    seen: SeenMessages, conversation: Conversation | None, unsent: Sequence[Operation], zone: tzinfo
) -> str:
    """Return a sentence on messages since writing began, including ours from other windows; empty if none."""
    if any(one.patch.body and comparable_text(one.patch.body) not in seen.unsent for one in unsent):
        return "you sent an answer elsewhere"
    fresh = [
        message
        for message in (conversation.messages if conversation else ())
        if message.id not in seen.ids and not message.is_automatic and not _is_known_as_unsent(message, seen)
    ]
    if not fresh:
        return ""
    latest = fresh[-1]
    author = {seen.requester_id: "the customer", seen.my_id: "you"}.get(
        latest.author_id, seen.names.get(latest.author_id, "somebody whom the desk does not name")
    )
    place = " elsewhere" if latest.author_id == seen.my_id else ""
    return f"{author} wrote at {latest.created_at.astimezone(zone):%H:%M}{place}"


def _is_known_as_unsent(message: Message, seen: SeenMessages) -> bool:
    """Whether a message is one that was on its way when writing began."""
    return message.author_id == seen.my_id and safe(message.body).strip() in seen.unsent
