"""A whole screen written row by row is the screen that the shortest way of writing it makes."""

from hypothesis import given
from hypothesis import strategies as st

from support.terminals.emulators import Emulator, visible_cells
from supporttui.ui.terminal.cell_writer import changed_spans, clear_screen, write_shortest
from supporttui.ui.terminal.cells import CellRow, build_row
from supporttui.ui.terminal.escape_codes import Pen

COLUMNS = 30
PENS = st.sampled_from([Pen(), Pen(0, "31"), Pen(1, "31", "44"), Pen(0, "32", "44"), Pen(8, "", "44")])
TEXTS = st.sampled_from(["ab", "  ", "x y", "漢字", "e\u0301te\u0301", "🎉!", "─│▌", " ", "é—", ""])
ROWS = st.lists(
    st.builds(
        lambda pieces, ground: build_row(pieces, COLUMNS, ground), st.lists(st.tuples(TEXTS, PENS), max_size=9), PENS
    ),
    min_size=1,
    max_size=6,
)


def shown_after(written: str, rows: int) -> object:
    emulator = Emulator(COLUMNS, rows)
    emulator.feed(written)
    return visible_cells(emulator.screen)


@given(ROWS, st.booleans())
def test_it_shows_the_same_as_the_shortest_way(rows: list[CellRow], has_bce: bool) -> None:
    by_row, ground = clear_screen(rows, has_bce=has_bce)
    shortest = write_shortest(changed_spans(ground, rows, has_bce=has_bce), rows, by_row)
    shortest.prepend(by_row)
    by_row.write_rows(rows, ground[0][0])
    assert shown_after(by_row.written(), len(rows)) == shown_after(shortest.written(), len(rows))
    assert (by_row.y, by_row.x) == (None, None)
