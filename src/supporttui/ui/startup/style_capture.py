"""Captures the board's computed styles from Textual, for the first picture of the next start."""

import os

from rich.color import ColorSystem
from rich.style import Style
from textual.widget import Widget

from supporttui.presentation.board.key_hints import KeyHint
from supporttui.presentation.terminal_options import terminfo_features
from supporttui.ui.panes.board_parts import BoardWidgets
from supporttui.ui.panes.pane_styles import PaneStyles
from supporttui.ui.startup.saved_styles import SavedPaneStyles, SavedStyles, pane_state_key
from supporttui.ui.terminal.escape_codes import Pen, pen_from_style


def capture_styles(parts: BoardWidgets, hints: list[KeyHint], made_for: bytes) -> SavedStyles:
    """How the parts of the board look in this terminal, whatever the state that they are in now."""
    system = parts.header.app.console._color_system or ColorSystem.TRUECOLOR

    def pen(style: Style) -> Pen:
        return pen_from_style(style, system)

    def pane_look(styles: PaneStyles) -> SavedPaneStyles:
        plain, cursor = styles.plain, styles.cursor
        return SavedPaneStyles({part: pen(plain[part]) for part in plain}, {part: pen(cursor[part]) for part in cursor})

    states = [(has_focus, is_stale) for has_focus in (False, True) for is_stale in (False, True)]
    panes = {
        pane_state_key(has_focus=focus, is_stale=stale): pane_look(_styles_in_state(parts, focus, stale))
        for focus, stale in states
    }
    keys = {part: parts.key_line.get_visual_style(f"key-line--{part}").rich_style for part in ("key", "word")}
    return SavedStyles(
        made_for=made_for,
        has_bce=terminfo_features(os.environ.get("TERM", ""), 1).has_bce,
        panes=panes,
        header_ground=pen(parts.header.rich_style),
        header={part: pen(style) for part, style in parts.header.styles_by_part().items()},
        keys_ground=pen(parts.key_line.visual_style.rich_style),
        key=pen(keys["key"]),
        word=pen(keys["word"]),
        hints=hints,
    )


def _styles_in_state(parts: BoardWidgets, has_focus: bool, is_stale: bool) -> PaneStyles:
    """The styles of a pane in some state, by one that is never shown."""
    like = next(iter(parts.grid.panes.values()))
    pane = like.make_copy()
    pane._attach(parts.grid)
    pane.set_reactive(Widget.has_focus, has_focus)
    pane.set_class(is_stale, "-stale", update=False)
    like.app.stylesheet.apply(pane, animate=False)
    return PaneStyles(pane)
