"""Changes and drafts of this window that the help desk has not confirmed yet."""

import contextlib
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from supporttui.config.fault_points import fault_point
from supporttui.domain.board import PendingChange
from supporttui.domain.ticket_id import TicketId
from supporttui.store.database import StoreProblem
from supporttui.store.operations import Draft, Operation, OperationState
from supporttui.store.outbox import Outbox
from supporttui.sync.engine import Engine

if TYPE_CHECKING:
    from supporttui.store.lease import DraftLease

PROBLEM_STATES = frozenset({OperationState.UNKNOWN, OperationState.CONFLICT, OperationState.REJECTED})


class PendingChanges:
    """The outbox including what was handed to the engine and is not written yet. Used on the UI's thread only."""

    def __init__(self, outbox: Outbox | None, engine: Engine) -> None:
        self._outbox = outbox
        """None for the wall, which makes no changes."""
        self._engine = engine
        self._operations: dict[TicketId | None, list[Operation]] = {}
        """By ticket; the key None has those that create a ticket."""
        self._unwritten: dict[str, Operation] = {}
        """Operations given to the engine that have not yet been seen in the outbox."""
        self._typed: dict[str, Draft | None] = {}
        """Drafts as last handed to the engine, until they are on disk and closed; None if discarded or sent."""
        self._kept: dict[str, Draft] = {}
        """The drafts in the outbox at the last read."""
        self._kept_as_of = self._file_version()
        """The outbox's file when its drafts were last read; the first picture is drawn before that."""
        self._marked: frozenset[TicketId] = frozenset()
        """The tickets whose rows say that there is a draft."""
        self._created: list[TicketId] = []
        """New tickets that the desk has confirmed and that nobody has been told of."""
        self.last_created: TicketId | None = None
        """The new ticket that the desk confirmed last, in this run."""
        self._written_here: dict[str, DraftLease] = {}
        """The leases of the drafts that are open in this window, by draft."""
        self._being_released: dict[str, DraftLease] = {}
        """The leases of drafts that this window has closed, kept until the last text is on disk."""
        self._releases = 0
        self._newest_release: dict[str, int] = {}
        """The number of the latest release of each draft, so that an earlier one cannot end a later claim."""
        self._leases_lock = threading.Lock()

    def operations(self, ticket_id: TicketId) -> tuple[Operation, ...]:
        """Return the unconfirmed changes of a ticket, oldest first."""
        return tuple(self._operations.get(ticket_id, ()))

    def creating(self) -> tuple[Operation, ...]:
        """New tickets that the desk has not confirmed."""
        return tuple(self._operations.get(None, ()))

    def all(self) -> tuple[Operation, ...]:
        """All unconfirmed changes, grouped by ticket."""
        return tuple(operation for operations in self._operations.values() for operation in operations)

    def ticket_ids(self) -> set[TicketId]:
        """Return the tickets that have unconfirmed changes."""
        return {ticket_id for ticket_id in self._operations if ticket_id is not None}

    def find(self, operation: Operation) -> Operation | None:
        """Return the current state of a change; None once it is sent or withdrawn."""
        listed = self._operations.get(operation.ticket_id, ())
        return next((each for each in listed if each.id == operation.id), None)

    def unsaved(self) -> list[str]:
        """Return the texts of this run that are not on disk, so that they can be shown or printed instead."""
        kept = self._kept_drafts()
        texts = [each.patch.body for each in self._unwritten.values() if not self._is_written(each)]
        texts += [each.body for each in self._typed.values() if each is not None and kept.get(each.id) != each]
        return [text for text in texts if text]

    def _is_written(self, operation: Operation) -> bool:
        """Whether it is certain to be in the outbox."""
        try:
            return self._outbox is not None and self._outbox.load(operation.id) is not None
        except StoreProblem:
            return False

    def _file_version(self) -> tuple[int, int]:
        """What is another value once something was committed to the outbox, read without a statement."""
        try:
            found = None if self._outbox is None else self._outbox.path.stat()
        except OSError:
            return (0, 0)
        return (0, 0) if found is None else (found.st_mtime_ns, found.st_ino)

    def _kept_drafts(self) -> dict[str, Draft]:
        """The drafts in the outbox; those of the last read if it cannot be read now."""
        version = self._file_version()
        with contextlib.suppress(StoreProblem):
            if self._outbox is not None:
                self._kept = {draft.id: draft for draft in self._outbox.load_drafts()}
                self._kept_as_of = version
        return dict(self._kept)

    def has_draft(self, ticket_id: TicketId) -> bool:
        """Whether something is written on a ticket and not sent, as of the last `load`."""
        return ticket_id in self._marked

    def _follow_drafts(self) -> frozenset[TicketId]:
        """Take in which tickets have drafts; those for which that is new. The file is read where it has changed."""
        if self._file_version() != self._kept_as_of:
            self._kept_drafts()
        newest: dict[str, Draft | None] = {**self._kept, **self._typed}
        before = self._marked
        self._marked = frozenset(each.ticket_id for each in newest.values() if each is not None and each.ticket_id)
        return before ^ self._marked

    def decided(self, ticket_id: TicketId) -> list[PendingChange]:
        """Return the unconfirmed changes of a ticket as the rules of the board need them."""
        return [pending_change(operation) for operation in self._operations.get(ticket_id, ())]

    def drafts(self) -> list[Draft]:
        """Return every draft, including those that the engine has not written yet."""
        kept = self._kept_drafts()
        self._forget_written(kept)
        for draft_id, draft in self._typed.items():
            kept.pop(draft_id, None)
            if draft is not None:
                kept[draft_id] = draft
        return list(kept.values())

    def _forget_written(self, kept: dict[str, Draft]) -> None:
        """Drop our copy of drafts that are closed here and on disk: another window may continue them."""
        for draft_id in [each for each in self._typed if each not in self._written_here]:
            typed, written = self._typed[draft_id], kept.get(draft_id)
            if written == typed or (typed and written and written.updated_at > typed.updated_at):
                del self._typed[draft_id]

    def claim_draft(self, draft_id: str) -> bool:
        """Take the lease of a draft until it is released; return False if another window has it."""
        if self._outbox is None or draft_id in self._written_here:
            return True
        from supporttui.store.lease import DraftLease  # not needed at start

        with self._leases_lock:
            lease = self._being_released.pop(draft_id, None) or DraftLease(self._outbox.path, draft_id)
        try:
            if not lease.acquire():
                return False
        except StoreProblem:
            return True  # no lease file can be created; the text itself is saved as far as possible
        self._written_here[draft_id] = lease
        return True

    def release_draft(self, draft_id: str) -> None:
        """Release a draft's lease as soon as its last text is on disk."""
        lease = self._written_here.pop(draft_id, None)
        if lease is not None:
            self._being_released[draft_id] = lease
            self._releases += 1
            self._newest_release[draft_id] = number = self._releases
            self._engine.when_drafts_are_saved(lambda: self._release_now(draft_id, number))

    def _release_now(self, draft_id: str, number: int) -> None:
        """Release the lease unless the draft was claimed again. Called on the engine's thread."""
        with self._leases_lock:
            is_newest = self._newest_release.get(draft_id) == number
            lease = self._being_released.pop(draft_id, None) if is_newest else None
        if lease is not None:
            lease.release()

    def free_draft(self, ticket_id: TicketId | None) -> Draft | None:
        """Claim and return the latest draft of a ticket, or of a new one, that no other window has open."""
        drafts = [each for each in self.drafts() if each.ticket_id == ticket_id]
        newest_first = sorted(drafts, key=lambda each: each.updated_at, reverse=True)
        return next((each for each in newest_first if self.claim_draft(each.id)), None)

    def is_written_elsewhere(self, ticket_id: TicketId | None) -> bool:
        """Whether another window has a draft of this ticket, or of a new one, open."""
        return any(self._is_claimed_elsewhere(each.id) for each in self.drafts() if each.ticket_id == ticket_id)

    def _is_claimed_elsewhere(self, draft_id: str) -> bool:
        if draft_id in self._written_here or draft_id in self._being_released:
            return False
        is_free = self.claim_draft(draft_id)
        lease = self._written_here.pop(draft_id, None)
        if lease is not None:
            lease.release()
        return not is_free

    def load(self) -> set[TicketId]:
        """Read the outbox; return the tickets whose pending changes differ from before.

        What was handed to the engine and is not in it yet is kept. Raises StoreProblem, changing nothing.
        """
        if self._outbox is None:
            return set()
        waiting = {key: each for key, each in self._unwritten.items() if self._outbox.load(key) is None}
        found: dict[TicketId | None, list[Operation]] = {}
        for operation in (*self._outbox.load_open(), *waiting.values()):
            found.setdefault(operation.ticket_id, []).append(operation)
        before, self._operations, self._unwritten = self._operations, found, waiting
        if sum(map(len, self._operations.values())) < sum(map(len, before.values())):
            fault_point("ui confirmed")
        self._note_created(before.get(None, ()))
        named = before.keys() | self._operations.keys()
        changed = {each for each in named if each is not None and before.get(each) != self._operations.get(each)}
        return changed | self._follow_drafts()

    def _note_created(self, awaited: Iterable[Operation]) -> None:
        """Note the numbers of the new tickets that the desk has confirmed since. Raises StoreProblem."""
        assert self._outbox is not None
        for operation in awaited:
            ended = self._outbox.load(operation.id) if self.find(operation) is None else None
            if ended is not None and ended.result_ticket_id is not None:
                self.last_created = ended.result_ticket_id
                self._created.append(ended.result_ticket_id)

    def take_created(self) -> list[TicketId]:
        """The new tickets that the desk has confirmed since this was asked before, in the order of their numbers."""
        created, self._created = self._created, []
        return sorted(created)

    def submit(self, operation: Operation, draft_id: str | None) -> None:
        """Hand a change to the engine, together with the draft it was written in."""
        self._unwritten[operation.id] = operation
        self._operations.setdefault(operation.ticket_id, []).append(operation)
        if draft_id is not None:
            self._typed[draft_id] = None
        self._engine.submit(operation, draft_id)
        fault_point("ui handed over")

    def withdraw(self, operation: Operation, draft: Draft | None) -> None:
        """Ask the engine to withdraw a change; its draft is restored once that is done."""
        self._engine.withdraw(operation.id, draft)

    def save_draft(self, draft: Draft) -> None:
        """Hand the text being typed to the engine, which saves it."""
        self._typed[draft.id] = draft
        self._engine.save_draft(draft)

    def discard_draft(self, draft_id: str) -> None:
        """Discard a draft."""
        self._typed[draft_id] = None
        self._engine.discard_draft(draft_id)

    def close(self) -> None:
        """Close the outbox and release the drafts that this window has open."""
        for draft_id in list(self._written_here):
            self.release_draft(draft_id)
        if self._outbox is not None:
            self._outbox.close()


def pending_change(operation: Operation) -> PendingChange:
    """Return an unconfirmed change as the rules of the board need it."""
    return PendingChange(
        at=operation.created_at,
        patch=operation.patch,
        has_problem=operation.state in PROBLEM_STATES,
    )
