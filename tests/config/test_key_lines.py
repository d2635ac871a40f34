"""The line of every key, in TOML that is as tricky as TOML can be."""

import tomllib

import pytest

from supporttui.config.toml_lines import key_lines, line_of

TRICKY = '''# a comment with [brackets] and key = 1
title = "a # is no comment, nor is [this]"

[a]
b.c = 1  # dotted
"quoted . key" = 2
'literal "key"' = 3
multi = """
[not.a.table]
not_a_key = 1
ends with quotes"""""
raw = \'\'\'
[neither]
\\\'\'\'
after = true

[[ list ]]
name = "first"
    [list.inner]
    deep = [ # comment ]
        "one",
        { x = 1, "y" = [
            2, 3 ] },
    ]

[[list]]
name = "second"
[[list.more]]
at = 2026-12-31
hours = { from = "08:00", to = """
17:00""" }
[d."e\\u0066".g]
h = 0
'''


def test_every_key_of_tricky_text_is_found_on_its_line() -> None:
    tomllib.loads(TRICKY)
    lines = key_lines(TRICKY)

    found = {".".join(path): line for path, line in lines.items()}
    assert found == {
        "title": 2,
        "a": 4,
        "a.b": 5,
        "a.b.c": 5,
        "a.quoted . key": 6,
        'a.literal "key"': 7,
        "a.multi": 8,
        "a.raw": 12,
        "a.after": 15,
        "list": 17,
        "list.0": 17,
        "list.0.name": 18,
        "list.0.inner": 19,
        "list.0.inner.deep": 20,
        "list.0.inner.deep.0": 21,
        "list.0.inner.deep.1": 22,
        "list.0.inner.deep.1.x": 22,
        "list.0.inner.deep.1.y": 22,
        "list.0.inner.deep.1.y.0": 23,
        "list.0.inner.deep.1.y.1": 23,
        "list.1": 26,
        "list.1.name": 27,
        "list.1.more": 28,
        "list.1.more.0": 28,
        "list.1.more.0.at": 29,
        "list.1.more.0.hours": 30,
        "list.1.more.0.hours.from": 30,
        "list.1.more.0.hours.to": 30,
        "d": 32,
        "d.ef": 32,
        "d.ef.g": 32,
        "d.ef.g.h": 33,
    }


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "a=1", "a = 1 # end", "[a]", "[[a]]", "a = {}", "a = []", "a=[[],[{}]]", "\r\na = 1\r\n", "a=''''''"],
)
def test_small_texts_are_read_to_their_end(text: str) -> None:
    tomllib.loads(text)

    assert {path[0] for path in key_lines(text)} <= {"a"}


def test_windows_line_ends_count_once() -> None:
    assert key_lines("x = 1\r\ny = 2\r\n")[("y",)] == 2


def test_missing_key_has_the_line_of_the_table_around_it() -> None:
    lines = key_lines("[a]\n[[a.b]]\nc = 1\n")

    assert line_of(lines, ("a", "b", "0", "missing")) == 2
    assert line_of(lines, ("elsewhere", "missing")) is None
