"""Rows that moved are moved by the terminal."""

import pyte

from supporttui.ui.terminal.cell_writer import CellWriter
from supporttui.ui.terminal.cells import CellRow, cells_of
from supporttui.ui.terminal.escape_codes import PLAIN
from supporttui.ui.terminal.screen_diff import ScrolledRegion, find_scroll, rows_after_scroll, scroll_codes


def screen(first: int) -> list[CellRow]:
    lines = ["head".ljust(30), *(f"| line {number:>3} of a list |".ljust(30) for number in range(first, first + 10))]
    return [list(cells_of(line, PLAIN)) for line in [*lines, "foot".ljust(30)]]


def test_a_list_that_moved_up_is_found() -> None:
    assert find_scroll(screen(1), screen(2)) == ScrolledRegion(1, 10, 1)
    assert find_scroll(screen(1), screen(4)) == ScrolledRegion(1, 10, 3)


def test_a_list_that_moved_down_is_found() -> None:
    assert find_scroll(screen(5), screen(3)) == ScrolledRegion(1, 10, -2)


def test_what_did_not_move_is_no_scroll() -> None:
    assert find_scroll(screen(1), screen(1)) is None
    assert find_scroll(screen(1), screen(50)) is None


def test_what_comes_in_is_blank() -> None:
    after = rows_after_scroll(screen(1), ScrolledRegion(1, 10, 2))
    assert after[1] == screen(3)[1]
    assert {text for row in after[9:11] for text, _ in row} == {" "}
    assert after[11] == screen(1)[11]


def test_after_a_scroll_the_next_cell_is_named_and_not_counted_to() -> None:
    display = pyte.Screen(30, 12)
    brush = CellWriter(0, 0, PLAIN, has_bce=True)
    brush.scroll(scroll_codes(ScrolledRegion(3, 10, 1)))
    brush.move_to(0, 28)
    pyte.Stream(display).feed(brush.written())
    assert (display.cursor.y, display.cursor.x) == (0, 28)


def test_the_margins_are_taken_back() -> None:
    assert scroll_codes(ScrolledRegion(1, 10, 1)) == "\x1b[2;11r\x1b[2H\x1b[M\x1b[r"
    assert scroll_codes(ScrolledRegion(1, 10, -2)) == "\x1b[2;11r\x1b[2H\x1b[2L\x1b[r"
