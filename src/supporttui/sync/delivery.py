"""Sends one operation to the help desk and records how that ended; each step is on disk before the next begins."""

import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NoReturn

from msgspec.structs import replace

from supporttui.config.fault_points import fault_point
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    Account,
    Conflict,
    DeskError,
    HelpDesk,
    Interrupted,
    RateLimited,
    Rejected,
    SendResult,
    Unauthorised,
    Unreachable,
)
from supporttui.store.database import StoreProblem
from supporttui.store.operations import (
    Operation,
    OperationKind,
    OperationState,
    RequestStep,
    StepState,
    TransitionRefused,
)
from supporttui.store.outbox import Outbox
from supporttui.store.outbox_rows import DAMAGED
from supporttui.sync.operation_lookup import CLOCK_TOLERANCE, OperationLookup, current_result
from supporttui.sync.operation_requests import (
    based_on_target,
    changed_ticket_id,
    check_source_unchanged,
    send_request,
)
from supporttui.sync.operation_steps import operation_parts, outcome_sentence, step_operation
from supporttui.sync.retrying_writer import RetryingWriter
from supporttui.sync.status import sentence_of
from supporttui.sync.timings import Now

_log = logging.getLogger(__name__)


LOOKUP_PENDING: Final = (
    "It is not known whether the desk applied it: it is looked for in the ticket's history. "
    "If this stays, look at the ticket, then retry or drop it."
)
SENDER_ENDED: Final = f"supporttui ended while this was being sent. {LOOKUP_PENDING}"

REPEAT_UNSAFE: Final = (
    "An earlier attempt may still have been applied, and this desk could not tell a second one from it. "
    "Look at the ticket, then retry or drop it."
)

DESK_CLOCK_PRECISION: Final = timedelta(seconds=2)
"""How far the desk's time is known only."""

MAX_REMEMBERED_VERSIONS: Final = 1_000
"""So many changes of ours are remembered for what was decided just before they were heard of."""

NOT_APPLIED_ERRORS: Final = (Unreachable, RateLimited, Unauthorised)
"""After these it waits in the queue: the desk has not seen it, or said so."""


def _no_candidates(_operation: Operation) -> tuple[TicketId, ...]:
    return ()


