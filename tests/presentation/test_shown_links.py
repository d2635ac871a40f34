"""What is linked in a conversation is what is shown: whole addresses, also wrapped ones, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from supporttui.domain.links import plain_address
from supporttui.domain.safe_text import OutsideText
from supporttui.presentation.ticket.shown_links import links_on_line
from supporttui.presentation.ticket.wrapping import wrap

LONG = "https://acme.example/boards/1042/export?format=pdf&pages=all&token=none#section-of-the-appendix"


def linked(text: str, width: int) -> list[tuple[str, str]]:
    """The linked parts of a text and their addresses, line by line."""
    lines = wrap(text, width)
    found = []
    for index, line in enumerate(lines):
        found += [(line[start:end], address) for start, end, address in links_on_line(lines, index, OutsideText(text))]
    return found


def test_an_address_in_a_line_is_linked_without_what_stands_around_it() -> None:
    text = "See https://acme.example/a, (http://b.example:8080/x?y=1)."
    assert linked(text, 80) == [
        ("https://acme.example/a", "https://acme.example/a"),
        ("http://b.example:8080/x?y=1", "http://b.example:8080/x?y=1"),
    ]


def test_a_wrapped_address_is_one_link_on_all_of_its_lines() -> None:
    for text in (f"look: {LONG}.", f"- {LONG}, and then", f"{LONG} {LONG}"):
        parts = linked(text, 30)
        assert {address for _, address in parts} == {LONG}
        assert "".join(part for part, _ in parts) == LONG * text.count(LONG)


def test_a_word_that_only_stands_below_an_address_is_not_part_of_it() -> None:
    address = "https://acme.example/abcdef/xx"
    assert len(address) == 30
    assert linked(f"{address} evil.example/path", 30) == [(address, address)]


def test_what_differs_from_the_address_that_would_be_opened_is_no_link() -> None:
    for text in (
        "https://ACME.example/x", "https://acme.example@evil.example/", "https://а.example/", "javascript:alert(1)",
        "https://acme.example/\u202egnp.exe", "HTTP://acme.example", "ftp://acme.example/", "https://acme.example/ä",
    ):  # fmt: skip
        assert linked(text, 80) == []


@given(st.text(alphabet="ab.:/?#@% -\n\u202eä", max_size=120), st.integers(4, 40), st.integers(0, 60))
def test_no_part_is_linked_that_is_not_shown(noise: str, width: int, at: int) -> None:
    text = noise[:at] + LONG + noise[at:]
    lines = wrap(text, width)
    for index, line in enumerate(lines):
        before = 0
        for start, end, address in links_on_line(lines, index, OutsideText(text)):
            assert before <= start < end <= len(line)
            assert line[start:end] in address
            assert plain_address(address) == address
            assert address in text
            before = end
