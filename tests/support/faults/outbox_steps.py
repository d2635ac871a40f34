"""Every operation on the outbox in one sequence, with the state expected after each step."""

from collections.abc import Callable
from dataclasses import dataclass, field

from support.sample_values import START, at, make_reply, ticket_key
from supporttui.store.database import StoreProblem
from supporttui.store.operations import Draft, Operation, OperationState, TransitionRefused
from supporttui.store.outbox import Outbox

S = OperationState
OutboxAction = Callable[[Outbox], object]
FIRST = make_reply(1, "first, with a file", files=("/tmp/board.log",), based_on="v1", audit_mark=4)
SECOND = make_reply(1, "second, behind it " + "and long " * 2000, based_on="v1")
THIRD = make_reply(2, "third, elsewhere", state=S.HELD)


def draft(number: int, body: str) -> Draft:
    return Draft(id=f"draft {number}", updated_at=at(number), ticket_id=ticket_key(number), body=body)


@dataclass
class ExpectedOutbox:
    """What was acknowledged, and what was asked for without an answer: that may be there or not."""

    texts: dict[str, str] = field(default_factory=dict)
    """By operation or draft id."""
    states: dict[str, set[S]] = field(default_factory=dict)
    maybe_gone: set[str] = field(default_factory=set)
    maybe_texts: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class OutboxStep:
    """One step: what it does, and what it leaves behind."""

    do: OutboxAction
    operation: Operation | None = None
    state: S | None = None
    draft: Draft | None = None
    drops: str | None = None


STEPS: tuple[OutboxStep, ...] = (
    OutboxStep(lambda box: box.save_draft(draft(1, "fir")), draft=draft(1, "fir")),
    OutboxStep(lambda box: box.save_draft(draft(1, "first, with")), draft=draft(1, "first, with")),
    OutboxStep(lambda box: box.save_draft(draft(2, "another " * 900)), draft=draft(2, "another " * 900)),
    OutboxStep(lambda box: box.add(FIRST, draft_id="draft 1"), operation=FIRST, state=S.QUEUED, drops="draft 1"),
    OutboxStep(lambda box: box.add(SECOND), operation=SECOND, state=S.QUEUED),
    OutboxStep(lambda box: box.add(THIRD), operation=THIRD, state=S.HELD),
    OutboxStep(lambda box: box.save_uploads(FIRST.id, ["token 1", "token 2"])),
    OutboxStep(lambda box: box.change(FIRST.id, S.IN_FLIGHT, at=START), operation=FIRST, state=S.IN_FLIGHT),
    OutboxStep(lambda box: box.change(FIRST.id, S.UNKNOWN, error="cut"), operation=FIRST, state=S.UNKNOWN),
    OutboxStep(lambda box: box.change(FIRST.id, S.QUEUED), operation=FIRST, state=S.QUEUED),
    OutboxStep(lambda box: box.change(FIRST.id, S.IN_FLIGHT, at=START), operation=FIRST, state=S.IN_FLIGHT),
    OutboxStep(lambda box: box.change(FIRST.id, S.SENT, result_ticket_id=ticket_key(1)), operation=FIRST, state=S.SENT),
    OutboxStep(lambda box: box.rebase(ticket_key(1), "v1", "v2", 5)),
    OutboxStep(lambda box: box.change(SECOND.id, S.IN_FLIGHT, at=START), operation=SECOND, state=S.IN_FLIGHT),
    OutboxStep(lambda box: box.change(SECOND.id, S.CONFLICT, error="changed"), operation=SECOND, state=S.CONFLICT),
    OutboxStep(lambda box: box.change(THIRD.id, S.WITHDRAWN), operation=THIRD, state=S.WITHDRAWN),
    OutboxStep(lambda box: box.delete_draft("draft 2"), drops="draft 2"),
    OutboxStep(lambda box: box.save_draft(draft(3, "typed last")), draft=draft(3, "typed last")),
    OutboxStep(lambda box: box.delete_finished(START)),
)


def run_steps(box: Outbox, known: ExpectedOutbox, *, tries: int) -> bool:
    """Go through the steps, each tried so many times as the engine does; whether all were acknowledged."""
    for wanted in STEPS:
        if not _done(box, wanted, known, tries):
            return False
        _acknowledge(wanted, known)
    return True


def _done(box: Outbox, wanted: OutboxStep, known: ExpectedOutbox, tries: int) -> bool:
    for number in range(tries):
        try:
            wanted.do(box)
        except StoreProblem:
            _note_attempt(wanted, known)
        except TransitionRefused:
            assert number > 0, "refused although nothing had been tried before"
            return True  # the attempt that failed had been committed after all
        else:
            return True
    return False


def _note_attempt(wanted: OutboxStep, known: ExpectedOutbox) -> None:
    """It may have been committed before the failure was told."""
    if wanted.operation is not None and wanted.state is not None:
        known.states.setdefault(wanted.operation.id, set()).add(wanted.state)
    if wanted.draft is not None:
        known.maybe_texts.setdefault(wanted.draft.id, set()).add(wanted.draft.body)
    if wanted.drops is not None:
        known.maybe_gone.add(wanted.drops)


def _acknowledge(wanted: OutboxStep, known: ExpectedOutbox) -> None:
    if wanted.operation is not None and wanted.state is not None:
        known.texts[wanted.operation.id] = wanted.operation.patch.body or ""
        known.states[wanted.operation.id] = {wanted.state}
    if wanted.draft is not None:
        known.texts[wanted.draft.id] = wanted.draft.body
        known.maybe_texts.pop(wanted.draft.id, None)
    if wanted.drops is not None:
        known.texts.pop(wanted.drops, None)


def find_missing(box: Outbox, known: ExpectedOutbox) -> list[str]:
    """What was acknowledged and is not there as it has to be, in words; empty where all is."""
    operations = {each.id: each for each in box.load_all()}
    drafts = {each.id: each.body for each in box.load_drafts()}
    found = []
    for key, text in known.texts.items():
        if key in operations:
            if operations[key].patch.body != text or operations[key].state not in known.states[key]:
                found.append(f"{key} is {operations[key].state}, not {known.states[key]}")
        elif key in drafts:
            if drafts[key] not in {text, *known.maybe_texts.get(key, ())}:
                found.append(f"{key} reads {drafts[key]!r}")
        elif key not in known.maybe_gone:
            found.append(f"{key} is gone")
    return found
