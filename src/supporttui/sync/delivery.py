"""One operation's way to the help desk: every step is on disk before the next one is taken."""

from datetime import timedelta
from pathlib import Path
from typing import Final, NoReturn

from supporttui.helpdesks.base import (
    Account,
    Capabilities,
    Conflict,
    DeskError,
    HelpDesk,
    Interrupted,
    NotFound,
    RateLimited,
    Rejected,
    SendResult,
    Unauthorised,
    Unreachable,
)
from supporttui.points import reach
from supporttui.store.outbox import Outbox
from supporttui.store.outbox_rows import DAMAGED
from supporttui.store.records import Operation, OperationKind, OperationState
from supporttui.sync.hub import Now
from supporttui.sync.keeper import Keeper
from supporttui.sync.requests import new_ticket_of, update_of
from supporttui.sync.status import sentence_of

LOOKING: Final = (
    "It is not known whether the desk applied it: it is looked for in the ticket's history. "
    "If this stays, look at the ticket, then retry or drop it."
)
ENDED_MEANWHILE: Final = f"supporttui ended while this was being sent. {LOOKING}"

NOTHING_APPLIED: Final = (Unreachable, RateLimited, Unauthorised)
"""After these it waits in the queue: the desk has not seen it, or said so."""


class Delivery:
    """Sends operations and settles ambiguous ends. To be used by the holder of the sender's lease only."""

    def __init__(self, outbox: Outbox, keeper: Keeper, now: Now) -> None:
        self._outbox = outbox
        self._keeper = keeper
        self._now = now

    def adopt_orphans(self) -> None:
        """What a sender that is no more left in flight may have been applied. To be called on taking the lease."""
        for each in self._outbox.load_open():
            if each.state is OperationState.IN_FLIGHT:
                self._outbox.change(each.id, OperationState.UNKNOWN, error=ENDED_MEANWHILE)
                reach("orphan adopted")

    async def deliver(self, desk: HelpDesk, operation: Operation) -> SendResult:
        """Send a queued operation and record how it ended; the desk's answer.

        Raises DeskError after having recorded it, TransitionRefused where it is not queued any more, StoreProblem
        where the disk refuses: then nothing has left.
        """
        if not operation.is_intact:
            self._refuse(operation, DAMAGED)
        uploads = await self._uploaded(desk, operation)
        reach("delivery starting")
        flying = self._outbox.change(operation.id, OperationState.IN_FLIGHT, at=self._now())
        reach("delivery in flight")
        try:
            result = await self._earlier_attempt(desk, flying) or await _sent(desk, flying, uploads)
        except Conflict as error:
            found = await self._earlier_attempt(desk, flying)
            if found is None:
                self._record(flying, error)
                raise
            result = found
        except DeskError as error:
            self._record(flying, error)
            raise
        self._applied(flying, result)
        return result

    async def settle(self, desk: HelpDesk, account: Account, operation: Operation) -> bool:
        """Find out about an operation that may have been applied; whether that is decided now.

        Where it is absent, it is queued again only if both attempts cannot apply. Raises DeskError where the desk
        could not be asked: then nothing has changed.
        """
        reach("lookup starting")
        if await _is_there(desk, operation):
            reach("lookup answered")
            self._applied(operation, await _as_it_is(desk, operation))
            return True
        if self._may_repeat(account.capabilities, operation):
            self._outbox.change(operation.id, OperationState.QUEUED)
            reach("repeat queued")
            return True
        return False

    async def _uploaded(self, desk: HelpDesk, operation: Operation) -> tuple[str, ...]:
        """The tokens of the operation's files, sent now unless they were before. An upload alone changes no ticket."""
        tokens = self._outbox.load_uploads(operation.id)
        if len(tokens) == len(operation.files):
            return tokens
        reach("upload starting")
        try:
            fresh = [await desk.send_upload(Path(name), Path(name).name) for name in operation.files]
        except (Interrupted, *NOTHING_APPLIED):
            raise
        except DeskError as error:
            self._outbox.change(operation.id, OperationState.REJECTED, error=sentence_of(error))
            raise
        except OSError as problem:
            self._refuse(
                operation, f"Cannot read {problem.filename}: {problem.strerror}. Put it back and retry, or drop this."
            )
        reach("upload answered")
        self._outbox.save_uploads(operation.id, fresh)
        reach("upload kept")
        return tuple(fresh)

    def _refuse(self, operation: Operation, sentence: str) -> NoReturn:
        """It cannot be sent as it is: a person decides."""
        self._outbox.change(operation.id, OperationState.REJECTED, error=sentence)
        raise Rejected(sentence)

    def _record(self, operation: Operation, error: DeskError) -> None:
        """Where a failed attempt leaves the operation."""
        sentence = sentence_of(error)
        if isinstance(error, Interrupted):
            state, sentence = OperationState.UNKNOWN, f"{sentence} {LOOKING}"
        elif isinstance(error, NOTHING_APPLIED):
            state = OperationState.QUEUED
        else:
            state = OperationState.CONFLICT if isinstance(error, Conflict) else OperationState.REJECTED
        self._keeper.keep(lambda: self._keep_state(operation.id, state, sentence))

    def _applied(self, operation: Operation, result: SendResult) -> None:
        """The desk answered: what waits behind it was decided on the version that it has just replaced."""
        reach("sent writing")
        self._keeper.keep(lambda: self._keep_state(operation.id, OperationState.SENT, None, result.ticket.id))
        reach("sent written")
        if operation.based_on is not None:
            ticket_id, was, now_is = result.ticket.id, operation.based_on, result.ticket.version
            self._keeper.keep(lambda: self._outbox.rebase(ticket_id, was, now_is, result.audit_id))
            reach("rebase written")

    def _keep_state(
        self, operation_id: str, state: OperationState, error: str | None, ticket_id: int | None = None
    ) -> None:
        self._outbox.change(operation_id, state, error=error, result_ticket_id=ticket_id)

    async def _earlier_attempt(self, desk: HelpDesk, operation: Operation) -> SendResult | None:
        """What an earlier attempt, given up for lost, has done after all."""
        if operation.attempts > 1 and await _is_there(desk, operation):
            return await _as_it_is(desk, operation)
        return None

    def _may_repeat(self, desk_can: Capabilities, operation: Operation) -> bool:
        """Whether the desk still knows the key of the first attempt, so that it applies only one of both."""
        knows_key = desk_can.idempotent_writes or (
            desk_can.idempotent_creation and operation.kind is OperationKind.CREATE
        )
        if not knows_key or operation.first_attempt_at is None:
            return False
        return self._now() - operation.first_attempt_at < timedelta(seconds=desk_can.key_life_s)


async def _sent(desk: HelpDesk, operation: Operation, uploads: tuple[str, ...]) -> SendResult:
    reach("request made")
    if operation.kind is OperationKind.CREATE:
        return await desk.send_new_ticket(new_ticket_of(operation, uploads))
    return await desk.send_update(update_of(operation, uploads))


async def _is_there(desk: HelpDesk, operation: Operation) -> bool:
    """Whether the operation stands in its ticket's history; a ticket that is not there tells nothing."""
    if operation.ticket_id is None:
        return False
    try:
        return await desk.find_operation(operation.ticket_id, operation.id, operation.audit_mark)
    except NotFound:
        return False


async def _as_it_is(desk: HelpDesk, operation: Operation) -> SendResult:
    """The answer that never came, as the desk tells it now."""
    ticket, conversation, people = await desk.fetch_conversation(operation.ticket_id or 0)
    return SendResult(ticket=ticket, people=people, audit_id=conversation.last_audit_id)
