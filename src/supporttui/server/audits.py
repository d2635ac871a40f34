"""What changed on a ticket: one audit a change, with an event for each property and comment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert

from supporttui.server.refusals import RecordInvalid
from supporttui.server.schema import audit_events, audits

CUSTOM_MAX_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One property's way from an old to a new value; ids are strings, as Zendesk writes them."""

    field: str
    before: Any
    after: Any


def add_audit(
    connection: Connection, ticket_id: int, author_id: int, via: str, custom: Mapping[str, Any], at: datetime
) -> int:
    """Start the audit of a change; `custom` is what its sender wants to find there. Raises RecordInvalid."""
    text = msgspec.json.encode(custom).decode()
    if len(text) > CUSTOM_MAX_BYTES:
        raise RecordInvalid("metadata", f"Metadata: is longer than {CUSTOM_MAX_BYTES} bytes")
    row = {"ticket_id": ticket_id, "author_id": author_id, "via_channel": via, "custom": text, "created_at": at}
    return _key(connection, insert(audits).values(**row))


def add_comment_event(connection: Connection, audit_id: int) -> int:
    """The event of a comment; its id becomes the comment's."""
    return _key(connection, insert(audit_events).values(audit_id=audit_id, kind="Comment"))


def add_changes(connection: Connection, audit_id: int, kind: str, changes: Iterable[PropertyChange]) -> None:
    """An event for each change, `Create` or `Change`."""
    rows = [
        {
            "audit_id": audit_id,
            "kind": kind,
            "field_name": change.field,
            "value": msgspec.json.encode(change.after).decode(),
            "previous_value": msgspec.json.encode(change.before).decode(),
        }
        for change in changes
    ]
    if rows:
        connection.execute(insert(audit_events), rows)


def _key(connection: Connection, statement: Any) -> int:  # noqa: ANN401 - an insert of any table
    key = connection.execute(statement).inserted_primary_key
    assert key is not None
    return int(key[0])
