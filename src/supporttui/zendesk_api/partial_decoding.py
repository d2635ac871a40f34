"""Decodes as much of an answer as can be read: a field that cannot has its default, an item that cannot is left out."""

from types import UnionType
from typing import Any, Union, cast, get_args, get_origin

import msgspec

Unreadable = msgspec.ValidationError
"""Raised where nothing can be made of a value: it has another type, or lacks what it must have."""


def convert_partly(sent: object, wanted: object, lost: set[str] | None = None) -> object:
    """The value as the wanted type. `lost` gets the names of the fields, at the first level, that cannot be read.

    Null and missing count as the default, and are not lost. Raises Unreadable.
    """
    try:
        return cast("object", msgspec.convert(sent, cast("Any", wanted)))
    except (ValueError, OverflowError, RecursionError):  # ValidationError, and half a surrogate pair as a date
        pass
    if get_origin(wanted) in (Union, UnionType):
        return _first_of(sent, get_args(wanted), lost)
    if get_origin(wanted) is list and isinstance(sent, list):
        return _items(sent, get_args(wanted)[0])
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct) and isinstance(sent, dict):
        return _struct(sent, wanted, lost if lost is not None else set())
    raise Unreadable("not what was asked for")


def _first_of(sent: object, kinds: tuple[object, ...], lost: set[str] | None) -> object:
    for kind in kinds:
        try:
            return convert_partly(sent, kind, lost)
        except Unreadable:
            continue
    raise Unreadable("none of what was asked for")


def _items(sent: list[object], kind: object) -> list[object]:
    found: list[object] = []
    for each in sent:
        try:
            found.append(convert_partly(each, kind))
        except Unreadable:
            continue
    return found


def _struct(sent: dict[str, object], wanted: type[msgspec.Struct], lost: set[str]) -> object:
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(wanted):
        if field.encode_name not in sent and not field.required:
            continue
        value = sent.get(field.encode_name)
        try:
            values[field.name] = convert_partly(value, field.type)
        except Unreadable:
            if field.required:
                raise
            if value is not None:
                lost.add(field.name)
    return cast("Any", wanted)(**values)
