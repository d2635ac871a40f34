"""What reaches a real terminal: no colour where none is wanted, ASCII where nothing else is shown, the right theme."""

import re
from pathlib import Path

import pytest

from support.command_line import PROGRAM
from support.terminals.terminal import Terminal

_SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
_COLOUR_CODES = {*range(30, 50), *range(90, 108)}
LIGHT_GROUND = (246, 247, 249)
DARK_GROUND = (17, 22, 29)


def colour_codes(sent: bytes) -> set[int]:
    """The codes of colours, also those that name the terminal's own."""
    codes = (int(code) for found in _SGR.findall(sent) for code in re.split(rb"[;:]", found) if code)
    return _COLOUR_CODES.intersection(codes)


def ground(colour: tuple[int, int, int]) -> bytes:
    return b"48;2;%d;%d;%d" % colour


def demo(home: Path, *options: str, **environment: str) -> Terminal:
    return Terminal([*PROGRAM, *options, "demo"], home=home, rows=36, columns=120, environment=environment)


def walk_through(window: Terminal) -> None:
    """Open the help, and the form for a new ticket, and leave."""
    window.wait_text("On-Hold", within_s=40)
    window.wait_text("what first")
    window.type("?")
    window.wait_text("type to find")
    window.type("\x1b[F")
    window.wait_text("Marks")
    window.type("\x1b")
    window.wait_for(lambda: "Marks" not in window.text())
    window.type("N")
    window.wait_text("Requester")
    window.type("\x1b")
    window.wait_text("what first")
    leave(window)


def leave(window: Terminal) -> None:
    """End it from wherever it is."""
    window.type("\x03")
    window.wait_for(lambda: window.has_ended)


@pytest.mark.parametrize("value", ["1", ""])
def test_with_no_color_no_colour_is_sent_at_all(tmp_path: Path, value: str) -> None:
    with demo(tmp_path, NO_COLOR=value) as window:
        walk_through(window)
        assert colour_codes(bytes(window.received)) == set()
        assert _SGR.findall(bytes(window.received)) != []


def test_without_color_severities_still_stand_out(tmp_path: Path) -> None:
    with demo(tmp_path, NO_COLOR="1") as window:
        window.wait_text("? keys", within_s=40)
        window.wait_for(lambda: any(cell.reverse for row in window.screen.buffer.values() for cell in row.values()))
        leave(window)


def test_where_the_locale_is_not_utf8_nothing_but_ascii_is_sent(tmp_path: Path) -> None:
    with demo(tmp_path, LC_ALL="C", LANG="C") as window:
        walk_through(window)
        assert max(window.received) <= 0x7E


def test_ascii_can_be_asked_for_where_other_letters_are_kept(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[looks]\nglyphs = "ascii"\n')
    with demo(tmp_path, "--config", str(config)) as window:
        walk_through(window)
        text = bytes(window.received).decode("utf-8", "replace")
        assert not set(text).intersection("●↑‖✓✗╭╮╰╯│─▌…·▰▱⏎")


def test_a_light_terminal_gets_light_colours_and_from_the_next_start_on_at_once(tmp_path: Path) -> None:
    with demo(tmp_path) as window:
        window.answers[b"\x1b]11;?\x1b\\"] = b"\x1b]11;rgb:ffff/fdfd/f6f6\x1b\\"
        window.wait_for(lambda: ground(LIGHT_GROUND) in window.received, within_s=40)
        leave(window)
    with demo(tmp_path) as again:
        again.wait_text("? keys", within_s=40)
        leave(again)
        assert ground(LIGHT_GROUND) in again.received
        assert ground(DARK_GROUND) not in again.received


def test_a_theme_that_was_asked_for_asks_nothing_of_the_terminal(tmp_path: Path) -> None:
    with demo(tmp_path, "--theme", "light") as window:
        window.wait_text("? keys", within_s=40)
        leave(window)
        assert b"\x1b]11;" not in window.received
        assert ground(DARK_GROUND) not in window.received
