"""Text from outside cannot be shown by accident, and cannot act when it is shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.faults.hostile_payloads import CORPUS, generated_payloads
from support.terminals.sent_sequences import unexpected_tokens
from supporttui.domain.safe_text import (
    MAX_COMBINING,
    MAX_LENGTH,
    MAX_LINE,
    TRUNCATION_MARK,
    OutsideText,
    SafeText,
    safe,
    safe_line,
)

BIDI_OVERRIDE = "\u202e"


def test_outside_text_refuses_to_be_formatted() -> None:
    with pytest.raises(TypeError, match="safe"):
        f"{OutsideText('x')}"
    with pytest.raises(TypeError, match="safe"):
        str(OutsideText("x"))


def test_outside_text_is_not_a_string() -> None:
    assert not isinstance(OutsideText("x"), str)


def test_repr_of_outside_text_holds_no_control_character() -> None:
    assert repr(OutsideText("\x1b]0;x\x07é")).isprintable()


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines", "two\nlines"),
        ("windows\r\nlines", "windows\nlines"),
        ("a\tb", "a    b"),
        ("\x1b[31mred", "␛[31mred"),
        ("\x1b]52;c;cGFzc3dk\x07", "␛]52;c;cGFzc3dk␇"),
        ("\x7f", "␡"),
        ("\x9b31m", "‹9B›31m"),
        (f"invoice{BIDI_OVERRIDE}fdp.exe", "invoice‹202E›fdp.exe"),
        ("zero\u200bwidth", "zero‹200B›width"),
        ("\ud800", "\ufffd"),
        ("\x00", "␀"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
        ("日本語のフォント", "日本語のフォント"),
        ("👩\u200d💻", "👩💻"),
        ("👍🏿", "👍"),
        ("🏿", "‹1F3FF›"),
        ("👩🏽\u200d💻", "👩💻"),
        ("🇩🇪🇫🇷", "‹DE›‹FR›"),
        ("to 🇩 and 🇩🇪🇫", "to ‹D› and ‹DE›‹F›"),
        ("1\ufe0f\u20e3", "1\u20e3"),
        ("❤\ufe0f ⌚\ufe0e", "❤ ⌚"),
        ("☰", "‹2630›"),
        ("e\u0301", "e\u0301"),
        ("a\u200db", "a‹200D›b"),
        ("\u200dstart", "‹200D›start"),
        ("x\ufe0f\ufe0f\ufe0f", "x"),
        ("\ufe0fx", "x"),
        ("\U000e0041\U000e0042", "‹E0041›‹E0042›"),
        ("x" + "\U000e0100" * 9, "x‹E0100›"),
        ("no\u00a0break", "no break"),
        ("wide\u3000space", "wide\u3000space"),
        ("\u2800", "‹2800›"),
        ("ᄒ" + "ᅡ" * 9, "ᄒ" + "ᅡ" * 4),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("\u2028", "‹2028›"),
    ],
)
def test_hostile_text_becomes_visible(raw: str, shown: str) -> None:
    assert safe(OutsideText(raw)) == shown


def test_a_flood_of_combining_marks_is_capped() -> None:
    assert safe(OutsideText("e" + "\u0301" * 500)) == "e" + "\u0301" * MAX_COMBINING


def test_pictures_that_are_joined_stand_side_by_side() -> None:
    assert safe(OutsideText("👩" + "\u200d👩" * 300)) == "👩" * 301


def test_a_giant_line_is_broken_and_nothing_of_it_lost() -> None:
    shown = safe(OutsideText("W" * 35_000))
    assert [len(line) for line in shown.split("\n")] == [MAX_LINE, MAX_LINE, MAX_LINE, 5_000]


def test_a_field_is_one_bounded_line() -> None:
    shown = safe_line(OutsideText("W\n" * 90_000))
    assert "\n" not in shown
    assert len(shown) == MAX_LINE
    assert shown.endswith(TRUNCATION_MARK)


def test_stand_ins_do_not_make_a_text_longer_than_its_bound() -> None:
    assert len(safe(OutsideText("\u202e" * MAX_LENGTH)).replace("\n", "")) == MAX_LENGTH


def test_long_text_ends_in_a_mark() -> None:
    assert safe(OutsideText("é" * (MAX_LENGTH + 1))).endswith("[…]")


def test_a_line_keeps_to_its_row() -> None:
    assert safe_line(OutsideText("one\ntwo\r\nthree\rfour")) == "one↵two↵three␍four"


@given(st.text(st.characters(exclude_categories=())))
def test_no_control_or_format_character_survives(raw: str) -> None:
    shown = safe(OutsideText(raw))
    assert isinstance(shown, SafeText)
    left = {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert left <= {"\n"}


@given(st.text(st.characters(exclude_categories=())))
def test_showing_twice_changes_nothing(raw: str) -> None:
    once = safe(OutsideText(raw))
    assert safe(OutsideText(once)) == once


def test_ten_thousand_hostile_texts_hold_nothing_that_a_terminal_obeys() -> None:
    for payload in [*CORPUS, *generated_payloads(10_000)]:
        for shown in (safe(OutsideText(payload)), safe_line(OutsideText(payload))):
            assert unexpected_tokens(shown.encode()) == [], ascii(payload)
