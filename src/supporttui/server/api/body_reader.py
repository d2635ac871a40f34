"""Reading a request's JSON: bounded in depth, lenient in form as the Zendesk API is, and nothing in it is dropped."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import inspect

from supporttui.server.api_errors import BadRequest, RecordInvalid
from supporttui.server.nesting import NESTING_MAX, is_nested_too_deep

T = TypeVar("T", bound=msgspec.Struct)

_ID_TEXT: Final = re.compile(r"[0-9]{1,19}")
_FLAG_TEXT: Final = {"true": True, "false": False}
_EMPTY: Final[tuple[Any, ...]] = (None, "", False, [], {})


@dataclass(frozen=True, slots=True)
class OtherFields:
    """Known fields of an object that a route ignores, refuses or fixes. Any other field not in its type is unknown."""

    passed_over: frozenset[str] = frozenset()
    """Ignored, as only the desk sets them: clients that send back what they have read may include them."""
    refused: frozenset[str] = frozenset()
    """Refused unless they are empty."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Refused unless they are null or have this value, which they always have on this desk."""
    nested: Mapping[str, "OtherFields"] = field(default_factory=dict)


def other_fields(
    passed_over: Iterable[str] = (),
    refused: Iterable[str] = (),
    fixed: Mapping[str, Any] | None = None,
    **nested: OtherFields,
) -> OtherFields:
    """Build an `OtherFields` from any iterables."""
    return OtherFields(frozenset(passed_over), frozenset(refused), fixed or {}, nested)


class BodyReader(Generic[T]):
    """Parses the bodies of one route.

    Ids and flags may be strings. Null counts as left out unless the field can be cleared.
    """

    def __init__(self, kind: type[T], others: OtherFields | None = None) -> None:
        # Built here, on one thread: msgspec 0.22 crashes if two threads decode a type for the first time together.
        msgspec.json.Decoder(kind)
        self._kind = kind
        self._others = others or OtherFields()
        self._form = inspect.type_info(kind)

    def read(self, body: bytes) -> T:
        """The parsed body. Raises BadRequest, or RecordInvalid for what this route does not take."""
        plain = _decode(body)
        try:
            return msgspec.convert(self._accepted(plain, self._form, self._others, ""), self._kind)
        except msgspec.ValidationError as problem:
            raise BadRequest(str(problem)) from problem

    def _accepted(self, value: Any, form: inspect.Type, others: OtherFields, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return a value in the strict form of its type. Raises RecordInvalid."""
        if isinstance(form, inspect.UnionType):
            forms = [each for each in form.types if not isinstance(each, inspect.NoneType)]
            if len(forms) > 1:
                return value
            form = forms[0]
        if isinstance(form, inspect.StructType) and isinstance(value, dict):
            return self._accepted_object(value, form, others, path)
        if isinstance(form, inspect.ListType) and isinstance(value, list):
            return [self._accepted(each, form.item_type, others, path) for each in value]
        if isinstance(form, inspect.IntType) and isinstance(value, str) and _ID_TEXT.fullmatch(value):
            return int(value)
        if isinstance(form, inspect.BoolType) and isinstance(value, str):
            return _FLAG_TEXT.get(value.lower(), value)
        return value

    def _accepted_object(
        self, sent: dict[str, Any], form: inspect.StructType, others: OtherFields, path: str
    ) -> dict[str, Any]:
        known = {each.encode_name: each for each in form.fields}
        found: dict[str, Any] = {}
        for name, value in sent.items():
            one = known.get(name)
            if name in others.passed_over:
                continue
            if one is None or name in others.refused:
                _check_lost(name, value, others, path)
            elif value is not None or one.required or _is_clearable(one.type):
                inner = others.nested.get(name, _NONE)
                found[name] = self._accepted(value, one.type, inner, f"{path}{name}.")
        return found


_NONE: Final = OtherFields()


def _is_clearable(form: inspect.Type) -> bool:
    """Whether null is a value of the field rather than a missing one."""
    return isinstance(form, inspect.UnionType) and form.includes_none


def _check_lost(name: str, value: Any, others: OtherFields, path: str) -> None:  # noqa: ANN401 - JSON
    """Raise RecordInvalid for a field that the route ignores, if that would lose its value."""
    shown = f"{path}{name}"[:100]
    if name not in others.refused and name not in others.fixed:
        raise RecordInvalid(name[:100], f"{shown}: is not a field that this request knows; leave it out")
    if value not in ((None, others.fixed[name]) if name in others.fixed else _EMPTY):
        raise RecordInvalid(name, f"{shown}: cannot be set here, and would be lost; leave it out")


def _decode(body: bytes) -> Any:  # noqa: ANN401 - JSON
    """Parse JSON. Raises BadRequest, or RecordInvalid for text that not every database can store."""
    try:
        plain = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise BadRequest(f"The body is not JSON that can be read: {problem}", "Unprocessable Entity") from problem
    if is_nested_too_deep(body):
        raise BadRequest(f"The body is nested more than {NESTING_MAX} deep", "Unprocessable Entity")
    if b"\\u0000" in body and _has_nul(plain):
        raise RecordInvalid("base", "Text must not hold NUL characters; remove them and send it again")
    return plain


def _has_nul(value: Any) -> bool:  # noqa: ANN401 - decoded JSON
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(each) for each in (*value, *value.values()))
    return isinstance(value, list) and any(_has_nul(each) for each in value)
