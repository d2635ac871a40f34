"""What was decided and typed here and is not yet the help desk's: on disk before a byte of it leaves."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from supporttui.points import reach
from supporttui.store.blobs import encode_text
from supporttui.store.database import StoreProblem, StoreTooNew, connect, schema_version, told, writing
from supporttui.store.outbox_rows import (
    DRAFT_COLUMNS,
    OPERATION_COLUMNS,
    SCHEMA,
    draft_from_row,
    draft_to_row,
    insert_operation,
    operation_from_row,
    to_microseconds,
)
from supporttui.store.records import FINAL_STATES, Draft, Operation, OperationState
from supporttui.store.transitions import SETTLED, TransitionRefused, sources_of

SCHEMA_VERSION: Final = 1

_FINAL: Final = ", ".join(f"'{state.value}'" for state in sorted(FINAL_STATES, key=lambda state: state.value))

_UNDECIDED: Final = "('held', 'queued', 'in_flight', 'unknown')"

# First in, first out per ticket. What stands behind a refused operation goes on only if it was decided after the
# refusal was known (`settled_seq` is the end of the queue at that moment).
_SENDABLE: Final = f"""
SELECT {OPERATION_COLUMNS} FROM operation AS mine WHERE state = 'queued' AND (ticket_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM operation AS earlier WHERE earlier.ticket_id = mine.ticket_id AND earlier.seq < mine.seq AND (
        earlier.state IN {_UNDECIDED}
        OR earlier.state IN ('conflict', 'rejected') AND earlier.settled_seq >= mine.seq)))
