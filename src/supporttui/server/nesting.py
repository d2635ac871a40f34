"""The nesting depth of JSON."""

import re
from typing import Final

NESTING_MAX: Final = 20
"""The maximum depth of a request's body. JSON parsers have some limit, and what is stored must not reach it."""

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_INNERMOST: Final = re.compile(rb"\[\]|\{\}")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


def is_nested_too_deep(json: bytes) -> bool:
    """Whether valid JSON is nested deeper than `NESTING_MAX`; in linear time, without recursion."""
    if json.count(b"[") + json.count(b"{") <= NESTING_MAX:
        return False
    brackets = _STRING.sub(b"", json).translate(None, _NOT_BRACKETS)
    for _level in range(NESTING_MAX):
        brackets = _INNERMOST.sub(b"", brackets)
    return bool(brackets)
