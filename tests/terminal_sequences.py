"""What a program sent to its terminal, taken apart byte by byte, against the list of what it may send at all."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

MODES: Final = frozenset({7, 25, 1000, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2026, 2031, 2048})
"""Private modes that Textual's driver sets and resets."""

_ALLOWED: Final = (
    re.compile(r"\x1b\[[0-9;]*m"),  # colours
    re.compile(r"\x1b\[\d+;\d+H"),  # to a cell of the screen
    re.compile(r"\x1b\[\?(?P<mode>\d+)(?:[hl]|\$p)"),
    re.compile(r"\x1b\[>\d+u|\x1b\[<u|\x1b\[\?u"),  # the keyboard protocol, on and off and asked for
    re.compile(r"\x1b\[c"),  # what kind of terminal it is, which is asked at the start
    re.compile(r"\x1b\[K"),  # the waiting line before the first screen
)
_TOKEN: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]P_^X](?:[^\x07\x1b\x9c]|\x1b(?!\\))*(?:\x07|\x1b\\|\x9c|\Z)"
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x1a\x1c-\x1f\x7f-\x9f]"
    r"|[^\x00-\x1f\x7f-\x9f]+",
    re.DOTALL,
)
_COPY: Final = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
_SEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def tokens(received: bytes) -> Iterator[str]:
    """The sequences, the single controls and the runs of text, in order."""
    text = received.decode("utf-8", "surrogateescape")
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match is not None, repr(text[at : at + 20])
        yield match.group()
        at = match.end()


def foreign(received: bytes) -> list[str]:
    """Everything that the program had no reason to send."""
    return [repr(token[:120]) for token in tokens(received) if not _is_ours(token)]


def copied(received: bytes) -> list[str]:
    """What was put on the clipboard."""
    sent = received.decode("utf-8", "surrogateescape")
    return [base64.b64decode(match).decode("utf-8") for match in _COPY.findall(sent)]


def _is_ours(token: str) -> bool:
    if token.startswith("\x1b"):
        return _is_own_sequence(token)
    if len(token) == 1 and (token < " " or "\x7f" <= token <= "\x9f"):
        return token in "\r\n"
    if token.isprintable():
        return True
    return not any(unicodedata.category(character) in _SEEN and character != "\u200d" for character in token)


def _is_own_sequence(token: str) -> bool:
    copy = _COPY.fullmatch(token)
    if copy is not None:
        return _is_harmless(copy.group(1))
    for pattern in _ALLOWED:
        match = pattern.fullmatch(token)
        if match is not None:
            return "mode" not in match.groupdict() or int(match["mode"]) in MODES
    return re.fullmatch(r"\x1b\]22;[a-z-]+\x07", token) is not None  # the pointer's shape


def _is_harmless(packed: str) -> bool:
    try:
        text = base64.b64decode(packed, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return all(character == "\n" or _is_ours(character) for character in text)
