"""The filter language: what is understood, what is refused and where, and what is offered while one types."""

from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supporttui.domain.query.completion import complete
from supporttui.domain.query.matching import has_phrase
from supporttui.domain.query.parser import MOST_VALUES, parse_query, typed_phrase, typed_value
from supporttui.domain.query.query import EVERYTHING, Day, Field, Operator, QueryProblem, Span, Special, Term
from supporttui.domain.query.term_table import QUERY_HELP
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Status


def parsed(text: str) -> list[tuple[Field, Operator, tuple[object, ...], bool]]:
    return [(term.field, term.operator, term.values, term.is_negated) for term in parse_query(text).terms]


def test_a_query_is_read_term_by_term() -> None:
    assert parsed('sev:1 assignee:me status:open,hold due<2h tag:VIP "sync stops" -tag:bug waiting>1d unread') == [
        (Field.SEVERITY, Operator.IS, (1,), False),
        (Field.ASSIGNEE, Operator.IS, (Special.ME,), False),
        (Field.STATUS, Operator.IS, (Status.OPEN, Status.ON_HOLD), False),
        (Field.DUE, Operator.LESS, (Span(minutes=120),), False),
        (Field.TAG, Operator.IS, ("vip",), False),
        (Field.TEXT, Operator.IS, ("sync stops",), False),
        (Field.TAG, Operator.IS, ("bug",), True),
        (Field.WAITING, Operator.MORE, (Span(days=1),), False),
        (Field.UNREAD, Operator.IS, (), False),
    ]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("mine", "assignee:me"),
        ("-unassigned", "-assignee:none"),
        ("overdue", "due<0m"),
        ("severity=1,2", "sev:1,2"),
        ("sev:<=2", "sev<=2"),
        ("status:pending,solved", "status:awaiting,closed"),
        ('status:"awaiting your reply"', "status:awaiting"),
        ("age>1w2d3h4m", "created>9d184m"),
        ("due>1w", "due>5d"),
        ("#0042", "id:42"),
        ('org:"Ácme Robotics"', 'organisation:"acme robotics"'),
        ('"an open quotation', '"an open quotation"'),
        ("tag:a,a,b", "tag:a,b"),
    ],
)
def test_two_ways_to_write_one_thing(text: str, same: str) -> None:
    assert parsed(text) == parsed(same)


def test_words_of_the_language_are_text_within_quotes() -> None:
    assert parsed('"unread" assignee:"me" "sev:1"') == [
        (Field.TEXT, Operator.IS, ("unread",), False),
        (Field.ASSIGNEE, Operator.IS, ("me",), False),
        (Field.TEXT, Operator.IS, ("sev:1",), False),
    ]


def test_dates_are_kept_as_dates() -> None:
    assert parsed("created>=2026-11-01 updated:yesterday") == [
        (Field.CREATED, Operator.AT_LEAST, (Day(fixed=date(2026, 11, 1)),), False),
        (Field.UPDATED, Operator.IS, (Day(days_ago=1),), False),
    ]


def test_blank_text_matches_everything_and_a_term_knows_its_place() -> None:
    assert parse_query("  ") == EVERYTHING
    assert not parse_query("")
    (_, second) = parse_query("sync  -tag:bug").terms
    assert (second.start, second.end) == (6, 14)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("tag:vip sevv:1", "sevv", "did you mean `sev`?"),
        ("sev:5", "5", "write one of 1, 2, 3, 4, none"),
        ("status:open,opn", "opn", "did you mean `open`?"),
        ("sev:", ":", "`sev` needs a value"),
        ("tag:a,,b", ",", "`tag` needs a value"),
        ("due:2h", "2h", "write `due<2h` or `due>2h`"),
        ("due<2x", "2x", "30m, 2h or 1d"),
        ("updated<soon", "soon", "or a date such as 2026-11-30"),
        ("tag<3", "<", "`tag` is not compared by `<`"),
        ("waiting:none", ":", "`waiting` is compared by < or >"),
        ("due<none", "none", "`none` does not go with `due<`"),
        ("sev<1,2", "1,2", "compares with one value"),
        ("unread:1", "unread", "stands by itself"),
        ("http://example", "http", 'as text it is written "http://example"'),
        ("a -", "-", "missing behind `-`"),
        ("printer !!!", "!!!", "no letter and no digit"),
        ("created<2026-11-31", "2026-11-31", "not in the calendar"),
        ("created<0999-01-01", "0999-01-01", "from 1971"),
        ("#", "#", "that is no ticket"),
        (f"tag:{','.join(map(str, range(MOST_VALUES + 1)))}", "tag", f"up to {MOST_VALUES} values"),
    ],
)
def test_a_mistake_is_explained_at_its_place(text: str, place: str, words: str) -> None:
    with pytest.raises(QueryProblem) as problem:
        parse_query(text)
    assert text[problem.value.start : problem.value.end].startswith(place)
    assert words in str(problem.value)


