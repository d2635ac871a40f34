"""Text falls into cells as a terminal shows it, whatever is cut."""

import pytest

from supporttui.ui.terminal.cells import (
    BLANK_CELL,
    COMBINING_PEN,
    PASS_THROUGH,
    CellRow,
    append_combining,
    blank_row,
    cells_of,
    has_certain_width,
    replaced_cells,
)
from supporttui.ui.terminal.escape_codes import PLAIN, Pen

RED = Pen(foreground="31")


def texts(row: CellRow) -> list[str]:
    return [text for text, _ in row]


def put(row: CellRow, x: int, text: str) -> CellRow:
    return replaced_cells(row, [*row[:x], *cells_of(text, PLAIN)], x)


def test_a_wide_character_takes_two_cells() -> None:
    assert texts(list(cells_of("a漢b", RED))) == ["a", "漢", "", "b"]


def test_what_combines_stands_in_the_cell_before_it() -> None:
    assert texts(list(cells_of("e\u0301x", RED))) == ["e\u0301", "x"]


def test_a_mark_at_the_start_goes_to_what_stands_before() -> None:
    written = cells_of("\u0301x", RED)
    assert written[0] == ("\u0301", COMBINING_PEN)
    row: CellRow = [("e", RED)]
    assert append_combining(row, "\u0301")
    assert append_combining(row, "\u0301")
    assert row == [("e\u0301", RED)]


def test_the_colour_of_text_is_not_seen_on_a_blank() -> None:
    assert cells_of(" ", RED) == (BLANK_CELL,)


def test_control_sequences_are_no_cells() -> None:
    assert cells_of("\x1b_Gdata\x1b\\", PLAIN) is PASS_THROUGH


@pytest.mark.parametrize(
    ("x", "text", "left"),
    [
        (0, "x", ["x", " ", "b", "漢", ""]),
        (1, "x", [" ", "x", "b", "漢", ""]),
        (1, "字", [" ", "字", "", "漢", ""]),
        (2, "xy", ["漢", "", "x", "y", " "]),
        (4, "字", ["漢", "", "b", " ", " "]),
        (3, "xyz", ["漢", "", "b", "x", "y"]),
    ],
)
def test_a_wide_character_that_is_cut_leaves_a_blank(x: int, text: str, left: list[str]) -> None:
    row = put(blank_row(5), 0, "漢b漢")
    assert texts(put(row, x, text)) == left


@pytest.mark.parametrize("text", ["🎉", "❤\ufe0f", "e\u0301", "👩\u200d💻"])
def test_after_a_character_of_uncertain_width_the_column_is_not_known(text: str) -> None:
    assert not has_certain_width(text)
    assert all(has_certain_width(each) for each in "aé▰漢│✓")
