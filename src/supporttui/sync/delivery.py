"""One operation's way to the help desk: every step is on disk before the next one is taken."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NoReturn

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
from supporttui.points import reach
from supporttui.store.outbox import Outbox
from supporttui.store.outbox_rows import DAMAGED
from supporttui.store.records import Operation, OperationKind, OperationState
from supporttui.sync.evidence import CLOCKS_APART, Evidence
from supporttui.sync.keeper import Keeper
from supporttui.sync.pace import Now
from supporttui.sync.requests import new_ticket_of, update_of
from supporttui.sync.status import sentence_of

LOOKING: Final = (
    "It is not known whether the desk applied it: it is looked for in the ticket's history. "
    "If this stays, look at the ticket, then retry or drop it."
)
ENDED_MEANWHILE: Final = f"supporttui ended while this was being sent. {LOOKING}"

NOT_REPEATED: Final = (
    "An earlier attempt may still have been applied, and this desk could not tell a second one from it. "
    "Look at the ticket, then retry or drop it."
)

CLOCK_ERROR: Final = timedelta(seconds=2)
"""How far the desk's time is known only."""

REMEMBERED: Final = 1_000
"""So many changes of ours are remembered for what was decided just before they were heard of."""

NOTHING_APPLIED: Final = (Unreachable, RateLimited, Unauthorised)
"""After these it waits in the queue: the desk has not seen it, or said so."""


def _none_known(_operation: Operation) -> tuple[int, ...]:
    return ()


