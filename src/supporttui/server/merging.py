"""Merging tickets: what was written on the sources is told on the target, and the sources are closed for good."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, RowMapping

from supporttui.server import ticket_metrics
from supporttui.server.api_errors import RecordInvalid, RecordNotFound
from supporttui.server.conversation import PropertyChange, add_audit, add_changes, add_comment
from supporttui.server.people import load_actor
from supporttui.server.schema import whole_second
from supporttui.server.ticket_fields import CommentFields, UpdateFields
from supporttui.server.ticket_rules import checked_tags
from supporttui.server.tickets import find_ticket, finish_change, update_ticket
from supporttui.zendesk_api.merging import MergeRequest
from supporttui.zendesk_api.words import MERGED_TAG

SOURCES_MAX: Final = 5
"""https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#merge-tickets-into-target-ticket"""


def merge_tickets(connection: Connection, actor_id: int, target_id: int, sent: MergeRequest, at: datetime) -> None:
    """Merge tickets into another one. Raises ApiError; then the transaction must be rolled back."""
    actor = load_actor(connection, actor_id)
    target = find_ticket(connection, actor, target_id)
    sources = _checked_sources(connection, actor_id, target, sent.ids)
    named = ", ".join(f"#{each['id']}" for each in sources)
    told = sent.target_comment or f"Merged from {named}."
    fields = UpdateFields(comment=CommentFields(body=told, is_public=sent.target_comment_is_public, via="system"))
    update_ticket(connection, actor_id, target_id, fields, at)
    for source in sources:
        body = sent.source_comment or f"Merged into #{target_id}."
        comment = CommentFields(body=body, is_public=sent.source_comment_is_public, via="system")
        _close(connection, actor_id, source, comment, whole_second(at))


def _checked_sources(connection: Connection, actor_id: int, target: RowMapping, ids: Sequence[int]) -> list[RowMapping]:
    """Return the tickets to merge. Raises RecordInvalid if one of them cannot be merged."""
    if target["status"] == "closed":
        raise RecordInvalid("target", f"Merge: ticket {target['id']} is closed for good and takes no other in")
    if not 0 < len(set(ids)) <= SOURCES_MAX:
        raise RecordInvalid("ids", f"Ids: 1 to {SOURCES_MAX} tickets are merged at a time")
    actor, found = load_actor(connection, actor_id), list[RowMapping]()
    for each in dict.fromkeys(ids):
        try:
            source = find_ticket(connection, actor, each)
        except RecordNotFound:
            raise RecordInvalid("ids", f"Ids: {each} is not a ticket of this desk") from None
        if source["status"] == "closed" or each == target["id"]:
            reason = "is closed for good" if source["status"] == "closed" else "cannot be merged into itself"
            raise RecordInvalid("ids", f"Ids: ticket {each} {reason}")
        found.append(source)
    return found


def _close(connection: Connection, actor_id: int, source: RowMapping, comment: CommentFields, at: datetime) -> None:
    """Close a source for good, with the tag by which a merged ticket is known."""
    actor = load_actor(connection, actor_id)
    audit_id = add_audit(connection, source["id"], actor.id, "api", {}, at)
    written = add_comment(connection, source["id"], audit_id, actor, comment, at)
    before = msgspec.json.decode(source["tags"])
    tags = checked_tags([*before, MERGED_TAG], len(before) + 1)
    changes = [
        PropertyChange("status", source["status"], "closed"),
        PropertyChange("tags", before, msgspec.json.decode(tags)),
    ]
    add_changes(connection, audit_id, "Change", changes)
    values = {
        "status": "closed",
        "tags": tags,
        **ticket_metrics.after_status(source, "closed", at),
        **ticket_metrics.after_comment(source, answers=False, at=at),
    }
    is_public = source["is_public"] or written.is_public
    finish_change(
        connection, source["id"], {**values, "is_public": is_public}, is_public=True, at=at, last=source["updated_at"]
    )
