"""The terminal's answer about its background is taken out of what is typed, and no key is lost with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supporttui.ui.terminal.terminal_replies import EXPECTED_S, REST_S, ReplyReader, is_light_colour

LIGHT = "\x1b]11;rgb:ffff/fdfd/f6f6\x1b\\"
DARK = "\x1b]11;rgb:11/16/1d\x07"
KEYS = ["j", "\x1b[A", "\x1bOP", "é", "\r", "日", "\x1bx", "\x1b]x"]


class Reading:
    """A reader, what it has said, and the keys that it has passed on."""

    def __init__(self) -> None:
        self.now = 100.0
        self.said: list[bool] = []
        self.keys = ""
        self.reader = ReplyReader(self.said.append, lambda: self.now)
        self.reader.expect()

    def types(self, text: str) -> None:
        self.keys += self.reader.take(text)

    def waits(self) -> None:
        self.now += 2 * REST_S
        self.keys += self.reader.overdue()


@given(st.lists(st.sampled_from(KEYS)), st.lists(st.sampled_from(KEYS)), st.sampled_from([LIGHT, DARK]), st.data())
def test_keys_around_an_answer_arrive_in_their_order(
    before: list[str], after: list[str], answer: str, data: st.DataObject
) -> None:
    sent = "".join(before) + answer + "".join(after)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(sent)), max_size=6)))
    reading = Reading()
    for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
        reading.types(sent[start:end])
    reading.waits()
    assert reading.keys == "".join(before) + "".join(after)
    assert reading.said == [answer is LIGHT]


@given(st.text(alphabet="\x1b]1;rgb:/f\\a", max_size=30))
def test_what_is_no_answer_arrives_as_it_was_typed(text: str) -> None:
    reading = Reading()
    for character in text:
        reading.types(character)
        reading.waits()
    assert reading.keys == text


def test_an_answer_that_is_cut_off_is_typed_text_after_a_moment() -> None:
    reading = Reading()
    reading.types("j\x1b]11;rgb:ff")
    assert reading.keys == "j"
    reading.waits()
    assert reading.keys == "j\x1b]11;rgb:ff"


def test_long_after_the_question_nothing_is_held_back() -> None:
    reading = Reading()
    reading.now += EXPECTED_S + 1
    reading.types("\x1b]11;rgb")
    assert reading.keys == "\x1b]11;rgb"


@pytest.mark.parametrize(
    ("answer", "is_light"),
    [
        ("rgb:ffff/ffff/ffff", True),
        ("rgb:0000/0000/0000", False),
        ("rgba:fd/f6/e3/ff", True),
        ("rgb:0/2b/36", False),
        ("rgb:f/f/f", True),
        ("red", None),
        ("rgb:ffff/ffff", None),
        ("", None),
        ("rgb:" + "f" * 500, None),
    ],
)
def test_light_is_what_is_nearer_to_white(answer: str, is_light: bool | None) -> None:
    assert is_light_colour(answer) is is_light
