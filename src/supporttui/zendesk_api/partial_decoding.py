"""Decodes as much of an answer as can be read: a field that cannot has its default, an item that cannot is left out."""

from types import NoneType, UnionType
from typing import Any, Final, Union, cast, get_args, get_origin

import msgspec

Unreadable = msgspec.ValidationError
"""Raised where nothing can be made of a value: it has another type, or lacks what it must have."""


def convert_partly(sent: object, wanted: object, lost: set[str] | None = None) -> object:
    """The value as the wanted type. `lost` gets the names of its fields in which something cannot be read.

    A field is among them too where only a part of it is lost, as one item of a list. Null and missing count as the
    default, and are not lost. Raises Unreadable.
    """
    try:
        return cast("object", msgspec.convert(sent, cast("Any", wanted)))
    except (ValueError, OverflowError, RecursionError):  # ValidationError, and half a surrogate pair as a date
        pass
    if lost is None:
        lost = set()
    if isinstance(sent, (str, float)) and wanted in (int, bool):
        return _written_otherwise(sent, wanted)
    if get_origin(wanted) in (Union, UnionType):
        return _first_of(sent, get_args(wanted), lost)
    if get_origin(wanted) is list and isinstance(sent, list):
        return _items(sent, get_args(wanted)[0], lost)
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct) and isinstance(sent, dict):
        return _struct(sent, wanted, lost)
    raise Unreadable("not what was asked for")


_TRUTH_VALUES: Final = {"true": True, "false": False}
_MAX_DIGITS: Final = 19


def _written_otherwise(sent: str | float, wanted: object) -> int | bool:
    """Return a truth value or an integer that was sent as text, or as 7.0. Raises Unreadable."""
    if isinstance(sent, str) and wanted is bool and sent in _TRUTH_VALUES:
        return _TRUTH_VALUES[sent]
    digits = sent.removeprefix("-") if isinstance(sent, str) else ""
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS
    if wanted is int and (is_number or (isinstance(sent, float) and sent.is_integer() and abs(sent) < 2**53)):
        return int(sent)
    raise Unreadable("not what was asked for")


def _first_of(sent: object, kinds: tuple[object, ...], lost: set[str]) -> object:
    if sent == "" and NoneType in kinds and str not in kinds:
        return None  # some desks write an empty text where there is no number or date
    for kind in kinds:
        lost_of_kind: set[str] = set()
        try:
            found = convert_partly(sent, kind, lost_of_kind)
        except Unreadable:
            continue
        lost |= lost_of_kind
        return found
    raise Unreadable("none of what was asked for")


def _items(sent: list[object], kind: object, lost: set[str]) -> list[object]:
    found: list[object] = []
    for number, each in enumerate(sent):
        lost_of_item: set[str] = set()
        try:
            found.append(convert_partly(each, kind, lost_of_item))
        except Unreadable:
            lost.add(str(number))
            continue
        if lost_of_item:
            lost.add(str(number))
    return found


def _struct(sent: dict[str, object], wanted: type[msgspec.Struct], lost: set[str]) -> object:
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(wanted):
        if field.encode_name not in sent and not field.required:
            continue
        value, lost_of_field = sent.get(field.encode_name), set[str]()
        try:
            values[field.name] = convert_partly(value, field.type, lost_of_field)
        except Unreadable:
            if field.required:
                raise
            if value is not None:
                lost.add(field.name)
        if lost_of_field:
            lost.add(field.name)
    return cast("Any", wanted)(**values)