class Delivery:
    """Sends operations and settles ambiguous ends. To be used by the holder of the sender's lease only."""

    def __init__(
        self,
        outbox: Outbox,
        retrying_writer: RetryingWriter,
        now: Now,
        candidates: Callable[[Operation], tuple[TicketId, ...]] = _no_candidates,
    ) -> None:
        self._outbox = outbox
        self._replaced: dict[tuple[TicketId, str], tuple[str, int | None]] = {}
        """By ticket and version: what a change of ours made of it, with the audit that it wrote."""
        self._evidence = OperationLookup(outbox)
        self._candidates = candidates
        self._retrying_writer = retrying_writer
        self._now = now

    def mark_in_flight_unknown(self) -> None:
        """Mark what an ended sender left in flight as possibly applied. To be called on taking the lease."""
        for each in self._outbox.load_open():
            if each.state is OperationState.IN_FLIGHT:
                done = outcome_sentence(self._outbox.load_requests(each.id))
                self._outbox.change(each.id, OperationState.UNKNOWN, error=f"{done} {SENDER_ENDED}".strip())
                fault_point("orphan adopted")

    def mark_unknown(self, operation_id: str) -> None:
        """Mark an operation whose attempt ended with a bug as possibly applied, if it was in flight."""
        was, now_is = OperationState.IN_FLIGHT, OperationState.UNKNOWN

        def mark() -> None:
            with contextlib.suppress(TransitionRefused):
                self._outbox.change(operation_id, now_is, error=LOOKUP_PENDING, only_from=was)

        self._retrying_writer.write(mark)

    async def deliver(self, desk: HelpDesk, account: Account | None, operation: Operation) -> SendResult:
        """Send a queued operation and record how it ended; the desk's answer.

        Raises DeskError after having recorded it, TransitionRefused where it is not queued any more, StoreProblem
        where the disk refuses: then nothing has left.
        """
        if not operation.is_intact:
            self._refuse(operation, DAMAGED)
        self._follow_own_changes(operation)
        uploads = await self._uploaded(desk, operation)
        fault_point("delivery starting")
        flying = self._outbox.change(operation.id, OperationState.IN_FLIGHT, at=self._desk_now(desk))
        fault_point("delivery in flight")
        try:
            result = await self._attempt_all(desk, account, flying, uploads)
        except DeskError as error:
            self._record(flying, error)
            raise
        self._applied(flying, result)
        return result

    async def _attempt_all(
        self, desk: HelpDesk, account: Account | None, flying: Operation, uploads: tuple[str, ...]
    ) -> SendResult:
        """Send it in as many requests as the desk needs, from the first that is not done. Raises DeskError."""
        parts = operation_parts(desk, flying)
        if len(parts) == 1 and flying.merge is None:
            return await self._attempt(desk, account, flying, uploads)
        if all(step.state is StepState.PLANNED for step in self._outbox.load_requests(flying.id)):
            await check_source_unchanged(desk, flying)
        try:
            self._outbox.plan_requests(flying.id, [part.what for part in parts])
            result = None
            for step, planned in zip(self._outbox.load_requests(flying.id), parts, strict=True):
                if step.state is StepState.DONE:
                    continue
                self._outbox.begin_request(flying.id, step.position)
                part = await based_on_target(desk, step_operation(flying, step, planned))
                result = await self._attempt(desk, account, part, uploads if part.patch.files else ())
                flying = self._finish_step(flying, step, result)
        except StoreProblem as problem:  # the step that could not be noted has not left
            sentence = str(problem)
            self._retrying_writer.write(lambda: self._write_state(flying.id, OperationState.QUEUED, sentence))
            raise
        # The last answer tells only of its own request: the conversation has to be fetched.
        return (
            await current_result(desk, changed_ticket_id(flying)) if result is None else replace(result, messages=None)
        )

    def _finish_step(self, operation: Operation, step: RequestStep, result: SendResult) -> Operation:
        """Note that a request was applied; the operation as the next one is sent, on the version that this one left."""
        version, mark = result.ticket.version, result.audit_id
        if operation.merge is not None:
            version, mark = operation.based_on or version, None
        self._retrying_writer.write(lambda: self._outbox.finish_request(operation.id, step.position, version, mark))
        if operation.merge is not None:
            return operation
        if operation.based_on is None:
            return replace(operation, audit_mark=mark or operation.audit_mark)
        self._note_replaced(result.ticket.id, operation.based_on, version, mark)
        return replace(operation, based_on=version, audit_mark=mark or operation.audit_mark)

    async def _attempt(
        self, desk: HelpDesk, account: Account | None, flying: Operation, uploads: tuple[str, ...]
    ) -> SendResult:
        """Send it, unless an earlier attempt proves to have been applied. Raises DeskError."""
        found = await self._earlier_attempt(desk, account, flying)
        if found is not None:
            return found
        if flying.doubts and not self._may_repeat(desk, account, flying, is_settled=True):
            raise Interrupted(REPEAT_UNSAFE)
        await self._check_unchanged(desk, account, flying)
        try:
            return await send_request(desk, flying, uploads)
        except Conflict:
            found = await self._earlier_attempt(desk, account, flying)
            if found is None:
                raise
            return found

    async def settle(self, desk: HelpDesk, account: Account, operation: Operation, *, is_settled: bool) -> bool:
        """Look up whether an operation was applied; return whether that is decided now.

        Where it is absent, it is queued again only if both attempts cannot apply; `is_settled` says that the desk has
        had longer than the attempt could still take. Raises DeskError where the desk could not be asked: then nothing
        has changed.
        """
        fault_point("lookup starting")
        steps = self._outbox.load_requests(operation.id)
        if steps:
            return await self._settle_steps(desk, account, operation, steps, is_settled=is_settled)
        found = await self._evidence.find(desk, account, operation, self._candidates(operation))
        fault_point("lookup answered")
        if found is not None:
            self._applied(operation, found)
            return True
        if self._may_repeat(desk, account, operation, is_settled=is_settled):
            self._outbox.change(operation.id, OperationState.QUEUED, only_from=OperationState.UNKNOWN)
            fault_point("repeat queued")
            return True
        return False

    async def _settle_steps(
        self, desk: HelpDesk, account: Account, operation: Operation, steps: Sequence[RequestStep], *, is_settled: bool
    ) -> bool:
        """The same for one that takes several requests: only the first that is not done may have been applied."""
        step = next((each for each in steps if each.state is not StepState.DONE), None)
        if step is None:
            self._applied(operation, await current_result(desk, changed_ticket_id(operation)))
            return True
        planned = operation_parts(desk, operation)[step.position]
        part = await based_on_target(desk, step_operation(operation, step, planned))
        if step.state is StepState.BEGUN:
            found = await self._evidence.find(desk, account, part)
            if found is not None:
                operation = self._finish_step(operation, step, found)
            elif not self._may_repeat(desk, account, part, is_settled=is_settled):
                return False
            if found is not None and step is steps[-1]:
                self._applied(operation, found)
                return True
        self._outbox.change(operation.id, OperationState.QUEUED, only_from=OperationState.UNKNOWN)
        return True

    async def _uploaded(self, desk: HelpDesk, operation: Operation) -> tuple[str, ...]:
        """The tokens of the operation's files, sent now unless they were before. An upload alone changes no ticket."""
        tokens = self._outbox.load_uploads(operation.id)
        if len(tokens) == len(operation.patch.files):
            return tokens
        fault_point("upload starting")
        try:
            fresh = [await desk.send_upload(Path(name), Path(name).name) for name in operation.patch.files]
        except (Interrupted, *NOT_APPLIED_ERRORS):
            raise
        except DeskError as error:
            self._outbox.change(operation.id, OperationState.REJECTED, error=sentence_of(error))
            raise
        except OSError as problem:
            self._refuse(
                operation, f"Cannot read {problem.filename}: {problem.strerror}. Put it back and retry, or drop this."
            )
        fault_point("upload answered")
        self._outbox.save_uploads(operation.id, fresh)
        fault_point("upload kept")
        return tuple(fresh)

    def _refuse(self, operation: Operation, sentence: str) -> NoReturn:
        """Mark an operation as refused: a person decides."""
        self._outbox.change(operation.id, OperationState.REJECTED, error=sentence)
        raise Rejected(sentence)

    def _record(self, operation: Operation, error: DeskError) -> None:
        """Record the state after a failed attempt."""
        done = outcome_sentence(self._outbox.load_requests(operation.id))
        sentence = sentence_of(error)
        if isinstance(error, Interrupted):
            state = OperationState.UNKNOWN
            sentence = sentence if sentence == REPEAT_UNSAFE else f"{sentence} {LOOKUP_PENDING}"
        elif isinstance(error, NOT_APPLIED_ERRORS):
            state = OperationState.QUEUED
        else:
            state = OperationState.CONFLICT if isinstance(error, Conflict) else OperationState.REJECTED
        told = f"{done} {sentence}".strip()
        self._retrying_writer.write(lambda: self._write_state(operation.id, state, told))

    def _applied(self, operation: Operation, result: SendResult) -> None:
        """The desk answered: what waits behind it was decided on the version that it has just replaced."""
        fault_point("sent writing")
        self._retrying_writer.write(
            lambda: self._write_state(operation.id, OperationState.SENT, None, result.ticket.id)
        )
        fault_point("sent written")
        if operation.based_on is not None and operation.merge is None:
            ticket_id, was, now_is = result.ticket.id, operation.based_on, result.ticket.version
            self._note_replaced(ticket_id, was, now_is, result.audit_id)
            self._retrying_writer.write(lambda: self._outbox.rebase(ticket_id, was, now_is, result.audit_id))
            fault_point("rebase written")

    def _note_replaced(self, ticket_id: TicketId, was: str, now_is: str, audit_id: int | None) -> None:
        """Remember that our change replaced one version of a ticket by another."""
        self._replaced[ticket_id, was] = (now_is, audit_id)
        if len(self._replaced) > MAX_REMEMBERED_VERSIONS:
            del self._replaced[next(iter(self._replaced))]

    def _follow_own_changes(self, operation: Operation) -> None:
        """Base an operation on the version that our own change made of the one it was decided on.

        It was decided after that change was applied, and before the window had heard of it.
        """
        ticket_id, was = operation.ticket_id, operation.based_on
        while ticket_id is not None and was is not None and (ticket_id, was) in self._replaced:
            now_is, audit_id = self._replaced[ticket_id, was]
            if now_is == was:
                return
            self._outbox.rebase(ticket_id, was, now_is, audit_id)
            was = now_is

    def _write_state(
        self, operation_id: str, state: OperationState, error: str | None, ticket_id: TicketId | None = None
    ) -> None:
        try:
            self._outbox.change(operation_id, state, error=error, result_ticket_id=ticket_id)
        except TransitionRefused:  # a person decided while it was under way or looked for: their word stands
            _log.warning("%s was decided otherwise before it became %s", operation_id, state.value)

    async def _earlier_attempt(
        self, desk: HelpDesk, account: Account | None, operation: Operation
    ) -> SendResult | None:
        """The result of an earlier attempt that was applied although its answer was lost; None if it was not."""
        if operation.attempts < 2:
            return None
        return await self._evidence.find(desk, account, operation, self._candidates(operation))

    async def _check_unchanged(self, desk: HelpDesk, account: Account | None, operation: Operation) -> None:
        """Raise Conflict where the ticket was changed within the second that its version stands for.

        Only a version that was as young as that when it was looked at can hide a change.
        """
        grain_s = account.capabilities.version_resolution_s if account is not None else 0.0
        if not grain_s or operation.ticket_id is None or operation.audit_mark is None or operation.attempts > 1:
            return
        if not _is_younger(operation.based_on, timedelta(seconds=grain_s) + DESK_CLOCK_PRECISION, operation.created_at):
            return
        _ticket, conversation, _people = await desk.fetch_conversation(operation.ticket_id)
        if conversation.is_history_unreadable:
            raise Conflict(
                f"Ticket {operation.ticket_id.label}: its history cannot be read now, so nobody can tell whether "
                "something has changed. Read it, then decide."
            )
        if conversation.last_audit_id != operation.audit_mark:
            raise Conflict(
                f"Ticket {operation.ticket_id.label} was changed meanwhile; the desk does not say by whom. "
                "Read it, then decide."
            )

    def _desk_now(self, desk: HelpDesk) -> datetime:
        """The desk's time, which decides when idempotency keys expire; this machine's clock may be set meanwhile."""
        return self._now() + timedelta(seconds=desk.desk_ahead_s or 0.0)

    def _may_repeat(self, desk: HelpDesk, account: Account | None, operation: Operation, *, is_settled: bool) -> bool:
        """Whether both attempts cannot apply: the desk still knows the key, or checks the version.

        `is_settled` says that whatever the first attempt did is done and was looked for since: what comes later finds
        another version.
        """
        if account is None or operation.first_attempt_at is None:
            return False
        if operation.kind is OperationKind.MERGE:
            return True  # the desk refuses a second one, and what it shows of the source is looked at before
        desk_can, is_creation = account.capabilities, operation.kind is OperationKind.CREATE
        age = self._desk_now(desk) - operation.first_attempt_at
        knows_keys = desk_can.idempotent_writes or (desk_can.idempotent_creation and is_creation)
        if knows_keys and -CLOCK_TOLERANCE <= age < timedelta(seconds=desk_can.idempotency_key_ttl_s):
            return True
        return is_settled and not is_creation and desk_can.checks_versions and operation.based_on is not None


def _is_younger(version: str | None, than: timedelta, at: datetime) -> bool:
    """Whether a version that is an instant was younger than so much at that time."""
    try:
        stamp = datetime.fromisoformat(version or "")
    except ValueError:
        return False
    return stamp.tzinfo is not None and at - stamp < than
