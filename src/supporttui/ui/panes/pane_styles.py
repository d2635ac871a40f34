"""The styles of a pane's parts, computed from the stylesheets once and cached until these change."""

from typing import Final

from rich.style import Style
from textual.widget import Widget

from supporttui.presentation.board.ticket_row import ClockTone
from supporttui.ui.part_styles import computed_part_style

PANE_CLASS_PREFIX: Final = "status-pane--"
PANE_PARTS: Final = (
    *("frame", "number", "title", "count", "age", "foot", "edge", "subject", "subject-unread", "detail"),
    *("unread", "pending", "problem", "severity-1", "severity-2", "severity-3", "severity-4"),
    *("settled-1", "settled-2", "settled-3", "settled-4"),
    *(f"clock-{tone.value}" for tone in ClockTone),
)


class PaneStyles:
    """Styles by the suffix of their component class, on the pane's background and under its cursor."""

    def __init__(self, pane: Widget) -> None:
        ground = pane.rich_style
        cursor = ground + computed_part_style(pane, PANE_CLASS_PREFIX + "cursor")
        self.plain: dict[str, Style] = {}
        self.cursor: dict[str, Style] = {}
        for part in PANE_PARTS:
            style = computed_part_style(pane, PANE_CLASS_PREFIX + part)
            self.plain[part] = ground + style
            self.cursor[part] = cursor + style


class PaneStyleCache:
    """The style cache of all panes; panes of the same look share an entry.

    Textual would compute component classes again for every pane whenever any style changes: some 400 times before the
    first picture.
    """

    def __init__(self) -> None:
        self._rules: object = None
        self._found: dict[tuple[bool, frozenset[str], Style], PaneStyles] = {}

    def styles(self, pane: Widget) -> PaneStyles:
        """Return the styles of a pane in its present state."""
        rules = pane.app.stylesheet.rules
        if rules is not self._rules:  # the sheets were read again, as for another theme
            self._rules = rules
            self._found.clear()
        look = (pane.has_focus, pane.classes, pane.rich_style)
        if look not in self._found:
            self._found[look] = PaneStyles(pane)
        return self._found[look]
