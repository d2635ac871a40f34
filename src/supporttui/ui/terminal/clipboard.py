"""Copying through the terminal (OSC 52), and saying what is known of it: no terminal answers whether it did it."""

from collections.abc import Mapping
from typing import Final

MAX_COPIED_BYTES: Final = 50_000
"""Terminals drop what is too long: xterm takes about 75,000 characters, and a text grows by a third on its way."""

_XTERMS: Final = ("xterm", "xterm-color", "xterm-256color", "xterm-direct")


def fitting_text(text: str) -> str:
    """As much of a text as is sent, without half a character."""
    written = text.encode("utf-8", "replace")
    return text if len(written) <= MAX_COPIED_BYTES else written[:MAX_COPIED_BYTES].decode("utf-8", "ignore")


def copy_sentence(what: str, text: str, environ: Mapping[str, str]) -> str:
    """What can be said about a copy: that it was sent, and what to do where it is not in the clipboard."""
    sent, whole = len(fitting_text(text)), len(text)
    bound = f" Only its first {sent:,} of {whole:,} characters: more would be dropped." if sent < whole else ""
    return f"Sent {what} to the terminal's clipboard.{bound} {clipboard_remedy(environ)}"


def clipboard_remedy(environ: Mapping[str, str]) -> str:
    """How the terminal in use is made to take it."""
    term = environ.get("TERM", "")
    if environ.get("TMUX"):
        return "If it is not there: tmux set -s set-clipboard on"
    if environ.get("STY") or (term.startswith("screen") and not environ.get("TMUX")):
        return "GNU screen does not pass it on: leave screen, or select the text with shift and the mouse."
    if environ.get("TERM_PROGRAM") == "Apple_Terminal" or term == "linux":
        return "This terminal has none for programs: select the text with the mouse instead."
    if environ.get("VTE_VERSION"):
        return "If it is not there, this terminal does not allow it: select the text with shift and the mouse."
    if term in _XTERMS and not environ.get("TERM_PROGRAM"):
        return "If it is not there, allow it in the terminal: for xterm, XTerm*disallowedWindowOps without SetSelection"
    return "If it is not there, allow programs in the terminal's settings to write to the clipboard (OSC 52)."
