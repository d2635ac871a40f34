"""Turns every update of Textual's compositor into the smallest difference to what the terminal shows."""

from typing import Final

from rich.console import Console
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

from supporttui.ui.terminal.abilities import Abilities
from supporttui.ui.terminal.brush import Brush
from supporttui.ui.terminal.cells import Row
from supporttui.ui.terminal.difference import Span
from supporttui.ui.terminal.early import Drawn
from supporttui.ui.terminal.orders import shortest
from supporttui.ui.terminal.pens import PLAIN, Pen
from supporttui.ui.terminal.picture import Picture
from supporttui.ui.terminal.scrolling import codes_of, scroll_between, scrolled
from supporttui.ui.terminal.whole import cleared, differing

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
        self._cursor: tuple[int | None, int | None] | None = None
        self._pen: Pen = PLAIN

    def forget(self) -> None:
        """Nothing is known of what the terminal shows: the next frame draws all of it."""
        self._is_known = False

    def begin_with(self, drawn: Drawn) -> None:
        """This was drawn on the terminal before: the next frame begins there."""
        self._shown, self._cursor, self._pen = drawn.rows, drawn.cursor, drawn.pen
        self._is_known = True

    def take(self, update: CompositorUpdate) -> bool:
        """Note what should be shown; False where the whole screen is asked for instead, or it is no picture."""
        if isinstance(update, LayoutUpdate):
            region = update.region
            if region.x == region.y == 0 and not self._fits(region.width, region.height):
                self._wanted = Picture(region.width, region.height, self._console)
                if (len(self._shown), *map(len, self._shown[:1])) != (region.height, region.width):
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
        plain = shortest(self._differing(self._shown, wanted), wanted.rows, began)
        scroll = scroll_between(self._shown, wanted.rows) if self._abilities.can_scroll else None
        if scroll is None:
            return plain
        moved = began.again()
        moved.use(PLAIN)
        moved.scroll(codes_of(scroll))
        rest = shortest(self._differing(scrolled(self._shown, scroll), wanted), wanted.rows, moved)
        rest.follow(moved)
        return min(plain, rest, key=Brush.cost)

    def _differing(self, shown: list[Row], wanted: Picture) -> list[Span]:
        return differing(shown, wanted.rows, has_bce=self._abilities.has_bce)

    def _began(self, wanted: Picture) -> Brush:
        """The brush where the terminal stands; where nothing is known, on a screen that it clears."""
        if self._is_known:
            y, x = self._cursor or (None, None)
            return Brush(y, x, self._pen, has_bce=self._abilities.has_bce)
        brush, self._shown = cleared(wanted.rows, has_bce=self._abilities.has_bce)
        self._is_known = True
        return brush
