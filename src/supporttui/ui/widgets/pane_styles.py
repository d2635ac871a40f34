"""The styles of a pane's parts, worked out from the sheets once and kept until they change."""

from typing import Final

from rich.style import Style
from textual.widget import Widget

from supporttui.ui.row_face import Tone

PREFIX: Final = "status-pane--"
PARTS: Final = (
    *("frame", "number", "title", "count", "age", "foot", "edge", "subject", "subject-unread", "detail"),
    *("unread", "pending", "problem", "severity-1", "severity-2", "severity-3", "severity-4"),
    *("settled-1", "settled-2", "settled-3", "settled-4"),
    *(f"clock-{tone.value}" for tone in Tone),
)
COMPONENTS: Final = frozenset({PREFIX + part for part in (*PARTS, "cursor")})


class PaneStyles:
    """The styles by the end of their component class, on the pane's ground and under its cursor."""

    def __init__(self, pane: Widget) -> None:
        ground = pane.rich_style
        cursor = ground + pane.get_component_rich_style(PREFIX + "cursor", partial=True)
        self.plain: dict[str, Style] = {}
        self.cursor: dict[str, Style] = {}
        for part in PARTS:
            style = pane.get_component_rich_style(PREFIX + part, partial=True)
            self.plain[part] = ground + style
            self.cursor[part] = cursor + style
