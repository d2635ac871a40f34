"""Rows that moved are moved by the terminal."""

from supporttui.ui.terminal.cells import Row, cells_of
from supporttui.ui.terminal.pens import PLAIN
from supporttui.ui.terminal.scrolling import Scroll, codes_of, scroll_between, scrolled


def screen(first: int) -> list[Row]:
    lines = ["head".ljust(30), *(f"| line {number:>3} of a list |".ljust(30) for number in range(first, first + 10))]
    return [list(cells_of(line, PLAIN)) for line in [*lines, "foot".ljust(30)]]


def test_a_list_that_moved_up_is_found() -> None:
    assert scroll_between(screen(1), screen(2)) == Scroll(1, 10, 1)
    assert scroll_between(screen(1), screen(4)) == Scroll(1, 10, 3)


def test_a_list_that_moved_down_is_found() -> None:
    assert scroll_between(screen(5), screen(3)) == Scroll(1, 10, -2)


def test_what_did_not_move_is_no_scroll() -> None:
    assert scroll_between(screen(1), screen(1)) is None
    assert scroll_between(screen(1), screen(50)) is None


def test_what_comes_in_is_blank() -> None:
    after = scrolled(screen(1), Scroll(1, 10, 2))
    assert after[1] == screen(3)[1]
    assert {text for row in after[9:11] for text, _ in row} == {" "}
    assert after[11] == screen(1)[11]


def test_the_margins_are_taken_back() -> None:
    assert codes_of(Scroll(1, 10, 1)) == "\x1b[2;11r\x1b[2H\x1b[M\x1b[r"
    assert codes_of(Scroll(1, 10, -2)) == "\x1b[2;11r\x1b[2H\x1b[2L\x1b[r"
