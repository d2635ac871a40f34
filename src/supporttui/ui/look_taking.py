"""Takes down how the board looks now, for the first picture of the next start."""

import os

from rich.color import ColorSystem
from rich.style import Style
from textual.widget import Widget

from supporttui.ui.board_parts import BoardParts
from supporttui.ui.hints import Hint
from supporttui.ui.look import Look, PaneLook, pane_state
from supporttui.ui.terminal.abilities import abilities_of
from supporttui.ui.terminal.pens import Pen, pen_of
from supporttui.ui.widgets.pane_styles import PaneStyles


def look_of(parts: BoardParts, hints: list[Hint], made_for: bytes) -> Look:
    """How the parts of the board look in this terminal, whatever the state that they are in now."""
    system = parts.header.app.console._color_system or ColorSystem.TRUECOLOR

    def pen(style: Style) -> Pen:
        return pen_of(style, system)

    def pane_look(styles: PaneStyles) -> PaneLook:
        plain, cursor = styles.plain, styles.cursor
        return PaneLook({part: pen(plain[part]) for part in plain}, {part: pen(cursor[part]) for part in cursor})

    states = [(has_focus, is_stale) for has_focus in (False, True) for is_stale in (False, True)]
    panes = {
        pane_state(has_focus=focus, is_stale=stale): pane_look(_posed(parts, focus, stale)) for focus, stale in states
    }
    keys = {part: parts.key_line.get_visual_style(f"key-line--{part}").rich_style for part in ("key", "word")}
    return Look(
        made_for=made_for,
        has_bce=abilities_of(os.environ.get("TERM", ""), 1).has_bce,
        panes=panes,
        header_ground=pen(parts.header.rich_style),
        header={part: pen(style) for part, style in parts.header.styles_by_part().items()},
        keys_ground=pen(parts.key_line.visual_style.rich_style),
        key=pen(keys["key"]),
        word=pen(keys["word"]),
        hints=hints,
    )


def _posed(parts: BoardParts, has_focus: bool, is_stale: bool) -> PaneStyles:
    """The styles of a pane in some state, by one that is never shown."""
    like = next(iter(parts.grid.panes.values()))
    pane = like.like_this()
    pane._attach(parts.grid)
    pane.set_reactive(Widget.has_focus, has_focus)
    pane.set_class(is_stale, "-stale", update=False)
    like.app.stylesheet.apply(pane, animate=False)
    return PaneStyles(pane)
