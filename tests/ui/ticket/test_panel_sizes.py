"""The facts beside a conversation, of a ticket of any size."""

import pytest
from rich.cells import cell_len

from support.app_driver import HOUR, MONDAY, sample_file, ticket
from support.policy_samples import packaged_policy
from supporttui.domain.safe_text import OutsideText
from supporttui.presentation.ticket.panel_facts import panel_lines
from supporttui.presentation.ticket.ticket_sections import files_section, ticket_section


def said(*sections: object) -> list[str]:
    lines = panel_lines(sections, 60)  # type: ignore[arg-type] # a test's shorthand
    return ["".join(text for text, _ in line) for line in lines]


def test_of_many_files_the_newest_stand_beside_the_conversation() -> None:
    lines = said(files_section([sample_file(n, f"{n}.log", 14_210) for n in range(1, 2_001)], "o"))
    assert lines[:3] == ["Attachments", "1,950 earlier files: o lists them", "1951.log  14 kB"]
    assert lines[-1] == "2000.log  14 kB"


def test_of_many_tags_the_first_are_named_and_the_others_counted() -> None:
    tagged = ticket(1, "s", age=HOUR, tags=tuple(OutsideText(f"t{n}") for n in range(20_000)))
    section = ticket_section(tagged, {}, packaged_policy(), my_id=1, now=MONDAY)
    assert " ".join("".join(said(section)).split()).count("19,950 more") == 1
    assert len(said(section)) < 30


@pytest.mark.parametrize(
    "subject", ["x" * 10_000, "word " * 5_000, "日" * 5_000, "a\u0301" * 4_000, "\U0001f600" * 3_000]
)
@pytest.mark.parametrize("width", [20, 38, 60])
def test_a_long_subject_takes_a_bounded_part_of_the_properties(subject: str, width: int) -> None:
    long = ticket(1, subject, age=HOUR, tags=(OutsideText("last"),))
    section = ticket_section(long, {}, packaged_policy(), my_id=1, now=MONDAY)
    lines = ["".join(text for text, _ in line) for line in panel_lines([section], width)]
    assert len(lines) < 40
    assert max(cell_len(line) for line in lines) <= width
    assert any("last" in line for line in lines)
