"""Links are found in what strangers write, and spelled so that nothing in them hides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.faults.hostile_payloads import CORPUS
from supporttui.domain.links import Link, links_in, plain_address
from supporttui.domain.safe_text import OutsideText


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://acme.example/a?b=c#d", "https://acme.example/a?b=c#d"),
        ("HTTPS://ACME.example", "https://acme.example"),
        ("https://раypal.com/login", "https://xn--ypal-43d9g.com/login"),
        ("https://acme.example/ä b", "https://acme.example/%C3%A4%20b"),
        ("https://acme.example/\u202egpj.exe", "https://acme.example/%E2%80%AEgpj.exe"),
        ("http://127.0.0.1:8600/x", "http://127.0.0.1:8600/x"),
        ("https://acme.example/%2e%2e", "https://acme.example/%2e%2e"),
    ],
)
def test_a_link_is_spelled_in_plain_characters(written: str, address: str) -> None:
    assert plain_address(written) == address


@pytest.mark.parametrize(
    "written",
    [
        *("javascript:alert(1)", "file:///etc/passwd", "ssh://host", "https://", "https://.", "http:///x"),
        *("https://bank.example@evil.example/", "https://user:pw@evil.example", "https://a:99999/", "https://[::1"),
        *("https://" + "a" * 70 + ".example", "https://a.example/" + "x" * 3000, "https://-a.example", "https://a b/"),
    ],
)
def test_what_is_no_plain_web_address_is_no_link(written: str) -> None:
    assert plain_address(written) == ""


def test_links_are_found_once_and_in_order() -> None:
    texts = [OutsideText("see https://b.example, (http://a.example/x) and"), OutsideText("<https://b.example>.")]
    assert links_in(texts) == (Link("https://b.example"), Link("http://a.example/x"))


@given(st.text(st.characters(exclude_categories=())))
def test_every_link_is_plain_and_shown_as_it_is(tail: str) -> None:
    for link in links_in([OutsideText(f"https://a.example/{tail}"), OutsideText(f"http://{tail}.example")]):
        assert link.address.isascii()
        assert link.address.isprintable()
        assert link.address == link.shown


def test_nothing_of_the_corpus_is_a_link_with_another_host_than_it_shows() -> None:
    for link in links_in(OutsideText(payload) for payload in CORPUS):
        assert link.address.startswith(("http://", "https://"))
        assert "@" not in link.address.split("/")[2]
