"""How deep JSON is nested."""

import re
from typing import Final

NESTING_MAX: Final = 20
"""Levels of a request's body. Every reader of JSON gives up at some depth, and what is stored must not reach it."""

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_INNERMOST: Final = re.compile(rb"\[\]|\{\}")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


def is_nested_too_deep(json: bytes) -> bool:
    """Whether sound JSON is nested more than `NESTING_MAX` deep; in linear time, without recursion."""
    if json.count(b"[") + json.count(b"{") <= NESTING_MAX:
        return False
    brackets = _STRING.sub(b"", json).translate(None, _NOT_BRACKETS)
    for _level in range(NESTING_MAX):
        brackets = _INNERMOST.sub(b"", brackets)
    return bool(brackets)
