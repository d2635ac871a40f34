"""Converts lines of conversations and facts to Textual's segments, by the component classes of a widget."""

from collections.abc import Iterable
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from supporttui.presentation.cell_text import ELLIPSIS, cell_len
from supporttui.presentation.ticket.conversation_parts import (
    BAR_CELLS,
    MAX_TEXT_CELLS,
    ConversationLine,
    Speaker,
    TextRole,
)
from supporttui.presentation.ticket.panel_facts import PanelRole, PanelText
from supporttui.ui.part_styles import part_style
from supporttui.ui.strips import with_links
from supporttui.ui.terminal.framed_app import FramedApp

CONVERSATION_CLASSES: Final = frozenset(
    (
        "conversation--note-ground",
        *(f"conversation--{text_role.value}" for text_role in TextRole),
        *(f"conversation--bar-{message_kind.value}" for message_kind in Speaker),
    )
)
PANEL_CLASSES: Final = frozenset(f"panel--{text_role.value}" for text_role in PanelRole)

_BARS: Final = {Speaker.NOBODY: " ", Speaker.AUTOMATIC: "╎", Speaker.UNSENT_REPLY: "┇", Speaker.UNSENT_NOTE: "┇"}
_SOLID_BAR: Final = "▌"
_NOTE_VOICES: Final = frozenset({Speaker.NOTE, Speaker.UNSENT_NOTE})


class TextStyles:
    """The styles of a widget's parts, computed once; the widget discards them when its styles change."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self.ground: Style = widget.rich_style
        self.sends_links = isinstance(widget.app, FramedApp) and widget.app.sends_links
        """Whether addresses become hyperlinks."""
        self._found: dict[tuple[str, bool], Style] = {}

    def style(self, name: str, *, on_note: bool = False) -> Style:
        """Return the style of a component class; `on_note` uses the background of internal notes."""
        found = self._found.get((name, on_note))
        if found is None:
            ground = self.style("conversation--note-ground") if on_note else self.ground
            found = ground + part_style(self._widget, name)
            self._found[name, on_note] = found
        return found


def conversation_segments(styles: TextStyles, line: ConversationLine, width: int) -> list[Segment]:
    """Return a line in exactly `width` cells, with the speaker's bar; text that is cut ends in a mark."""
    on_note = line.message_kind in _NOTE_VOICES
    ground = styles.style("conversation--note-ground") if on_note else styles.ground
    bar_style = styles.style(f"conversation--bar-{line.message_kind.value}", on_note=on_note)
    segments = [Segment(_BARS.get(line.message_kind, _SOLID_BAR), bar_style), Segment(" ", ground)]
    written = [Segment(text, styles.style(f"conversation--{role.value}", on_note=on_note)) for text, role in line.runs]
    segments += with_links(written, line.links) if line.links and styles.sends_links else written
    right = []
    if line.right is not None:
        text, role = line.right
        right = [Segment(text, styles.style(f"conversation--{role.value}", on_note=on_note))]
    text_width = min(width, MAX_TEXT_CELLS + BAR_CELLS)
    left = _fitted(segments, text_width - _cells(right), gap=len(right), ground=ground)
    return [*left, *right, Segment(" " * (width - text_width), styles.ground)]


def panel_segments(styles: TextStyles, runs: Iterable[PanelText], width: int) -> list[Segment]:
    """Return a line of facts in exactly `width` cells."""
    segments = [Segment(text, styles.style(f"panel--{role.value}")) for text, role in runs]
    return _fitted(segments, width, gap=0, ground=styles.ground)


def _fitted(segments: list[Segment], width: int, *, gap: int, ground: Style) -> list[Segment]:
    """Cut or pad segments to `width` cells, the last `gap` of them blank; a cut is marked."""
    width = max(width, 0)
    room = max(width - gap, 0)
    cells = _cells(segments)
    if cells > room:
        cut = Strip(segments).crop(0, max(room - 1, 0))
        segments = [*cut, Segment(ELLIPSIS[:room], segments[-1].style)]
        cells = _cells(segments)
    return [*segments, Segment(" " * (width - cells), ground)]


def _cells(segments: Iterable[Segment]) -> int:
    return sum(cell_len(segment.text) for segment in segments)
