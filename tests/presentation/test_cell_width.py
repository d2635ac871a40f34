"""Widths of texts, which must be those by which Textual places them."""

import unicodedata

import wcwidth
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len as measured
from rich.cells import split_graphemes

from supporttui.domain.safe_text import OutsideText, safe_line
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


PICTURES = st.sampled_from("👍🏿🏽👩💻❤⌚☝☰🇩🇪🇫1#\u200d\ufe0e\ufe0f\u20e3\U000e0067e\u0301日각각 \u3248\U0001f3f4")


@given(st.text(st.one_of(st.characters(exclude_categories=["Mc"]), PICTURES)))
def test_what_is_drawn_of_outside_text_is_as_wide_as_its_characters_are_one_by_one(raw: str) -> None:
    """Terminals that add up the widths of characters, as tmux and pyte do, come to the column that we do.

    The vowel signs of Indic scripts (Mc) are left out: they are drawn whatever a terminal takes them for, because a
    text would be unreadable without them, and the writer places the cursor anew behind them.
    """
    shown = safe_line(OutsideText(raw))

    assert cell_len(shown) == sum(map(wcwidth.wcwidth, shown)), [unicodedata.name(each, ascii(each)) for each in shown]
