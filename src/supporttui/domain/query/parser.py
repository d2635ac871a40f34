"""Reads what was typed as a query; what is none is explained, with the place of the mistake."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from msgspec.structs import replace

from supporttui.domain.query.matching import words_of
from supporttui.domain.query.query import Day, Field, Operator, Query, QueryProblem, Span, Special, Term, Value
from supporttui.domain.query.term_table import (
    FLAGS,
    SEVERITY_OF_WORD,
    SHORT_STATUSES,
    STATUS_OF_WORD,
    TERM_OF_NAME,
    TermSpec,
    ValueKind,
)
from supporttui.domain.safe_text import OutsideText, folded, safe_line
from supporttui.domain.ticket import Person

LONGEST_QUERY: Final = 1_000
"""Characters that a query may have."""
MOST_VALUES: Final = 100
"""Values that a query may have in all."""

_PIECE: Final = re.compile(r'(?:"[^"]*"?|[^\s"])+')
_NAMED: Final = re.compile(r"([A-Za-z_][A-Za-z_-]*)(:?(?:<=|>=|<|>)|:=?|=)")
_PART: Final = re.compile(r'((?:"[^"]*"?|[^,"])*)(,|$)')
_SPAN: Final = re.compile(r"(?:([0-9]{1,4})w)?(?:([0-9]{1,5})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,6})m(?:in)?)?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OPERATORS: Final = {"=": ":", ":=": ":", **{f":{each}": each for each in ("<", "<=", ">", ">=")}}
_DAYS: Final[Mapping[str, Value]] = {"today": Day(days_ago=0), "yesterday": Day(days_ago=1)}


class Piece(NamedTuple):
    """A part of the text, and where it begins."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)

    def problem(self, sentence: str) -> QueryProblem:
        """A mistake in it; what misses is shown at the character before it."""
        return QueryProblem(self.start if self.text else self.start - 1, self.end, sentence)


def parse_query(text: str) -> Query:
    """The query that was typed; blank text matches everything. Raises QueryProblem.

    A quotation that is not closed ends with the text.
    """
    if len(text) > LONGEST_QUERY:
        raise QueryProblem(LONGEST_QUERY, len(text), f"a filter may have up to {LONGEST_QUERY:,} characters")
    terms = [_parse_term(Piece(match[0], match.start())) for match in _PIECE.finditer(text)]
    values = 0
    for term in terms:
        values += max(1, len(term.values))
        if values > MOST_VALUES:
            raise QueryProblem(term.start, term.end, f"a filter may ask for up to {MOST_VALUES} values")
    return Query(tuple(terms), text.strip())


def typed_value(value: str) -> str:
    """A value as it is to be typed behind a term's name, in quotes where it needs them."""
    plain = " ".join(value.replace('"', " ").split())
    return plain if re.fullmatch(r"[^\s,<>=]+", plain) else f'"{plain}"'


def requester_query(person: Person) -> Query:
    """The query for what a person has asked: by the address, or where there is none by the name."""
    return parse_query(f"requester:{typed_value((person.email or person.name).raw)}")


def typed_phrase(text: str) -> str:
    """A text as it is to be typed to be looked for, whatever it begins with; shortened and safe to be shown."""
    return f'"{_shown(" ".join(text.replace(chr(34), " ").split()))}"'


def _parse_term(piece: Piece) -> Term:
    """One term of the text. Raises QueryProblem."""
    is_negated = piece.text.startswith("-")
    body = Piece(piece.text[1:], piece.start + 1) if is_negated else piece
    if not body.text:
        raise piece.problem("a word or a term is missing behind `-`; write for example `-tag:bug`")
    named = _NAMED.match(body.text)
    if named is not None:
        term = _named_term(body, named)
    elif body.text.lower() in FLAGS:
        term = FLAGS[body.text.lower()][0]
    elif body.text.startswith("#"):
        term = Term(field=Field.ID, values=(_parse_id(body),))
    else:
        term = Term(field=Field.TEXT, values=(_parse_phrase(body),))
    return replace(term, is_negated=is_negated, start=piece.start, end=piece.end)


def _named_term(body: Piece, named: re.Match[str]) -> Term:
    """A term with a name, an operator and values. Raises QueryProblem."""
    name = Piece(named[1], body.start)
    sign = Piece(named[2], body.start + len(named[1]))
    spec = TERM_OF_NAME.get(name.text.lower())
    if spec is None:
        raise name.problem(_unknown_name(name.text, body.text))
    operator = Operator(_OPERATORS.get(sign.text, sign.text))
    if operator not in spec.operators:
        raise sign.problem(_wrong_operator(spec, sign.text))
    rest = Piece(body.text[named.end() :], sign.end)
    parts = list(_parts(rest))
    if operator is not Operator.IS and len(parts) > 1:
        raise rest.problem(f"`{sign.text}` compares with one value; the comma goes with `{spec.names[0]}:`")
    values = tuple(dict.fromkeys(_parse_value(spec, operator, part) for part in parts))
    return Term(field=spec.field, operator=operator, values=values)


