"""The lines of a pane as they were drawn last: what says the same is not drawn again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip


@dataclass(frozen=True, slots=True)
class Finish:
    """What Textual does to every line of a widget that has neither border nor padding of its own."""

    filters: Sequence[LineFilter]
    background: Color

    def of(self, strip: Strip) -> Strip:
        """The line as the compositor takes it."""
        for each in self.filters:
            strip = strip.apply_filter(each, self.background)
        return strip


class DrawnRows:
    """Finished lines by the slot that they fill."""

    def __init__(self) -> None:
        self._drawn: dict[int, tuple[object, bool, list[Strip]]] = {}
        self._circumstances: object = None

    def begin(self, circumstances: object) -> None:
        """Everything that lines depend on beside their rows; with others than before, nothing is of use any more."""
        if circumstances != self._circumstances:
            self._circumstances = circumstances
            self._drawn.clear()

    def lines(self, slot: int, said: object, *, is_cursor: bool, draw: Callable[[], list[Strip]]) -> list[Strip]:
        """The lines of a slot, drawn where they say something else, or have the cursor or have it no more."""
        known = self._drawn.get(slot)
        if known is None or known[1] is not is_cursor or not (known[0] is said or known[0] == said):
            known = self._drawn[slot] = (said, is_cursor, draw())
        return known[2]
