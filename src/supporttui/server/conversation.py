"""Comments on tickets, and the audits that record each change."""

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select

from supporttui.domain.authorship import Authorship
from supporttui.domain.ticket import Role
from supporttui.server.api_errors import NotPermitted, RecordInvalid
from supporttui.server.file_storage import attach_uploads, load_attachments, serialize_attachment
from supporttui.server.people import Actor, find_by_id, load_actor
from supporttui.server.schema import audit_events, audits, comments
from supporttui.server.ticket_fields import CommentFields
from supporttui.zendesk_api.responses import Comment, Via, ZendeskAttachment

CUSTOM_MAX_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One property's old and new value; ids are strings, as in Zendesk's audits."""

    field: str
    before: Any
    after: Any


def add_audit(
    connection: Connection, ticket_id: int, author_id: int, via: str, custom: Mapping[str, Any], at: datetime
) -> int:
    """Create the audit of a change; `custom` is the client's own metadata. Raises RecordInvalid."""
    text = msgspec.json.encode(custom).decode()
    if len(text) > CUSTOM_MAX_BYTES:
        raise RecordInvalid("metadata", f"Metadata: is longer than {CUSTOM_MAX_BYTES} bytes")
    row = {"ticket_id": ticket_id, "author_id": author_id, "via_channel": via, "custom": text, "created_at": at}
    return _key(connection, insert(audits).values(**row))


def add_comment_event(connection: Connection, audit_id: int) -> int:
    """Add the event of a comment; return its id, which becomes the comment's."""
    return _key(connection, insert(audit_events).values(audit_id=audit_id, kind="Comment"))


def add_changes(connection: Connection, audit_id: int, kind: str, changes: Iterable[PropertyChange]) -> None:
    """Add an event for each change, `Create` or `Change`."""
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


BODY_MAX: Final = 65_535


@dataclass(frozen=True, slots=True)
class AddedComment:
    """A comment that was added, with the facts that the ticket's status and metrics depend on."""

    id: int
    author_id: int
    by_agent: bool
    is_public: bool
    is_automatic: bool

    def authorship(self, requester_id: int) -> Authorship:
        """Return whose message it is, on a ticket of this requester."""
        role = Role.AGENT if self.by_agent else Role.END_USER
        return Authorship(self.author_id, role, requester_id, self.is_public, self.is_automatic)


def add_comment(
    connection: Connection, ticket_id: int, audit_id: int, actor: Actor, fields: CommentFields, at: datetime
) -> AddedComment:
    """Add a comment with its attachments. Raises RecordInvalid, or NotPermitted to an end user's note."""
    author = _author(connection, actor, fields)
    if not fields.body.strip():
        raise RecordInvalid("comment", "Comment: Body: cannot be blank")
    if len(fields.body) > BODY_MAX:
        raise RecordInvalid("comment", f"Comment: is longer than {BODY_MAX} characters; attach it as a file instead")
    comment_id = add_comment_event(connection, audit_id)
    row = {
        "id": comment_id,
        "ticket_id": ticket_id,
        "audit_id": audit_id,
        "author_id": author.id,
        "body": fields.body,
        "is_public": fields.is_public,
        "via_channel": fields.via,
        "created_at": at,
    }
    connection.execute(insert(comments).values(**row))
    for token in dict.fromkeys(fields.uploads):
        attach_uploads(connection, comment_id, actor.id, token)
    return AddedComment(comment_id, author.id, author.is_agent, fields.is_public, fields.via in ("rule", "system"))


def visible_comments(actor: Actor, ticket_id: int) -> Any:  # noqa: ANN401 - a select over a whole table
    """Return the comments of a ticket that a person may read; the caller checks that they may see the ticket."""
    query = select(comments).where(comments.c.ticket_id == ticket_id)
    return query if actor.is_agent else query.where(comments.c.is_public)


def serialize_comments(connection: Connection, rows: Sequence[RowMapping], base: str) -> list[Comment]:
    """Comments as responses, with their attachments."""
    files = load_attachments(connection, [row["id"] for row in rows])
    return [_answer(row, [serialize_attachment(file, base) for file in files.get(row["id"], ())]) for row in rows]


def as_html(body: str) -> str:
    """Return a body as HTML, completely escaped."""
    return f'<div class="zd-comment"><p>{html.escape(body)}</p></div>'.replace("\n", "<br>")


def _answer(row: RowMapping, attachments: list[ZendeskAttachment]) -> Comment:
    return Comment(
        id=row["id"],
        author_id=row["author_id"],
        body=row["body"],
        html_body=as_html(row["body"]),
        plain_body=row["body"],
        public=row["is_public"],
        attachments=attachments,
        audit_id=row["audit_id"],
        via=Via(channel=row["via_channel"]),
        created_at=row["created_at"],
        metadata={"system": {}, "custom": {}},
    )


def _author(connection: Connection, actor: Actor, fields: CommentFields) -> Actor:
    """Return the author of the comment. Raises NotPermitted and RecordInvalid."""
    is_own = fields.author_id in (None, actor.id)
    if not actor.is_agent and not (is_own and fields.is_public):
        raise NotPermitted("End users write public comments in their own name only.")
    if is_own:
        return actor
    assert fields.author_id is not None
    if find_by_id(connection, fields.author_id) is None:
        raise RecordInvalid("comment", f"Comment: Author: {fields.author_id} is not a person of this desk")
    return load_actor(connection, fields.author_id)
