"""Sending from a script: operations are committed first, and the call returns when the desk has answered."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from supporttui.domain.safe_text import OutsideText
from supporttui.helpdesks.base import (
    Account,
    Conflict,
    DeskError,
    HelpDesk,
    Interrupted,
    OpenDesk,
    RateLimited,
    Rejected,
    SendResult,
    Unreachable,
)
from supporttui.helpdesks.guarded_desk import GuardedDesk
from supporttui.store.database import StoreProblem
from supporttui.store.lease import SenderLease
from supporttui.store.operations import Operation, OperationState, StoreFiles, TransitionRefused
from supporttui.store.outbox import Outbox
from supporttui.sync.delivery import LOOKUP_PENDING, NOT_APPLIED_ERRORS, Delivery
from supporttui.sync.operation_lookup import CLOCK_TOLERANCE, current_result
from supporttui.sync.outbox_service import hold_left_s
from supporttui.sync.retrying_writer import RetryingWriter
from supporttui.sync.timings import Now, Timings, utc_now

WAIT_S: Final = 30.0
"""How long another window may take to send the next of what the script has committed."""

LONGEST_RATE_LIMIT_S: Final = 120.0
"""Of several operations the next one waits for so long, where the desk asks to; then they stay in the outbox."""

_LOOK_AGAIN_S: Final = 0.05
_UNDECIDED: Final = (OperationState.QUEUED, OperationState.IN_FLIGHT, OperationState.HELD)
_SETTLED_AFTER: Final = timedelta(seconds=Timings().settled_after_s) + CLOCK_TOLERANCE

OnOutcome = Callable[[Operation, SendResult | DeskError], None]
"""Called with each operation and the desk's answer, or why there is none."""


def send_now(
    open_desk: OpenDesk, files: StoreFiles, operation: Operation, *, now: Now = utc_now, wait_s: float = WAIT_S
) -> SendResult:
    """Commit an operation to the outbox and have it sent; the desk's answer.

    Raises DeskError; the operation then stays in the outbox with its state, and where nothing was decided the next
    window sends it. Raises StoreProblem where it could not even be committed.
    """
    outcomes: list[SendResult | DeskError] = []
    send_all_now(open_desk, files, [operation], lambda _sent, outcome: outcomes.append(outcome), now=now, wait_s=wait_s)
    (outcome,) = outcomes
    if isinstance(outcome, DeskError):
        raise outcome
    return outcome


def send_all_now(
    open_desk: OpenDesk,
    files: StoreFiles,
    operations: Sequence[Operation],
    on_outcome: OnOutcome,
    *,
    now: Now = utc_now,
    wait_s: float = WAIT_S,
) -> None:
    """Commit operations to the outbox as one, and have them sent in order; each outcome is reported as it is known.

    Operations that are in the outbox already go on from the state that they have there. Where another window of this
    store sends, it sends these as well. Where the desk cannot be reached, the rest stays in the outbox and is reported
    with the same error. Raises StoreProblem where they could not even be committed.
    """
    asyncio.run(
        _send_all(open_desk, files, [_with_absolute_paths(each) for each in operations], on_outcome, now, wait_s)
    )


def _with_absolute_paths(operation: Operation) -> Operation:
    paths = tuple(str(Path(name).absolute()) for name in operation.patch.files)
    return replace(operation, patch=replace(operation.patch, files=paths))


async def _send_all(
    open_desk: OpenDesk,
    files: StoreFiles,
    operations: Sequence[Operation],
    on_outcome: OnOutcome,
    now: Now,
    wait_s: float,
) -> None:
    with contextlib.closing(Outbox(files.outbox, files.desk)) as outbox:
        outbox.add_all(operations)
        lease = SenderLease(files.outbox)
        try:
            await _acquire_or_wait(lease, outbox, operations, wait_s)
            desk = GuardedDesk(await open_desk())
        except DeskError as error:
            lease.release()
            for each in operations:
                on_outcome(each, error)
            return
        try:
            await _Sender(desk, outbox, lease, now, is_patient=len(operations) > 1).send_all(operations, on_outcome)
        finally:
            await desk.close()
            lease.release()


async def _acquire_or_wait(lease: SenderLease, outbox: Outbox, operations: Sequence[Operation], wait_s: float) -> None:
    """Take the lease, or return when the window that has it has decided everything. Raises Unreachable."""
    loop = asyncio.get_running_loop()
    left, deadline = len(operations), loop.time() + wait_s
    while not lease.acquire():
        undecided = sum(_is_undecided(outbox, each.id) for each in operations)
        if not undecided:
            return
        if undecided < left:
            left, deadline = undecided, loop.time() + wait_s
        if loop.time() >= deadline:
            raise Unreachable(
                "Another window of supporttui holds the outbox and has not sent this yet; it is kept there. "
                "Look at that window, or close it and try again."
            )
        await asyncio.sleep(_LOOK_AGAIN_S)


