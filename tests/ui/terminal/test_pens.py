"""The codes between two looks are enough, and never longer than naming the new look afresh."""

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.style import Style
from textual.strip import Strip

from supporttui.ui.terminal.escape_codes import (
    ATTRIBUTE_ON,
    PLAIN,
    Pen,
    blank_pen,
    is_same_on_blank,
    nearest_blank_pen,
    nearest_of_256,
    pen_change,
    pen_from_style,
)
from supporttui.ui.theme import packaged_theme

SHOWN_BY_EMULATOR = [bit for bit, code in enumerate(ATTRIBUTE_ON) if code in ("1", "3", "4", "5", "7", "9")]
COLOURS = st.sampled_from(["", "31", "92", "38;5;201", "38;2;1;2;3"])
GROUNDS = st.sampled_from(["", "41", "102", "48;5;17", "48;2;9;8;7"])
ATTRIBUTES = st.sets(st.sampled_from(SHOWN_BY_EMULATOR)).map(lambda bits: sum(1 << bit for bit in bits))
PENS = st.builds(Pen, ATTRIBUTES, COLOURS, GROUNDS, st.just(""))


def look(codes: str) -> object:
    """How a character comes out after these codes."""
    screen = pyte.Screen(4, 1)
    pyte.Stream(screen).feed(codes + "x")
    return screen.buffer[0][0]


@given(PENS, PENS)
def test_the_change_from_any_look_gives_the_new_one(old: Pen, new: Pen) -> None:
    assert look(pen_change(PLAIN, old) + pen_change(old, new)) == look(pen_change(PLAIN, new))
    assert len(pen_change(old, new)) <= len("\x1b[m" + pen_change(PLAIN, new))


@given(PENS, PENS)
def test_a_blank_needs_no_change_that_is_not_seen_on_it(pen: Pen, wanted: Pen) -> None:
    blank = blank_pen(wanted)
    nearest = nearest_blank_pen(pen, blank)
    assert is_same_on_blank(nearest, blank)
    if not blank.attributes:
        assert nearest.foreground == pen.foreground


def test_turning_bold_off_turns_dim_on_again() -> None:
    both, dim = Pen(0b11), Pen(0b10)
    assert pen_change(both, dim) in ("\x1b[22;2m", "\x1b[;2m")


def test_only_what_differs_is_sent() -> None:
    old = Pen(1, "38;2;200;210;224", "48;2;17;22;29")
    assert pen_change(old, old._replace(attributes=0)) == "\x1b[22m"
    assert pen_change(old, old._replace(background="")) == "\x1b[49m"
    assert pen_change(old, PLAIN) == "\x1b[m"
    assert pen_change(old, old) == ""


def test_a_link_is_opened_and_closed() -> None:
    linked = Pen(link="id=1;https://acme.example")
    assert pen_change(PLAIN, linked) == "\x1b]8;id=1;https://acme.example\x1b\\"
    assert pen_change(linked, PLAIN) == "\x1b]8;;\x1b\\"


@given(
    st.sampled_from(["red", "bright_cyan", "#d8bd6a", "color(201)", "default", None]),
    st.sampled_from(["blue", "#11161d", "color(17)", "default", None]),
    st.sampled_from(list(ColorSystem)[:3]),
    st.booleans(),
)
def test_a_look_comes_out_as_from_textual_in_every_colour_system(
    colour: str | None, ground: str | None, system: ColorSystem, is_bold: bool
) -> None:
    style = Style(color=colour, bgcolor=ground, bold=is_bold)
    sent = Style(color=as_sent(colour, system), bgcolor=as_sent(ground, system), bold=is_bold)
    assert look(pen_change(PLAIN, pen_from_style(style, system))) == look(f"\x1b[{Strip.render_ansi(sent, system)}m")


def as_sent(colour: str | None, system: ColorSystem) -> str | None:
    """The colour that is nearest among 256; all others are Textual's choice."""
    triplet = None if colour is None else Color.parse(colour).triplet
    return colour if triplet is None or system is not ColorSystem.EIGHT_BIT else f"color({nearest_of_256(*triplet)})"


SLATES = {
    *("#11161d", "#1a212c", "#3a4658"),
    *(
        packaged_theme("dark").variables[name]
        for name in ("line", "cursor-ground", "bar-ground", "severity-ground", "severity-4")
    ),
}


@pytest.mark.parametrize("slate", sorted(SLATES))
def test_with_256_colours_dark_slates_are_greys(slate: str) -> None:
    pen = pen_from_style(Style(bgcolor=slate), ColorSystem.EIGHT_BIT)

    assert 232 <= int(pen.background.removeprefix("48;5;")) <= 255


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_the_nearest_of_256_is_never_farther_than_the_one_of_rich(red: int, green: int, blue: int) -> None:
    ours = Color.from_ansi(nearest_of_256(red, green, blue)).get_truecolor()
    theirs = Color.from_rgb(red, green, blue).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()

    def distance(one: tuple[int, int, int]) -> int:
        return sum((a - b) ** 2 for a, b in zip(one, (red, green, blue), strict=True))

    assert distance(ours) <= distance(theirs)


def test_the_backgrounds_of_the_four_severities_are_four_colours_with_16_and_with_256() -> None:
    of_16 = [packaged_theme("terminal").variables[f"severity-{number}"] for number in range(1, 5)]
    of_256 = [
        pen_from_style(
            Style(bgcolor=packaged_theme("dark").variables[f"severity-{number}"]), ColorSystem.EIGHT_BIT
        ).background
        for number in range(1, 5)
    ]
    assert len({*of_16}) == len({*of_256}) == 4
