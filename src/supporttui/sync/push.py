"""The engine's writing half: the outbox, what is typed into it, and who sends it."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Final

from supporttui.points import reach
from supporttui.store.database import StoreProblem
from supporttui.store.lease import SenderLease
from supporttui.store.outbox import Outbox
from supporttui.store.records import Draft, Operation, OperationState
from supporttui.store.transitions import TransitionRefused
from supporttui.sync.delivery import Delivery
from supporttui.sync.drafts import DraftKeeper
from supporttui.sync.evidence import CLOCKS_APART
from supporttui.sync.hub import Hub
from supporttui.sync.keeper import Keeper
from supporttui.sync.sender import Answered, Sender
from supporttui.sync.undo_windows import UndoWindows

JUST_NOW: Final = timedelta(minutes=1)
"""The outbox may have been salvaged by the screens, which open it before the engine does."""


class Push:
    """Everything that an engine that writes has, and a read-only one has not. Lives on the engine's loop."""

    def __init__(self, hub: Hub, outbox: Outbox, answered: Answered) -> None:
        self._hub = hub
        self._outbox = outbox
        self._keeper = Keeper(hub.say_store)
        self._lease = SenderLease(outbox.path)
        self._began_at = hub.now()
        self.drafts = DraftKeeper(outbox, self._keeper, hub.pace.draft_s)
        self._undo_windows = UndoWindows(hub, outbox, self._changed)
        delivery = Delivery(outbox, self._keeper, hub.now, self._candidates)
        self.sender = Sender(hub, outbox, delivery, self._lease, answered)

    def submit(self, operation: Operation, draft_id: str | None) -> None:
        """Commit an operation and drop its draft, as one; then send it."""
        reach("engine obeys")
        self.drafts.forget(draft_id)
        self._keeper.keep(lambda: self._add(operation, draft_id))
        self._changed()

    def retry(self, operation_id: str) -> None:
        """Queue what a person decided to send, on the ticket as it is known now."""
        operation = self._outbox.load(operation_id)
        if operation is None:
            return
        based_on = self._newest_version(operation)
        self._keeper.keep(lambda: self._decide_again(operation_id, based_on))
        self._changed()

    def drop(self, operation_id: str) -> None:
        """Withdraw what a person decided not to send; what is under way or sent already stays."""
        self._keeper.keep(lambda: self._change(operation_id, OperationState.WITHDRAWN))
        self._changed()

    def withdraw(self, operation_id: str, draft: Draft | None) -> None:
        """Take back what has not left yet; its text is this draft again. What has left goes its way."""
        if draft is not None:
            self.drafts.forget(draft.id)
        self._keeper.keep(lambda: self._give_back(operation_id, draft))
        self._undo_windows.look()
        self._changed()

    def begin(self) -> None:
        """Take up what earlier runs left held, and say it where the outbox had to be salvaged."""
        self._undo_windows.look()
        self._tell_notices()

    def look_after(self, changed: bool) -> None:
        """Now and then: write what the disk refused before; send what another window wrote, or has left behind."""
        had_waited = self._keeper.unsaved
        self._keeper.try_again()
        self._hub.say_unsaved(self._keeper.unsaved)
        if changed or self._keeper.unsaved < had_waited:
            self._undo_windows.look()
            self._tell_notices()
            self._changed()
        elif not self._lease.is_held:
            self.sender.wake()

    async def finish(self, grace_s: float, *, waits_for_desk: bool) -> None:
        """Write what was typed, and try for so long to send what is committed."""
        self.drafts.flush()
        with contextlib.suppress(StoreProblem):
            self._undo_windows.end_own()
        with contextlib.suppress(TimeoutError, StoreProblem):
            async with asyncio.timeout(grace_s):
                await self.sender.finish(waits_for_desk=waits_for_desk)
        with contextlib.suppress(StoreProblem):  # then the next sender finds it in flight
            await self.sender.cut()

    def close(self) -> None:
        """Write what was typed and let another window send."""
        self.drafts.flush()
        self._undo_windows.close()
        self._lease.release()
        self._outbox.close()

    def _newest_version(self, operation: Operation) -> str | None:
        """The version to send it on; None keeps its own. One that may have been applied stays the same request."""
        if operation.ticket_id is None or operation.based_on is None or operation.state is OperationState.UNKNOWN:
            return None
        ticket = self._hub.cache.load_ticket(operation.ticket_id)
        return ticket.version if ticket is not None else None

    def _add(self, operation: Operation, draft_id: str | None) -> None:
        self._outbox.add(operation, draft_id=draft_id)
        if operation.state is OperationState.HELD:
            self._undo_windows.watch(operation)

    def _give_back(self, operation_id: str, draft: Draft | None) -> None:
        with contextlib.suppress(TransitionRefused):  # it has left: the board shows what became of it
            self._outbox.withdraw(operation_id, draft)

    def _decide_again(self, operation_id: str, based_on: str | None) -> None:
        with contextlib.suppress(TransitionRefused):  # it has moved on: the board shows to where
            self._outbox.decide_again(operation_id, based_on)

    def _change(self, operation_id: str, state: OperationState) -> None:
        with contextlib.suppress(TransitionRefused):
            self._outbox.change(operation_id, state)

    def _tell_notices(self) -> None:
        with contextlib.suppress(StoreProblem):
            notices = self._outbox.load_notices(self._began_at - JUST_NOW)
            if notices:
                self._hub.say_notice(notices[-1])

    def _candidates(self, operation: Operation) -> tuple[int, ...]:
        """The tickets here that a creation of ours may have made: with its subject, and not older than it."""
        if operation.subject is None or operation.first_attempt_at is None:
            return ()
        since = operation.first_attempt_at - CLOCKS_APART
        wanted = operation.subject.strip()
        tickets = self._hub.cache.load_tickets()
        return tuple(each.id for each in tickets if each.created_at >= since and each.subject.raw.strip() == wanted)

    def _changed(self) -> None:
        self._hub.say_unsaved(self._keeper.unsaved)
        self._hub.count_unsent()
        self.sender.wake()