def _is_undecided(outbox: Outbox, operation_id: str) -> bool:
    """Whether the window that sends has not come to an end with it."""
    found = outbox.load(operation_id)
    return found is not None and found.state in _UNDECIDED


class _Sender:
    """Sends over one connection."""

    def __init__(self, desk: HelpDesk, outbox: Outbox, lease: SenderLease, now: Now, *, is_patient: bool) -> None:
        """`is_patient`: wait where the desk's rate limit is used up."""
        self._desk = desk
        self._outbox = outbox
        self._lease = lease
        self._now = now
        self._is_patient = is_patient
        self._delivery = Delivery(outbox, RetryingWriter(_raise_store_problem), now)
        self._account: Account | None = None

    async def send_all(self, operations: Sequence[Operation], on_outcome: OnOutcome) -> None:
        """Send in order; once the desk takes nothing more, the others are reported with the same error."""
        if self._lease.is_held:
            self._delivery.mark_in_flight_unknown()
        refused: DeskError | None = None
        for each in operations:
            outcome: SendResult | DeskError = refused or await self._outcome(each)
            if isinstance(outcome, NOT_APPLIED_ERRORS):
                refused = outcome
            on_outcome(each, outcome)

    async def _outcome(self, operation: Operation) -> SendResult | DeskError:
        waited_s = 0.0
        while True:
            try:
                return await self._send(operation)
            except RateLimited as error:
                waited_s += error.retry_after_s
                if not self._is_patient or waited_s > LONGEST_RATE_LIMIT_S:
                    return error
                await asyncio.sleep(error.retry_after_s)
            except DeskError as error:
                return error

    async def _send(self, operation: Operation) -> SendResult:
        """The desk's answer. Raises DeskError."""
        found = self._outbox.load(operation.id)
        if not self._lease.is_held or found is None or found.state not in (*_UNDECIDED, OperationState.UNKNOWN):
            return await _recorded_result(self._desk, found)
        if found.state is OperationState.UNKNOWN:
            settled = await self._settled(found)
            if settled is not None:
                return settled
        while True:
            due = [each for each in self._outbox.load_sendable() if _is_same_queue(each, operation)]
            if not due and await _is_held_before(self._outbox, operation, self._now):
                continue
            if not due:
                raise Conflict("An earlier change of this ticket is not settled: see supporttui outbox list.")
            account = await self._own_account() if due[0].doubts else None
            result = await self._delivery.deliver(self._desk, account, due[0])
            if due[0].id == operation.id:
                return result

    async def _settled(self, operation: Operation) -> SendResult | None:
        """The result of an earlier attempt that may have been applied; None where it is queued again.

        Raises Interrupted where that is still not known.
        """
        account, desk_now = await self._own_account(), self._now() + timedelta(seconds=self._desk.desk_ahead_s or 0.0)
        last_at = operation.last_attempt_at
        is_settled = last_at is not None and desk_now - last_at > _SETTLED_AFTER
        if not await self._delivery.settle(self._desk, account, operation, is_settled=is_settled):
            raise Interrupted(LOOKUP_PENDING)
        found = self._outbox.load(operation.id)
        if found is not None and found.state is OperationState.QUEUED:
            return None
        return await _recorded_result(self._desk, found)

    async def _own_account(self) -> Account:
        if self._account is None:
            self._account = await self._desk.fetch_account()
        return self._account


async def _is_held_before(outbox: Outbox, operation: Operation, now: Now) -> bool:
    """Whether an earlier change of the ticket is held; a moment later, and queued if its time was up."""
    held = [
        each for each in outbox.load_open() if each.state is OperationState.HELD and _is_same_queue(each, operation)
    ]
    for each in held:
        if hold_left_s(each, now().timestamp()) == 0:
            with contextlib.suppress(TransitionRefused):
                outbox.change(each.id, OperationState.QUEUED, only_from=OperationState.HELD)
    await asyncio.sleep(_LOOK_AGAIN_S if held else 0)
    return bool(held)


def _is_same_queue(each: Operation, operation: Operation) -> bool:
    """Whether it is this operation, or goes before it because it is for the same ticket."""
    return each.id == operation.id or (each.ticket_id is not None and each.ticket_id == operation.ticket_id)


async def _recorded_result(desk: HelpDesk, found: Operation | None) -> SendResult:
    """What came of an operation that is decided. Raises DeskError where the desk said no."""
    if found is None or found.state is OperationState.WITHDRAWN:
        raise Rejected("It was withdrawn in another window.")
    if found.state is OperationState.SENT and found.result_ticket_id is not None:
        return await current_result(desk, found.result_ticket_id)
    says = found.error or OutsideText("")
    if found.state is OperationState.CONFLICT:
        raise Conflict(says.raw)
    if found.state is OperationState.UNKNOWN:
        raise Interrupted(says.raw)
    raise Rejected(says.raw)


def _raise_store_problem(problem: StoreProblem | None) -> None:
    """A script does not wait for the disk."""
    if problem is not None:
        raise problem
