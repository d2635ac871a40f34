"""Text from outside cannot be shown by accident, and cannot act when it is shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supporttui.domain.safetext import MAX_COMBINING, MAX_LENGTH, OutsideText, SafeText, safe, safe_line

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
        ("👩\u200d💻", "👩\u200d💻"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_hostile_text_becomes_visible(raw: str, shown: str) -> None:
    assert safe(OutsideText(raw)) == shown


def test_a_flood_of_combining_marks_is_capped() -> None:
    assert safe(OutsideText("e" + "\u0301" * 500)) == "e" + "\u0301" * MAX_COMBINING


def test_long_text_ends_in_a_mark() -> None:
    assert safe(OutsideText("é" * (MAX_LENGTH + 1))).endswith("[…]")


def test_a_line_keeps_to_its_row() -> None:
    assert safe_line(OutsideText("one\ntwo\r\nthree\rfour")) == "one↵two↵three␍four"


@given(st.text(st.characters(exclude_categories=())))
def test_no_control_or_format_character_survives(raw: str) -> None:
    shown = safe(OutsideText(raw))
    assert isinstance(shown, SafeText)
    left = {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert left <= {"\n", "\u200d"}


@given(st.text(st.characters(exclude_categories=())))
def test_showing_twice_changes_nothing(raw: str) -> None:
    once = safe(OutsideText(raw))
    assert safe(OutsideText(once)) == once
