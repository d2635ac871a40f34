"""Widths of texts, which must be those by which Textual places them."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len as measured
from rich.cells import split_graphemes

from supporttui.presentation.cell_text import SINGLE_CELL_CHARACTERS, cell_len

MIXED = st.text(st.one_of(st.characters(), st.sampled_from("e\u0301日👩\u200d\ufe0f…—✗⏎│ ")))


def test_every_simple_character_takes_one_cell() -> None:
    assert len(SINGLE_CELL_CHARACTERS) > 1_000
    assert [character for character in sorted(SINGLE_CELL_CHARACTERS) if measured(character) != 1] == []


@given(MIXED)
def test_a_width_is_the_measured_one(text: str) -> None:
    assert cell_len(text) == measured(text)


@given(st.text(st.sampled_from(sorted(SINGLE_CELL_CHARACTERS))))
def test_simple_characters_never_join(text: str) -> None:
    assert [width for _, _, width in split_graphemes(text)[0]] == [1] * len(text)
