"""The desk's custom fields: their definitions, and the values that tickets have in them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, RowMapping, select

from supporttui.server.api_errors import RecordInvalid
from supporttui.server.schema import ticket_fields
from supporttui.zendesk_api.account_setup import FieldOption, TicketFieldInput
from supporttui.zendesk_api.request_bodies import CustomFieldInput
from supporttui.zendesk_api.responses import CustomFieldValue

FIELD_TYPES: Final = ("text", "textarea", "integer", "decimal", "date", "checkbox", "tagger")
TITLE_MAX: Final = 255
TEXT_MAX: Final = 65_535
OPTIONS_MAX: Final = 1000
FIELDS_MAX: Final = 400
"""Custom fields that a desk may have."""

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,30}")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,30}([.][0-9]{1,30})?")
_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False, "": False}


def load_fields(connection: Connection) -> Sequence[RowMapping]:
    """Return all custom fields, oldest first."""
    return connection.execute(select(ticket_fields).order_by(ticket_fields.c.id)).mappings().all()


def checked_definition(sent: TicketFieldInput) -> dict[str, Any]:
    """Return the columns of a new field. Raises RecordInvalid."""
    if sent.type not in FIELD_TYPES:
        raise RecordInvalid("type", f"Type: {sent.type} is not one of {', '.join(FIELD_TYPES)}")
    if not sent.title.strip() or len(sent.title) > TITLE_MAX:
        raise RecordInvalid("title", f"Title: has to have 1 to {TITLE_MAX} characters")
    options = sent.custom_field_options
    if (sent.type == "tagger") is not bool(options):
        raise RecordInvalid("custom_field_options", "Custom field options: a tagger has some, and no other field does")
    if len(options) > OPTIONS_MAX or len({each.value for each in options}) < len(options):
        raise RecordInvalid("custom_field_options", f"Custom field options: up to {OPTIONS_MAX}, each value once")
    if any(not each.value.strip() or not each.name.strip() for each in options):
        raise RecordInvalid("custom_field_options", "Custom field options: each has a name and a value")
    return {
        "type": sent.type,
        "title": sent.title.strip(),
        "description": sent.description,
        "options": msgspec.json.encode(options).decode(),
        "is_active": sent.active,
    }


def options_of(field: RowMapping) -> list[FieldOption]:
    """Return the choices of a field; empty for all types except tagger."""
    return msgspec.json.decode(field["options"], type=list[FieldOption])


def checked_values(connection: Connection, stored: str, sent: Iterable[CustomFieldInput]) -> str:
    """Return a ticket's values after a change of some of them, as stored. Raises RecordInvalid."""
    values: dict[str, Any] = msgspec.json.decode(stored)
    fields = {field["id"]: field for field in load_fields(connection)}
    for each in sent:
        field = fields.get(each.id)
        if field is None or not field["is_active"]:
            raise RecordInvalid("custom_fields", f"Custom fields: {each.id} is not a field of this desk")
        value = _checked(field, each.value)
        if value is None:
            values.pop(str(each.id), None)
        else:
            values[str(each.id)] = value
    return msgspec.json.encode(dict(sorted(values.items(), key=lambda pair: int(pair[0])))).decode()


def field_values(fields: Iterable[RowMapping], stored: str) -> list[CustomFieldValue]:
    """Return a ticket's value of each active field."""
    values: Mapping[str, Any] = msgspec.json.decode(stored)
    empty = {"checkbox": False}
    return [
        CustomFieldValue(each["id"], values.get(str(each["id"]), empty.get(each["type"])))
        for each in fields
        if each["is_active"]
    ]


def _checked(field: RowMapping, value: str | bool | int | float | None) -> str | bool | None:
    """Return a value in its stored form; None for no value. Raises RecordInvalid."""
    kind = field["type"]
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    if kind == "checkbox":
        if text.lower() not in _FLAGS:
            raise _refusal(field, "has to be true or false")
        return _FLAGS[text.lower()] or None
    if text == "":
        return None
    if kind == "integer" and not _INTEGER.fullmatch(text):
        raise _refusal(field, "has to be a whole number")
    if kind == "decimal" and not _DECIMAL.fullmatch(text):
        raise _refusal(field, "has to be a number such as 3.25")
    if kind == "date" and not _is_date(text):
        raise _refusal(field, "has to be a date such as 2026-11-23")
    if kind == "tagger" and text not in {each.value for each in options_of(field)}:
        raise _refusal(field, "has to be the value of one of the field's options")
    if len(text) > TEXT_MAX:
        raise _refusal(field, f"is longer than {TEXT_MAX} characters")
    return text


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _refusal(field: RowMapping, sentence: str) -> RecordInvalid:
    return RecordInvalid("custom_fields", f"Custom fields: {field['title']} {sentence}")
