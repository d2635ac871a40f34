"""What differs is sent, and nothing else, in whatever order is shortest."""

from hypothesis import given
from hypothesis import strategies as st

from supporttui.ui.terminal.cell_writer import CellWriter, split_by_pen, write_shortest
from supporttui.ui.terminal.cells import CellRow, blank_row, cells_of
from supporttui.ui.terminal.escape_codes import PLAIN, Pen
from supporttui.ui.terminal.screen_diff import Span, row_spans

RED, GREEN, GROUND = Pen(foreground="31"), Pen(foreground="32"), Pen(background="44")
PARTS = st.lists(
    st.tuples(st.sampled_from(["ab", "  ", "x y", "漢"]), st.sampled_from([RED, GREEN, GROUND])), max_size=9
)


def row_of(*parts: tuple[str, Pen], columns: int = 40) -> CellRow:
    cells = [cell for text, pen in parts for cell in cells_of(text, pen)]
    return (cells + blank_row(columns))[:columns]


def sent(old: CellRow, new: CellRow, *, has_bce: bool = True) -> str:
    brush = CellWriter(0, 0, PLAIN, has_bce=has_bce)
    return write_shortest(row_spans(0, old, new, has_bce=has_bce), [new], brush).written()


def test_only_the_digits_of_a_clock_that_changed_are_sent() -> None:
    assert sent(row_of(("0:42:10", RED)), row_of(("0:42:09", RED))) == "\x1b[5C\x1b[31m09"


def test_a_short_gap_is_written_again_where_that_is_shorter() -> None:
    assert sent(row_of(("abcdef", PLAIN)), row_of(("xbcxef", PLAIN))) == "xbcx"
    assert sent(row_of(("abcdefgh", PLAIN)), row_of(("xbcdefgx", PLAIN))) == "x\x1b[6Cx"


def test_blanks_to_the_end_of_a_row_are_erased() -> None:
    assert sent(row_of(("abc" * 10, RED)), row_of(("ab", RED))) == "\x1b[2C\x1b[K"


def test_a_ground_is_erased_only_where_an_erasure_leaves_it() -> None:
    old, new = row_of(("x" * 40, PLAIN)), row_of((" " * 40, GROUND))
    assert sent(old, new) == "\x1b[44m\x1b[K"
    assert sent(old, new, has_bce=False) == "\x1b[44m" + " " * 40


def test_all_of_one_pen_comes_before_the_next_where_that_is_shorter() -> None:
    loud, quiet = Pen(foreground="38;2;250;250;250"), Pen(foreground="38;2;100;100;100")
    rows = [row_of(("▌", loud), ("ticket", quiet)) for _ in range(4)]
    spans = [span for y, row in enumerate(rows) for span in row_spans(y, blank_row(40), row, has_bce=True)]
    written = write_shortest(spans, rows, CellWriter(0, 0, PLAIN, has_bce=True)).written()
    assert written.count("38;2") == 2


@given(PARTS, PARTS)
def test_pieces_are_the_span_cut_at_pens(parts: list[tuple[str, Pen]], others: list[tuple[str, Pen]]) -> None:
    old, new = row_of(*parts), row_of(*others)
    for span in row_spans(0, old, new, has_bce=True):
        pieces = [piece for _, piece in split_by_pen(span, new)]
        assert [x for piece in pieces for x in range(piece.x, piece.end)] == list(range(span.x, span.end))
        assert [piece.erases for piece in pieces] == [False] * (len(pieces) - 1) + [span.erases]


def test_what_is_the_same_is_not_sent() -> None:
    assert row_spans(0, row_of(("ab", RED)), row_of(("ab", RED)), has_bce=True) == []
    assert row_spans(3, row_of(("ab", RED)), row_of(("ac", RED)), has_bce=True) == [Span(3, 1, 2)]
