"""Macros: the checks of a new one, and the preview of one on a ticket."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, RowMapping, select

from supporttui.domain.macros import TagEdit, fill_placeholders
from supporttui.server.api_errors import RecordInvalid
from supporttui.server.custom_fields import checked_values, field_values, load_fields
from supporttui.server.html_text import text_of_html
from supporttui.server.people import find_by_id, require_agent
from supporttui.server.schema import groups
from supporttui.server.ticket_rules import TYPES, check_choice, checked_subject, checked_tags, require_group
from supporttui.zendesk_api.account_setup import (
    MacroAction,
    MacroActionInput,
    MacroInput,
    PreviewedComment,
    PreviewedTicket,
)
from supporttui.zendesk_api.request_bodies import CustomFieldInput
from supporttui.zendesk_api.words import PRIORITIES, TICKET_STATUSES

TITLE_MAX: Final = 255
ACTIONS_MAX: Final = 100
TEXT_MAX: Final = 65_535
_CURRENT_USER: Final = "current_user"
_CUSTOM_FIELD: Final = re.compile(r"custom_fields_([0-9]{1,18})")
_TAG_FIELDS: Final = ("set_tags", "current_tags", "remove_tags")
_STATUSES: Final = tuple(word for word in TICKET_STATUSES if word not in ("new", "closed"))


def checked_macro(connection: Connection, sent: MacroInput) -> dict[str, Any]:
    """Return the columns of a new macro. Raises RecordInvalid for an action that this desk cannot do."""
    if not sent.title.strip() or len(sent.title) > TITLE_MAX:
        raise RecordInvalid("title", f"Title: has to have 1 to {TITLE_MAX} characters")
    if not 0 < len(sent.actions) <= ACTIONS_MAX:
        raise RecordInvalid("actions", f"Actions: a macro has 1 to {ACTIONS_MAX}")
    for each in sent.actions:
        _check_action(connection, each)
    return {
        "title": sent.title.strip(),
        "description": sent.description,
        "actions": msgspec.json.encode(sent.actions).decode(),
        "is_active": sent.active,
    }


def preview_of(
    connection: Connection, actions: Iterable[MacroAction], ticket: RowMapping, actor_id: int, base: str
) -> PreviewedTicket:
    """Return what a macro would change: the fields that it sets, and its comment with placeholders filled."""
    shown = PreviewedTicket(id=ticket["id"], url=f"{base}/api/v2/tickets/{ticket['id']}.json")
    comment, tags, fields = PreviewedComment(), TagEdit(), list[CustomFieldInput]()
    for action in actions:
        custom = _CUSTOM_FIELD.fullmatch(action.field)
        if action.field in ("comment_value", "comment_value_html"):
            comment.body = _comment_text(action)
        elif action.field == "comment_mode_is_public":
            comment.public = _text(action.value) == "true"
        elif action.field in _TAG_FIELDS:
            tags = tags.then(_tag_edit(action))
        elif custom:
            fields.append(CustomFieldInput(int(custom[1]), action.value))
        else:
            setattr(shown, action.field, _property_value(action, actor_id))
    if tags != TagEdit():
        shown.tags = msgspec.json.decode(checked_tags(tags.applied(msgspec.json.decode(ticket["tags"]))))
    if fields:
        shown.custom_fields = field_values(
            load_fields(connection), checked_values(connection, ticket["custom_fields"], fields)
        )
    if comment != PreviewedComment():
        comment.body, _unknown = fill_placeholders(
            comment.body, _placeholder_values(connection, ticket, actor_id, base)
        )
        shown.comment = comment
    return shown


def _check_action(connection: Connection, action: MacroActionInput) -> None:
    """Raise RecordInvalid where this desk cannot do it."""
    text, custom = _text(action.value), _CUSTOM_FIELD.fullmatch(action.field)
    if custom:
        checked_values(connection, "{}", [CustomFieldInput(int(custom[1]), _simple(action))])
    elif action.field in _TAG_FIELDS:
        checked_tags(text.split())
    elif action.field in _CHECKS:
        _CHECKS[action.field](connection, text)
    else:
        known = ", ".join((*_CHECKS, *_TAG_FIELDS, "custom_fields_ID"))
        raise RecordInvalid("actions", f"Actions: {action.field[:100]} is not one of {known}")


def _check_comment(connection: Connection, text: str) -> None:
    if not text.strip() or len(text) > TEXT_MAX:
        raise RecordInvalid("actions", f"Actions: a comment has 1 to {TEXT_MAX} characters")


def _check_reference(connection: Connection, text: str, check: Callable[[Connection, int], Any]) -> None:
    if text in ("", _CURRENT_USER):
        return
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise RecordInvalid("actions", f"Actions: {text[:100]} is not an id")
    check(connection, int(text))


_CHECKS: Final[Mapping[str, Callable[[Connection, str], None]]] = {
    "comment_value": _check_comment,
    "comment_value_html": _check_comment,
    "comment_mode_is_public": lambda _connection, text: check_choice("comment_mode_is_public", text, ("true", "false")),
    "subject": lambda _connection, text: _ignored(checked_subject(text)),
    "status": lambda _connection, text: check_choice("status", text, _STATUSES),
    "priority": lambda _connection, text: check_choice("priority", text or None, PRIORITIES),
    "type": lambda _connection, text: check_choice("type", text or None, TYPES),
    "assignee_id": lambda connection, text: _check_reference(
        connection, text, lambda database, person: require_agent(database, person, "assignee_id")
    ),
    "group_id": lambda connection, text: _check_reference(connection, text, require_group),
}


def _ignored(_value: object) -> None:
    """Discard what a check returns."""


def _simple(action: MacroActionInput) -> str | bool | int | float | None:
    """Return the value of a custom field. Raises RecordInvalid."""
    value = action.value
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    raise RecordInvalid("actions", f"Actions: {action.field} has to be a text, a number, true or false")


def _text(value: object) -> str:
    """Return the value of an action as text. A comment may be a list of its channel and its text."""
    if isinstance(value, list):
        texts = [each for each in value if isinstance(each, str)]
        return texts[-1] if texts else ""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _comment_text(action: MacroAction) -> str:
    text = _text(action.value)
    return text_of_html(text) if action.field == "comment_value_html" else text


def _tag_edit(action: MacroAction) -> TagEdit:
    words = tuple(each.lower() for each in _text(action.value).split())
    if action.field == "set_tags":
        return TagEdit(words)
    return TagEdit(added=words) if action.field == "current_tags" else TagEdit(removed=words)


def _property_value(action: MacroAction, actor_id: int) -> str | int | None:
    text = _text(action.value)
    if action.field in ("assignee_id", "group_id"):
        return actor_id if text == _CURRENT_USER else int(text) if text else None
    return text or None


def _placeholder_values(connection: Connection, ticket: RowMapping, actor_id: int, base: str) -> dict[str, str]:
    group = select(groups.c.name).where(groups.c.id == ticket["group_id"])
    values = {
        "ticket.id": str(ticket["id"]),
        "ticket.title": ticket["subject"],
        "ticket.status": ticket["status"],
        "ticket.priority": ticket["priority"] or "",
        "ticket.external_id": ticket["external_id"] or "",
        "ticket.link": f"{base}/agent/tickets/{ticket['id']}",
        "ticket.tags": " ".join(msgspec.json.decode(ticket["tags"])),
        "ticket.group.name": connection.execute(group).scalar() or "",
    }
    people = {"ticket.requester": "requester_id", "ticket.assignee": "assignee_id"}
    named = {name: ticket[column] for name, column in people.items()} | {"current_user": actor_id}
    for name, person_id in named.items():
        person = None if person_id is None else find_by_id(connection, person_id)
        if person is not None:
            first, _, last = person["name"].strip().partition(" ")
            found = {"id": str(person["id"]), "name": person["name"], "email": person["email"]}
            found |= {"first_name": first, "last_name": last.strip()}
            values |= {f"{name}.{key}": value for key, value in found.items()}
    return values