def _parts(rest: Piece) -> Iterator[Piece]:
    """What stands between commas."""
    at = 0
    while True:
        match = _PART.match(rest.text, at)
        assert match is not None
        yield Piece(match[1], rest.start + at)
        at = match.end()
        if not match[2]:
            return


def _unknown_name(name: str, whole: str) -> str:
    if name.lower() in FLAGS:
        return f"`{name}` stands by itself, without a value"
    remedy = _suggestion(name, TERM_OF_NAME) or f"as text it is written {typed_phrase(whole)}"
    return f"`{_shown(name)}` is no term; {remedy}"


def _wrong_operator(spec: TermSpec, sign: str) -> str:
    if Operator.IS in spec.operators:
        return f"`{spec.names[0]}` is not compared by `{sign}`; write for example `{spec.example}`"
    return f"`{spec.names[0]}` is compared by < or >; write for example `{spec.example}`"


def _parse_value(spec: TermSpec, operator: Operator, part: Piece) -> Value:
    """One value of a term. Raises QueryProblem."""
    text = part.text.replace('"', "").strip()
    if not text:
        raise part.problem(f"`{spec.names[0]}` needs a value; write for example `{spec.example}`")
    is_quoted = part.text.startswith('"')
    if text.lower() == "none" and not is_quoted and spec.kind is not ValueKind.PHRASE:
        if spec.takes_none and operator is Operator.IS:
            return Special.NONE
        raise part.problem(f"`none` does not go with `{spec.names[0]}{operator.value}`; write `{spec.example}`")
    match spec.kind:
        case ValueKind.PHRASE:
            return _parse_phrase(part)
        case ValueKind.ID:
            return _parse_id(part)
        case ValueKind.STATUS:
            return _known_word(part, text, STATUS_OF_WORD, "status", SHORT_STATUSES)
        case ValueKind.SEVERITY:
            return _known_word(part, text, SEVERITY_OF_WORD, "severity", ("1", "2", "3", "4", "none"))
        case ValueKind.AGENT | ValueKind.PERSON if text.lower() == "me" and not is_quoted:
            return Special.ME
        case ValueKind.AGENT | ValueKind.PERSON | ValueKind.NAME_OR_NONE:
            return folded(text) or text
        case _:
            return _parse_time(spec, operator, part, text.lower())


def _parse_phrase(part: Piece) -> str:
    text = part.text.replace('"', " ").strip()
    if not words_of(text):
        raise part.problem("there is no letter and no digit to look for; write a word")
    return text


def _parse_id(part: Piece) -> str:
    text = part.text.replace('"', "").strip().removeprefix("#")
    if not text or not text.isprintable() or "#" in text or " " in text:
        raise part.problem("that is no ticket; write its number or key, such as #1042 or id:SUP-12")
    return (text.lstrip("0") or "0") if text.isascii() and text.isdigit() else text


def _known_word(part: Piece, text: str, known: Mapping[str, Value], what: str, offered: Iterable[str]) -> Value:
    value = known.get(text.lower())
    if value is None:
        remedy = _suggestion(text, known) or f"write one of {', '.join(offered)}"
        raise part.problem(f"`{_shown(text)}` is no {what}; {remedy}")
    return value


def _parse_time(spec: TermSpec, operator: Operator, part: Piece, text: str) -> Value:
    """A length of time, or a date where the term takes one. Raises QueryProblem."""
    takes_dates = spec.kind is ValueKind.TIME
    if takes_dates and (text in _DAYS or _DATE.fullmatch(text)):
        return _DAYS.get(text) or _parse_date(part, text)
    found = _SPAN.fullmatch(text)
    if found is None:
        dates = ", or a date such as 2026-11-30 or today" if takes_dates else ""
        raise part.problem(f"`{_shown(text)}` is no length of time; write for example 30m, 2h or 1d{dates}")
    if operator is Operator.IS:
        remedy = f"`{spec.names[0]}<{text}` or `{spec.names[0]}>{text}`"
        raise part.problem(f"a length of time is compared; write {remedy}")
    weeks, days, hours, minutes = (int(each or 0) for each in found.groups())
    return Span(days=weeks * (5 if spec.kind is ValueKind.SUPPORT_SPAN else 7) + days, minutes=hours * 60 + minutes)


def _parse_date(part: Piece, text: str) -> Day:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise part.problem(f"`{text}` is not in the calendar; write a date such as 2026-11-30") from None
    if not 1971 <= day.year <= 9998:
        raise part.problem(f"`{text}` is too far away; write a year from 1971 on")
    return Day(fixed=day)


def _suggestion(word: str, known: Iterable[str]) -> str:
    """A question for the nearest word; empty where none is near."""
    import difflib

    near = difflib.get_close_matches(word.lower(), list(known), 1, 0.6)
    return f"did you mean `{near[0]}`?" if near else ""


def _shown(text: str) -> str:
    """What was typed, short and without control characters."""
    return str(safe_line(OutsideText(text if len(text) <= 40 else f"{text[:39]}…")))
