"""What a help desk has set up: its groups, and the custom fields of its tickets."""

import re
from datetime import date
from typing import Final

import msgspec

from supporttui.domain.patch import FieldChange
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import FieldKind

_TICKED: Final = frozenset({"true", "yes", "on", "1"})
_NOT_TICKED: Final = frozenset({"false", "no", "off", "0"})
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,30}")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")


class Group(msgspec.Struct, frozen=True):
    """A team of agents to which tickets can be given."""

    id: int
    name: OutsideText


class FieldChoice(msgspec.Struct, frozen=True):
    """One of the choices of a field."""

    name: OutsideText
    """As people read it."""
    value: OutsideText
    """As tickets have it."""


class CustomField(msgspec.Struct, frozen=True, kw_only=True):
    """One of the desk's own fields of tickets."""

    id: int
    title: OutsideText
    kind: FieldKind
    choices: tuple[FieldChoice, ...] = ()
    """Of a tagger; in the desk's order."""


class BadFieldValue(ValueError):
    """What was typed is no value of this field. `str()` is one sentence with what would be right."""


def field_change(field: CustomField, typed: str) -> FieldChange:
    """Return the change for a typed value; an empty text removes the value. Raises BadFieldValue."""
    text = typed if field.kind is FieldKind.TEXT else typed.strip()
    return FieldChange(field.id, field.kind, _parsed(field, text) if text else "")


def _parsed(field: CustomField, text: str) -> str:
    match field.kind:
        case FieldKind.CHECKBOX:
            word = text.casefold()
            if word not in _TICKED | _NOT_TICKED:
                raise _problem(field, "is yes or no")
            return "true" if word in _TICKED else ""
        case FieldKind.INTEGER:
            if not _INTEGER.fullmatch(text):
                raise _problem(field, "is a whole number, such as 42")
        case FieldKind.DECIMAL:
            if not _DECIMAL.fullmatch(text):
                raise _problem(field, "is a number, such as 3.25")
        case FieldKind.DATE:
            try:
                return date.fromisoformat(text).isoformat()
            except ValueError:
                raise _problem(field, "is a date, such as 2026-11-23") from None
        case FieldKind.TAGGER:
            return _choice(field, text)
    return text


def _choice(field: CustomField, text: str) -> str:
    """Return the value of the choice with this value or, ignoring case, this name."""
    by_value = {each.value.raw: each.value.raw for each in field.choices}
    by_name = {each.name.raw.casefold(): each.value.raw for each in reversed(field.choices)}
    found = by_value.get(text) or by_name.get(text.casefold())
    if found is None:
        names = ", ".join(safe_line(each.name) for each in field.choices[:8])
        more = ", …" if len(field.choices) > 8 else ""
        raise _problem(field, f"is one of {names}{more}" if names else "has no choices on this desk")
    return found


def _problem(field: CustomField, sentence: str) -> BadFieldValue:
    return BadFieldValue(f"{safe_line(field.title)} {sentence}.")
