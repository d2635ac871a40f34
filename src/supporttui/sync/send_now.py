"""Sending from a script: the operation is committed first, and the call returns when the desk has answered."""

import asyncio
import contextlib
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from supporttui.domain.safe_text import OutsideText
from supporttui.helpdesks.base import Conflict, HelpDesk, Interrupted, OpenDesk, Rejected, SendResult, Unreachable
from supporttui.helpdesks.guarded_desk import GuardedDesk
from supporttui.store.database import StoreProblem
from supporttui.store.lease import SenderLease
from supporttui.store.operations import Operation, OperationState, StoreFiles, TransitionRefused
from supporttui.store.outbox import Outbox
from supporttui.sync.delivery import Delivery
from supporttui.sync.outbox_service import hold_left_s
from supporttui.sync.retrying_writer import RetryingWriter
from supporttui.sync.timings import Now, utc_now

WAIT_S: Final = 30.0
"""How long another window may take to send what the script has committed."""

_LOOK_AGAIN_S: Final = 0.05


def send_now(
    open_desk: OpenDesk, files: StoreFiles, operation: Operation, *, now: Now = utc_now, wait_s: float = WAIT_S
) -> SendResult:
    """Commit an operation to the outbox and have it sent; the desk's answer.

    Where another window of this store sends, it sends this one as well. Raises DeskError; the operation then stays in
    the outbox with its state, and where nothing was decided the next window sends it. Raises StoreProblem where it
    could not even be committed.
    """
    paths = tuple(str(Path(name).absolute()) for name in operation.patch.files)
    whole = replace(operation, patch=replace(operation.patch, files=paths))
    return asyncio.run(_send(open_desk, files, whole, now, wait_s))


async def _send(open_desk: OpenDesk, files: StoreFiles, operation: Operation, now: Now, wait_s: float) -> SendResult:
    with contextlib.closing(Outbox(files.outbox, files.desk)) as outbox:
        outbox.add(operation)
        lease = SenderLease(files.outbox)
        try:
            async with asyncio.timeout(wait_s) as deadline:
                while not lease.acquire():
                    if _is_decided(outbox, operation.id):
                        break
                    await asyncio.sleep(_LOOK_AGAIN_S)
                deadline.reschedule(None)
        except TimeoutError:
            raise Unreachable(
                "Another window of supporttui holds the outbox and has not sent this yet; it is kept there. "
                "Look at that window, or close it and try again."
            ) from None
        try:
            return await _deliver_queue(open_desk, outbox, lease, operation, now)
        finally:
            lease.release()


def _is_decided(outbox: Outbox, operation_id: str) -> bool:
    """Whether the window that sends has come to an end with it."""
    found = outbox.load(operation_id)
    return found is None or found.state not in (OperationState.QUEUED, OperationState.IN_FLIGHT, OperationState.HELD)


async def _deliver_queue(
    open_desk: OpenDesk, outbox: Outbox, lease: SenderLease, operation: Operation, now: Now
) -> SendResult:
    desk = GuardedDesk(await open_desk())
    try:
        if not lease.is_held:
            return await _result_of_other_window(desk, outbox, operation)
        delivery = Delivery(outbox, RetryingWriter(_raise_store_problem), now)
        delivery.mark_in_flight_unknown()
        while True:
            due = [each for each in outbox.load_sendable() if _is_same_queue(each, operation)]
            if not due and await _is_held_before(outbox, operation, now):
                continue
            if not due:
                raise Conflict("An earlier change of this ticket is not settled: see supporttui outbox list.")
            account = await desk.fetch_account() if due[0].doubts else None
            result = await delivery.deliver(desk, account, due[0])
            if due[0].id == operation.id:
                return result
    finally:
        await desk.close()


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


async def _result_of_other_window(desk: HelpDesk, outbox: Outbox, operation: Operation) -> SendResult:
    """What came of an operation that another window has sent. Raises DeskError where the desk said no."""
    found = outbox.load(operation.id)
    if found is None or found.state is OperationState.WITHDRAWN:
        raise Rejected("It was withdrawn in another window.")
    if found.state is OperationState.SENT and found.result_ticket_id is not None:
        ticket, conversation, people = await desk.fetch_conversation(found.result_ticket_id)
        return SendResult(ticket=ticket, people=people, audit_id=conversation.last_audit_id)
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