ORDER BY seq"""  # noqa: S608 - names of ours

_FORGET: Final = f"DELETE FROM operation WHERE state IN ({_FINAL}) AND created_at < ?"  # noqa: S608 - names of ours
_SAVE_DRAFT: Final = f"INSERT OR REPLACE INTO draft ({DRAFT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - names of ours
_LOAD_DRAFTS: Final = f"SELECT {DRAFT_COLUMNS} FROM draft ORDER BY updated_at DESC, id"  # noqa: S608 - names of ours


class Outbox:
    """One thread's door to the outbox. The engine's thread writes; others read.

    Its file has a rollback journal and is synchronised fully: what a method wrote survives a power cut once the
    method has returned. Every change of state goes through the table of `transitions`. Methods raise `StoreProblem`
    where the disk is full, read-only or damaged; the file is never deleted.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._connection = connect(self.path)
        try:
            self.is_read_only = _prepare(self._connection, self.path)
            """A newer version wrote the file: it can be read and exported, not changed."""
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def changes(self) -> int:
        """A number that differs whenever another connection has committed something since."""
        with told(self.path):
            (number,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(number)

    def add(self, operation: Operation, *, draft_id: str | None = None) -> None:
        """Commit an operation and drop the draft it was written in, as one. An id that is there already stays."""
        with writing(self._writable(), self.path) as database:
            reach("outbox begun")
            if database.execute("SELECT 1 FROM operation WHERE id = ?", (operation.id,)).fetchone() is None:
                insert_operation(database, operation)
            reach("outbox row inserted")
            if draft_id is not None:
                database.execute("DELETE FROM draft WHERE id = ?", (draft_id,))
            reach("outbox committing")
        reach("outbox committed")

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

    def load_sendable(self) -> list[Operation]:
        """What may be sent now: queued, with nothing undecided before it on its ticket; oldest first."""
        with told(self.path):
            return [operation_from_row(row) for row in self._connection.execute(_SENDABLE)]

    def change(
        self,
        operation_id: str,
        state: OperationState,
        *,
        error: str | None = None,
        result_ticket_id: int | None = None,
        based_on: str | None = None,
        at: datetime | None = None,
    ) -> Operation:
        """Move an operation to another state, as a whole or not at all; the operation as it then is.

        An error given replaces the former and none clears it; the other values stay where none is given. `at` is the
        instant of an attempt, for IN_FLIGHT. Raises TransitionRefused where the table does not allow it.
        """
        sources = ", ".join(f"'{source.value}'" for source in sources_of(state))
        statement = f"""UPDATE operation SET state = ?2, error = ?3,
            result_ticket_id = coalesce(?4, result_ticket_id), based_on = coalesce(?5, based_on),
            first_attempt_at = CASE ?2 WHEN 'in_flight' THEN coalesce(first_attempt_at, ?6) ELSE first_attempt_at END,
            attempts = attempts + (?2 = 'in_flight'),
            settled_seq = CASE ?7 WHEN 1 THEN (SELECT max(seq) FROM operation) ELSE settled_seq END
            WHERE id = ?1 AND state IN ({sources})"""  # noqa: S608 - values of our own enum
        told_error = None if error is None else encode_text(error)
        stamp = None if at is None else to_microseconds(at)
        values = (operation_id, state.value, told_error, result_ticket_id, based_on, stamp, int(state in SETTLED))
        with writing(self._writable(), self.path) as database:
            if database.execute(statement, values).rowcount == 0:
                raise TransitionRefused(operation_id, state)
        changed = self.load(operation_id)
        if changed is None:
            raise StoreProblem(f"{self.path} lost operation {operation_id} while it was changed.")
        return changed

    def rebase(self, ticket_id: int, was: str, now_is: str, audit_mark: int | None) -> None:
        """After our own change of a ticket: what else waits for it and was decided on the same version follows it."""
        with writing(self._writable(), self.path) as database:
            database.execute(
                "UPDATE operation SET based_on = ?3, audit_mark = coalesce(?4, audit_mark) "
                "WHERE ticket_id = ?1 AND based_on = ?2 AND state IN ('held', 'queued')",
                (ticket_id, was, now_is, audit_mark),
            )

    def save_uploads(self, operation_id: str, tokens: Iterable[str]) -> None:
        """Keep what its files were uploaded as, so that a repetition is the very same request."""
        rows = [(operation_id, position, token) for position, token in enumerate(tokens)]
        with writing(self._writable(), self.path) as database:
            database.executemany("INSERT OR REPLACE INTO upload VALUES (?, ?, ?)", rows)

    def load_uploads(self, operation_id: str) -> tuple[str, ...]:
        """The tokens kept by `save_uploads`, in the order of the files."""
        statement = "SELECT token FROM upload WHERE operation_id = ? ORDER BY position"
        with told(self.path):
            return tuple(token for (token,) in self._connection.execute(statement, (operation_id,)))

    def forget_finished(self, before: datetime) -> None:
        """Drop what was sent or withdrawn and is older than the instant."""
        with writing(self._writable(), self.path) as database:
            database.execute(_FORGET, (to_microseconds(before),))
            database.execute("DELETE FROM upload WHERE operation_id NOT IN (SELECT id FROM operation)")

    def save_draft(self, draft: Draft) -> None:
        """Keep a draft, replacing its former text."""
        reach("draft writing")
        with writing(self._writable(), self.path) as database:
            database.execute(_SAVE_DRAFT, draft_to_row(draft))
        reach("draft written")

    def load_drafts(self) -> list[Draft]:
        """All drafts, the latest first."""
        with told(self.path):
            return [draft_from_row(row) for row in self._connection.execute(_LOAD_DRAFTS)]

    def delete_draft(self, draft_id: str) -> None:
        """Drop a draft; one that is not there is no error."""
        with writing(self._writable(), self.path) as database:
            database.execute("DELETE FROM draft WHERE id = ?", (draft_id,))

    def _operations(self, condition: str, *values: str) -> list[Operation]:
        statement = f"SELECT {OPERATION_COLUMNS} FROM operation {condition}"  # noqa: S608 - conditions of ours
        with told(self.path):
            return [operation_from_row(row) for row in self._connection.execute(statement, values)]

    def _writable(self) -> sqlite3.Connection:
        if self.is_read_only:
            raise StoreTooNew(f"{self.path} was written by a newer supporttui. Use that version to send what it holds.")
        return self._connection


def _prepare(database: sqlite3.Connection, path: Path) -> bool:
    """Set the file up where it is new; whether it is too new to be written."""
    with told(path):
        database.execute("PRAGMA synchronous = FULL")
        version = schema_version(database)
    if version == 0:
        with writing(database, path):
            for statement in SCHEMA:
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    return version > SCHEMA_VERSION
