"""The footer: a problem, a sentence, or the key hints."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from textual import events
from textual.content import Content
from textual.geometry import Offset
from textual.widgets import Static

from supporttui.presentation.board.key_hints import HINT_GAP, KeyHint, fitting_hints, hint_at
from supporttui.presentation.cell_text import cell_len, cut
from supporttui.presentation.ticket.wrapping import wrap
from supporttui.ui.live import LiveScreen

MAX_SENTENCE_LINES: Final = 6
"""The maximum height: enough for our sentences at 80 columns; text added by a desk is cut."""

SENTENCE_SHARE: Final = 4
"""On a low screen a sentence takes no more than this part of the lines: what is being written needs the others."""

MIN_HINTS_BESIDE: Final = 4
"""If no more hints than this fit beside a sentence, they get a line of their own."""


class KeyLine(Static):
    """One line of keys, each of which a click presses, and beside or above it a sentence for as long as it is true."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-line--key", "key-line--word"}

    def __init__(self) -> None:
        super().__init__("", id="key-line", markup=False)
        self._hints: Sequence[KeyHint] = ()
        self._problem = ""
        self._said = ""
        self._drawn: tuple[str, Sequence[KeyHint], int, int] | None = None
        self._shown: Sequence[KeyHint] = ()
        self._shown_at = Offset()
        """Where the first of the keys stands."""

    def show(self, hints: Sequence[KeyHint], problem: str) -> None:
        """Show the hints, and a problem until it is solved."""
        self._hints, self._problem = hints, problem
        self._draw()

    def show_problem(self, problem: str) -> None:
        """Show a problem beside the current hints."""
        self.show(self._hints, problem)

    def say(self, sentence: str) -> None:
        """Show a sentence until it is replaced by an empty one; a problem stays beside it."""
        if sentence != self._said:
            self._said = sentence
            self._draw()

    def on_resize(self) -> None:
        """Choose the hints that fit."""
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        at = event.get_content_offset(self)
        hint = None if at is None or at.y != self._shown_at.y else hint_at(self._shown, at.x - self._shown_at.x)
        for key in hint.press.split() if hint is not None else ():
            self.app.simulate_key(key)

    def _draw(self) -> None:
        sentence = " ".join(filter(None, (self._said, self._problem)))
        wanted = (sentence, self._hints, self.size.width, self._max_lines)
        if wanted == self._drawn:
            return
        self._drawn = wanted
        self.set_class(bool(self._problem) and not self._said, "-problem")
        self.set_class(bool(self._said), "-said")
        self.update(self._with_keys(sentence) if sentence else self._keys(self.size.width, Offset()))

    @property
    def _max_lines(self) -> int:
        """How many lines a sentence may take."""
        return min(MAX_SENTENCE_LINES, max(1, self.app.size.height // SENTENCE_SHARE))

    def _with_keys(self, sentence: str) -> Content:
        """The sentence, with the hints beside it if enough of them fit, else below it."""
        lines = _sentence_lines(sentence, self.size.width, self._max_lines) if self.size.width else [sentence]
        if not self._hints:
            self._shown = ()
            return Content("\n".join(lines))
        room = self.size.width - cell_len(lines[0]) - 2 * HINT_GAP
        is_beside = len(lines) == 1 and len(fitting_hints(self._hints, room)) > MIN_HINTS_BESIDE
        at = Offset(cell_len(lines[0]) + 2 * HINT_GAP, 0) if is_beside else Offset(0, len(lines))
        keys = self._keys(room if is_beside else self.size.width, at)
        return Content.assemble("\n".join(lines), " " * 2 * HINT_GAP if is_beside else "\n", keys)

    def _keys(self, width: int, at: Offset) -> Content:
        """As many keys as fit, to be drawn at this place."""
        self._shown, self._shown_at = fitting_hints(self._hints, width), at
        key = self.get_visual_style("key-line--key", partial=True)
        word = self.get_visual_style("key-line--word", partial=True)
        gap = Content(" " * HINT_GAP)
        return gap.join(Content.assemble((hint.key, key), " ", (hint.word, word)) for hint in self._shown)


def _sentence_lines(sentence: str, width: int, max_lines: int) -> list[str]:
    """The sentence wrapped; if it is too long, it is cut and ends in a mark."""
    lines = wrap(sentence, width)
    if len(lines) > max_lines:
        lines = [*lines[: max_lines - 1], cut(f"{lines[max_lines - 1]} {lines[max_lines]}", width - 1)]
    return lines


def active_hints(screen: LiveScreen[Any], wanted: Sequence[tuple[str, str]]) -> list[KeyHint]:
    """Return the current keys of these bindings, with a word for each; inactive bindings are left out.

    Below a dialog the hints stay unchanged, as some of the app's own keys are inactive there.
    """
    if screen.app.screen is screen or not screen.shown_hints:
        active = {each.binding.id: each.binding for each in reversed(screen.active_bindings.values())}
        keys = screen.app.get_key_display
        screen.shown_hints = [
            KeyHint(keys(active[id_]), word, active[id_].key) for id_, word in wanted if id_ in active
        ]
    return screen.shown_hints
