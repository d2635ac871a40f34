"""Our changes in the words of the wire."""

from typing import Final

from msgspec import UNSET

from supporttui.helpdesks.base import NewTicket, TicketUpdate
from supporttui.helpdesks.zendesk.wire_inputs import (
    CommentInput,
    RequesterInput,
    TicketInput,
    TicketRequest,
)
from supporttui.helpdesks.zendesk.words import PRIORITY_OF_SEVERITY, WORD_OF_STATUS

OPERATION_KEY: Final = "supporttui_operation"
"""Where our operation id stands in an audit's custom metadata."""


def sendable(text: str) -> str:
    """Text that any desk takes: halves of a surrogate pair are joined or replaced, NUL is shown as ␀."""
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return joined.replace("\0", "␀")


def update_request(update: TicketUpdate) -> TicketRequest:
    """The body of a change, checked by the desk against the version that it was decided on."""
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
        ticket.assignee_id = patch.assignee_id
    if patch.tags is not None:
        # The whole set: a single update cannot add one (developer.zendesk.com, "Adding tags to tickets").
        ticket.tags = [sendable(tag) for tag in patch.tags]
    if update.based_on is not None:
        ticket.safe_update = True
        ticket.updated_stamp = update.based_on
    return TicketRequest(ticket)


def new_ticket_request(new: NewTicket) -> TicketRequest:
    """The body of a creation."""
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
