"""Wrapping keeps every character, within the width."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from supporttui.domain.safe_text import OutsideText, safe
from supporttui.presentation.ticket.wrapping import wrap, wrap_paths


def letters(text: str) -> str:
    return "".join(text.split())


@given(st.text(max_size=300), st.integers(2, 60))
def test_no_line_is_wider_and_no_letter_is_lost(raw: str, width: int) -> None:
    text = safe(OutsideText(raw))
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert letters("".join(lines)) == letters(text)


def test_words_break_at_spaces() -> None:
    assert wrap("the page stays white after signing in", 16) == ["the page stays", "white after", "signing in"]


def test_line_breaks_and_empty_lines_are_kept() -> None:
    assert wrap("one\n\ntwo", 20) == ["one", "", "two"]


def test_list_items_hang_below_their_text() -> None:
    assert wrap("1. sign in to the board", 14) == ["1. sign in to", "   the board"]


def test_a_long_address_is_folded() -> None:
    assert wrap("https://example.test/abcdefgh", 10) == ["https://ex", "ample.test", "/abcdefgh"]


def test_wide_characters_count_two_cells() -> None:
    assert wrap("日本語のフォント", 6) == ["日本語", "のフォ", "ント"]


def test_a_policy_path_breaks_behind_a_dot_and_never_inside_a_word() -> None:
    path = "policy.severity.2.first_response in the packaged policy"
    assert wrap_paths(path, 21) == ["policy.severity.2.", "first_response in the", "packaged policy"]


def test_a_path_breaks_behind_an_underscore_where_its_part_is_too_long() -> None:
    assert wrap_paths("policy.severity.first_response", 12) == ["policy.", "severity.", "first_", "response"]
