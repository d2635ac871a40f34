"""What is written on tickets: public replies and internal notes."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, insert, select

from supporttui.helpdesks.zendesk.wire import Attachment, Comment, Via
from supporttui.server.audits import add_comment_event
from supporttui.server.fields import CommentFields
from supporttui.server.files import attach, attachment_answer, load_attachments
from supporttui.server.people import Actor, find_by_id, load_actor
from supporttui.server.refusals import NotPermitted, RecordInvalid
from supporttui.server.schema import comments

BODY_MAX: Final = 65_535


@dataclass(frozen=True, slots=True)
class Written:
    """What a comment means for its ticket."""

    id: int
    author_id: int
    by_agent: bool
    is_public: bool
    is_automatic: bool


def add_comment(
    connection: Connection, ticket_id: int, audit_id: int, actor: Actor, fields: CommentFields, at: datetime
) -> Written:
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
        attach(connection, comment_id, actor.id, token)
    return Written(comment_id, author.id, author.is_agent, fields.is_public, fields.via in ("rule", "system"))


def visible_comments(actor: Actor, ticket_id: int) -> Any:  # noqa: ANN401 - a select over a whole table
    """The comments of a ticket that a person may read; whether they may see the ticket is asked elsewhere."""
    query = select(comments).where(comments.c.ticket_id == ticket_id)
    return query if actor.is_agent else query.where(comments.c.is_public)


def comment_answers(connection: Connection, rows: Sequence[RowMapping], base: str) -> list[Comment]:
    """Comments on the wire, with their attachments."""
    files = load_attachments(connection, [row["id"] for row in rows])
    return [_answer(row, [attachment_answer(file, base) for file in files.get(row["id"], ())]) for row in rows]


def as_html(body: str) -> str:
    """A body for those who ask for HTML: everything in it is text."""
    return f'<div class="zd-comment"><p>{html.escape(body)}</p></div>'.replace("\n", "<br>")


def _answer(row: RowMapping, attachments: list[Attachment]) -> Comment:
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
    """In whose name the comment is written. Raises NotPermitted and RecordInvalid."""
    is_own = fields.author_id in (None, actor.id)
    if not actor.is_agent and not (is_own and fields.is_public):
        raise NotPermitted("End users write public comments in their own name only.")
    if is_own:
        return actor
    assert fields.author_id is not None
    if find_by_id(connection, fields.author_id) is None:
        raise RecordInvalid("comment", f"Comment: Author: {fields.author_id} is not a person of this desk")
    return load_actor(connection, fields.author_id)
