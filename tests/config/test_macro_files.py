"""The team's macros: what a file says, and what is said of a file that is wrong."""

from pathlib import Path

import pytest

from supporttui.config.macro_files import load_macro_files
from supporttui.domain.macros import Macro, TagEdit
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Status, TicketType

WHOLE = """
title = "Ask for the logs"
kind = "reply"
status = "awaiting_reply"
severity = 2
type = "question"
assignee = "me"
group = "Billing"
add_tags = ["logs"]
remove_tags = ["new"]
text = '''
Dear {{ticket.requester.first_name}},

please send them.
'''
"""


def test_a_file_says_all_that_a_macro_does(tmp_path: Path) -> None:
    (tmp_path / "logs.toml").write_text(WHOLE)
    assert load_macro_files(tmp_path).macros == (
        Macro(
            id="logs",
            title=OutsideText("Ask for the logs"),
            text=OutsideText("Dear {{ticket.requester.first_name}},\n\nplease send them."),
            is_public=True,
            status=Status.AWAITING_REPLY,
            severity=2,
            ticket_type=TicketType.QUESTION,
            assignee="me",
            group="Billing",
            tags=TagEdit(removed=("new",), added=("logs",)),
        ),
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('title = "T"', "it does nothing"),
        ('text = "x"', "title: nothing is not a text"),
        ('title = "T"\nstatus = "new"', 'line 2: status: "new" is not one of open, awaiting_reply, on_hold, closed'),
        ('title = "T"\n\nkind = "public"', 'line 3: kind: "public" is not one of reply, note'),
        ('title = "T"\nseverity = 5', "line 2: severity: 5 is not a whole number from 1 to 4"),
        ('title = "T"\nassignee = "kim"', 'line 2: assignee: "kim" is nobody'),
        ('title = "T"\nadd_tags = ["a b"]', 'line 2: add_tags: "a b" is not a tag'),
        ('title = "T"\ntags = ["a"]\nadd_tags = ["b"]', "line 2: tags: it replaces all tags"),
        ('title = "T"\nstats = "open"', "line 2: stats: there is no such key; did you mean status?"),
        ("title =", "this is not valid TOML"),
    ],
)
def test_a_wrong_file_is_named_with_its_line_and_takes_no_other_with_it(tmp_path: Path, lines: str, said: str) -> None:
    (tmp_path / "good.toml").write_text('title = "Good"\ntext = "x"')
    (tmp_path / "wrong.toml").write_text(lines)
    found = load_macro_files(tmp_path)
    assert [each.id for each in found.macros] == ["good"]
    (problem,) = map(str, found.problems)
    assert str(tmp_path / "wrong.toml") in problem
    assert said in problem


def test_no_folder_has_no_macros(tmp_path: Path) -> None:
    found = load_macro_files(tmp_path / "macros")
    assert (found.macros, found.problems) == ((), ())
