"""Changes and drafts that the help desk does not have yet, committed to disk before anything is sent."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from supporttui.config.fault_points import fault_point
from supporttui.domain.ticket_id import TicketId
from supporttui.store.blobs import encode_text
from supporttui.store.database import EPOCH, StoreProblem
from supporttui.store.operations import (
    FINAL_STATES,
    REFUSED_STATES,
    Draft,
    Operation,
    OperationState,
    RequestStep,
    StepState,
    TransitionRefused,
    states_before,
)
from supporttui.store.outbox_file import OutboxFile
from supporttui.store.outbox_rows import (
    DRAFT_COLUMNS,
    draft_from_row,
    draft_to_row,
    insert_operation,
    operation_from_row,
    own_id,
    to_microseconds,
)

_FINAL: Final = ", ".join(f"'{state.value}'" for state in sorted(FINAL_STATES, key=lambda state: state.value))

_KNOWN: Final = ", ".join(f"'{state.value}'" for state in OperationState)

_UNDECIDED: Final = "('held', 'queued', 'in_flight', 'unknown')"

# First in, first out per ticket. What stands behind a refused operation goes on only if it was decided after the
# refusal was known (`settled_seq` is the end of the queue at that moment).
_SENDABLE: Final = f"""AS mine WHERE state = 'queued' AND (ticket_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM operation AS earlier WHERE earlier.ticket_id = mine.ticket_id AND earlier.seq < mine.seq AND (
        earlier.state IN {_UNDECIDED}
        OR earlier.state IN ('conflict', 'rejected') AND earlier.settled_seq >= mine.seq)))
