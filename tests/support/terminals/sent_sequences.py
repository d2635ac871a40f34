"""Splits what a program sent to its terminal into tokens and checks them against an allow-list."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from supporttui.ui.terminal.terminal_modes import RESTORE

CANCEL: Final = "\x18"
_SET, _ASK = frozenset("hl"), frozenset({"h", "l", "$p"})
MODES: Final = {7: _SET, 25: _SET, 1000: _SET, 1003: _SET, 1004: _SET, 1006: _SET, 1015: _SET, 1016: _SET} | {
    1049: _SET, 2004: _SET, 2026: _ASK, 2048: _ASK,
}  # fmt: skip
"""Private modes that Textual's driver and the frame writer set, reset and ask for."""

ALLOWED: Final = (
    r"\x1b\[[0-9;]*m",  # colours
    r"\x1b\[\d*(?:;\d+)?H",  # to a cell of the screen
    r"\x1b\[\d*[ABCDG]",  # by rows and columns
    r"\x1b[DM]",  # to the next row, and the one before
    r"\x1b\[\d+X",  # blanks
    r"\x1b\[2J",  # the whole screen, before its first picture
    r"\x1b\[K",  # the rest of a line
    r"\x1b\[(?:\d+;\d+)?r",  # which lines move
    r"\x1b\[\d*[LM]",  # lines that move
    r"\x1b\[6n",  # whether the last frame was taken
    r"\x1b\[>25u|\x1b\[<u",  # the keyboard protocol, on and off
    r"\x1b\]22;[a-z-]+\x07",  # the pointer's shape
    r"\x1b\]11;\?\x1b\\",  # the background's colour
    r"\x1b\]8;id=[0-9a-f]{1,8};https?://[a-z0-9.-]+(?::\d+)?(?:[/?#][!-~]*)?\x1b\\|\x1b\]8;;\x1b\\",  # an address
)
_ALLOWED: Final = re.compile("|".join(ALLOWED))
_MODE: Final = re.compile(r"\x1b\[\?(\d+)([hl]|\$p)")
_TOKEN: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]P_^X](?:[^\x07\x1b\x9c]|\x1b(?!\\))*(?:\x07|\x1b\\|\x9c|\Z)"
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x1a\x1c-\x1f\x7f-\x9f]"
    r"|[^\x00-\x1f\x7f-\x9f]+",
    re.DOTALL,
)
_COPY: Final = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
_FORBIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def tokens(received: bytes) -> Iterator[str]:
    """The sequences, the single controls and the runs of text, in order."""
    text = received.decode("utf-8", "surrogateescape")
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match is not None, repr(text[at : at + 20])
        yield match.group()
        at = match.end()


def unexpected_tokens(received: bytes) -> list[str]:
    """Everything that the program had no reason to send. What it begins to leave with may cut its own sequence."""
    received = received.replace(RESTORE.encode(), RESTORE.removeprefix(CANCEL).encode())
    return [repr(token[:120]) for token in tokens(received) if not _is_allowed(token)]


def clipboard_texts(received: bytes) -> list[str]:
    """What was put on the clipboard."""
    sent = received.decode("utf-8", "surrogateescape")
    return [base64.b64decode(match).decode("utf-8") for match in _COPY.findall(sent)]


def _is_allowed(token: str) -> bool:
    if token.startswith("\x1b"):
        return _is_allowed_sequence(token)
    if len(token) == 1 and (token < " " or "\x7f" <= token <= "\x9f"):
        return token in "\r\n\b"
    if token.isprintable():
        return True
    return not any(unicodedata.category(character) in _FORBIDDEN_CATEGORIES for character in token)


def _is_allowed_sequence(token: str) -> bool:
    copy, mode = _COPY.fullmatch(token), _MODE.fullmatch(token)
    if copy is not None:
        return _is_harmless(copy.group(1))
    if mode is not None:
        return mode[2] in MODES.get(int(mode[1]), frozenset())
    return _ALLOWED.fullmatch(token) is not None


def _is_harmless(packed: str) -> bool:
    try:
        text = base64.b64decode(packed, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return all(character == "\n" or _is_allowed(character) for character in text)