def problem_of(text: str) -> QueryProblem | None:
    try:
        parse_query(text)
    except QueryProblem as problem:
        return problem
    return None


PIECES = st.sampled_from(
    [*"abc:<>=,-#\"' \t\0\u202e", "sev", "status", "due", "created", "none", "me", "2h", "1d", "2026-02-30", "unread"]
)


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=20))
def test_any_text_is_a_query_or_has_a_mistake_inside_it(text: str) -> None:
    problem = problem_of(text)
    assert problem is None or 0 <= problem.start < problem.end <= len(text)
    assert problem is None or str(problem).isprintable()


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20))
def test_a_value_is_typed_so_that_it_is_read_as_one(value: str) -> None:
    if '"' in value or not value.strip() or " ".join(value.split()) != value:
        return
    (term,) = parse_query(f"org:{typed_value(value)}").terms
    assert len(term.values) == 1


def test_a_phrase_that_looks_like_a_term_is_quoted() -> None:
    assert typed_phrase('http://x "y"') == '"http://x y"'


@pytest.mark.parametrize("example", [example for example, _ in QUERY_HELP])
def test_every_example_of_the_help_is_a_query(example: str) -> None:
    assert parse_query(example)


@pytest.mark.parametrize(
    ("phrase", "text", "is_in"),
    [
        ("sync sto", "The SYNC stops!", True),
        ("sync", "async", False),
        ("stops sync", "sync stops", False),
        ("café", "CAFE", True),
        ("on-call", "the on call phone", True),
        ("東京", "東京都", True),
        ("a b", "a", False),
    ],
)
def test_a_phrase_is_found_by_its_words_and_the_beginning_of_its_last(phrase: str, text: str, is_in: bool) -> None:
    assert has_phrase(phrase, text) is is_in


def found_values(field: Field, typed: str) -> Iterable[OutsideText]:
    values = {Field.ASSIGNEE: ["Ann Lee", "Anton"], Field.TAG: ["vip", "v\x1bip"], Field.REQUESTER: ["Ann Lee"]}
    return [OutsideText(each) for each in values.get(field, []) if typed in each.lower()]


def offered(text: str) -> list[str]:
    return [text[: each.start] + each.text + text[each.end :] for each in complete(text, len(text), found_values)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("se", ["sev:"]),
        ("sev:1 -ta", ["sev:1 -tag:"]),
        ("du", ["due<"]),
        ("wai", ["waiting>", "waiting"]),
        ("orga", ["organisation:"]),
        ("status:open,h", ["status:open,hold"]),
        ("assignee:an", ['assignee:"Ann Lee"', "assignee:Anton"]),
        ('assignee:"ann l', ['assignee:"Ann Lee"']),
        ("assignee:n", ["assignee:none", 'assignee:"Ann Lee"', "assignee:Anton"]),
        ("requester:m", ["requester:me"]),
        ("tag:v", ["tag:vip"]),
        ("due<", ["due<30m", "due<2h", "due<1d"]),
        ("created:t", ["created:today"]),
        ("colour:b", []),
        ('"se', []),
    ],
)
def test_names_and_values_are_offered_while_one_types(typed: str, expected: list[str]) -> None:
    assert offered(typed) == expected


def test_every_name_is_offered_before_anything_is_typed() -> None:
    assert {"sev:", "status:", "due<", "mine", "unread"} <= {*offered("")}


def test_a_term_without_values_is_its_field() -> None:
    assert parse_query("unread").terms == (Term(field=Field.UNREAD, start=0, end=6),)
