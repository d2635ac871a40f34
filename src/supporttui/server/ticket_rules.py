"""The status that a ticket gets by the service policy, and checks of the properties that a change sets."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection, RowMapping, select

from supporttui.domain.authorship import Authorship
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.ticket import Status
from supporttui.domain.workflow import status_after_assigning, status_after_customer
from supporttui.server.api_errors import RecordInvalid
from supporttui.server.custom_fields import checked_values
from supporttui.server.email_addresses import email_key
from supporttui.server.people import find_by_email, find_by_id, find_or_add_requester, require_agent
from supporttui.server.schema import groups, tickets
from supporttui.server.ticket_fields import TAGS_MAX, UpdateFields
from supporttui.zendesk_api.request_bodies import EmailCcInput
from supporttui.zendesk_api.words import PRIORITIES, STATUS_OF_WORD, TICKET_STATUSES, WORD_OF_STATUS

TYPES: Final = ("problem", "incident", "question", "task")


def check_transition(policy: ServicePolicy, current: str, wanted: str) -> None:
    """Raise RecordInvalid, with the allowed statuses, if the policy forbids the transition."""
    if wanted not in TICKET_STATUSES:
        raise RecordInvalid("status", f"Status: {wanted} is not one of {', '.join(TICKET_STATUSES)}")
    if wanted == current:
        return
    if wanted == "closed":
        raise RecordInvalid("status", "Status: only the desk itself closes a ticket for good; set it to solved")
    moves = policy.statuses[STATUS_OF_WORD[current]].moves
    if STATUS_OF_WORD[wanted] not in moves:
        allowed = " or ".join(WORD_OF_STATUS[each] for each in moves) or "nothing else"
        raise RecordInvalid("status", f"Status: {current} cannot become {wanted}; allowed from here: {allowed}")


def first_status(policy: ServicePolicy, wanted: str | None, *, is_assigned: bool) -> str:
    """Return the status of a new ticket. Raises RecordInvalid."""
    if wanted is None:
        return WORD_OF_STATUS[status_after_assigning(policy, Status.NEW)] if is_assigned else "new"
    check_transition(policy, "new", wanted)
    return wanted


def next_status(
    policy: ServicePolicy, current: str, wanted: str | None, *, written: Authorship | None, assigns: bool
) -> str:
    """Return the status after a change: the requested one, else the result of a message or an assignment.

    A request for New on a New ticket counts as none. Raises RecordInvalid if the transition is not allowed.
    """
    if wanted is not None and (wanted, current) != ("new", "new"):
        check_transition(policy, current, wanted)
        return wanted
    if written is not None and written.is_customers_word:
        return WORD_OF_STATUS[status_after_customer(STATUS_OF_WORD[current])]
    if assigns or (written is not None and written.is_our_reply):
        return WORD_OF_STATUS[status_after_assigning(policy, STATUS_OF_WORD[current])]
    return current


def check_choice(field: str, value: str | None, choices: tuple[str, ...]) -> None:
    """Raise RecordInvalid if a value is none of the choices; None is always allowed."""
    if value is not None and value not in choices:
        raise RecordInvalid(field, f"{field.capitalize()}: {value} is not one of {', '.join(choices)}")


SUBJECT_MAX: Final = 500
TAG_MAX: Final = 255
EMAIL_CCS_MAX: Final = 48
_COPIED: Final = ("priority", "type", "assignee_id", "group_id", "requester_id", "external_id", "problem_id")


def checked_changes(connection: Connection, ticket: RowMapping, fields: UpdateFields, at: datetime) -> dict[str, Any]:
    """Return the columns that a change sets, except the status; adds unknown people. Raises RecordInvalid."""
    values = {name: getattr(fields, name) for name in _COPIED if getattr(fields, name) is not UNSET}
    check_choice("priority", values.get("priority"), PRIORITIES)
    check_choice("type", values.get("type"), TYPES)
    if values.get("assignee_id") is not None:
        require_agent(connection, values["assignee_id"], "assignee_id")
    if values.get("group_id") is not None:
        require_group(connection, values["group_id"])
    if "requester_id" in values and find_by_id(connection, values["requester_id"]) is None:
        raise RecordInvalid("requester", f"Requester: {values['requester_id']} is not a person of this desk")
    if fields.subject is not UNSET:
        values["subject"] = checked_subject(fields.subject)
    if fields.tags is not UNSET or fields.additional_tags or fields.removed_tags:
        current = msgspec.json.decode(ticket["tags"])
        kept = current if fields.tags is UNSET else fields.tags
        removed = {_plain_tag(tag) for tag in fields.removed_tags}
        wanted = [*kept, *fields.additional_tags]
        values["tags"] = checked_tags((tag for tag in wanted if _plain_tag(tag) not in removed), len(current))
    return values | _changed_links(connection, ticket, fields, values.get("type", ticket["type"]), at)


def _changed_links(
    connection: Connection, ticket: RowMapping, fields: UpdateFields, kind: str | None, at: datetime
) -> dict[str, Any]:
    """Return the columns for custom fields, copies and problem; `kind` is the ticket's type afterwards."""
    values: dict[str, Any] = {}
    if fields.custom_fields:
        values["custom_fields"] = checked_values(connection, ticket["custom_fields"], fields.custom_fields)
    known = ticket["email_cc_ids"]
    if fields.email_cc_ids is not UNSET and {*fields.email_cc_ids} != {*msgspec.json.decode(known)}:
        raise RecordInvalid("email_cc_ids", "ticket.email_cc_ids: is changed by email_ccs; leave it out")
    if fields.email_ccs:
        values["email_cc_ids"] = checked_copies(connection, known, fields.email_ccs, at)
    if fields.problem_id is not UNSET:
        check_problem(connection, fields.problem_id, kind, ticket["id"])
    elif kind != "incident":
        values["problem_id"] = None
    return values


