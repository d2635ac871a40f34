"""The outbox's tables, and its records to and from their rows."""

import hashlib
import sqlite3
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from supporttui.domain.patch import CcChange, FieldChange, MergePlan, TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import FieldKind, Status, TicketType
from supporttui.domain.ticket_id import TicketId
from supporttui.store.blobs import decode_text, encode_text
from supporttui.store.database import EPOCH
from supporttui.store.operations import Draft, Operation, OperationKind, OperationState

_CREATE_STEP: Final = """CREATE TABLE IF NOT EXISTS step (
    operation_id TEXT NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
    detail TEXT NOT NULL, PRIMARY KEY (operation_id, kind, position))"""

# Every text that somebody typed is a BLOB: SQLite's own text holds neither NUL nor a lone surrogate.
# Instants are microseconds since 1970 in UTC. AUTOINCREMENT never gives a number twice: it is the order of sending.
# Salvage reads rows by the positions of their columns: they are never reordered.
_OPERATION_OF_LAYOUT_5: Final = """CREATE TABLE IF NOT EXISTS operation (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, created_at INTEGER NOT NULL,
        ticket_id TEXT, body BLOB, body_hash BLOB, is_public INTEGER NOT NULL, status TEXT, severity INTEGER,
        assignee_id INTEGER, files BLOB NOT NULL, subject BLOB, requester_email BLOB, requester_name BLOB,
        based_on TEXT, audit_mark INTEGER, state TEXT NOT NULL, error BLOB, attempts INTEGER NOT NULL DEFAULT 0,
        result_ticket_id TEXT, first_attempt_at INTEGER, settled_seq INTEGER, last_attempt_at INTEGER,
        held_until INTEGER, came_from TEXT, doubts INTEGER NOT NULL DEFAULT 0,
        tags BLOB"""
_CREATE_OPERATION: Final = f"{_OPERATION_OF_LAYOUT_5}, properties BLOB)"

_CREATE_DRAFT: Final = """CREATE TABLE IF NOT EXISTS draft (
        id TEXT PRIMARY KEY, updated_at INTEGER NOT NULL, ticket_id TEXT, is_public INTEGER NOT NULL,
        body BLOB NOT NULL, status TEXT, fields BLOB NOT NULL)"""

SCHEMA: Final = (
    _CREATE_OPERATION,
    "CREATE INDEX IF NOT EXISTS operation_by_state ON operation (state, ticket_id, seq)",
    # What an operation takes: the upload of each file, and each request where one is not enough. The detail is an
    # upload's token, or the words for what a request does.
    _CREATE_STEP,
    _CREATE_DRAFT,
    # What was done to the file itself and is to be told.
    "CREATE TABLE IF NOT EXISTS notice (at INTEGER NOT NULL, sentence TEXT NOT NULL)",
)

OPERATION_COLUMNS: Final = (
    "id, kind, created_at, ticket_id, body, is_public, status, severity, assignee_id, files, subject, "
    "requester_email, requester_name, based_on, audit_mark, state, error, held_until, came_from, tags, attempts, "
    "result_ticket_id, first_attempt_at, last_attempt_at, body_hash, doubts, properties"
)
_COLUMNS_NOT_INSERTED: Final = "attempts, result_ticket_id, first_attempt_at, last_attempt_at, body_hash, doubts, "
DRAFT_COLUMNS: Final = "id, updated_at, ticket_id, is_public, body, status, fields"
_COLUMNS_OF_LAYOUT_5: Final = f"seq, {OPERATION_COLUMNS.removesuffix(', properties')}, settled_seq"
_COPY_LAYOUT_5: Final = (
    f"INSERT INTO operation ({_COLUMNS_OF_LAYOUT_5}) SELECT {_COLUMNS_OF_LAYOUT_5} "  # noqa: S608 - names of ours
    "FROM former_operation ORDER BY seq"
)

SCHEMA_VERSION: Final = 6

MIGRATIONS: Final = {
    1: (
        "ALTER TABLE operation ADD COLUMN last_attempt_at INTEGER",
        "ALTER TABLE operation ADD COLUMN held_until INTEGER",
        "ALTER TABLE operation ADD COLUMN came_from TEXT",
        "ALTER TABLE operation ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0",
        "UPDATE operation SET doubts = 1 WHERE state = 'unknown' OR state = 'queued' AND attempts > 0",
    ),
    2: ("ALTER TABLE operation ADD COLUMN tags BLOB",),
    3: (
        _CREATE_STEP,
        "INSERT INTO step SELECT operation_id, position, 'upload', 'done', token FROM upload",
        "DROP TABLE upload",
    ),
    # Ids of tickets become text. SQLite cannot change the type of a column, so the tables are made anew.
    4: (
        "ALTER TABLE operation RENAME TO former_operation",
        f"{_OPERATION_OF_LAYOUT_5})",
        _COPY_LAYOUT_5,
        # The highest number that was ever given, which may be of a row that is gone.
        "DELETE FROM sqlite_sequence WHERE name = 'operation'",
        "INSERT INTO sqlite_sequence SELECT 'operation', seq FROM sqlite_sequence WHERE name = 'former_operation'",
        "DROP TABLE former_operation",
        "ALTER TABLE draft RENAME TO former_draft",
        _CREATE_DRAFT,
        f"INSERT INTO draft ({DRAFT_COLUMNS}) SELECT {DRAFT_COLUMNS} FROM former_draft",  # noqa: S608 - names of ours
        "DROP TABLE former_draft",
    ),
    5: ("ALTER TABLE operation ADD COLUMN properties BLOB",),
}
"""What makes the layout of a version that of the next."""

