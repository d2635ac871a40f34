"""The cursor gets where it should by a way that is never longer than naming the cell."""

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supporttui.ui.terminal.escape_codes import absolute_motion, cursor_motion

ROWS, COLUMNS = 50, 200
YS, XS = st.integers(0, ROWS - 1), st.integers(0, COLUMNS - 1)


@given(YS, XS, YS, XS, st.booleans(), st.booleans())
def test_the_cursor_arrives(y: int, x: int, to_y: int, to_x: int, knows_y: bool, knows_x: bool) -> None:
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.Stream(screen)
    stream.feed(absolute_motion(y, x))
    way = cursor_motion(y if knows_y else None, x if knows_y and knows_x else None, to_y, to_x)
    stream.feed(way)
    assert (screen.cursor.y, screen.cursor.x) == (to_y, to_x)
    assert len(way) + way.count("\n") <= len(absolute_motion(to_y, to_x))


@pytest.mark.parametrize(
    ("here", "there", "way"),
    [
        ((3, 40), (4, 40), "\x1bD"),
        ((3, 40), (4, 38), "\x1bD\b\b"),
        ((3, 40), (2, 40), "\x1bM"),
        ((3, 40), (3, 0), "\r"),
        ((3, 40), (3, 41), "\x1b[C"),
        ((9, 40), (0, 0), "\x1b[H"),
        ((9, None), (9, 5), "\x1b[6G"),
        ((None, None), (0, 7), "\x1b[;8H"),
    ],
)
def test_the_shortest_way_is_taken(here: tuple[int, int], there: tuple[int, int], way: str) -> None:
    assert cursor_motion(*here, *there) == way
