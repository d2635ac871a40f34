"""Computes the board's styles with Textual; run as a program, it writes them to the files that the package reads.

    .venv/bin/python tests/support/board_styles.py

To be run after a change of the stylesheets, the themes or the keys that the board names.
"""

import asyncio
import re
import sys
import tempfile
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS
from rich.style import Style
from textual.app import App
from textual.widget import Widget

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.app_driver import settle
from support.board_samples import LocalCopy
from supporttui.config.palettes import PALETTES, Palette
from supporttui.config.settings import PACKAGED_THEMES, TERMINAL_THEME_NAME
from supporttui.presentation.terminal_options import (
    COLOURS_16,
    COLOURS_24_BIT,
    COLOURS_256,
    COLOURS_NONE,
    LOCAL_TERMINAL,
)
from supporttui.ui.app import SupportApp
from supporttui.ui.board.screen import HINTS, BoardScreen
from supporttui.ui.key_line import active_hints
from supporttui.ui.live import LiveScreen
from supporttui.ui.panes.board_parts import BoardWidgets
from supporttui.ui.panes.pane_styles import PaneStyles as TextualPaneStyles
from supporttui.ui.startup.board_styles import (
    COLOUR_NAMES_FILE,
    BoardStyles,
    HintStyle,
    PaneStyles,
    pane_state_key,
    styles_file,
    styles_key,
)
from supporttui.ui.terminal.escape_codes import Pen, pen_from_style

VARIANTS: Final = (
    *(
        (theme, colours)
        for theme in PACKAGED_THEMES
        for colours in (COLOURS_24_BIT, COLOURS_256, COLOURS_16)
        if theme != TERMINAL_THEME_NAME
    ),
    (TERMINAL_THEME_NAME, COLOURS_16),
    (TERMINAL_THEME_NAME, COLOURS_NONE),
)
"""Themes and colour systems."""


def capture_styles(app: SupportApp, colours: str) -> BoardStyles:
    """The styles of the parts of the board that is in front, whatever the state that they are in now."""
    assert isinstance(app.screen, BoardScreen)
    parts = app.screen._parts
    system = None if colours == COLOURS_NONE else ColorSystem(COLOR_SYSTEMS[colours])

    def pen(style: Style) -> Pen:
        return pen_from_style(style, system)

    def pane_pens(styles: TextualPaneStyles) -> PaneStyles:
        plain, cursor = styles.plain, styles.cursor
        return PaneStyles({part: pen(plain[part]) for part in plain}, {part: pen(cursor[part]) for part in cursor})

    states = [(has_focus, is_stale) for has_focus in (False, True) for is_stale in (False, True)]
    keys = {part: parts.key_line.get_visual_style(f"key-line--{part}").rich_style for part in ("key", "word")}
    return BoardStyles(
        panes={
            pane_state_key(has_focus=focus, is_stale=stale): pane_pens(_styles_in_state(parts, focus, stale))
            for focus, stale in states
        },
        header_ground=pen(parts.header.rich_style),
        header={part: pen(style) for part, style in parts.header.styles_by_part().items()},
        keys_ground=pen(parts.key_line.visual_style.rich_style),
        key=pen(keys["key"]),
        word=pen(keys["word"]),
        hints=_hints(app),
    )


def _hints(app: App[None]) -> list[HintStyle]:
    bound: dict[str, list[str]] = {}
    for key, active in app.screen.active_bindings.items():
        bound.setdefault(active.binding.id or "", []).append(key)
    assert isinstance(app.screen, LiveScreen)
    hints = active_hints(app.screen, HINTS)
    return [HintStyle(id_, ",".join(bound[id_]), hint) for (id_, _), hint in zip(HINTS, hints, strict=True)]


def _styles_in_state(parts: BoardWidgets, has_focus: bool, is_stale: bool) -> TextualPaneStyles:
    """The styles of a pane in some state, by one that is never shown."""
    like = next(iter(parts.grid.panes.values()))
    pane = like.make_copy()
    pane._attach(parts.grid)
    pane.set_reactive(Widget.has_focus, has_focus)
    pane.set_class(is_stale, "-stale", update=False)
    like.app.stylesheet.apply(pane, animate=False)
    return TextualPaneStyles(pane)


def computed_styles(folder: Path, theme: str, colours: str, palette: Palette | None = None) -> BoardStyles:
    """The styles that the board has in a terminal with these colours; `palette` is that of a theme of one's own."""
    line = replace(LOCAL_TERMINAL, theme=theme, palette=palette)

    async def run() -> BoardStyles:
        app = SupportApp(replace(LocalCopy(folder, []).app_context(), line=line))
        async with app.run_test(size=(200, 50)) as pilot:
            await settle(pilot)
            return capture_styles(app, colours)

    return asyncio.run(run())


def computed_colour_names(folder: Path) -> BoardStyles:
    """The styles with the names of a palette's colours in place of their codes."""
    palette = {name: f"#1020{number:02x}" for number, name in enumerate(PALETTES["dark"], 1)}
    palette["foreground"] = "#f0f0f0"
    names = {";".join(str(int(code[at : at + 2], 16)) for at in (1, 3, 5)): name for name, code in palette.items()}
    computed = msgspec.json.encode(computed_styles(folder, "colour-names", COLOURS_24_BIT, palette)).decode()
    named = re.sub(r'"[34]8;2;([0-9;]+)"', lambda found: f'"{names[found.group(1)]}"', computed)
    return msgspec.json.decode(named, type=BoardStyles)


def main() -> None:
    """Write the files."""
    found: dict[str, dict[str, BoardStyles]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (theme, colours) in enumerate(VARIANTS):
            styles = computed_styles(Path(folder) / str(number), theme, colours)
            found.setdefault(theme, {})[styles_key(theme, colours)] = styles
        COLOUR_NAMES_FILE.write_bytes(_written(computed_colour_names(Path(folder) / "names")))
    for theme, by_key in found.items():
        styles_file(theme).write_bytes(_written(by_key))


def _written(styles: object) -> bytes:
    """As JSON, with a line for each part."""
    return msgspec.json.format(msgspec.json.encode(styles), indent=0).replace(b"}, ", b"},\n") + b"\n"


if __name__ == "__main__":
    main()
