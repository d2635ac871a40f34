"""Themes of the user's own: read at the start, read again while the app runs, mistakes refused with their line."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.app_driver import MONDAY, AppDriver, add_sample_tickets, app_sources, settle
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from supporttui.config import ConfigProblem
from supporttui.config.palettes import PALETTES
from supporttui.config.settings import THEMES_BY_BACKGROUND, LooksSettings, Switch, load_settings, with_theme
from supporttui.presentation.terminal_options import (
    LOCAL_TERMINAL,
    can_link,
    locale_is_utf8,
    remembered_theme,
    theme_by_environment,
    with_looks,
)
from supporttui.ui.app import SupportApp
from supporttui.ui.looks import remember_theme


def written(folder: Path, theme: str, *, name: str = "mine") -> Path:
    """A configuration that asks for a theme of its own, and that theme."""
    (folder / "themes").mkdir(exist_ok=True)
    (folder / "themes" / "mine.toml").write_text(theme)
    config = folder / "config.toml"
    config.write_text(f'[looks]\ntheme = "{name}"\n')
    return config


def test_a_theme_takes_what_it_leaves_out_from_its_base(tmp_path: Path) -> None:
    config = written(tmp_path, 'base = "light"\n[colours]\nbreached = "#AA0011"\n')
    looks = load_settings(config, {}).looks
    assert looks.theme == "mine"
    assert looks.palette == {**PALETTES["light"], "breached": "#aa0011"}


@pytest.mark.parametrize(
    ("theme", "line", "named"),
    [
        ('[colours]\nbreached = "crimson"\n', 2, "six digits"),
        ('[colours]\n\nbreeched = "#aa0011"\n', 3, "did you mean breached"),
        ('base = "drak"\n', 1, "did you mean dark"),
        ('base = "terminal"\n[colours]\ncalm = "#00ff00"\n', 3, "bright-red"),
        ('base = "dark"\ncolors = 3\n', 2, "no such key"),
        ("[colours\n", 1, "not valid TOML"),
    ],
)
def test_a_mistake_is_refused_with_its_line_and_what_would_be_right(
    tmp_path: Path, theme: str, line: int, named: str
) -> None:
    config = written(tmp_path, theme)
    with pytest.raises(ConfigProblem) as found:
        load_settings(config, {})
    assert "mine.toml" in str(found.value)
    assert f"line {line}" in str(found.value)
    assert named in str(found.value)


@pytest.mark.parametrize("name", ["hers", "../config", "/etc/passwd", "a.b"])
def test_a_theme_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, name: str) -> None:
    config = written(tmp_path, "", name=name)
    with pytest.raises(ConfigProblem, match=r"line 2: looks\.theme: there is no theme"):
        load_settings(config, {})


def test_a_theme_of_the_command_line_goes_before_the_configured_one(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, ""), {})
    assert with_theme(settings, "light").looks.theme == "light"
    assert with_theme(settings, "mine").looks.palette == PALETTES["dark"]
    with pytest.raises(ConfigProblem, match="--theme"):
        with_theme(settings, "hers")


@pytest.mark.anyio
async def test_a_changed_file_is_read_again_and_a_mistake_leaves_the_former_colours(tmp_path: Path) -> None:
    looks = load_settings(written(tmp_path, '[colours]\nbackground = "#100000"\n'), {}).looks
    theme, stamps = tmp_path / "themes" / "mine.toml", iter(range(1, 9))

    def change(text: str) -> None:
        theme.write_text(text)
        os.utime(theme, (next(stamps), next(stamps)))  # a second look within the clock's resolution

    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    line = with_looks(LOCAL_TERMINAL, looks, {}, tmp_path)
    app = SupportApp(replace(app_sources(desk, tmp_path), line=line))
    async with app.run_test(size=(120, 36)) as pilot:
        driver = AppDriver(app, pilot, desk)
        await driver.sees("New")
        assert app.current_theme.background == "#100000"
        change('[colours]\nbackground = "#001000"\n')
        await driver.until(lambda: app.current_theme.background == "#001000")
        await driver.sees("read again")
        assert app.screen.styles.background.hex == "#001000"
        change('[colours]\nbackground = "green"\n')
        await driver.sees("The former colours stay", "line 2")
        assert app.current_theme.background == "#001000"
        change('[colours]\nbackground = "#000010"\n')
        await driver.until(lambda: app.current_theme.background == "#000010")
        app.engine.stop(1)


@pytest.mark.anyio
async def test_a_theme_is_chosen_from_the_list_and_left_as_it_was_with_escape(tmp_path: Path) -> None:
    app = SupportApp(app_sources(InMemoryHelpDesk(MONDAY), tmp_path))
    async with app.run_test(size=(120, 36)) as pilot:
        driver = AppDriver(app, pilot, InMemoryHelpDesk(MONDAY))
        await driver.sees("New")
        app.action_change_theme()
        await driver.sees("high-contrast")
        await pilot.press("down")
        await driver.until(lambda: app.looks.name == "light")
        await pilot.press("escape")
        await driver.until(lambda: app.looks.name == "dark")
        app.action_change_theme()
        await driver.sees("high-contrast")
        await pilot.press("j", "j", "enter")
        await driver.until(lambda: app.looks.name == "high-contrast-dark")
        app.looks.follow_background(True)
        await settle(pilot)
        assert app.looks.name == "high-contrast-dark"
        app.engine.stop(1)


def test_what_a_terminal_said_is_known_at_the_next_start(tmp_path: Path) -> None:
    file, kitty, foot = tmp_path / "said", {"TERM": "xterm-kitty"}, {"TERM": "foot"}
    assert remembered_theme(file, kitty) == ""
    remember_theme(file, "light", kitty)
    remember_theme(file, "dark", foot)
    assert (remembered_theme(file, kitty), remembered_theme(file, foot)) == ("light", "dark")
    remember_theme(file, "dark", kitty)
    assert remembered_theme(file, kitty) == "dark"
    file.write_bytes(b"\xff\xfe nonsense\npink - - foot - -\n")
    assert remembered_theme(file, foot) == ""


@pytest.mark.parametrize(
    ("environ", "theme"),
    [
        ({"COLORFGBG": "0;15"}, "light"),
        ({"COLORFGBG": "15;default;0"}, "dark"),
        ({"COLORFGBG": "x"}, "dark"),
        ({}, "dark"),
    ],
)
def test_where_nothing_is_remembered_the_environment_is_asked(environ: dict[str, str], theme: str) -> None:
    assert theme_by_environment(environ) == theme


@pytest.mark.parametrize("asked", THEMES_BY_BACKGROUND)
@pytest.mark.parametrize(("ground", "place"), [("15;0", 0), ("0;15", 1)])
def test_dark_or_light_is_chosen_for_each_kind_of_theme(tmp_path: Path, asked: str, ground: str, place: int) -> None:
    pair = THEMES_BY_BACKGROUND[asked]
    line = with_looks(LOCAL_TERMINAL, LooksSettings(theme=asked), {"COLORFGBG": ground}, tmp_path)
    assert (line.theme, line.asks_background, line.theme_pair) == (pair[place], True, pair)
    fixed = with_looks(LOCAL_TERMINAL, LooksSettings(theme=pair[0]), {"COLORFGBG": ground}, tmp_path)
    assert (fixed.theme, fixed.asks_background) == (pair[0], False)


@pytest.mark.anyio
async def test_high_contrast_follows_what_the_terminal_says_of_its_background(tmp_path: Path) -> None:
    desk = InMemoryHelpDesk(MONDAY)
    line = with_looks(LOCAL_TERMINAL, LooksSettings(theme="high-contrast"), {}, tmp_path)
    app = SupportApp(replace(app_sources(desk, tmp_path), line=line))
    async with app.run_test(size=(120, 36)) as pilot:
        await AppDriver(app, pilot, desk).sees("New")
        assert app.looks.name == "high-contrast-dark"
        app.looks.follow_background(True)
        await settle(pilot)
        assert app.looks.name == "high-contrast-light"
        assert remembered_theme(line.backgrounds_file, os.environ) == "light"
        app.engine.stop(1)


@pytest.mark.parametrize(
    ("environ", "is_utf8"),
    [
        ({}, True),
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "de_DE.utf8@euro"}, True),
        ({"LANG": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),  # Python's own doing
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, True),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, False),
        ({"LANG": "en_US.ISO-8859-1"}, False),
    ],
)
def test_ascii_is_drawn_where_the_locale_is_not_utf8(environ: dict[str, str], is_utf8: bool) -> None:
    assert locale_is_utf8(environ) is is_utf8
    assert with_looks(LOCAL_TERMINAL, LooksSettings(), environ, Path("/nowhere")).is_ascii is not is_utf8
    asked = LooksSettings(ascii_glyphs=Switch.OFF)
    assert not with_looks(LOCAL_TERMINAL, asked, environ, Path("/nowhere")).is_ascii


@pytest.mark.parametrize(
    ("environ", "links"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "4602"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, True),
        ({"TERM": "linux"}, False),
        ({"TERM": "screen.xterm", "STY": "1.pts"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({}, False),
    ],
)
def test_links_are_not_sent_to_terminals_that_misread_them(environ: dict[str, str], links: bool) -> None:
    assert can_link(environ) is links
