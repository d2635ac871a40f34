"""Creating and changing tickets. Each change leaves an audit and an event in the same transaction."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection, RowMapping, insert, select, update

from supporttui.config import default_policy
from supporttui.domain.policy import ServicePolicy
from supporttui.server import ticket_metrics
from supporttui.server.api_errors import NotPermitted, RecordInvalid, RecordNotFound, UpdateConflict
from supporttui.server.conversation import AddedComment, PropertyChange, add_audit, add_changes, add_comment
from supporttui.server.custom_fields import checked_values
from supporttui.server.desk import add_event
from supporttui.server.people import Actor, find_by_id, load_actor, require_agent
from supporttui.server.schema import tickets, whole_second
from supporttui.server.ticket_fields import CommentFields, NewTicketFields, UpdateFields
from supporttui.server.ticket_rules import (
    TYPES,
    check_choice,
    check_problem,
    checked_changes,
    checked_copies,
    checked_subject,
    checked_tags,
    first_status,
    next_status,
    require_group,
)
from supporttui.zendesk_api.words import PRIORITIES

SECOND: Final = timedelta(seconds=1)
_ID_FIELDS: Final = ("requester_id", "assignee_id", "group_id", "problem_id")
_AUDITED: Final = (*("subject", "status", "priority", "type", *_ID_FIELDS, "tags", "email_cc_ids", "external_id"),)
_SHOWN_TO_REQUESTER: Final = frozenset({"status", "subject", "priority", "requester_id"})
_packaged_policy = cache(default_policy)


def create_ticket(
    connection: Connection, actor_id: int, fields: NewTicketFields, at: datetime, *, policy: ServicePolicy | None = None
) -> int:
    """Create a ticket and return its id. Raises ApiError; then the transaction must be rolled back."""
    actor = load_actor(connection, actor_id)
    at = whole_second(at)
    row = _new_row(connection, actor, fields, at, policy or _packaged_policy())
    key = connection.execute(insert(tickets).values(**row)).inserted_primary_key
    assert key is not None
    ticket_id = int(key[0])
    audit_id = add_audit(connection, ticket_id, actor.id, fields.via, fields.custom, at)
    add_comment(connection, ticket_id, audit_id, actor, _first_comment(fields), at)
    given = [
        PropertyChange(name, None, _audited(name, row[name])) for name in _AUDITED if row[name] not in (None, "[]")
    ]
    add_changes(connection, audit_id, "Create", [*given, *custom_field_changes("{}", row["custom_fields"])])
    finish_change(connection, ticket_id, {}, is_public=fields.comment.is_public, at=at)
    return ticket_id


def update_ticket(
    connection: Connection,
    actor_id: int,
    ticket_id: int,
    fields: UpdateFields,
    at: datetime,
    *,
    policy: ServicePolicy | None = None,
) -> int:
    """Change a ticket and return the audit's id. Raises ApiError; then the transaction must be rolled back."""
    actor = load_actor(connection, actor_id)
    at = whole_second(at)
    ticket = find_ticket(connection, actor, ticket_id)
    _check_may_change(actor, ticket, fields)
    if fields.based_on is not None and whole_second(fields.based_on) != ticket["updated_at"]:
        raise UpdateConflict
    audit_id = add_audit(connection, ticket_id, actor.id, fields.via, fields.custom, at)
    written = None
    if fields.comment is not None:
        written = add_comment(connection, ticket_id, audit_id, actor, fields.comment, at)
    values = checked_changes(connection, ticket, fields, at)
    values |= _status_change(ticket, fields, values, written, policy or _packaged_policy())
    changed = [name for name in values if values[name] != ticket[name]]
    add_changes(connection, audit_id, "Change", _changes(ticket, values, changed))
    metrics = _metric_columns(ticket, {name: values[name] for name in changed}, written, actor, at)
    is_shown = (written is not None and written.is_public) or not _SHOWN_TO_REQUESTER.isdisjoint(changed)
    finish_change(connection, ticket_id, {**values, **metrics}, is_public=is_shown, at=at, last=ticket["updated_at"])
    return audit_id


