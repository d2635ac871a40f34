"""Database rows as the API's response types, limited to what the caller may see."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection, RowMapping, select

from supporttui.domain.ticket import Role
from supporttui.server.conversation import serialize_comments
from supporttui.server.custom_fields import field_values, load_fields
from supporttui.server.nesting import is_nested_too_deep
from supporttui.server.people import Actor, load_organizations, load_people
from supporttui.server.schema import audit_events, comments, tickets
from supporttui.server.ticket_metrics import metric_set
from supporttui.zendesk_api.requests import ZendeskRequest
from supporttui.zendesk_api.responses import (
    Audit,
    AuditEvent,
    AuditMetadata,
    Comment,
    Group,
    MetricSet,
    Organization,
    User,
    Via,
    ZendeskTicket,
)


def serialize_tickets(
    connection: Connection, actor: Actor, rows: Sequence[RowMapping], base: str
) -> list[ZendeskTicket]:
    """Return tickets as responses; for an end user without the fields that only agents may see."""
    followups = _followups(connection, actor, [row["id"] for row in rows if row["status"] == "closed"])
    linked = _problems_with_incidents(connection, [row["id"] for row in rows if row["type"] == "problem"])
    shown = [_ticket(row, actor, base, followups.get(row["id"], [])) for row in rows]
    fields = load_fields(connection) if actor.is_agent else ()
    for ticket, row in zip(shown, rows, strict=True):
        ticket.has_incidents = ticket.id in linked
        ticket.custom_fields = field_values(fields, row["custom_fields"])
    return shown


def serialize_ticket(connection: Connection, actor: Actor, row: RowMapping, base: str) -> ZendeskTicket:
    """One ticket as a response."""
    return serialize_tickets(connection, actor, [row], base)[0]


def serialize_metrics(actor: Actor, rows: Iterable[RowMapping], now: datetime, base: str) -> list[MetricSet]:
    """The tickets' metrics, for agents only, since they count internal notes."""
    return [metric_set(row, now, base) for row in rows] if actor.is_agent else []


def serialize_people_of(connection: Connection, actor: Actor, rows: Iterable[RowMapping], base: str) -> list[User]:
    """Return the requesters, submitters and assignees of tickets."""
    ids = {row[name] for row in rows for name in ("requester_id", "submitter_id", "assignee_id")}
    return [serialize_user(person, actor, base) for person in load_people(connection, ids)]


def serialize_organizations_of(connection: Connection, people: Iterable[User], base: str) -> list[Organization]:
    """Return the organisations of serialized people as responses."""
    found = load_organizations(connection, (each.organization_id for each in people))
    return [serialize_organization(row, base) for row in found]