ORDER BY seq"""  # noqa: S608 - names of ours

_FORGET: Final = f"DELETE FROM operation WHERE state IN ({_FINAL}) AND created_at < ?"  # noqa: S608 - names of ours
_SAVE_DRAFT: Final = f"INSERT OR REPLACE INTO draft ({DRAFT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - names of ours
_LOAD_DRAFTS: Final = f"SELECT {DRAFT_COLUMNS} FROM draft ORDER BY updated_at DESC, id"  # noqa: S608 - names of ours
_SAVE_UPLOAD: Final = "INSERT OR REPLACE INTO step VALUES (?, ?, 'upload', 'done', ?)"
_PLAN_REQUEST: Final = "INSERT OR IGNORE INTO step VALUES (?, ?, 'request', 'planned', ?)"
_LOAD_REQUESTS: Final = (
    "SELECT position, state, detail FROM step WHERE operation_id = ? AND kind = 'request' ORDER BY position"
)


_SET_REQUEST: Final = "UPDATE step SET state = ?3 WHERE operation_id = ?1 AND position = ?2 AND kind = 'request'"


class Outbox:
    """One thread's connection to the outbox. The engine's thread writes; others read.

    Its file has a rollback journal and is synchronised fully: what a method wrote survives a power cut once the
    method has returned. Every change of state goes through the table of `transitions`. Methods raise `StoreProblem`
    where the disk is full or read-only. A damaged file is never deleted: what can be read of it is taken over.
    """

    def __init__(self, path: Path | str, desk: str) -> None:
        """Open the file of the desk with this short name."""
        self.path = Path(path)
        self._desk = desk
        self._file = OutboxFile(self.path)

    @property
    def is_read_only(self) -> bool:
        """A newer version wrote the file: it can be read and exported, not changed."""
        return self._file.is_read_only

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def changes(self) -> tuple[int, int]:
        """A value that changes whenever another connection commits."""

        def look(database: sqlite3.Connection) -> int:
            (number,) = database.execute("PRAGMA data_version").fetchone()
            return int(number)

        number = self._file.read(look)
        return self._file.inode, number

    def add(self, operation: Operation, *, draft_id: str | None = None) -> None:
        """Commit an operation and drop the draft it was written in, as one. An id that is there already stays."""

        def insert(database: sqlite3.Connection) -> None:
            fault_point("outbox begun")
            if database.execute("SELECT 1 FROM operation WHERE id = ?", (operation.id,)).fetchone() is None:
                insert_operation(database, operation)
            fault_point("outbox row inserted")
            if draft_id is not None:
                database.execute("DELETE FROM draft WHERE id = ?", (draft_id,))
            fault_point("outbox committing")

        self._file.write(insert)
        fault_point("outbox committed")

    def add_all(self, operations: Iterable[Operation]) -> None:
        """Commit several operations as one. Those whose ids are there already stay as they are."""
        added = tuple(operations)

        def insert(database: sqlite3.Connection) -> None:
            fault_point("outbox begun")
            for each in added:
                if database.execute("SELECT 1 FROM operation WHERE id = ?", (each.id,)).fetchone() is None:
                    insert_operation(database, each)
            fault_point("outbox committing")

        self._file.write(insert)
        fault_point("outbox committed")

    def load(self, operation_id: str) -> Operation | None:
        """One operation, or None where there is none of that id."""
        found = self._operations("WHERE id = ?", operation_id)
        return found[0] if found else None

    def load_open(self) -> list[Operation]:
        """What is neither sent nor withdrawn, oldest first."""
        return self._operations(f"WHERE state NOT IN ({_FINAL}) ORDER BY seq")

    def load_all(self) -> list[Operation]:
        """Everything that is kept, oldest first."""
        return self._operations("ORDER BY seq")

    def load_named(self, prefix: str) -> list[Operation]:
        """Everything whose id begins with these hexadecimal digits, oldest first."""
        return self._operations("WHERE id >= ? AND id < ? || 'g' ORDER BY seq", prefix, prefix)

    def load_sendable(self) -> list[Operation]:
        """What may be sent now: queued, with nothing undecided before it on its ticket; oldest first."""
        return self._operations(_SENDABLE)

    def change(
        self,
        operation_id: str,
        state: OperationState,
        *,
        error: str | None = None,
        result_ticket_id: TicketId | None = None,
        based_on: str | None = None,
        at: datetime | None = None,
        only_from: OperationState | None = None,
    ) -> Operation:
        """Move an operation to another state, as a whole or not at all; the operation as it then is.

        An error given replaces the former and none clears it; the other values stay where none is given. `at` is the
        instant of an attempt, for IN_FLIGHT. `only_from` is the state that the caller saw, where several may lead to
        this one: QUEUED is entered by the end of an undo window, by the sender and by a person, and none of them may
        undo what another has just done. Raises TransitionRefused where the table or `only_from` does not allow it.
        """
        told_error = None if error is None else encode_text(error)
        stamp = None if at is None else to_microseconds(at)
        values = (
            operation_id,
            state.value,
            told_error,
            own_id(result_ticket_id),
            based_on,
            stamp,
            int(state in REFUSED_STATES),
        )
        sources = states_before(state) if only_from is None else {only_from} & {*states_before(state)}
        self._file.write(lambda database: _move(database, operation_id, state, sources, values))
        changed = self.load(operation_id)
        if changed is None:
            raise StoreProblem(f"{self.path} lost operation {operation_id} while it was changed.")
        return changed

    def withdraw(self, operation_id: str, draft: Draft | None) -> None:
        """Withdraw what has not left yet, and keep its text as a draft, as one.

        Raises TransitionRefused where it has left or is decided: then there is no draft either.
        """

        def give_back(database: sqlite3.Connection) -> None:
            statement = (
                "UPDATE operation SET state = 'withdrawn' WHERE id = ? AND state IN ('held', 'queued') "
                "AND id NOT IN (SELECT operation_id FROM step WHERE kind = 'request' AND state <> 'planned')"
            )
            if database.execute(statement, (operation_id,)).rowcount == 0:
                raise TransitionRefused(operation_id, OperationState.WITHDRAWN)
            if draft is not None:
                database.execute(_SAVE_DRAFT, draft_to_row(draft))

        self._file.write(give_back)

    def requeue(self, operation_id: str, based_on: str | None) -> None:
        """Queue a refused or unresolved operation again, by a person's decision; refused files are uploaded again.

        Raises TransitionRefused where it is not up to a person.
        """

        def queue(database: sqlite3.Connection) -> None:
            refused = (
                "SELECT id FROM operation WHERE id = ? AND state = 'rejected' "
                "AND id NOT IN (SELECT operation_id FROM step WHERE kind = 'request' AND state = 'done')"
            )
            database.execute(f"DELETE FROM step WHERE kind = 'upload' AND operation_id IN ({refused})", (operation_id,))  # noqa: S608 - ours
            statement = (
                "UPDATE operation SET state = 'queued', error = NULL, doubts = 0, based_on = coalesce(?2, based_on) "
                "WHERE id = ?1 AND state IN ('unknown', 'conflict', 'rejected')"
            )
            if database.execute(statement, (operation_id, based_on)).rowcount == 0:
                raise TransitionRefused(operation_id, OperationState.QUEUED)

        self._file.write(queue)

    def replace(self, operation_id: str, edited: Operation) -> None:
        """Withdraw an operation that was not applied and queue an edited one, as one.

        Raises TransitionRefused, also where some of its requests were applied.
        """

        def swap(database: sqlite3.Connection) -> None:
            statement = (
                "UPDATE operation SET state = 'withdrawn' "
                "WHERE id = ? AND state IN ('held', 'queued', 'conflict', 'rejected') AND doubts = 0 "
                "AND id NOT IN (SELECT operation_id FROM step WHERE kind = 'request' AND state <> 'planned')"
            )
            if database.execute(statement, (operation_id,)).rowcount == 0:
                raise TransitionRefused(operation_id, OperationState.WITHDRAWN)
            insert_operation(database, edited)

        self._file.write(swap)

    def rebase(self, ticket_id: TicketId, was: str, now_is: str, audit_mark: int | None) -> None:
        """After our own change of a ticket: give waiting operations that were made on the old version the new one."""
        statement = (
            "UPDATE operation SET based_on = ?3, audit_mark = coalesce(?4, audit_mark) "
            "WHERE ticket_id = ?1 AND based_on = ?2 AND state IN ('held', 'queued')"
        )
        self._execute(statement, ticket_id.id, was, now_is, audit_mark)

    def save_uploads(self, operation_id: str, tokens: Iterable[str]) -> None:
        """Store the upload tokens of its files, so that a repetition is the identical request."""
        rows = [(operation_id, position, token) for position, token in enumerate(tokens)]
        self._file.write(lambda database: database.executemany(_SAVE_UPLOAD, rows))

    def load_uploads(self, operation_id: str) -> tuple[str, ...]:
        """The tokens kept by `save_uploads`, in the order of the files."""
        statement = "SELECT detail FROM step WHERE operation_id = ? AND kind = 'upload' ORDER BY position"
        rows = self._file.read(lambda database: database.execute(statement, (operation_id,)).fetchall())
        return tuple(token for (token,) in rows)

    def plan_requests(self, operation_id: str, what: Iterable[str]) -> None:
        """Keep which requests an operation takes, in order; where that is kept already, it stays."""
        rows = [(operation_id, position, each) for position, each in enumerate(what)]
        self._file.write(lambda database: database.executemany(_PLAN_REQUEST, rows))

    def load_requests(self, operation_id: str) -> tuple[RequestStep, ...]:
        """The requests of an operation, in order; empty where it takes one only."""
        if self.is_read_only:
            return ()
        rows = self._file.read(lambda database: database.execute(_LOAD_REQUESTS, (operation_id,)).fetchall())
        return tuple(RequestStep(position, StepState(state), what) for position, state, what in rows)

    def begin_request(self, operation_id: str, position: int) -> None:
        """One request is about to be sent."""
        self._execute(_SET_REQUEST, operation_id, position, StepState.BEGUN.value)

    def finish_request(self, operation_id: str, position: int, version: str, audit_mark: int | None) -> None:
        """One request was applied and left this version, on which the next one is sent."""

        def finish(database: sqlite3.Connection) -> None:
            database.execute(_SET_REQUEST, (operation_id, position, StepState.DONE.value))
            database.execute(
                "UPDATE operation SET based_on = CASE WHEN based_on IS NULL THEN NULL ELSE ?2 END, "
                "audit_mark = coalesce(?3, audit_mark) WHERE id = ?1",
                (operation_id, version, audit_mark),
            )

        self._file.write(finish)

    def delete_finished(self, before: datetime) -> None:
        """Delete finished operations and notices that are older than the instant."""
        stamp = to_microseconds(before)

        def forget(database: sqlite3.Connection) -> None:
            database.execute(_FORGET, (stamp,))
            database.execute("DELETE FROM step WHERE operation_id NOT IN (SELECT id FROM operation)")
            database.execute("DELETE FROM notice WHERE at < ?", (stamp,))

        self._file.write(forget)

    def load_notices(self, since: datetime | None = None) -> list[str]:
        """Notices about the file itself, such as a recovery, oldest first."""
        query, stamp = "SELECT sentence FROM notice WHERE at >= ? ORDER BY at", to_microseconds(since or EPOCH)
        if self.is_read_only:
            return []  # a newer version tells its own
        rows = self._file.read(lambda database: database.execute(query, (stamp,)).fetchall())
        return [str(sentence) for (sentence,) in rows]

    def save_draft(self, draft: Draft) -> None:
        """Keep a draft, replacing its former text."""
        fault_point("draft writing")
        self._file.write(lambda database: database.execute(_SAVE_DRAFT, draft_to_row(draft)))
        fault_point("draft written")

    def load_drafts(self) -> list[Draft]:
        """All drafts, the latest first."""
        rows = self._file.read(lambda database: database.execute(_LOAD_DRAFTS).fetchall())
        return [draft_from_row(row, self._desk) for row in rows]

    def delete_draft(self, draft_id: str) -> None:
        """Delete a draft; does nothing if there is none."""
        self._execute("DELETE FROM draft WHERE id = ?", draft_id)

    def _operations(self, condition: str, *values: str) -> list[Operation]:
        columns = self._file.operation_columns()
        statement = f"SELECT {columns} FROM operation {condition}"  # noqa: S608 - conditions of ours
        rows = self._file.read(lambda database: database.execute(statement, values).fetchall())
        return [operation_from_row(row, self._desk) for row in rows]

    def _execute(self, statement: str, *values: object) -> None:
        self._file.write(lambda database: database.execute(statement, values))


def _move(
    database: sqlite3.Connection,
    operation_id: str,
    state: OperationState,
    sources: Iterable[OperationState],
    values: tuple[Any, ...],
) -> None:
    before = ", ".join(f"'{source.value}'" for source in sources)
    statement = f"""UPDATE operation SET state = ?2, error = ?3,
        result_ticket_id = coalesce(?4, result_ticket_id), based_on = coalesce(?5, based_on),
        first_attempt_at = CASE WHEN ?2 = 'in_flight' THEN coalesce(first_attempt_at, ?6)
            WHEN ?2 = 'queued' AND state = 'in_flight' AND doubts = 0 THEN NULL ELSE first_attempt_at END,
        last_attempt_at = CASE ?2 WHEN 'in_flight' THEN ?6 ELSE last_attempt_at END,
        attempts = attempts + (?2 = 'in_flight'), doubts = doubts + (?2 = 'unknown'),
        settled_seq = CASE ?7 WHEN 1 THEN (SELECT max(seq) FROM operation) ELSE settled_seq END
        WHERE id = ?1 AND (state IN ({before}) OR ?2 = 'withdrawn' AND state NOT IN ({_KNOWN}))"""  # noqa: S608 - values of our own enum
    if database.execute(statement, values).rowcount == 0:
        raise TransitionRefused(operation_id, state)
