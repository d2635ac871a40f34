"""The steps of an operation that its desk cannot do in one request, and the sentences about them."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from supporttui.domain.patch import TicketPatch
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import HelpDesk
from supporttui.store.operations import Operation, OperationKind, RequestStep, StepState


def describe_patch(patch: TicketPatch) -> str:
    """What a request does, as words that follow "done:"."""
    words = {
        "the reply" if patch.is_public else "the note": patch.body,
        "the status": patch.status,
        "the severity": patch.severity,
        "the assignee": patch.assignee_id,
        "the tags": patch.tags,
        "the group": patch.group_id,
        "the requester": patch.requester_id,
        "the type": patch.resulting_type,
        "the copies": patch.cc_changes or None,
        "the custom fields": patch.field_changes or None,
        "the development ticket": patch.development_ticket,
    }
    return " and ".join(each for each, value in words.items() if value is not None) or "the change"


def outcome_sentence(steps: Sequence[RequestStep]) -> str:
    """Which requests of an operation were applied; empty where that is none, or where it takes one only."""
    done = [step.what for step in steps if step.state is StepState.DONE]
    rest = [step.what for step in steps if step.state is not StepState.DONE]
    if not done:
        return ""
    return f"Done: {', '.join(done)}." + (f" Not done: {', '.join(rest)}." if rest else "")


class OperationPart(NamedTuple):
    """What one of the requests of an operation does."""

    what: str
    """In words that follow "done:"."""
    kind: OperationKind
    ticket_id: TicketId | None
    patch: TicketPatch


def operation_parts(desk: HelpDesk, operation: Operation) -> tuple[OperationPart, ...]:
    """Return the requests that an operation takes on this desk, in the order of sending."""
    kind, ticket_id, merge = operation.kind, operation.ticket_id, operation.merge
    if kind is OperationKind.MERGE and merge is not None:
        merging = OperationPart("the merge", kind, ticket_id, operation.patch)
        if merge.reply is None:
            return (merging,)
        told = TicketPatch(body=merge.reply, is_public=True)
        return OperationPart("the customer's text", OperationKind.UPDATE, merge.into, told), merging
    patches = desk.split(operation.patch) if kind is OperationKind.UPDATE else (operation.patch,)
    return tuple(OperationPart(describe_patch(each), kind, ticket_id, each) for each in patches)


def step_operation(operation: Operation, step: RequestStep, part: OperationPart) -> Operation:
    """One step as an operation of its own, with a key of its own; one that was not begun was never attempted.

    The steps of a merge are not based on the version of the source, which is checked before the first one.
    """
    key = operation.id if step.position == 0 else f"{operation.id}-{step.position + 1}"
    alone = replace(operation, id=key, kind=part.kind, ticket_id=part.ticket_id, patch=part.patch)
    if operation.merge is not None:
        alone = replace(alone, based_on=None, audit_mark=None)
    return alone if step.state is StepState.BEGUN else replace(alone, attempts=1, doubts=0)