DAMAGED: Final = "Its text was damaged on this disk and is not sent. Read it, correct it and send that; or drop it."

_UNREADABLE: Final = (ValueError, TypeError, LookupError, OverflowError, msgspec.DecodeError)

_ID_PROPERTIES: Final = ("group_id", "requester_id")

Row = tuple[Any, ...]


def to_microseconds(at: datetime) -> int:
    """An aware instant as a number."""
    return (at - EPOCH) // timedelta(microseconds=1)


def from_microseconds(number: int) -> datetime:
    """The instant, in UTC."""
    return EPOCH + timedelta(microseconds=number)


def own_id(ticket_id: TicketId | None) -> str | None:
    """The desk's own id, which is what is stored: a file belongs to one desk."""
    return None if ticket_id is None else ticket_id.id


def _ticket_id(stored: str | None, desk: str) -> TicketId | None:
    return None if stored is None else TicketId(desk, str(stored))


def _blob(text: str | None) -> bytes | None:
    return None if text is None else encode_text(text)


def _text(blob: bytes | None) -> str | None:
    return None if blob is None else decode_text(blob)


def _hash(body: bytes | None) -> bytes | None:
    return None if body is None else hashlib.sha256(body).digest()


def _readable(body: bytes | None) -> str | None:
    """A body as far as it can be read: its bytes may have been damaged on the disk without SQLite's knowing."""
    try:
        return _text(body)
    except UnicodeDecodeError:
        return (body or b"").decode("utf-8", "replace")


def _stamp(at: datetime | None) -> int | None:
    return None if at is None else to_microseconds(at)


def _instant(number: int | None) -> datetime | None:
    return None if number is None else from_microseconds(number)


def insert_operation(database: sqlite3.Connection, each: Operation) -> None:
    """Add the row of a new operation, at the end of the queue."""
    patch = each.patch
    row = (
        *(
            each.id,
            each.kind.value,
            to_microseconds(each.created_at),
            own_id(each.ticket_id),
            _blob(patch.body),
            _hash(_blob(patch.body)),
        ),
        *(patch.is_public, patch.status.value if patch.status else None, patch.severity, patch.assignee_id),
        *(_packed(patch.files), _blob(each.subject), _blob(each.requester_email), _blob(each.requester_name)),
        *(each.based_on, each.audit_mark, each.state.value, _blob(each.error.raw) if each.error else None),
        *(_stamp(each.held_until), each.came_from.value if each.came_from else None),
        None if patch.tags is None else _packed(patch.tags),
        _packed_properties(each),
    )
    names = OPERATION_COLUMNS.replace(_COLUMNS_NOT_INSERTED, "").replace("body,", "body, body_hash,")
    marks = ", ".join("?" * len(row))
    database.execute(f"INSERT INTO operation ({names}) VALUES ({marks})", row)  # noqa: S608 - names of ours


def operation_from_row(row: Row, desk: str) -> Operation:
    """An operation on this desk from `OPERATION_COLUMNS`; one whose bytes were damaged as far as it can be read."""
    try:
        return _whole_operation(row, desk)
    except _UNREADABLE:
        return _damaged_operation(row, desk)


def _damaged_operation(row: Row, desk: str) -> Operation:
    is_whole = isinstance(row[2], int) and (row[3] is None or isinstance(row[3], str))
    return Operation(
        id=str(row[0]),
        kind=OperationKind.CREATE if row[1] == OperationKind.CREATE.value else OperationKind.UPDATE,
        created_at=from_microseconds(row[2]) if is_whole else EPOCH,
        ticket_id=_ticket_id(row[3], desk) if is_whole else None,
        patch=TicketPatch(body=_readable(row[4]) if isinstance(row[4], bytes) else None, is_public=False),
        state=OperationState.REJECTED,
        error=OutsideText(DAMAGED),
        is_intact=False,
    )