def delete_ticket(connection: Connection, actor_id: int, ticket_id: int, at: datetime) -> None:
    """Mark a ticket as deleted; it stays in the database and in the incremental export."""
    actor = load_actor(connection, actor_id)
    if not actor.is_agent:
        raise NotPermitted
    ticket = find_ticket(connection, actor, ticket_id)
    at = whole_second(at)
    audit_id = add_audit(connection, ticket_id, actor.id, "api", {}, at)
    add_changes(connection, audit_id, "Change", [PropertyChange("status", ticket["status"], "deleted")])
    values = {"status": "deleted", "status_updated_at": at}
    finish_change(connection, ticket_id, values, is_public=True, at=at, last=ticket["updated_at"])


def find_ticket(connection: Connection, actor: Actor, ticket_id: int) -> RowMapping:
    """Return a ticket that this person may see. Raises RecordNotFound."""
    if not 0 < ticket_id < 2**63:
        raise RecordNotFound
    query = visible_to(actor).where(tickets.c.id == ticket_id)
    found = connection.execute(query).mappings().one_or_none()
    if found is None:
        raise RecordNotFound
    return found


def visible_to(actor: Actor) -> Any:  # noqa: ANN401 - a select over a whole table has no name for its row
    """Return the tickets that a person may see: agents all, end users their own that have public content."""
    query = select(tickets).where(tickets.c.status != "deleted")
    return query if actor.is_agent else query.where(tickets.c.requester_id == actor.id, tickets.c.is_public)


def _new_row(
    connection: Connection, actor: Actor, fields: NewTicketFields, at: datetime, policy: ServicePolicy
) -> dict[str, Any]:
    """The columns of a new ticket, checked."""
    requester_id = fields.requester_id or actor.id
    if not actor.is_agent and (requester_id != actor.id or not fields.comment.is_public):
        raise NotPermitted("End users submit public tickets in their own name only.")
    if find_by_id(connection, requester_id) is None:
        raise RecordInvalid("requester", f"Requester: {requester_id} is not a person of this desk")
    _check_properties(connection, fields)
    is_assigned = fields.assignee_id is not None
    status = first_status(policy, fields.status, is_assigned=is_assigned)
    return {
        "change_id": -1,
        "subject": checked_subject(fields.subject),
        "description": fields.comment.body,
        "description_is_public": fields.comment.is_public,
        "is_public": fields.comment.is_public,
        "status": status,
        "priority": fields.priority,
        "type": fields.type,
        "requester_id": requester_id,
        "submitter_id": fields.submitter_id or actor.id,
        "assignee_id": fields.assignee_id,
        "group_id": fields.group_id,
        "external_id": fields.external_id,
        "tags": checked_tags(fields.tags),
        "via_channel": fields.via,
        "problem_id": fields.problem_id,
        "email_cc_ids": checked_copies(connection, "[]", fields.email_ccs, at),
        "custom_fields": checked_values(connection, "{}", fields.custom_fields) if fields.custom_fields else "{}",
        "followup_source_id": _checked_source(connection, actor, fields.followup_source_id),
        "created_at": at,
        "updated_at": at,
        **ticket_metrics.first_figures(status, is_assigned=is_assigned, by_agent=actor.is_agent, at=at),
        **({} if fields.comment.is_public else {"requester_updated_at": None}),
    }


def _check_properties(connection: Connection, fields: NewTicketFields) -> None:
    """Raise RecordInvalid where a property of a new ticket has a value that it cannot have."""
    check_choice("priority", fields.priority, PRIORITIES)
    check_choice("type", fields.type, TYPES)
    if fields.assignee_id is not None:
        require_agent(connection, fields.assignee_id, "assignee_id")
    if fields.group_id is not None:
        require_group(connection, fields.group_id)
    check_problem(connection, fields.problem_id, fields.type, None)


def _first_comment(fields: NewTicketFields) -> CommentFields:
    """The comment of a new ticket, by its submitter unless it names an author."""
    if fields.submitter_id is None or fields.comment.author_id is not None:
        return fields.comment
    return replace(fields.comment, author_id=fields.submitter_id)


def _checked_source(connection: Connection, actor: Actor, source_id: int | None) -> int | None:
    """The ticket that is followed up, which must be closed for good. Raises RecordInvalid."""
    if source_id is None:
        return None
    try:
        source = find_ticket(connection, actor, source_id)
    except RecordNotFound:
        source = None
    if source is None or source["status"] != "closed":
        raise RecordInvalid("via_followup_source_id", f"Followup: ticket {source_id} is not a closed ticket")
    return source_id


