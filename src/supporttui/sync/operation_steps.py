"""The steps of an operation that its desk cannot do in one request, and the sentences about them."""

from collections.abc import Sequence

from msgspec.structs import replace

from supporttui.domain.patch import TicketPatch
from supporttui.store.operations import Operation, RequestStep, StepState


def describe_patch(patch: TicketPatch) -> str:
    """What a request does, as words that follow "done:"."""
    words = {
        "the reply" if patch.is_public else "the note": patch.body,
        "the status": patch.status,
        "the severity": patch.severity,
        "the assignee": patch.assignee_id,
        "the tags": patch.tags,
    }
    return " and ".join(each for each, value in words.items() if value is not None) or "the change"


def outcome_sentence(steps: Sequence[RequestStep]) -> str:
    """Which requests of an operation were applied; empty where that is none, or where it takes one only."""
    done = [step.what for step in steps if step.state is StepState.DONE]
    rest = [step.what for step in steps if step.state is not StepState.DONE]
    if not done:
        return ""
    return f"Done: {', '.join(done)}." + (f" Not done: {', '.join(rest)}." if rest else "")


def step_operation(operation: Operation, step: RequestStep, patch: TicketPatch) -> Operation:
    """One step as an operation of its own, with a key of its own; one that was not begun was never attempted."""
    key = operation.id if step.position == 0 else f"{operation.id}-{step.position + 1}"
    part = replace(operation, id=key, patch=patch)
    return part if step.state is StepState.BEGUN else replace(part, attempts=1, doubts=0)
