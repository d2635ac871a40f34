"""One run of a command that changes tickets: killed and started again, it goes on instead of sending twice.

A run is known by what it changes. It is on disk before its operations are, and until what became of them has been
reported and none is open. The ids of its operations follow from it and the ticket, so that the same command finds what
an earlier run has committed.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

import msgspec

from supporttui.config.folders import make_private_folder, write_private
from supporttui.domain.ticket_id import TicketId
from supporttui.store.operations import Operation, OperationState, StoreFiles
from supporttui.store.outbox import Outbox

CONTINUED_FOR: Final = timedelta(days=1)
"""So long after it began, the same command goes on with a run that was not reported."""
OPEN_STATES: Final = (OperationState.HELD, OperationState.QUEUED, OperationState.IN_FLIGHT, OperationState.UNKNOWN)
_ID_PART: Final = 16


class _RunRecord(msgspec.Struct, frozen=True):
    prefix: str
    """With it the ids of the operations begin."""
    begun_at: datetime


class ChangeRun:
    """The run of one command."""

    def __init__(self, path: Path, record: _RunRecord, found: dict[str, Operation], *, is_state: bool) -> None:
        self._path = path
        self._is_state = is_state
        self._record = record
        self.found = found
        """What an earlier run has committed, by id; empty for a run that begins."""

    @property
    def is_continued(self) -> bool:
        """Whether an earlier run had committed something."""
        return bool(self.found)

    @property
    def begun_at(self) -> datetime:
        """When it began."""
        return self._record.begun_at

    @classmethod
    def begin(cls, files: StoreFiles, key: Iterable[object], now: datetime, *, is_state: bool) -> Self:
        """Begin the run of what has this key, or go on with one that was not reported. Raises OSError, StoreProblem.

        `is_state`: it sends no text, and whoever sends it has seen that the ticket is not so: what was sent before
        was changed since.
        """
        digest = hashlib.sha256(json.dumps([files.desk, *key]).encode()).hexdigest()
        path = Path(files.outbox).with_name("script-runs") / f"{digest[:32]}.json"
        record = _load(path)
        found = _committed(files, record) if record is not None else {}
        is_open = any(each.state in OPEN_STATES for each in found.values())
        is_dropped = bool(found) and all(each.state is OperationState.WITHDRAWN for each in found.values())
        if record is None or is_dropped or not (is_open or now - record.begun_at < CONTINUED_FOR):
            record, found = _RunRecord(os.urandom(_ID_PART // 2).hex(), now), {}
            make_private_folder(path.parent)
            write_private(path, msgspec.json.encode(record).decode())
        return cls(path, record, found, is_state=is_state)

    def operation_id(self, ticket_id: TicketId | None) -> str:
        """The id of the operation on a ticket, or of a creation; one that is to be sent again gets another."""
        own = hashlib.sha256(("" if ticket_id is None else ticket_id.id).encode()).hexdigest()[:_ID_PART]
        known = self.found.get(f"{self._record.prefix}{own}")
        is_over = (OperationState.WITHDRAWN, OperationState.SENT) if self._is_state else (OperationState.WITHDRAWN,)
        if known is not None and known.state in is_over:
            own = os.urandom(_ID_PART // 2).hex()
        return f"{self._record.prefix}{own}"

    def end(self, files: StoreFiles) -> None:
        """What became of it was reported: forget it, unless something of it is still open."""
        if not any(each.state in OPEN_STATES for each in _committed(files, self._record).values()):
            with contextlib.suppress(OSError):
                self._path.unlink()


def _load(path: Path) -> _RunRecord | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_RunRecord)
    except (OSError, msgspec.MsgspecError):
        return None


def _committed(files: StoreFiles, record: _RunRecord) -> dict[str, Operation]:
    with contextlib.closing(Outbox(files.outbox, files.desk)) as outbox:
        return {each.id: each for each in outbox.load_named(record.prefix)}
