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
from supporttui.domain.ticket import (
    ConversationTurn,
    FieldKind,
    FieldValue,
    SeverityChange,
    Status,
    StatusChange,
    Ticket,
    TicketType,
)
from supporttui.domain.ticket_id import TicketId
from supporttui.domain.workflow import status_after_assigning, status_after_customer, status_after_reply

UNASSIGNED: Final = 0
"""As the assignee or the group of a patch: the ticket has none afterwards. No person and no group has this id."""


class CcChange(msgspec.Struct, frozen=True):
    """A person who gets copies of the public replies from now on, or does not any more."""

    email: str
    """Empty where only the number is known."""
    person_id: int | None = None
    """None for an address that the desk may not know yet."""
    is_removed: bool = False

    @property
    def key(self) -> int | str:
        """The person's id or, if unknown, their address: the same for two changes of one person."""
        return self.email.casefold() if self.person_id is None else self.person_id


class FieldChange(msgspec.Struct, frozen=True):
    """Another value for one of the desk's custom fields."""

    field_id: int
    kind: FieldKind
    value: str
    """As text, in the form of `FieldValue`; empty removes the value."""


class TicketPatch(msgspec.Struct, frozen=True, kw_only=True):
    """The properties that one decision changes and the message that goes with it. None leaves a property alone."""

    status: Status | None = None
    severity: int | None = None
    assignee_id: int | None = None
    """A person's id, or `UNASSIGNED`."""
    group_id: int | None = None
    """A group's id, or `UNASSIGNED`."""
    requester_id: int | None = None
    ticket_type: TicketType | None = None
    problem_id: TicketId | None = None
    """The problem to which it is linked, which makes it an incident; another type unlinks it."""
    cc_changes: tuple[CcChange, ...] = ()
    """Each person once."""
    field_changes: tuple[FieldChange, ...] = ()
    """Each custom field once."""
    development_ticket: str | None = None
    """A key or a link; empty removes it."""
    tags: tuple[str, ...] | None = None
    """All tags that the ticket has afterwards; empty removes every tag."""
    body: str | None = None
    """The text of a reply or a note, as our own user typed it; still drawn through `safe`, since it may be pasted."""
    is_public: bool = True
    """Whether the text is a reply, not a note."""
    files: tuple[str, ...] = ()
    """Paths on this machine; uploaded and attached to the text."""

    @property
    def resulting_type(self) -> TicketType | None:
        """The ticket's type afterwards; None if it does not change."""
        return TicketType.INCIDENT if self.ticket_type is None and self.problem_id is not None else self.ticket_type

    @property
    def is_reply(self) -> bool:
        """Whether a public reply goes out with it."""
        return self.body is not None and self.is_public


class MergePlan(msgspec.Struct, frozen=True, kw_only=True):
    """How one ticket is merged into another: what is written on both; the first is closed for good then."""

    into: TicketId
    reply: str | None = None
    """What the requester wrote, public, in the requester's name; None where nothing of it is told publicly."""
    requester_id: int | None = None
    note: str
    """What else was written, as an internal note on the ticket that stays."""

    @property
    def source_note(self) -> str:
        """The internal note on the ticket that is closed, by which the merge is known as ours."""
        return f"This ticket was merged into {self.into.label}."


def with_policy_status(policy: ServicePolicy, ticket: Ticket, patch: TicketPatch) -> TicketPatch:
    """The patch with the status that the policy sets where none was chosen.

    Replying to a New ticket, or assigning it, opens it. A status that the ticket has already is left out.
    """
    status = patch.status
    if patch.is_reply:
        status = status_after_reply(policy, ticket.status, status)
    elif patch.assignee_id is not None and patch.assignee_id != UNASSIGNED:
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
    changed |= _changed_people(ticket, patch) | _changed_links(ticket, patch)
    if patch.tags is not None:
        changed["tags"] = tuple(map(OutsideText, patch.tags))
    if patch.field_changes:
        changed["custom_fields"] = _changed_fields(ticket, patch)
    if patch.status is not None and patch.status is not ticket.status:
        changed["status"] = patch.status
        changed["status_changed_at"] = at
        changed["closed_at"] = at if patch.status is Status.CLOSED else None
        if ticket.status_history:
            changed["status_history"] = (*ticket.status_history, StatusChange(at, patch.status))
    return replace(ticket, **changed) if changed else ticket


def _changed_people(ticket: Ticket, patch: TicketPatch) -> dict[str, Any]:
    """Return the changed people and group. A new group has no name until the desk has sent it."""
    changed: dict[str, Any] = {}
    if patch.assignee_id is not None:
        changed["assignee_id"] = None if patch.assignee_id == UNASSIGNED else patch.assignee_id
    if patch.requester_id is not None:
        changed["requester_id"] = patch.requester_id
    if patch.group_id is not None:
        group_id = None if patch.group_id == UNASSIGNED else patch.group_id
        changed |= {} if group_id == ticket.group_id else {"group_id": group_id, "group": None}
    if patch.cc_changes:
        removed = {each.person_id for each in patch.cc_changes if each.is_removed}
        added = [each.person_id for each in patch.cc_changes if not each.is_removed and each.person_id is not None]
        kept = [each for each in ticket.cc_ids if each not in removed]
        changed["cc_ids"] = tuple(dict.fromkeys((*kept, *added)))
    return changed


def _changed_links(ticket: Ticket, patch: TicketPatch) -> dict[str, Any]:
    """Return the changed type, problem and development ticket. Only incidents have a problem."""
    changed: dict[str, Any] = {}
    if patch.resulting_type is not None:
        changed["ticket_type"] = patch.resulting_type
        known = ticket.problem_id if patch.problem_id is None else patch.problem_id
        changed["problem_id"] = known if patch.resulting_type is TicketType.INCIDENT else None
    if patch.development_ticket is not None:
        changed["development_ticket"] = OutsideText(patch.development_ticket) if patch.development_ticket else None
    return changed


def _changed_fields(ticket: Ticket, patch: TicketPatch) -> tuple[FieldValue, ...]:
    """Return the custom fields afterwards; a field that had no value comes last."""
    values = {each.field_id: each.value for each in ticket.custom_fields}
    values |= {each.field_id: OutsideText(each.value) for each in patch.field_changes}
    return tuple(FieldValue(field_id, value) for field_id, value in values.items() if value)


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
