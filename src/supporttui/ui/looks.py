"""Decides the theme: the configured one, the one for the terminal's background, or the user's choice."""

import contextlib
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from textual.app import App

from supporttui.config.folders import write_private
from supporttui.config.palettes import PALETTES
from supporttui.config.settings import (
    DARK_THEME_NAME,
    LIGHT_THEME_NAME,
    PACKAGED_THEMES,
    TERMINAL_THEME_NAME,
)
from supporttui.presentation.terminal_options import TerminalOptions, remembered_theme, terminal_name
from supporttui.ui.theme import packaged_theme, textual_theme_name, theme_of

CHECK_EVERY_TICKS: Final = 2
"""Seconds between checks of the file of a user's own theme."""


@lru_cache(maxsize=1)
def fallback_variables() -> dict[str, str]:
    """Return the colours that the stylesheets need beyond Textual's, for Textual's own themes."""
    return dict(packaged_theme(DARK_THEME_NAME).variables)


class Looks:
    """The theme of one app. Used on its event loop only."""

    def __init__(self, app: App[Any], line: TerminalOptions, say: Callable[[str], None]) -> None:
        """Set the theme before the first screen is drawn. say: shows the user a sentence."""
        self._app = app
        self._line = line
        self._say = say
        self._name = line.theme_in_use
        self._is_chosen = not line.asks_background
        """Whether the user chose the theme, so that the terminal's background has no effect."""
        self._changed_at = self._file_time()
        self._ticks = 0
        app.register_theme(packaged_theme(DARK_THEME_NAME))
        if line.palette is not None and self._name not in PALETTES:
            app.register_theme(theme_of(self._name, line.palette))
        elif self._name != DARK_THEME_NAME:
            app.register_theme(packaged_theme(self._name))
        app.theme = textual_theme_name(self._name)

    @property
    def name(self) -> str:
        """The current theme, as named in `[looks]`."""
        return self._name

    def use(self, name: str) -> str:
        """Apply a theme; return what is wrong with it, or an empty text."""
        from supporttui.config.tables import ConfigProblem
        from supporttui.config.theme_files import load_user_theme, unknown_theme_sentence

        try:
            palette = PALETTES[name] if name in PALETTES else load_user_theme(self._line.theme_folder, name)
        except FileNotFoundError:
            return unknown_theme_sentence(name, self._line.theme_folder)
        except ConfigProblem as problem:
            return str(problem)
        self._name = name
        self._changed_at = self._file_time()
        self._app.register_theme(theme_of(name, palette))
        if self._app.theme == textual_theme_name(name):
            self._app.refresh_css(animate=False)  # same name, other colours
        else:
            self._app.theme = textual_theme_name(name)
        return ""

    def follow_background(self, is_light: bool) -> None:
        """Apply the theme for the background that the terminal reported, and remember it for the next start."""
        if self._is_chosen:
            return
        name, background = self._line.theme_pair[is_light], LIGHT_THEME_NAME if is_light else DARK_THEME_NAME
        with contextlib.suppress(OSError):
            remember_theme(self._line.backgrounds_file, background, os.environ)
        if name != self._name:
            self.use(name)

    def tick(self) -> None:
        """Reload a user's own theme if its file has changed."""
        self._ticks += 1
        if self._ticks % CHECK_EVERY_TICKS or self._name in PALETTES:
            return
        changed_at = self._file_time()
        if changed_at != self._changed_at:
            self._changed_at = changed_at
            problem = self.use(self._name)
            self._say(f"The former colours stay: {problem}" if problem else f"Theme {self._name} was read again.")

    def choose(self) -> None:
        """Ask for a theme for this window."""
        from supporttui.config.theme_files import user_themes
        from supporttui.ui.dialogs.themes import ThemesScreen

        names = (
            [TERMINAL_THEME_NAME]
            if self._line.has_own_colours and self._line.theme != TERMINAL_THEME_NAME
            else [*PACKAGED_THEMES, *user_themes(self._line.theme_folder)]
        )
        before = self._name

        def use(name: str | None) -> None:
            self._is_chosen = True
            problem = self.use(name or before)
            if problem or name:
                self._say(problem or f'Theme {name}, in this window. To keep it: theme = "{name}" below [looks].')

        self._app.push_screen(ThemesScreen(names, before, self.use), use)

    def _file_time(self) -> tuple[int, int]:
        """The modification time and the size of the theme's file; zeros if the theme is not the user's own."""
        file = Path(self._line.theme_folder) / f"{self._name}.toml"
        try:
            found = file.stat() if self._name not in PALETTES else None
        except OSError:
            found = None
        return (found.st_mtime_ns, found.st_size) if found is not None else (0, 0)


MAX_TERMINALS: Final = 40


def remember_theme(file: Path, theme: str, environ: Mapping[str, str]) -> None:
    """Save the theme for this terminal if it has changed. Raises OSError."""
    if remembered_theme(file, environ) == theme:
        return
    name = terminal_name(environ)
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    others = [line for line in lines if line.partition(" ")[2] != name]
    write_private(file, "\n".join([*others[-MAX_TERMINALS:], f"{theme} {name}"]) + "\n")
