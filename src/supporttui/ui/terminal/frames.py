"""Turns every update of Textual's compositor into the smallest difference to what the terminal shows."""

from collections import Counter
from typing import Final

from rich.console import Console
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

from supporttui.ui.terminal.abilities import Abilities
from supporttui.ui.terminal.brush import Brush
from supporttui.ui.terminal.cells import BLANK, Cell, Row, blank_row
from supporttui.ui.terminal.difference import Span, can_erase, spans_of
from supporttui.ui.terminal.orders import shortest
from supporttui.ui.terminal.pens import PLAIN, Pen
from supporttui.ui.terminal.picture import Picture
from supporttui.ui.terminal.scrolling import codes_of, scroll_between, scrolled

SYNC_BEGIN: Final = "\x1b[?2026h"
SYNC_END: Final = "\x1b[?2026l"
WORTH_SYNC: Final = 1024
"""Bytes from which on a frame may be seen half drawn."""


class Frames:
    """What the terminal shows, what it should show, and the way from the one to the other."""

    def __init__(self, console: Console, abilities: Abilities) -> None:
        self._console = console
        self._abilities = abilities
        self._wanted: Picture | None = None
        self._shown: list[Row] = []
        self._is_known = False
        self._cursor: tuple[int, int] | None = None
        self._pen: Pen = PLAIN

    def forget(self) -> None:
        """Nothing is known of what the terminal shows: the next frame draws all of it."""
        self._is_known = False

    def take(self, update: CompositorUpdate) -> bool:
        """Note what should be shown; False where the whole screen is asked for instead, or it is no picture."""
        if isinstance(update, LayoutUpdate):
            region = update.region
            if region.x == region.y == 0 and not self._fits(region.width, region.height):
                self._wanted = Picture(region.width, region.height, self._console)
                self.forget()
            if self._wanted is None:
                return False
            self._wanted.put_layout(update)
            return True
        if isinstance(update, ChopsUpdate) and self._wanted and len(update.chops) == len(self._wanted.rows):
            self._wanted.put_chops(update)
            return True
        return False

    def _fits(self, columns: int, rows: int) -> bool:
        wanted = self._wanted
        return wanted is not None and wanted.columns == columns and len(wanted.rows) == rows

    def next_frame(self, cursor: tuple[int, int], *, has_sync: bool) -> str:
        """What makes the terminal show what it should, with the cursor at a row and a column; empty: it does."""
        wanted = self._wanted
        if wanted is None:
            return ""
        began = self._began(wanted)
        painted = self._painted(began, wanted)
        end = painted.again()
        for (y, x), text in wanted.passed.items():
            end.use(PLAIN)
            end.go(y, x)
            end.pass_on(text)
        wanted.passed.clear()
        end.go(*cursor)
        self._shown = list(wanted.rows)
        self._cursor, self._pen = cursor, end.pen
        frame = began.written() + painted.written() + end.written()
        if has_sync and len(frame) >= WORTH_SYNC:
            return f"{SYNC_BEGIN}{frame}{SYNC_END}"
        return frame

    def _painted(self, began: Brush, wanted: Picture) -> Brush:
        """The brush after the difference is written, with the terminal's own scrolling where that is shorter."""
        plain = shortest(self._spans(self._shown, wanted.rows), wanted.rows, began)
        scroll = scroll_between(self._shown, wanted.rows) if self._abilities.can_scroll else None
        if scroll is None:
            return plain
        moved = began.again()
        moved.use(PLAIN)
        moved.scroll(codes_of(scroll))
        rest = shortest(self._spans(scrolled(self._shown, scroll), wanted.rows), wanted.rows, moved)
        rest.follow(moved)
        return min(plain, rest, key=Brush.cost)

    def _spans(self, shown: list[Row], wanted: list[Row]) -> list[Span]:
        """What differs, from top to bottom."""
        spans: list[Span] = []
        for y, (old, new) in enumerate(zip(shown, wanted, strict=True)):
            if old is not new:
                spans += spans_of(y, old, new, has_bce=self._abilities.has_bce)
        return spans

    def _began(self, wanted: Picture) -> Brush:
        """The brush where the terminal stands; where nothing is known, on a screen that it clears."""
        if self._is_known:
            y, x = self._cursor or (None, None)
            return Brush(y, x, self._pen, has_bce=self._abilities.has_bce)
        brush = Brush(None, None, PLAIN, has_bce=self._abilities.has_bce)
        ground = self._ground(wanted)
        brush.clear(ground[1])
        self._shown = [blank_row(wanted.columns, ground) for _ in wanted.rows]
        self._is_known = True
        return brush

    def _ground(self, wanted: Picture) -> Cell:
        """The blank that most of the screen shows, of those that an erasure can leave."""
        counts = Counter(cell for row in wanted.rows for cell in row if cell[0] == " ")
        for cell, _ in counts.most_common():
            if can_erase(cell[1], has_bce=self._abilities.has_bce):
                return cell
        return BLANK