def _whole_operation(row: Row, desk: str) -> Operation:
    return Operation(
        id=row[0],
        kind=OperationKind(row[1]),
        created_at=from_microseconds(row[2]),
        ticket_id=_ticket_id(row[3], desk),
        patch=TicketPatch(
            body=_readable(row[4]),
            is_public=bool(row[5]),
            status=Status(row[6]) if row[6] else None,
            severity=row[7],
            assignee_id=row[8],
            files=tuple(_unpacked(row[9])),
            tags=None if row[19] is None else tuple(_unpacked(row[19])),
            **_unpacked_properties(row[26], desk),
        ),
        is_intact=_hash(row[4]) == row[24],
        subject=_text(row[10]),
        requester_email=_text(row[11]),
        requester_name=_text(row[12]),
        based_on=row[13],
        audit_mark=row[14],
        state=OperationState(row[15]),
        error=None if row[16] is None else OutsideText(decode_text(row[16])),
        held_until=_instant(row[17]),
        came_from=Status(row[18]) if row[18] else None,
        follows=_followed(row[26], desk),
        merge=_merge_plan(row[26], desk),
        attempts=row[20],
        result_ticket_id=_ticket_id(row[21], desk),
        first_attempt_at=_instant(row[22]),
        last_attempt_at=_instant(row[23]),
        doubts=row[25] or 0,
    )


def _packed_properties(operation: Operation) -> bytes | None:
    """Return what has no column of its own, as names and values; None if there is nothing."""
    patch, merge = operation.patch, operation.merge
    pairs = [(name, str(value)) for name in _ID_PROPERTIES if (value := getattr(patch, name)) is not None]
    if patch.ticket_type is not None:
        pairs.append(("ticket_type", patch.ticket_type.value))
    if patch.problem_id is not None:
        pairs.append(("problem_id", patch.problem_id.id))
    if patch.development_ticket is not None:
        pairs.append(("development_ticket", patch.development_ticket))
    pairs += [(f"cc {'-' if each.is_removed else '+'} {each.person_id or ''}", each.email) for each in patch.cc_changes]
    pairs += [(f"field {each.field_id} {each.kind.value}", each.value) for each in patch.field_changes]
    if operation.follows is not None:
        pairs.append(("follows", operation.follows.id))
    if merge is not None:
        told = () if merge.reply is None else (("merge reply", merge.reply),)
        author = () if merge.requester_id is None else (("merge requester", str(merge.requester_id)),)
        pairs += [("merge into", merge.into.id), ("merge note", merge.note), *told, *author]
    return _packed([text for pair in pairs for text in pair]) if pairs else None


def _pairs(blob: bytes | None) -> list[tuple[str, str]]:
    flat = [] if blob is None else _unpacked(blob)
    return list(zip(flat[::2], flat[1::2], strict=True))


def _followed(blob: bytes | None, desk: str) -> TicketId | None:
    followed = dict(_pairs(blob)).get("follows")
    return None if followed is None else TicketId(desk, followed)


def _merge_plan(blob: bytes | None, desk: str) -> MergePlan | None:
    values = {name: value for name, value in _pairs(blob) if name.startswith("merge ")}
    if not values:
        return None
    requester = values.get("merge requester")
    return MergePlan(
        into=TicketId(desk, values["merge into"]),
        reply=values.get("merge reply"),
        requester_id=None if requester is None else int(requester),
        note=values["merge note"],
    )


def _unpacked_properties(blob: bytes | None, desk: str) -> dict[str, Any]:
    """Return the properties of a patch that `_packed_properties` wrote. Raises one of `_UNREADABLE`."""
    found: dict[str, Any] = {}
    for name, value in _pairs(blob):
        kind, *details = name.split(" ")
        if kind in _ID_PROPERTIES:
            found[kind] = int(value)
        elif kind == "ticket_type":
            found[kind] = TicketType(value)
        elif kind == "problem_id":
            found[kind] = TicketId(desk, value)
        elif kind == "cc":
            sign, person_id = details
            change = CcChange(value, int(person_id) if person_id else None, sign == "-")
            found["cc_changes"] = (*found.get("cc_changes", ()), change)
        elif kind == "field":
            field_id, field_kind = details
            field = FieldChange(int(field_id), FieldKind(field_kind), value)
            found["field_changes"] = (*found.get("field_changes", ()), field)
        elif kind == "development_ticket":
            found[kind] = value
        elif kind not in ("follows", "merge"):
            raise ValueError(f"{name} is no property")
    return found


def draft_to_row(draft: Draft) -> Row:
    """A draft as `DRAFT_COLUMNS`."""
    flat = [text for pair in draft.fields for text in pair]
    status = draft.status.value if draft.status else None
    at = to_microseconds(draft.updated_at)
    return (draft.id, at, own_id(draft.ticket_id), draft.is_public, encode_text(draft.body), status, _packed(flat))


def draft_from_row(row: Row, desk: str) -> Draft:
    """A draft on this desk from `DRAFT_COLUMNS`."""
    flat = _unpacked(row[6])
    return Draft(
        id=row[0],
        updated_at=from_microseconds(row[1]),
        ticket_id=_ticket_id(row[2], desk),
        is_public=bool(row[3]),
        body=_readable(row[4]) or "",
        status=Status(row[5]) if row[5] else None,
        fields=tuple(zip(flat[::2], flat[1::2], strict=True)),
    )


def _packed(texts: tuple[str, ...] | list[str]) -> bytes:
    return msgspec.msgpack.encode([encode_text(text) for text in texts])


def _unpacked(blob: bytes) -> list[str]:
    return [decode_text(raw) for raw in msgspec.msgpack.decode(blob, type=list[bytes])]