def serialize_organization(row: RowMapping, base: str) -> Organization:
    """Return an organisation as a response."""
    return Organization(
        id=row["id"],
        url=f"{base}/api/v2/organizations/{row['id']}.json",
        name=row["name"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def serialize_user(row: RowMapping, actor: Actor, base: str) -> User:
    """A person as a response; end users see only the name and role of others."""
    address = f"{base}/api/v2/users/{row['id']}.json"
    if not actor.is_agent and row["id"] != actor.id:
        return User(id=row["id"], url=address, name=row["name"], role=row["role"])
    return User(
        id=row["id"],
        url=address,
        name=row["name"],
        email=row["email"],
        role=row["role"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        time_zone="UTC",
        iana_time_zone="Etc/UTC",
        locale="en-US",
        external_id=row["external_id"],
        organization_id=row["organization_id"],
    )


def serialize_requests(rows: Iterable[RowMapping], base: str) -> list[ZendeskRequest]:
    """Return tickets for their requester: public content only, without the assignee and the group."""
    return [_request(row, base) for row in rows]


def serialize_authors(people: Iterable[RowMapping], actor: Actor, base: str) -> list[User]:
    """Return the authors on a request, each with whether it is an agent."""
    shown = [serialize_user(person, actor, base) for person in people]
    for person in shown:
        person.agent = person.role != Role.END_USER.value
    return shown


def serialize_group(row: RowMapping, base: str) -> Group:
    """A group as a response."""
    return Group(
        id=row["id"],
        url=f"{base}/api/v2/groups/{row['id']}.json",
        name=row["name"],
        default=row["is_default"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def serialize_audits(connection: Connection, rows: Sequence[RowMapping], base: str) -> list[Audit]:
    """Audits with their events as responses, for agents."""
    ids = [row["id"] for row in rows]
    query = select(audit_events).where(audit_events.c.audit_id.in_(ids)).order_by(audit_events.c.id)
    events = connection.execute(query).mappings().all()
    written = connection.execute(select(comments).where(comments.c.audit_id.in_(ids))).mappings().all()
    bodies = {comment.id: comment for comment in serialize_comments(connection, written, base)}
    channels = {row["id"]: row["via_channel"] for row in rows}
    by_audit: dict[int, list[AuditEvent]] = {}
    for event in events:
        if event["kind"] == "Comment":
            shown = _comment_event(bodies[event["id"]], channels[event["audit_id"]])
        else:
            shown = _property_event(event)
        by_audit.setdefault(event["audit_id"], []).append(shown)
    return [_audit(row, by_audit.get(row["id"], [])) for row in rows]


def _ticket(row: RowMapping, actor: Actor, base: str, followup_ids: list[int]) -> ZendeskTicket:
    is_agent = actor.is_agent
    return ZendeskTicket(
        id=row["id"],
        url=f"{base}/api/v2/tickets/{row['id']}.json",
        external_id=row["external_id"] if is_agent else None,
        via=_via(row),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        generated_timestamp=int(row["updated_at"].timestamp()),
        type=row["type"],
        subject=row["subject"],
        raw_subject=row["subject"],
        description=row["description"] if is_agent or row["description_is_public"] else "",
        priority=row["priority"],
        status=row["status"],
        requester_id=row["requester_id"],
        submitter_id=row["submitter_id"],
        assignee_id=row["assignee_id"],
        group_id=row["group_id"],
        email_cc_ids=msgspec.json.decode(row["email_cc_ids"]) if is_agent else [],
        problem_id=row["problem_id"] if is_agent else None,
        is_public=row["is_public"],
        tags=msgspec.json.decode(row["tags"]) if is_agent else [],
        followup_ids=followup_ids,
    )


def _request(row: RowMapping, base: str) -> ZendeskRequest:
    return ZendeskRequest(
        id=row["id"],
        url=f"{base}/api/v2/requests/{row['id']}.json",
        via=Via(channel=row["via_channel"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        type=row["type"],
        subject=row["subject"],
        description=row["description"] if row["description_is_public"] else "",
        priority=row["priority"],
        status=row["status"],
        requester_id=row["requester_id"],
        followup_source_id=row["followup_source_id"],
        can_be_solved_by_me=row["status"] not in ("solved", "closed"),
    )


def _via(row: RowMapping) -> Via:
    """The channel of a ticket and, for a follow-up, the ticket that it follows."""
    source_id = row["followup_source_id"]
    if source_id is None:
        return Via(channel=row["via_channel"])
    source = {"from": {"ticket_id": source_id}, "to": {}, "rel": "follow_up"}
    return Via(channel=row["via_channel"], source=source)


def _followups(connection: Connection, actor: Actor, ids: list[int]) -> dict[int, list[int]]:
    """The follow-ups of closed tickets; for an end user only their own."""
    found: dict[int, list[int]] = {}
    if ids:
        query = select(tickets.c.followup_source_id, tickets.c.id).where(tickets.c.followup_source_id.in_(ids))
        if not actor.is_agent:
            query = query.where(tickets.c.requester_id == actor.id, tickets.c.is_public, tickets.c.status != "deleted")
        for row in connection.execute(query.order_by(tickets.c.id)):
            found.setdefault(row.followup_source_id, []).append(row.id)
    return found


def _problems_with_incidents(connection: Connection, ids: list[int]) -> set[int]:
    """Return which of these tickets have incidents."""
    if not ids:
        return set()
    query = select(tickets.c.problem_id).where(tickets.c.problem_id.in_(ids), tickets.c.status != "deleted")
    return set(connection.execute(query.distinct()).scalars())


def _audit(row: RowMapping, events: list[AuditEvent]) -> Audit:
    return Audit(
        id=row["id"],
        ticket_id=row["ticket_id"],
        created_at=row["created_at"],
        author_id=row["author_id"],
        via=Via(channel=row["via_channel"]),
        metadata=AuditMetadata(custom=_custom(row["custom"])),
        events=events,
    )


def _custom(stored: str) -> dict[str, Any]:
    """A client's metadata; empty if an earlier version has stored some that is nested too deeply for JSON parsers."""
    if is_nested_too_deep(stored.encode()):
        return {}
    custom: dict[str, Any] = msgspec.json.decode(stored)
    return custom


def _comment_event(comment: Comment, audit_channel: str) -> AuditEvent:
    return AuditEvent(
        id=comment.id,
        type="Comment",
        author_id=comment.author_id,
        body=comment.body,
        html_body=comment.html_body,
        plain_body=comment.plain_body,
        public=comment.public,
        attachments=comment.attachments,
        via=comment.via if comment.via.channel != audit_channel else UNSET,
    )


def _property_event(event: RowMapping) -> AuditEvent:
    shown = AuditEvent(
        id=event["id"], type=event["kind"], field_name=event["field_name"], value=msgspec.json.decode(event["value"])
    )
    if event["kind"] == "Change":
        shown.previous_value = msgspec.json.decode(event["previous_value"])
    return shown