class Delivery:
    """Sends operations and settles ambiguous ends. To be used by the holder of the sender's lease only."""

    def __init__(
        self, outbox: Outbox, keeper: Keeper, now: Now, candidates: Callable[[Operation], tuple[int, ...]] = _none_known
    ) -> None:
        self._outbox = outbox
        self._replaced: dict[tuple[int, str], tuple[str, int | None]] = {}
        """By ticket and version: what a change of ours made of it, with the audit that it wrote."""
        self._evidence = Evidence(outbox)
        self._candidates = candidates
        self._keeper = keeper
        self._now = now

    def adopt_orphans(self) -> None:
        """What a sender that is no more left in flight may have been applied. To be called on taking the lease."""
        for each in self._outbox.load_open():
            if each.state is OperationState.IN_FLIGHT:
                self._outbox.change(each.id, OperationState.UNKNOWN, error=ENDED_MEANWHILE)
                reach("orphan adopted")

    async def deliver(self, desk: HelpDesk, account: Account | None, operation: Operation) -> SendResult:
        """Send a queued operation and record how it ended; the desk's answer.

        Raises DeskError after having recorded it, TransitionRefused where it is not queued any more, StoreProblem
        where the disk refuses: then nothing has left.
        """
        if not operation.is_intact:
            self._refuse(operation, DAMAGED)
        self._follow_own_changes(operation)
        uploads = await self._uploaded(desk, operation)
        reach("delivery starting")
        flying = self._outbox.change(operation.id, OperationState.IN_FLIGHT, at=self._desk_now(desk))
        reach("delivery in flight")
        try:
            result = await self._attempt(desk, account, flying, uploads)
        except DeskError as error:
            self._record(flying, error)
            raise
        self._applied(flying, result)
        return result

    async def _attempt(
        self, desk: HelpDesk, account: Account | None, flying: Operation, uploads: tuple[str, ...]
    ) -> SendResult:
        """Send it, unless an earlier attempt proves to have been applied. Raises DeskError."""
        found = await self._earlier_attempt(desk, account, flying)
        if found is not None:
            return found
        if flying.doubts and not self._may_repeat(desk, account, flying, is_settled=True):
            raise Interrupted(NOT_REPEATED)
        await self._check_unchanged(desk, account, flying)
        try:
            return await _sent(desk, flying, uploads)
        except Conflict:
            found = await self._earlier_attempt(desk, account, flying)
            if found is None:
                raise
            return found

    async def settle(self, desk: HelpDesk, account: Account, operation: Operation, *, is_settled: bool) -> bool:
        """Find out about an operation that may have been applied; whether that is decided now.

        Where it is absent, it is queued again only if both attempts cannot apply; `is_settled` says that the desk has
        had longer than the attempt could still take. Raises DeskError where the desk could not be asked: then nothing
        has changed.
        """
        reach("lookup starting")
        found = await self._evidence.find(desk, account, operation, self._candidates(operation))
        reach("lookup answered")
        if found is not None:
            self._applied(operation, found)
            return True
        if self._may_repeat(desk, account, operation, is_settled=is_settled):
            self._outbox.change(operation.id, OperationState.QUEUED)
            reach("repeat queued")
            return True
        return False

    async def _uploaded(self, desk: HelpDesk, operation: Operation) -> tuple[str, ...]:
        """The tokens of the operation's files, sent now unless they were before. An upload alone changes no ticket."""
        tokens = self._outbox.load_uploads(operation.id)
        if len(tokens) == len(operation.patch.files):
            return tokens
        reach("upload starting")
        try:
            fresh = [await desk.send_upload(Path(name), Path(name).name) for name in operation.patch.files]
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
            state = OperationState.UNKNOWN
            sentence = sentence if sentence == NOT_REPEATED else f"{sentence} {LOOKING}"
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
            self._replaced[ticket_id, was] = (now_is, result.audit_id)
            if len(self._replaced) > REMEMBERED:
                del self._replaced[next(iter(self._replaced))]
            self._keeper.keep(lambda: self._outbox.rebase(ticket_id, was, now_is, result.audit_id))
            reach("rebase written")

    def _follow_own_changes(self, operation: Operation) -> None:
        """Take an operation over to the version that our own change has made of the one it was decided on.

        It was decided after that change was applied, and before the window had heard of it.
        """
        ticket_id, was = operation.ticket_id, operation.based_on
        while ticket_id is not None and was is not None and (ticket_id, was) in self._replaced:
            now_is, audit_id = self._replaced[ticket_id, was]
            if now_is == was:
                return
            self._outbox.rebase(ticket_id, was, now_is, audit_id)
            was = now_is

    def _keep_state(
        self, operation_id: str, state: OperationState, error: str | None, ticket_id: int | None = None
    ) -> None:
        self._outbox.change(operation_id, state, error=error, result_ticket_id=ticket_id)

    async def _earlier_attempt(
        self, desk: HelpDesk, account: Account | None, operation: Operation
    ) -> SendResult | None:
        """What an earlier attempt, given up for lost, has done after all."""
        if operation.attempts < 2:
            return None
        return await self._evidence.find(desk, account, operation, self._candidates(operation))

    async def _check_unchanged(self, desk: HelpDesk, account: Account | None, operation: Operation) -> None:
        """Raise Conflict where the ticket was changed within the second that its version stands for.

        Only a version that was as young as that when it was looked at can hide a change.
        """
        grain_s = account.capabilities.version_grain_s if account is not None else 0.0
        if not grain_s or operation.ticket_id is None or operation.audit_mark is None or operation.attempts > 1:
            return
        if not _is_younger(operation.based_on, timedelta(seconds=grain_s) + CLOCK_ERROR, operation.created_at):
            return
        _ticket, conversation, _people = await desk.fetch_conversation(operation.ticket_id)
        if conversation.last_audit_id != operation.audit_mark:
            raise Conflict(
                f"Ticket #{operation.ticket_id} was changed by somebody else meanwhile. Read it, then decide."
            )

    def _desk_now(self, desk: HelpDesk) -> datetime:
        """The desk's time, by which keys live: this machine's clock may be set meanwhile."""
        return self._now() + timedelta(seconds=desk.desk_ahead_s or 0.0)

    def _may_repeat(self, desk: HelpDesk, account: Account | None, operation: Operation, *, is_settled: bool) -> bool:
        """Whether both attempts cannot apply: the desk still knows the key, or checks the version.

        `is_settled` says that whatever the first attempt did is done and was looked for since: what comes later finds
        another version.
        """
        if account is None or operation.first_attempt_at is None:
            return False
        desk_can, is_creation = account.capabilities, operation.kind is OperationKind.CREATE
        age = self._desk_now(desk) - operation.first_attempt_at
        knows_keys = desk_can.idempotent_writes or (desk_can.idempotent_creation and is_creation)
        if knows_keys and -CLOCKS_APART <= age < timedelta(seconds=desk_can.key_life_s):
            return True
        return is_settled and not is_creation and desk_can.checks_versions and operation.based_on is not None


def _is_younger(version: str | None, than: timedelta, at: datetime) -> bool:
    """Whether a version that is an instant was younger than so much at that time."""
    try:
        stamp = datetime.fromisoformat(version or "")
    except ValueError:
        return False
    return stamp.tzinfo is not None and at - stamp < than


async def _sent(desk: HelpDesk, operation: Operation, uploads: tuple[str, ...]) -> SendResult:
    reach("request made")
    if operation.kind is OperationKind.CREATE:
        return await desk.send_new_ticket(new_ticket_of(operation, uploads))
    return await desk.send_update(update_of(operation, uploads))
