"""A thin line is known by what the environment says, unless the user says it."""

import pytest
from msgspec.structs import replace

from supporttui.presentation.terminal_options import (
    LOCAL_TERMINAL,
    BandwidthChoice,
    TerminalOptions,
    detect_terminal_options,
)
from supporttui.ui.terminal.framed_app import ByteRateMeter

SSH = {"SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22", "TERM": "foot"}


def chosen(wish: BandwidthChoice, environ: dict[str, str], colours: int = 256) -> TerminalOptions:
    return detect_terminal_options(wish, environ, lambda term: colours if term else 0)


def test_a_terminal_on_this_machine_gets_everything() -> None:
    local = chosen(BandwidthChoice.NONE, {"TERM": "foot", "COLORTERM": "truecolor"})
    assert local == replace(LOCAL_TERMINAL, colours="truecolor")


@pytest.mark.parametrize(
    ("term", "described", "colours"),
    [
        ("xterm-16color", 16, "standard"),
        ("screen", 8, "standard"),
        ("linux", 8, "standard"),
        ("rxvt", 0, "standard"),
        ("xterm-256color", 256, "256"),
        ("rxvt-256color", 0, "256"),
        ("foot", 256, "256"),
    ],
)
def test_a_terminal_on_this_machine_gets_the_colours_that_it_has(term: str, described: int, colours: str) -> None:
    line = chosen(BandwidthChoice.NONE, {"TERM": term}, described)

    assert line.colours == colours
    assert line.has_own_colours is (colours == "standard")
    assert not line.is_thin


@pytest.mark.parametrize("name", ["SSH_TTY", "SSH_CONNECTION", "TMUX", "STY"])
def test_far_or_behind_another_program_nothing_moves(name: str) -> None:
    assert chosen(BandwidthChoice.NONE, {name: "x", "TERM": "foot"}).is_thin


@pytest.mark.parametrize(
    ("more", "colours", "system"),
    [
        ({"COLORTERM": "truecolor"}, 256, "truecolor"),
        ({}, 1 << 24, "truecolor"),
        ({}, 256, "256"),
        ({}, 8, "standard"),
        ({}, 0, "standard"),
        ({"TERM": "rxvt-256color"}, 0, "256"),
        ({"TERM": ""}, 256, "auto"),
        ({"TEXTUAL_COLOR_SYSTEM": "standard"}, 256, "standard"),
        ({"NO_COLOR": "1"}, 256, "none"),
    ],
)
def test_only_colours_are_sent_that_the_far_terminal_has(more: dict[str, str], colours: int, system: str) -> None:
    assert chosen(BandwidthChoice.NONE, SSH | more, colours).colours == system


def test_the_user_decides() -> None:
    assert chosen(BandwidthChoice.FULL, SSH) == replace(LOCAL_TERMINAL, colours="256")
    thin = chosen(BandwidthChoice.THIN, {"TERM": "foot", "COLORTERM": "truecolor"})
    assert thin.is_thin
    assert thin.has_own_colours


def test_the_rate_is_that_of_the_last_minute() -> None:
    meter = ByteRateMeter()
    assert meter.words(0.0, 20_000) == ""
    assert meter.words(60.0, 26_000) == "6.0 kB/min"
    assert meter.words(61.0, 90_000) == "6.0 kB/min"
    assert meter.words(120.0, 27_000) == "1.0 kB/min"
