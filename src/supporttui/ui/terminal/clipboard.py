"""Copies text through the terminal (OSC 52), and explains the result: no terminal confirms it."""

from collections.abc import Mapping
from typing import Final

MAX_COPIED_BYTES: Final = 50_000
"""Terminals drop longer text: xterm takes about 75,000 characters, and encoding adds a third."""

_XTERMS: Final = ("xterm", "xterm-color", "xterm-256color", "xterm-direct")


def fitting_text(text: str) -> str:
    """Return the longest prefix that can be sent, without splitting a character."""
    written = text.encode("utf-8", "replace")
    return text if len(written) <= MAX_COPIED_BYTES else written[:MAX_COPIED_BYTES].decode("utf-8", "ignore")


def copy_sentence(what: str, text: str, environ: Mapping[str, str]) -> str:
    """Return the sentence after copying: that it was sent, and what to do if the clipboard does not have it."""
    sent, whole = len(fitting_text(text)), len(text)
    bound = f" Only its first {sent:,} of {whole:,} characters: more would be dropped." if sent < whole else ""
    return f"Sent {what} to the terminal's clipboard.{bound} {clipboard_remedy(environ)}"


def clipboard_remedy(environ: Mapping[str, str]) -> str:
    """Return how to configure the terminal in use to accept copies."""
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
