"""One change of a ticket: what a key decides and the outbox keeps; preview, pending row and wire are made from it.

A new writable property is added in four places: here, in `apply_patch` below, in each help desk's translation, and in
the words for it (`presentation`).
"""

from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from supporttui.domain.policy import ServicePolicy
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import ConversationTurn, SeverityChange, Status, StatusChange, Ticket
from supporttui.domain.workflow import status_after_assigning, status_after_customer, status_after_reply

NOBODY: Final = 0
"""As the assignee of a patch: the ticket is taken from whoever has it. No person has this id."""


class TicketPatch(msgspec.Struct, frozen=True, kw_only=True):
    """The properties that one decision changes and the message that goes with it. None leaves a property alone."""

    status: Status | None = None
    severity: int | None = None
    assignee_id: int | None = None
    """A person's id, or `NOBODY`."""
    tags: tuple[str, ...] | None = None
    """All tags that the ticket has afterwards; empty removes every tag."""
    body: str | None = None
    """The text of a reply or a note, as our own user typed it; still drawn through `safe`, since it may be pasted."""
    is_public: bool = True
    """Whether the text is a reply, not a note."""
    files: tuple[str, ...] = ()
    """Paths on this machine; uploaded and attached to the text."""

    @property
    def is_reply(self) -> bool:
        """Whether a public reply goes out with it."""
        return self.body is not None and self.is_public


def with_policy_status(policy: ServicePolicy, ticket: Ticket, patch: TicketPatch) -> TicketPatch:
    """The patch with the status that the policy sets where none was chosen.

    Replying to a New ticket, or assigning it, opens it. A status that the ticket has already is left out.
    """
    status = patch.status
    if patch.is_reply:
        status = status_after_reply(policy, ticket.status, status)
    elif patch.assignee_id is not None and patch.assignee_id != NOBODY:
        status = status or status_after_assigning(policy, ticket.status)
    return replace(patch, status=None if status is ticket.status else status)


def apply_patch(ticket: Ticket, patch: TicketPatch, at: datetime, *, is_requesters: bool = False) -> Ticket:
    """The ticket as the patch leaves it at an instant, with its histories continued; the version stamp is kept.

    A message of the requester answers nothing: it waits for us, and reopens the ticket.
    """
    at = max(at, ticket.created_at)
    changed: dict[str, Any] = {}
    if patch.is_reply:
        changed |= _written_by_requester(ticket, at) if is_requesters else _written_by_agent(ticket, at)
        if is_requesters and patch.status is None:
            patch = replace(patch, status=status_after_customer(ticket.status))
    if patch.severity is not None and patch.severity != ticket.severity:
        known = ticket.severity_history or (SeverityChange(ticket.created_at, ticket.severity),)
        changed["severity"] = patch.severity
        changed["severity_history"] = (*known, SeverityChange(at, patch.severity))
    if patch.assignee_id is not None:
        changed["assignee_id"] = None if patch.assignee_id == NOBODY else patch.assignee_id
    if patch.tags is not None:
        changed["tags"] = tuple(map(OutsideText, patch.tags))
    if patch.status is not None and patch.status is not ticket.status:
        changed["status"] = patch.status
        changed["status_changed_at"] = at
        changed["closed_at"] = at if patch.status is Status.CLOSED else None
        if ticket.status_history:
            changed["status_history"] = (*ticket.status_history, StatusChange(at, patch.status))
    return replace(ticket, **changed) if changed else ticket


def _written_by_agent(ticket: Ticket, at: datetime) -> dict[str, Any]:
    return {
        "first_reply_at": ticket.first_reply_at or at,
        "replied_at": at,
        "turns": (*ticket.turns, ConversationTurn(at, is_ours=True)),
    }


def _written_by_requester(ticket: Ticket, at: datetime) -> dict[str, Any]:
    was_ours = bool(ticket.turns) and ticket.turns[-1].is_ours
    turns = (*ticket.turns, ConversationTurn(at, is_ours=False)) if was_ours else ticket.turns
    return {"customer_wrote_at": at, "turns": turns}