def _check_may_change(actor: Actor, ticket: RowMapping, fields: UpdateFields) -> None:
    """Raise ApiError if the ticket is closed for good, or this person may not make these changes."""
    if ticket["status"] == "closed":
        raise RecordInvalid(
            "status",
            "Status: closed prevents ticket update; start a follow-up: a new ticket with "
            f"via_followup_source_id {ticket['id']}",
        )
    if actor.is_agent:
        return
    names = ("subject", "priority", "type", "assignee_id", "group_id", "requester_id", "external_id", "tags")
    touches_more = any(getattr(fields, name) is not UNSET for name in (*names, "problem_id"))
    lists = (fields.additional_tags, fields.removed_tags, fields.email_ccs, fields.custom_fields)
    if touches_more or any(lists) or fields.status not in (None, "open", "solved"):
        raise NotPermitted("End users may reply to their tickets, solve and reopen them, and nothing else.")


def _status_change(
    ticket: RowMapping,
    fields: UpdateFields,
    values: Mapping[str, Any],
    written: AddedComment | None,
    policy: ServicePolicy,
) -> dict[str, Any]:
    """The resulting status, whether requested or implied by the rest of the change."""
    assigns = values.get("assignee_id") is not None and values["assignee_id"] != ticket["assignee_id"]
    status = next_status(
        policy,
        ticket["status"],
        fields.status,
        written=None if written is None else written.authorship(ticket["requester_id"]),
        assigns=assigns,
    )
    return {} if status == ticket["status"] else {"status": status}


def _metric_columns(
    ticket: RowMapping, changed: Mapping[str, Any], written: AddedComment | None, actor: Actor, at: datetime
) -> dict[str, Any]:
    """The columns of the ticket's metrics and visibility that the change sets."""
    metrics: dict[str, Any] = {}
    author_id = written.author_id if written is not None else actor.id
    word = None if written is None else written.authorship(ticket["requester_id"])
    if (author_id == ticket["requester_id"] and word is None) or (word is not None and word.is_customers_word):
        metrics["requester_updated_at"] = at
    if author_id == changed.get("assignee_id", ticket["assignee_id"]):
        metrics["assignee_updated_at"] = at
    if "status" in changed:
        metrics |= ticket_metrics.after_status(ticket, changed["status"], at)
    if "assignee_id" in changed:
        metrics |= ticket_metrics.after_assigning(ticket, changed["assignee_id"], at)
    if written is not None:
        metrics |= ticket_metrics.after_comment(ticket, answers=word is not None and word.is_our_reply, at=at)
        metrics["is_public"] = ticket["is_public"] or written.is_public
    return metrics


def finish_change(
    connection: Connection,
    ticket_id: int,
    values: Mapping[str, Any],
    *,
    is_public: bool,
    at: datetime,
    last: datetime | None = None,
) -> None:
    """Save the ticket with a new change id and an `updated_at` that none of its versions had before.

    `updated_at` has whole seconds, so a second change within one second gets the following second.
    """
    stamp = at if last is None else max(at, last + SECOND)
    change_id = add_event(connection, ticket_id, is_public=is_public, at=at)
    row = {**values, "change_id": change_id, "updated_at": stamp}
    connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(**row))


def _changes(ticket: RowMapping, values: Mapping[str, Any], changed: Iterable[str]) -> Iterator[PropertyChange]:
    """Yield the changes of columns, as written to audits."""
    for name in changed:
        if name == "custom_fields":
            yield from custom_field_changes(ticket[name], values[name])
        else:
            yield PropertyChange(name, _audited(name, ticket[name]), _audited(name, values[name]))


def custom_field_changes(before: str, after: str) -> Iterator[PropertyChange]:
    """Yield the changes of single custom fields, named by the fields' ids as in Zendesk's audits."""
    old, new = msgspec.json.decode(before), msgspec.json.decode(after)
    for key in sorted({*old, *new}, key=int):
        if old.get(key) != new.get(key):
            yield PropertyChange(key, old.get(key), new.get(key))


def _audited(name: str, value: Any) -> Any:  # noqa: ANN401 - a column's value
    """A column's value as written to audits."""
    if name == "email_cc_ids":
        return [str(each) for each in msgspec.json.decode(value)]
    if name == "tags":
        return msgspec.json.decode(value)
    return str(value) if name in _ID_FIELDS and value is not None else value
