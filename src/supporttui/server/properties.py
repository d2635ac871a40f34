"""Checking the properties that a change of a ticket sets."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection, RowMapping, select

from supporttui.server.fields import UpdateFields
from supporttui.server.people import find_by_id, require_agent
from supporttui.server.refusals import RecordInvalid
from supporttui.server.schema import groups
from supporttui.server.workflow import PRIORITIES, TYPES, check_choice

SUBJECT_MAX: Final = 500
TAG_MAX: Final = 255
_COPIED: Final = ("priority", "type", "assignee_id", "group_id", "requester_id", "external_id")


def checked_changes(connection: Connection, ticket: RowMapping, fields: UpdateFields) -> dict[str, Any]:
    """The columns that a change sets, status aside. Raises RecordInvalid."""
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
        kept = msgspec.json.decode(ticket["tags"]) if fields.tags is UNSET else fields.tags
        wanted = [*kept, *fields.additional_tags]
        values["tags"] = checked_tags(tag for tag in wanted if tag not in fields.removed_tags)
    return values


def require_group(connection: Connection, group_id: int) -> None:
    """Raise RecordInvalid where there is no such group."""
    if connection.execute(select(groups.c.id).where(groups.c.id == group_id)).first() is None:
        raise RecordInvalid("group", f"Group: {group_id} is not a group of this desk")


def checked_subject(subject: str) -> str:
    """A subject that is there and not too long. Raises RecordInvalid."""
    if not subject.strip():
        raise RecordInvalid("subject", "Subject: cannot be blank")
    if len(subject) > SUBJECT_MAX:
        raise RecordInvalid("subject", f"Subject: is longer than {SUBJECT_MAX} characters")
    return subject


def checked_tags(tags: Iterable[str]) -> str:
    """Tags as they are kept: each once, in the order given. Raises RecordInvalid."""
    kept = list(dict.fromkeys(tag.strip().lower() for tag in tags if tag.strip()))
    for tag in kept:
        if len(tag) > TAG_MAX:
            raise RecordInvalid("tags", f"Tags: one is longer than {TAG_MAX} characters")
    return msgspec.json.encode(kept).decode()
