"""The desk's macros as ours, and what the desk itself says that one would do.

https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/
https://support.zendesk.com/hc/en-us/articles/4408844187034: the fields of actions
"""

from collections.abc import Iterator
from typing import Any, Final

from supporttui.domain.conversation_budget import bounded_text
from supporttui.domain.macros import CURRENT_USER, NOBODY, Macro, MacroEffect, TagEdit
from supporttui.domain.patch import UNASSIGNED, FieldChange, TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import FieldKind, Status, Ticket, TicketType
from supporttui.helpdesks.zendesk.translation import MAX_NAME, is_id, parse_custom_fields
from supporttui.zendesk_api import account_setup
from supporttui.zendesk_api.words import SEVERITY_OF_PRIORITY, STATUS_OF_WORD

_CUSTOM_FIELD: Final = "custom_fields_"
_TYPES: Final = {each.value: each for each in TicketType}
_STATUSES: Final = {word: status for word, status in STATUS_OF_WORD.items() if status is not Status.NEW}


def parse_macro(sent: account_setup.Macro) -> Macro:
    """Convert a macro of the desk. Its actions that cannot be done here are listed in `unknown`."""
    values: dict[str, Any] = {}
    tags, fields, unknown = TagEdit(), list[FieldChange](), list[OutsideText]()
    for action in sent.actions:
        edit, change = _tag_edit(action), _field_change(action)
        if edit is not None:
            tags = tags.then(edit)
        elif change is not None:
            fields.append(change)
        else:
            found = dict(_property(action))
            values |= found
            if not found:
                unknown.append(bounded_text(action.field, MAX_NAME))
    return Macro(
        id=str(sent.id),
        title=bounded_text(sent.title, MAX_NAME),
        tags=tags,
        field_changes=tuple({each.field_id: each for each in fields}.values()),
        unknown=tuple(unknown),
        **values,
    )


def _property(action: account_setup.MacroAction) -> Iterator[tuple[str, Any]]:
    """Yield the field of `Macro` that an action sets; nothing if it cannot be done here."""
    word = _text(action.value)
    match action.field:
        case "comment_value":
            yield "text", bounded_text(word)
        case "comment_mode_is_public" if word in ("true", "false"):
            yield "is_public", word == "true"
        case "status" if word in _STATUSES:
            yield "status", _STATUSES[word]
        case "priority" if word in SEVERITY_OF_PRIORITY:
            yield "severity", SEVERITY_OF_PRIORITY[word]
        case "type" if word in _TYPES:
            yield "ticket_type", _TYPES[word]
        case "assignee_id" if word == "current_user" or word == "" or word.isdecimal():
            yield "assignee", {"current_user": CURRENT_USER, "": NOBODY}.get(word, word)
        case "group_id" if word == "" or word.isdecimal():
            yield "group", word


def _text(value: object) -> str:
    """Return the value of an action as text. A comment may be a list of its channel and its text."""
    if isinstance(value, list):
        texts = [each for each in value if isinstance(each, str)]
        return texts[-1] if texts else ""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _tag_edit(action: account_setup.MacroAction) -> TagEdit | None:
    words = tuple(_text(action.value).split())
    match action.field:
        case "set_tags":
            return TagEdit(words)
        case "current_tags":
            return TagEdit(added=words)
        case "remove_tags":
            return TagEdit(removed=words)
    return None


def _field_change(action: account_setup.MacroAction) -> FieldChange | None:
    number = action.field.removeprefix(_CUSTOM_FIELD)
    if number == action.field or not number.isdecimal() or len(number) > 19 or not is_id(int(number)):
        return None
    text = _text(action.value)
    is_flag = text in ("true", "false")
    return FieldChange(int(number), FieldKind.CHECKBOX if is_flag else FieldKind.TEXT, "" if text == "false" else text)


def parse_preview(sent: account_setup.PreviewedTicket, ticket: Ticket) -> MacroEffect:
    """Convert the desk's preview of a macro; values that the ticket already has are left out."""
    comment = sent.comment if isinstance(sent.comment, account_setup.PreviewedComment) else None
    return MacroEffect(
        text="" if comment is None else bounded_text(comment.body).raw,
        is_public=comment.public if comment is not None and isinstance(comment.public, bool) else None,
        patch=TicketPatch(field_changes=_changed_fields(sent, ticket), **dict(_changed_properties(sent, ticket))),
        tags=TagEdit(tuple(sent.tags)) if isinstance(sent.tags, list) else TagEdit(),
    )


def _changed_properties(sent: account_setup.PreviewedTicket, ticket: Ticket) -> Iterator[tuple[str, Any]]:
    if isinstance(sent.status, str) and sent.status != ticket.desk_status.raw and sent.status in _STATUSES:
        yield "status", _STATUSES[sent.status]
    severity = SEVERITY_OF_PRIORITY.get(str(sent.priority))
    if severity not in (None, ticket.severity):
        yield "severity", severity
    kind = _TYPES.get(str(sent.type))
    if kind not in (None, ticket.ticket_type):
        yield "ticket_type", kind
    for name in ("assignee_id", "group_id"):
        number = getattr(sent, name)
        if number is None and getattr(ticket, name) is not None:
            yield name, UNASSIGNED
        elif isinstance(number, int) and is_id(number) and number != getattr(ticket, name):
            yield name, number


def _changed_fields(sent: account_setup.PreviewedTicket, ticket: Ticket) -> tuple[FieldChange, ...]:
    if not isinstance(sent.custom_fields, list):
        return ()
    ticked = {each.id for each in sent.custom_fields if isinstance(each.value, bool)}
    before = {each.field_id: each.value.raw for each in ticket.custom_fields}
    after = {each.field_id: each.value.raw for each in parse_custom_fields(sent.custom_fields)}
    numbers = [each.id for each in sent.custom_fields if is_id(each.id)]
    return tuple(
        FieldChange(number, FieldKind.CHECKBOX if number in ticked else FieldKind.TEXT, after.get(number, ""))
        for number in dict.fromkeys(numbers)
        if after.get(number, "") != before.get(number, "")
    )
