"""What may be typed next in a filter: names of terms, and their values."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from supporttui.domain.query.parser import typed_value
from supporttui.domain.query.query import Field, Operator
from supporttui.domain.query.term_table import FLAGS, SHORT_STATUSES, TERM_OF_NAME, TERMS, TermSpec, ValueKind
from supporttui.domain.safe_text import OutsideText, folded, safe_line

FindValues = Callable[[Field, str], Iterable[OutsideText]]
"""The values of a field (assignee, requester, organisation, group, tag) that go with a folded text, the best first.

With an empty text: those that are wanted most often. Only as many as one cares to see.
"""

_LAST_PIECE: Final = re.compile(r'(?:"[^"]*"?|[^\s"])*\Z')
_NAMED: Final = re.compile(r"([A-Za-z_][A-Za-z_-]*)(?::?(?:<=|>=|<|>)|:=?|=)")
_LAST_PART: Final = re.compile(r'(?:"[^"]*"?|[^,"])*\Z')
_SPANS: Final = (("30m", "half an hour"), ("2h", "two hours"), ("1d", "a day"))


class Completion(msgspec.Struct, frozen=True):
    """What stands between two places of the text is replaced by this text; it is safe to be drawn."""

    start: int
    end: int
    text: str
    meaning: str = ""
    """A few words; empty where the text says it all."""


def complete(text: str, cursor: int, find_values: FindValues) -> list[Completion]:
    """What the word before the cursor may become, the likeliest first; nothing within words to be looked for."""
    before = text[:cursor]
    match = _LAST_PIECE.search(before)
    assert match is not None
    piece, start = match[0].removeprefix("-"), cursor - len(match[0].removeprefix("-"))
    named = _NAMED.match(piece)
    if named is None:
        return [Completion(start, cursor, word, meaning) for word, meaning in _words(piece.lower())]
    spec = TERM_OF_NAME.get(named[1].lower())
    part = _LAST_PART.search(piece, named.end())
    if spec is None or part is None:
        return []
    typed = part[0].replace('"', "").strip()
    is_equality = not {"<", ">"} & set(named[0])
    return [
        Completion(cursor - len(part[0]), cursor, word, meaning)
        for word, meaning in _values(spec, is_equality, typed, find_values)
    ]


def _words(typed: str) -> Iterator[tuple[str, str]]:
    """Names of terms, with the sign that mostly follows, and words that are a condition by themselves."""
    if typed.startswith('"'):
        return
    for spec in TERMS:
        name = next((each for each in spec.names if each.startswith(typed)), None)
        if name is not None:
            sign = Operator.IS.value if Operator.IS is spec.operators[0] else spec.example[len(spec.names[0])]
            yield name + sign, spec.meaning
    for word, (_, meaning) in FLAGS.items():
        if word.startswith(typed):
            yield word, meaning


def _values(spec: TermSpec, is_equality: bool, typed: str, find_values: FindValues) -> Iterator[tuple[str, str]]:
    """Values of a term that go with what was typed of one."""
    fixed = [each for each in _fixed_values(spec, is_equality) if each[0].startswith(typed.lower())]
    yield from fixed
    if spec.kind in (ValueKind.AGENT, ValueKind.PERSON, ValueKind.NAME_OR_NONE):
        for found in find_values(spec.field, folded(typed)):
            if safe_line(found) == found.raw:  # what would be shown otherwise would not find it
                yield typed_value(found.raw), ""


def _fixed_values(spec: TermSpec, is_equality: bool) -> Iterator[tuple[str, str]]:
    match spec.kind:
        case ValueKind.STATUS:
            yield from ((word, "") for word in SHORT_STATUSES)
        case ValueKind.SEVERITY:
            yield from ((str(number), "") for number in range(1, 5))
        case ValueKind.AGENT | ValueKind.PERSON:
            yield "me", "yourself"
        case ValueKind.TIME if is_equality:
            yield from (("today", ""), ("yesterday", ""))
        case ValueKind.SUPPORT_SPAN | ValueKind.SPAN | ValueKind.TIME if not is_equality:
            yield from _SPANS
    if spec.takes_none and is_equality:
        yield "none", "those without"
