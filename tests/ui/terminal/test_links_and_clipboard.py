"""Only plain addresses become hyperlinks, and a copy says what is known of it and no more."""

import base64

import pytest
from rich.color import ColorSystem
from rich.style import Style

from support.terminals.sent_sequences import clipboard_texts, unexpected_tokens
from supporttui.ui.terminal.clipboard import MAX_COPIED_BYTES, copy_sentence, fitting_text
from supporttui.ui.terminal.escape_codes import PLAIN, pen_change, pen_from_style

ADDRESS = "https://acme.example/a;b?c=d"


def sent_for(address: str, *, has_links: bool = True) -> str:
    return pen_change(PLAIN, pen_from_style(Style(link=address), ColorSystem.TRUECOLOR, has_links=has_links))


def test_parts_of_an_address_share_an_id_and_the_link_is_ended() -> None:
    begun = sent_for(ADDRESS)
    assert begun == sent_for(ADDRESS)
    assert begun.endswith(f";{ADDRESS}\x1b\\")
    assert sent_for("https://acme.example/other") != begun
    ended = pen_change(pen_from_style(Style(link=ADDRESS), ColorSystem.TRUECOLOR), PLAIN)
    assert ended == "\x1b]8;;\x1b\\"
    assert unexpected_tokens((begun + ended).encode()) == []


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://acme.example/\x1b\\\x1b]52;c;aGk=\x07",
        "https://acme.example/\x07",
        "https://acme.example/a b",
        "https://аcme.example/",
        "https://acme.example/" + "x" * 3000,
        "",
    ],
)
def test_nothing_else_becomes_a_link(address: str) -> None:
    assert sent_for(address) == ""


def test_a_terminal_without_links_is_sent_none() -> None:
    assert sent_for(ADDRESS, has_links=False) == ""


@pytest.mark.parametrize(
    ("environ", "remedy"),
    [
        ({"TERM": "tmux-256color", "TMUX": "/tmp/t,1,0"}, "tmux set -s set-clipboard on"),
        ({"TERM": "screen.xterm", "STY": "1.pts"}, "GNU screen"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, "with the mouse"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "with shift and the mouse"),
        ({"TERM": "xterm-256color"}, "disallowedWindowOps"),
        ({"TERM": "xterm-kitty"}, "OSC 52"),
    ],
)
def test_a_copy_says_that_it_was_sent_and_what_to_do_where_it_did_not_arrive(
    environ: dict[str, str], remedy: str
) -> None:
    sentence = copy_sentence("the address", ADDRESS, environ)
    assert sentence.startswith("Sent the address to the terminal's clipboard.")
    assert remedy in sentence
    assert "opied" not in sentence


def test_a_large_copy_is_bounded_and_says_so() -> None:
    text = "日" * MAX_COPIED_BYTES
    kept = fitting_text(text)
    assert len(kept.encode()) <= MAX_COPIED_BYTES
    assert set(kept) == {"日"}
    assert f"Only its first {len(kept):,} of {len(text):,} characters" in copy_sentence("all", text, {})
    assert "Only" not in copy_sentence("all", "short", {})
    sent = f"\x1b]52;c;{base64.b64encode(kept.encode()).decode()}\x07".encode()
    assert clipboard_texts(sent) == [kept]
