"""The reader of terminal bytes finds what it is there to find."""

import pytest

from hostile_corpus import BIDI, CONTROLS, CONTROLS_1, DEVICE, SEQUENCES, SINGLES, STRINGS
from terminal_sequences import copied, foreign

OURS = {
    f"\x1b[{tail}" for tail in ("31m", "0m", "38;5;196m", "38;2;255;0;0m", "8m", "7m", "5m", "1;1H", "999;999H")
} | {
    *(
        f"\x1b[{tail}"
        for tail in ("K", "c", "?25l", "?1000h", "?1003h", "?2004h", "?2004l", "?2026h", "?7l", "?u", "<u")
    ),
    *("\x1b[?1049h", "\x1b[?1049l", "\x1b[>1u", "\x1b[;;;;;;m", "\x1b]22;pointer\x07", "\x1b]52;c;cm0gLXJmIH4=\x07"),
}
"""What a program of ours sends itself, and a reader can therefore not hold against a ticket."""


@pytest.mark.parametrize("family", [SEQUENCES, STRINGS, DEVICE, SINGLES, CONTROLS, CONTROLS_1, BIDI])
def test_every_payload_is_found_unless_the_program_sends_the_same(family: list[str]) -> None:
    missed = {payload for payload in family if not foreign(payload.encode())} - OURS
    assert {payload for payload in missed if not payload.isprintable()} <= {"c\r0"}


def test_what_the_driver_sends_is_known() -> None:
    assert foreign(b"\x1b[?1049h\x1b[?25l\x1b[1;1H\x1b[38;2;1;2;3mtext\x1b[0m\r\n\x1b[?2026$p\x1b]22;default\x07") == []


def test_a_copy_is_read_and_must_be_harmless_itself() -> None:
    good, bad = b"\x1b]52;c;aGVsbG8=\x07", b"\x1b]52;c;G1szMW0=\x07"
    assert copied(good) == ["hello"]
    assert foreign(good) == []
    assert foreign(bad) != []