def check_problem(connection: Connection, problem_id: int | None, kind: str | None, ticket_id: int | None) -> None:
    """Raise RecordInvalid where a ticket of this type cannot be an incident of that problem; None is none."""
    if problem_id is None:
        return
    if kind != "incident":
        raise RecordInvalid("problem_id", "Problem: only an incident belongs to one; send type incident with it")
    found = connection.execute(select(tickets.c.type, tickets.c.status).where(tickets.c.id == problem_id)).one_or_none()
    if found is None or found.type != "problem" or found.status == "deleted" or problem_id == ticket_id:
        raise RecordInvalid("problem_id", f"Problem: ticket {problem_id} is not a problem")


def checked_copies(connection: Connection, stored: str, sent: Iterable[EmailCcInput], at: datetime) -> str:
    """Return the ids of the people who get copies after a change, as stored. Raises RecordInvalid."""
    ids: list[int] = msgspec.json.decode(stored)
    for each in sent:
        person_id = _copied_person(connection, each, at)
        if each.action == "put" and person_id not in ids:
            ids.append(person_id)
        elif each.action == "delete" and person_id in ids:
            ids.remove(person_id)
    if len(ids) > EMAIL_CCS_MAX:
        raise RecordInvalid("email_ccs", f"Email CCs: a ticket has up to {EMAIL_CCS_MAX}")
    return msgspec.json.encode(ids).decode()


def _copied_person(connection: Connection, sent: EmailCcInput, at: datetime) -> int:
    """Return the id of the person who is meant; adds an unknown address. Raises RecordInvalid."""
    if isinstance(sent.user_id, int):
        if find_by_id(connection, sent.user_id) is None:
            raise RecordInvalid("email_ccs", f"Email CCs: {sent.user_id} is not a person of this desk")
        return sent.user_id
    if sent.user_email is UNSET:
        raise RecordInvalid("email_ccs", "Email CCs: each names a user_id or a user_email")
    if sent.action == "delete":
        found = find_by_email(connection, sent.user_email)
        if found is None:
            raise RecordInvalid("email_ccs", f"Email CCs: {sent.user_email} is not a person of this desk")
        return int(found["id"])
    if email_key(sent.user_email) is None:
        raise RecordInvalid("email_ccs", f"Email CCs: {sent.user_email} is not properly formatted")
    return find_or_add_requester(connection, sent.user_email, None if sent.user_name is UNSET else sent.user_name, at)


def require_group(connection: Connection, group_id: int) -> None:
    """Raise RecordInvalid if there is no such group."""
    if connection.execute(select(groups.c.id).where(groups.c.id == group_id)).first() is None:
        raise RecordInvalid("group", f"Group: {group_id} is not a group of this desk")


def checked_subject(subject: str) -> str:
    """Return a subject that is neither blank nor too long. Raises RecordInvalid."""
    if not subject.strip():
        raise RecordInvalid("subject", "Subject: cannot be blank")
    if len(subject) > SUBJECT_MAX:
        raise RecordInvalid("subject", f"Subject: is longer than {SUBJECT_MAX} characters")
    return subject


def checked_tags(tags: Iterable[str], before: int = 0) -> str:
    """Return tags as stored: without duplicates, in the order given. Raises RecordInvalid.

    A ticket that had too many `before` the change may keep them.
    """
    kept = list(dict.fromkeys(_plain_tag(tag) for tag in tags if tag.strip()))
    if len(kept) > max(TAGS_MAX, before):
        raise RecordInvalid("tags", f"Tags: a ticket has up to {TAGS_MAX}")
    for tag in kept:
        if len(tag) > TAG_MAX:
            raise RecordInvalid("tags", f"Tags: one is longer than {TAG_MAX} characters")
    return msgspec.json.encode(kept).decode()


def _plain_tag(tag: str) -> str:
    return tag.strip().lower()
