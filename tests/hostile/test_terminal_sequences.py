"""The reader of terminal bytes finds what it is there to find."""

import inspect

import pytest
from textual.drivers import linux_driver

from support.faults.hostile_payloads import BIDI, CONTROLS, CONTROLS_1, DEVICE, SEQUENCES, SINGLES, STRINGS
from support.terminals.sent_sequences import MODES, clipboard_texts, unexpected_tokens
from supporttui.ui.terminal import frame_encoder, terminal_modes

OURS = {
    f"\x1b[{tail}" for tail in ("31m", "0m", "38;5;196m", "38;2;255;0;0m", "8m", "7m", "5m", "1;1H", "999;999H")
} | {
    *(f"\x1b[{tail}" for tail in ("K", "?25l", "?1000h", "?1003h", "?2004h", "?2004l", "?2026h", "?7l", "<u")),
    *(f"\x1b[{tail}" for tail in ("2J", "999A", "999B", "999C", "999D", "1;2r", "r", "5L", "5M", "6n", "M   ")),
    *(
        "\x1bD",
        "\x1bM",
        "c\b0",
        "\x1b[?1049h",
        "\x1b[?1049l",
        "\x1b[;;;;;;m",
        "\x1b]22;pointer\x07",
        "\x1b]52;c;cm0gLXJmIH4=\x07",
    ),
}
"""What a program of ours sends itself, and a reader can therefore not hold against a ticket."""


@pytest.mark.parametrize("family", [SEQUENCES, STRINGS, DEVICE, SINGLES, CONTROLS, CONTROLS_1, BIDI])
def test_every_payload_is_found_unless_the_program_sends_the_same(family: list[str]) -> None:
    missed = {payload for payload in family if not unexpected_tokens(payload.encode())} - OURS
    assert {payload for payload in missed if not payload.isprintable()} <= {"c\r0"}


def test_no_mode_is_allowed_that_nobody_sends() -> None:
    sent = "".join(inspect.getsource(each) for each in (linux_driver, frame_encoder, terminal_modes))
    assert [mode for mode, finals in MODES.items() for final in finals if f"[?{mode}{final}" not in sent] == []


@pytest.mark.parametrize(
    "tail", ["c", "?u", ">2u", "?2031h", "?25$p", "J", "3J", "1K", "X", "1P", "1;2;3H", "5n", "22t"]
)
def test_what_is_close_to_ours_is_foreign(tail: str) -> None:
    assert unexpected_tokens(f"\x1b[{tail}".encode()) != []


def test_what_the_driver_sends_is_known() -> None:
    assert (
        unexpected_tokens(
            b"\x1b[?1049h\x1b[?25l\x1b[1;1H\x1b[38;2;1;2;3mtext\x1b[0m\r\n\x1b[?2026$p\x1b]22;default\x07"
        )
        == []
    )


def test_a_copy_is_read_and_must_be_harmless_itself() -> None:
    good, bad = b"\x1b]52;c;aGVsbG8=\x07", b"\x1b]52;c;G1szMW0=\x07"
    assert clipboard_texts(good) == ["hello"]
    assert unexpected_tokens(good) == []
    assert unexpected_tokens(bad) != []
