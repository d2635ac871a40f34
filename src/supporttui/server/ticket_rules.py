"""The status that a ticket gets by the service policy, and checks of the properties that a change sets."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection, RowMapping, select

from supporttui.domain.authorship import Authorship
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.ticket import Status
from supporttui.domain.workflow import status_after_assigning, status_after_customer
from supporttui.server.api_errors import RecordInvalid
from supporttui.server.people import find_by_id, require_agent
from supporttui.server.schema import groups
from supporttui.server.ticket_fields import TAGS_MAX, UpdateFields
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
_COPIED: Final = ("priority", "type", "assignee_id", "group_id", "requester_id", "external_id")


def checked_changes(connection: Connection, ticket: RowMapping, fields: UpdateFields) -> dict[str, Any]:
    """Return the columns that a change sets, except the status. Raises RecordInvalid."""
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
    return values


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
