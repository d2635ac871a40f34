"""Every text can be read in every theme, and urgency is told apart by those who see two colours of three."""

from itertools import combinations

import pytest

from support.colours import SIGHTS, ciede2000, contrast, seen_distance
from support.sheet_pairs import sheet_pairs
from supporttui.config.palettes import PALETTES, TERMINAL_COLOURS
from supporttui.config.settings import PACKAGED_THEMES, THEMES_BY_BACKGROUND
from supporttui.ui.theme import is_dark, packaged_theme

LEAST_CONTRAST = 4.5
"""WCAG 2.1, level AA, for text of any size."""
HIGH_CONTRAST = 7.0
"""Level AAA."""
LEAST_DISTANCE = 12.0
"""CIEDE2000 between two levels of urgency, whoever looks."""
LEAST_CONTRAST_OF_LINES = 3.0
"""WCAG 2.1, for what is no text."""
COLOUR_BLIND = THEMES_BY_BACKGROUND["colour-blind"]
LEVELS = ("calm", "notice", "urgent", "breached")
OF_THEIR_OWN = [name for name in PACKAGED_THEMES if name != "terminal"]
TEXTUAL_NAMES = {"primary": "accent"}
XTERM = {
    "default": "#ffffff", "black": "#000000", "red": "#cd0000", "green": "#00cd00", "yellow": "#cdcd00",
    "blue": "#0000ee", "magenta": "#cd00cd", "cyan": "#00cdcd", "white": "#e5e5e5", "bright-black": "#7f7f7f",
    "bright-red": "#ff0000", "bright-magenta": "#ff00ff", "bright-blue": "#5c5cff", "bright-white": "#ffffff",
}  # fmt: skip


def test_each_packaged_theme_has_every_colour() -> None:
    assert tuple(PALETTES) == PACKAGED_THEMES
    assert {frozenset(palette) for palette in PALETTES.values()} == {frozenset(PALETTES["dark"])}


@pytest.mark.parametrize("theme", OF_THEIR_OWN)
def test_every_text_of_the_sheets_has_contrast_with_its_ground(theme: str) -> None:
    palette = PALETTES[theme]
    pairs = sheet_pairs()
    assert len(pairs) > 120
    least = HIGH_CONTRAST if theme.startswith("high-contrast") else LEAST_CONTRAST
    low = [
        (pair.selector, pair.colour, pair.ground, round(found, 2))
        for pair in pairs
        if (found := contrast(*(palette[TEXTUAL_NAMES.get(name, name)] for name in (pair.colour, pair.ground))))
        < (LEAST_CONTRAST if pair.colour.startswith("on-") else least)
    ]
    assert low == []


@pytest.mark.parametrize("theme", OF_THEIR_OWN)
def test_what_is_selected_or_typed_has_contrast(theme: str) -> None:
    variables = packaged_theme(theme).variables
    for part in ("block-cursor", "block-cursor-blurred", "input-cursor", "input-selection"):
        assert contrast(variables[f"{part}-foreground"], variables[f"{part}-background"]) >= LEAST_CONTRAST
    for quiet in ("text-muted", "text-disabled"):
        for ground in ("background", "panel", "cursor-ground"):
            assert contrast(variables[quiet], PALETTES[theme][ground]) >= LEAST_CONTRAST


def test_with_the_terminals_own_colours_every_text_has_contrast_in_those_of_xterm() -> None:
    palette = PALETTES["terminal"]
    assert set(palette.values()) <= TERMINAL_COLOURS
    for pair in sheet_pairs():
        colour, ground = (palette[TEXTUAL_NAMES.get(name, name)] for name in (pair.colour, pair.ground))
        assert contrast(XTERM[colour], "#000000" if ground == "default" else XTERM[ground]) >= LEAST_CONTRAST, pair


@pytest.mark.parametrize("theme", COLOUR_BLIND)
@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("prefix", ["", "paused-"])
def test_levels_of_urgency_are_told_apart_whoever_looks(theme: str, sight: str, prefix: str) -> None:
    palette = PALETTES[theme]
    for one, other in combinations(LEVELS, 2):
        found = seen_distance(palette[prefix + one], palette[prefix + other], sight)
        assert found >= LEAST_DISTANCE, f"{prefix}{one} and {other}"


@pytest.mark.parametrize("theme", COLOUR_BLIND)
@pytest.mark.parametrize("sight", SIGHTS)
def test_badges_of_severities_are_told_apart_whoever_looks(theme: str, sight: str) -> None:
    palette = PALETTES[theme]
    for one, other in combinations(range(1, 5), 2):
        assert seen_distance(palette[f"severity-{one}"], palette[f"severity-{other}"], sight) >= LEAST_DISTANCE


def test_the_distance_is_that_of_the_published_pairs() -> None:
    assert ciede2000((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert ciede2000((50.0, 2.5, 0.0), (73.0, 25.0, -18.0)) == pytest.approx(27.1492, abs=1e-4)
    assert ciede2000((50.0, 2.5, 0.0), (58.0, 24.0, 15.0)) == pytest.approx(19.4535, abs=1e-4)
    assert ciede2000((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514)) == pytest.approx(0.9082, abs=1e-4)


def test_each_theme_has_a_dark_and_a_light_form() -> None:
    assert {(is_dark(PALETTES[dark]), is_dark(PALETTES[light])) for dark, light in THEMES_BY_BACKGROUND.values()} == {
        (True, False)
    }
    assert {name for pair in THEMES_BY_BACKGROUND.values() for name in pair} == {*OF_THEIR_OWN}


@pytest.mark.parametrize("theme", OF_THEIR_OWN)
def test_lines_and_bars_stand_out_from_every_ground(theme: str) -> None:
    palette = PALETTES[theme]
    for line in ("line", "scrollbar", "scrollbar-hover"):
        for ground in ("background", "panel", "bar-ground", "cursor-ground", "note-ground"):
            assert contrast(palette[line], palette[ground]) >= LEAST_CONTRAST_OF_LINES
